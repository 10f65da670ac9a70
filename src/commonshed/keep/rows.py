"""The form of a reading, and the one text in which its digest is taken.

``docs/formats/readings.md`` is the specification; this module is one implementation of it. Names repeat by the million,
so name columns are dictionary arrays: their text is escaped and sorted once per distinct name.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from commonshed.errors import ReadingsError
from commonshed.keep.merkle import leaf_hash, merkle_root

__all__ = [
    "CHUNK_ROWS",
    "FLAGS",
    "KEY",
    "QUALIFIERS",
    "READINGS",
    "STATUSES",
    "canonical",
    "canonical_chunks",
    "canonical_order",
    "chunk_starts",
    "codes",
    "conform",
    "ordered_digest",
    "rows_digest",
]

CHUNK_ROWS = 256
FORMAT = "commonshed-rows/1"
QUALIFIERS = ("=", "<", ">")
FLAGS = ("valid", "suspect", "invalid")
STATUSES = ("provisional", "validated")
KEY = ("station", "quantity", "statistic", "start", "period")

_NAME = pa.dictionary(pa.int32(), pa.string())

READINGS: pa.Schema = pa.schema(
    [
        pa.field("station", _NAME, nullable=False),
        pa.field("quantity", _NAME, nullable=False),
        pa.field("statistic", _NAME, nullable=False),
        pa.field("start", pa.int64(), nullable=False),
        pa.field("period", pa.int32(), nullable=False),
        pa.field("ticks", pa.int64(), nullable=False),
        pa.field("qualifier", _NAME, nullable=False),
        pa.field("flag", _NAME, nullable=False),
        pa.field("status", _NAME, nullable=False),
        pa.field("reason", _NAME),
        pa.field("raw", pa.string()),
        pa.field("mapping", _NAME, nullable=False),
        pa.field("origin", _NAME, nullable=False),
        pa.field("recorded", pa.int64(), nullable=False),
        pa.field("author", _NAME),
    ]
)
"""One row a reading. Times are UTC seconds since 1970. ``start`` and ``period`` [s] are those of the reading."""

_NULL = "\\N"
_BEFORE_TICKS = ("statistic", "start", "period")
_MARKS = ("qualifier", "flag", "status", "reason")
_WHENCE = ("mapping", "origin", "recorded", "author")
_ALLOWED = {"qualifier": QUALIFIERS, "flag": FLAGS, "status": STATUSES}
_SLICE_CHUNKS = 128  # chunks rendered at a time: bounds the memory that the text takes

Codes = NDArray[np.int32]
Order = NDArray[np.int64]


def conform(table: pa.Table) -> pa.Table:
    """Readings in the form :data:`READINGS`, one chunk a column, from plain strings or dictionaries alike.

    Columns ``reason``, ``raw`` and ``author`` may be absent: nothing is known there.

    Raises
    ------
    ReadingsError
        A column is missing, unknown, of another kind, has gaps where none may be, or a flag nobody declared.
    """
    if unknown := [name for name in table.column_names if name not in READINGS.names]:
        raise ReadingsError("readings have a column nobody declared", field=unknown[0], mend=f"Known: {READINGS.names}")
    return pa.Table.from_arrays([_column(table, field) for field in READINGS], schema=READINGS)


def canonical(table: pa.Table) -> pa.Table:
    """Readings in canonical order."""
    order = canonical_order(table)
    in_order = bool(np.all(order[1:] > order[:-1]))
    return table if in_order else table.take(order).combine_chunks()


def canonical_order(table: pa.Table) -> Order:
    """Row numbers in canonical order: station, quantity, statistic, start, period; equal keys as they arrived.

    Names are ordered by their UTF-8 bytes.
    """
    names = [_ranks(table[name]) for name in ("station", "quantity", "statistic")]
    start, period = (table[name].to_numpy() for name in ("start", "period"))
    if _is_ordered(*names, start, period):
        return np.arange(table.num_rows, dtype=np.int64)
    return np.lexsort((period, start, *reversed(names)))


def canonical_chunks(table: pa.Table, breaks: Sequence[int] = ()) -> Iterator[tuple[bytes, memoryview]]:
    """The chunks of readings that stand in canonical order: header line and row lines, as bytes.

    Parameters
    ----------
    table : pa.Table
        In the form :data:`READINGS` and in canonical order.
    breaks : sequence of int
        Rows at which another segment begins, and with it another chunk.
    """
    if not table.num_rows:
        return
    station, stations = codes(table["station"])
    quantity, quantities = codes(table["quantity"])
    starts = chunk_starts(station, quantity, breaks)
    headers = {
        pair: "\t".join((FORMAT, _escape(stations[pair[0]]), _escape(quantities[pair[1]]))).encode() + b"\n"
        for pair in set(zip(station[starts].tolist(), quantity[starts].tolist(), strict=True))
    }
    bounds = np.append(starts, table.num_rows)
    for first in range(0, len(starts), _SLICE_CHUNKS):
        cuts = bounds[first : first + _SLICE_CHUNKS + 1]
        text, offsets = _lines(table.slice(cuts[0], cuts[-1] - cuts[0]))
        for low, high in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
            header = headers[int(station[low]), int(quantity[low])]
            yield header, text[offsets[low - cuts[0]] : offsets[high - cuts[0]]]


def rows_digest(table: pa.Table) -> str:
    """Digest of what was measured: RFC 6962 root over the canonical chunks, in hexadecimal.

    The order of the given rows does not matter, except among rows with one key.
    """
    return ordered_digest(canonical(table if table.schema == READINGS else conform(table)))


def ordered_digest(table: pa.Table) -> str:
    """Row digest of readings that stand in canonical order; the digest of others is another."""
    return merkle_root([leaf_hash(header, lines) for header, lines in canonical_chunks(table)]).hex()


def chunk_starts(station: Codes, quantity: Codes, breaks: Sequence[int] = ()) -> Order:
    """First rows of the chunks of rows that stand in canonical order.

    Parameters
    ----------
    station, quantity : integer arrays, n
        Codes of the names.
    breaks : sequence of int
        Rows at which another segment begins, and with it another chunk.
    """
    change = np.flatnonzero((station[1:] != station[:-1]) | (quantity[1:] != quantity[:-1])) + 1
    series = np.concatenate([[0], change])
    if len(breaks):
        series = np.union1d(series, np.asarray(breaks, np.int64))
    lengths = np.diff(np.append(series, len(station)))
    counts = -(-lengths // CHUNK_ROWS)
    ordinal = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    starts: Order = np.repeat(series, counts) + ordinal * CHUNK_ROWS
    return starts


def codes(column: pa.ChunkedArray) -> tuple[Codes, list[str]]:
    """A name column as integer codes (-1: null) and the names they stand for."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    indices = array.indices
    numbers = (indices.fill_null(-1) if indices.null_count else indices).to_numpy(zero_copy_only=False)
    return numbers.astype(np.int32, copy=False), array.dictionary.to_pylist()


def _column(table: pa.Table, field: pa.Field) -> pa.Array:
    if field.name not in table.column_names:
        if not field.nullable:
            raise ReadingsError("readings lack a column", field=field.name)
        return pa.nulls(table.num_rows, field.type)
    array = _cast(table[field.name], field)
    if array.null_count and not field.nullable:
        row = int(np.argmax(array.is_null().to_numpy(zero_copy_only=False))) + 1
        raise ReadingsError("a reading has a gap where none may be", field=field.name, row=row)
    if allowed := _ALLOWED.get(field.name):
        _check_names(array, field, allowed)
    return array


def _cast(column: pa.ChunkedArray, field: pa.Field) -> pa.Array:
    try:
        array = column.cast(field.type).combine_chunks()
        if pa.types.is_dictionary(field.type) and not _is_plain(array.dictionary):
            array = array.cast(pa.string()).cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise ReadingsError(f"a column of readings is not {field.type}", field=field.name, value=error) from None
    return array


def _is_plain(dictionary: pa.Array) -> bool:
    """Whether codes stand for names one to one."""
    return dictionary.null_count == 0 and len(pc.unique(dictionary)) == len(dictionary)


def _check_names(array: pa.Array, field: pa.Field, allowed: Sequence[str]) -> None:
    if set(array.dictionary.to_pylist()) <= set(allowed):
        return
    if wrong := sorted(set(pc.unique(array.cast(pa.string())).to_pylist()) - set(allowed)):
        raise ReadingsError(
            f"a reading has an undeclared {field.name}",
            field=field.name,
            value=wrong[0],
            mend=f"Known: {', '.join(allowed)}",
        )


def _ranks(column: pa.ChunkedArray) -> Codes:
    numbers, names = codes(column)
    # Code points sort as their UTF-8 bytes do; equal names in one dictionary share a rank.
    rank = {name: i for i, name in enumerate(sorted(set(names)))}
    table = np.array([rank[name] for name in names], np.int32)
    return table[numbers] if len(table) else numbers


def _is_ordered(*columns: NDArray[Any]) -> bool:
    undecided = np.ones(max(len(columns[0]) - 1, 0), bool)
    for column in columns:
        before, after = column[:-1], column[1:]
        if np.any(undecided & (before > after)):
            return False
        undecided &= before == after
    return True


def _lines(table: pa.Table) -> tuple[memoryview, NDArray[np.int64]]:
    ticks = table["ticks"].combine_chunks().cast(pa.string())
    fields = [_together(table, _BEFORE_TICKS, ""), ticks]
    if table["raw"].null_count == table.num_rows:
        fields += [_together(table, (*_MARKS, "raw", *_WHENCE), "\n")]
    else:
        fields += [_together(table, _MARKS, ""), _plain_text(table["raw"]), _together(table, _WHENCE, "\n")]
    joined = pc.binary_join_element_wise(*fields, "\t")
    offsets = np.frombuffer(joined.buffers()[1], np.int32)[joined.offset : joined.offset + len(joined) + 1]
    return memoryview(joined.buffers()[2]), offsets.astype(np.int64)


def _together(table: pa.Table, names: Sequence[str], end: str) -> pa.Array:
    """Some neighbouring fields as one text a row; each combination of them, of which there are few, is written once."""
    parts = [_numbered(table[name]) for name in names]
    if math.prod(len(texts) for _, texts in parts) >= 2**62:
        fields = [texts.take(pa.array(numbers)) for numbers, texts in parts]
        return pc.binary_join_element_wise(pc.binary_join_element_wise(*fields, "\t"), end, "")
    combined = np.zeros(table.num_rows, np.int64)
    for numbers, texts in parts:
        combined = combined * len(texts) + numbers
    met = pa.array(combined).dictionary_encode()
    rest = met.dictionary.to_numpy()
    written = []
    for _, texts in reversed(parts):
        rest, number = np.divmod(rest, len(texts))
        written.append(texts.take(pa.array(number)))
    written[0] = pc.binary_join_element_wise(written[0], end, "")
    return pc.binary_join_element_wise(*reversed(written), "\t").take(met.indices)


def _numbered(column: pa.ChunkedArray) -> tuple[NDArray[np.integer[Any]], pa.Array]:
    """A column as numbers and the texts they stand for, null the last."""
    if column.null_count == len(column):
        return np.zeros(len(column), np.int32), pa.array([_NULL])
    array = column.combine_chunks()
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    if pa.types.is_integer(array.type):
        return encoded.indices.to_numpy(), encoded.dictionary.cast(pa.string())
    texts = pa.array([*map(_escape, encoded.dictionary.to_pylist()), _NULL])
    return encoded.indices.fill_null(len(texts) - 1).to_numpy(), texts


def _plain_text(column: pa.ChunkedArray) -> pa.Array:
    array = column.combine_chunks()
    for plain, escaped in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n")):
        array = pc.replace_substring(array, plain, escaped)
    return array.fill_null(_NULL)


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
