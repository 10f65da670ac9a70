"""Trends of the figures of an assessment, place by place, as records.

Years get the regulation's rank correlation and our slope; months and quarters get the seasonal test and slope. Units
of time that are not assessed are left out and named.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from commonshed.assess.air.days import NONE
from commonshed.assess.air.records import Record
from commonshed.assess.trend import Spearman, seasonal_kendall, spearman, theil_sen
from commonshed.assess.trend_records import by_season, rounded_text, seasonal_record, slope_record
from commonshed.errors import InputError
from commonshed.periods import Period

if TYPE_CHECKING:
    from commonshed.assess.air.assessment import AirAssessment, Part

__all__ = ["trend_records"]

_SEASONS = {"month": 12, "quarter": 4}
Series = dict[Period, Fraction | None]


def trend_records(assessment: AirAssessment, *, indicative: bool = False) -> Iterator[Record]:
    """Trend of every figure of every place.

    Parameters
    ----------
    assessment : AirAssessment
        By year, quarter or month.
    indicative : bool
        Also use units of time that are not complete; the records say so.

    Raises
    ------
    InputError
        The unit of time has no test: days follow each other too closely, rolling years overlap.
    """
    unit = assessment.unit_of_time
    if unit not in ("year", *_SEASONS):
        raise InputError(
            f"there is no trend test for a series by {unit}",
            field="unit of time",
            value=unit,
            mend="Ask by year, quarter or month: --period 2013..2017 --unit-of-time month",
        )
    regimes = " ".join(dict.fromkeys(part.regime.id for part in assessment.parts))
    for place in {place.id: place for part in assessment.parts for place in part.places.places}.values():
        head = {**place.identity(), "period": str(assessment.period), "unit_of_time": unit, "regime": regimes}
        for (key, measured_in, alpha), series in _series(assessment, place.id, indicative).items():
            said = {"figure": key, "unit": measured_in, "indicative": indicative}
            yield head | said | _trend(unit, alpha, series)


def _series(assessment: AirAssessment, place: str, indicative: bool) -> dict[tuple[str, str, Fraction], Series]:
    series: dict[tuple[str, str, Fraction], Series] = {}
    for part in assessment.parts:
        if place not in part.days.places:
            continue
        for key, unit, period, value in _values(part, part.days.places.index(place), indicative):
            method = part.regime.assessment
            assert method is not None
            series.setdefault((key, unit, method.trend_alpha), {})[period] = value
    return series


def _values(part: Part, row: int, indicative: bool) -> Iterator[tuple[str, str, Period, Fraction | None]]:
    for grades in part.periods:
        for figure in grades.figures:
            counts = grades.values[figure.key] if indicative else grades.published(figure.key)
            yield figure.key, figure.statistic.unit, grades.period, _fraction(int(counts[row]), figure.decimals)
        composite = grades.regime.assessment.composite if grades.regime.assessment else None
        if composite is not None:
            counts = grades.composite if indicative else grades.published_composite()
            yield "composite_index", "1", grades.period, _fraction(int(counts[row]), composite.decimals)


def _fraction(count: int, decimals: int) -> Fraction | None:
    return None if count == NONE else Fraction(count, 10**decimals)


def _trend(unit_of_time: str, alpha: Fraction, series: Series) -> Record:
    known = {period: value for period, value in sorted(series.items()) if value is not None}
    used = {"n": len(known), "left_out": [str(period) for period, value in sorted(series.items()) if value is None]}
    if unit_of_time == "year":
        slope = theil_sen([float(period.first.year) for period in known], [float(value) for value in known.values()])
        return used | {"spearman": _spearman(spearman(list(known.values()), alpha=alpha)), "slope": slope_record(slope)}
    test = seasonal_kendall(by_season(known, _SEASONS[unit_of_time]), alpha=float(alpha))
    return used | {"seasonal_kendall": seasonal_record(test), "slope": slope_record(test.slope)}


def _spearman(found: Spearman) -> Record:
    return {
        "coefficient": rounded_text(found.coefficient, 3),
        "critical_value": rounded_text(found.critical_value, 3),
        "p_value": rounded_text(found.p_value, 4),
        "significant": found.significant,
        "direction": found.direction,
        "why_not": found.why_not,
    }
