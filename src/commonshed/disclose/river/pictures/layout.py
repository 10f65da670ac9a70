"""Where everything of a river stands in a schematic: from topology alone, no coordinate is needed or made up.

The main stem runs down the page in the first lane; each tributary has the lane to the right of the water it joins and
stands directly above where it joins. So every place has a row of its own, reading down is going downstream, and no
label can hide another. Lengths are not to scale.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from commonshed.places import Mark, Reach, Rivers

__all__ = ["Course", "Layout", "Row", "lay_out"]


@dataclass(frozen=True)
class Row:
    """A line of the schematic.

    Attributes
    ----------
    id : str
        Of the node or mark that stands in it; of a join the reach, of a side arm the reach that begins there.
    lane : int
        0 is the main stem.
    kind : str
        ``place`` (a node or mark that is shown), ``head`` (where a water begins), ``arm`` (where a side arm begins),
        ``join`` (where a tributary meets its stem), ``gap`` (between waters that do not meet).
    """

    id: str
    lane: int
    kind: str


@dataclass(frozen=True)
class Course:
    """How one reach runs through the rows.

    Attributes
    ----------
    reach : str
    first, last : int
        Rows between which it runs.
    lane, into : int
        Its lane, and the lane of the water it ends in.
    join : int or None
        The row in which it changes lanes.
    """

    reach: str
    first: int
    last: int
    lane: int
    into: int
    join: int | None


@dataclass(frozen=True)
class Layout:
    """Rows from top to bottom, and the reaches between them."""

    rows: tuple[Row, ...]
    courses: tuple[Course, ...]

    @property
    def lanes(self) -> int:
        """How many lanes side by side."""
        return 1 + max((row.lane for row in self.rows), default=0)


def lay_out(rivers: Rivers, shown: Collection[str], *, stem: Sequence[str] = ()) -> Layout:
    """Give every node and mark that is shown a row, and every reach a lane.

    Parameters
    ----------
    rivers : Rivers
    shown : collection of str
        Ids of nodes and marks with a row; the others are passed through.
    stem : sequence of str
        Nodes of the water that is to run straight, where the network alone would choose another.
    """
    return _Writer(rivers, frozenset(shown), frozenset(stem)).write()


class _Writer:
    """One pass from the mouths upstream, kept on a stack because rivers may be thousands of reaches long."""

    def __init__(self, rivers: Rivers, shown: frozenset[str], stem: frozenset[str]) -> None:
        self.rivers, self.shown, self.stem = rivers, shown, stem
        self.rows: list[Row] = []
        self.begun: dict[str, int] = {}
        self.joined: dict[str, int] = {}
        self.courses: list[Course] = []
        self.size = _sizes(rivers)
        self.on_reach, self.at_node = _standing(rivers, shown)

    def write(self) -> Layout:
        for position, mouth in enumerate(self._mouths()):
            if position:
                self._row(mouth, 0, "gap")
            stack = [_Step("water", mouth, 0)]
            while stack:
                stack.extend(reversed(list(self._do(stack.pop()))))
        return Layout(tuple(self.rows), tuple(self.courses))

    def _mouths(self) -> list[str]:
        """The ends of the waters, the largest first; a reach that leaves a division ends at a mouth of its own too."""
        return sorted(self.rivers.mouths, key=lambda node: (-self.size[node], node))

    def _do(self, step: _Step) -> Iterator[_Step]:
        if step.kind == "water":
            yield from self._water(step.id, step.lane)
        elif step.kind == "reach":
            self._along(step.id, step.lane)
        elif step.kind == "join":
            self.joined[step.id] = self._row(step.id, step.lane, "join")
        elif step.kind == "arm":
            self.begun[step.id] = self._row(step.id, step.lane, "arm")
        else:
            self._node(step.id, step.lane)

    def _water(self, node: str, lane: int) -> Iterator[_Step]:
        """All upstream of a node, then the node."""
        into = self._in_order(node)
        for position, reach in enumerate(into):
            own = lane if position == 0 else lane + 1
            yield _Step("water", reach.upstream, own) if self._main_way(reach) else _Step("arm", reach.id, own)
            yield _Step("reach", reach.id, own)
            if position:
                yield _Step("join", reach.id, lane + 1)
        yield _Step("node", node, lane)

    def _along(self, reach: str, lane: int) -> None:
        for mark in self.on_reach.get(reach, ()):
            self._row(mark.id, lane, "place")

    def _node(self, node: str, lane: int) -> None:
        """The rows of a node, and the courses that end in it."""
        here = [node] if node in self.shown else []
        here += [mark.id for mark in self.at_node.get(node, ()) if mark.id != node]
        if not here and not self.rivers.into[node]:
            self._row(node, lane, "head")
        # A confluence without a row of its own is where the last row above it ends.
        first = len(self.rows) if here else max(len(self.rows) - 1, 0)
        for id in here:
            self._row(id, lane, "place")
        for reach_id in self.rivers.into[node]:
            join = self.joined.get(reach_id)
            begun = self.begun[reach_id]
            own = lane if join is None else lane + 1
            self.courses.append(Course(reach_id, begun, first, own, lane, join))
        for reach in self._leaving(node):
            if self._main_way(reach):
                self.begun[reach.id] = max(len(self.rows) - 1, 0)

    def _leaving(self, node: str) -> list[Reach]:
        return [self.rivers.reaches[id] for id in self.rivers.out_of[node]]

    def _row(self, id: str, lane: int, kind: str) -> int:
        self.rows.append(Row(id, lane, kind))
        return len(self.rows) - 1

    def _main_way(self, reach: Reach) -> bool:
        """Whether a reach is the one in which its upper node is drawn; a side arm only names it."""
        ways = self._leaving(reach.upstream)
        return max(ways, key=lambda way: (way.part or 0.0, way.downstream in self.stem, way.id)).id == reach.id

    def _in_order(self, node: str) -> list[Reach]:
        """What flows into a node, the main water first, the others by size."""
        into = [self.rivers.reaches[id] for id in self.rivers.into[node]]
        below = {reach.name_en for reach in self._leaving(node) if reach.name_en}
        known = all(reach.discharge is not None for reach in into)

        def rank(reach: Reach) -> tuple[bool, bool, bool, float, str]:
            weight = reach.discharge if known and reach.discharge is not None else float(self.size[reach.upstream])
            named = reach.name_en in below
            return not self._main_way(reach), reach.upstream not in self.stem, not named, -weight, reach.id

        return sorted(into, key=rank)


@dataclass(frozen=True)
class _Step:
    kind: str
    id: str
    lane: int


def _sizes(rivers: Rivers) -> dict[str, int]:
    """How many reaches drain to each node; water that divides is counted on each way."""
    size: dict[str, int] = {}
    for node in rivers.order:
        size[node] = sum(1 + size[rivers.reaches[id].upstream] for id in rivers.into[node])
    return size


def _standing(rivers: Rivers, shown: frozenset[str]) -> tuple[dict[str, list[Mark]], dict[str, list[Mark]]]:
    """The marks that are shown, by their reach and by their node, from upstream to downstream."""
    on_reach: dict[str, list[Mark]] = {}
    at_node: dict[str, list[Mark]] = {}
    for mark in sorted(rivers.marks.values(), key=lambda mark: (mark.distance or 0.0, mark.id)):
        if mark.id in shown:
            where = on_reach if mark.reach is not None else at_node
            where.setdefault(mark.reach or mark.node or "", []).append(mark)
    return on_reach, at_node
