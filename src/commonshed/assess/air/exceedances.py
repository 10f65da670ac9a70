"""Days above a limit: which place, which day, how far above, by which clause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from commonshed.assess.air.attainment import limit_count, limit_value
from commonshed.assess.air.days import DayGrades
from commonshed.assess.air.records import Law, Record
from commonshed.assess.air.whose import Place
from commonshed.exact import decimal_text, round_fraction
from commonshed.periods import Period
from commonshed.standards.parts import written
from commonshed.standards.schema import Statistic

if TYPE_CHECKING:
    from commonshed.assess.air.assessment import AirAssessment

__all__ = ["exceedance_multiple", "exceedances", "exceedances_of_days"]

_MULTIPLE_DECIMALS = 2


def exceedance_multiple(value: Fraction, limit: Fraction, decimals: int = _MULTIPLE_DECIMALS) -> str:
    """How many times a limit a value lies above it, as text.

    >>> exceedance_multiple(Fraction(150), Fraction(75))
    '1.00'

    References
    ----------
    HJ 663-2013: B = (C − S) / S for C > S.
    """
    return decimal_text(round_fraction((value - limit) / limit, decimals), decimals)


def exceedances(assessment: AirAssessment) -> Iterator[Record]:
    """Every daily value of an assessment above its limit, place by place in order of days."""
    for part in assessment.parts:
        span = Period(part.units[0].first, part.units[-1].last)
        yield from exceedances_of_days(part.days, span, part.places.places)


def exceedances_of_days(days: DayGrades, period: Period, places: Sequence[Place]) -> Iterator[Record]:
    """Every daily value of a period above its limit.

    The limit of each day is the one of the phase that holds on it.
    """
    law = Law(days.regime)
    governed = [law.on_days_of(period, place.law) for place in places]
    columns = days.columns(period)
    runs = [run for held in days.statistics if held.limit for run in _runs(days, held, held.limit, columns)]
    cells = sorted((row, column, number) for number, run in enumerate(runs) for row, column in _above(days, run))
    for row, column, number in cells:
        run, day = runs[number], days.first_day + timedelta(days=column)
        count = int(days.values[run.statistic.key][row, column])
        yield {
            **places[row].identity(),
            "period": day.isoformat(),
            "quantity": run.statistic.quantity,
            "statistic": run.statistic.key,
            "value": decimal_text(count, run.statistic.decimals),
            "limit": written(run.limit),
            "unit": run.statistic.unit,
            "multiple": exceedance_multiple(Fraction(count, 10**run.statistic.decimals), run.limit, run.decimals),
            "regime": days.regime.id,
            "level": days.regime.level,
            "in_force": governed[row](Period(day, day)),
            "clause": run.clause,
        }


@dataclass(frozen=True)
class _Run:
    """Days on which the limit of a statistic is the same."""

    statistic: Statistic
    days: slice
    limit: Fraction
    clause: str
    decimals: int


def _above(days: DayGrades, run: _Run) -> Iterator[tuple[int, int]]:
    """Row and column of each daily value above the limit."""
    cells = days.values[run.statistic.key][:, run.days] > limit_count(run.limit, run.statistic.decimals)
    rows, offsets = np.nonzero(cells)
    return zip(rows.tolist(), (offsets + run.days.start).tolist(), strict=True)


def _runs(days: DayGrades, statistic: Statistic, of: str, columns: slice) -> Iterator[_Run]:
    """The days of a period, apart by limit: the law changes its numbers at midnight."""
    method = days.regime.assessment
    decimals = _MULTIPLE_DECIMALS if method is None else method.multiple_decimals
    dates = [days.first_day + timedelta(days=column) for column in range(columns.start, columns.stop)]
    start = columns.start
    for held, run in groupby(dates, key=lambda day: days.regime.limit(statistic.quantity, of, day)):
        of_run = list(run)
        limit = limit_value(days.regime, statistic, of, of_run[0])
        if held is not None and limit is not None:
            yield _Run(statistic, slice(start, start + len(of_run)), limit, days.regime.clause(held), decimals)
        start += len(of_run)
