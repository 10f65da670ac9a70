"""The city's figures beside the official bulletin of 2016: close where they should be, never tuned.

Bulletin as printed (facts on the Beijing bulletin): PM2.5 73, SO2 10, NO2 48, PM10 92, CO 95th percentile 3.2, O3
90th percentile 199, 198 good days (class I 68, class II 130), 39 heavy days.

What may differ: the official figures rest on validated values and on a set of stations that need not be these eleven;
these hours are as first published, two days of the year have no city figure, and 2016 has 366. Which of these makes
PM10 4 ug/m3 higher here cannot be told from public data.
"""

from __future__ import annotations

import tomllib
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from tests.oracle import beijing, readings
from tests.oracle.days import city_day
from tests.oracle.law import CN_2012
from tests.oracle.periods import Span, assess


def _assess(run: list, of: int) -> Span:  # type: ignore[type-arg]
    return assess(run, readings.FIRST_DAY, date(of, 1, 1), date(of, 12, 31), CN_2012)


@pytest.fixture(scope="module")
def bulletin() -> dict[int, dict[str, float | int]]:
    facts = Path("src/commonshed/datasets/beijing/bulletin.toml")
    path = Path(__file__).parents[2] / facts
    return {entry["year"]: entry for entry in tomllib.loads(path.read_text("utf-8"))["year"]}


@pytest.fixture(scope="module")
def city_2016() -> Span:
    return _assess(beijing.place_days("cn-2012")["110000"], 2016)


def test_five_of_six_figures_of_2016_are_the_printed_ones(
    bulletin: dict[int, dict[str, float | int]], city_2016: Span
) -> None:
    printed = bulletin[2016]
    ours = {
        "PM25_mean": city_2016.indicative_mean["pm25"],
        "SO2_mean": city_2016.indicative_mean["so2"],
        "NO2_mean": city_2016.indicative_mean["no2"],
        "PM10_mean": city_2016.indicative_mean["pm10"],
        "CO_p95": city_2016.indicative_percentile["co"],
        "O3_8h_p90": city_2016.indicative_percentile["o3_8h"],
    }
    for key, value in ours.items():
        print(f"{key}: ours {value}, bulletin {printed[key]}")
    same = {key for key, value in ours.items() if Fraction(str(value)) == Fraction(str(printed[key]))}
    assert same == {"PM25_mean", "SO2_mean", "NO2_mean", "CO_p95", "O3_8h_p90"}
    # PM10: 96 beside 92, 4 % above, unexplained: see the top of this file.
    assert ours["PM10_mean"] == "96"
    assert abs(Fraction("96") / Fraction(printed["PM10_mean"]) - 1) < Fraction(5, 100)


def test_days_of_2016_differ_by_a_few_of_366(bulletin: dict[int, dict[str, float | int]], city_2016: Span) -> None:
    printed = bulletin[2016]
    ours = city_2016.days_by_class
    print(f"good days: ours {city_2016.good_days} of {city_2016.valid_days}, bulletin {printed['good_days']} of 366")
    print(f"class I: {ours['1']} beside {printed['class_1_days']}; II: {ours['2']} beside {printed['class_2_days']}")
    assert abs(ours["1"] - printed["class_1_days"]) <= 6
    assert abs(ours["2"] - printed["class_2_days"]) <= 6
    assert abs(ours["5"] + ours["6"] - printed["heavy_days"]) <= 3
    assert city_2016.valid_days == 364


def test_the_control_station_would_pull_the_city_away_from_the_bulletin(
    bulletin: dict[int, dict[str, float | int]], city_2016: Span
) -> None:
    stations = beijing.station_days("cn-2012")
    first, last = ((date(2016, m, d) - readings.FIRST_DAY).days for m, d in ((1, 1), (12, 31)))
    with_control = [
        city_day([stations[s][i].unrounded for s in readings.STATIONS], CN_2012) for i in range(first, last + 1)
    ]
    span = assess(with_control, date(2016, 1, 1), date(2016, 1, 1), date(2016, 12, 31), CN_2012)
    print("with Dingling", span.indicative_mean, span.indicative_percentile)
    assert span.indicative_mean != city_2016.indicative_mean
    assert span.indicative_mean["pm25"] == "72"
    assert bulletin[2016]["PM25_mean"] == 73


def test_2013_and_2017_are_not_comparable_because_they_are_not_whole() -> None:
    run = beijing.place_days("cn-2012")["110000"]
    for of, missing in ((2013, ["2013-01", "2013-02"]), (2017, [f"2017-{m:02d}" for m in range(3, 13)])):
        span = _assess(run, of)
        assert span.mean["pm25"] is None
        assert [month for month in span.months_short["pm25"] if month in missing] == missing
