"""What cities and provinces published, made again from the figures they printed."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from tests.assess.noise.city import EAST, FIRST, around_the_clock, heard, hours, network

from commonshed.assess.noise import noise
from commonshed.assess.noise.surveys import share_met
from commonshed.periods import Period
from commonshed.places import Station
from commonshed.standards import regime

METHOD = regime("cn-noise").noise
assert METHOD is not None


@pytest.mark.parametrize(
    ("met", "of", "share"),
    [
        # Hunan, functional zones, fourth quarter of 2021: all zones by day and night, then classes 1, 2 and 3
        (151, 156, "96.8"),
        (139, 156, "89.1"),
        (15, 18, "83.3"),
        (14, 18, "77.8"),
        (83, 85, "97.6"),
        (82, 85, "96.5"),
        (29, 29, "100.0"),
        (28, 29, "96.6"),
        # the same, third quarter of 2020
        (123, 143, "86.0"),
        (94, 143, "65.7"),
        (1, 2, "50.0"),
        (20, 30, "66.7"),
    ],
)
def test_shares_met_are_those_of_the_bulletins_of_hunan(met: int, of: int, share: str) -> None:
    assert METHOD is not None
    assert share_met(met, of, METHOD) == share


@pytest.mark.parametrize(
    ("survey", "part", "level", "words"),
    [
        # Xuancheng 2018 (xuancheng.gov.cn 1373565)
        ("area", "day", "54.5", "较好"),
        ("area", "night", "46.1", "一般"),
        ("road", "day", "59.3", "好"),
        ("road", "night", "51.4", "好"),
        # Changsha 2016 (yuelu.gov.cn 6876865): grade 2
        ("road", "day", "69.6", "较好"),
    ],
)
def test_grades_are_those_of_xuancheng_and_changsha(survey: Any, part: str, level: str, words: str) -> None:
    point = Station("P", jurisdiction=EAST, survey=survey, road_length="1000")
    ticks = int(Fraction(level) * 100)
    source = heard(network(point), hours("P", {9 if part == "day" else 23: ticks}))
    assessment = noise(source, period=Period(FIRST, FIRST), by="jurisdiction", regime="cn-noise")
    record = next(record for record in assessment.records() if record["jurisdiction"] == EAST)
    assert (record[part]["level"], record[part]["grade_name"]["zh"]) == (level, words)


@pytest.mark.parametrize(
    ("zone", "day", "night", "day_met", "night_met"),
    [
        # Suzhou (Anhui), third quarter of 2020 (sthjj.ahsz.gov.cn 189639941): seven points and what was said of them
        ("1", "54.2", "42.0", True, True),
        ("2", "64.7", "55.7", False, False),
        ("3", "53.3", "48.5", True, True),
        ("4a", "55.5", "48.5", True, True),
        ("1", "54.2", "50.5", True, False),
        ("3", "51.9", "50.3", True, True),
        ("1", "48.6", "44.0", True, True),
    ],
)
def test_verdicts_are_those_of_suzhou(zone: str, day: str, night: str, day_met: bool, night_met: bool) -> None:
    point = Station("P", jurisdiction=EAST, survey="functional-zone", noise_zone=zone)
    sounds = around_the_clock("P", int(Fraction(day) * 100), int(Fraction(night) * 100))
    (record,) = noise(heard(network(point), sounds), period=Period(FIRST, FIRST), regime="cn-noise").records()
    assert (record["day"]["met"], record["night"]["met"]) == (day_met, night_met)
