"""Take files of readings into a shed: ``commonshed ingest``."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from commonshed.cli.output import FormatOption, OutputOption, Record, talk, write
from commonshed.errors import InputError

if TYPE_CHECKING:
    from commonshed.observe import FileReport

__all__ = ["ingest"]

_PATIENCE = 2.0  # seconds before a progress bar shows


def ingest(
    *files: Annotated[str, Parameter(help="Files of readings, or patterns such as '2016-*.csv'.")],
    shed: Annotated[Path, Parameter(help="Folder of the shed.")],
    mapping: Annotated[str, Parameter(help="What the columns mean: prsa, openair, five-cities, long, or a TOML file.")],
    zone: Annotated[str | None, Parameter(help="Zone of times that carry no offset, as +08:00.")] = None,
    station: Annotated[str | None, Parameter(help="The station, if the file is about one and does not say.")] = None,
    dry_run: Annotated[bool, Parameter(negative="", help="Say what would happen; write nothing.")] = False,
    strict: Annotated[bool, Parameter(negative="", help="Stop at the first file that cannot be used.")] = False,
    wait: Annotated[float, Parameter(help="Seconds to wait for another process that is sealing.")] = 10.0,
    format: FormatOption = None,
    output: OutputOption = None,
) -> int:
    """Take files of readings into a shed, checked, kept for good.

    CSV (UTF-8 or GBK, also gzipped) and Parquet. Doubtful readings are flagged with a reason, never deleted; what is no
    reading goes to a reject file with its reason. The same file again changes nothing.

    Example: commonshed ingest PRSA_Data_*.csv --shed my-shed --mapping prsa

    Returns
    -------
    int
        0, or 2 if nothing of a file could be used.
    """
    from commonshed.keep import Shed
    from commonshed.observe import ingest as take_in
    from commonshed.observe import load_mapping

    if not files:
        raise InputError("no file was named", mend="Name one or more files of readings")
    declared = load_mapping(mapping, zone=zone, station=station)
    opened = Shed.open(shed)
    with _progress() as advance:
        report = take_in(opened, files, declared, dry_run=dry_run, strict=strict, wait=wait, progress=advance)
    taken = "would be taken" if dry_run else "taken"
    for each in report.files:
        _say(each)
    if dry_run:
        talk("dry run: nothing was written")
    write([_record(each, taken) for each in report.files], format=format, output=output, columns=_COLUMNS)
    return 2 if report.failed else 0


_COLUMNS = ["file", "rows", "readings", "new", "corrected", "unchanged", "suspect", "invalid", "rejected", "outcome"]


def _record(report: FileReport, taken: str) -> Record:
    outcome = "not taken" if report.error is not None else "taken in before" if report.already else taken
    return {
        "file": report.file,
        "outcome": outcome,
        "rows": report.rows,
        "readings": report.readings,
        "new": report.new,
        "corrected": report.corrected,
        "unchanged": report.unchanged,
        "overruled": report.overruled,
        "reflagged": report.reflagged,
        "repeated": report.repeated,
        "suspect": report.flags["suspect"],
        "invalid": report.flags["invalid"],
        "reasons": dict(report.reasons),
        "rejected": report.rejected,
        "reject_file": None if report.reject_file is None else str(report.reject_file),
        "notices": list(report.notices),
        "error": None if report.error is None else str(report.error),
    }


def _say(report: FileReport) -> None:
    """What a person should know beyond the table."""
    for notice in report.notices:
        talk(notice)
    for reject in report.rejects:
        where = f"row {reject.row}" if reject.row else "many rows" if reject.count > 1 else "the whole column"
        value = f" (given: {reject.value!r})" if reject.value else ""
        talk(f"{report.file}, {where}, field {reject.field}: {reject.reason}{value}. {reject.mend}".rstrip(". ") + ".")
    told = sum(reject.count for reject in report.rejects)
    if report.rejected > told:
        talk(f"{report.file}: and {report.rejected - told:,} more")
    if report.reject_file is not None:
        talk(f"{report.file}: all that was rejected, with reasons: {report.reject_file}")
    if report.reasons:
        reasons = ", ".join(f"{count:,} {key}" for key, count in report.reasons.most_common())
        talk(f"{report.file}: flagged: {reasons}")
    if report.overruled:
        talk(f"{report.file}: {report.overruled:,} readings differ from a person's correction, which stands")
    if report.reflagged:
        talk(f"{report.file}: {report.reflagged:,} readings sealed before got another flag beside it")
    if report.already:
        talk(f"{report.file}: taken in before; nothing changed")
    if report.error is not None:
        talk(f"commonshed: {report.error}")


@contextmanager
def _progress() -> Iterator[Callable[[Path, int], None] | None]:
    """A line on a terminal that shows the file and its rows, once it takes longer than a moment."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,.0f} rows"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    began = time.monotonic()
    tasks: dict[Path, Any] = {}

    def advance(path: Path, rows: int) -> None:
        if path not in tasks:
            for task in tasks.values():
                bar.update(task, visible=False)
            tasks[path] = bar.add_task(path.name, total=None)
        bar.advance(tasks[path], rows)
        if not bar.live.is_started and time.monotonic() - began > _PATIENCE:
            bar.start()

    try:
        yield advance
    finally:
        bar.stop()
