"""Water: samples become classes of sections, sections become grades of rivers, lakes, basins and ranks of cities.

>>> from commonshed.assess.water import Readings, water
>>> assessment = water(Readings(table, network), period="2016-03", regime="cn-surface")  # doctest: +SKIP
>>> next(assessment.records())["class"]  # doctest: +SKIP
'III'
"""

from commonshed.assess.source import Readings
from commonshed.assess.water.assessment import WaterAssessment, WaterPart, water
from commonshed.assess.water.cities import CityGrade, city_index
from commonshed.assess.water.rivers import RiverGrade, grade_river
from commonshed.assess.water.scale import Scale, scale_of
from commonshed.assess.water.sections import SectionGrade
from commonshed.assess.water.trends import FlowAdjusted, flow_adjusted, water_trends
from commonshed.assess.water.trophic import Trophic, trophic_index
from commonshed.assess.water.values import SectionValue, section_values

__all__ = [
    "CityGrade",
    "FlowAdjusted",
    "Readings",
    "RiverGrade",
    "Scale",
    "SectionGrade",
    "SectionValue",
    "Trophic",
    "WaterAssessment",
    "WaterPart",
    "city_index",
    "flow_adjusted",
    "grade_river",
    "scale_of",
    "section_values",
    "trophic_index",
    "water",
    "water_trends",
]
