"""The oracle itself: worked examples of the texts, and facts of the data it must find."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction

import pytest
from tests.oracle import beijing, readings
from tests.oracle.days import daily_values, evaluate, index_of, maximum_8h
from tests.oracle.hours import grade_hour
from tests.oracle.law import CN_2012, CN_2026, LAWS, Law
from tests.oracle.periods import Span, assess, months_of, rank
from tests.oracle.rounding import as_text, class_of, percentile, round_8170, sub_index


def year(station: str, of: int, law: Law = CN_2012) -> Span:
    return assess(beijing.station_days(law.name)[station], readings.FIRST_DAY, date(of, 1, 1), date(of, 12, 31), law)


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        ("0.5", 0, "0"),
        ("1.5", 0, "2"),
        ("2.5", 0, "2"),
        ("2.51", 0, "3"),
        ("0.25", 1, "0.2"),
        ("0.35", 1, "0.4"),
        ("1.05", 1, "1.0"),
        ("12.149", 1, "12.1"),
    ],
)
def test_an_exact_half_goes_to_the_even_digit_gbt_8170_clause_3_2(value: str, decimals: int, expected: str) -> None:
    assert as_text(round_8170(Fraction(value), decimals), decimals) == expected


@pytest.mark.parametrize(
    ("table", "concentration", "expected"),
    [
        # Examples in the facts on HJ 633-2012, computed from its table 1.
        ("pm25_24h", "35", 50),
        ("pm25_24h", "36", 52),
        ("pm25_24h", "150", 200),
        ("o3_8h", "161", 101),
        ("pm10_24h", "151", 101),
        ("co_24h", "2.1", 53),
        ("pm25_24h", "501", 500),
        ("o3_8h", "801", None),
        ("so2_1h", "801", None),
    ],
)
def test_sub_indices_of_hj_633_2012(table: str, concentration: str, expected: int | None) -> None:
    assert sub_index("cn-2012", table, Fraction(concentration)) == expected


@pytest.mark.parametrize(
    ("table", "concentration", "expected"),
    [
        ("pm25_24h", "35", 50),
        ("pm25_24h", "60", 100),
        ("pm25_24h", "61", 101),
        ("pm10_24h", "120", 100),
        ("o3_8h", "801", 300),
        ("so2_1h", "801", 200),
    ],
)
def test_sub_indices_of_hj_633_2026(table: str, concentration: str, expected: int) -> None:
    assert sub_index("cn-2026@transition", table, Fraction(concentration)) == expected


def test_percentiles_of_hj_663_2013_annex_a() -> None:
    assert percentile([Fraction(v) for v in (10, 20, 30, 40, 50)], 90) == 46
    assert percentile([Fraction(v) for v in (4, 3, 2, 1)], 50) == Fraction(5, 2)
    assert percentile([Fraction(7)], 98) == 7


def test_classes_end_where_hj_633_says() -> None:
    assert [class_of(aqi) for aqi in (0, 50, 51, 100, 101, 150, 151, 200, 201, 300, 301, 500)] == [
        1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6,
    ]  # fmt: skip


def test_a_composite_of_every_c_at_its_s_is_six() -> None:
    total = sum(weight for _, _, weight in CN_2012.composite.values())
    assert total == 6
    # Facts on HJ 663-2013, composite_index.example.
    example = {"so2": "10", "no2": "30", "pm10": "60", "pm25": "35", "co": "1.2", "o3_8h": "120"}
    index = sum((Fraction(example[key]) / s for key, (_, s, _) in CN_2012.composite.items()), Fraction(0))
    assert round_8170(index, 10) == Fraction("3.8238095238")


def test_a_daily_mean_needs_twenty_hours() -> None:
    hours: dict[str, list[int | None]] = {q: [10_000] * 20 + [None] * 4 for q in readings.COLUMNS}
    assert daily_values(hours, CN_2012)["pm25"] == 10
    hours["pm25"][0] = None
    assert daily_values(hours, CN_2012)["pm25"] is None


def test_the_8_hour_maximum_stays_within_its_day_and_needs_fourteen_windows() -> None:
    limit = Fraction(160)
    # Hour 0 to 23 all at 50: 17 windows. Without the first seven hours the windows ending 08..12 have < 6 hours.
    assert maximum_8h([50_000] * 24, limit, Fraction(1, 1000)) == 50
    early_gap: list[int | None] = [None] * 6 + [50_000] * 18
    assert maximum_8h(early_gap, limit, Fraction(1, 1000)) is None  # windows ending 12..24: 13
    early_gap[5] = 50_000
    assert maximum_8h(early_gap, limit, Fraction(1, 1000)) == 50  # windows ending 11..24: 14
    few: list[int | None] = [None] * 18 + [161_000] * 6
    assert maximum_8h(few, limit, Fraction(1, 1000)) == 161
    few = [None] * 18 + [160_000] * 6
    assert maximum_8h(few, limit, Fraction(1, 1000)) is None


def test_ties_are_all_primary_and_o3_is_named_once() -> None:
    subs = {"pm25": 80, "pm10": 80, "o3_8h": 80, "o3_1h": 80, "co": 3}
    assert index_of(subs, CN_2012, incomplete=False) == (80, 2, ["pm25", "pm10", "o3"])
    assert index_of({"pm25": 50}, CN_2012, incomplete=True) == (50, 1, [])


def test_an_incomplete_index_counts_in_2012_and_in_2026_only_above_100() -> None:
    assert index_of({"pm25": 100}, CN_2012, incomplete=True)[0] == 100
    assert index_of({"pm25": 100}, CN_2026, incomplete=True)[0] is None
    assert index_of({"pm25": 101}, CN_2026, incomplete=True)[0] == 101
    assert index_of({"pm25": 0}, CN_2026, incomplete=False)[0] == 1


def test_o3_above_800_takes_the_1_hour_sub_index_in_2012_and_300_in_2026() -> None:
    values = {"pm25": Fraction(1), "pm10": Fraction(1), "so2": Fraction(1), "no2": Fraction(1), "co": Fraction(1),
              "o3_8h": Fraction(900), "o3_1h": Fraction(1000)}  # fmt: skip
    assert (evaluate(dict(values), CN_2012).aqi, evaluate(dict(values), CN_2026).aqi) == (400, 300)


def test_real_time_indices_differ_between_the_editions() -> None:
    hours = {q: [20_000] * 48 for q in readings.COLUMNS}
    hours["co"] = [1000] * 48
    hours["pm25"] = [35_000] * 47 + [60_000]
    old, new = (grade_hour(hours, 47, law) for law in (CN_2012, CN_2026))
    # 2012: the running 24-h mean, (23 x 35 + 60) / 24 = 36.04; 2026: the hour itself.
    assert old.values["pm25_24h"] == 36
    assert (old.aqi, old.primary) == (52, ["pm25"])
    assert new.values["pm25"] == 60
    assert (new.aqi, new.primary) == (100, ["pm25"])


def test_ranks_share_ties_and_leave_out_who_has_no_index() -> None:
    assert rank({"a": "5.10", "b": "4.90", "c": "5.10", "d": None, "e": "6.00"}) == {
        "a": 2, "b": 1, "c": 2, "d": None, "e": 4,
    }  # fmt: skip


def test_months_of_a_rolling_year() -> None:
    assert months_of(date(2014, 3, 1), date(2015, 2, 28))[0] == (2014, 3)
    assert len(months_of(date(2014, 3, 1), date(2015, 2, 28))) == 12


def test_missing_counts_are_those_of_the_data_s_description() -> None:
    missing = Counter({q: sum(s[q].count(None) for s in beijing.series().values()) for q in readings.COLUMNS})
    assert missing == {"pm25": 8_739, "pm10": 6_449, "so2": 9_021, "no2": 12_116, "co": 20_701, "o3": 13_277}
    assert {len(s[q]) for s in beijing.series().values() for q in s} == {35_064}


def test_sixteen_of_36_station_years_of_pm25_turn_on_the_monthly_condition() -> None:
    years = {(station, of): year(station, of) for station in readings.STATIONS for of in (2014, 2015, 2016)}
    enough = [key for key, span in years.items() if span.valid_values["pm25"] >= 324]
    turned = Counter(of for (_, of), span in years.items() if span.months_short["pm25"])
    assert len(enough) == 36
    assert sum(turned.values()) == 16
    assert all(bool(span.months_short["pm25"]) is not span.complete["pm25"] for span in years.values())


@pytest.mark.parametrize("law", sorted(LAWS))
def test_every_day_of_every_station_is_graded(law: str) -> None:
    days = beijing.station_days(law)
    assert sorted(days) == sorted(readings.STATIONS)
    assert {len(run) for run in days.values()} == {1_461}
    graded = sum(day.aqi is not None for run in days.values() for day in run)
    # cn-2012: from the rest; cn-2026: from the rest only above 100.
    assert graded == {"cn-2012": 17_248, "cn-2026@transition": 16_570, "cn-2026@final": 16_570}[law]


def test_the_city_has_no_figure_for_annual_ozone_2016_because_of_september() -> None:
    city = assess(
        beijing.place_days("cn-2012")["110000"], readings.FIRST_DAY, date(2016, 1, 1), date(2016, 12, 31), CN_2012
    )
    assert city.months_short["o3_8h"] == ["2016-09"]
    assert city.valid_values["o3_8h"] == 358
    assert city.percentile["o3_8h"] is None
    assert city.indicative_percentile["o3_8h"] == "199"


def test_the_only_daily_value_that_the_resolution_moves_is_no2_at_dingling() -> None:
    # One reading of that day is finer than a tick: 25.49997 becomes 25.500 and goes to the even neighbour, 26.
    at = (date(2013, 10, 19) - readings.FIRST_DAY).days
    day = beijing.station_days("cn-2012")["Dingling"][at]
    assert day.unrounded["no2"] == Fraction(51, 2)
    assert day.values["no2"] == 26
    assert readings.FIRST_DAY + timedelta(days=at) == date(2013, 10, 19)
