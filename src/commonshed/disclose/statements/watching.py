"""A shed that believes no cache and no file, and remembers what was asked of it.

What a figure rests on is not declared anywhere: it is what was read while the figure was made. Blocks are laid out in
memory from the packs, and a segment is compared with the log, file and rows, before its first row is handed out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from commonshed.errors import ShedDamaged
from commonshed.keep import Shed
from commonshed.keep.block import BlockRef
from commonshed.keep.contents import Document, Segment
from commonshed.keep.held import Withheld
from commonshed.keep.packs import PackGone
from commonshed.keep.rows import ordered_digest
from commonshed.keep.store import Question
from commonshed.periods import Period, Zone

__all__ = ["Asked", "Changed", "Lacking", "Watched", "watch"]

Why = Literal["gone", "changed", "rows", "unreadable"]


class Changed(ShedDamaged):
    """A file is not what the log says.

    Attributes
    ----------
    file : str
        Below the folder of the shed.
    entry : int
        Position of the entry that says what it should be.
    why : {"gone", "changed", "rows", "unreadable"}
        The file is not there; it has other bytes; it holds other rows than were sealed; it cannot be read.
    rows, said : int or None
        How many rows it holds, and how many the entry says, where these differ.
    """

    def __init__(self, file: str, entry: int, why: Why, *, rows: int | None = None, said: int | None = None) -> None:
        self.file, self.entry, self.why, self.rows, self.said = file, entry, why, rows, said
        super().__init__(f"{file}: not what entry {entry} of the log says ({why})")


@dataclass(frozen=True)
class Asked:
    """One question that was asked of the readings: a question without its as-of."""

    quantities: tuple[str, ...] | None
    stations: tuple[str, ...] | None
    start: int | None
    end: int | None

    def at(self, as_of: int | None) -> Question:
        """The question when the log had some size."""
        return Question(self.quantities, self.stations, self.start, self.end, as_of)


def watch(path: Path) -> Watched:
    """Open the shed in a folder for one verification.

    Raises
    ------
    ShedNotFound, ShedDamaged
    """
    opened = Watched.open(path)
    assert isinstance(opened, Watched)
    return opened


@dataclass(frozen=True)
class Lacking:
    """Readings of one segment that are not here.

    Attributes
    ----------
    position : int
        Of its entry.
    first, last : int
        Of the whole segment. [UTC s]
    quantities : dict of quantity to how many
    """

    position: int
    first: int
    last: int
    quantities: Mapping[str, int]


class Watched(Shed):
    """A shed for one verification: open a new one for the next.

    Attributes
    ----------
    asked : dict of Asked
        What was asked of the readings, in order, each once.
    """

    def __init__(self, path: Path, *, name: str, node: str, zone: Zone) -> None:
        super().__init__(path, name=name, node=node, zone=zone)
        self.asked: dict[Asked, None] = {}
        self._sound: set[int] = set()

    # ── what a method reads ──

    def readings(
        self,
        *,
        quantities: Sequence[str] | None = None,
        stations: Sequence[str] | None = None,
        start: int | None = None,
        end: int | None = None,
        as_of: int | None = None,
        history: bool = False,
    ) -> pa.Table:
        """As of a shed, from segments that were compared with the log."""
        self._watch(quantities, stations, start, end, as_of)
        return super().readings(
            quantities=quantities, stations=stations, start=start, end=end, as_of=as_of, history=history
        )

    def not_hourly(
        self, quantities: Sequence[str], *, start: int, end: int, as_of: int | None = None
    ) -> dict[tuple[str, int], int]:
        """As of a shed, from segments that were compared with the log."""
        self._watch(quantities, None, start, end, as_of)
        return super().not_hourly(quantities, start=start, end=end, as_of=as_of)

    def blocks(self, quantities: Sequence[str], period: Period, as_of: int | None = None) -> list[BlockRef]:
        """Blocks laid out in memory, for the newest state too."""
        months = [Period.month(*month) for month in period.months()]
        start = self.zone.first_second(months[0].first)
        end = self.zone.first_second(months[-1].first) + months[-1].days * 86_400
        self._watch(quantities, None, start, end, as_of)
        return self._layout.blocks(quantities, period, self.size if as_of is None else as_of)

    # ── what is asked about a verification ──

    def narrowed(self, stations: Sequence[str] | None) -> list[Asked]:
        """The questions, of some stations only where they were of all."""
        if stations is None:
            return list(self.asked)
        only = tuple(stations)
        return list(dict.fromkeys(each if each.stations else replace(each, stations=only) for each in self.asked))

    def segments(self, questions: Iterable[Asked], *, first: int = 0, as_of: int | None = None) -> list[Segment]:
        """Segments from a position on that may hold an answer to some questions, in order."""
        found = {
            segment.position: segment
            for question in questions
            for segment in self._store.select(question.at(as_of))
            if segment.position >= first
        }
        return [found[position] for position in sorted(found)]

    def not_here(self, questions: Iterable[Asked], as_of: int | None = None) -> list[Lacking]:
        """Readings that some questions ask for and that their owner did not hand over, segment by segment."""
        wanted: dict[int, set[str]] = defaultdict(set)
        held: dict[int, Withheld] = {}
        for question in questions:
            for each in self._store.missing(question.at(as_of)):
                held[each.position] = each
                wanted[each.position].update(question.quantities or each.extent.quantities)
        found = []
        for position, each in sorted(held.items()):
            short = {name: rows for name, rows in self._short(each).items() if name in wanted[position]}
            if short:
                found.append(Lacking(position, each.extent.first, each.extent.last, short))
        return found

    def rows_of(self, segment: Segment) -> pa.Table:
        """Every row of a segment, compared with the log."""
        self._compare([segment])
        return self._store.rows_of([segment])

    def said(self, position: int) -> dict[str, Any]:
        """What an entry says."""
        return dict(self._store.contents.entries[position].content)

    def file_of(self, position: int) -> str:
        """The pack of a segment, below the folder of the shed."""
        return f"segments/{self._store.contents.locations[position].path}"

    def has_file(self, document: Document) -> bool:
        """Whether the file of a document was handed over at all."""
        return document.position not in self._store.contents.held.documents

    def intact(self, document: Document) -> bytes:
        """Content of a document.

        Raises
        ------
        Changed
            The file is gone or not what was entered.
        """
        path = self.document_path(document)
        file = path.relative_to(self.path).as_posix()
        if not path.is_file():
            raise Changed(file, document.position, "gone")
        try:
            return self.document_bytes(document)
        except ShedDamaged:
            raise Changed(file, document.position, "changed") from None

    def _short(self, withheld: Withheld) -> dict[str, int]:
        """How many rows of each quantity are not here."""
        whole = dict(withheld.extent.quantities)
        segment = self._store.contents.segments.get(withheld.position)
        if segment is None:
            return whole
        here = Counter(self._store.rows_of([segment], ["quantity"])["quantity"].to_pylist())
        return {name: rows - here[name] for name, rows in whole.items() if rows > here[name]}

    # ── comparing segments with the log ──

    def _watch(
        self,
        quantities: Sequence[str] | None,
        stations: Sequence[str] | None,
        start: int | None,
        end: int | None,
        as_of: int | None,
    ) -> None:
        asked = Asked(_tuple(quantities), _tuple(stations), start, end)
        self.asked[asked] = None
        self._compare(self._store.select(asked.at(self._as_of(as_of))))

    def _compare(self, segments: Sequence[Segment]) -> None:
        """Compare segments with the log, each once."""
        by_pack: dict[str, list[Segment]] = defaultdict(list)
        for segment in segments:
            if segment.position not in self._sound:
                by_pack[self._store.contents.locations[segment.position].path].append(segment)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(self._compare_pack, by_pack.values()))
        self._sound.update(segment.position for segment in segments)

    def _compare_pack(self, segments: Sequence[Segment]) -> None:
        first = segments[0]
        file = self.file_of(first.position)
        location = self._store.contents.locations[first.position]
        try:
            self._store.packs.check(location)
        except PackGone:
            raise Changed(file, location.position, "gone") from None
        except ShedDamaged:
            raise Changed(file, location.position, "changed") from None
        for segment in segments:
            self._compare_rows(segment, file)

    def _compare_rows(self, segment: Segment, file: str) -> None:
        try:
            rows = self._store.rows_of([segment])
        except (ShedDamaged, pa.ArrowException, ValueError, IndexError):
            raise Changed(file, segment.position, "unreadable") from None
        if rows.num_rows != segment.extent.rows:
            raise Changed(file, segment.position, "rows", rows=rows.num_rows, said=segment.extent.rows)
        if ordered_digest(rows) != self._digest(segment):
            raise Changed(file, segment.position, "rows")

    def _digest(self, segment: Segment) -> str:
        """What the log says of its rows; of a segment that is here in part only the mirror itself can say."""
        part = segment.position in self._store.contents.withheld
        return segment.digest if part else str(self.said(segment.position)["digest"])


def _tuple(names: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)
