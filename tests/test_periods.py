"""Periods: how they are spelled, what they hold, and what is refused; zones that keep standard time all year."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonshed.errors import InputError, PeriodError
from commonshed.periods import Period, UnitOfTime, Zone

days = st.dates(date(1990, 1, 1), date(2050, 12, 31))


@pytest.mark.parametrize(
    ("text", "first", "last", "unit", "length"),
    [
        ("2016", date(2016, 1, 1), date(2016, 12, 31), "year", 366),
        ("2015", date(2015, 1, 1), date(2015, 12, 31), "year", 365),
        ("2016-Q1", date(2016, 1, 1), date(2016, 3, 31), "quarter", 91),
        ("2016-Q4", date(2016, 10, 1), date(2016, 12, 31), "quarter", 92),
        ("2016-02", date(2016, 2, 1), date(2016, 2, 29), "month", 29),
        ("2016-03-05", date(2016, 3, 5), date(2016, 3, 5), "day", 1),
        ("2014..2016", date(2014, 1, 1), date(2016, 12, 31), "span", 1096),
        ("2016-03-05..2016-Q2", date(2016, 3, 5), date(2016, 6, 30), "span", 118),
    ],
)
def test_each_spelling_is_read_and_written_back(text: str, first: date, last: date, unit: str, length: int) -> None:
    period = Period.parse(f" {text} ")
    assert (period.first, period.last, period.unit, period.days) == (first, last, unit, length)
    assert Period.parse(str(period)) == period
    if text != "2016-03-05..2016-Q2":
        assert str(period) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "16",
        "2016-3",
        "2016-Q5",
        "2016-q1",
        "2016/03",
        "2016-03-05T00",
        "2016..",
        "..2016",
        "2014..2015..2016",
        "两千",
    ],
)
def test_what_is_no_period_is_refused_with_the_spellings(text: str) -> None:
    with pytest.raises(PeriodError, match=r"Write 2016, 2016-Q1, 2016-03") as caught:
        Period.parse(text)
    assert isinstance(caught.value, InputError)
    assert caught.value.value == text


@pytest.mark.parametrize("text", ["2016-13", "2015-02-29", "2016-00", "2016-04-31", "0000"])
def test_a_day_that_is_not_in_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(PeriodError, match="no such day"):
        Period.parse(text)


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(PeriodError, match="ends before it begins"):
        Period.parse("2016..2014")


@given(days, st.integers(0, 900))
def test_any_run_of_days_survives_being_written_down(first: date, length: int) -> None:
    period = Period(first, first + timedelta(days=length))
    assert Period.parse(str(period)) == period
    assert len(list(period.each_day())) == period.days == length + 1


@pytest.mark.parametrize(
    ("unit", "parts"),
    [("day", 366), ("month", 12), ("quarter", 4), ("year", 1)],
)
def test_a_year_splits_into_its_parts_without_gap_or_overlap(unit: UnitOfTime, parts: int) -> None:
    split = Period.parse("2016").split(unit)
    assert len(split) == parts
    assert {part.unit for part in split} == {unit}
    assert sum(part.days for part in split) == 366
    assert all(next_.first - part.last == timedelta(days=1) for part, next_ in pairwise(split))


def test_rolling_years_end_with_each_month() -> None:
    split = Period.parse("2016-Q1").split("rolling-year")
    assert [str(part) for part in split] == ["2015-02..2016-01", "2015-03..2016-02", "2015-04..2016-03"]


@pytest.mark.parametrize(
    ("text", "before"),
    [("2016", "2015"), ("2016-02", "2015-02"), ("2017-02", "2016-02"), ("2016-02-29", "2015-02-28")],
)
def test_the_year_before_is_the_same_stretch(text: str, before: str) -> None:
    assert str(Period.parse(text).year_before()) == before


@pytest.mark.parametrize(
    ("text", "minutes", "written"),
    [
        ("+08:00", 480, "+08:00"),
        ("Asia/Shanghai", 480, "+08:00"),
        ("UTC", 0, "+00:00"),
        ("Z", 0, "+00:00"),
        ("-03:30", -210, "-03:30"),
        ("UTC+05:45", 345, "+05:45"),
        ("Europe/London", 0, "+00:00"),  # networks keep standard time in summer
        ("America/New_York", -300, "-05:00"),
        ("Australia/Sydney", 600, "+10:00"),
    ],
)
def test_a_zone_is_its_standard_offset(text: str, minutes: int, written: str) -> None:
    zone = Zone.parse(text)
    assert zone.minutes == minutes
    assert str(zone) == written


@pytest.mark.parametrize("text", ["Beijing", "+8", "../etc/passwd", ""])
def test_an_unknown_zone_is_refused(text: str) -> None:
    with pytest.raises(PeriodError, match="no such zone"):
        Zone.parse(text)


def test_a_natural_day_in_beijing_begins_at_16_utc_of_the_day_before() -> None:
    beijing = Zone.parse("+08:00")
    first = beijing.first_second(date(1970, 1, 2))
    assert first == 86_400 - 8 * 3600
    assert beijing.day_of(first - 1) == date(1970, 1, 1)
    assert beijing.day_of(first) == date(1970, 1, 2)
    assert beijing.text(first) == "1970-01-02T00:00+08:00"


@given(days, st.integers(-720, 840))
def test_every_second_of_a_day_belongs_to_it(day: date, minutes: int) -> None:
    zone = Zone(minutes)
    first = zone.first_second(day)
    assert zone.day_of(first) == zone.day_of(first + 86_399) == day
    assert zone.day_of(first + 86_400) == day + timedelta(days=1)
