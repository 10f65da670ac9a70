"""A network cut where something stands on it, so that every mark has a node of its own water."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from commonshed.errors import RiverError
from commonshed.places.lines import split_line

if TYPE_CHECKING:
    from commonshed.places.rivers import Lake, Mark, Node, Reach, Rivers

__all__ = ["nodal"]


def nodal(rivers: Rivers) -> Rivers:
    """The same water with reaches cut at the marks that stand on them.

    Of a reach ``R`` the uppermost piece keeps its id, the next are ``R/2``, ``R/3`` and so on. A new node has the id of
    the mark that stands there (of several the first section, else the first by id), or ``R@1500`` where a node of that
    id is there already. Lengths, lines and lakes are divided in proportion; a discharge stays with the lowest piece,
    whose lower end it is of.

    Raises
    ------
    RiverError
        A mark stands on a reach of unknown length.
    """
    cuts: dict[str, dict[float, list[Mark]]] = {}
    for mark in rivers.marks.values():
        if mark.reach is not None:
            cuts.setdefault(mark.reach, {}).setdefault(mark.distance or 0.0, []).append(mark)
    if not cuts:
        return rivers
    work = _Cutting(rivers, dict(rivers.nodes), dict(rivers.reaches), dict(rivers.marks))
    for id, standing in cuts.items():
        work.cut(rivers.reaches[id], standing)
    return replace(rivers, nodes=work.nodes, reaches=work.reaches, marks=work.marks)


@dataclass
class _Cutting:
    rivers: Rivers
    nodes: dict[str, Node]
    reaches: dict[str, Reach]
    marks: dict[str, Mark]

    def cut(self, reach: Reach, standing: dict[float, list[Mark]]) -> None:
        """Put the marks of one reach at nodes, its ends or new ones."""
        inner = [distance for distance in sorted(standing) if 0 < distance != reach.length]
        if inner and reach.length is None:
            mend = f"Give reach {reach.id} its length, or put the mark at one of its nodes"
            mark = standing[inner[0]][0]
            raise RiverError(f"{mark.kind} {mark.id} stands on a reach of unknown length", field="length", mend=mend)
        at = {0.0: reach.upstream} | {distance: self._node(reach, distance, standing[distance]) for distance in inner}
        for distance, marks in standing.items():
            for mark in marks:
                node = at.get(distance, reach.downstream)
                self.marks[mark.id] = replace(mark, node=node, reach=None, distance=None)
        if inner:
            for piece in _pieces(reach, [at[distance] for distance in inner], inner):
                if piece.id != reach.id and piece.id in self.reaches:
                    mend = f"Give reach {piece.id} another id"
                    raise RiverError(f"a piece of {reach.id} would be {piece.id}", field="id", mend=mend)
                self.reaches[piece.id] = piece

    def _node(self, reach: Reach, distance: float, marks: list[Mark]) -> str:
        mark = min(marks, key=lambda mark: (mark.kind != "section", mark.id))
        id = mark.id if mark.id not in self.nodes else f"{reach.id}@{distance:g}"
        lon, lat = (None, None)
        if reach.line and reach.length:
            lon, lat = split_line(reach.line, [distance / reach.length])[0][-1]
        made = type(self.rivers.nodes[reach.upstream])
        self.nodes[id] = made(id, name_en=mark.name_en, name_zh=mark.name_zh, lon=lon, lat=lat)
        return id


def _pieces(reach: Reach, nodes: list[str], distances: list[float]) -> Iterable[Reach]:
    assert reach.length is not None
    ends = [reach.upstream, *nodes, reach.downstream]
    places = [0.0, *distances, reach.length]
    lines = split_line(reach.line, [distance / reach.length for distance in distances])
    last = len(ends) - 2
    for k, ((up, down), (begin, end)) in enumerate(zip(pairwise(ends), pairwise(places), strict=True)):
        share = (end - begin) / reach.length
        yield replace(
            reach,
            id=reach.id if k == 0 else f"{reach.id}/{k + 1}",
            upstream=up,
            downstream=down,
            length=end - begin,
            part=reach.part if k == 0 else None,
            discharge=reach.discharge if k == last else None,
            lake=None if reach.lake is None else _portion(reach.lake, share),
            line=lines[k],
        )


def _portion(lake: Lake, share: float) -> Lake:
    volume = None if lake.volume is None else lake.volume * share
    return replace(lake, area=lake.area * share, volume=volume)
