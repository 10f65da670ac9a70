"""Day grades kept from one assessment to the next, block by block.

A file of grades is an Arrow IPC file, one row per station and day, that says what it was made from: block versions, law
and method. Index, class and primary quantities stand in it for whoever opens it; read back, they are looked up anew.
Whatever does not match, or cannot be read, is made anew; so the folder may be deleted, copied, or hold the files of
somebody else.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from commonshed.assess.air.kernel import BlockGrades, Exact
from commonshed.assess.air.plan import METHOD, Plan, Term
from commonshed.keep.block import BlockRef

__all__ = ["grades_digest", "keep_grades", "kept_grades"]

_METADATA = b"commonshed.day-grades"
_CHECKSUM = b"commonshed.crc32"
_INT16 = 2**15 - 1


def grades_digest(
    plan: Plan,
    terms: Sequence[tuple[slice, tuple[Term, ...]]],
    ref: BlockRef,
    beside: Sequence[BlockRef | None],
) -> tuple[str, str] | None:
    """What the grades of a block depend on, as two SHA-256: the law alone, and law and blocks together.

    The first names the file, so that a block's new version takes the place of the old one. None when a block has no
    version.
    """
    blocks = [ref, *(other for other in beside if other is not None)]
    if any(block.version is None for block in blocks):
        return None
    of_days = [[days.start, days.stop, [[str(term.factor), term.limit] for term in of]] for days, of in terms]
    law = _digest(METHOD, plan.regime.digest, of_days)
    return law, _digest(law, [[block.key, block.version, block.stations] for block in blocks])


def keep_grades(path: Path, digest: str, grades: BlockGrades, plan: Plan) -> None:
    """Keep the grades of a block: a reader sees all of the file or none."""
    columns: dict[str, NDArray[Any]] = {}
    for i, statistic in enumerate(plan.statistics):
        columns[f"{statistic.key}.value"] = _narrow(grades.values[i])
        columns[f"{statistic.key}.sum"] = grades.exact.sums[i]
        columns[f"{statistic.key}.hours"] = grades.exact.hours[i]
    if grades.index is not None:
        columns.update(aqi=grades.index.aqi, level=grades.index.level, primary=grades.index.primary)
    batch = pa.record_batch({name: _arrow(array) for name, array in columns.items()})
    batch = batch.replace_schema_metadata({_METADATA: digest.encode(), _CHECKSUM: _checksum(batch)})
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        # one write of the whole file: Arrow's own many small ones cost more than the copy
        sink = pa.BufferOutputStream()
        with pa.ipc.new_file(sink, batch.schema) as writer:
            writer.write_batch(batch)
        scratch.write_bytes(sink.getvalue())
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def kept_grades(path: Path, digest: str, plan: Plan, ref: BlockRef) -> BlockGrades | None:
    """Grades kept before; None when there are none, or not these, or the file cannot be read."""
    try:
        with pa.memory_map(str(path)) as source:
            reader = pa.ipc.open_file(source)
            if (reader.schema.metadata or {}).get(_METADATA) != digest.encode() or reader.num_record_batches != 1:
                return None
            batch = reader.get_batch(0)
            if (reader.schema.metadata or {}).get(_CHECKSUM) != _checksum(batch):
                return None  # a bit has changed since it was written: no figure is made of it
        return _grades(batch, plan, (len(ref.stations), ref.days))
    except (OSError, pa.ArrowException, KeyError, ValueError, TypeError):
        return None


def _checksum(batch: pa.RecordBatch) -> bytes:
    """CRC-32 of all figures, column by column."""
    crc = 0
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        crc = zlib.crc32(column.to_numpy(), zlib.crc32(name.encode(), crc))
    return f"{crc:08x}".encode()


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def _narrow(values: NDArray[np.int32]) -> NDArray[np.signedinteger[Any]]:
    return values.astype(np.int16) if int(values.max(initial=0)) <= _INT16 else values


def _arrow(array: NDArray[Any]) -> pa.Array:
    # not pa.array(), whose first call imports pandas where that is installed
    return pa.Array.from_buffers(pa.from_numpy_dtype(array.dtype), array.size, [None, pa.py_buffer(array)])


def _grades(batch: pa.RecordBatch, plan: Plan, shape: tuple[int, int]) -> BlockGrades | None:
    def column(name: str, *kinds: Any) -> NDArray[Any]:
        array: NDArray[Any] = batch.column(name).to_numpy().reshape(shape)
        if array.dtype not in kinds:
            raise TypeError(f"{name} is {array.dtype}")
        return array

    def stack(name: str, *kinds: Any) -> NDArray[Any]:
        return np.stack([column(f"{statistic.key}.{name}", *kinds) for statistic in plan.statistics])

    exact = Exact(stack("sum", np.int32, np.int64), stack("hours", np.uint8))
    values = stack("value", np.int16, np.int32).astype(np.int32, copy=False)
    return BlockGrades(values, exact, plan.index(values) if plan.index else None)
