"""Opening what people send: CSV and Parquet, compressed or not, whole or damaged, a batch of rows at a time."""

from __future__ import annotations

import codecs
import csv
import glob
import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, Literal, cast

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from commonshed.errors import ReadingsError

__all__ = ["Batch", "Ragged", "SourceFile", "batches", "expand", "row_texts", "survey"]

_PIECE = 1 << 20
_PARQUET_ROWS = 1 << 17
_GZIP = b"\x1f\x8b"
_PARQUET = b"PAR1"
_WIDE_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


@dataclass(frozen=True)
class SourceFile:
    """A file that can be read, and what a first pass over it showed.

    Attributes
    ----------
    path : Path
    digest : str
        SHA-256 of its bytes, in hexadecimal.
    size : int
        [bytes]
    kind : {"csv", "parquet"}
    columns : tuple of str
    encoding : str or None
        ``UTF-8``, ``UTF-8 with BOM``, ``GBK``; none for Parquet.
    compressed : bool
    """

    path: Path
    digest: str
    size: int
    kind: Literal["csv", "parquet"]
    columns: tuple[str, ...]
    encoding: str | None = None
    compressed: bool = False
    delimiter: str = ","


@dataclass(frozen=True, eq=False)
class Batch:
    """Some rows of a file: their numbers (1 is the first under the header) and the columns asked for."""

    rows: NDArray[np.int64]
    columns: Mapping[str, pa.Array]


@dataclass(frozen=True)
class Ragged:
    """A row with more or fewer cells than the header."""

    row: int
    cells: int
    expected: int


def expand(files: str | Path | Iterable[str | Path]) -> list[Path]:
    """Paths, patterns such as ``2016-*.csv`` and folders' worth of them as a list of files, each once.

    Raises
    ------
    ReadingsError
        A pattern matches nothing.
    """
    given = [files] if isinstance(files, (str, Path)) else list(files)
    found: list[Path] = []
    for item in given:
        if Path(item).exists() or not glob.has_magic(str(item)):
            found.append(Path(item))
            continue
        matches = sorted(Path(match) for match in glob.glob(str(item), recursive=True))  # noqa: PTH207
        if not matches:
            raise ReadingsError("no file matches this pattern", file=item, mend="Check the folder and the pattern")
        found += matches
    return list(dict.fromkeys(found))


def survey(path: str | Path, *, delimiter: str = ",") -> SourceFile:
    """Look over a file once: its digest, what it is, how it is written, which columns it has.

    Raises
    ------
    ReadingsError
        The file is missing, empty, cut off, no text and no Parquet, in an unknown encoding, or it has no rows.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(4)
    except FileNotFoundError:
        raise ReadingsError("there is no such file", file=path, mend="Check the path") from None
    except IsADirectoryError:
        raise ReadingsError("this is a folder, not a file", file=path, mend="Name files, or a pattern") from None
    if not size:
        raise ReadingsError("the file is empty", file=path, mend="Was the download finished?")
    if head == _PARQUET:
        return _survey_parquet(path, size)
    return _survey_text(path, size, compressed=head[:2] == _GZIP, delimiter=delimiter)


def batches(file: SourceFile, columns: Sequence[str], ragged: list[Ragged]) -> Iterator[Batch]:
    """The rows of a file, a batch at a time.

    Parameters
    ----------
    file : SourceFile
    columns : sequence of str
        Columns to read.
    ragged : list
        Rows that do not fit the header are left out and noted here.

    Raises
    ------
    ReadingsError
        The file breaks off or is damaged inside.
    """
    return _parquet_batches(file, columns) if file.kind == "parquet" else _csv_batches(file, columns, ragged)


def row_texts(file: SourceFile, rows: Iterable[int]) -> dict[int, str]:
    """The original text of some rows; for Parquet, the row as JSON."""
    wanted = sorted(set(rows))
    if not wanted:
        return {}
    if file.kind == "parquet":
        return _parquet_texts(file, wanted)
    texts: dict[int, str] = {}
    remaining = set(wanted)
    with _open_bytes(file) as stream:
        for number, line in enumerate(islice(stream, wanted[-1] + 1)):
            if number in remaining:
                texts[number] = line.decode(_codec(file), "replace").rstrip("\r\n")
    return texts


# ---- Parquet


def _survey_parquet(path: Path, size: int) -> SourceFile:
    try:
        schema = pq.read_schema(path)
        with pq.ParquetFile(path) as file:
            rows = file.metadata.num_rows
    except (pa.ArrowInvalid, OSError) as error:
        reason = str(error).splitlines()[0]
        raise ReadingsError(
            f"this Parquet file is damaged or cut off: {reason}", file=path, mend="Fetch it again"
        ) from None
    if not rows:
        raise ReadingsError("there are no rows in this file", file=path)
    columns = tuple(schema.names)
    _refuse_twice(path, columns)
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return SourceFile(path, digest, size, "parquet", columns)


def _parquet_batches(file: SourceFile, columns: Sequence[str]) -> Iterator[Batch]:
    first = 1
    try:
        with pq.ParquetFile(file.path) as parquet:
            for batch in parquet.iter_batches(batch_size=_PARQUET_ROWS, columns=list(columns)):
                rows = np.arange(first, first + batch.num_rows, dtype=np.int64)
                yield Batch(rows, {name: batch.column(name) for name in columns})
                first += batch.num_rows
    except (pa.ArrowInvalid, OSError) as error:
        reason = str(error).splitlines()[0]
        raise ReadingsError(
            f"this Parquet file is damaged after row {first - 1}: {reason}", file=file.path, mend="Fetch it again"
        ) from None


def _parquet_texts(file: SourceFile, wanted: list[int]) -> dict[int, str]:
    texts: dict[int, str] = {}
    numbers = np.array(wanted, np.int64)
    for batch in _parquet_batches(file, file.columns):
        here = numbers[(numbers >= batch.rows[0]) & (numbers <= batch.rows[-1])]
        picked = {
            name: column.take(pa.array(here - batch.rows[0])).to_pylist() for name, column in batch.columns.items()
        }
        for i, row in enumerate(here.tolist()):
            cells = {name: values[i] for name, values in picked.items()}
            texts[row] = json.dumps(cells, ensure_ascii=False, default=str)
    return texts


# ---- text


def _survey_text(path: Path, size: int, *, compressed: bool, delimiter: str) -> SourceFile:
    utf8 = codecs.getincrementaldecoder("utf-8")()
    gbk = codecs.getincrementaldecoder("gb18030")()
    candidates: dict[str, codecs.IncrementalDecoder] = {"UTF-8": utf8, "GBK": gbk}
    head, lines = b"", 0
    for piece in _pieces(path, compressed):
        if not head:
            head = piece[:65536]
            _refuse_unreadable(path, head)
        lines += piece.count(b"\n") if lines < 2 else 0
        # Whoever is out is out; GBK is only worth decoding once UTF-8 is.
        for name in list(candidates):
            if name == "GBK" and "UTF-8" in candidates and piece.isascii():
                continue
            try:
                candidates[name].decode(piece)
            except UnicodeDecodeError:
                del candidates[name]
        if not candidates:
            raise ReadingsError("the text is neither UTF-8 nor GBK", file=path, mend="Save it in UTF-8")
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    encoding = "UTF-8" if "UTF-8" in candidates else "GBK"
    if head.startswith(codecs.BOM_UTF8):
        encoding = "UTF-8 with BOM"
    file = SourceFile(path, digest, size, "csv", (), encoding, compressed, delimiter)
    columns = _header(file, head)
    if _only_header(head, lines):
        raise ReadingsError("there are no rows under the header", file=path, mend="Was the export finished?")
    return SourceFile(path, digest, size, "csv", columns, encoding, compressed, delimiter)


def _only_header(head: bytes, lines: int) -> bool:
    return lines < 2 and not head.partition(b"\n")[2].strip()


def _refuse_unreadable(path: Path, head: bytes) -> None:
    for mark, name in _WIDE_MARKS.items():
        if head.startswith(mark):
            raise ReadingsError(f"the text is in {name}", file=path, mend="Save it in UTF-8")
    if b"\0" in head:
        raise ReadingsError("this is neither text nor Parquet", file=path, mend="Give CSV or Parquet")


def _header(file: SourceFile, head: bytes) -> tuple[str, ...]:
    text = head.decode(_codec(file), "replace")
    first = next((line for line in csv.reader(text.splitlines()[:1], delimiter=file.delimiter)), [])
    if not any(name.strip() for name in first):
        raise ReadingsError("the first line holds no column names", file=file.path, mend="Add a header")
    _refuse_twice(file.path, first)
    return tuple(first)


def _refuse_twice(path: Path, columns: Sequence[str]) -> None:
    twice = [name for name in columns if name and list(columns).count(name) > 1]
    if twice:
        raise ReadingsError("a column is named twice", file=path, field=twice[0], mend="Keep one of the two")


def _codec(file: SourceFile) -> str:
    return "gb18030" if file.encoding == "GBK" else "utf-8-sig"


def _open_bytes(file: SourceFile) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(file.path, "rb")) if file.compressed else file.path.open("rb")


def _pieces(path: Path, compressed: bool) -> Iterator[bytes]:
    with cast(IO[bytes], gzip.open(path, "rb")) if compressed else path.open("rb") as stream:
        try:
            while piece := stream.read(_PIECE):
                yield piece
        except (EOFError, gzip.BadGzipFile, OSError) as error:
            raise ReadingsError(f"the file is damaged or cut off: {error}", file=path, mend="Fetch it again") from None


def _csv_batches(file: SourceFile, columns: Sequence[str], ragged: list[Ragged]) -> Iterator[Batch]:
    skipped: list[int] = []

    def note(row: Any) -> str:
        skipped.append(row.number - 1)  # the header is physical row 1
        ragged.append(Ragged(row.number - 1, row.actual_columns, row.expected_columns))
        return "skip"

    # Without threads Arrow knows the numbers of rows it leaves out, and it is no slower.
    options = {
        "read_options": pacsv.ReadOptions(use_threads=False, encoding="gb18030" if file.encoding == "GBK" else "utf8"),
        "parse_options": pacsv.ParseOptions(
            delimiter=file.delimiter, invalid_row_handler=note, ignore_empty_lines=False
        ),
        "convert_options": pacsv.ConvertOptions(
            include_columns=list(columns),
            column_types={name: pa.dictionary(pa.int32(), pa.string()) for name in columns},
            strings_can_be_null=False,
            null_values=[],
        ),
    }
    last = 0
    with _open_bytes(file) as stream:
        try:
            with closing(pacsv.open_csv(stream, **options)) as reader:
                for batch in reader:
                    rows = _row_numbers(last, batch.num_rows, skipped)
                    yield Batch(rows, {name: batch.column(name) for name in columns})
                    last = int(rows[-1]) if len(rows) else last
                    skipped[:] = [row for row in skipped if row > last]
        except (pa.ArrowInvalid, EOFError, OSError) as error:
            reason = str(error).splitlines()[0]
            raise ReadingsError(f"the file cannot be read after row {last}: {reason}", file=file.path) from None


def _row_numbers(last: int, count: int, skipped: list[int]) -> NDArray[np.int64]:
    """Numbers of the next rows that were not left out."""
    beyond = [row for row in skipped if row > last]
    numbers = np.arange(last + 1, last + 1 + count + len(beyond), dtype=np.int64)
    if beyond:
        numbers = numbers[~np.isin(numbers, beyond)]
    return numbers[:count]
