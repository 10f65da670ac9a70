"""What a command prints: records to standard output or a file, talk to standard error.

A record is a mapping of names to ``str``, ``int``, ``bool``, ``None``, ``Fraction``-free exact text, lists and mappings
of these. Binary floats are refused: every figure here may end up in a bill.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter, validators

from commonshed.errors import InputError, plain

if TYPE_CHECKING:
    from rich.table import Table

__all__ = [
    "PORT",
    "Format",
    "FormatOption",
    "OutputOption",
    "Record",
    "file_to_write",
    "flatten",
    "is_table",
    "json_text",
    "progress",
    "talk",
    "tell_notes",
    "write",
]

_OF_A_SHED = {
    *("blocks", "gateway", "journal", "keys", "log", "peers", "places", "segments", "statements", "withheld"),
    "shed.toml",
}
"""What stands in the folder of a shed and is written by it alone: a page put over a statement would destroy it."""

Record = Mapping[str, object]
Format = Literal["table", "json", "csv", "parquet"]


def file_to_write(_: object, output: Path | None, field: str = "--output") -> None:
    """Refuse where no file is to be written, before any work is done for it.

    Raises
    ------
    InputError
        The output is a folder that is there, or in a place where a shed keeps its own.
    """
    if output is None:
        return
    if output.is_dir():
        raise InputError(
            "the output is a folder and a file is to be written", field=field, value=output, mend="Name the file in it"
        )
    whole = output.resolve()
    for folder in whole.parents:
        if whole.relative_to(folder).parts[0] in _OF_A_SHED and (folder / "shed.toml").is_file():
            raise InputError(
                f"this is where the shed {folder} keeps what is its own",
                field=field,
                value=output,
                mend="Name a file that is not in it",
            )


FormatOption = Annotated[
    Format | None,
    Parameter(name="--format", help="How to write the result; without it the name of --output decides, else a table."),
]
OutputOption = Annotated[
    Path | None,
    Parameter(name=["--output", "-o"], help="File to write to instead of standard output.", validator=file_to_write),
]

PORT = validators.Number(gte=0, lte=65_535)
"""What a port may be."""

MISSING = "–"
_NAMED = 3
"""How many a note names before it counts the rest."""
_NUMBER = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?|[+-]?\d+(\.\d+)?")
_SUFFIXES: dict[str, Format] = {".json": "json", ".csv": "csv", ".parquet": "parquet", ".txt": "table"}


@contextmanager
def progress(label: str) -> Iterator[Callable[[float, float], None]]:
    """A bar on a terminal, on standard error; what it yields takes how much is done and how much there is."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(file=sys.stderr)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def talk(*parts: object) -> None:
    """Say something to the person, on standard error."""
    print(*parts, file=sys.stderr, flush=True)


def tell_notes(records: Iterable[Mapping[str, Any]], key: str) -> None:
    """What a table has no room for: each note of the records once, and whose it is by the name under a key."""
    whose: dict[str, dict[str, None]] = {}
    for record in records:
        for note in record["notes"]:
            whose.setdefault(note, {})[record[key]] = None
    for note, names in whose.items():
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        talk(f"{', '.join(list(names)[:_NAMED])}{more}: {note}.")


def write(
    records: Iterable[Record],
    *,
    format: Format | None = None,
    output: Path | None = None,
    columns: Sequence[str] | None = None,
    heads: Mapping[str, str] | None = None,
) -> None:
    """Write records in one of the formats every command shares.

    Parameters
    ----------
    records : iterable of mappings
        All of one kind. Nested mappings become columns such as ``mean.pm25`` except in JSON, which keeps them and is
        written record by record, so that a big result never stands in memory.
    format : {"table", "json", "csv", "parquet"}, optional
        Without it the suffix of ``output`` decides, else a table.
    output : Path, optional
        Written whole or not at all; without it standard output.
    columns : sequence of str, optional
        Flattened names a table shows, in order; the other formats always carry everything.
    heads : mapping, optional
        Heads of a table's columns where the name alone does not do: ``{"pm25": "PM2.5 [ug/m3]"}``.

    Raises
    ------
    InputError
        Parquet on a terminal; the output is a folder.
    TypeError
        A record holds a binary float.
    """
    chosen = _chosen(format, output)
    if chosen == "json":
        with _text_sink(output) as sink:
            sink.writelines(_json_lines(records))
        return
    held = list(records)
    if chosen == "parquet":
        _write_parquet(held, output)
        return
    with _text_sink(output) as sink:
        if chosen == "csv":
            _write_csv(held, sink)
        else:
            _write_table(held, sink, columns=columns, heads=heads or {})


def is_table(format: Format | None, output: Path | None) -> bool:
    """Whether what is written is a table for people, who read times on their own clock and notes beside it."""
    return _chosen(format, output) == "table"


def _chosen(format: Format | None, output: Path | None) -> Format:
    return format or _SUFFIXES.get(output.suffix if output else "", "table")


def _json_lines(records: Iterable[Record]) -> Iterator[str]:
    """The text of `json_text`, piece by piece."""
    before = "[\n"
    for record in records:
        yield before + _dumps(record)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def json_text(records: object) -> str:
    """Records as JSON text, one record a line so that ``diff`` and ``grep`` work.

    Raises
    ------
    TypeError
        A record holds a binary float or something JSON has no form for.
    """
    if not isinstance(records, Sequence) or isinstance(records, str):
        return _dumps(records)
    if not records:
        return "[]"
    return "[\n" + ",\n".join(_dumps(record) for record in records) + "\n]"


def _dumps(value: object) -> str:
    _refuse_floats(value)
    return json.dumps(value, ensure_ascii=False)


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a binary float; an exact figure is text or an integer")
    if isinstance(value, Mapping):
        for inner in value.values():
            _refuse_floats(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            _refuse_floats(inner)


def flatten(record: Record, prefix: str = "") -> dict[str, object]:
    """One level of names: ``{"mean": {"pm25": "73"}}`` becomes ``{"mean.pm25": "73"}``."""
    flat: dict[str, object] = {}
    for key, value in record.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _flat_rows(records: Sequence[Record]) -> tuple[list[str], list[dict[str, object]]]:
    _refuse_floats(list(records))
    rows = [flatten(record) for record in records]
    return list(dict.fromkeys(name for row in rows for name in row)), rows


def _write_csv(records: Sequence[Record], sink: IO[str]) -> None:
    import csv

    names, rows = _flat_rows(records)
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_cell(row.get(name), missing="", yes="true", no="false") for name in names] for row in rows)


def _write_parquet(records: Sequence[Record], output: Path | None) -> None:
    if output is None and sys.stdout.isatty():
        raise InputError("Parquet is binary and this is a terminal", mend="Add --output FILE, or pipe it onward")
    import pyarrow as pa
    import pyarrow.parquet as pq

    names, rows = _flat_rows(records)
    table = pa.table({name: pa.array([row.get(name) for row in rows]) for name in names})
    if output is None:
        pq.write_table(table, sys.stdout.buffer)
        return
    with _whole_or_not_at_all(output) as draft:
        pq.write_table(table, draft)


def _write_table(
    records: Sequence[Record], sink: IO[str], *, columns: Sequence[str] | None, heads: Mapping[str, str]
) -> None:
    from rich.console import Console

    if not records:
        sink.write("nothing to show\n")
        return
    names, rows = _flat_rows(records)
    table = _table(list(columns or names), rows, heads=heads)
    if sink.isatty():
        Console(file=sink).print(table)
        return
    # Piped or in a file: as wide as it needs, no colours, no padding at the ends of lines.
    console = Console(file=sink, width=100_000, color_system=None)
    with console.capture() as captured:
        console.print(table)
    sink.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def _table(names: Sequence[str], rows: Sequence[Mapping[str, object]], *, heads: Mapping[str, str]) -> Table:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in names:
        values = [row.get(name) for row in rows]
        head = escape(heads[name]) if name in heads else _escaped(name)  # ours may have two lines
        table.add_column(head, justify="right" if _numeric(values) else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_escaped(_cell(row.get(name), between=", ")) for name in names))
    return table


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(plain(text))


def _numeric(values: Sequence[object]) -> bool:
    given = [value for value in values if value is not None]
    return bool(given) and all(
        not isinstance(value, bool) and _NUMBER.fullmatch(str(value)) is not None for value in given
    )


def _cell(value: object, *, missing: str = MISSING, yes: str = "yes", no: str = "no", between: str = ";") -> str:
    if value is None:
        return missing
    if isinstance(value, bool):
        return yes if value else no
    if isinstance(value, (list, tuple)):
        return between.join(_cell(inner) for inner in value)
    return str(value)


@contextmanager
def _text_sink(output: Path | None) -> Iterator[IO[str]]:
    if output is None:
        yield sys.stdout
        return
    with _whole_or_not_at_all(output) as draft, draft.open("w", encoding="utf-8", newline="") as sink:
        yield sink


@contextmanager
def _whole_or_not_at_all(output: Path) -> Iterator[Path]:
    file_to_write(None, output)
    output.parent.mkdir(parents=True, exist_ok=True)
    draft = output.with_name(f".{output.name}.{os.getpid()}.tmp")
    try:
        yield draft
        draft.replace(output)
    finally:
        draft.unlink(missing_ok=True)
