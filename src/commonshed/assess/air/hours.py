"""What an hour was like: the real-time index, as it is reported while the day still runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from commonshed.assess.air.days import NONE, Neighbours, rows_of, stations_of
from commonshed.assess.air.index import IndexGrades, primary_quantities
from commonshed.assess.air.kernel import Hours, rounded, with_neighbours
from commonshed.assess.air.nowcast import nowcast
from commonshed.assess.air.plan import GasFactor, Plan, Term, plan, terms_of_days
from commonshed.assess.air.windows import Scratch, running_sum
from commonshed.compute import Executor, Local
from commonshed.errors import InputError
from commonshed.keep.block import Block, BlockRef
from commonshed.standards import Regime
from commonshed.standards.schema import Statistic

__all__ = ["HourGrades", "grade_hours"]

_SCRATCH = Scratch()

Ints = NDArray[Any]


@dataclass(frozen=True, eq=False)
class HourGrades:
    """Hourly values and grades of stations. Arrays are (n stations, hours); ``NONE`` means "not assessed".

    Attributes
    ----------
    stations : tuple of str, n
    first_day : date
        The first hour is the one that begins with this natural day.
    hours : int
    regime : Regime
    statistics : tuple of Statistic
        The hourly statistics of the regime.
    values : dict of str to int32
        By key of the statistic: the published value, a count of its last decimal.
    sub_indices : dict of str to int16
        By key, for those of the real-time index.
    aqi : int16
    level : uint8
        Class, from 1; 0 without an index.
    primary : uint16
        Bit ``i`` set: the i-th statistic of ``regime.index.realtime`` is primary.
    """

    stations: tuple[str, ...]
    first_day: date
    hours: int
    regime: Regime
    statistics: tuple[Statistic, ...]
    values: Mapping[str, NDArray[np.int32]]
    sub_indices: Mapping[str, NDArray[np.int16]]
    aqi: NDArray[np.int16]
    level: NDArray[np.uint8]
    primary: NDArray[np.uint16]

    def primary_quantities(self, bits: int) -> list[str]:
        """Quantities named by a cell of ``primary``, each once, in the order of the index."""
        uses = self.regime.index.realtime if self.regime.index else ()
        return primary_quantities(bits, uses, self.statistics)


def grade_hours(
    blocks: Sequence[BlockRef],
    regime: Regime,
    *,
    executor: Executor | None = None,
    gas_factor: GasFactor | None = None,
) -> HourGrades:
    """Grade every hour of every station of some blocks.

    Parameters
    ----------
    blocks : sequence of BlockRef
        In any order. Running means reach into the block before, where it is among them.
    regime : Regime
    executor : Executor, optional
    gas_factor : callable of a day, optional
        What gases are multiplied by, to stand at another reference state than they were measured at.

    Raises
    ------
    InputError
        There are no blocks.
    LawError
        The regime does not say how an hour is graded.

    References
    ----------
    HJ 633-2012 and HJ 633-2026, table 1: real-time reports. EPA-454/B-24-002: NowCast.
    """
    if not blocks:
        raise InputError("there are no readings to grade", mend="Check the period, the stations and the quantities")
    compiled = plan(regime, "hour")
    grade = partial(_grade, compiled, Neighbours(blocks), gas_factor)
    made = (executor or Local()).map(grade, list(blocks), label="grading hours")
    first = min(ref.first_day for ref in blocks)
    hours = ((max(ref.last_day for ref in blocks) - first).days + 1) * 24
    stations = stations_of(blocks)
    values = np.full((len(compiled.statistics), len(stations), hours), NONE, np.int32)
    whole = _empty(compiled, len(stations), hours)
    for ref, (of_block, index) in zip(blocks, made, strict=True):
        start = (ref.first_day - first).days * 24
        at = rows_of(stations, ref.stations), slice(start, start + ref.days * 24)
        values[:, *at] = of_block
        if index is not None:
            whole.sub_indices[:, *at] = index.sub_indices
            whole.aqi[at], whole.level[at], whole.primary[at] = index.aqi, index.level, index.primary
    return HourGrades(
        stations=stations,
        first_day=first,
        hours=hours,
        regime=regime,
        statistics=compiled.statistics,
        values={statistic.key: values[i] for i, statistic in enumerate(compiled.statistics)},
        sub_indices=dict(zip(compiled.index.keys, whole.sub_indices, strict=True)) if compiled.index else {},
        aqi=whole.aqi,
        level=whole.level,
        primary=whole.primary,
    )


def _empty(compiled: Plan, n: int, hours: int) -> IndexGrades:
    k = len(compiled.index.keys) if compiled.index else 0
    return IndexGrades(
        sub_indices=np.full((k, n, hours), NONE, np.int16),
        aqi=np.full((n, hours), NONE, np.int16),
        level=np.zeros((n, hours), np.uint8),
        primary=np.zeros((n, hours), np.uint16),
    )


def _grade(
    compiled: Plan, neighbours: Neighbours, gas_factor: GasFactor | None, ref: BlockRef
) -> tuple[NDArray[np.int32], IndexGrades | None]:
    before, _ = neighbours.of(ref, compiled)
    previous = before.load(compiled.reaching) if before else None
    block = ref.load(compiled.quantities)
    terms = terms_of_days(compiled, ref.first_day, ref.days, gas_factor)
    values = np.full((len(compiled.statistics), len(ref.stations), ref.days * 24), NONE, np.int32)
    for i, statistic in enumerate(compiled.statistics):
        if statistic.quantity in block.ticks:
            for days, of in terms:
                part = slice(days.start * 24, days.stop * 24)
                values[i, :, part] = _values(block, previous, statistic, of[i])[:, part]
    return values, compiled.index(values) if compiled.index else None


def _values(block: Block, previous: Block | None, statistic: Statistic, term: Term) -> NDArray[np.int32]:
    window = statistic.window_hours
    hours = with_neighbours(Hours.of(block, statistic.quantity), statistic.quantity, window - 1, 0, block, previous)
    rows = hours.grid.rows
    if statistic.kind == "nowcast":
        return nowcast(hours.ticks.reshape(rows, -1), hours.present.reshape(rows, -1), statistic, term.factor)
    length = 24 * block.days
    # the window that ends with an hour begins as many hours before it in the row
    sums = running_sum(hours.wide_ticks(window), window, _SCRATCH, "sums").reshape(rows, -1)[:, :length]
    counts = running_sum(hours.present, window, _SCRATCH, "counts").reshape(rows, -1)[:, :length]
    values = rounded(sums, counts, term.factor, statistic.rounding, window)
    return np.where(counts >= statistic.min_hours, values, np.int32(NONE))
