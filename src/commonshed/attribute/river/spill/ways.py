"""Ways down the channels: where a place is, how far below a release, and by which channels the water gets there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

from commonshed.attribute.river.spill.channel import Channel, Downstream, Spot
from commonshed.attribute.river.spill.reaches import channel_of
from commonshed.attribute.river.spill.release import Release
from commonshed.attribute.river.spill.storage import Sorption, Storage
from commonshed.errors import RiverError, UnknownName
from commonshed.places.rivers import Rivers

__all__ = ["distance_to", "downstream", "locate", "path_to", "places_below", "spot_below", "spot_of", "starts_of"]

T = TypeVar("T")


def downstream(
    rivers: Rivers,
    starts: Mapping[str, float] | tuple[str, ...],
    *,
    decay: float = 0.0,
    storage: Storage | Mapping[str, Storage] | None = None,
    sorption: Sorption | Mapping[str, Sorption] | None = None,
    channels: Mapping[str, Channel] | None = None,
) -> Downstream:
    """The channels below the reaches where something is released.

    Parameters
    ----------
    rivers : Rivers
    starts : ids of reaches
    decay : float
        First order, everywhere. [1/s]
    storage, sorption : one for all reaches, or by id of reach
    channels : mapping of id of reach to Channel, optional
        Instead of what the network says of these reaches.

    Raises
    ------
    RiverError
        A reach below has no flow, length or velocity.
    """
    own = dict(channels or {})
    wanted = _below(rivers, starts)
    found = []
    for node in rivers.order:
        for id in rivers.out_of[node]:
            if id not in wanted:
                continue
            held, sorbed = _of(storage, id), _of(sorption, id)
            found.append(own.get(id) or channel_of(rivers.reaches[id], decay=decay, storage=held, sorption=sorbed))
    return Downstream(tuple(found))


def locate(rivers: Rivers, at: str, distance: float | None = None) -> tuple[str | None, str | None, float]:
    """Where a mark, node or reach is: node, reach and distance from the reach's upper end; one of the two is None.

    Raises
    ------
    RiverError
        The distance lies beyond the reach.
    UnknownName
        The network has no mark, node or reach of that name.
    """
    if at in rivers.marks:
        mark = rivers.marks[at]
        return mark.node, mark.reach, mark.distance or 0.0
    if at in rivers.nodes:
        return at, None, 0.0
    if at in rivers.reaches:
        length = rivers.reaches[at].length
        if distance is None or distance < 0 or (length is not None and distance > length):
            mend = f"Give the distance from its upper end, from 0 to {length:g} m" if length else "Give the distance"
            raise RiverError(f"reach {at} is given and no place on it", field="distance", value=distance, mend=mend)
        return None, at, distance
    raise UnknownName("mark, node or reach", at, [*rivers.marks, *rivers.nodes, *rivers.reaches])


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


def _below(rivers: Rivers, starts: Mapping[str, float] | tuple[str, ...]) -> set[str]:
    wanted: set[str] = set()
    waiting = list(starts)
    while waiting:
        id = waiting.pop()
        if id not in wanted:
            wanted.add(id)
            waiting.extend(rivers.out_of[rivers.reaches[id].downstream])
    return wanted


def _of(given: T | Mapping[str, T] | None, id: str) -> T | None:
    return given.get(id) if isinstance(given, Mapping) else given
