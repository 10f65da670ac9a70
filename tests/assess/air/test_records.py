"""Records of an assessment, on a made-up shore where every number can be checked by hand."""

from __future__ import annotations

import json
from datetime import date
from functools import cache

import pytest
from tests.assess.air.network import CITY, CLEAN, EAST, WEST, clean, measured, shore

from commonshed.assess.air import Readings, air, headline, trend_records
from commonshed.cli.output import flatten, json_text
from commonshed.errors import InputError, NotCovered, UnknownName
from commonshed.periods import Period
from commonshed.places import Network, Station

Y2016 = Period.year(2016)


@cache
def a_year() -> Readings:
    """2016: clean air; the mill is dirty; the dock misses five days of March; the park is as clean as the hill."""

    def level(station: str, quantity: str, day: date) -> float | None:
        if station == "Dock" and day.month == 3 and day.day <= 5:
            return None
        dirty = 2 if station == "Mill" else 1
        return CLEAN[quantity] * dirty

    return measured(shore(), Y2016, level)


def test_the_record_of_a_year_has_every_documented_field() -> None:
    record = next(r for r in air(a_year(), period="2016").records() if r["station"] == "Mill")
    assert list(record) == [
        "station", "name", "role", "period", "regime", "editions", "in_force", "valid", "why_not", "not_assessed",
        "mean", "percentile", "composite_index", "days_by_class", "good_days", "valid_days", "good_day_rate",
        "days_by_primary", "exceedance_days", "attained", "completeness", "indicative",
        "rank", "rank_of", "rank_before", "rank_of_before",
        "rank_change", "year_on_year", "notes",
    ]  # fmt: skip
    assert record["editions"] == ["GB 3095-2012", "HJ 633-2012", "HJ 663-2013"]
    assert (record["regime"], record["in_force"], record["valid"], record["why_not"]) == ("cn-2012", True, True, None)
    assert record["mean"] == {"pm25": "60", "pm10": "120", "so2": "20", "no2": "60", "co": "2.0", "o3_8h": "160"}
    assert record["percentile"] == {
        "pm25_p95": "60", "pm10_p95": "120", "so2_p98": "20", "no2_p98": "60", "co_p95": "2.0", "o3_8h_p90": "160",
    }  # fmt: skip
    # 60/35 + 120/70 + 20/60 + 60/40 + 2/4 + 160/160
    assert record["composite_index"] == "6.76"
    assert record["days_by_class"] == {"1": 0, "2": 366, "3": 0, "4": 0, "5": 0, "6": 0}
    assert (record["good_days"], record["valid_days"], record["good_day_rate"]) == (366, 366, "100.0")
    attained = {"pm25": False, "pm10": False, "so2": True, "no2": False, "co": True, "o3": True, "overall": False}
    assert record["attained"] == attained
    # Ozone 160 is IAQI 100, the largest of the day.
    assert record["days_by_primary"] == {"pm25": 0, "pm10": 0, "so2": 0, "no2": 0, "co": 0, "o3": 366}
    assert record["exceedance_days"]["no2"] == 0
    assert (record["rank"], record["rank_of"], record["rank_change"], record["year_on_year"]) == (3, 3, None, {})


def test_a_year_with_a_short_month_is_not_assessed_and_says_why() -> None:
    record = next(r for r in air(a_year(), period="2016").records() if r["station"] == "Dock")
    assert (record["valid"], record["rank"], record["composite_index"]) == (False, None, None)
    assert record["why_not"].split(". ")[0] == (
        "pm25 not assessed: 2016-03 has 26 valid days of 27 (HJ 663-2013, clause 6 (data statistics))"
    )
    assert record["not_assessed"] == ["pm25", "pm10", "so2", "no2", "co", "o3"]
    assert record["completeness"]["pm25"] == {
        "valid_days": 361,
        "needed": 324,
        "months_short": ["2016-03"],
        "valid": False,
        "why_not": "2016-03 has 26 valid days of 27 (HJ 663-2013, clause 6 (data statistics))",
    }
    assert record["mean"]["pm25"] is None
    assert record["indicative"]["mean"]["pm25"] == "30"
    # 30/35 + 60/70 + 10/60 + 30/40 + 1/4 + 80/160
    assert record["indicative"]["composite_index"] == "3.38"
    assert record["attained"]["overall"] is None


def test_equal_places_share_a_rank() -> None:
    ranks = {r["station"]: r["rank"] for r in air(a_year(), period="2016").records()}
    assert ranks == {"Dock": None, "Hill": 1, "Mill": 3, "Park": 1}


def test_a_city_is_the_mean_of_its_assessed_stations_and_districts_are_ranked_apart() -> None:
    records = {r["jurisdiction"]: r for r in air(a_year(), period="2016", by="jurisdiction").records()}
    assert list(records) == [CITY, EAST, WEST]
    # Dock 30, Park 30, Mill 60; the control site on the hill does not count.
    assert records[CITY]["mean"]["pm25"] == "40"
    # In the first days of March two of the city's three sites are valid, and one of the east's two: half is enough.
    assert (records[CITY]["valid"], records[EAST]["valid"]) == (True, True)
    assert [(records[code]["rank"], records[code]["rank_of"]) for code in (CITY, EAST, WEST)] == [
        (1, 1),
        (1, 2),
        (2, 2),
    ]
    assert records[EAST]["name"] == {"en": "East", "zh": "东区"}


def test_groups_are_named_and_averaged() -> None:
    (record,) = air(a_year(), period="2016", by="group", groups={"water": ["Dock", "Mill"]}).records()
    assert (record["group"], record["mean"]["pm25"], record["in_force"]) == ("water", "45", True)


def test_a_day_record_names_primary_and_missing() -> None:
    records = list(air(a_year(), period="2016-03-05").records())
    by_station = {r["station"]: r for r in records}
    assert list(by_station["Mill"]) == [
        "station", "name", "role", "period", "regime", "editions", "in_force", "valid", "why_not",
        "pm25", "pm10", "so2", "no2", "co", "o3_8h", "o3_1h", "sub_indices", "aqi", "class", "primary", "missing",
        "completeness", "notes",
    ]  # fmt: skip
    mill = by_station["Mill"]
    # PM2.5 60: 50 + 25/40 · 50 = 81.25 → 82; PM10 120: 85; NO2 60: 75; O3 8-h 160: 100; O3 1-h 160: 50.
    assert mill["sub_indices"] == {"pm25": 82, "pm10": 85, "so2": 20, "no2": 75, "co": 50, "o3_8h": 100, "o3_1h": 50}
    assert (mill["aqi"], mill["class"], mill["primary"], mill["missing"]) == (100, 2, ["o3"], [])
    dock = by_station["Dock"]
    assert (dock["valid"], dock["aqi"], dock["class"], dock["primary"], dock["pm25"]) == (False, None, None, [], None)
    assert dock["completeness"]["pm25"] == {"of": "hours", "valid": 0, "needed": 20}
    assert dock["why_not"].startswith("no index: pm25 has 0 of 20 hours (GB 3095-2012, table 4")


def test_units_of_time_split_a_period() -> None:
    months = list(air(a_year(), period="2016-Q1", unit_of_time="month").records())
    assert [r["period"] for r in months if r["station"] == "Mill"] == ["2016-01", "2016-02", "2016-03"]
    assert months[0]["attained"] == {}
    (rolling,) = (
        r for r in air(a_year(), period="2016-12", unit_of_time="rolling-year").records() if r["station"] == "Mill"
    )
    assert (rolling["period"], rolling["attained"]["overall"]) == ("2016", False)
    assert {r["period"] for r in air(a_year(), period="2015..2016").records()} == {"2015", "2016"}
    assert {r["period"] for r in air(a_year(), period="2015..2016", unit_of_time="span").records()} == {"2015..2016"}


@cache
def two_years() -> Readings:
    """The air of 2016 is a tenth worse than that of 2015 at the mill, and a tenth better at the dock."""

    def level(station: str, quantity: str, day: date) -> float | None:
        change = {"Mill": 1.1, "Dock": 0.9}.get(station, 1)
        return CLEAN[quantity] * (change if day.year == 2016 else 1)

    return measured(shore(), Period.parse("2015..2016"), level)


def test_changes_from_one_year_before_are_exact_percentages_of_published_figures() -> None:
    records = {r["station"]: r for r in air(two_years(), period="2016").records()}
    assert records["Mill"]["year_on_year"]["pm25"] == "10.0"
    assert records["Dock"]["year_on_year"]["pm10"] == "-10.0"
    # 1.0 → 0.9 mg/m³; 3.38 → 3.04 (27/35 + 54/70 + 9/60 + 27/40 + 0.9/4 + 72/160 = 3.0428…): −10.06 %.
    assert records["Dock"]["year_on_year"]["co"] == "-10.0"
    assert records["Dock"]["year_on_year"]["composite_index"] == "-10.1"
    assert records["Dock"]["year_on_year"]["good_days"] == 1  # 366 of 366 after 365 of 365
    ranked = {id: (r["rank"], r["rank_before"], r["rank_change"]) for id, r in records.items()}
    assert ranked == {"Dock": (1, 1, 0), "Hill": (2, 1, 1), "Park": (2, 1, 1), "Mill": (4, 1, 3)}


def test_gases_are_not_compared_across_a_change_of_reference_state() -> None:
    readings = measured(shore(), Period.parse("2018-06..2019-06"), clean)
    may = next(air(readings, period="2019-06").records())
    assert may["year_on_year"]["pm25"] == "0.0"
    assert (may["year_on_year"]["no2"], may["year_on_year"]["composite_index"]) == (None, None)


def test_each_unit_of_time_is_graded_under_its_own_law() -> None:
    readings = measured(shore(), Period.parse("2026-02..2026-03"), clean)
    records = [r for r in air(readings, period="2026-02..2026-03").records() if r["station"] == "Park"]
    assert [(r["period"], r["regime"], r["in_force"]) for r in records] == [
        ("2026-02", "cn-2012", True),
        ("2026-03", "cn-2026", True),
    ]
    assert any("not divided by the sum of the weights, 10" in note for note in records[1]["notes"])
    assert records[0]["notes"] == []


def test_a_regime_named_for_another_time_says_so_and_how_gases_were_counted() -> None:
    record = next(air(a_year(), period="2016", regime="cn-2026").records())
    assert (record["regime"], record["in_force"]) == ("cn-2026", False)
    assert any(note.startswith("gases are graded as measured, at 273 K, 1013.25 hPa") for note in record["notes"])


def test_a_year_no_law_covers_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(NotCovered, match="nearest in time is cn-2012"):
        air(a_year(), period="2011")


def test_a_station_nobody_can_place_needs_a_named_law() -> None:
    bare = Network({}, {"Buoy": Station("Buoy")})
    readings = measured(bare, Period.month(2016, 1), clean)
    with pytest.raises(NotCovered, match="lies in no jurisdiction"):
        air(readings, period="2016-01")
    (record,) = air(readings, period="2016-01", regime="cn-2012").records()
    assert (record["mean"]["pm25"], record["in_force"]) == ("30", False)


def test_the_stricter_level_can_be_asked_for() -> None:
    (record,) = (r for r in air(a_year(), period="2016", level="I").records() if r["station"] == "Park")
    assert record["attained"]["pm25"] is False  # 30 above 15
    with pytest.raises(InputError, match="has no level IX"):
        air(a_year(), period="2016", level="IX", regime="cn-2012")


def test_hours_are_graded_by_the_real_time_index() -> None:
    records = list(air(a_year(), period="2016-03-06", unit_of_time="hour").records())
    assert len(records) == 4 * 24
    mill = [r for r in records if r["station"] == "Mill"]
    assert (mill[0]["period"], mill[23]["period"]) == ("2016-03-06T00:00+08:00", "2016-03-06T23:00+08:00")
    assert (mill[8]["no2_1h"], mill[8]["co_1h"], mill[8]["o3_1h"]) == ("60", "2.0", "160")
    # HJ 633-2012, real time: NO2 60 of 100 → 30, O3 8-h 160 → 100; PM2.5 by its 24-h mean: 60 → 82.
    assert (mill[8]["sub_indices"]["no2_1h"], mill[8]["aqi"], mill[8]["class"], mill[8]["primary"]) == (
        30,
        100,
        2,
        ["o3"],
    )
    # The dock measures again since midnight: not yet 20 hours for a running mean of 24.
    dock = [r for r in records if r["station"] == "Dock"]
    assert [r["period"][11:13] for r in dock if "pm25_24h" not in r["missing"]][:1] == ["19"]


def test_hours_of_a_place_are_the_mean_of_its_stations() -> None:
    records = list(air(a_year(), period="2016-03-05", by="jurisdiction", unit_of_time="hour").records())
    noon = {r["jurisdiction"]: r["no2_1h"] for r in records if r["period"][11:13] == "12"}
    assert noon == {CITY: "45", EAST: "30", WEST: "60"}  # without the dock
    assert len(list(air(a_year(), period="2020-01-01", by="jurisdiction", unit_of_time="hour").records())) == 3 * 24
    with pytest.raises(InputError, match="not set beside another regime"):
        air(a_year(), period="2016-03-05", unit_of_time="hour", against="cn-2026")


def test_hours_above_a_limit_are_counted_where_the_law_counts_them() -> None:
    # EU 2030: NO2 above 200 in no more than 3 hours of a year. One day of 250 has 24 of them.
    def level(station: str, quantity: str, day: date) -> float | None:
        smog = quantity == "no2" and station == "Mill" and day == date(2016, 12, 20)
        return 250 if smog else CLEAN[quantity] / 3

    readings = measured(shore(), Y2016, level)
    by_station = {r["station"]: r["attained"] for r in air(readings, period="2016", regime="eu-2030").records()}
    assert (by_station["Mill"]["no2"], by_station["Park"]["no2"]) == (False, True)
    by_place = next(air(readings, period="2016", regime="eu-2030", by="jurisdiction").records())
    assert by_place["attained"]["no2"] is None


def test_names_that_nobody_declared_are_refused() -> None:
    with pytest.raises(UnknownName, match="Did you mean Dock"):
        air(a_year(), period="2016", by="group", groups={"x": ["Dokc"]})
    with pytest.raises(InputError, match="groups are asked for"):
        air(a_year(), period="2016", by="group")


@pytest.mark.parametrize("unit", ["day", "month", "quarter", "year"])
def test_a_period_without_a_single_reading_is_a_result(unit: str) -> None:
    records = list(air(a_year(), period="2020", unit_of_time=unit).records())  # type: ignore[arg-type]
    assert len(records) == 4 * {"day": 366, "month": 12, "quarter": 4, "year": 1}[unit]
    assert not any(r["valid"] for r in records)


def test_records_flatten_to_dotted_columns_and_hold_no_binary_float() -> None:
    records = list(air(a_year(), period="2016", by="jurisdiction", against="cn-2026").records())
    assert json.loads(json_text(records), parse_float=pytest.fail) == records
    flat = flatten(records[0])
    assert (flat["mean.pm25"], flat["completeness.co.valid_days"]) == ("40", 366)
    # 361 days at (30 + 30 + 60) / 3 and five, without the dock, at (30 + 60) / 2: 40.07.
    assert flat["against.converted.mean.pm25"] == "40.1"


def test_the_headline_says_who_is_best_and_worst() -> None:
    assert headline(air(a_year(), period="2016")) == (
        "2016 under cn-2012: 3 of 4 places can be assessed; composite index from Hill 3.38 to Mill 6.76."
    )


def test_trends_by_month_and_year() -> None:
    by_year = list(trend_records(air(two_years(), period="2015..2016")))
    assert (by_year[0]["n"], by_year[0]["spearman"]["significant"]) == (2, False)
    assert by_year[0]["spearman"]["why_not"] == "2 values cannot be significant at 5% two-sided: at least 5 are needed"
    months = air(two_years(), period="2015..2016", unit_of_time="month")
    (mill,) = (r for r in trend_records(months) if r["station"] == "Mill" and r["figure"] == "pm25")
    assert (mill["n"], mill["seasonal_kendall"]["s"], mill["slope"]["per_year"]) == (24, 12, "3")
    with pytest.raises(InputError, match="no trend test for a series by day"):
        list(trend_records(air(two_years(), period="2016", unit_of_time="day")))
