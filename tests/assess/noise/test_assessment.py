"""Points against the limits of their zones; the limits are typed here again from GB 3096-2008."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from tests.assess.noise.city import EAST, FIRST, Sound, around_the_clock, heard, hours, network

from commonshed.assess.noise import noise
from commonshed.errors import InputError, NotCovered, UnknownName
from commonshed.periods import Period
from commonshed.places import Station
from commonshed.standards import Edition, regime

LIMITS = {"0": (50, 40), "1": (55, 45), "2": (60, 50), "3": (65, 55), "4a": (70, 55), "4b": (70, 60)}


def assessed(station: Station, sounds: list[Sound], **asked: Any) -> list[dict[str, Any]]:
    """Records of one point."""
    asked = dict[str, Any](period=Period(FIRST, FIRST), regime="cn-noise") | asked
    return list(noise(heard(network(station), sounds), **asked).records())


def in_zone(zone: str | None, survey: Any = "functional-zone") -> Station:
    return Station("P", "Square", "广场", jurisdiction=EAST, noise_zone=zone, survey=survey)


@pytest.mark.parametrize("zone", LIMITS)
def test_a_level_on_the_limit_keeps_it_and_a_tenth_above_does_not(zone: str) -> None:
    day, night = LIMITS[zone]
    (kept,) = assessed(in_zone(zone), around_the_clock("P", day * 100, night * 100))
    (broken,) = assessed(in_zone(zone), around_the_clock("P", day * 100 + 10, night * 100 + 10))
    assert (kept["day"]["met"], kept["night"]["met"]) == (True, True)
    assert (kept["day"]["limit"], kept["night"]["limit"]) == (str(day), str(night))
    assert (broken["day"]["met"], broken["night"]["met"]) == (False, False)
    assert (broken["day"]["excess"], kept["day"]["excess"]) == ("0.1", None)


def test_a_level_is_rounded_before_it_is_held_against_the_limit() -> None:
    (record,) = assessed(in_zone("2"), around_the_clock("P", 6004, 5005))
    assert (record["day"]["level"], record["day"]["met"]) == ("60.0", True)
    assert (record["night"]["level"], record["night"]["met"]) == ("50.0", True), "50.05 goes to the even tenth"


def test_the_record_of_a_point_names_its_law_and_its_figures() -> None:
    (record,) = assessed(in_zone("2"), around_the_clock("P", 5830, 4710))
    assert record == {
        "station": "P",
        "name": {"en": "Square", "zh": "广场"},
        "role": "assessed",
        "period": "2024-03-04",
        "regime": "cn-noise",
        "editions": ["GB 3096-2008", "HJ 640-2012"],
        "in_force": True,
        "survey": "functional-zone",
        "zone": "2",
        "valid": True,
        "why_not": None,
        "day": {
            "level": "58.3",
            "limit": "60",
            "met": True,
            "excess": None,
            "days": 1,
            "days_met": 1,
            "share_met": "100.0",
            "short_days": 0,
        },
        "night": {
            "level": "47.1",
            "limit": "50",
            "met": True,
            "excess": None,
            "days": 1,
            "days_met": 1,
            "share_met": "100.0",
            "short_days": 0,
            "peak": None,
            "peak_limit": "65",
            "peak_met": None,
        },
        "notes": [],
    }


def test_a_functional_zone_needs_all_its_hours_and_says_how_many_it_has() -> None:
    fifteen = dict.fromkeys(range(6, 21), 5000) | dict.fromkeys(range(22, 30), 4000)
    (record,) = assessed(in_zone("2"), hours("P", fifteen))
    assert not record["valid"]
    assert record["why_not"] == (
        "15 hours by day at most of the 16 that HJ 640-2012, clause 6 (functional zones) asks for"
    )
    assert (record["day"]["level"], record["day"]["short_days"]) == (None, 1)
    assert record["night"]["level"] == "40.0"


def test_a_point_of_an_area_needs_one_measurement() -> None:
    (record,) = assessed(in_zone("2", "area"), hours("P", {10: 5000}))
    assert record["day"]["level"] == "50.0"
    assert (record["valid"], record["why_not"]) == (True, None)
    assert record["notes"] == ["nothing was measured by night"]


def test_loud_hours_weigh_by_their_energy() -> None:
    """15 hours of 50 and one of 70: 10 lg((15 · 10^5 + 10^7) / 16) = 58.57."""
    sounds = hours("P", dict.fromkeys(range(6, 21), 5000) | {21: 7000})
    assert assessed(in_zone("2"), sounds)[0]["day"]["level"] == "58.6"


def test_the_days_of_a_period_count_alike_whatever_their_hours() -> None:
    """One day of 50 in 16 hours, one of 60 in a single hour: 10 lg((10^5 + 10^6) / 2) = 57.40."""
    later = FIRST + timedelta(days=1)
    sounds = [*hours("P", dict.fromkeys(range(6, 22), 5000)), *hours("P", {12: 6000}, day=later)]
    (record,) = assessed(in_zone("2", "area"), sounds, period=Period(FIRST, later))
    assert (record["day"]["level"], record["day"]["days"], record["day"]["days_met"]) == ("57.4", 2, 2)


@pytest.mark.parametrize(("peak", "kept"), [(6500, True), (6510, False)])
def test_a_sudden_noise_may_pass_the_limit_of_the_night_by_fifteen(peak: int, kept: bool) -> None:
    sounds = [*around_the_clock("P", 5000, 4000), *hours("P", {23: peak}, statistic="max")]
    (record,) = assessed(in_zone("2"), sounds)
    assert (record["night"]["peak_limit"], record["night"]["peak_met"]) == ("65", kept)
    assert record["night"]["met"], "the mean of the night is another matter"
    assert "what made it is not known" in record["notes"][0]


def test_a_period_is_split_into_units_of_time() -> None:
    sounds = [*around_the_clock("P", 5000, 4000), *around_the_clock("P", 6100, 4000, day=date(2024, 4, 1))]
    records = assessed(in_zone("2"), sounds, period="2024-03..2024-04", unit_of_time="month")
    assert [(r["period"], r["day"]["level"], r["day"]["met"]) for r in records] == [
        ("2024-03", "50.0", True),
        ("2024-04", "61.0", False),
    ]


def test_a_point_without_a_zone_is_measured_but_not_judged() -> None:
    (record,) = assessed(in_zone(None), around_the_clock("P", 9000, 9000))
    assert (record["day"]["level"], record["day"]["met"], record["day"]["days_met"]) == ("90.0", None, None)
    assert record["notes"] == ["no zone is declared for this point: it is held against no limit"]
    (unknown,) = assessed(in_zone("5"), around_the_clock("P", 9000, 9000))
    assert unknown["notes"] == ["the law has no zone 5"]


def test_without_a_name_the_law_of_the_place_and_day_judges() -> None:
    (record,) = assessed(in_zone("2"), around_the_clock("P", 5000, 4000), regime=None)
    assert (record["regime"], record["in_force"]) == ("cn-noise", True)
    old = date(2012, 5, 1)
    with pytest.raises(NotCovered, match="governs noise in 230102 on 2012-05-01"):
        assessed(in_zone("2"), around_the_clock("P", 5000, 4000, day=old), regime=None, period=Period(old, old))
    (named,) = assessed(in_zone("2"), around_the_clock("P", 5000, 4000, day=old), period=Period(old, old))
    assert not named["in_force"]


def test_what_cannot_be_asked_is_refused_by_its_name() -> None:
    with pytest.raises(InputError, match="cn-2012 grades air, not noise"):
        assessed(in_zone("2"), [], regime="cn-2012")
    with pytest.raises(UnknownName, match="'Q'"):
        assessed(in_zone("2"), [], stations=["Q"])
    with pytest.raises(NotCovered, match="no station lies in a jurisdiction"):
        assessed(Station("P"), [], regime=None)


def test_readings_that_reach_over_nightfall_are_told() -> None:
    source = heard(network(in_zone("2")), [("P", datetime(2024, 3, 4, 21, 30), 3600, 5000, "leq")])
    assessment = noise(source, period=Period(FIRST, FIRST), regime="cn-noise")
    assert assessment.not_graded == ["readings of 2024-03-04 that reach over the end of day or night, not graded: 1"]


def test_a_stricter_local_limit_judges_where_it_was_issued() -> None:
    law = regime("cn-noise")
    layer = Edition.model_validate(
        {
            "schema_version": 1,
            "id": "DB23/2-2020",
            "title": {"en": "quieter", "zh": "更安静"},
            "medium": "noise",
            "issuer": "230000",
            "dates_provenance": "made_up",
            "levels": {"2": {"en": "class 2", "zh": "2类"}},
            "in_force": [{"first": "2020-01-01", "provenance": "made_up"}],
            "limits": [
                {
                    "quantity": "leq",
                    "of": "night",
                    "unit": "dB(A)",
                    "levels": {"2": 45},
                    "clause": {"en": "table 1", "zh": "表 1"},
                    "provenance": "made_up",
                }
            ],
            "provenance": {"made_up": {"status": "unverified", "note": "made up for tests"}},
        }
    ).read_from(b"a made-up file")
    (record,) = assessed(in_zone("2"), around_the_clock("P", 5000, 4600), regime=law.with_layer(layer))
    assert (record["night"]["limit"], record["night"]["met"]) == ("45", False)
    assert (record["night"]["peak_limit"], record["editions"][-1]) == ("60", "DB23/2-2020")
