"""A block: readings laid out for arithmetic, a slab of stations by the hours of one local month.

Sealed segments hold readings as they came; a block holds the same readings on a dense grid of hours, so that a mean is
a sum over a row of an array. Blocks are a cache: whoever deletes them loses nothing but time.

One file is one slab (up to ``SLAB`` stations, in the order of their registration) by one natural month of the shed's
zone. It is Parquet with a single row group, whole stations one after the other, every hour of the month present:
``station, hour, <quantity> …`` with nullable integer ticks. Since a day has 24 hours, the days of a column are whole
bytes of its validity bitmap, and the kernel works on the buffers as they are, without a copy. A checksum of the whole
file stands before its footer, where other readers of Parquet pass over it: no figure is made of bits that have changed.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from commonshed.errors import ShedDamaged
from commonshed.periods import Period, Zone

__all__ = ["SLAB", "Block", "BlockRef", "block_key", "read_block", "write_block"]

SLAB = 165
"""Most stations in one block: a month of them fits the second-level cache of a core, quantity by quantity."""

_METADATA = b"commonshed.block"
_VERSION = 1
_INT32_MAX = 2**31 - 1
_MARK = b"crc1"

Ticks = NDArray[np.signedinteger[Any]]
Bitmap = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Block:
    """Readings of some stations on the hour grid of one local month (or any run of whole days).

    Attributes
    ----------
    stations : tuple of str, n
    first_day : date
        First natural day, in ``zone``.
    days : int
    zone : Zone
    ticks : dict of quantity to integer array, (n, days * 24)
        int32, or int64 for a quantity that needs it. Never negative. **Undefined where the bitmap says not valid.**
    valid : dict of quantity to uint8 array, (n, days * 3)
        Bitmap, least significant bit first: bit ``h`` of a row is hour ``h``. Three bytes are one day.
    largest : dict of quantity to int
        Largest valid tick, from which the kernel knows that its sums fit.
    """

    stations: tuple[str, ...]
    first_day: date
    days: int
    zone: Zone
    ticks: Mapping[str, Ticks]
    valid: Mapping[str, Bitmap]
    largest: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if missing := set(self.ticks) - set(self.largest):
            found = {key: self._largest(key) for key in missing}
            object.__setattr__(self, "largest", {**self.largest, **found})

    @property
    def first_hour(self) -> int:
        """Hours since 1970-01-01T00Z of the first hour of the grid."""
        return self.zone.first_second(self.first_day) // 3600

    @property
    def quantities(self) -> tuple[str, ...]:
        """What is laid out here."""
        return tuple(self.ticks)

    def mask(self, quantity: str) -> NDArray[np.bool_]:
        """Where a reading counts, (n, days * 24)."""
        return np.unpackbits(self.valid[quantity], axis=1, bitorder="little").view(np.bool_)

    def filled(self, quantity: str, fill: int = 0) -> Ticks:
        """Ticks with every hour that does not count set to one number, (n, days * 24)."""
        filled: Ticks = np.where(self.mask(quantity), self.ticks[quantity], self.ticks[quantity].dtype.type(fill))
        return filled

    def _largest(self, quantity: str) -> int:
        return int(self.filled(quantity).max(initial=0))

    @classmethod
    def from_readings(
        cls,
        readings: pa.Table,
        stations: Sequence[str],
        month: Period,
        zone: Zone,
        quantities: Sequence[str] | None = None,
    ) -> Block:
        """Lay current readings out on the grid.

        Hourly means (statistic ``mean``, period 3600 s) that are valid or suspect count; invalid ones do not, and
        neither does a negative value, which no concentration has. Rows of other stations or days are passed over, and
        the order of the rows does not matter: of two readings in one hour the later start wins, then the later
        recorded, then the larger.

        Parameters
        ----------
        readings : pa.Table
            Columns of `commonshed.keep.rows.READINGS`; ``statistic``, ``period``, ``flag`` and ``recorded`` may be
            absent.
        stations : sequence of str
            Rows of the block, in this order; a station without readings has a row without valid hours.
        month : Period
        zone : Zone
        quantities : sequence of str, optional
            Columns of the block; by default those the readings hold, in alphabetical order.
        """
        table = _countable(readings)
        first_second = zone.first_second(month.first)
        hours = (table["start"].to_numpy() - first_second) // 3600
        rows = _positions(table["station"], stations)
        if quantities is None:
            quantities = sorted(pc.unique(table["quantity"]).to_pylist())
        columns = _positions(table["quantity"], quantities)
        ticks = table["ticks"].to_numpy()
        keep = (rows >= 0) & (columns >= 0) & (hours >= 0) & (hours < month.days * 24) & (ticks >= 0)
        cells = (columns * len(stations) + rows) * (month.days * 24) + hours
        shape = (len(quantities), len(stations), month.days * 24)
        order = np.flatnonzero(keep)
        laid, present = _grid(cells[order], ticks[order], shape)
        if np.count_nonzero(present) != order.size:
            order = _winners(table, cells, order)
            laid, present = _grid(cells[order], ticks[order], shape)
        return cls(tuple(stations), month.first, month.days, zone, *_columns(laid, present, quantities))


@dataclass(frozen=True, eq=False)
class BlockRef:
    """Where a block can be had, and which version of it.

    Attributes
    ----------
    key : str
        Medium, month and slab: ``air/2016-03/000``.
    version : str or None
        Changes when the content changes; None for a block that is not kept, whose grades are not cached.
    stations : tuple of str
    first_day : date
    days : int
    source : callable of quantities to Block
        Reads the block, or the wanted columns of it.
    """

    key: str
    version: str | None
    stations: tuple[str, ...]
    first_day: date
    days: int
    source: Callable[[Sequence[str] | None], Block]

    def load(self, quantities: Sequence[str] | None = None) -> Block:
        """The block, or some of its columns; a quantity it does not hold is left out."""
        return self.source(quantities)

    @property
    def slab(self) -> str:
        """The medium and slab it belongs to, the same in every month: ``air/000``."""
        medium, _, slab = self.key.split("/")
        return f"{medium}/{slab}"

    @property
    def last_day(self) -> date:
        """Last natural day on the grid."""
        return self.first_day + timedelta(days=self.days - 1)

    @classmethod
    def of_file(cls, path: Path, key: str, version: str | None) -> BlockRef:
        """A block in a file; only its footer is read now."""
        stations, first_day, days, _ = _described(pq.read_schema(path), path)
        return cls(key, version, stations, first_day, days, lambda quantities: read_block(path, quantities))

    @classmethod
    def of_block(cls, block: Block, key: str, version: str | None = None) -> BlockRef:
        """A block in memory."""
        return cls(key, version, block.stations, block.first_day, block.days, lambda _: block)


def block_key(medium: str, month: date, slab: int) -> str:
    """Name of a block.

    >>> block_key("air", date(2016, 3, 1), 0)
    'air/2016-03/000'
    """
    return f"{medium}/{month:%Y-%m}/{slab:03d}"


def write_block(path: Path, block: Block) -> None:
    """Write a block beside its final name, then put it there: a reader sees all of it or nothing."""
    n, hours = len(block.stations), block.days * 24
    names = pa.array(block.stations, pa.string())
    codes = _all_there(np.repeat(np.arange(n, dtype=np.int32), hours))
    hour = np.tile(np.arange(block.first_hour, block.first_hour + hours, dtype=np.int32), n)
    columns: dict[str, pa.Array] = {
        "station": pa.DictionaryArray.from_arrays(codes, names),
        "hour": _all_there(hour),
        **{key: _arrow(block.ticks[key], block.valid[key]) for key in block.quantities},
    }
    described = {
        "version": _VERSION,
        "stations": block.stations,
        "first_day": block.first_day.isoformat(),
        "days": block.days,
        "zone": str(block.zone),
    }
    metadata = {_METADATA: json.dumps(described, ensure_ascii=False, separators=(",", ":")).encode()}
    table = pa.table(columns).replace_schema_metadata(metadata)
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    sink = pa.BufferOutputStream()
    pq.write_table(
        table, sink, row_group_size=max(table.num_rows, 1), compression="lz4",
        use_dictionary=True, write_statistics=True, store_schema=True,
    )  # fmt: skip
    try:
        scratch.write_bytes(b"".join(_marked(memoryview(sink.getvalue()))))
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def read_block(path: Path, quantities: Sequence[str] | None = None) -> Block:
    """Read a block, or some of its quantities; one it does not hold is left out.

    The arrays are views of what Parquet decoded: treat them as read-only.

    Raises
    ------
    ShedDamaged
        The file is not a block, not whole, or changed since it was written.
    """
    try:
        # mapped, not read: a block is replaced whole, never written into
        with pa.memory_map(str(path)) as source, _checked(source, path) as file:
            schema, metadata = file.schema_arrow, file.metadata
            stations, first_day, days, zone = _described(schema, path)
            held = schema.names
            wanted = held[2:] if quantities is None else [key for key in quantities if key in held[2:]]
            if metadata.num_rows != len(stations) * days * 24 or metadata.num_row_groups > 1:
                raise ShedDamaged(f"{path}: the grid of hours is not dense. Delete the file: it will be rebuilt")
            table = file.read(columns=wanted, use_threads=False)
            largest = _statistics(metadata, {key: held.index(key) for key in wanted})
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        raise ShedDamaged(f"{path}: not a readable block ({error}). Delete the file: it will be rebuilt") from error
    shape = (len(stations), days * 24)
    ticks, valid = {}, {}
    for key in wanted:
        ticks[key], valid[key] = _numpy(table[key], shape)
    return Block(stations, first_day, days, zone, ticks, valid, largest)


def _marked(content: memoryview) -> tuple[memoryview, bytes, memoryview]:
    """A Parquet file with a checksum of the rest of it before its footer, where readers of Parquet pass over it."""
    footer = _footer(content)
    crc = zlib.crc32(content[footer:], zlib.crc32(content[:footer]))
    return content[:footer], _MARK + crc.to_bytes(4), content[footer:]


def _checked(source: pa.NativeFile, path: Path) -> pq.ParquetFile:
    """A block opened, if it is what was written: Parquet would decode most changed bytes as well.

    Raises
    ------
    ShedDamaged
        It is not, or no block of this form.
    """
    content = memoryview(source.read_buffer())
    footer = _footer(content)
    mark = bytes(content[max(footer - 8, 0) : footer])
    crc = zlib.crc32(content[footer:], zlib.crc32(content[: max(footer - 8, 0)]))
    if mark != _MARK + crc.to_bytes(4):
        raise ShedDamaged(
            f"{path}: not a readable block, or not as it was written. Delete the file: it will be rebuilt"
        )
    return pq.ParquetFile(source, pre_buffer=False)


def _footer(content: memoryview) -> int:
    """Where the footer of a Parquet file begins: its length stands before the last four bytes."""
    return max(len(content) - 8 - int.from_bytes(content[-8:-4], "little"), 0)


def _countable(readings: pa.Table) -> pa.Table:
    conditions = []
    if "statistic" in readings.column_names:
        conditions.append(pc.equal(readings["statistic"], "mean"))
    if "period" in readings.column_names:
        conditions.append(pc.equal(readings["period"], 3600))
    if "flag" in readings.column_names:
        conditions.append(pc.not_equal(readings["flag"], "invalid"))
    if not conditions:
        return readings
    wanted = conditions[0]
    for condition in conditions[1:]:
        wanted = pc.and_(wanted, condition)
    return readings if pc.all(wanted).as_py() else readings.filter(wanted)


def _positions(column: pa.ChunkedArray, names: Sequence[str]) -> NDArray[np.int64]:
    """Position of each value in ``names``, or -1."""
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
        parts = []
        for chunk in column.chunks:
            of_code = pc.fill_null(pc.index_in(chunk.dictionary, pa.array(names, chunk.dictionary.type)), -1)
            parts.append(of_code.to_numpy(zero_copy_only=False)[chunk.indices.to_numpy(zero_copy_only=False)])
        return np.concatenate(parts).astype(np.int64) if parts else np.empty(0, np.int64)
    index = pc.fill_null(pc.index_in(column, pa.array(names, column.type)), -1)
    return np.asarray(index.to_numpy(), dtype=np.int64)


def _winners(table: pa.Table, cells: NDArray[np.int64], rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Of rows in the same cell the one that wins."""
    recorded = table["recorded"].to_numpy()[rows] if "recorded" in table.column_names else np.zeros(rows.size)
    ranks = (table["ticks"].to_numpy()[rows], recorded, table["start"].to_numpy()[rows], cells[rows])
    ranked: NDArray[np.intp] = rows[np.lexsort(ranks)]
    last = np.append(cells[ranked][1:] != cells[ranked][:-1], True)
    winners: NDArray[np.intp] = ranked[last]
    return winners


def _grid(
    cells: NDArray[np.int64], ticks: NDArray[np.int64], shape: tuple[int, int, int]
) -> tuple[Ticks, NDArray[np.bool_]]:
    wide = ticks.size > 0 and int(ticks.max()) > _INT32_MAX
    laid: Ticks = np.zeros(shape, np.int64 if wide else np.int32)
    present = np.zeros(shape, np.bool_)
    laid.reshape(-1)[cells] = ticks
    present.reshape(-1)[cells] = True
    return laid, present


def _columns(
    laid: Ticks, present: NDArray[np.bool_], quantities: Sequence[str]
) -> tuple[dict[str, Ticks], dict[str, Bitmap], dict[str, int]]:
    ticks: dict[str, Ticks] = {}
    largest = {key: int(laid[i].max(initial=0)) for i, key in enumerate(quantities)}
    for i, key in enumerate(quantities):
        ticks[key] = laid[i] if largest[key] > _INT32_MAX else laid[i].astype(np.int32, copy=False)
    valid = {key: np.packbits(present[i], axis=1, bitorder="little") for i, key in enumerate(quantities)}
    return ticks, valid, largest


def _all_there(array: NDArray[np.int32]) -> pa.Array:
    # not pa.array(), whose first call imports pandas where that is installed
    return pa.Array.from_buffers(pa.int32(), array.size, [None, pa.py_buffer(array)])


def _arrow(ticks: Ticks, valid: Bitmap) -> pa.Array:
    kind = pa.int64() if ticks.dtype == np.int64 else pa.int32()
    # a bitmap that says "all valid" would be written as such; what lies under a null is never written
    buffers = [pa.py_buffer(np.ascontiguousarray(valid)), pa.py_buffer(np.ascontiguousarray(ticks))]
    return pa.Array.from_buffers(kind, ticks.size, buffers)


def _numpy(column: pa.ChunkedArray, shape: tuple[int, int]) -> tuple[Ticks, Bitmap]:
    """Buffers of a column as arrays, without a copy where its bits start on a byte."""
    array = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], column.type)
    if array.type not in (pa.int32(), pa.int64()):
        raise ShedDamaged(f"a column of ticks is {array.type}. Delete the file: it will be rebuilt")
    n, hours = shape
    if array.offset:
        # bits of a slice may start within a byte: a fresh copy of it starts at one
        array = pa.concat_arrays([array, pa.array([], array.type)])
    bitmap, values = array.buffers()
    kind = np.dtype(np.int32 if array.type == pa.int32() else np.int64)
    ticks: Ticks = np.frombuffer(values, kind, count=n * hours).reshape(shape) if array else np.empty(shape, kind)
    if bitmap is None:
        return ticks, np.full((n, hours // 8), 255, np.uint8)
    return ticks, np.frombuffer(bitmap, np.uint8, count=n * hours // 8).reshape(n, hours // 8)


def _described(schema: pa.Schema, path: Path) -> tuple[tuple[str, ...], date, int, Zone]:
    described = json.loads((schema.metadata or {})[_METADATA])
    if described["version"] != _VERSION:
        raise ShedDamaged(f"{path}: a block of version {described['version']}. Delete the file: it will be rebuilt")
    first_day = date.fromisoformat(described["first_day"])
    return tuple(described["stations"]), first_day, int(described["days"]), Zone.parse(described["zone"])


def _statistics(metadata: pq.FileMetaData, wanted: Mapping[str, int]) -> dict[str, int]:
    """Largest ticks of some columns, given where they stand; none for a column without a reading."""
    if metadata.num_row_groups == 0:
        return {}
    group = metadata.row_group(0)
    statistics = {key: group.column(at).statistics for key, at in wanted.items()}
    return {key: int(held.max) for key, held in statistics.items() if held is not None and held.has_min_max}
