"""Small blocks from plain lists, for tests of grading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from commonshed.keep.block import Block, BlockRef, block_key
from commonshed.periods import Zone

BEIJING = Zone(480)
Series = Mapping[str, Sequence[int | None]]


def block_of(stations: Mapping[str, Series], first_day: date, days: int, zone: Zone = BEIJING) -> Block:
    """A block of hourly ticks; None is an hour without a reading, under which the array holds nonsense."""
    quantities = list(dict.fromkeys(q for series in stations.values() for q in series))
    ticks: dict[str, NDArray[Any]] = {}
    valid: dict[str, NDArray[np.uint8]] = {}
    for q in quantities:
        rows = [list(series.get(q, [None] * (24 * days))) for series in stations.values()]
        wide = any(value is not None and value > 2**31 - 1 for row in rows for value in row)
        nonsense = 777_777
        laid = [[nonsense if value is None else value for value in row] for row in rows]
        ticks[q] = np.array(laid, np.int64 if wide else np.int32).reshape(len(rows), -1)
        present = np.array([[value is not None for value in row] for row in rows]).reshape(len(rows), -1)
        valid[q] = np.packbits(present, axis=1, bitorder="little")
    return Block(tuple(stations), first_day, days, zone, ticks, valid)


def ref_of(block: Block, slab: int = 0, version: str | None = None) -> BlockRef:
    return BlockRef.of_block(block, block_key("air", block.first_day, slab), version)
