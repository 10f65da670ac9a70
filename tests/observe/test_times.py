"""A time is a second of UTC, or the reason why it cannot be told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonshed.observe.mapping import TimeField
from commonshed.observe.times import PROBLEMS, times_from_column, times_from_parts

BEIJING = TimeField(column="t", zone="+08:00")
NO_ZONE = TimeField(column="t")
PARTS = TimeField.model_validate(
    {"parts": {"year": "y", "month": "m", "day": "d", "hour": "h"}, "zone": "+08:00", "label": "start"}
)
EIGHT = int(datetime(2016, 3, 5, 0, tzinfo=UTC).timestamp())  # 08:00 in Beijing


def one(text: str | None, field: TimeField = BEIJING) -> int | str:
    times = times_from_column(pa.array([text], pa.string()), field)
    return PROBLEMS[int(times.problem[0])][0] if times.problem[0] else int(times.seconds[0])


@pytest.mark.parametrize(
    "text",
    [
        "2016-03-05T08:00+08:00",
        "2016-03-05T00:00Z",
        "2016-03-05T00:00:00+0000",
        "2016-03-04T19:30-04:30",
        "2016-03-05T08",
        "2016-03-05 08:00",
        "2016-03-05 08:00:00",
        "2016-03-05T08:00:00.000",
        " 2016-03-05T08:00+08 ",
    ],
)
def test_iso_in_its_usual_spellings_is_read_and_an_offset_wins(text: str) -> None:
    assert one(text) == EIGHT


def test_a_bare_day_is_its_first_second() -> None:
    assert one("2016-03-05") == EIGHT - 8 * 3600


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2016-02-30T00:00", "no such day"),
        ("2015-02-29", "no such day"),
        ("2016-13-01", "no such day"),
        ("2016-03-05T25:00", "no such day"),
        ("2016-03-05T24:00", "hour 24"),
        ("05/03/2016 08:00", "no time"),
        ("yesterday", "no time"),
        ("", "missing"),
        (None, "missing"),
        ("2016-03-05T08:00:00.5", "whole second"),
    ],
)
def test_what_cannot_be_told_says_why(text: str | None, said: str) -> None:
    assert said in str(one(text))


def test_hour_24_is_midnight_where_labels_mean_the_end() -> None:
    end = TimeField(column="t", zone="+08:00", label="end")
    assert one("2016-03-04T24:00", end) == one("2016-03-05T00:00", end)


def test_without_a_zone_only_times_with_an_offset_are_told_even_when_mixed() -> None:
    texts = ["2016-03-05T08:00+08:00", "2016-03-05T08:00", "2016-03-05T00:00Z"]
    times = times_from_column(pa.array(texts), NO_ZONE)
    assert times.problem.tolist() == [0, 4, 0]
    assert times.seconds[[0, 2]].tolist() == [EIGHT, EIGHT]


def test_one_bad_time_does_not_change_the_others() -> None:
    texts = [f"2016-03-{day:02d}T08:00" for day in range(1, 32)]
    good = times_from_column(pa.array(texts), BEIJING)
    mixed = times_from_column(pa.array([*texts, "2016-02-30T08:00"]), BEIJING)
    assert good.seconds.tolist() == mixed.seconds[:-1].tolist()
    assert mixed.problem.tolist() == [0] * 31 + [3]


def test_a_declared_pattern_is_read() -> None:
    british = TimeField(column="t", format="%d/%m/%Y %H:%M", zone="UTC")
    assert one("05/03/2016 00:00", british) == EIGHT
    assert "no time" in str(one("2016-03-05", british))


def test_seconds_since_1970_are_read() -> None:
    epoch = TimeField(column="t", format="epoch")
    assert one(str(EIGHT), epoch) == EIGHT
    assert "no time" in str(one("soon", epoch))


def test_timestamps_of_parquet_are_read_with_and_without_zone() -> None:
    naive = pa.array([datetime(2016, 3, 5, 8), None], pa.timestamp("us"))
    aware = pa.array([datetime(2016, 3, 5, tzinfo=UTC), None], pa.timestamp("ns", "Europe/London"))
    assert times_from_column(naive, BEIJING).seconds[0] == EIGHT
    assert times_from_column(aware, NO_ZONE).seconds[0] == EIGHT
    assert times_from_column(naive, NO_ZONE).problem.tolist() == [4, 1]
    half = pa.array([datetime(2016, 3, 5, 8, 0, 0, 500_000)], pa.timestamp("us"))
    assert times_from_column(half, BEIJING).problem.tolist() == [6]


@given(st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)))
def test_parts_give_what_the_calendar_gives(moment: datetime) -> None:
    zone = timezone(timedelta(hours=8))
    parts = [moment.year, moment.month, moment.day, moment.hour]
    hour = moment.replace(minute=0, second=0, microsecond=0, tzinfo=zone)
    for arrays in ([pa.array([part]) for part in parts], [pa.array([str(part)]) for part in parts]):
        times = times_from_parts(arrays, PARTS)
        assert times.problem[0] == 0
        assert int(times.seconds[0]) == int(hour.timestamp())


@given(st.integers(-5, 40), st.integers(-5, 40), st.integers(-5, 40))
def test_parts_that_are_no_date_are_told(month: int, day: int, hour: int) -> None:
    times = times_from_parts([pa.array([part]) for part in (2016, month, day, hour)], PARTS)
    try:
        datetime(2016, month, day, hour)
    except ValueError:
        assert times.problem[0] in (3, 5)
    else:
        assert times.problem[0] == 0


def test_parts_from_text_columns_with_gaps_and_words() -> None:
    columns = [pa.array(["2016", "2016", "2016.0", "x"]), pa.array([3.0, None, 3.0, 3.0])]
    times = times_from_parts([*columns, pa.array([5] * 4, pa.int8()), pa.array(["8"] * 4)], PARTS)
    assert times.problem.tolist() == [0, 1, 0, 2]
    assert times.seconds[[0, 2]].tolist() == [EIGHT, EIGHT]


def test_many_hours_are_read_at_once() -> None:
    hours = np.datetime64("2013-01-01T00:00", "s") + np.arange(35_064) * np.timedelta64(3600, "s")
    times = times_from_column(pa.array(hours.astype(str)), TimeField(column="t", zone="UTC"))
    assert np.array_equal(times.seconds, hours.astype(np.int64))


LONDON = TimeField(column="t", zone="Europe/London", summer_time=True)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2016-01-05T12:00", (2016, 1, 5, 12)),
        ("2016-07-05T12:00", (2016, 7, 5, 11)),
        ("2016-03-27T00:59", (2016, 3, 27, 0, 59)),
        ("2016-03-27T02:00", (2016, 3, 27, 1)),
        ("2016-10-30T01:30", (2016, 10, 30, 0, 30)),  # came twice: the first
        ("2016-07-05T12:00+02:00", (2016, 7, 5, 10)),
        ("2016-07-05T12:00Z", (2016, 7, 5, 12)),
    ],
)
def test_clocks_that_follow_summer_time_are_read_so_and_an_offset_wins(text: str, moment: tuple[int, ...]) -> None:
    """The United Kingdom went to summer time at 01:00 UTC on 27 March and back at 01:00 UTC on 30 October 2016."""
    assert one(text, LONDON) == int(datetime(*moment, tzinfo=UTC).timestamp())  # type: ignore[arg-type,misc]


def test_timestamps_patterns_and_parts_follow_the_clocks_too() -> None:
    july = datetime(2016, 7, 5, 12)
    eleven = int(datetime(2016, 7, 5, 11, tzinfo=UTC).timestamp())
    assert int(times_from_column(pa.array([july], pa.timestamp("s")), LONDON).seconds[0]) == eleven
    pattern = TimeField(column="t", zone="Europe/London", summer_time=True, format="%d/%m/%Y %H:%M")
    assert one("05/07/2016 12:00", pattern) == eleven
    parts = TimeField.model_validate(
        {"parts": {"year": "y", "month": "m", "day": "d", "hour": "h"}, "zone": "Europe/London", "summer_time": True}
    )
    assert int(times_from_parts([pa.array([n]) for n in (2016, 7, 5, 12)], parts).seconds[0]) == eleven


@pytest.mark.parametrize("dates", [["2016-03-05"], [date(2016, 3, 5)], [datetime(2016, 3, 5)]], ids=str)
@pytest.mark.parametrize("clock", ["08:00", " 8:00", None], ids=str)
def test_a_clock_stands_beside_a_date_and_noon_where_it_is_missing(dates: list[object], clock: str | None) -> None:
    field = TimeField(column="d", clock="c", clock_missing="08:00", zone="+08:00")
    found = times_from_column(pa.array(dates), field, pa.array([clock], pa.string()))
    if clock == " 8:00":
        assert found.problem.tolist() == [2]
    else:
        assert found.seconds.tolist() == [EIGHT]


def test_without_a_clock_and_without_a_word_for_it_there_is_no_time() -> None:
    field = TimeField(column="d", clock="c", zone="+08:00")
    found = times_from_column(pa.array(["2016-03-05", ""]), field, pa.array([None, "08:00"], pa.string()))
    assert all(found.problem)
