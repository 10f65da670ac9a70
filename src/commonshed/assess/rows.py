"""Which rows of a table of readings count: those of some names, and of the same reading the one recorded last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["COUNTED", "is_one_of", "latest"]

COUNTED = ("valid", "suspect")
"""Flags of readings that count."""


def is_one_of(column: tuple[NDArray[np.int32], list[str]], wanted: Sequence[str]) -> NDArray[np.bool_]:
    """Which rows of a column of names, as `commonshed.keep.rows.codes` gives it, hold one of some names."""
    numbers, names = column
    return np.isin(numbers, [number for number, name in enumerate(names) if name in wanted])


def latest(
    rows: NDArray[np.int64], keys: Sequence[NDArray[np.integer[Any]]], recorded: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Of some rows with equal keys the one recorded last, or that stands last; in the order of the table.

    Parameters
    ----------
    rows : int array
        Numbers of the rows to choose from.
    keys : sequence of int arrays
        Columns of the whole table.
    recorded : int array
        Of the whole table. [UTC s]
    """
    own = [key[rows] for key in keys]
    order = np.lexsort((rows, recorded[rows], *own))
    last = np.ones(order.size, bool)
    if order.size:
        last[:-1] = np.any([key[order][1:] != key[order][:-1] for key in own], axis=0)
    return np.sort(rows[order[last]])
