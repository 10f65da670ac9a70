"""The way water takes, how far it is, and what does not meet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.places.waters import chain, trees

from commonshed.errors import RiverError
from commonshed.places import Mark, Node, Reach, Rivers, shipped
from commonshed.places.routes import notices


def test_the_way_from_the_kennet_to_the_sea_passes_sonning_and_runnymede() -> None:
    rivers = shipped("thames").rivers
    assert rivers is not None
    way = rivers.path("TC20", "teddington")
    nodes = [rivers.reaches[id].downstream for id in way]
    assert nodes.index("TC13") < nodes.index("TC16") < nodes.index("teddington")
    assert "TC18" not in nodes


def test_against_the_stream_there_is_no_way_and_the_error_says_so() -> None:
    with pytest.raises(RiverError, match="no water flows from n2 to n0") as caught:
        chain(1.0, 2.0).path("n2", "n0")
    assert caught.value.mend == "They are the other way round"


def test_two_tributaries_are_not_upstream_of_one_another() -> None:
    rivers = Rivers.of([Node(id) for id in "abc"], [Reach("ac", "a", "c"), Reach("bc", "b", "c")])
    with pytest.raises(RiverError, match="no water flows from a to b") as caught:
        rivers.path("a", "b")
    assert "one course" in (caught.value.mend or "")


def test_where_a_river_divides_the_way_follows_the_larger_arm() -> None:
    arms = [Reach("old", "a", "b", part=0.2), Reach("new", "a", "b", part=0.8)]
    assert Rivers.of([Node("a"), Node("b")], arms).path("a", "b") == ("new",)


def test_the_smaller_arm_is_taken_if_only_it_leads_there() -> None:
    arms = [Reach("old", "a", "b", part=0.2), Reach("new", "a", "c", part=0.8)]
    assert Rivers.of([Node(id) for id in "abc"], arms).path("a", "b") == ("old",)


@given(trees(), st.data())
def test_a_way_is_a_chain_of_reaches_and_its_parts_add_up(rivers: Rivers, data: st.DataObject) -> None:
    start = data.draw(st.sampled_from(sorted(rivers.nodes)))
    (mouth,) = rivers.mouths
    way = rivers.path(start, mouth)
    at, total = start, 0.0
    for id in way:
        assert rivers.reaches[id].upstream == at
        at = rivers.reaches[id].downstream
        total += rivers.reaches[id].length or 0.0
    assert at == mouth
    assert rivers.distance(start, mouth) == pytest.approx(total, rel=1e-12)


def test_distances_go_from_mark_to_mark() -> None:
    marks = [Mark("up", "bridge", reach="r1", distance=250.0), Mark("down", "section", reach="r2", distance=500.0)]
    rivers = Rivers.of(chain(1000.0, 2000.0).nodes.values(), chain(1000.0, 2000.0).reaches.values(), marks)
    assert rivers.distance("up", "down") == pytest.approx(1250.0)
    assert rivers.distance("up", "n2") == pytest.approx(2750.0)


def test_a_distance_over_an_unknown_length_names_the_reach() -> None:
    rivers = Rivers.of([Node("a"), Node("b")], [Reach("bare", "a", "b")])
    with pytest.raises(RiverError, match="reach bare has no length"):
        rivers.distance("a", "b")


def test_parts_that_do_not_meet_are_named_by_their_mouths() -> None:
    rivers = Rivers.of(
        [Node(id) for id in "abcde"], [Reach("ab", "a", "b"), Reach("cb", "c", "b"), Reach("de", "d", "e")]
    )
    assert [sorted(part) for part in rivers.parts] == [["a", "b", "c"], ["d", "e"]]
    said = notices(rivers)
    assert "in 2 parts that do not meet: to b (3 nodes); to e (2 nodes)" in said[0]
    assert "no length is known of ab, cb, de" in said[1]


def test_a_node_without_reaches_is_told() -> None:
    assert "no reach begins or ends at x" in notices(Rivers.of([Node("x"), Node("y")], []))[-1]


def test_nothing_is_said_of_a_whole_network() -> None:
    assert notices(chain(1.0, 2.0)) == ()
