"""Did a place keep the limits of a year? Per quantity and overall: yes, no, or not assessed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from commonshed.assess.air.days import NONE
from commonshed.exact import divide
from commonshed.periods import Period
from commonshed.standards.schema import Statistic, Test
from commonshed.units import quantity, ticks_per

if TYPE_CHECKING:
    from commonshed.standards import Regime

__all__ = ["NO", "OVERALL", "UNKNOWN", "YES", "attainment", "limit_count", "limit_value"]

NO, UNKNOWN, YES = 0, 1, 2
"""Verdicts, the worst first: of several conditions the least verdict holds."""
OVERALL = "overall"
_YEARS = ("year", "rolling-year")
_SEASON_MONTHS = 6

Ints = NDArray[np.int64]
Verdicts = NDArray[np.int8]


def limit_value(regime: Regime, statistic: Statistic, of: str, day: date) -> Fraction | None:
    """A limit that holds on a day, in the unit of a statistic; None if the regime's level has none."""
    limit = regime.limit(statistic.quantity, of, day)
    if limit is None or regime.level is None:
        return None
    value = limit.levels[regime.level]
    if limit.unit == statistic.unit:
        return value
    measured = quantity(statistic.quantity)
    state = regime.reference_state("gas", day) if measured.kind == "gas" else None
    return value * ticks_per(measured, limit.unit, state) / ticks_per(measured, statistic.unit, state)


def limit_count(value: Fraction, decimals: int) -> int:
    """The largest count of a decimal place that is still within a limit."""
    return int(value * 10**decimals // 1)


def attainment(
    regime: Regime,
    daily: Mapping[str, NDArray[np.int32]],
    values: Mapping[str, Ints],
    complete: Mapping[str, NDArray[np.bool_]],
    *,
    period: Period,
    hour_counts: Mapping[str, Ints] | None = None,
) -> dict[str, Verdicts]:
    """Verdict on each quantity a regime tests, and on all together.

    Parameters
    ----------
    regime : Regime
        In the phase of the period.
    daily : dict of str to int array, n places × days
        Daily values of the period by statistic.
    values : dict of str to int array, n
        Means and percentiles by key.
    complete : dict of str to bool array, n
        By statistic.
    period : Period
        Limits speak of twelve months: for any other period nothing is tested.
    hour_counts : dict of str to int array, n
        By hourly statistic: hours above its limit; NONE where hours are not at hand.

    Returns
    -------
    dict of str to int8 array
        NO, UNKNOWN (not assessed) or YES. ``overall`` is the least of all.

    Notes
    -----
    A quantity attains when each of its tests does. Days (or hours) above a limit that outnumber those allowed stay so
    whatever was missing: such a count fails even when the period is incomplete. That rule is ours.
    """
    if regime.assessment is None or period.unit not in _YEARS:
        return {}
    statistics = {(s.time, s.key): s for s in (*regime.statistics("day"), *regime.statistics("hour"))}
    verdicts: dict[str, Verdicts] = {}
    for test in regime.assessment.tests:
        statistic = statistics.get((test.time, test.statistic))
        limit = None if statistic is None else limit_value(regime, statistic, test.limit, period.last)
        if statistic is None or limit is None:
            continue
        if test.time == "hour":
            verdict = _hourly_verdict(test, daily, complete, (hour_counts or {}).get(test.statistic))
        else:
            verdict = _daily_verdict(test, statistic, limit, daily, values, complete, period)
        verdicts[test.quantity] = np.minimum(verdicts.get(test.quantity, verdict), verdict)
    if verdicts:
        verdicts[OVERALL] = np.minimum.reduce(list(verdicts.values()))
    return verdicts


def _daily_verdict(
    test: Test,
    statistic: Statistic,
    limit: Fraction,
    daily: Mapping[str, NDArray[np.int32]],
    values: Mapping[str, Ints],
    complete: Mapping[str, NDArray[np.bool_]],
    period: Period,
) -> Verdicts:
    enough = complete[statistic.key]
    if test.kind == "count":
        above = (daily[statistic.key] > limit_count(limit, statistic.decimals)).sum(axis=1)
        return _of(above <= (test.allowed or 0), enough, fails_anyway=True)
    if test.kind == "season":
        figure = season_mean(daily[statistic.key], statistic, test.decimals, period)
    else:
        figure = values[statistic.key if test.kind == "mean" else f"{statistic.key}_p{test.p}"]
    return _of(figure <= limit_count(limit, test.decimals), enough & (figure != NONE))


def _hourly_verdict(
    test: Test,
    daily: Mapping[str, NDArray[np.int32]],
    complete: Mapping[str, NDArray[np.bool_]],
    hours_above: Ints | None,
) -> Verdicts:
    """Hours above a limit; whether enough hours are there is read off the days of the same quantity."""
    places = next(iter(daily.values())).shape[0]
    if hours_above is None:
        return np.full(places, UNKNOWN, np.int8)
    enough = complete.get(test.quantity, np.zeros(places, bool)) & (hours_above != NONE)
    return _of(hours_above <= (test.allowed or 0), enough, fails_anyway=True)


def _of(attained: NDArray[np.bool_], enough: NDArray[np.bool_], *, fails_anyway: bool = False) -> Verdicts:
    verdict = np.where(enough, np.where(attained, YES, NO), UNKNOWN)
    return np.where(~attained & fails_anyway, NO, verdict).astype(np.int8)


def season_mean(values: NDArray[np.int32], statistic: Statistic, decimals: int, period: Period) -> Ints:
    """Highest mean over six consecutive months of a period, rounded; NONE where no such season has a value.

    References
    ----------
    WHO (2021): the peak season is the six consecutive months with the highest running mean. Seasons are taken within
    the period, not across its ends.
    """
    best = np.full(values.shape[0], NONE, np.int64)
    months = [Period.month(*month) for month in period.months()]
    for first, last in zip(months, months[_SEASON_MONTHS - 1 :], strict=False):
        start, stop = (first.first - period.first).days, (last.last - period.first).days + 1
        best = np.maximum(best, mean(values[:, start:stop], statistic.decimals, decimals))
    return best


def mean(values: NDArray[np.int32], value_decimals: int, decimals: int) -> Ints:
    """Mean of the daily values of each place, rounded once; NONE without any.

    Notes
    -----
    A missing day is −1, so that the sum of all cells is the sum of the values less the number of missing days.
    """
    missing = (values < 0).sum(axis=1)
    count = values.shape[1] - missing
    total = values.sum(axis=1, dtype=np.int64) + missing
    scaled, denominator = scaled_quotient(total, np.maximum(count, 1), value_decimals, decimals)
    return np.where(count > 0, divide(scaled, denominator), NONE)


def scaled_quotient(numerator: Ints, denominator: Ints, value_decimals: int, decimals: int) -> tuple[Ints, Ints]:
    """A quotient of counts of one decimal place as a quotient that gives counts of another."""
    if decimals >= value_decimals:
        return numerator * 10 ** (decimals - value_decimals), denominator
    return numerator, denominator * 10 ** (value_decimals - decimals)
