"""A network of rivers holds together, and says by name where it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from tests.places.waters import chain, trees

from commonshed.errors import PlacesError, RiverError, UnknownName
from commonshed.places import Jurisdiction, Lake, Mark, Network, Node, Reach, Rivers, shipped


def test_a_circle_is_shown_as_the_path_it_takes() -> None:
    ends = [("a", "b"), ("b", "c"), ("c", "a")]
    with pytest.raises(RiverError, match=r"in a circle: (a → b → c → a|b → c → a → b|c → a → b → c)"):
        Rivers.of([Node(id) for id in "abc"], [Reach(u + d, u, d) for u, d in ends])


def test_a_reach_that_comes_back_to_its_own_node_is_a_circle() -> None:
    with pytest.raises(RiverError, match="in a circle: a → a"):
        Rivers.of([Node("a")], [Reach("r", "a", "a")])


def test_a_reach_to_a_node_nobody_declared_is_refused_by_name() -> None:
    with pytest.raises(RiverError, match="reach r ends at a node nobody declared") as caught:
        Rivers.of([Node("a")], [Reach("r", "a", "b")])
    assert (caught.value.field, caught.value.value) == ("downstream", "b")


@pytest.mark.parametrize("length", [0.0, -5.0, float("nan")])
def test_a_reach_without_length_is_refused(length: float) -> None:
    with pytest.raises(RiverError, match="reach r1 has no length"):
        chain(length)


def test_two_reaches_of_one_id_are_refused() -> None:
    with pytest.raises(RiverError, match="two reaches have one id"):
        Rivers.of([Node("a"), Node("b")], [Reach("r", "a", "b"), Reach("r", "a", "b")])


def test_a_river_that_divides_has_to_say_how() -> None:
    nodes = [Node(id) for id in "abc"]
    with pytest.raises(RiverError, match="divides at a into left, right and does not say how"):
        Rivers.of(nodes, [Reach("left", "a", "b"), Reach("right", "a", "c")])
    parted = [Reach("left", "a", "b", part=0.3), Reach("right", "a", "c", part=0.7)]
    assert Rivers.of(nodes, parted).mouths == ("b", "c") or Rivers.of(nodes, parted).mouths == ("c", "b")


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        (Mark("S", "section"), "section S stands off the network"),
        (Mark("S", "section", node="n0", reach="r1", distance=1.0), "stands off the network"),
        (Mark("S", "section", node="elsewhere"), "section S stands off the network"),
        (Mark("S", "section", reach="r9", distance=1.0), "section S stands off the network"),
        (Mark("S", "section", reach="r1"), "stands beyond reach r1"),
        (Mark("S", "section", reach="r1", distance=100.1), "stands beyond reach r1"),
        (Mark("S", "section", reach="r1", distance=-1.0), "stands beyond reach r1"),
    ],
)
def test_a_mark_off_the_network_is_refused_with_its_name(mark: Mark, said: str) -> None:
    with pytest.raises(RiverError, match=said):
        replace(chain(100.0), marks={mark.id: mark})


def test_a_section_that_stands_nowhere_is_told_with_the_mend() -> None:
    with pytest.raises(RiverError, match="section TC22 stands off the network") as caught:
        shipped("thames").rivers.section("TC22")  # type: ignore[union-attr]
    assert "add a mark of kind section" in (caught.value.mend or "")


def test_a_bridge_is_no_section() -> None:
    rivers = replace(chain(100.0), marks={"B": Mark("B", "bridge", node="n0")})
    assert rivers.mark("B").kind == "bridge"
    with pytest.raises(RiverError, match="section B stands off"):
        rivers.section("B")


def test_an_unknown_place_lists_near_ones() -> None:
    with pytest.raises(UnknownName, match="Did you mean"):
        shipped("thames").rivers.reach("thames-windsr")  # type: ignore[union-attr]


@given(trees())
def test_every_node_comes_after_all_that_lie_upstream(rivers: Rivers) -> None:
    for reach in rivers.reaches.values():
        assert rivers.rank[reach.upstream] < rivers.rank[reach.downstream]
    assert sorted(rivers.order) == sorted(rivers.nodes)


@given(trees())
def test_what_lies_above_a_node_has_that_node_below_it(rivers: Rivers) -> None:
    for node in rivers.nodes:
        assert all(node in rivers.below(other) for other in rivers.above(node))
        assert node not in rivers.above(node)


@given(trees())
def test_the_document_of_a_network_makes_the_same_network(rivers: Rivers) -> None:
    assert Rivers.of_document(rivers.document()) == rivers


def test_lakes_lines_and_roles_survive_the_document() -> None:
    reach = Reach("r", "a", "b", length=5.0, lake=Lake(2.5, 30.0), line=((1.0, 2.0), (1.5, 2.5)))
    mark = Mark("g", "gate", reach="r", distance=2.0, calls=("dispatcher", "gate keeper"), minutes=30.0)
    rivers = Rivers.of([Node("a"), Node("b", lon=1.5, lat=2.5)], [reach], [mark])
    assert Rivers.of_document(rivers.document()) == rivers
    network = Network({}, {}, rivers=rivers)
    assert Network.from_bytes(network.to_bytes()) == network


def test_a_reach_in_a_jurisdiction_nobody_declared_is_refused() -> None:
    with pytest.raises(PlacesError, match="r1 lies in a jurisdiction nobody declared"):
        Network({"x": Jurisdiction("x")}, {}, rivers=chain(10.0, jurisdiction="y"))
