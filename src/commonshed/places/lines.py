"""Lines on the globe: how long they are, where along them a point lies, and how they are cut."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import shapely
from shapely.geometry import Polygon

__all__ = ["EARTH", "Line", "Point", "along", "around", "distance", "length", "split_line"]

EARTH = 6_371_008.8
"""Mean radius R1 of GRS 80 (Moritz 2000, Geodetic Reference System 1980, J. Geodesy 74, 128-133). [m]"""

Point = tuple[float, float]
"""Longitude and latitude. [degrees, WGS-84]"""
Line = tuple[Point, ...]


def distance(one: Point, other: Point) -> float:
    """Length of the great circle between two points on a sphere of the earth's mean radius. [m]

    Notes
    -----
    Haversine: sin²(d/2R) = sin²(Δφ/2) + cos φ₁ cos φ₂ sin²(Δλ/2). Against the ellipsoid it is right within 0.6 %, far
    closer than a generalised line follows a river.
    """
    φ1, φ2 = math.radians(one[1]), math.radians(other[1])
    h = math.sin((φ2 - φ1) / 2) ** 2
    h += math.cos(φ1) * math.cos(φ2) * math.sin(math.radians(other[0] - one[0]) / 2) ** 2
    return 2 * EARTH * math.asin(math.sqrt(min(1.0, h)))


def length(line: Sequence[Point]) -> float:
    """How long a line is. [m]"""
    return sum(distance(one, other) for one, other in pairwise(line))


def along(line: Sequence[Point], point: Point) -> tuple[float, float]:
    """Where on a line the place nearest to a point lies, and how far off the point is.

    Returns
    -------
    float
        Part of the line's length above that place, 0 to 1.
    float
        [m]
    """
    total = length(line) or 1.0
    best, passed = (0.0, math.inf), 0.0
    for one, other in pairwise(line):
        step = distance(one, other)
        t = _nearest(one, other, point)
        off = distance(point, (one[0] + t * (other[0] - one[0]), one[1] + t * (other[1] - one[1])))
        if off < best[1]:
            best = ((passed + t * step) / total, off)
        passed += step
    return min(1.0, best[0]), best[1]


def around(point: Point, reach: float) -> Polygon:
    """A box that holds all that lies within a distance of a point. [degrees]

    Parameters
    ----------
    point : (lon, lat)
    reach : float
        [m]
    """
    high = math.degrees(reach / EARTH) * 1.01 + 1e-12
    wide = high / max(0.01, math.cos(math.radians(min(89.0, abs(point[1]) + high))))
    return shapely.box(point[0] - wide, point[1] - high, point[0] + wide, point[1] + high)


def split_line(line: Sequence[Point], shares: Sequence[float]) -> list[Line]:
    """A line cut at parts of its length, in order; empty pieces of an empty line.

    Parameters
    ----------
    line : sequence of (lon, lat), n
    shares : sequence of float, k, ascending, between 0 and 1

    Returns
    -------
    list of Line, k + 1
        Each begins where the one before ends.
    """
    if not line:
        return [()] * (len(shares) + 1)
    total = length(line)
    pieces: list[Line] = []
    piece, passed, k = [line[0]], 0.0, 0
    for one, other in pairwise(line):
        step = distance(one, other)
        while k < len(shares) and shares[k] * total <= passed + step:
            t = (shares[k] * total - passed) / step if step else 0.0
            cut = (one[0] + t * (other[0] - one[0]), one[1] + t * (other[1] - one[1]))
            pieces.append(_ended(piece, cut))
            piece, k = [cut], k + 1
        piece = list(_ended(piece, other))
        passed += step
    pieces.append(tuple(piece))
    pieces += [(line[-1], line[-1])] * (len(shares) + 1 - len(pieces))
    return pieces


def _ended(piece: list[Point], end: Point) -> Line:
    return tuple(piece) if piece[-1] == end and len(piece) > 1 else (*piece, end)


def _nearest(one: Point, other: Point, point: Point) -> float:
    """Where on a short straight piece the nearest place lies, 0 to 1, on the plane that touches there."""
    k = math.cos(math.radians(point[1]))
    dx, dy = (other[0] - one[0]) * k, other[1] - one[1]
    square = dx * dx + dy * dy
    if not square:
        return 0.0
    t = ((point[0] - one[0]) * k * dx + (point[1] - one[1]) * dy) / square
    return max(0.0, min(1.0, t))
