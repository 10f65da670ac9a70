"""Days of a place: the mean over its assessed stations first, then the evaluation, as if it were one station."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from commonshed.assess.air.days import NONE, DayGrades
from commonshed.assess.air.kernel import rounded
from commonshed.assess.air.plan import Plan, plan, terms_of_days
from commonshed.standards import Regime

__all__ = ["place_days", "sites_needed"]


def place_days(days: DayGrades, groups: Mapping[str, Sequence[str]], regime: Regime | None = None) -> DayGrades:
    """Grade the days of places from those of their stations.

    The unrounded values of the stations are averaged exactly (or the rounded ones, where the regime says so), then
    rounded once and graded.

    Parameters
    ----------
    days : DayGrades
        Of stations.
    groups : mapping of place to stations
        The assessed stations of each place, or any group. A station without a single reading counts as one that has
        no valid value.
    regime : Regime, optional
        By default the one of ``days``.

    Returns
    -------
    DayGrades, one row a group

    References
    ----------
    HJ 663-2013 for `cn-2012`: the mean over the assessed stations, of which a share must be valid.
    """
    compiled = plan(regime or days.regime, "day")
    means = _Means(days, compiled)
    sums, counts = means.over(list(groups.values()))
    sites = tuple(len(set(members)) for members in groups.values())
    needed = np.array([sites_needed(compiled.regime, n) for n in sites]).reshape(-1, 1)
    enough = counts >= np.maximum(needed, 1)
    values = np.where(enough, means.rounded(sums, counts), np.int32(NONE))
    sums[~enough] = 0
    found = compiled.index(values) if compiled.index else None
    keys = [statistic.key for statistic in compiled.statistics]
    blank = np.zeros(values.shape[1:], np.int16)
    return DayGrades(
        places=tuple(groups),
        of="place",
        first_day=days.first_day,
        days=days.days,
        regime=compiled.regime,
        statistics=compiled.statistics,
        values=dict(zip(keys, values, strict=True)),
        numerators=dict(zip(keys, sums, strict=True)),
        denominators={key: means.denominator(i) * np.maximum(counts[i], 1) for i, key in enumerate(keys)},
        hours=dict(zip(keys, counts.astype(np.int16), strict=True)),
        sub_indices=dict(zip(compiled.index.keys, found.sub_indices, strict=True)) if compiled.index and found else {},
        aqi=found.aqi if found else blank + np.int16(NONE),
        level=found.level if found else blank.astype(np.uint8),
        primary=found.primary if found else blank.astype(np.uint16),
        sites=sites,
        factors=days.factors,
    )


def sites_needed(regime: Regime, sites: int) -> int:
    """How many of a place's stations must have a valid value; one, where the regime says nothing of places."""
    if regime.assessment is None:
        return 1
    rule = regime.assessment.city
    share = rule.few_share if sites < rule.few_sites else rule.min_share
    return -int(-share * sites // 1)


class _Means:
    """Sums over stations, and what they have to be divided by."""

    def __init__(self, days: DayGrades, compiled: Plan) -> None:
        self._days, self._plan = days, compiled
        city = compiled.regime.assessment.city if compiled.regime.assessment else None
        self._of_rounded = city is not None and city.station_values == "rounded"

    def over(self, groups: Sequence[Sequence[str]]) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Sum over the valid stations of each group, and how many those are: (statistics, groups, days)."""
        row = {station: i for i, station in enumerate(self._days.places)}
        members = [sorted({row[station] for station in group if station in row}) for group in groups]
        shape = len(self._plan.statistics), len(groups), self._days.days
        sums, counts = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for i, statistic in enumerate(self._plan.statistics):
            values = self._days.values[statistic.key]
            single = np.where(values == NONE, 0, values) if self._of_rounded else self._days.numerators[statistic.key]
            valid = values != NONE
            if int(single.max(initial=0)) * max(map(len, members), default=0) > 2**62:
                sums, single = sums.astype(object), single.astype(object)
            for j, rows in enumerate(members):
                if rows:
                    single[rows].sum(axis=0, out=sums[i, j])
                    valid[rows].sum(axis=0, out=counts[i, j])
        return sums, counts

    def denominator(self, i: int) -> int:
        """What a sum over one station is over, in ticks (or in published counts)."""
        return 1 if self._of_rounded else int(self._days.denominators[self._plan.statistics[i].key][0, 0])

    def rounded(self, sums: NDArray[Any], counts: NDArray[np.int64]) -> NDArray[np.int32]:
        """Means as published values."""
        values = np.zeros(sums.shape, np.int32)
        factors = self._days.factors
        first = self._days.first_day

        def gas_factor(day: date) -> Fraction:
            return factors[(day - first).days] if factors else Fraction(1)

        for of, terms in terms_of_days(self._plan, first, self._days.days, gas_factor):
            for i, (statistic, term) in enumerate(zip(self._plan.statistics, terms, strict=True)):
                factor = Fraction(1) if self._of_rounded else term.factor / self.denominator(i)
                over = counts[i, :, of]
                most = int(over.max(initial=1))
                values[i, :, of] = rounded(sums[i, :, of], over, factor, statistic.rounding, most)
        return values
