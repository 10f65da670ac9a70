"""One sentence with the answer, before the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from commonshed.assess.air.days import NONE
from commonshed.exact import decimal_text

if TYPE_CHECKING:
    from commonshed.assess.air.assessment import AirAssessment, Part
    from commonshed.assess.air.periods import PeriodGrades

__all__ = ["headline"]


def headline(assessment: AirAssessment) -> str:
    """What was assessed, and the first thing one wants to know of it."""
    if assessment.hours:
        return f"{assessment.period} by hour under {' and '.join(part.regime.id for part in assessment.hours)}."
    part = assessment.parts[-1]
    regimes = " and ".join(dict.fromkeys(part.regime.id for part in assessment.parts))
    lead = f"{assessment.period} under {regimes}"
    if assessment.unit_of_time == "day":
        return f"{lead}: {_days(part)}."
    grades = part.periods[-1]
    last = "" if len(part.units) == 1 else f" in {grades.period}"
    return f"{lead}: {_period(part, grades)}{last}."


def _days(part: Part) -> str:
    columns = slice(
        (part.units[0].first - part.days.first_day).days, (part.units[-1].last - part.days.first_day).days + 1
    )
    aqi = part.days.aqi[:, columns]
    graded = int((aqi != NONE).sum())
    index = part.regime.index
    if index is None or not graded:
        return f"{aqi.size} days of {len(part.places.places)} places, {graded} with an index"
    good = int(((aqi != NONE) & (aqi <= index.good_up_to)).sum())
    row, column = np.unravel_index(int(aqi.argmax()), aqi.shape)
    day = part.days.first_day.fromordinal(part.days.first_day.toordinal() + columns.start + int(column))
    place = part.places.places[int(row)]
    worst = f"the worst was {day.isoformat()} at {place.name_en or place.id}, AQI {int(aqi.max())}"
    return f"{good} good days of {graded} graded, over {len(part.places.places)} places; {worst}"


def _period(part: Part, grades: PeriodGrades) -> str:
    places = part.places.places
    method = grades.regime.assessment
    complete = np.logical_and.reduce([grades.complete[f.statistic.key] for f in grades.figures], axis=0)
    assessed = f"{int(complete.sum())} of {len(places)} places can be assessed"
    composite = grades.published_composite()
    known = np.flatnonzero(composite != NONE)
    if method is None or method.composite is None or known.size == 0:
        return assessed
    best, worst = (known[int(pick(composite[known]))] for pick in (np.argmin, np.argmax))
    decimals = method.composite.decimals
    names = [f"{places[i].name_en or places[i].id} {decimal_text(int(composite[i]), decimals)}" for i in (best, worst)]
    if best == worst:
        return f"{assessed}; composite index of {names[0]}"
    return f"{assessed}; composite index from {names[0]} to {names[1]}"
