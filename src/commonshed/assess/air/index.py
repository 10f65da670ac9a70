"""From rounded values to sub-indices, index, class and primary quantities, on whole arrays at once.

The law's own words stand in `commonshed.standards.lookup`, one concentration at a time in fractions. Here they are
compiled into a table of integers with an entry for every concentration that can be published, so that grading is a
look-up and the result cannot differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from commonshed.exact import divide
from commonshed.standards import category, sub_index
from commonshed.standards.schema import Index, IndexTable, IndexUse, Statistic

__all__ = ["NONE", "CompiledIndex", "IndexGrades", "SubIndexTable", "compile_index", "primary_quantities"]

NONE = -1
"""Stands where there is no value, no sub-index or no index."""

_INT16_MAX = 2**15 - 1

Counts = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class SubIndexTable:
    """The sub-index of every published value of one statistic.

    Attributes
    ----------
    entries : int16 array
        Entry ``value + 1``: the first is for a missing value, the last for every value above the bands.
    slope : tuple of int or None
        Where the last band goes on upward: (index gained, per so many counts, from this count, at this index).
    rounding
        Of the extrapolated index.
    """

    entries: NDArray[np.int16]
    slope: tuple[Fraction, int, int] | None
    index: Index

    def __call__(self, values: Counts, out: NDArray[np.int16]) -> None:
        """Sub-indices of an array of values; NONE where there is none."""
        self.entries.take(values + 1, mode="clip", out=out)
        if self.slope is not None:
            above = values > self.entries.size - 3
            if above.any():
                out[above] = self._extrapolated(values[above])

    def _extrapolated(self, values: Counts) -> NDArray[np.int16]:
        assert self.slope is not None
        per_count, first, index_first = self.slope
        gained = per_count.numerator * (values.astype(np.int64) - first) + index_first * per_count.denominator
        exact = divide(gained, np.full_like(gained, per_count.denominator), self.index.rounding)
        return np.minimum(exact, _INT16_MAX).astype(np.int16)


@dataclass(frozen=True, eq=False)
class IndexGrades:
    """Sub-indices, index, class and primary quantities; see `commonshed.assess.air.days.DayGrades`.

    Attributes
    ----------
    sub_indices : int16, (k, n, days)
        In the order of the index.
    aqi, level, primary : (n, days)
    """

    sub_indices: NDArray[np.int16]
    aqi: NDArray[np.int16]
    level: NDArray[np.uint8]
    primary: NDArray[np.uint16]


@dataclass(frozen=True, eq=False)
class CompiledIndex:
    """An index as tables of integers, for the statistics of a day or of an hour.

    Attributes
    ----------
    index : Index
    keys : tuple of str, k
        Statistics the index uses, in its order.
    rows : tuple of int, k
        Where those stand among the statistics of the regime.
    tables : tuple of SubIndexTable, k
    levels : uint8 array
        Class by index: entry ``aqi + 1``.
    """

    index: Index
    keys: tuple[str, ...]
    rows: tuple[int, ...]
    tables: tuple[SubIndexTable, ...]
    levels: NDArray[np.uint8]

    def __call__(self, values: Counts) -> IndexGrades:
        """Grade an array of published values, (statistics, n, days)."""
        sub_indices = np.empty((len(self.rows), *values.shape[1:]), np.int16)
        for table, row, out in zip(self.tables, self.rows, sub_indices, strict=True):
            table(values[row], out)
        largest = np.maximum.reduce(sub_indices, axis=0)
        aqi = self._published(largest, values)
        level = self.levels.take(aqi + np.int16(1), mode="clip")
        return IndexGrades(sub_indices, aqi, level, self._primary(sub_indices, largest, aqi))

    def _published(self, largest: NDArray[np.int16], values: Counts) -> NDArray[np.int16]:
        aqi = largest.copy()
        if self.index.missing != "from-the-rest":
            missing = (values[list(self.rows)] == NONE).any(axis=0)
            if self.index.missing == "from-the-rest-above-100":
                missing &= aqi <= 100
            aqi[missing] = NONE
        if self.index.minimum > 0:
            np.maximum(aqi, np.int16(self.index.minimum), out=aqi, where=aqi != NONE)
        if self.index.maximum is not None:
            np.minimum(aqi, np.int16(self.index.maximum), out=aqi)
        return aqi

    def _primary(
        self, sub_indices: NDArray[np.int16], largest: NDArray[np.int16], aqi: NDArray[np.int16]
    ) -> NDArray[np.uint16]:
        named = np.where(aqi > self.index.primary_above, largest, np.int16(NONE - 1))
        bits = np.array([1 << i for i in range(len(self.rows))], np.uint16).reshape(-1, 1, 1)
        primary: NDArray[np.uint16] = np.bitwise_or.reduce((sub_indices == named).view(np.uint8) * bits, axis=0)
        return primary


def compile_index(index: Index, uses: Sequence[IndexUse], statistics: Sequence[Statistic]) -> CompiledIndex:
    """Compile the daily or the real-time uses of an index.

    Raises
    ------
    KeyError
        The index uses a statistic or table that the regime does not have.
    """
    position = {statistic.key: i for i, statistic in enumerate(statistics)}
    rows = tuple(position[use.statistic] for use in uses)
    tables = tuple(
        _table(index.table(use.table), statistics[row].decimals, index) for use, row in zip(uses, rows, strict=True)
    )
    top = index.categories[-1].index[1]
    levels = [0, *(category(index, aqi).level for aqi in range(top + 1))]
    return CompiledIndex(index, tuple(use.statistic for use in uses), rows, tables, np.array(levels, np.uint8))


@lru_cache(maxsize=256)
def _table(table: IndexTable, decimals: int, index: Index) -> SubIndexTable:
    last = table.bands[-1]
    (low, high), (index_low, index_high) = last.concentration, last.index
    counts = range(int(high * 10**decimals // 1) + 2)
    found = [sub_index(table, Fraction(count, 10**decimals), index) for count in counts]
    entries = [NONE, *(NONE if each is None else each for each in found)]
    slope = None
    if table.above == "extrapolate":
        first = low * 10**decimals
        per_count = Fraction(index_high - index_low) / ((high - low) * 10**decimals)
        if first.denominator != 1:
            raise ValueError(f"{table.key}: the last band begins between two published values")
        slope = (per_count, int(first), index_low)
    return SubIndexTable(np.array(entries, np.int16), slope, index)


def primary_quantities(bits: int, uses: Sequence[IndexUse], statistics: Sequence[Statistic]) -> list[str]:
    """Quantities named by a cell of ``primary``, each once, in the order of the index."""
    of = {statistic.key: statistic.quantity for statistic in statistics}
    return list(dict.fromkeys(of[use.statistic] for i, use in enumerate(uses) if bits >> i & 1))
