"""Immutable Parquet files that hold the rows of one or more segments, in canonical order segment by segment."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from commonshed.errors import ShedDamaged
from commonshed.keep.contents import Location, Segment
from commonshed.keep.durable import write_file
from commonshed.keep.extent import month_text
from commonshed.keep.rows import READINGS

__all__ = ["PackGone", "Packs", "compact", "write_rows"]

_ROW_GROUP = 1 << 17
_PREFIX = 16


class PackGone(Exception):
    """A pack was superseded and swept while it was wanted: look again where its rows lie."""


class Packs:
    """The folder ``segments/``. A pack's digest is checked the first time this process reads it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._checked: set[str] = set()

    def write(self, month: int, table: pa.Table) -> Location:
        """Write rows as one pack of a month, durable on return."""
        sink = pa.BufferOutputStream()
        write_rows(sink, [table])
        content = memoryview(sink.getvalue())
        digest = hashlib.sha256(content).hexdigest()
        path = f"{month_text(month)}/{digest[:_PREFIX]}.parquet"
        write_file(self.folder / path, content)
        return Location(path, 0, digest, len(content), -1)

    def read(self, segments: Sequence[tuple[Segment, Location]], columns: Sequence[str] | None = None) -> pa.Table:
        """Rows of segments, in the given order.

        Raises
        ------
        PackGone
            A pack is not there (any more).
        ShedDamaged
            A pack is not what its entry says.
        """
        by_pack: dict[str, list[int]] = defaultdict(list)
        for i, (_, location) in enumerate(segments):
            by_pack[location.path].append(i)
        parts: list[pa.Table | None] = [None] * len(segments)

        def load(indices: list[int]) -> None:
            for i, part in zip(indices, self._read_pack([segments[i] for i in indices], columns), strict=True):
                parts[i] = part

        with ThreadPoolExecutor(max(1, min(os.cpu_count() or 1, len(by_pack)))) as pool:
            list(pool.map(load, by_pack.values()))
        schema = READINGS if columns is None else pa.schema([READINGS.field(name) for name in columns])
        # Parquet hands columns back in the order of the file
        ordered = [part.select(schema.names) for part in parts if part is not None]
        table = pa.concat_tables([schema.empty_table(), *ordered])
        return table.unify_dictionaries().combine_chunks()

    def pieces(self, segment: Segment, location: Location) -> Iterator[pa.Table]:
        """Rows of a segment, some at a time, so that one of any size passes through bounded memory.

        Raises
        ------
        PackGone, ShedDamaged
        """
        self.ensure(location)
        low, high = location.offset, location.offset + segment.extent.rows
        try:
            with pq.ParquetFile(self.folder / location.path, memory_map=True) as file:
                first = 0
                for group in range(file.metadata.num_row_groups):
                    rows = file.metadata.row_group(group).num_rows
                    if first < high and first + rows > low:
                        table = file.read_row_group(group, use_threads=False).select(READINGS.names)
                        yield table.slice(max(low - first, 0), min(high, first + rows) - max(low, first))
                    first += rows
        except FileNotFoundError:
            raise PackGone(location.path) from None
        except (pa.ArrowException, OSError) as error:
            raise ShedDamaged(f"{self.folder / location.path}: cannot be read as Parquet ({error})") from error

    def ensure(self, location: Location) -> None:
        """Compare a pack with its entry, unless this process has done so.

        Raises
        ------
        PackGone, ShedDamaged
        """
        if location.path not in self._checked:
            self.check(location)

    def check(self, location: Location) -> None:
        """Compare a pack with its entry.

        Raises
        ------
        PackGone, ShedDamaged
        """
        digest = hashlib.sha256()
        path = self.folder / location.path
        try:
            with path.open("rb") as file:
                while piece := file.read(1 << 20):
                    digest.update(piece)
        except FileNotFoundError:
            raise PackGone(str(path)) from None
        if digest.hexdigest() != location.digest:
            raise ShedDamaged(
                f"{path}: not what entry {location.position} of the log says (its SHA-256 is "
                f"{digest.hexdigest()[:_PREFIX]}…, entered was {location.digest[:_PREFIX]}…). "
                "Put back a copy of this file from a backup or another node; nothing else is touched"
            )
        self._checked.add(location.path)

    def sweep(self, entered: Iterable[str]) -> list[str]:
        """Remove packs that no entry names, and scratch files. Only for the holder of the sealer's lock."""
        named = set(entered)
        packs = [path.relative_to(self.folder).as_posix() for path in self.folder.glob("*/*.parquet")]
        scratch = [path.relative_to(self.folder).as_posix() for path in self.folder.glob("*/.*.tmp")]
        found = [path for path in packs if path not in named] + scratch
        self.remove(found)
        return found

    def remove(self, paths: Iterable[str]) -> None:
        """Remove some packs. Only for the holder of the sealer's lock."""
        for path in paths:
            (self.folder / path).unlink(missing_ok=True)

    def _read_pack(self, segments: list[tuple[Segment, Location]], columns: Sequence[str] | None) -> list[pa.Table]:
        location = segments[0][1]
        self.ensure(location)
        try:
            with pq.ParquetFile(self.folder / location.path, memory_map=True) as file:
                return list(_slices(file, segments, columns))
        except FileNotFoundError:
            raise PackGone(location.path) from None
        except (pa.ArrowException, OSError) as error:
            raise ShedDamaged(f"{self.folder / location.path}: cannot be read as Parquet ({error})") from error


def write_rows(sink: Path | pa.NativeFile, groups: Iterable[pa.Table]) -> None:
    """Write readings as Parquet, in the form of packs; each table begins a row group of its own."""
    with pq.ParquetWriter(
        sink, READINGS, compression="zstd", compression_level=1, use_dictionary=True, write_statistics=["start"]
    ) as writer:
        for table in groups:
            writer.write_table(table, row_group_size=_ROW_GROUP)


def compact(table: pa.Table) -> pa.Table:
    """The same rows, with no name in a dictionary that no row has, and names in their order.

    Parquet keeps whole dictionaries: a name that only other rows had would go out with these.
    """
    columns = [
        _compact(table[field.name].combine_chunks()) if pa.types.is_dictionary(field.type) else table[field.name]
        for field in table.schema
    ]
    return pa.Table.from_arrays(columns, schema=table.schema)


def _compact(column: pa.DictionaryArray | pa.ChunkedArray) -> pa.DictionaryArray:
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    numbers = array.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    names = array.dictionary.to_pylist()
    used = np.flatnonzero(np.bincount(numbers + 1, minlength=len(names) + 1)[1:]).tolist()
    ordered = sorted(used, key=lambda number: str(names[number]))
    if ordered == list(range(len(names))):
        return array
    renumbered = np.full(len(names) + 1, -1, np.int32)
    renumbered[ordered] = np.arange(len(ordered), dtype=np.int32)
    fresh = renumbered[numbers]
    indices = pa.array(fresh, mask=fresh < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array([names[number] for number in ordered], pa.string()))


def _slices(
    file: pq.ParquetFile, segments: list[tuple[Segment, Location]], columns: Sequence[str] | None
) -> Iterable[pa.Table]:
    sizes = [file.metadata.row_group(i).num_rows for i in range(file.metadata.num_row_groups)]
    bounds = np.concatenate([[0], np.cumsum(sizes)])
    spans = [(place.offset, place.offset + segment.extent.rows) for segment, place in segments]
    groups = [i for i in range(len(sizes)) if any(low < bounds[i + 1] and high > bounds[i] for low, high in spans)]
    table = file.read_row_groups(groups, columns=columns, use_threads=False)
    skipped = np.concatenate([[0], np.cumsum([sizes[i] for i in groups])])
    for low, high in spans:
        first = int(np.searchsorted(bounds, low, side="right")) - 1
        yield table.slice(int(skipped[groups.index(first)]) + low - int(bounds[first]), high - low)
