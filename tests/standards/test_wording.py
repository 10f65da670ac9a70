"""Rules read as a person would say them."""

from __future__ import annotations

import pytest

from commonshed.standards import edition, regime
from commonshed.standards.vocabulary import averages, name_of
from commonshed.standards.wording import allowance, how, index_rules, needs, what_is_asked


@pytest.mark.parametrize(
    ("id", "time", "key", "made", "needed"),
    [
        ("cn-2012", "day", "pm25", "mean of the day", "20 of 24 hours"),
        (
            "cn-2012",
            "day",
            "o3_8h",
            "largest mean of 8 hours ending 08:00 to 24:00",
            "6 of 8 hours, 14 windows (or above the limit)",
        ),
        ("cn-2012", "day", "o3_1h", "largest hour of the day", "20 of 24 hours"),
        ("cn-2012", "hour", "pm25_24h", "mean of the 24 hours that end with the hour", "20 of 24 hours"),
        ("cn-2026", "hour", "pm25_1h", "the hour", "the hour"),
        (
            "us-2024",
            "hour",
            "pm25_nowcast",
            "mean of the last 12 hours, the newest weighing most",
            "2 of the newest 3 hours",
        ),
    ],
)
def test_a_statistic_in_words(id: str, time: str, key: str, made: str, needed: str) -> None:
    every = (*regime(id).statistics("day"), *regime(id).statistics("hour"))
    statistic = next(s for s in every if (s.time, s.key) == (time, key))
    assert (how(statistic), needs(statistic)) == (made, needed)


def test_a_method_in_words() -> None:
    method = edition("HJ 663-2013").assessment
    assert method is not None
    said = [(of, asked) for of, _, asked, _, _ in what_is_asked(method)]
    assert said[:2] == [
        ("PM2.5", "mean of pm25 within the limit of the annual mean"),
        ("PM2.5", "percentile 95 of pm25 within the limit of the 24-hour mean"),
    ]
    assert ("completeness", "324 days a year and 27 days a month (25 in February), every month") in said
    assert ("composite index", "percentile 90 of o3_8h / 160 ug/m3") in said


def test_counts_and_seasons_in_words() -> None:
    europe, world = edition("EU-2024/2881").assessment, edition("WHO-AQG-2021").assessment
    assert europe is not None
    assert world is not None
    said = [asked for _, _, asked, _, _ in (*what_is_asked(europe), *what_is_asked(world))]
    assert "no more than 3 hours of no2_1h above the 1-hour mean" in said
    assert "85 % of the days" in said
    assert "mean of o3_8h over its highest six months within the limit of the peak season mean" in said


def test_an_index_in_words() -> None:
    index = edition("HJ 633-2026").index
    assert index is not None
    said = {of: rule for of, rule, _ in index_rules(index)}
    assert said["index"] == "the largest sub-index, from 1 to 500"
    assert said["sub-index"] == "rounded up to an integer"
    assert said["index when a quantity is missing"] == "made from the rest, and stated only when above 100"


def test_an_allowance_in_words() -> None:
    assert allowance(None) is None
    assert allowance(18) == "18 times a year"
    assert allowance(18, 3) == "18 times a year, mean of 3 years"


def test_every_average_has_a_name_and_a_stranger_stands_for_itself() -> None:
    assert averages()["mda8"].zh == "日最大8小时平均"
    assert name_of("averages", "fortnight").en == "fortnight"
