"""Air: hourly readings become daily values, indices, classes; days become months and years by the law's method.

>>> from commonshed.assess.air import Readings, air
>>> assessment = air(Readings(table, network), period="2016", by="jurisdiction")  # doctest: +SKIP
>>> next(assessment.records())["composite_index"]  # doctest: +SKIP
'7.47'
"""

from commonshed.assess.air.assessment import AirAssessment, Beside, Part, air, default_unit
from commonshed.assess.air.days import DayGrades, grade_days
from commonshed.assess.air.exceedances import exceedances
from commonshed.assess.air.headline import headline
from commonshed.assess.air.hours import HourGrades, grade_hours
from commonshed.assess.air.periods import Figure, PeriodGrades, assess_period, assess_periods
from commonshed.assess.air.places import place_days
from commonshed.assess.air.ranking import ranks
from commonshed.assess.air.realtime import HourPart
from commonshed.assess.air.sources import AirSource
from commonshed.assess.air.trends import trend_records
from commonshed.assess.air.whose import Place, Places, places_of
from commonshed.assess.source import Readings
from commonshed.assess.trend import SeasonalKendall, Slope, Spearman, seasonal_kendall, spearman, theil_sen

__all__ = [
    "AirAssessment",
    "AirSource",
    "Beside",
    "DayGrades",
    "Figure",
    "HourGrades",
    "HourPart",
    "Part",
    "PeriodGrades",
    "Place",
    "Places",
    "Readings",
    "SeasonalKendall",
    "Slope",
    "Spearman",
    "air",
    "assess_period",
    "assess_periods",
    "default_unit",
    "exceedances",
    "grade_days",
    "grade_hours",
    "headline",
    "place_days",
    "places_of",
    "ranks",
    "seasonal_kendall",
    "spearman",
    "theil_sen",
    "trend_records",
]
