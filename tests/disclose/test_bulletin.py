"""Announced figures beside ours: differences are said and explained, never made smaller."""

from __future__ import annotations

from typing import Any

from tests.disclose.shed_of_beijing import content

from commonshed.disclose.bulletin import announced, compare
from commonshed.units import quantities


def _record(**over: Any) -> dict[str, Any]:
    whole = {"valid_days": 360, "needed": 324, "valid": True}
    return {
        "mean": {"pm25": "73", "pm10": "93", "so2": "10", "no2": "44"},
        "percentile": {"co_p95": "3.2", "o3_8h_p90": "199"},
        "days_by_class": {"1": 64, "2": 131, "3": 80, "4": 49, "5": 30, "6": 10},
        "valid_days": 364,
        "completeness": {q: dict(whole) for q in quantities() if q in ("pm25", "pm10", "so2", "no2", "co", "o3")},
        "indicative": {},
        **over,
    }


OFFICIAL = {"PM25_mean": "73", "PM10_mean": "92", "NO2_mean": "48", "O3_8h_p90": "199", "good_days": "198"}


def test_the_bulletin_of_2016_is_read_as_printed() -> None:
    told = announced("110000")
    assert told is not None
    assert told.years[2016] == {
        "PM25_mean": "73", "SO2_mean": "10", "NO2_mean": "48", "PM10_mean": "92", "CO_p95": "3.2", "O3_8h_p90": "199",
        "good_days": "198", "class_1_days": "68", "class_2_days": "130", "heavy_days": "39",
    }  # fmt: skip
    assert announced("230100") is None


def test_each_difference_is_said_with_what_can_explain_it() -> None:
    station = _record(mean={"pm25": "60", "pm10": "81", "so2": "8", "no2": "30"})
    lines = {x.figure: x for x in compare(OFFICIAL, _record(), [station, _record()], days_of_year=366)}
    assert (lines["pm25_mean"].difference, lines["pm25_mean"].reasons) == ("0", ("same",))
    assert (lines["pm10_mean"].difference, lines["pm10_mean"].reasons) == ("+1", ("rounding", "stations", "validation"))
    assert (lines["no2_mean"].difference, lines["no2_mean"].reasons) == ("−4", ("stations", "validation"))
    assert lines["no2_mean"].spread == ("30", "44")
    assert (lines["good_days"].ours, lines["good_days"].difference) == ("195", "−3")
    assert lines["good_days"].reasons == ("missing", "stations_days", "validation")


def test_a_quantity_that_is_not_assessed_is_not_compared() -> None:
    short = _record(
        percentile={"co_p95": "3.2", "o3_8h_p90": None}, indicative={"percentile": {"o3_8h_p90": "199"}, "mean": {}}
    )
    line = next(x for x in compare(OFFICIAL, short, [], days_of_year=366) if x.figure == "o3_8h_p90")
    assert (line.ours, line.indicative, line.difference, line.reasons) == (None, "199", None, ("incomplete",))


def test_a_year_the_readings_do_not_cover_is_not_compared_at_all() -> None:
    partial = _record()
    for quantity in partial["completeness"].values():
        quantity.update(valid_days=58, valid=False)
    assert {x.reasons for x in compare(OFFICIAL, partial, [], days_of_year=365)} == {("partial",)}


def test_our_figures_of_2016_stand_as_the_assessment_gives_them() -> None:
    lines = {x.figure: x for x in content().bulletin[2016]}
    city = content().graded["cn-2012", 2016].city
    assert lines["pm25_mean"].ours == city["mean"]["pm25"] == "73"
    assert lines["pm10_mean"].ours == city["mean"]["pm10"]
    assert lines["good_days"].ours == str(city["good_days"])
    assert lines["pm10_mean"].difference == f"+{int(city['mean']['pm10']) - 92}"
