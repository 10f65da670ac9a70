"""Months, quarters, years and any stretch of days: means, percentiles, attainment, days by class, composite index.

Columns over places, one period after the other; integers throughout. What a period lacks is decided in
`completeness`; the figures here are computed from whatever days there are, and what the law makes of them stands
beside them in ``complete``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from commonshed.assess.air.arranged import whole
from commonshed.assess.air.attainment import attainment, limit_count, limit_value, mean, scaled_quotient
from commonshed.assess.air.completeness import Need, need, sufficient
from commonshed.assess.air.composite import composite_index
from commonshed.assess.air.days import NONE, DayGrades
from commonshed.errors import LawError
from commonshed.exact import divide
from commonshed.periods import Period
from commonshed.standards.schema import Assessment, CompositeTerm, Statistic, Test

if TYPE_CHECKING:
    from commonshed.standards import Regime

__all__ = ["Figure", "PeriodGrades", "assess_period", "assess_periods", "figures_of"]

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Figure:
    """One number a period is described by.

    Attributes
    ----------
    key : str
        Its name in results: ``pm25`` for a mean, ``pm25_p95`` for a percentile.
    statistic : Statistic
        The daily values it is made of.
    p : int or None
        Of a percentile; None for a mean.
    decimals : int
    """

    key: str
    statistic: Statistic
    p: int | None
    decimals: int


@dataclass(frozen=True, eq=False)
class PeriodGrades:
    """One period of n places. Arrays are (n,) unless said.

    Attributes
    ----------
    places : tuple of str, n
    period : Period
    regime : Regime
        In the phase of the period's last day.
    needed : Need
        What the period needs.
    figures : tuple of Figure
    values : dict of str to int64
        By key of the figure: an integer count of ``10**-decimals``, from whatever days there are; NONE without any.
    months : tuple of (year, month)
    valid_days : dict of str to int64
        By statistic: days with a value.
    by_month : dict of str to int64, n × months
    complete : dict of str to bool
        By statistic: whether the days are enough.
    exceedances : dict of str to int64
        By statistic with a daily limit: days above it.
    graded_days, good_days : int64
        Days with an index; those of them that are good.
    by_level : int64, n × (levels + 1)
        Days by class; column 0 holds the days without.
    by_primary : dict of str to int64
        Days on which a quantity was primary.
    attained : dict of str to int8
        By quantity and ``overall``: NO, UNKNOWN (not assessed) or YES.
    composite : int64
        Composite index of what there is, a count of its decimals; NONE where a quantity has no value at all.
    composite_complete : bool
        Whether every quantity in it is complete.
    """

    places: tuple[str, ...]
    period: Period
    regime: Regime
    needed: Need
    figures: tuple[Figure, ...]
    values: Mapping[str, Ints]
    months: tuple[tuple[int, int], ...]
    valid_days: Mapping[str, Ints]
    by_month: Mapping[str, Ints]
    complete: Mapping[str, NDArray[np.bool_]]
    exceedances: Mapping[str, Ints]
    graded_days: Ints
    good_days: Ints
    by_level: Ints
    by_primary: Mapping[str, Ints]
    attained: Mapping[str, NDArray[np.int8]]
    composite: Ints
    composite_complete: NDArray[np.bool_]

    def published(self, key: str) -> Ints:
        """A figure where it is assessed, NONE elsewhere."""
        figure = next(figure for figure in self.figures if figure.key == key)
        return np.where(self.complete[figure.statistic.key], self.values[key], NONE)

    def published_composite(self) -> Ints:
        """The composite index where every quantity in it is assessed, NONE elsewhere."""
        return np.where(self.composite_complete, self.composite, NONE)


def assess_periods(days: DayGrades, periods: Sequence[Period]) -> list[PeriodGrades]:
    """Assess places over several periods from their daily grades.

    Parameters
    ----------
    days : DayGrades, n places
    periods : sequence of Period
        In any order; they may overlap. Days outside ``days`` count as missing.

    Returns
    -------
    list of PeriodGrades, one a period

    References
    ----------
    HJ 663-2013 for `cn-2012`; the clause of every rule stands in the regime's editions.
    """
    return [assess_period(days, period) for period in periods]


def assess_period(days: DayGrades, period: Period, *, hour_counts: Mapping[str, Ints] | None = None) -> PeriodGrades:
    """Assess places over one period: see `assess_periods`; ``hour_counts`` as in `attainment`."""
    regime = days.regime.at(period.last)
    method = _method(regime)
    needed = need(period, method.completeness, regime.clause(method.completeness))
    figures = figures_of(regime)
    daily = {statistic.key: whole(days.values[statistic.key], days, period) for statistic in days.statistics}
    by_month = {key: _count_by_month(values, period) for key, values in daily.items()}
    valid_days = {key: counts.sum(axis=1) for key, counts in by_month.items()}
    complete = {key: sufficient(valid_days[key], by_month[key], period.months(), needed) for key in daily}
    values = _values(figures, daily, valid_days)
    composite, terms = composite_index(regime, values, figures)
    if not values:  # a law that tests nothing has no figures to take the number of places from
        composite = np.full(len(days.places), NONE, np.int64)
    by_level = _by_level(days, period)
    return PeriodGrades(
        places=days.places,
        period=period,
        regime=regime,
        needed=needed,
        figures=figures,
        values=values,
        months=tuple(period.months()),
        valid_days=valid_days,
        by_month=by_month,
        complete=complete,
        exceedances=_exceedances(regime, daily, period),
        graded_days=by_level[:, 1:].sum(axis=1),
        good_days=_good_days(days, period),
        by_level=by_level,
        by_primary=_by_primary(days, period),
        attained=attainment(regime, daily, values, complete, period=period, hour_counts=hour_counts),
        composite=composite,
        composite_complete=_all([complete[key] for key in terms], len(days.places)),
    )


def figures_of(regime: Regime) -> tuple[Figure, ...]:
    """The means and percentiles a regime asks for, each once, in the order of its tests.

    Each of them with the decimals of the first test that names it. A quantity that is tested by its percentile only
    also gets its mean, with the same decimals: a reader wants to know how high carbon monoxide is on the average.
    """
    method = _method(regime)
    statistics = {statistic.key: statistic for statistic in regime.statistics("day")}
    wanted: dict[str, Figure] = {}
    for part in _parts(method):
        statistic = statistics.get(part.statistic)
        if statistic is None:
            continue
        decimals = part.decimals if isinstance(part, Test) else statistic.decimals
        wanted.setdefault(statistic.key, Figure(statistic.key, statistic, None, decimals))
        if part.p is not None:
            key = f"{statistic.key}_p{part.p}"
            wanted.setdefault(key, Figure(key, statistic, part.p, decimals))
    return tuple(wanted.values())


def _parts(method: Assessment) -> Iterator[Test | CompositeTerm]:
    # Tests first: they say how many decimals a figure has.
    yield from sorted(method.tests, key=lambda test: test.kind == "count")
    yield from method.composite.terms if method.composite else ()


def _method(regime: Regime) -> Assessment:
    if regime.assessment is None:
        raise LawError(
            f"{regime.id} grades days and says nothing about longer periods. "
            "Ask for days (--unit-of-time day), or name another regime"
        )
    if regime.assessment.daily_values != "rounded":
        raise LawError(f"{regime.id} averages unrounded daily values over a period, which is not built yet")
    return regime.assessment


def _count_by_month(values: NDArray[np.int32], period: Period) -> Ints:
    return np.add.reduceat(values >= 0, _month_starts(period), axis=1, dtype=np.int64)


def _month_starts(period: Period) -> list[int]:
    return [max(0, (Period.month(*month).first - period.first).days) for month in period.months()]


def _values(
    figures: Sequence[Figure], daily: Mapping[str, NDArray[np.int32]], valid_days: Mapping[str, Ints]
) -> dict[str, Ints]:
    ordered = {figure.statistic.key: np.sort(daily[figure.statistic.key], axis=1) for figure in figures if figure.p}
    values = {}
    for figure in figures:
        key, decimals = figure.statistic.key, figure.statistic.decimals
        if figure.p is None:
            values[figure.key] = mean(daily[key], decimals, figure.decimals)
        else:
            values[figure.key] = _percentile(ordered[key], valid_days[key], figure.p, decimals, figure.decimals)
    return values


def _percentile(ordered: NDArray[np.int32], count: Ints, p: int, value_decimals: int, decimals: int) -> Ints:
    """Percentile of each row of ascending values, of which the missing come first; see `commonshed.exact.percentile`.

    Notes
    -----
    With (n − 1)·p = 100·i + r the value is x[i] + (x[i+1] − x[i])·r / 100; it is rounded once, as a whole.
    """
    rows = np.arange(ordered.shape[0])
    last = np.maximum(count - 1, 0)
    i, r = np.divmod(last * p, 100)
    missing = ordered.shape[1] - count
    lower = ordered[rows, np.minimum(missing + i, ordered.shape[1] - 1)].astype(np.int64)
    upper = ordered[rows, np.minimum(missing + np.minimum(i + 1, last), ordered.shape[1] - 1)]
    hundredfold = 100 * lower + (upper - lower) * r
    scaled, denominator = scaled_quotient(hundredfold, np.full_like(hundredfold, 100), value_decimals, decimals)
    return np.where(count > 0, divide(scaled, denominator), NONE)


def _exceedances(regime: Regime, daily: Mapping[str, NDArray[np.int32]], period: Period) -> dict[str, Ints]:
    above = {}
    for statistic in regime.statistics("day"):
        limit = limit_value(regime, statistic, statistic.limit, period.last) if statistic.limit else None
        if limit is not None:
            above[statistic.key] = (daily[statistic.key] > limit_count(limit, statistic.decimals)).sum(axis=1)
    return above


def _by_level(days: DayGrades, period: Period) -> Ints:
    """Days by class of each place in one count: the class shifted by the row."""
    levels = (
        1 + max((category.level for category in days.regime.index.categories), default=0) if days.regime.index else 1
    )
    grades = whole(days.level, days, period, 0)
    n = grades.shape[0]
    shifted = grades + (np.arange(n, dtype=np.int32) * levels)[:, None]
    return np.bincount(shifted.ravel(), minlength=n * levels).reshape(n, levels)


def _good_days(days: DayGrades, period: Period) -> Ints:
    if days.regime.index is None:
        return np.zeros(len(days.places), np.int64)
    aqi = whole(days.aqi, days, period)
    good: Ints = ((aqi != NONE) & (aqi <= days.regime.index.good_up_to)).sum(axis=1)
    return good


def _by_primary(days: DayGrades, period: Period) -> dict[str, Ints]:
    """Days on which each quantity was primary; a tie counts for each of them."""
    if days.regime.index is None:
        return {}
    bits = whole(days.primary, days, period, 0)
    of = {statistic.key: statistic.quantity for statistic in days.statistics}
    masks: dict[str, int] = {}
    for i, use in enumerate(days.regime.index.daily):
        masks[of[use.statistic]] = masks.get(of[use.statistic], 0) | 1 << i
    return {quantity: (bits & np.uint16(mask) != 0).sum(axis=1) for quantity, mask in masks.items()}


def _all(conditions: Sequence[NDArray[np.bool_]], n: int) -> NDArray[np.bool_]:
    return np.logical_and.reduce(conditions, axis=0) if conditions else np.zeros(n, bool)
