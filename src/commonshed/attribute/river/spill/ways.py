"""Ways down the channels: where a place is, how far below a release, and by which channels the water gets there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from commonshed.attribute.river.spill.channel import Downstream, Spot, locate
from commonshed.attribute.river.spill.release import Release
from commonshed.errors import RiverError
from commonshed.places.rivers import Rivers

__all__ = ["distance_to", "path_to", "places_below", "spot_below", "spot_of", "starts_of"]


def spot_of(rivers: Rivers, course: Downstream, at: str, distance: float | None = None) -> Spot | None:
    """Where a mark, node or reach is on the channels below a release; none: not downstream."""
    node, reach, distance = locate(rivers, at, distance)
    if reach is not None:
        return Spot(course.index[reach], distance) if reach in course.index else None
    leaving = course.leaving.get(node or "", ())
    if leaving:
        return Spot(max(leaving, key=lambda channel: course.channels[channel].part), 0.0)
    feeding = course.feeding.get(node or "", ())
    return Spot(feeding[0], course.channels[feeding[0]].length) if feeding else None


def starts_of(rivers: Rivers, releases: Sequence[Release]) -> tuple[str, ...]:
    starts: list[str] = []
    for release in releases:
        node, reach, _ = locate(rivers, release.at, release.distance)
        found = (reach,) if reach is not None else rivers.out_of[node or ""]
        if not found:
            mend = "Release it further up, or add the reach below"
            raise RiverError("nothing flows on from where it is released", field="at", value=release.at, mend=mend)
        starts.extend(found)
    return tuple(dict.fromkeys(starts))


def spot_below(rivers: Rivers, course: Downstream, at: str, distance: float | None = None) -> Spot:
    spot = spot_of(rivers, course, at, distance)
    if spot is None:
        mend = "Choose a response point below the release"
        raise RiverError(f"{at} does not lie downstream of the release", field="at", value=at, mend=mend)
    return spot


def places_below(rivers: Rivers, course: Downstream) -> tuple[str, ...]:
    marks = [mark for mark in rivers.marks if spot_of(rivers, course, mark) is not None]
    taken = {rivers.marks[mark].node for mark in marks}
    mouths = [channel.downstream for channel in course.channels if channel.downstream not in course.leaving]
    return (*marks, *(node for node in dict.fromkeys(mouths) if node not in taken))


def distance_to(rivers: Rivers, course: Downstream, origins: Sequence[Spot], to: str | None) -> float | None:
    """Shortest way along the water from any release to a place; none: there is no way. [m]"""
    spot = spot_of(rivers, course, to or "")
    if spot is None:
        return None
    best = [
        spot.distance - origin.distance
        for origin in origins
        if origin.channel == spot.channel and origin.distance <= spot.distance
    ]
    reached: dict[str, float] = {}
    for at, channel in enumerate(course.channels):
        begins = [-origin.distance for origin in origins if origin.channel == at]
        if channel.upstream in reached:
            begins.append(reached[channel.upstream])
            if at == spot.channel:
                best.append(reached[channel.upstream] + spot.distance)
        if begins:
            end = min(begins) + channel.length
            reached[channel.downstream] = min(end, reached.get(channel.downstream, np.inf))
    return min(best) if best else None


def path_to(rivers: Rivers, course: Downstream, origin: Spot, to: str | None) -> list[int]:
    """Channels from a release to a place, by the larger part where the river divides and no place is given."""
    if to is None:
        path = [origin.channel]
        while leaving := course.leaving.get(course.channels[path[-1]].downstream, ()):
            path.append(max(leaving, key=lambda below: course.channels[below].part))
        return path
    end = spot_below(rivers, course, to)
    came: dict[str, int] = {course.channels[origin.channel].downstream: origin.channel}
    for at, channel in enumerate(course.channels):
        if channel.upstream in came and channel.downstream not in came:
            came[channel.downstream] = at
    path = [end.channel]
    while path[-1] != origin.channel:
        if course.channels[path[-1]].upstream not in came:
            raise RiverError(f"{to} does not lie downstream of the release", field="to", value=to)
        path.append(came[course.channels[path[-1]].upstream])
    return path[::-1]
