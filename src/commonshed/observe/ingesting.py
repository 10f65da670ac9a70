"""Taking files into a shed: all of a file or nothing of it, twice the same as once, with a report."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from commonshed.errors import InputError
from commonshed.keep import SealReport, Shed, Source
from commonshed.keep.current import changes
from commonshed.keep.durable import write_file
from commonshed.observe.files import expand, row_texts
from commonshed.observe.mapping import Mapping, load_mapping
from commonshed.observe.parcel import Reject
from commonshed.observe.quality import Rules, load_rules
from commonshed.observe.reading import Reading, nothing_usable, read
from commonshed.places import Network

__all__ = ["FileReport", "IngestReport", "ingest"]

SHOWN = 5
"""Rejects that a report shows; all are in the reject file."""


@dataclass(frozen=True)
class FileReport:
    """What became of one file.

    Attributes
    ----------
    file : str
    rows : int
        Rows under the header.
    readings, new, unchanged, corrected : int
        Readings in it; of these not known before, current already, and in the place of another.
    overruled : int
        Readings that differ from what a person said of them: the person's word stands.
    reflagged : int
        Readings sealed before whose flag has changed, now that their neighbours are known.
    repeated : int
        Rows that gave a reading again with the same value.
    flags, reasons : Counter
        Readings per flag, and per quality rule.
    rejected : int
        Cells and rows that did not become a reading.
    rejects : tuple of Reject
        The first of them.
    reject_file : Path or None
        Where all of them are, with their reasons.
    notices : tuple of str
    already : bool
        This very file was taken in before, read in the same way: nothing was looked at.
    error : InputError or None
        Why nothing of it was taken.
    """

    file: str
    rows: int = 0
    readings: int = 0
    new: int = 0
    unchanged: int = 0
    corrected: int = 0
    overruled: int = 0
    reflagged: int = 0
    repeated: int = 0
    flags: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    rejected: int = 0
    rejects: tuple[Reject, ...] = ()
    reject_file: Path | None = None
    notices: tuple[str, ...] = ()
    already: bool = False
    error: InputError | None = None

    def __str__(self) -> str:
        if self.error is not None:
            return str(self.error)
        if self.already:
            return f"{self.file}: taken in before; nothing changed"
        changed = [f"{self.new:,} new"] if self.new or not (self.unchanged or self.corrected) else []
        changed += [f"{self.corrected:,} corrected"] if self.corrected else []
        changed += [f"{self.unchanged:,} unchanged"] if self.unchanged else []
        parts = [f"{self.rows:,} rows", f"{self.readings:,} readings ({', '.join(changed)})"]
        parts += [f"{count:,} {flag}" for flag, count in self.flags.items() if flag != "valid" and count]
        parts += [f"{self.overruled:,} left as a person corrected them"] if self.overruled else []
        parts += [f"{self.reflagged:,} sealed before got another flag"] if self.reflagged else []
        parts += [f"{self.rejected:,} rejected"] if self.rejected else []
        return f"{self.file}: {', '.join(parts)}"


@dataclass(frozen=True)
class IngestReport:
    """What became of several files.

    Attributes
    ----------
    files : tuple of FileReport
    dry_run : bool
        Nothing was written; the report says what would have been.
    """

    files: tuple[FileReport, ...]
    dry_run: bool = False

    @property
    def failed(self) -> tuple[FileReport, ...]:
        """Files nothing of which was taken."""
        return tuple(report for report in self.files if report.error is not None)

    def __str__(self) -> str:
        lines = [str(report) for report in self.files]
        return "\n".join(["dry run: nothing was written", *lines] if self.dry_run else lines)


def ingest(
    shed: Shed,
    files: str | Path | Iterable[str | Path],
    mapping: str | Path | Mapping,
    *,
    dry_run: bool = False,
    strict: bool = False,
    rules: Rules | None = None,
    wait: float = 0.0,
    progress: Callable[[Path, int], None] | None = None,
) -> IngestReport:
    """Take files of readings into a shed.

    Parameters
    ----------
    shed : Shed
    files : path, pattern such as ``2016-*.csv``, or several
    mapping : str, Path or Mapping
        What the columns mean.
    dry_run : bool
        Say what would happen and write nothing.
    strict : bool
        Stop at the first file that cannot be used; otherwise the others are taken.
    rules : Rules, optional
        Quality rules; without them the shipped ones.
    wait : float
        How long to wait for another process that is sealing. [s]
    progress : callable, optional
        Told of a file and of how many more of its rows were read.

    Returns
    -------
    IngestReport
        A file that could not be used is in it with its error.

    Raises
    ------
    InputError
        The mapping cannot be used, a pattern matches nothing, or, with ``strict``, a file cannot be used.
    ShedError
        The shed is locked or damaged, the disk is full. Files before this one are in, this one is not.
    """
    taking = _Taking(shed, load_mapping(mapping), rules or load_rules(), dry_run, wait, progress)
    reports = []
    for path in expand(files):
        try:
            reports.append(taking.take(path))
        except InputError as error:
            if strict:
                raise
            reports.append(taking.failure(path, error))
    return IngestReport(tuple(reports), dry_run)


class _Taking:
    """One run of ingest: what is the same for all its files."""

    def __init__(
        self,
        shed: Shed,
        mapping: Mapping,
        rules: Rules,
        dry_run: bool,
        wait: float,
        progress: Callable[[Path, int], None] | None,
    ) -> None:
        self.shed = shed
        self.mapping = mapping
        self.rules = rules
        self.dry_run = dry_run
        self.wait = wait
        self.progress = progress
        self.network, self.notices = _network(shed)
        self._current: Reading | None = None

    def take(self, path: Path) -> FileReport:
        """Read, flag and seal one file."""
        self._current = None
        advance = None if self.progress is None else partial(self.progress, path)
        reading = read(
            path, self.mapping, network=self.network, rules=self.rules, around=self._around, progress=advance
        )
        self._current = reading
        source = Source(
            name=path.name,
            digest=reading.file.digest,
            mapping=self.mapping.digest,
            quality=self.rules.digest,
            places="" if self.network is None else self.network.digest,
        )
        if self.shed.imported(source):
            return FileReport(path.name, already=True, reject_file=self._rejects_of_before(reading))
        sealed = self._compare(reading) if self.dry_run else self._seal(reading, source)
        return replace(
            self._counted(reading),
            new=sealed.new,
            unchanged=sealed.unchanged,
            corrected=sealed.corrected - reading.reflagged,
            overruled=sealed.overruled,
            reflagged=reading.reflagged,
            already=sealed.already,
        )

    def failure(self, path: Path, error: InputError) -> FileReport:
        """The report of a file that could not be used."""
        reading = self._current
        if reading is None or reading.file.path != path:
            return FileReport(path.name, error=error)
        return replace(self._counted(reading), error=error)

    def _around(self, stations: list[str], quantities: list[str], start: int, end: int) -> pa.Table:
        return self.shed.readings(stations=stations, quantities=quantities, start=start, end=end)

    def _seal(self, reading: Reading, source: Source) -> SealReport:
        self.shed.record("mapping", self.mapping.id, self.mapping.to_bytes())
        self.shed.record("quality", "rules", self.rules.to_bytes())
        return self.shed.seal_import(self._tables(reading), source=source, wait=self.wait)

    def _tables(self, reading: Reading) -> Iterator[pa.Table]:
        """The readings, and behind the last of them the reject file: it is there when they are sealed."""
        yield from reading.tables
        self._write_rejects(reading)
        if reading.rejects and not reading.readings:
            raise nothing_usable(reading)

    def _compare(self, reading: Reading) -> SealReport:
        total = SealReport(0, 0, 0, 0, self.shed.size)
        for table in reading.tables:
            found = changes(_current(self.shed, table), table)
            one = SealReport(found.new, found.unchanged, found.corrected, 0, total.size, overruled=found.overruled)
            total = total.plus(one)
        if reading.rejects and not reading.readings:
            raise nothing_usable(reading)
        return total

    def _counted(self, reading: Reading) -> FileReport:
        path = self._reject_path(reading)
        return FileReport(
            reading.file.path.name,
            rows=reading.rows,
            readings=reading.readings,
            repeated=reading.repeated,
            flags=reading.flags,
            reasons=reading.reasons,
            rejected=reading.rejected,
            rejects=tuple(reading.rejects[:SHOWN]),
            reject_file=path if reading.rejects and not self.dry_run and path.exists() else None,
            notices=(*self.notices, *reading.notices),
        )

    def _reject_path(self, reading: Reading) -> Path:
        return self.shed.path / "rejects" / f"{reading.file.digest}.csv"

    def _rejects_of_before(self, reading: Reading) -> Path | None:
        path = self._reject_path(reading)
        return path if path.exists() else None

    def _write_rejects(self, reading: Reading) -> None:
        path = self._reject_path(reading)
        if not reading.rejects:
            path.unlink(missing_ok=True)  # of an earlier import by other rules
            return
        texts = row_texts(reading.file, (reject.row for reject in reading.rejects if reject.row))
        sink = io.StringIO()
        writer = csv.writer(sink, lineterminator="\n")
        writer.writerow(["file", "row", "field", "value", "reason", "mend", "original"])
        for each in reading.rejects:
            original = texts.get(each.row, "")
            writer.writerow(
                [reading.file.path.name, each.row, each.field, each.value, each.reason, each.mend, original]
            )
        path.parent.mkdir(exist_ok=True)
        write_file(path, sink.getvalue().encode())


def _network(shed: Shed) -> tuple[Network | None, tuple[str, ...]]:
    if shed.document("place-edition") is None:
        return None, ("no places are published in this shed: stations were not checked",)
    return shed.network(), ()


def _current(shed: Shed, incoming: pa.Table) -> pa.Table | None:
    start = incoming["start"].to_numpy()
    if not len(start):
        return None
    current = shed.readings(
        quantities=pc.unique(incoming["quantity"]).cast(pa.string()).to_pylist(),
        stations=pc.unique(incoming["station"]).cast(pa.string()).to_pylist(),
        start=int(start.min()),
        end=int(start.max()) + 1,
    )
    return current if current.num_rows else None
