"""The waters between the sections: nodes and reaches that flow one way, and what stands along them.

A network of rivers is a directed graph without a circle. A *node* is a source, a confluence, a section, a mouth; a
*reach* is the stretch from one node to the next downstream. *Marks* are what stands on a reach or at a node: sections,
outlets, abstractions, borders, gates. Lengths and hydraulics are measured, declared or absent; nothing is made up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from commonshed.errors import RiverError, UnknownName
from commonshed.places.nodal import nodal
from commonshed.places.routes import parts, way

__all__ = ["Lake", "Mark", "MarkKind", "Node", "Reach", "Rivers"]

MarkKind = Literal["section", "outlet", "abstraction", "intake", "border", "gate", "weir", "bridge", "pond", "town"]

P = TypeVar("P", "Node", "Reach", "Mark")


@dataclass(frozen=True)
class Node:
    """A point of the network: a source, a confluence, a section, a mouth.

    Attributes
    ----------
    id : str
    name_en, name_zh : str
    lon, lat : float or None
        [degrees, WGS-84]; none: it is drawn in a schematic, never on a map.
    catchment : float or None
        Area that drains to it. [km2]
    """

    id: str
    name_en: str = ""
    name_zh: str = ""
    lon: float | None = None
    lat: float | None = None
    catchment: float | None = None


@dataclass(frozen=True)
class Lake:
    """Standing water on a reach, which keeps part of what flows in.

    Attributes
    ----------
    area : float
        Surface. [km2]
    volume : float or None
        [10^6 m3]
    """

    area: float
    volume: float | None = None


@dataclass(frozen=True)
class Reach:
    """A stretch of river from one node to the next downstream.

    Attributes
    ----------
    id : str
    upstream, downstream : str
        Ids of nodes.
    name_en, name_zh : str
        Of the river.
    length : float or None
        [m]
    part : float or None
        Share of the flow at its upper node that takes this reach, where the river divides.
    discharge : float or None
        At its lower end, where no section measures it. [m3/s]
    width, depth : float or None
        [m]
    velocity : float or None
        [m/s]
    slope : float or None
        [m/m]
    dispersion : float or None
        Longitudinal. [m2/s]
    jurisdiction : str or None
        Code of the jurisdiction it flows through.
    lake : Lake or None
    line : tuple of (lon, lat)
        From upstream to downstream. [degrees, WGS-84]
    note : str
        Where lengths and hydraulics are from, and what was repaired.
    """

    id: str
    upstream: str
    downstream: str
    name_en: str = ""
    name_zh: str = ""
    length: float | None = None
    part: float | None = None
    discharge: float | None = None
    width: float | None = None
    depth: float | None = None
    velocity: float | None = None
    slope: float | None = None
    dispersion: float | None = None
    jurisdiction: str | None = None
    lake: Lake | None = None
    line: tuple[tuple[float, float], ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Mark:
    """What stands at a node or on a reach.

    Attributes
    ----------
    id : str
        Of a section: its id in the readings.
    kind : MarkKind
    node : str or None
        Id of the node it stands at; or else
    reach, distance : str and float, or None
        The reach, and how far below its upper end. [m]
    name_en, name_zh : str
    jurisdiction : str or None
        Code of the jurisdiction that answers for it; of a border, the one upstream.
    towards : str or None
        Of a border: code of the jurisdiction downstream.
    capacity : float or None
        Of a gate, weir or pond: how much water it can hold back. [m3]
    minutes : float or None
        Of a response point: from the call until it acts. [min]
    calls : tuple of str
        Roles to call, in order.
    note : str
    """

    id: str
    kind: MarkKind
    node: str | None = None
    reach: str | None = None
    distance: float | None = None
    name_en: str = ""
    name_zh: str = ""
    jurisdiction: str | None = None
    towards: str | None = None
    capacity: float | None = None
    minutes: float | None = None
    calls: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Rivers:
    """Nodes, reaches and marks of one edition.

    Attributes
    ----------
    nodes, reaches, marks : mappings by id, in order of id

    Raises
    ------
    RiverError
        A reach names a node that is not there, water flows in a circle, a mark stands nowhere or beyond its reach, a
        river divides without saying how much goes where.
    """

    nodes: Mapping[str, Node]
    reaches: Mapping[str, Reach]
    marks: Mapping[str, Mark] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("nodes", "reaches", "marks"):
            object.__setattr__(self, name, MappingProxyType(dict(sorted(getattr(self, name).items()))))
        _check_ends(self)
        _check_lengths(self)
        _check_circles(self)
        _check_divisions(self)
        _check_marks(self)

    @classmethod
    def of(cls, nodes: Iterable[Node], reaches: Iterable[Reach], marks: Iterable[Mark] = ()) -> Rivers:
        """A network from its parts.

        Raises
        ------
        RiverError
            Two parts of a kind have one id, or the network does not hold together.
        """
        return cls(_by_id("nodes", nodes), _by_id("reaches", reaches), _by_id("marks", marks))

    def node(self, id: str) -> Node:
        """The node of that id.

        Raises
        ------
        UnknownName
            The message lists near ones.
        """
        return _one("node", id, self.nodes)

    def reach(self, id: str) -> Reach:
        """The reach of that id.

        Raises
        ------
        UnknownName
            The message lists near ones.
        """
        return _one("reach", id, self.reaches)

    def mark(self, id: str) -> Mark:
        """The mark of that id.

        Raises
        ------
        UnknownName
            The message lists near ones.
        """
        return _one("mark", id, self.marks)

    @cached_property
    def into(self) -> Mapping[str, tuple[str, ...]]:
        """Ids of the reaches that end at each node."""
        return self._around("downstream")

    @cached_property
    def out_of(self) -> Mapping[str, tuple[str, ...]]:
        """Ids of the reaches that begin at each node."""
        return self._around("upstream")

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Ids of the nodes, each after all that lie upstream of it."""
        return tuple(_ordered(self))

    @cached_property
    def rank(self) -> Mapping[str, int]:
        """Where each node stands in :attr:`order`."""
        return {node: at for at, node in enumerate(self.order)}

    def above(self, node: str) -> frozenset[str]:
        """Ids of all nodes upstream of a node, without itself."""
        return self._reached(node, self.into, "upstream")

    def below(self, node: str) -> frozenset[str]:
        """Ids of all nodes downstream of a node, without itself."""
        return self._reached(node, self.out_of, "downstream")

    @cached_property
    def mouths(self) -> tuple[str, ...]:
        """Ids of the nodes that no reach leaves."""
        return tuple(node for node in self.order if not self.out_of[node])

    def section(self, id: str) -> Mark:
        """The mark of a section.

        Raises
        ------
        RiverError
            It stands on no river of the network.
        """
        mark = self.marks.get(id)
        if mark is None or mark.kind != "section":
            mend = "Name a node after it, or add a mark of kind section that says where it stands"
            raise RiverError(f"section {id} stands off the network", field="section", value=id, mend=mend)
        return mark

    def path(self, upstream: str, downstream: str) -> tuple[str, ...]:
        """Ids of the reaches from one node down to another; where the river divides, by the arm with more water.

        Raises
        ------
        RiverError
            The one does not lie upstream of the other.
        """
        return way(self, upstream, downstream)

    def distance(self, upstream: str, downstream: str) -> float:
        """How far it is along the river from one node or mark down to another. [m]

        Raises
        ------
        RiverError
            The one does not lie upstream of the other, or a reach between them has no known length.
        """
        cut = self.nodal()
        ends = [cut.marks[id].node or id if id in cut.marks else id for id in (upstream, downstream)]
        total = 0.0
        for id in cut.path(*ends):
            one = cut.reaches[id].length
            if one is None:
                raise RiverError(f"reach {id} has no length", field="length", mend="Give its length in m")
            total += one
        return total

    @cached_property
    def parts(self) -> tuple[frozenset[str], ...]:
        """Ids of the nodes of each part that no reach joins to another, the largest first."""
        return parts(self)

    def nodal(self) -> Rivers:
        """The same water with reaches cut where marks stand on them: see :func:`commonshed.places.nodal.nodal`."""
        return self._nodal

    @cached_property
    def _nodal(self) -> Rivers:
        return nodal(self)

    def of_kind(self, *kinds: MarkKind) -> tuple[Mark, ...]:
        """The marks of these kinds, from upstream to downstream."""

        def where(mark: Mark) -> tuple[int, float, str]:
            node = mark.node or self.reaches[mark.reach or ""].upstream
            return self.rank[node], mark.distance or 0.0, mark.id

        return tuple(sorted((mark for mark in self.marks.values() if mark.kind in kinds), key=where))

    def document(self) -> dict[str, Any]:
        """The parts as plain data, for canonical bytes; what is absent or empty is left out."""
        return {name: [_entry(part) for part in getattr(self, name).values()] for name in ("nodes", "reaches", "marks")}

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> Rivers:
        """The network that :meth:`document` wrote."""
        reaches = [_reach(entry) for entry in document["reaches"]]
        marks = [Mark(**entry | {"calls": tuple(entry.get("calls", ()))}) for entry in document["marks"]]
        return cls.of([Node(**entry) for entry in document["nodes"]], reaches, marks)

    def _around(self, end: Literal["upstream", "downstream"]) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {node: [] for node in self.nodes}
        for reach in self.reaches.values():
            found[getattr(reach, end)].append(reach.id)
        return {node: tuple(ids) for node, ids in found.items()}

    def _reached(
        self, node: str, steps: Mapping[str, tuple[str, ...]], end: Literal["upstream", "downstream"]
    ) -> frozenset[str]:
        self.node(node)
        found: set[str] = set()
        waiting = [node]
        while waiting:
            for id in steps[waiting.pop()]:
                other = getattr(self.reaches[id], end)
                if other not in found:
                    found.add(other)
                    waiting.append(other)
        return frozenset(found)


def _by_id(kind: str, parts: Iterable[P]) -> dict[str, P]:
    found: dict[str, P] = {}
    for part in parts:
        if part.id in found:
            raise RiverError(f"two {kind} have one id", field="id", value=part.id, mend="Give each its own")
        found[part.id] = part
    return found


def _one(kind: str, id: str, parts: Mapping[str, P]) -> P:
    if id not in parts:
        raise UnknownName(kind, id, parts)
    return parts[id]


def _entry(part: Node | Reach | Mark | Lake) -> dict[str, Any]:
    entry = {f.name: getattr(part, f.name) for f in fields(part)}
    if isinstance(part, Reach) and part.lake is not None:
        entry["lake"] = _entry(part.lake)
    return {name: value for name, value in entry.items() if value is not None and value not in ("", ())}


def _reach(entry: Mapping[str, Any]) -> Reach:
    own = dict(entry)
    if "lake" in own:
        own["lake"] = Lake(**own["lake"])
    own["line"] = tuple((lon, lat) for lon, lat in own.get("line", ()))
    return Reach(**own)


def _check_ends(rivers: Rivers) -> None:
    for reach in rivers.reaches.values():
        for end in ("upstream", "downstream"):
            node = getattr(reach, end)
            if node not in rivers.nodes:
                mend = "Add the node, or correct the name"
                raise RiverError(f"reach {reach.id} ends at a node nobody declared", field=end, value=node, mend=mend)


def _check_lengths(rivers: Rivers) -> None:
    for reach in rivers.reaches.values():
        if reach.length is not None and not reach.length > 0:
            mend = "Give metres, or leave it out if nobody knows"
            raise RiverError(f"reach {reach.id} has no length", field="length", value=reach.length, mend=mend)


def _ordered(rivers: Rivers) -> Iterator[str]:
    """Nodes from upstream to downstream; those on or below a circle never come."""
    missing = {node: len(reaches) for node, reaches in rivers.into.items()}
    ready = [node for node, count in missing.items() if not count]
    while ready:
        node = ready.pop()
        yield node
        for id in rivers.out_of[node]:
            below = rivers.reaches[id].downstream
            missing[below] -= 1
            if not missing[below]:
                ready.append(below)


def _check_circles(rivers: Rivers) -> None:
    left = set(rivers.nodes) - set(rivers.order)
    if not left:
        return
    # Walking upstream within what is left must come back to where it has been.
    path = [min(left)]
    while path[-1] not in path[:-1]:
        ends = (rivers.reaches[id].upstream for id in rivers.into[path[-1]])
        path.append(next(node for node in ends if node in left))
    circle = path[path.index(path[-1]) :][::-1]
    mend = "Turn one of these reaches round, or take it out"
    raise RiverError(f"the river flows in a circle: {' → '.join(circle)}", field="reaches", mend=mend)


def _check_divisions(rivers: Rivers) -> None:
    for node, ids in rivers.out_of.items():
        if len(ids) < 2:
            continue
        parts = [rivers.reaches[id].part for id in ids]
        if None in parts or abs(sum(part or 0.0 for part in parts) - 1) > 1e-9:
            raise RiverError(
                f"the river divides at {node} into {', '.join(ids)} and does not say how",
                field="part",
                mend="Give each of these reaches its part of the flow; together they are 1",
            )


def _check_marks(rivers: Rivers) -> None:
    for mark in rivers.marks.values():
        if (mark.node is None) == (mark.reach is None):
            mend = "Give its node, or its reach and the distance from the reach's upper end"
            raise RiverError(f"{mark.kind} {mark.id} stands off the network", field="node", mend=mend)
        if mark.node is not None and mark.node not in rivers.nodes:
            mend = "Correct the name of the node, or add it"
            raise RiverError(f"{mark.kind} {mark.id} stands off the network", field="node", value=mark.node, mend=mend)
        if mark.reach is not None:
            _check_on_reach(rivers, mark)


def _check_on_reach(rivers: Rivers, mark: Mark) -> None:
    reach = rivers.reaches.get(mark.reach or "")
    if reach is None:
        mend = "Correct the name of the reach, or add it"
        raise RiverError(f"{mark.kind} {mark.id} stands off the network", field="reach", value=mark.reach, mend=mend)
    if mark.distance is None or mark.distance < 0 or (reach.length is not None and mark.distance > reach.length):
        raise RiverError(
            f"{mark.kind} {mark.id} stands beyond reach {reach.id}",
            field="distance",
            value=mark.distance,
            mend=f"The reach is {'of unknown length' if reach.length is None else f'{reach.length:g} m long'}",
        )
