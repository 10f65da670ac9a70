"""Pictures of the report: pure functions from plain data to inline SVG."""

from commonshed.disclose.drawing import Frame
from commonshed.disclose.report.pictures.bars import Bar, bars, months
from commonshed.disclose.report.pictures.calendar import calendar_month
from commonshed.disclose.report.pictures.city_map import Dot, city_map, outline_paths
from commonshed.disclose.report.pictures.scatter import difference_plot, scatter

__all__ = [
    "Bar",
    "Dot",
    "Frame",
    "bars",
    "calendar_month",
    "city_map",
    "difference_plot",
    "months",
    "outline_paths",
    "scatter",
]
