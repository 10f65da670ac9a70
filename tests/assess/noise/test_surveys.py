"""Grades of areas and roads, at and around every bound; the bounds are typed here again from HJ 640-2012."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.assess.noise.city import CITY, EAST, FIRST, WEST, Sound, around_the_clock, heard, hours, network

from commonshed.assess.noise import noise
from commonshed.errors import PlacesError
from commonshed.periods import Period
from commonshed.places import Station

BOUNDS = {
    ("area", "day"): [50, 55, 60, 65],
    ("area", "night"): [40, 45, 50, 55],
    ("road", "day"): [68, 70, 72, 74],
    ("road", "night"): [58, 60, 62, 64],
}
WORDS = ["好", "较好", "一般", "较差", "差"]


def surveyed(stations: list[Station], sounds: list[Sound], *, days: int = 1) -> dict[tuple[str, str], Any]:
    """Records of the surveys by jurisdiction and survey."""
    period = Period(FIRST, FIRST + timedelta(days=days - 1))
    assessment = noise(heard(network(*stations), sounds), period=period, by="jurisdiction", regime="cn-noise")
    return {(record["jurisdiction"], record["survey"]): record for record in assessment.records()}


def point(id: str, survey: Any, **fields: Any) -> Station:
    return Station(id, jurisdiction=fields.pop("jurisdiction", EAST), survey=survey, **fields)


@pytest.mark.parametrize(("survey", "part"), BOUNDS)
def test_a_bound_belongs_to_the_better_grade_and_a_tenth_more_to_the_next(survey: str, part: str) -> None:
    length = {"road_length": "100"} if survey == "road" else {}
    for number, bound in enumerate(BOUNDS[survey, part], 1):
        for level, grade in ((bound * 100 - 10, number), (bound * 100, number), (bound * 100 + 10, number + 1)):
            found = surveyed([point("P", survey, **length)], hours("P", {9 if part == "day" else 23: level}))
            record = found[EAST, survey][part]
            assert (record["grade"], record["grade_name"]["zh"]) == (grade, WORDS[grade - 1])


def test_an_area_is_the_arithmetic_mean_of_its_points_not_of_their_energy() -> None:
    points = [point("P", "area"), point("Q", "area"), point("R", "area", jurisdiction=WEST)]
    found = surveyed(points, [*hours("P", {9: 5000}), *hours("Q", {9: 6010}), *hours("R", {9: 4030})])
    # (50.0 + 60.1) / 2 = 55.05, half to even; the mean energy would be 57.5
    assert (found[EAST, "area"]["day"]["level"], found[EAST, "area"]["day"]["grade"]) == ("55.0", 2)
    # (50.0 + 60.1 + 40.3) / 3 = 50.13
    assert found[CITY, "area"]["day"]["level"] == "50.1"
    assert found[CITY, "area"]["points"] == 3


def test_roads_weigh_by_their_lengths() -> None:
    roads = [point("P", "road", road_length="1200.5"), point("Q", "road", road_length="399.5")]
    found = surveyed(roads, [*hours("P", {9: 7000}), *hours("Q", {9: 6600})])
    # (1200.5 · 70 + 399.5 · 66) / 1600 = 69.00125
    assert found[EAST, "road"]["day"]["level"] == "69.0"


def test_a_road_without_a_length_is_an_error_that_names_it() -> None:
    with pytest.raises(PlacesError, match="station P of the road survey stands for no length of road"):
        surveyed([point("P", "road")], hours("P", {9: 7000}))


def test_functional_zones_count_the_days_and_nights_that_kept_their_limits() -> None:
    """Two days in zone 2 (60, 50) and one in zone 1 (55, 45)."""
    points = [point("P", "functional-zone", noise_zone="2"), point("Q", "functional-zone", noise_zone="1")]
    later = FIRST + timedelta(days=1)
    sounds = [
        *around_the_clock("P", 6000, 5010),
        *around_the_clock("P", 6010, 5000, day=later),
        *around_the_clock("Q", 5500, 4500),
    ]
    record = surveyed(points, sounds, days=2)[EAST, "functional-zone"]
    assert (record["day"]["met"], record["day"]["judged"], record["day"]["share_met"]) == (2, 3, "66.7")
    assert (record["night"]["met"], record["night"]["judged"]) == (2, 3)
    assert record["zones"]["2"] == {
        "day": {"met": 1, "judged": 2, "share_met": "50.0"},
        "night": {"met": 1, "judged": 2, "share_met": "50.0"},
    }
    assert record["zones"]["1"]["day"]["share_met"] == "100.0"
    assert record["day"]["level"] is record["day"]["grade"] is None


def test_points_without_a_level_are_named_and_do_not_count() -> None:
    found = surveyed([point("P", "area"), point("Q", "area")], hours("P", {9: 5000, 23: 4000}))
    record = found[EAST, "area"]
    assert (record["points"], record["day"]["measured"], record["missing"]) == (2, 1, ["Q"])
    assert record["valid"]


def test_a_survey_without_any_level_is_not_assessed_and_says_why() -> None:
    record = surveyed([point("P", "area")], hours("Q", {9: 5000}))[EAST, "area"]
    assert not record["valid"]
    assert record["why_not"] == "no point was measured as HJ 640-2012, clause 4 (area noise), table of grades asks"
    assert record["night"]["level"] is None


def test_a_survey_of_single_measurements_by_day_alone_is_assessed_and_says_so() -> None:
    record = surveyed([point("P", "area")], hours("P", {9: 5000}))[EAST, "area"]
    assert (record["valid"], record["why_not"], record["day"]["grade"]) == (True, None, 1)
    assert record["notes"] == ["nothing was measured by night"]


def test_control_points_are_left_out_of_surveys() -> None:
    points = [point("P", "area"), point("Q", "area", role="control")]
    found = surveyed(points, [*hours("P", {9: 5000}), *hours("Q", {9: 9000})])
    assert found[EAST, "area"]["day"]["level"] == "50.0"


def test_points_that_lie_nowhere_make_no_survey() -> None:
    with pytest.raises(PlacesError, match="no assessed point of a survey lies in a jurisdiction"):
        surveyed([Station("P", survey="area")], hours("P", {9: 5000}))


@given(st.lists(st.tuples(st.integers(4000, 9000), st.integers(1, 5000)), min_size=1, max_size=5), st.randoms())
def test_the_order_of_roads_does_not_matter(roads: list[tuple[int, int]], random: Any) -> None:
    stations = [point(f"P{i}", "road", road_length=str(length)) for i, (_, length) in enumerate(roads)]
    sounds = [sound for i, (ticks, _) in enumerate(roads) for sound in hours(f"P{i}", {9: ticks})]
    shuffled = list(sounds)
    random.shuffle(shuffled)
    there, back = surveyed(stations, sounds), surveyed(stations[::-1], shuffled)
    assert there[EAST, "road"] == back[EAST, "road"]
