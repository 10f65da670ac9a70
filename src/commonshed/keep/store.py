"""The folder below a shed: its log, its packs, and the way to read rows out of them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from commonshed.errors import InputError, ShedDamaged
from commonshed.keep.chunks import Chunk, chunks
from commonshed.keep.contents import Contents, Location, Segment
from commonshed.keep.current import contested, latest
from commonshed.keep.extent import month_of
from commonshed.keep.held import FILE as HELD
from commonshed.keep.held import Held, Withheld
from commonshed.keep.lock import SealerLock, sealer_lock
from commonshed.keep.log import Entry, Log
from commonshed.keep.log.entries import collector_paused
from commonshed.keep.packs import PackGone, Packs
from commonshed.keep.release import UNSHARED, Ruling, Rulings
from commonshed.keep.rows import KEY, READINGS, codes

__all__ = ["Question", "Store"]

logger = logging.getLogger(__name__)

_TRIES = 5
_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class Question:
    """Which readings are wanted; None is all.

    Attributes
    ----------
    quantities, stations : sequence of str or None
    start, end : int or None
        Start of the reading in [start, end). [UTC s]
    as_of : int or None
        Size of the log at which one looks.
    """

    quantities: Sequence[str] | None = None
    stations: Sequence[str] | None = None
    start: int | None = None
    end: int | None = None
    as_of: int | None = None


class Store:
    """Log and packs of one shed."""

    def __init__(self, path: Path, log: Log) -> None:
        self.path = path
        self.log = log
        self.contents = Contents()
        self.packs = Packs(path / "segments")
        self._rulings = Rulings(path / "places")
        self._taking_up = threading.RLock()
        self._held_then: tuple[int, ...] | None = None

    def refresh(self) -> None:
        """Take up entries that others have added and, in a mirror, rows that have arrived."""
        with self._taking_up, collector_paused():
            then = self._held_now()
            entries = self.log.refresh()
            if then != self._held_then:
                contents = Contents(Held.read(self.path))
                contents.apply(self.contents.entries)
                self.contents, self._held_then = contents, then
            self.contents.apply(entries)

    def append(self, entries: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Entry]:
        """Add entries to the log, all or none. The caller holds the lock."""
        with self._taking_up:
            added = self.log.append(entries)
            self.contents.apply(added)
            return added

    @contextmanager
    def sealing(self, wait: float = 0.0) -> Iterator[SealerLock]:
        """Hold the sealer's lock, on the newest state, without leftovers of a sealer that died.

        Raises
        ------
        ShedLocked
            Another process is sealing.
        """
        with sealer_lock(self.path / "sealer.lock", wait) as held:
            self.refresh()
            if held.sweep:
                self.packs.sweep(self._entered())
                held.sweep = False
            yield held

    def take_back(self, written: Iterable[Location]) -> None:
        """Remove packs that will not be entered, unless an earlier segment has the very same rows and bytes."""
        self.packs.remove({location.path for location in written} - self._entered())

    def ruling(self, at: float) -> Ruling:
        """The sharing rule in force at some moment. [UTC s]

        Raises
        ------
        ShedDamaged
            Its document is gone or not what was entered.
        """
        documents = self.contents.documents
        return self._rulings.at(
            at, rules=documents.get("sharing-rule", ()), editions=documents.get("place-edition", ())
        )

    def ruling_for_sealing(self) -> Ruling:
        """The sharing rule in force now; where it cannot be read, what is sealed is internal, and sealing goes on."""
        try:
            return self.ruling(time.time())
        except ShedDamaged as error:
            logger.warning("what is sealed now is internal: %s", error)
            return UNSHARED

    def rows(self, question: Question, columns: Sequence[str] | None = None, *, history: bool = False) -> pa.Table:
        """Readings that answer a question, in the order they came in.

        Only the row that counts of each key, unless ``history`` is wanted, with the ``position`` each came in at.
        """
        return self._retrying(lambda: self._rows(self.select(question), question, columns, history))

    def rows_of(self, segments: Sequence[Segment], columns: Sequence[str] | None = None) -> pa.Table:
        """Every row of some segments, as they stand there."""
        return self._retrying(lambda: self.packs.read(self._placed(segments), columns))

    def chunks(self, position: int) -> Iterator[Chunk]:
        """Rows of one segment as they are digested, chunk by chunk.

        Raises
        ------
        InputError
            There is no such segment, or a mirror does not hold all of it.
        """
        segment = self.contents.segments.get(position)
        if segment is None or position in self.contents.withheld:
            raise InputError(
                f"no segment of which every row is in {self.path}",
                field="segment",
                value=position,
                mend="Leave it out: every segment is taken that is there",
            )
        return chunks(self.rows_of([segment]))

    def rows_among(self, segments: Sequence[Segment], question: Question, columns: Sequence[str]) -> pa.Table:
        """Readings that answer a question, as if the log held nothing but some segments."""
        return self._retrying(lambda: self.current(self._placed(segments), question, columns))

    def current(
        self, placed: Sequence[tuple[Segment, Location]], question: Question, columns: Sequence[str]
    ) -> pa.Table:
        """The rows that count among some segments, wherever they lie."""
        return self._answer(placed, question, columns, history=False)

    def select(self, question: Question) -> list[Segment]:
        """Segments that may hold an answer."""
        months = None
        if question.start is not None and question.end is not None:
            low, high = month_of(np.array([question.start, question.end]))
            months = range(int(low), int(high) + 1)
        return self.contents.select(
            start=question.start,
            end=question.end,
            stations=None if question.stations is None else self.contents.numbers(question.stations),
            quantities=question.quantities,
            as_of=question.as_of,
            months=months,
        )

    def missing(self, question: Question) -> list[Withheld]:
        """Segments of a mirror whose rows are not (all) here and may hold an answer."""
        return self.contents.missing(
            start=question.start,
            end=question.end,
            stations=None if question.stations is None else self.contents.numbers(question.stations),
            quantities=question.quantities,
            as_of=question.as_of,
        )

    def _held_now(self) -> tuple[int, ...] | None:
        try:
            found = (self.path / HELD).stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _entered(self) -> set[str]:
        return {location.path for location in list(self.contents.locations.values())}

    def _placed(self, segments: Sequence[Segment]) -> list[tuple[Segment, Location]]:
        return [(segment, self.contents.locations[segment.position]) for segment in segments]

    def _rows(
        self, segments: Sequence[Segment], question: Question, columns: Sequence[str] | None, history: bool
    ) -> pa.Table:
        return self._answer(self._placed(segments), question, columns, history=history)

    def _answer(
        self,
        placed: Sequence[tuple[Segment, Location]],
        question: Question,
        columns: Sequence[str] | None,
        *,
        history: bool,
    ) -> pa.Table:
        wanted = list(READINGS.names) if columns is None else list(columns)
        segments = [segment for segment, _ in placed]
        doubtful = np.array([] if history else contested(segments), bool)
        extra = [name for name in KEY if name not in wanted] if doubtful.any() else _asked(question, wanted)
        table = self.packs.read(placed, [*wanted, *extra])
        rows = [segment.extent.rows for segment in segments]
        if history:
            positions = np.repeat(np.array([segment.position for segment in segments], np.int64), rows)
            table = table.append_column("position", pa.array(positions))
            wanted.append("position")
        unsure = np.repeat(doubtful, rows) if doubtful.any() else None
        mask = _mask(table, question, segments)
        if mask is not None:
            table = _filter(table, mask)
            unsure = unsure if unsure is None else unsure[mask]
        if unsure is not None and (counted := _counted(table, unsure)) is not None:
            table = _filter(table, counted)
        return table.select(wanted)

    def _retrying(self, read: Callable[[], _Answer]) -> _Answer:
        for _ in range(_TRIES):
            try:
                return read()
            except PackGone as gone:
                path = gone
                self.refresh()
        raise ShedDamaged(
            f"{path}: the pack is gone, and the log still names it. Put back a copy from a backup or another node"
        )


def _asked(question: Question, wanted: Sequence[str]) -> list[str]:
    asked = [
        *(["station"] if question.stations is not None else []),
        *(["quantity"] if question.quantities is not None else []),
        *(["start"] if question.start is not None or question.end is not None else []),
    ]
    return [name for name in asked if name not in wanted]


def _mask(table: pa.Table, question: Question, segments: Sequence[Segment]) -> NDArray[np.bool_] | None:
    """Rows that answer, or None when all do."""
    masks = []
    for column, names in (("station", question.stations), ("quantity", question.quantities)):
        if names is not None and table.num_rows:
            numbers, known = codes(table[column])
            chosen = np.isin(np.array(known, object), np.array(list(names), object))
            if not chosen.all():
                masks.append(chosen[numbers])
    if question.start is not None and any(segment.extent.first < question.start for segment in segments):
        masks.append(table["start"].to_numpy() >= question.start)
    if question.end is not None and any(segment.extent.last >= question.end for segment in segments):
        masks.append(table["start"].to_numpy() < question.end)
    if not masks:
        return None
    mask: NDArray[np.bool_] = np.logical_and.reduce(masks)
    return mask


def _counted(table: pa.Table, unsure: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    if unsure.all():
        last = latest(table)
        if last is None:
            return None
        counted = np.zeros(table.num_rows, bool)
        counted[last] = True
        return counted
    rows = np.flatnonzero(unsure)
    last = latest(table.select(KEY).take(rows))
    if last is None:
        return None
    counted = ~unsure
    counted[rows[last]] = True
    return counted


def _filter(table: pa.Table, mask: NDArray[np.bool_]) -> pa.Table:
    return table if mask.all() else table.filter(pa.array(mask)).combine_chunks()
