"""A scenario set on a network: the hydraulics of that day, and everything that stands along the way of the spill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from commonshed.attribute.river.response.points import POINTS, WATCHED, Point, PointKind, Watched
from commonshed.attribute.river.response.scenario import Scenario
from commonshed.attribute.river.response.spots import Spot
from commonshed.attribute.river.spill import Release
from commonshed.errors import InputError, RiverError, UnknownName
from commonshed.places import Mark, Network, Node, Reach, Rivers
from commonshed.places.hydraulics import with_hydraulics
from commonshed.standards.parts import Text

__all__ = ["Setting", "set_on"]


@dataclass(frozen=True)
class Setting:
    """A spill on its river.

    Attributes
    ----------
    scenario : Scenario
    rivers : Rivers
        With the discharges of that day and the scenario's own marks.
    release : Release
    points : tuple of Point
        Where something can be done, from the scenario and from the network, in order of flow.
    watched : tuple of str
        Ids of the marks that are looked at downstream.
    names : mapping of id to Text
        Of marks and nodes.
    jurisdictions : mapping of code to Text
    """

    scenario: Scenario
    rivers: Rivers
    release: Release
    points: tuple[Point, ...]
    watched: tuple[str, ...]
    names: Mapping[str, Text]
    jurisdictions: Mapping[str, Text]

    def name(self, id: str) -> Text:
        """The name of a mark or node; its id where it has none."""
        return self.names.get(id) or Text(en=id, zh=id)

    def calls(self, id: str) -> tuple[str, ...]:
        """Roles to call about a mark."""
        mark = self.rivers.marks.get(id)
        return () if mark is None else mark.calls

    def role(self, key: str) -> Text:
        """The name of a role; a role of the network that the scenario does not name is shown as written."""
        return self.scenario.roles.get(key) or Text(en=key, zh=key)

    def discharge(self, id: str) -> float | None:
        """Water that passes a mark or node. [m3/s]"""
        mark = self.rivers.marks.get(id)
        if mark is not None and mark.reach is not None:
            return self.rivers.reaches[mark.reach].discharge
        node = id if mark is None or mark.node is None else mark.node
        ways = self.rivers.out_of[node] or self.rivers.into[node]
        known = [self.rivers.reaches[way].discharge for way in ways]
        return max((flow for flow in known if flow is not None), default=None)


def set_on(network: Network | Rivers, scenario: Scenario, *, at: tuple[str, ...] = ()) -> Setting:
    """Set a scenario on a network.

    Parameters
    ----------
    network : Network or Rivers
    scenario : Scenario
    at : tuple of str
        Ids of marks or nodes to look at; without it every section, intake, border and town downstream.

    Raises
    ------
    InputError
        The network has no rivers.
    UnknownName
        The scenario names a node, reach or mark that the network does not have.
    RiverError
        A place of the scenario lies beyond its reach.
    """
    rivers = network if isinstance(network, Rivers) else network.rivers
    if rivers is None:
        raise InputError("this network has no rivers", mend="Give the reaches with --network FILE")
    named = _names(network, rivers, scenario)
    marks = dict(rivers.marks) | {part.id: _mark(part, rivers) for part in scenario.placed}
    held = _that_day(Rivers.of(rivers.nodes.values(), rivers.reaches.values(), marks.values()), scenario)
    release = _release(scenario, held)
    points = _points(scenario, held)
    for id in at:
        if id not in held.marks and id not in held.nodes:
            raise UnknownName("mark or node", id, [*held.marks, *held.nodes], field="at")
        if _node_of(held, id) not in _wet(held, release):
            mend = "Name a place downstream, or spill further up"
            raise RiverError("the water of the spill never passes here", field="at", value=id, mend=mend)
    watched = at or _watched(held, release)
    return Setting(scenario, held, release, points, watched, named, _jurisdictions(network))


def _that_day(rivers: Rivers, scenario: Scenario) -> Rivers:
    """The rivers with the water of that day; what the scenario says of a reach comes before what is estimated."""
    water = scenario.water
    own = {entry.id: entry.model_dump(exclude_none=True, exclude={"id"}) for entry in water.reach}
    shaped = [replace(rivers.reach(id), **given) for id, given in own.items()]
    rivers = replace(rivers, reaches=dict(rivers.reaches) | {reach.id: reach for reach in shaped})
    measured = {id: flow * water.flow for id, flow in water.discharge.items()}
    if not measured:
        reaches = {
            id: _times(reach, 1.0 if "discharge" in own.get(id, {}) else water.flow)
            for id, reach in rivers.reaches.items()
        }
        return with_hydraulics(replace(rivers, reaches=reaches))
    flowing = with_hydraulics(rivers, measured)
    again = {id: replace(flowing.reaches[id], **given) for id, given in own.items()}
    return replace(flowing, reaches=dict(flowing.reaches) | again)


def _times(reach: Reach, factor: float) -> Reach:
    return reach if reach.discharge is None else replace(reach, discharge=reach.discharge * factor)


def _watched(rivers: Rivers, release: Release) -> tuple[str, ...]:
    """Every section, intake, town, and the borders the spill crosses: those of a tributary it never was in are not."""
    wet = _wet(rivers, release)
    carrying = {id for node in wet for id in rivers.out_of[node]} | ({release.at} & set(rivers.reaches))

    def crossed(mark: Mark) -> bool:
        if mark.kind != "border" or mark.node is None or mark.jurisdiction is None:
            return True
        above = {rivers.reaches[id].jurisdiction for id in rivers.into[mark.node] if id in carrying}
        return not above or None in above or mark.jurisdiction in above

    return tuple(mark.id for mark in rivers.of_kind(*WATCHED) if crossed(mark))


def _wet(rivers: Rivers, release: Release) -> set[str]:
    """The nodes that the water of the spill passes."""
    start = rivers.reaches[release.at].downstream if release.at in rivers.reaches else release.at
    return {start, *rivers.below(start)}


def _node_of(rivers: Rivers, id: str) -> str:
    """A node, or the node at or next below a mark."""
    mark = rivers.marks.get(id)
    if mark is None:
        return id
    return mark.node or rivers.reaches[mark.reach or ""].downstream


def _mark(part: Point | Watched, rivers: Rivers) -> Mark:
    """A place of the scenario as a mark; what the network knows of the same mark fills what is not given."""
    node, reach, distance = _stands(part, rivers)
    jurisdiction, towards = (part.jurisdiction, part.towards) if isinstance(part, Watched) else (None, None)
    capacity, minutes = (part.capacity, part.minutes) if isinstance(part, Point) else (None, None)
    return Mark(
        part.id, part.kind, node, reach, distance, part.name.en, part.name.zh, jurisdiction, towards,
        capacity, minutes, part.calls, part.source.en,
    )  # fmt: skip


def _stands(spot: Spot, rivers: Rivers) -> tuple[str | None, str | None, float | None]:
    if spot.mark is not None:
        mark = rivers.mark(spot.mark)
        return mark.node, mark.reach, mark.distance
    if spot.node is not None:
        return rivers.node(spot.node).id, None, None
    return None, rivers.reach(spot.reach or "").id, spot.distance


def _release(scenario: Scenario, rivers: Rivers) -> Release:
    node, reach, distance = _stands(scenario.place, rivers)
    at, told = reach or node or "", scenario.release
    if told.kind == "instant":
        return Release.instant(at, told.kilograms, distance=distance)
    if told.kind == "pulse":
        return Release.pulse(at, told.kilograms, duration=told.hours or 0.0, distance=distance)
    hours, rates = [hour for hour, _ in told.curve], [rate for _, rate in told.curve]
    return Release.hydrograph(at, hours, rates[:-1], distance=distance)


def _points(scenario: Scenario, rivers: Rivers) -> tuple[Point, ...]:
    """The scenario's points, and those of the network that say how long they need."""
    own = {point.id: point for point in scenario.point}
    found = []
    for mark in rivers.of_kind(*POINTS):
        if mark.id in own:
            found.append(own[mark.id])
        elif mark.minutes is not None:
            found.append(_point_of(mark))
    return tuple(found)


def _point_of(mark: Mark) -> Point:
    """A point the network knows: what it holds is its capacity, and a gate, weir or pond holds all that passes."""
    return Point(
        id=mark.id,
        kind=cast(PointKind, mark.kind),
        name=Text(en=mark.name_en or mark.id, zh=mark.name_zh or mark.id),
        mark=mark.id,
        minutes=mark.minutes or 0.0,
        share=1.0,
        capacity=mark.capacity,
        calls=mark.calls,
        source=Text(en=mark.note, zh=mark.note),
    )


def _names(network: Network | Rivers, rivers: Rivers, scenario: Scenario) -> dict[str, Text]:
    parts: list[Node | Mark] = [*rivers.nodes.values(), *rivers.marks.values()]
    held = {part.id: (part.name_en, part.name_zh) for part in parts}
    if isinstance(network, Network):
        held |= {id: (station.name_en, station.name_zh) for id, station in network.stations.items()}
    names = {id: Text(en=en or zh or id, zh=zh or en or id) for id, (en, zh) in held.items()}
    return names | {part.id: part.name for part in scenario.placed}


def _jurisdictions(network: Network | Rivers) -> dict[str, Text]:
    if isinstance(network, Rivers):
        return {}
    return {
        code: Text(en=own.name_en or code, zh=own.name_zh or own.name_en or code)
        for code, own in network.jurisdictions.items()
    }
