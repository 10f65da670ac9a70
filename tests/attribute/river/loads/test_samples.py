"""From readings to days: units, flags, detection, composites, and what is refused."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from tests.attribute.river.loads.readings import DAY, readings, row

from commonshed.attribute.river.loads.samples import Days, concentration, read_days
from commonshed.errors import InputError, RiverError, UnknownName
from commonshed.periods import Period

MARCH = Period.parse("2016-03")
FIFTH = date(2016, 3, 5)


def one(*rows: dict[str, object], quantity: str = "tp") -> Days:
    return read_days(readings(rows), quantity, MARCH, MARCH)[0]


def test_samples_become_grams_per_cubic_metre_and_flows_cubic_metres_per_second() -> None:
    days = one(row(FIFTH, "tp", 250_000), row(FIFTH, "flow", 3_500_000, hour=0, period=DAY))
    assert days.section == "Upper"
    assert days.sampled.tolist() == [4]
    assert days.concentration[4] == pytest.approx(0.25)
    assert days.flow[4] == pytest.approx(3.5)
    assert days.gauged.tolist() == [4]


def test_micrograms_are_converted_as_their_unit_says() -> None:
    # chlorophyll a is held in ug/L or mg/m3: a thousandth of a gram per cubic metre
    of = concentration("chla")
    assert of.unit in ("mg/m3", "ug/L")
    days = one(row(FIFTH, "chla", round(8 / of.resolution)), quantity="chla")
    assert days.concentration[4] == pytest.approx(0.008)


def test_samples_of_one_day_become_their_mean() -> None:
    days = one(row(FIFTH, "tp", 200_000, hour=1), row(FIFTH, "tp", 400_000, hour=13))
    assert days.concentration[4] == pytest.approx(0.3)


def test_a_sample_below_detection_counts_half_the_limit_and_is_remembered() -> None:
    days = one(row(FIFTH, "tp", 10_000, qualifier="<"), row(date(2016, 3, 9), "tp", 30_000))
    assert days.concentration[4] == pytest.approx(0.005)
    assert days.limit[4] == pytest.approx(0.01)
    assert days.below.tolist() == [4]


def test_invalid_readings_do_not_count_and_suspect_ones_do() -> None:
    days = one(row(FIFTH, "tp", 900_000, flag="invalid"), row(date(2016, 3, 6), "tp", 100_000, flag="suspect"))
    assert days.sampled.tolist() == [5]


def test_of_readings_with_one_key_the_last_counts() -> None:
    assert one(row(FIFTH, "tp", 900_000), row(FIFTH, "tp", 100_000)).concentration[4] == pytest.approx(0.1)


def test_days_are_those_of_the_place() -> None:
    # 23:30 on 5 March in UTC+8 is 15:30 UTC the same day, 00:30 on the 6th is 16:30 UTC on the 5th
    days = one(row(FIFTH, "tp", 100_000, hour=23), row(date(2016, 3, 6), "tp", 200_000, hour=0))
    assert days.concentration[4:6].tolist() == pytest.approx([0.1, 0.2])


def test_a_composite_of_a_week_stands_at_its_middle_day() -> None:
    assert one(row(FIFTH, "tp", 100_000, hour=0, period=7 * DAY)).sampled.tolist() == [7]


def test_maxima_and_other_statistics_are_no_samples() -> None:
    found = one(row(FIFTH, "tp", 100_000), row(date(2016, 3, 6), "tp", 500_000, statistic="max"))
    assert found.sampled.tolist() == [4]


def test_a_temperature_and_the_air_have_no_load() -> None:
    with pytest.raises(InputError, match="temp is measured in degC and has no load"):
        concentration("temp")
    with pytest.raises(InputError, match="has no load"):
        concentration("pm25")
    with pytest.raises(UnknownName, match="there is no quantity 'phosphor'"):
        concentration("phosphor")


def test_samples_of_another_time_are_told_with_the_days_they_are_of() -> None:
    source = readings([row(date(2017, 1, 4), "tp", 100_000)])
    with pytest.raises(InputError, match=r"no section has a sample of tp in 2016-03.*from 2017-01-04 to 2017-01-04"):
        read_days(source, "tp", MARCH, MARCH)
    with pytest.raises(InputError, match="hold none of it"):
        read_days(source, "tn", MARCH, MARCH)


def test_a_section_nobody_declared_is_refused_with_near_names() -> None:
    with pytest.raises(UnknownName, match="Did you mean Upper"):
        read_days(readings([row(FIFTH, "tp", 1)]), "tp", MARCH, MARCH, sections=["Uper"])


def test_a_flow_below_zero_is_refused_with_its_section() -> None:
    with pytest.raises(RiverError, match="section Upper has a flow below zero"):
        one(row(FIFTH, "tp", 1), row(FIFTH, "flow", -5, hour=0, period=DAY))


def test_a_section_asked_for_is_given_even_without_a_sample() -> None:
    found = read_days(readings([row(FIFTH, "tp", 1)]), "tp", MARCH, MARCH, sections=["Lower", "Upper"])
    assert [(days.section, days.sampled.size) for days in found] == [("Lower", 0), ("Upper", 1)]
    assert np.isnan(found[0].flow).all()
