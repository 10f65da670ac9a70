"""The schematic's layout: reading down is going downstream, and no water runs through another's row."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from commonshed.disclose.river.pictures import Layout, lay_out
from commonshed.places import Mark, Node, Reach, Rivers, shipped


def tree(parents: list[int]) -> Rivers:
    """Node i + 1 flows into node parents[i]; node 0 is the mouth."""
    nodes = [Node(f"n{i}") for i in range(len(parents) + 1)]
    reaches = [Reach(f"r{i + 1}", f"n{i + 1}", f"n{parent}") for i, parent in enumerate(parents)]
    return Rivers.of(nodes, reaches)


trees = st.integers(0, 40).flatmap(
    lambda n: st.tuples(*(st.integers(0, i) for i in range(n))).map(lambda parents: tree(list(parents)))
)


def _rows(layout: Layout) -> dict[str, int]:
    return {row.id: at for at, row in enumerate(layout.rows) if row.kind in ("place", "head")}


@given(trees)
def test_every_node_has_a_row_below_all_that_flows_into_it(rivers: Rivers) -> None:
    rows = _rows(lay_out(rivers, rivers.nodes))
    assert set(rows) == set(rivers.nodes)
    assert all(rows[reach.upstream] < rows[reach.downstream] for reach in rivers.reaches.values())


@given(trees)
def test_no_reach_runs_through_the_row_of_another_water(rivers: Rivers) -> None:
    layout = lay_out(rivers, rivers.nodes)
    assert {course.reach for course in layout.courses} == set(rivers.reaches)
    for course in layout.courses:
        last = course.last if course.join is None else course.join
        crossed = [row for row in layout.rows[course.first + 1 : last] if row.lane == course.lane]
        assert not [row for row in crossed if row.kind in ("place", "head")]
        assert course.lane - course.into in (0, 1)


@given(trees, st.data())
def test_nodes_that_are_not_shown_are_passed_through_and_the_rest_keeps_its_order(
    rivers: Rivers, data: st.DataObject
) -> None:
    shown = data.draw(st.sets(st.sampled_from(sorted(rivers.nodes))))
    layout = lay_out(rivers, shown)
    rows = {row.id: at for at, row in enumerate(layout.rows) if row.kind == "place"}
    assert set(rows) == shown
    assert all(rows[one] < rows[other] for one in shown for other in shown if other in rivers.below(one))


def test_a_river_of_thousands_of_reaches_is_laid_out_without_running_out_of_stack() -> None:
    layout = lay_out(tree(list(range(5000))), {"n0"})
    assert [row.kind for row in layout.rows] == ["head", "place"]
    assert layout.lanes == 1


def test_the_thames_runs_straight_and_its_tributaries_stand_beside_it() -> None:
    rivers = shipped("thames").rivers
    assert rivers is not None
    sections = [mark.id for mark in rivers.of_kind("section")]
    layout = lay_out(rivers, sections)
    lane = {row.id: row.lane for row in layout.rows if row.kind == "place"}
    main = ["TC19", "TC6", "TC5", "TC18", "TC13", "TC16"]
    assert {lane[id] for id in main} == {0}
    assert lane["TC20"] == 1
    # The Enborne joins the Kennet, which joins the Thames.
    assert lane["TC21"] == 2
    order = [row.id for row in layout.rows if row.id in main]
    assert order == main


def test_a_mark_stands_between_the_nodes_of_its_reach_in_the_order_of_distance() -> None:
    reach = Reach("r", "a", "b", length=1000)
    marks = [Mark("far", "gate", reach="r", distance=900), Mark("near", "weir", reach="r", distance=100)]
    rivers = Rivers.of([Node("a"), Node("b")], [reach], marks)
    assert [row.id for row in lay_out(rivers, {"a", "b", "far", "near"}).rows] == ["a", "near", "far", "b"]


def test_a_side_arm_begins_with_the_name_of_where_the_river_divides() -> None:
    nodes = [Node(id) for id in "abcd"]
    reaches = [
        Reach("in", "a", "b"),
        Reach("main", "b", "c", part=0.7),
        Reach("arm", "b", "c", part=0.3),
        Reach("out", "c", "d"),
    ]
    layout = lay_out(Rivers.of(nodes, reaches), set("abcd"))
    assert [(row.id, row.kind, row.lane) for row in layout.rows] == [
        ("a", "place", 0),
        ("b", "place", 0),
        ("arm", "arm", 1),
        ("arm", "join", 1),
        ("c", "place", 0),
        ("d", "place", 0),
    ]
    assert {course.reach for course in layout.courses} == {"in", "main", "arm", "out"}


def test_the_stem_can_be_chosen() -> None:
    rivers = Rivers.of([Node(id) for id in "abm"], [Reach("1", "a", "m"), Reach("2", "b", "m")])
    lanes = {row.id: row.lane for row in lay_out(rivers, set("abm"), stem=("b", "m")).rows if row.kind == "place"}
    assert lanes == {"a": 1, "b": 0, "m": 0}
