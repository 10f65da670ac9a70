"""From readings received to segments in the log: sorted out by month, compared with what is there, sealed, entered.

The order is always the same, and each step is durable before the next begins: packs, then one batch of entries, then
the rows of the journals go. A process that dies in between leaves packs nobody entered, which the next sealer sweeps,
or journal rows below the mark the log names, which the next sealer drops.
"""

from __future__ import annotations

import logging
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from commonshed.keep.chunks import Leaves, leaf_hashes
from commonshed.keep.contents import Location, Segment, source_key
from commonshed.keep.current import KNOWN, Changes, changes, latest
from commonshed.keep.extent import Extent, Stations, month_of
from commonshed.keep.journal import Journals
from commonshed.keep.log.entries import with_registered
from commonshed.keep.merkle import merkle_root
from commonshed.keep.packs import compact
from commonshed.keep.release import Release, by_release
from commonshed.keep.rows import READINGS, canonical_order, codes, conform
from commonshed.keep.store import Question, Store

__all__ = ["SealReport", "Source", "seal_import", "seal_journals", "seal_rows"]

logger = logging.getLogger(__name__)

_BUFFER_ROWS = 2_000_000  # rows held before packs are written: some 160 MB; writing takes twice that on top
_PENDING = 1 << 60  # positions of segments that are written and not yet entered
_WORDS = ("reason", "author")  # of a correction: in its entry where everybody may have its rows


@dataclass(frozen=True)
class Source:
    """A file as it was given, and everything that decided how it was read.

    Attributes
    ----------
    name : str
        For people.
    digest : str
        SHA-256 of the file.
    mapping, quality, places : str
        Digests of the mapping, of the quality rules and of the place edition.
    """

    name: str
    digest: str
    mapping: str = ""
    quality: str = ""
    places: str = ""


@dataclass(frozen=True)
class SealReport:
    """What sealing changed.

    Attributes
    ----------
    new, unchanged, corrected : int
        Readings of keys not seen before; readings that were current already, which are not kept twice; readings that
        take the place of another.
    segments : int
    size : int
        Of the log, afterwards.
    already : bool
        The whole file had been imported before, read in the same way: nothing was looked at.
    overruled : int
        Readings that differ from what a person had said of them, whose word stands.
    """

    new: int
    unchanged: int
    corrected: int
    segments: int
    size: int
    already: bool = False
    overruled: int = 0

    def plus(self, later: SealReport) -> SealReport:
        """This and what was sealed after it, as one."""
        return SealReport(
            self.new + later.new,
            self.unchanged + later.unchanged,
            self.corrected + later.corrected,
            self.segments + later.segments,
            later.size,
            overruled=self.overruled + later.overruled,
        )


@dataclass(frozen=True)
class _Written:
    """A segment whose pack is durable and which is not in the log yet."""

    segment: Segment
    location: Location
    release: Release
    leaves: list[bytes] = field(repr=False)


def seal_import(store: Store, tables: Iterable[pa.Table], *, source: Source, wait: float = 0.0) -> SealReport:
    """Seal the readings of one file: all of them or none."""
    with store.sealing(wait):
        if source_key(asdict(source)) in store.contents.imports:
            return SealReport(0, 0, 0, 0, store.contents.size, already=True)
        with _Intake(store) as intake:
            for table in tables:
                intake.add(conform(table))
            intake.flush()
            counts = {"new": intake.new, "unchanged": intake.unchanged, "corrected": intake.corrected}
            intake.enter([("import", {"source": asdict(source), **counts})])
        return intake.report()


def seal_rows(store: Store, table: pa.Table, *, said: Mapping[str, Any], wait: float = 0.0) -> SealReport:
    """Seal a few readings at once; ``said`` goes into their entries (cause, reason, author)."""
    with store.sealing(wait), _Intake(store) as intake:
        intake.add(conform(table))
        intake.flush()
        if intake.written:
            intake.enter([], said)
        return intake.report()


def seal_journals(store: Store, *, wait: float = 0.0) -> SealReport:
    """Merge every process's journal into segments; journals of processes that are gone are adopted and removed."""
    total = SealReport(0, 0, 0, 0, 0)
    with store.sealing(wait):
        journals = Journals(store.path / "journal")
        while received := journals.read(store.contents.journals, _BUFFER_ROWS):
            with _Intake(store) as intake:
                intake.add(received.readings)
                intake.flush()
                if intake.written:
                    intake.enter([], {"cause": "journal"}, journals=received.marks)
                report = intake.report()
            journals.drop(received.marks)
            total = total.plus(report)
        journals.remove_abandoned(store.contents.journals)
    return replace(total, size=store.contents.size)


class _Intake:
    """Readings on their way into the log. What it wrote is taken back when it never came to entering it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.new = self.unchanged = self.corrected = self.overruled = 0
        self.written: list[_Written] = []
        self._entering = False
        self._buffers: dict[int, list[pa.Table]] = defaultdict(list)
        self._buffered = 0
        self._registry = dict(store.contents.stations)
        self._ruling = store.ruling_for_sealing()

    def __enter__(self) -> _Intake:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._entering:  # from there on only the next sealer can tell whether the log names these packs
            self.store.take_back(written.location for written in self.written)

    def add(self, table: pa.Table) -> None:
        """Take up readings (in the form READINGS)."""
        for first in range(0, table.num_rows, _BUFFER_ROWS):
            self._add(table.slice(first, _BUFFER_ROWS))

    def _add(self, table: pa.Table) -> None:
        for name in pc.unique(table["station"]).cast(pa.string()).to_pylist():
            self._registry.setdefault(name, len(self._registry))
        months = month_of(table["start"].to_numpy())
        if months[0] == months[-1] and np.all(months == months[0]):
            self._buffers[int(months[0])].append(table)
        else:
            for month in np.unique(months).tolist():
                self._buffers[month].append(table.filter(pa.array(months == month)))
        self._buffered += table.num_rows
        if self._buffered >= _BUFFER_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what is held as packs: a pack a month and release class."""
        waiting, self._buffers, self._buffered = self._buffers, defaultdict(list), 0
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            futures = [pool.submit(self._write_month, month, waiting.pop(month)) for month in sorted(waiting)]
            failures = []
            for future in futures:
                try:
                    done = future.result()
                except BaseException as error:
                    failures.append(error)
                    for other in futures:
                        other.cancel()
                else:
                    self._take_up(*done)
        pa.default_memory_pool().release_unused()  # or what one flush took is not there for the next
        if failures:
            raise failures[0]

    def enter(
        self,
        before: list[tuple[str, Mapping[str, Any]]],
        said: Mapping[str, Any] | None = None,
        journals: Mapping[str, int] | None = None,
    ) -> None:
        """Enter the segments into the log, behind some other entries, as one batch."""
        entries = before + [("segment", _segment_content(written, said or {})) for written in self.written]
        if journals:
            entries[0] = (entries[0][0], {**entries[0][1], "journals": dict(journals)})
        entries = with_registered(entries, list(self._registry)[len(self.store.contents.stations) :])
        self._entering = True
        self.store.append(entries)
        kept = Leaves(self.store.packs.folder)
        for written in self.written:
            kept.keep(written.segment.extent.month, written.leaves, written.segment.extent.rows)

    def report(self) -> SealReport:
        """What has been done."""
        return SealReport(
            self.new,
            self.unchanged,
            self.corrected,
            len(self.written),
            self.store.contents.size,
            overruled=self.overruled,
        )

    def _write_month(self, month: int, tables: list[pa.Table]) -> tuple[Changes, list[_Written]]:
        incoming = _emptied(tables)
        found = changes(self._current(month, incoming), incoming)
        if not found.keep.any():
            return found, []
        order = canonical_order(incoming)
        columns = incoming.columns
        del incoming  # its columns go one by one
        kept = order[found.keep[order]]
        ordered = _picked(columns, kept)
        again = found.again[kept]
        written = []
        for release, rows in by_release(ordered, self._ruling):
            part = ordered if rows is None else ordered.filter(pa.array(rows)).combine_chunks()
            replaced = int(np.count_nonzero(again if rows is None else again[rows]))
            distinct = found.distinct or (rows is not None and latest(part) is None)
            written.append(self._write(month, part, release, distinct=distinct, replaced=replaced))
        return found, written

    def _write(self, month: int, ordered: pa.Table, release: Release, *, distinct: bool, replaced: int) -> _Written:
        rows = compact(ordered)
        location = self.store.packs.write(month, rows)
        extent = Extent.of(rows, self._registry, distinct=distinct, replaced=replaced, words=release == "public")
        leaves = leaf_hashes(rows)
        return _Written(Segment(-1, extent, merkle_root(leaves).hex()), location, release, leaves)

    def _take_up(self, found: Changes, written: list[_Written]) -> None:
        self.new += found.new
        self.unchanged += found.unchanged
        self.corrected += found.corrected
        self.overruled += found.overruled
        for each in written:
            segment = replace(each.segment, position=_PENDING + len(self.written))
            self.written.append(replace(each, segment=segment))

    def _current(self, month: int, incoming: pa.Table) -> pa.Table | None:
        start = incoming["start"].to_numpy()
        numbers, names = codes(incoming["station"])
        question = Question(
            quantities=pc.unique(incoming["quantity"]).cast(pa.string()).to_pylist(),
            stations=[names[code] for code in np.unique(numbers).tolist()],
            start=int(start.min()),
            end=int(start.max()) + 1,
        )
        contents = self.store.contents
        entered = [(segment, contents.locations[segment.position]) for segment in self.store.select(question)]
        placed = entered + [(written.segment, written.location) for written in self._pending(month, question)]
        return self.store.current(placed, question, KNOWN) if placed else None

    def _pending(self, month: int, question: Question) -> list[_Written]:
        """What this import has written itself that may hold an answer."""
        assert question.stations is not None
        stations = Stations.of(self._registry[name] for name in question.stations)
        return [
            written
            for written in self.written
            if written.segment.extent.month == month
            and written.segment.extent.may_hold(
                start=question.start, end=question.end, stations=stations, quantities=question.quantities
            )
        ]


def _emptied(tables: list[pa.Table]) -> pa.Table:
    """Tables as one; the list is emptied and each column let go once it is joined, so that none is held twice."""
    columns = [[chunk for table in tables for chunk in table[name].chunks] for name in READINGS.names]
    tables.clear()
    joined = []
    for each in reversed(READINGS):
        whole = pa.chunked_array(columns.pop(), each.type)
        joined.append(whole.unify_dictionaries().combine_chunks())
    return pa.Table.from_arrays(joined[::-1], schema=READINGS)


def _picked(columns: list[pa.ChunkedArray], rows: NDArray[np.int64]) -> pa.Table:
    """Some rows of columns in the form READINGS; the list is emptied and each column let go once it is picked."""
    if len(rows) == len(columns[0]) and np.all(rows[1:] > rows[:-1]):
        return pa.Table.from_arrays(columns, schema=READINGS)
    indices = pa.array(rows)
    picked = [columns.pop().combine_chunks().take(indices) for _ in READINGS]
    return pa.Table.from_arrays(picked[::-1], schema=READINGS)


def _segment_content(written: _Written, said: Mapping[str, Any]) -> dict[str, Any]:
    location = written.location
    pack = {"path": location.path, "offset": 0, "digest": location.digest, "bytes": location.bytes}
    told = said if written.release == "public" else {key: said[key] for key in said if key not in _WORDS}
    content = {**told, **written.segment.extent.content(), "digest": written.segment.digest, "pack": pack}
    return {**content, "release": written.release}
