"""Small tables as people keep them: CSV in UTF-8, with a byte order mark, or in GBK from an older spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from commonshed.errors import PlacesError

__all__ = ["Row", "TableFile", "read_table", "read_text"]


@dataclass(frozen=True)
class Row:
    """One row under the header, with what is needed to say where something is wrong."""

    file: Path
    number: int
    """1 is the first row under the header."""
    cells: Mapping[str, str]

    def text(self, *names: str) -> str | None:
        """The first cell among these columns that is not empty."""
        return next((self.cells[name] for name in names if self.cells.get(name)), None)

    def decimal(self, *names: str) -> float | None:
        """The same as a number.

        Raises
        ------
        PlacesError
            It is no finite number.
        """
        text = self.text(*names)
        if text is None:
            return None
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not -1e12 < number < 1e12:
            field = next(name for name in names if self.cells.get(name))
            raise self.error("this is not a number", field=field, value=text, mend="Write a decimal such as 116.397")
        return number

    def error(self, problem: str, *, field: str, value: object = None, mend: str | None = None) -> PlacesError:
        """An error that names this row."""
        return PlacesError(problem, file=self.file, row=self.number, field=field, value=value, mend=mend)


@dataclass(frozen=True)
class TableFile:
    """A small table, whole."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    encoding: str


def read_text(path: Path) -> tuple[str, str]:
    """The text of a small file and the encoding it was in: ``UTF-8`` or ``GBK``.

    Raises
    ------
    PlacesError
        The file is missing or empty, or it is not text in either encoding.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise PlacesError("there is no such file", file=path, mend="Check the path") from None
    except IsADirectoryError:
        raise PlacesError("this is a folder, not a file", file=path) from None
    if not content.strip():
        raise PlacesError("the file is empty", file=path)
    if b"\0" in content:
        raise PlacesError("this is not a text file", file=path, mend="Save it as CSV or GeoJSON in UTF-8")
    for encoding, name in (("utf-8-sig", "UTF-8"), ("gb18030", "GBK")):
        try:
            return content.decode(encoding), name
        except UnicodeDecodeError:
            continue
    raise PlacesError("the text is neither UTF-8 nor GBK", file=path, mend="Save it in UTF-8")


def read_table(path: Path, *, required: Sequence[Sequence[str]]) -> TableFile:
    """Read a CSV file.

    Parameters
    ----------
    path : Path
    required : sequence of alternatives
        Of each group of names, one has to be a column.

    Raises
    ------
    PlacesError
        The file cannot be used; see :func:`read_text`. Or: a column is missing or named twice, a row is ragged.
    """
    text, encoding = read_text(path)
    lines = csv.reader(io.StringIO(text, newline=""))
    columns = tuple(name.strip() for name in next(lines))
    _check_columns(path, columns, required)
    rows = []
    for number, cells in enumerate(lines, 1):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(columns):
            raise PlacesError(
                f"the row has {len(cells)} cells, the header {len(columns)}",
                file=path,
                row=number,
                mend="Put a cell that holds a comma in double quotes",
            )
        rows.append(Row(path, number, {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}))
    return TableFile(columns, tuple(rows), encoding)


def _check_columns(path: Path, columns: tuple[str, ...], required: Sequence[Sequence[str]]) -> None:
    twice = [name for name in columns if name and columns.count(name) > 1]
    if twice:
        raise PlacesError("a column is named twice", file=path, field=twice[0], mend="Keep one of the two")
    for names in required:
        if not set(names) & set(columns):
            header = ", ".join(columns)
            apart = next((mark for mark in (";", "\t", "|") if mark in header), None)
            raise PlacesError(
                "a column is missing",
                file=path,
                field=" or ".join(names),
                value=header[:200],
                mend=f"The header looks separated by {apart!r}: save it with commas" if apart else "Add the column",
            )
