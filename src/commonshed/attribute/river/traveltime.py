"""How long water takes from one place to another at the flow the network was given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from commonshed.attribute.river.course import Course, Link, Standing
from commonshed.attribute.river.decay import velocity_of
from commonshed.errors import RiverError
from commonshed.places import Rivers

__all__ = ["TravelTime", "travel_times"]


@dataclass(frozen=True)
class TravelTime:
    """How long water takes from a place to another downstream.

    Attributes
    ----------
    origin, target : str
    fastest : float
        By the quickest way; where the river does not divide, the only one. [s]
    mean : float
        Of all water that gets there, by how much takes each way. [s]
    distance : float
        Of the quickest way. [m]
    part : float
        Of the water at the origin that gets there.
    """

    origin: str
    target: str
    fastest: float
    mean: float
    distance: float
    part: float


def travel_times(rivers: Rivers, target: Standing, origins: Sequence[Standing]) -> tuple[TravelTime, ...]:
    """Travel times to one place from others; those that do not lie upstream are left out.

    Parameters
    ----------
    rivers : Rivers
        With lengths, and velocities or discharge, width and depth, on the ways to the target.
    target : Standing
    origins : sequence of Standing

    Raises
    ------
    RiverError
        Something stands off the network; a reach on the way has no flow, no length or no velocity.

    Notes
    -----
    The time of a reach is its length over its mean velocity: that of the middle of a cloud. Its edge comes earlier and
    its end later; see `commonshed.attribute.river.spill`.
    """
    course = Course.through(rivers, [target, *origins])
    ways = _ways(course, course.point(target))
    found = []
    for origin in origins:
        way = ways.get(course.point(origin))
        if way is not None:
            found.append(TravelTime(origin.id, target.id, way.fastest, way.weighed / way.part, way.distance, way.part))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Way:
    fastest: float
    distance: float
    part: float
    weighed: float
    """Mean time × part. [s]"""


def _ways(course: Course, target: int) -> dict[int, _Way]:
    """From every point upstream of a target, taken from downstream to upstream."""
    ways = {target: _Way(0.0, 0.0, 1.0, 0.0)}
    for point in range(target - 1, -1, -1):
        steps = [
            (course.links[e], ways[course.links[e].head]) for e in course.out_of[point] if course.links[e].head in ways
        ]
        if steps:
            ways[point] = _joined([(link, way, *_seconds(link)) for link, way in steps])
    return ways


def _joined(steps: Sequence[tuple[Link, _Way, float, float]]) -> _Way:
    fastest, distance = min((way.fastest + seconds, way.distance + metres) for _, way, seconds, metres in steps)
    return _Way(
        fastest,
        distance,
        sum(link.part * way.part for link, way, _, _ in steps),
        sum(link.part * (way.weighed + way.part * seconds) for link, way, seconds, _ in steps),
    )


def _seconds(link: Link) -> tuple[float, float]:
    """Time on a link and its length. [s, m]"""
    if link.end is None:
        raise RiverError(f"reach {link.reach.id} has no length", field="length", mend="Give its length")
    length = link.end - link.begin
    return (length / velocity_of(link.reach) if length else 0.0), length
