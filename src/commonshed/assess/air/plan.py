"""A regime compiled into integers: what the kernel has to do for every day of every station.

Law stays data. Nothing here knows a country, a limit or a window; it turns what a regime's statistics and index say
into windows, factors, denominators and look-up tables.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from commonshed.assess.air.index import CompiledIndex, compile_index
from commonshed.assess.air.windows import common_denominator
from commonshed.errors import LawError
from commonshed.periods import Period
from commonshed.standards import Regime
from commonshed.standards.schema import Statistic
from commonshed.units import ReferenceState, quantity, ticks_per

__all__ = ["METHOD", "GasFactor", "Plan", "Term", "plan", "reach", "terms_of_days"]

METHOD = "air-days/1"
"""Version of the kernel. Raise it when a figure changes: grades kept under another version are made anew."""

GasFactor = Callable[[date], Fraction]
"""What gases are multiplied by on a day, to stand at another reference state than they were measured at."""

_DAILY = ("mean", "maximum", "running-maximum")
_HOURLY = ("hour", "running", "nowcast")


@dataclass(frozen=True)
class Term:
    """How one statistic's ticks become its legal value on a stretch of days.

    Attributes
    ----------
    factor : Fraction
        Counts of the legal value's last decimal in one tick.
    of_sum : Fraction
        Such counts in one unit of the kernel's sums: of a running maximum those are over a common denominator.
    limit : int or None
        With a smaller number of windows the value counts when it is above this count.
    """

    factor: Fraction
    of_sum: Fraction
    limit: int | None = None


@dataclass(frozen=True, eq=False)
class Plan:
    """What to compute, in integers.

    Attributes
    ----------
    regime : Regime
    time : {"day", "hour"}
    statistics : tuple of Statistic
    fewest : uint8 array, (statistics, 1, 1)
        Hours of a day, or windows, that are needed.
    index : CompiledIndex or None
    before, after : int
        Whole days beside a block that its windows reach into.
    """

    regime: Regime
    time: Literal["day", "hour"]
    statistics: tuple[Statistic, ...]
    fewest: NDArray[np.uint8]
    index: CompiledIndex | None
    before: int
    after: int

    @property
    def quantities(self) -> tuple[str, ...]:
        """What is read."""
        return tuple(dict.fromkeys(statistic.quantity for statistic in self.statistics))

    @property
    def reaching(self) -> tuple[str, ...]:
        """What is read of the neighbouring days too."""
        return tuple(dict.fromkeys(s.quantity for s in self.statistics if any(reach(s))))

    def reached(self, period: Period) -> Period:
        """A period with the days beside it that its windows reach into."""
        return Period(period.first - timedelta(days=self.before), period.last + timedelta(days=self.after))

    def terms(self, day: date, gas_factor: Fraction) -> tuple[Term, ...]:
        """The terms of a day, by statistic."""
        return tuple(_term(self.regime, statistic, day, gas_factor) for statistic in self.statistics)


@lru_cache(maxsize=64)
def plan(regime: Regime, time: Literal["day", "hour"] = "day") -> Plan:
    """Compile a regime for days or for hours.

    Raises
    ------
    LawError
        The regime has no such statistics, or the index uses one it does not have.
    """
    statistics = tuple(regime.statistics(time))
    if not statistics:
        raise LawError(f"{regime.id} does not say how a {time} is graded")
    for statistic in statistics:
        _check(regime, statistic, _DAILY if time == "day" else _HOURLY)
    index = regime.index
    uses = () if index is None else index.daily if time == "day" else index.realtime
    try:
        compiled = compile_index(index, uses, statistics) if index is not None and uses else None
    except (KeyError, StopIteration) as error:
        raise LawError(f"{regime.id}: the index uses a statistic or table that is not there ({error})") from None
    hours_before = max(reach(statistic)[0] for statistic in statistics)
    hours_after = max(reach(statistic)[1] for statistic in statistics)
    fewest = np.array([_fewest(statistic) for statistic in statistics], np.uint8).reshape(-1, 1, 1)
    return Plan(regime, time, statistics, fewest, compiled, -(-hours_before // 24), -(-hours_after // 24))


def terms_of_days(
    compiled: Plan, first_day: date, days: int, gas_factor: GasFactor | None = None
) -> list[tuple[slice, tuple[Term, ...]]]:
    """The terms of a run of days: stretches on which they are the same, as slices of the days."""
    if gas_factor is None:
        return _measured_terms(compiled, first_day, days)
    return _stretches(compiled, first_day, days, gas_factor)


@lru_cache(maxsize=1024)
def _measured_terms(compiled: Plan, first_day: date, days: int) -> list[tuple[slice, tuple[Term, ...]]]:
    return _stretches(compiled, first_day, days, lambda _: Fraction(1))


def _stretches(
    compiled: Plan, first_day: date, days: int, gas_factor: GasFactor
) -> list[tuple[slice, tuple[Term, ...]]]:
    stretches: list[tuple[slice, tuple[Term, ...]]] = []
    for i in range(days):
        day = first_day + timedelta(days=i)
        terms = compiled.terms(day, gas_factor(day))
        if stretches and stretches[-1][1] == terms:
            stretches[-1] = (slice(stretches[-1][0].start, i + 1), terms)
        else:
            stretches.append((slice(i, i + 1), terms))
    return stretches


def reach(statistic: Statistic) -> tuple[int, int]:
    """Hours needed before the first and after the last hour of a run of days."""
    if statistic.time == "hour":
        return statistic.window_hours - 1, 0
    if statistic.kind != "running-maximum" or statistic.window_ends is None:
        return 0, 0
    first, last = statistic.window_ends
    return max(0, statistic.window_hours - first), max(0, last - 24)


def _fewest(statistic: Statistic) -> int:
    return (statistic.min_windows or 1) if statistic.kind == "running-maximum" else statistic.min_hours


def _check(regime: Regime, statistic: Statistic, kinds: Sequence[str]) -> None:
    wrong = statistic.kind not in kinds
    if statistic.kind == "running-maximum":
        wrong = wrong or statistic.window_ends is None or not 0 < statistic.min_hours <= statistic.window_hours
    if wrong:
        raise LawError(f"{regime.id}: a {statistic.time} is not made by {statistic.key} ({statistic.kind}) as written")


@lru_cache(maxsize=4096)
def _term(regime: Regime, statistic: Statistic, day: date, gas_factor: Fraction) -> Term:
    measured = quantity(statistic.quantity)
    state = regime.reference_state("gas", day) if measured.kind == "gas" else None
    per_tick = _counts_per_tick(statistic.quantity, statistic.unit, statistic.decimals, state)
    factor = per_tick * gas_factor if measured.kind == "gas" else per_tick
    of_sum = factor
    if statistic.kind == "running-maximum":
        of_sum = factor / common_denominator(statistic.min_hours, statistic.window_hours)[0]
    if statistic.fewer_windows_above is None:
        return Term(factor, of_sum)
    limit = regime.limit(statistic.quantity, statistic.fewer_windows_above, day)
    if limit is None or regime.level is None:
        return Term(factor, of_sum)
    in_ticks = limit.levels[regime.level] * ticks_per(measured, limit.unit, state)
    return Term(factor, of_sum, int(in_ticks * per_tick // 1))


@lru_cache(maxsize=256)
def _counts_per_tick(key: str, unit: str, decimals: int, state: ReferenceState | None) -> Fraction:
    per_tick: Fraction = 10**decimals / ticks_per(quantity(key), unit, state)
    return per_tick
