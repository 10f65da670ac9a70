"""Reaches are cut where something stands, and no water, length or mark is lost."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from tests.places.waters import chain, trees

from commonshed.errors import RiverError
from commonshed.places import Lake, Mark, Node, Reach, Rivers


def test_pieces_are_called_r_and_r_slash_two_and_nodes_after_their_marks() -> None:
    marks = {
        "B": Mark("B", "bridge", reach="r1", distance=300.0),
        "S": Mark("S", "section", reach="r1", distance=700.0),
    }
    cut = replace(chain(1000.0), marks=marks).nodal()
    assert {id: (r.upstream, r.downstream, r.length) for id, r in cut.reaches.items()} == {
        "r1": ("n0", "B", 300.0),
        "r1/2": ("B", "S", 400.0),
        "r1/3": ("S", "n1", 300.0),
    }
    assert cut.mark("S").node == "S"
    assert cut.mark("S").reach is None


def test_marks_at_the_ends_of_a_reach_cut_nothing() -> None:
    marks = {"A": Mark("A", "gate", reach="r1", distance=0.0), "Z": Mark("Z", "weir", reach="r1", distance=1000.0)}
    cut = replace(chain(1000.0), marks=marks).nodal()
    assert list(cut.reaches) == ["r1"]
    assert (cut.mark("A").node, cut.mark("Z").node) == ("n0", "n1")


def test_of_two_marks_at_one_place_the_section_names_the_node() -> None:
    marks = {"a": Mark("a", "bridge", reach="r1", distance=5.0), "z": Mark("z", "section", reach="r1", distance=5.0)}
    cut = replace(chain(10.0), marks=marks).nodal()
    assert (cut.mark("a").node, cut.mark("z").node) == ("z", "z")


def test_a_node_of_that_name_that_is_there_keeps_its_name() -> None:
    marks = {"n1": Mark("n1", "section", reach="r1", distance=5.0)}
    cut = replace(chain(10.0), marks=marks).nodal()
    assert cut.mark("n1").node == "r1@5"


def test_lake_line_part_and_discharge_are_divided() -> None:
    line = ((0.0, 0.0), (0.0, 1.0))
    reach = Reach("r", "a", "b", length=400.0, discharge=7.0, lake=Lake(8.0, 40.0), line=line, width=20.0)
    rivers = Rivers.of([Node("a"), Node("b")], [reach], [Mark("S", "section", reach="r", distance=100.0)])
    upper, lower = rivers.nodal().reach("r"), rivers.nodal().reach("r/2")
    assert (upper.lake, lower.lake) == (Lake(2.0, 10.0), Lake(6.0, 30.0))
    assert (upper.discharge, lower.discharge) == (None, 7.0)
    assert upper.line[1][1] == pytest.approx(0.25)
    assert lower.line[0] == upper.line[-1]
    assert (upper.width, lower.width) == (20.0, 20.0)
    node = rivers.nodal().node("S")
    assert node.lat == pytest.approx(0.25)


def test_a_mark_on_a_reach_of_unknown_length_is_an_error_with_both_names() -> None:
    mark = Mark("S", "section", reach="r", distance=10.0)
    rivers = Rivers.of([Node("a"), Node("b")], [Reach("r", "a", "b")], [mark])
    with pytest.raises(RiverError, match="section S stands on a reach of unknown length") as caught:
        rivers.nodal()
    assert "reach r" in (caught.value.mend or "")


@given(trees())
def test_no_length_is_lost_and_every_mark_has_a_node(rivers: Rivers) -> None:
    cut = rivers.nodal()
    for id, reach in rivers.reaches.items():
        pieces = [r.length or 0.0 for other, r in cut.reaches.items() if other == id or other.startswith(f"{id}/")]
        assert math.fsum(pieces) == pytest.approx(reach.length)
    assert all(mark.node in cut.nodes for mark in cut.marks.values())
    assert set(cut.marks) == set(rivers.marks)


@given(trees())
def test_cutting_twice_is_cutting_once(rivers: Rivers) -> None:
    assert rivers.nodal().nodal() == rivers.nodal()


@given(trees())
def test_marks_are_as_far_apart_as_before(rivers: Rivers) -> None:
    cut = rivers.nodal()
    (mouth,) = rivers.mouths
    for mark in rivers.marks.values():
        reach = rivers.reaches[mark.reach or ""]
        rest = (reach.length or 0.0) - (mark.distance or 0.0) + rivers.distance(reach.downstream, mouth)
        assert cut.distance(mark.id, mouth) == pytest.approx(rest)
