"""Spills: when a cloud arrives downstream, how high it gets, when it has passed, and what a response holds back.

>>> from commonshed.attribute.river.spill import Release, forecast
>>> told = forecast(rivers, Release.instant("bridge", 500.0), hours=72)  # doctest: +SKIP
>>> told.arrival("intake").arrival  # doctest: +SKIP
11.4
"""

from commonshed.attribute.river.spill.arrivals import Arrival, Passage
from commonshed.attribute.river.spill.channel import Channel
from commonshed.attribute.river.spill.ensemble import Ensemble, Uncertainty
from commonshed.attribute.river.spill.forecasting import forecast
from commonshed.attribute.river.spill.formulas import (
    fischer_1975,
    kashefipour_falconer_2002,
    mixing_length,
    seo_cheong_1998,
    shear_velocity,
)
from commonshed.attribute.river.spill.jobson import JobsonCloud, jobson_1996, jobson_unit_peak, jobson_velocity
from commonshed.attribute.river.spill.outcome import Bands, Forecast, Profile
from commonshed.attribute.river.spill.release import Interception, Release
from commonshed.attribute.river.spill.storage import Sorption, Storage
from commonshed.attribute.river.spill.transport import Balance

__all__ = [
    "Arrival",
    "Balance",
    "Bands",
    "Channel",
    "Ensemble",
    "Forecast",
    "Interception",
    "JobsonCloud",
    "Passage",
    "Profile",
    "Release",
    "Sorption",
    "Storage",
    "Uncertainty",
    "fischer_1975",
    "forecast",
    "jobson_1996",
    "jobson_unit_peak",
    "jobson_velocity",
    "kashefipour_falconer_2002",
    "mixing_length",
    "seo_cheong_1998",
    "shear_velocity",
]
