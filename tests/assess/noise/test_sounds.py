"""Which day and which part of it a sound belongs to."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pyarrow as pa
import pytest
from tests.assess.noise.city import FIRST, Sound, heard, hours, network

from commonshed.assess import Readings
from commonshed.assess.noise.sounds import sounds_between
from commonshed.periods import Period
from commonshed.places import Station
from commonshed.standards import regime

LAW = regime("cn-noise").noise_day
PLACES = network(Station("P"))
assert LAW is not None
PARTS = LAW.day_parts


def placed(*sounds: Sound, period: Period | None = None) -> dict[tuple[date, str], int]:
    """Seconds heard in each part of each day."""
    found = sounds_between(heard(PLACES, sounds), period or Period(FIRST, FIRST), PARTS)
    return {(day, part): sum(held.weights.values()) for (_, day, part), held in found.parts.items()}


@pytest.mark.parametrize(
    ("hour", "part", "day"),
    [
        (6, "day", FIRST),
        (21, "day", FIRST),
        (22, "night", FIRST),
        (23, "night", FIRST),
        (24, "night", FIRST),  # after midnight, still the night of the evening before
        (29, "night", FIRST),
        (30, "day", FIRST + timedelta(days=1)),
    ],
)
def test_a_night_belongs_to_the_day_on_which_it_begins(hour: int, part: str, day: date) -> None:
    two_days = Period(FIRST, FIRST + timedelta(days=1))
    assert placed(*hours("P", {hour: 5000}), period=two_days) == {(day, part): 3600}


def test_the_morning_of_the_first_day_belongs_to_a_night_outside_the_period() -> None:
    assert placed(*hours("P", {0: 5000, 5: 5000})) == {}


def test_the_last_night_is_heard_to_its_end_in_the_next_month() -> None:
    last = date(2024, 3, 31)
    found = placed(*hours("P", {23: 5000, 29: 5000}, day=last), period=Period(date(2024, 3, 1), last))
    assert found == {(last, "night"): 7200}


def test_a_reading_that_reaches_over_the_end_of_the_day_is_left_out_and_counted() -> None:
    astride = ("P", datetime(2024, 3, 4, 21, 30), 3600, 5000, "leq")
    whole_day = ("P", datetime(2024, 3, 4), 86_400, 5000, "leq")
    found = sounds_between(heard(PLACES, [astride, whole_day]), Period(FIRST, FIRST), PARTS)
    assert (found.parts, found.astride) == ({}, 2)


def test_short_measurements_weigh_by_their_seconds_and_touch_their_hours() -> None:
    ten_minutes = ("P", datetime(2024, 3, 4, 9, 5), 600, 5000, "leq")
    over_two_hours = ("P", datetime(2024, 3, 4, 10, 50), 1200, 6000, "mean")
    found = sounds_between(heard(PLACES, [ten_minutes, over_two_hours]), Period(FIRST, FIRST), PARTS)
    held = found.parts["P", FIRST, "day"]
    assert held.weights == {5000: 600, 6000: 1200}
    assert held.hours == 3


def test_the_loudest_maximum_is_kept_and_is_no_level() -> None:
    night = hours("P", {22: 6100, 23: 6900, 24: 6400}, statistic="max")
    (held,) = sounds_between(heard(PLACES, night), Period(FIRST, FIRST), PARTS).parts.values()
    assert (held.weights, held.hours, held.peak) == ({}, 0, 6900)


def test_other_statistics_and_invalid_readings_do_not_count() -> None:
    source = heard(PLACES, [*hours("P", {8: 5000}, statistic="l10"), *hours("P", {9: 5000})])
    flags = pa.array(["valid", "invalid"]).dictionary_encode()
    at = source.table.column_names.index("flag")
    source = Readings(source.table.set_column(at, source.table.schema.field("flag"), flags), PLACES)
    assert sounds_between(source, Period(FIRST, FIRST), PARTS).parts == {}


def test_of_the_same_reading_the_one_recorded_last_counts() -> None:
    found = sounds_between(heard(PLACES, [*hours("P", {8: 5000}), *hours("P", {8: 6000})]), Period(FIRST, FIRST), PARTS)
    assert found.parts["P", FIRST, "day"].weights == {6000: 3600}
