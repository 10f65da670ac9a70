"""Hours above a limit, for laws that allow so many of them a year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from commonshed.assess.air.attainment import limit_count, limit_value
from commonshed.assess.air.days import NONE
from commonshed.assess.air.hours import HourGrades
from commonshed.periods import Period
from commonshed.standards import Regime

__all__ = ["HourCounts", "counts_hours", "hours_above"]


@dataclass(frozen=True, eq=False)
class HourCounts:
    """Hours above a limit, day by day.

    Attributes
    ----------
    period : Period
    above : dict of str to int array, n places × days
        By key of the hourly statistic.
    """

    period: Period
    above: Mapping[str, NDArray[np.int64]]

    def of(self, unit: Period) -> dict[str, NDArray[np.int64]]:
        """Hours above the limit in a unit of time, by statistic, one number a place."""
        first = max(0, (unit.first - self.period.first).days)
        last = max(0, (unit.last - self.period.first).days + 1)
        return {key: found[:, first:last].sum(axis=1) for key, found in self.above.items()}


def counts_hours(regime: Regime) -> bool:
    """Whether a law limits how many hours of a year may be above a limit."""
    return regime.assessment is not None and any(test.time == "hour" for test in regime.assessment.tests)


def hours_above(hours: HourGrades, places: Sequence[str], period: Period) -> HourCounts:
    """Count the hours above their limits, of some places over a period; hours that were not graded are not above."""
    regime = hours.regime
    method = regime.assessment
    limits = {test.statistic: test.limit for test in (method.tests if method else ()) if test.time == "hour"}
    row = {station: i for i, station in enumerate(hours.stations)}
    rows = [row.get(place, -1) for place in places]
    above = {}
    for statistic in hours.statistics:
        if statistic.key not in limits:
            continue
        counts = np.zeros((len(places), period.days), np.int64)
        values = hours.values[statistic.key].reshape(len(hours.stations), -1, 24)
        for offset in range(period.days):
            day = period.first + timedelta(days=offset)
            column = (day - hours.first_day).days
            limit = limit_value(regime, statistic, limits[statistic.key], day)
            if limit is None or not 0 <= column < values.shape[1]:
                continue
            of_day = values[:, column] > max(limit_count(limit, statistic.decimals), NONE)
            counts[:, offset] = np.where(np.array(rows) < 0, 0, of_day.sum(axis=1)[rows])
        above[statistic.key] = counts
    return HourCounts(period, above)
