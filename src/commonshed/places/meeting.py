"""Where lines meet: an end near a vertex of another line becomes that vertex, and lines are cut where others meet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import shapely

from commonshed.places.lines import Line, Point, around, distance
from commonshed.places.repairs import Drawn, Repairs

__all__ = ["Piece", "pieces"]


@dataclass(frozen=True, eq=False)
class Piece:
    """What lies of a line, or of several that follow one another, between two nodes.

    Attributes
    ----------
    line : Drawn
        The line, whose name it carries; of several the uppermost.
    points : Line
    part : float or None
        Share of the flow at its upper end.
    stops : frozenset of Point
        Those of its ends that stay nodes though nothing else meets there.
    drawn, notes : tuple of str
        Ids and notes of the lines.
    """

    line: Drawn
    points: Line
    part: float | None = None
    stops: frozenset[Point] = frozenset()
    drawn: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def ends(self) -> tuple[Point, Point]:
        """First and last point."""
        return self.points[0], self.points[-1]

    def turned(self) -> Piece:
        """The same the other way round."""
        return replace(self, points=self.points[::-1])

    def alike(self, other: Piece) -> bool:
        """Whether both are the same river in the same state, and nothing stands between them."""
        one, two = self.line, other.line
        if self.ends[1] in self.stops | other.stops:
            return False
        return (one.name_en, one.name_zh, one.lake) == (two.name_en, two.name_zh, two.lake) and other.part is None

    def and_then(self, other: Piece) -> Piece:
        """This and the one that follows it."""
        drawn = tuple(dict.fromkeys((*self.drawn, *other.drawn)))
        notes, stops = (*self.notes, *other.notes), self.stops | other.stops
        return replace(self, points=self.points + other.points[1:], stops=stops, drawn=drawn, notes=notes)


def pieces(lines: Mapping[str, Drawn], repairs: Repairs) -> list[Piece]:
    """The lines cut wherever another meets them, or a repair says so."""
    snapped = _snapped(lines, repairs.tolerance)
    uses = Counter(point for line in snapped for point in dict.fromkeys(line.points))
    nodes = {point for point, count in uses.items() if count > 1} | {end for line in snapped for end in line.ends}
    declared = {_nearest_vertex(line, split.at) for split in repairs.split for line in snapped if line.id == split.line}
    joints = nodes | declared
    found = []
    for line in snapped:
        cuts = [k for k, point in enumerate(line.points) if point in joints]
        for begin, end in pairwise(cuts):
            points = line.points[begin : end + 1]
            stops = frozenset(declared & {points[0], points[-1]})
            found.append(Piece(line, points, None, stops, (line.id,), (line.note,)))
    return found


def _snapped(lines: Mapping[str, Drawn], tolerance: float) -> list[Drawn]:
    """The lines with each end moved to the vertex of another line nearest to it, if there is one in reach."""
    moved = dict(lines)
    owners = [id for id, line in moved.items() for _ in line.points]
    vertices = [point for line in moved.values() for point in line.points]
    tree = shapely.STRtree(shapely.points(np.array(vertices)))
    for id in lines:
        for first in (True, False):
            line = moved[id]
            end = line.points[0 if first else -1]
            near = _in_reach(tree, vertices, end, tolerance)
            aims = [(off, vertices[k]) for off, k in near if owners[k] != id and vertices[k] in moved[owners[k]].points]
            if aims and min(aims)[0] > 0:
                points = (min(aims)[1], *line.points[1:]) if first else (*line.points[:-1], min(aims)[1])
                moved[id] = replace(line, points=points)
    return list(moved.values())


def _in_reach(tree: shapely.STRtree, vertices: list[Point], end: Point, tolerance: float) -> list[tuple[float, int]]:
    """Vertices within the tolerance of a point: how far off, and which."""
    offs = [(distance(end, vertices[k]), k) for k in tree.query(around(end, tolerance)).tolist()]
    return [(off, k) for off, k in offs if off <= tolerance]


def _nearest_vertex(line: Drawn, at: Point) -> Point:
    return min(line.points, key=lambda point: distance(point, at))
