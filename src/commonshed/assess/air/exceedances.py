"""Days above a limit: which place, which day, how far above, by which clause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from commonshed.assess.air.attainment import limit_count, limit_value
from commonshed.assess.air.days import DayGrades
from commonshed.assess.air.records import Record
from commonshed.assess.air.whose import Place
from commonshed.exact import decimal_text, round_fraction
from commonshed.periods import Period
from commonshed.standards.schema import Statistic, written

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
    columns = days.columns(period)
    found = [hit for statistic in days.statistics if statistic.limit for hit in _above(days, statistic, columns)]
    method = days.regime.assessment
    decimals = _MULTIPLE_DECIMALS if method is None else method.multiple_decimals
    order = {statistic.key: number for number, statistic in enumerate(days.statistics)}
    for row, column, statistic, limit in sorted(found, key=lambda hit: (*hit[:2], order[hit[2].key])):
        day = days.first_day + timedelta(days=column)
        count = int(days.values[statistic.key][row, column])
        held = days.regime.limit(statistic.quantity, statistic.limit or "", day)
        assert held is not None
        yield {
            **places[row].identity(),
            "period": day.isoformat(),
            "quantity": statistic.quantity,
            "statistic": statistic.key,
            "value": decimal_text(count, statistic.decimals),
            "limit": written(limit),
            "unit": statistic.unit,
            "multiple": exceedance_multiple(Fraction(count, 10**statistic.decimals), limit, decimals),
            "regime": days.regime.id,
            "level": days.regime.level,
            "in_force": days.regime.in_force(Period(day, day), places[row].law),
            "clause": days.regime.clause(held),
        }


def _above(days: DayGrades, statistic: Statistic, columns: slice) -> Iterator[tuple[int, int, Statistic, Fraction]]:
    """Row, column, statistic and limit of each daily value above its limit."""
    for run, limit in _limits(days, statistic, columns):
        cells = days.values[statistic.key][:, run] > limit_count(limit, statistic.decimals)
        rows, offsets = np.nonzero(cells)
        for row, offset in zip(rows.tolist(), offsets.tolist(), strict=True):
            yield row, run.start + offset, statistic, limit


def _limits(days: DayGrades, statistic: Statistic, columns: slice) -> Iterator[tuple[slice, Fraction]]:
    """Runs of days on which a limit is the same."""
    held: Fraction | None = None
    start = columns.start
    for column in range(columns.start, columns.stop):
        day = days.first_day + timedelta(days=column)
        limit = limit_value(days.regime, statistic, statistic.limit or "", day)
        if limit != held:
            if held is not None:
                yield slice(start, column), held
            held, start = limit, column
    if held is not None:
        yield slice(start, columns.stop), held
