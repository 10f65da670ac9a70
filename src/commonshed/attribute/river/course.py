"""The network as points and links: every section and every source at a point of its own, upstream before downstream.

Marks stand on reaches, at a distance. To follow a load from where it enters to where it is measured each reach is cut
at what stands on it; the cuts are arrays, so that a basin of ten thousand reaches is followed in a fraction of a
second.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from commonshed.errors import RiverError
from commonshed.places import Reach, Rivers

__all__ = ["Course", "Link", "Standing"]

Integers = NDArray[np.int64]

_Spot = tuple[str, float]
"""A reach and how far below its upper end. [m]"""


class Standing(Protocol):
    """What has a place on the network: a mark, a declared source."""

    @property
    def id(self) -> str:
        """Its name."""
        ...

    @property
    def node(self) -> str | None:
        """Id of the node it stands at."""
        ...

    @property
    def reach(self) -> str | None:
        """Id of the reach it stands on."""
        ...

    @property
    def distance(self) -> float | None:
        """How far below the reach's upper end. [m]"""
        ...


@dataclass(frozen=True, slots=True)
class Link:
    """A whole reach, or the piece of one between two things that stand on it.

    Attributes
    ----------
    reach : Reach
    tail, head : int
        Numbers of its upper and lower point.
    part : float
        Share of what passes the upper point that takes this way.
    begin, end : float or None
        Below the reach's upper end; of a reach cut nowhere the end is its length, if known. [m]
    """

    reach: Reach
    tail: int
    head: int
    part: float
    begin: float
    end: float | None

    @property
    def whole(self) -> bool:
        """Whether it is the whole reach, known to be one or not cut at all."""
        return self.begin == 0 and self.end == self.reach.length

    @property
    def last(self) -> bool:
        """Whether it ends where the reach ends, and does not begin there."""
        return self.end == self.reach.length and (self.begin != self.end or self.whole)


@dataclass(frozen=True, eq=False)
class Course:
    """A network whose reaches are cut where something stands.

    Attributes
    ----------
    rivers : Rivers
    spots : mapping of (reach, distance) to number of the point
    nodes : mapping of node id to number of the point
    links : tuple of Link
        In an order in which water never flows back.
    """

    rivers: Rivers
    nodes: dict[str, int] = field(repr=False)
    spots: dict[_Spot, int] = field(repr=False)
    links: tuple[Link, ...] = field(repr=False)

    @classmethod
    def through(cls, rivers: Rivers, standing: Iterable[Standing] = ()) -> Course:
        """Cut the reaches of a network at what stands on them.

        Parameters
        ----------
        rivers : Rivers
        standing : iterable of Standing
            Sections and sources; one at a node cuts nothing.

        Raises
        ------
        RiverError
            Something stands off the network, or beyond its reach.
        """
        cuts: dict[str, set[float]] = {}
        for each in standing:
            _check(rivers, each)
            if each.reach is not None:
                cuts.setdefault(each.reach, set()).add(float(each.distance or 0.0))
        return _numbered(rivers, cuts)

    @property
    def points(self) -> int:
        """How many."""
        return len(self.nodes) + len(self.spots)

    def point(self, standing: Standing) -> int:
        """Number of the point at which something stands.

        Raises
        ------
        RiverError
            It stands off the network, or was not among what the course was cut for.
        """
        _check(self.rivers, standing)
        if standing.node is not None:
            return self.nodes[standing.node]
        spot = (standing.reach or "", float(standing.distance or 0.0))
        if spot not in self.spots:
            raise RiverError(f"{standing.id} stands where this course was not cut", field="distance", value=spot[1])
        return self.spots[spot]

    @cached_property
    def out_of(self) -> list[list[int]]:
        """Numbers of the links that leave each point."""
        return self._around("tail")

    @cached_property
    def into(self) -> list[list[int]]:
        """Numbers of the links that reach each point."""
        return self._around("head")

    def _around(self, end: str) -> list[list[int]]:
        found: list[list[int]] = [[] for _ in range(self.points)]
        for number, link in enumerate(self.links):
            found[getattr(link, end)].append(number)
        return found


def _check(rivers: Rivers, each: Standing) -> None:
    where = each.node if each.node is not None else each.reach
    known = rivers.nodes if each.node is not None else rivers.reaches
    if where is None or (each.node is not None) == (each.reach is not None) or where not in known:
        mend = "Give the id of a node, or of a reach and the distance from its upper end"
        raise RiverError(f"{each.id} stands off the network", field="node or reach", value=where, mend=mend)
    if each.reach is None:
        return
    length = rivers.reaches[each.reach].length
    if each.distance is None or each.distance < 0 or (length is not None and each.distance > length):
        said = "of unknown length" if length is None else f"{length:g} m long"
        mend = f"The reach is {said}"
        raise RiverError(
            f"{each.id} stands beyond reach {each.reach}", field="distance", value=each.distance, mend=mend
        )


def _numbered(rivers: Rivers, cuts: dict[str, set[float]]) -> Course:
    """Points in an order in which water never flows back: each node, then what stands on the reaches that leave it."""
    nodes: dict[str, int] = {}
    spots: dict[_Spot, int] = {}
    for node in rivers.order:
        nodes[node] = len(nodes) + len(spots)
        for id in rivers.out_of[node]:
            for distance in sorted(cuts.get(id, ())):
                spots[id, distance] = len(nodes) + len(spots)
    pieces = (
        piece
        for node in rivers.order
        for id in rivers.out_of[node]
        for piece in _pieces(rivers.reaches[id], sorted(cuts.get(id, ())), nodes, spots)
    )
    return Course(rivers, nodes, spots, tuple(pieces))


def _pieces(reach: Reach, cuts: list[float], nodes: dict[str, int], spots: dict[_Spot, int]) -> Iterator[Link]:
    tail, begin, part = nodes[reach.upstream], 0.0, 1.0 if reach.part is None else reach.part
    for cut in cuts:
        head = spots[reach.id, cut]
        yield Link(reach, tail, head, part, begin, cut)
        tail, begin, part = head, cut, 1.0
    yield Link(reach, tail, nodes[reach.downstream], part, begin, reach.length)
