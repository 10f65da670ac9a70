"""Times of small networks worked by hand."""

from __future__ import annotations

import pytest

from commonshed.attribute.river.traveltime import travel_times
from commonshed.errors import RiverError
from commonshed.places import Mark, Node, Reach, Rivers


def ring() -> Rivers:
    """From a to b straight and by c round an island, then on to d."""
    reaches = [
        Reach("ab", "a", "b", part=0.75, length=1000, velocity=0.5),
        Reach("ac", "a", "c", part=0.25, length=1000, velocity=0.25),
        Reach("cb", "c", "b", length=500, velocity=0.25),
        Reach("bd", "b", "d", length=3000, discharge=6.0, width=10, depth=0.6),
    ]
    marks = [Mark("top", "section", node="a"), Mark("works", "outlet", reach="bd", distance=1000.0)]
    return Rivers.of([Node(id) for id in "abcd"], reaches, [*marks, Mark("end", "section", node="d")])


def test_water_that_parts_and_meets_has_a_fastest_and_a_mean_time() -> None:
    rivers = ring()
    top, works = travel_times(rivers, rivers.mark("end"), [rivers.mark("top"), rivers.mark("works")])
    assert (top.fastest, top.distance, top.part) == (2000 + 3000, 4000, 1)
    assert top.mean == pytest.approx(0.75 * 2000 + 0.25 * 6000 + 3000)
    assert (works.fastest, works.mean, works.distance) == (2000, 2000, 2000)


def test_what_does_not_lie_upstream_has_no_time() -> None:
    rivers = ring()
    assert travel_times(rivers, rivers.mark("top"), [rivers.mark("end")]) == ()


def test_a_reach_that_stands_still_is_refused_by_name() -> None:
    rivers = Rivers.of([Node("a"), Node("b")], [Reach("ab", "a", "b", length=5.0, velocity=0.0)])
    ends = [Mark(id, "section", node=id) for id in "ab"]
    with pytest.raises(RiverError, match="reach ab has no flow"):
        travel_times(rivers, ends[1], ends[:1])
