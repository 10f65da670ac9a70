"""Sums, maxima and running means of hours, on integer arrays, with the arrays they need kept for the next block.

A window of eight hours is summed in three additions of whole arrays (1 + 1, 2 + 2, 4 + 4), one of twenty-four in five;
no window is ever divided: means of different numbers of hours are compared over a common denominator.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = ["Grid", "Scratch", "common_denominator", "running_maximum", "running_sum"]

Ints = NDArray[Any]
Kind = TypeVar("Kind", bound=np.generic)


class Scratch(threading.local):
    """Arrays of a thread that are used again for every block, so that they stay in the processor's cache."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, np.dtype[Any]], NDArray[Any]] = {}

    def array(self, name: str, size: int, dtype: DTypeLike) -> NDArray[Any]:
        """An array of that size, its content undefined. The same name gives the same memory."""
        key = (name, np.dtype(dtype))
        held = self._held.get(key)
        if held is None or held.size < size:
            held = self._held[key] = np.empty(size, dtype)
        return held[:size]


@dataclass(frozen=True)
class Grid:
    """Rows of hours: whole days, and some hours before and after them where windows reach over midnight.

    Attributes
    ----------
    rows, days : int
    before, after : int
        Hours beside the days.
    """

    rows: int
    days: int
    before: int = 0
    after: int = 0

    @property
    def width(self) -> int:
        """Hours of a row."""
        return self.before + 24 * self.days + self.after

    @property
    def size(self) -> int:
        """Hours of all rows."""
        return self.rows * self.width

    def at(self, flat: NDArray[Kind], hour: int) -> NDArray[Kind]:
        """What a flat array holds at one hour of every day, counted from local midnight: (rows, days)."""
        first = self.before + hour
        picked: NDArray[Kind] = flat.reshape(self.rows, self.width)[:, first : first + 24 * (self.days - 1) + 1 : 24]
        return picked


@lru_cache(maxsize=256)
def common_denominator(fewest: int, most: int) -> tuple[int, NDArray[np.int64]]:
    """A denominator that every number of hours from fewest to most divides, and each number's factor to it.

    >>> common_denominator(6, 8)[0], common_denominator(6, 8)[1].tolist()
    (168, [0, 0, 0, 0, 0, 0, 28, 24, 21])
    """
    counts = range(max(fewest, 1), most + 1)
    common = math.lcm(*counts)
    factors = np.zeros(most + 1, np.int64)
    for count in counts:
        factors[count] = common // count
    factors.flags.writeable = False
    return common, factors


def running_sum(flat: NDArray[Kind], window: int, scratch: Scratch, name: str) -> NDArray[Kind]:
    """Sum of each window: entry i of i … i + window − 1. The last ``window − 1`` entries are undefined."""
    total, covered = flat, 0
    power, size = flat, 1
    left = window
    while True:
        if left & 1:
            total = power if covered == 0 else _shifted(np.add, total, power, covered, scratch, f"{name} +{size}")
            covered += size
        left >>= 1
        if not left:
            return total
        power = _shifted(np.add, power, power, size, scratch, f"{name} {size}")
        size *= 2


def running_maximum(flat: NDArray[Kind], window: int, scratch: Scratch, name: str) -> NDArray[Kind]:
    """Maximum of each window: entry i of i … i + window − 1. The last ``window − 1`` entries are undefined."""
    power, size = flat, 1
    while 2 * size <= window:
        power = _shifted(np.maximum, power, power, size, scratch, f"{name} {size}")
        size *= 2
    if size == window:
        return power
    return _shifted(np.maximum, power, power, window - size, scratch, f"{name} rest")


def _shifted(
    combine: np.ufunc, left: NDArray[Kind], right: NDArray[Kind], by: int, scratch: Scratch, name: str
) -> NDArray[Kind]:
    """Combine each entry with the one so many further on."""
    out = scratch.array(name, left.size, left.dtype)
    reach = max(left.size - by, 0)
    combine(left[:reach], right[by:], out=out[:reach])
    return out
