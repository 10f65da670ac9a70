"""The report's pictures for the user of the library: functions that return a matplotlib figure (extra ``plot``)."""

from commonshed.disclose.plots.calendar import calendar
from commonshed.disclose.plots.style import rc
from commonshed.disclose.plots.time_variation import Cycle, cycle, time_variation
from commonshed.disclose.plots.trend import trend

__all__ = ["Cycle", "calendar", "cycle", "rc", "time_variation", "trend"]
