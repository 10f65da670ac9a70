"""What an entry says about its rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.keep.making import HOUR, MARCH, hours, row, table

from commonshed.keep.extent import Extent, Stations, month_of, month_text

numbers = st.sets(st.integers(0, 40))


@given(numbers, numbers)
def test_ranges_of_stations_are_the_sets_they_were_made_of(one: set[int], other: set[int]) -> None:
    ranges = Stations.of(one)
    assert Stations.parse(ranges.text) == ranges
    assert {n for low, high in ranges.ranges for n in range(low, high + 1)} == one
    assert len(ranges) == len(one)
    assert ranges.overlaps(Stations.of(other)) == bool(one & other)
    assert ranges.slabs(7) == {n // 7 for n in one}


def test_an_extent_counts_what_is_there() -> None:
    readings = table(
        [
            row(station="b", start=MARCH + HOUR),
            row(station="a", quantity="o3", flag="invalid", reason="sentinel"),
            row(station="a", start=MARCH + 2 * HOUR, flag="suspect", reason="spike"),
            row(station="a", start=MARCH + 3 * HOUR, flag="suspect", reason="spike"),
        ]
    )
    found = Extent.of(readings, {"a": 4, "b": 5}, distinct=True, replaced=1)
    assert found.content() == {
        "rows": 4,
        "first": MARCH,
        "last": MARCH + 3 * HOUR,
        "stations": "4-5",
        "quantities": {"o3": 1, "pm25": 3},
        "flags": {"invalid: sentinel": 1, "suspect: spike": 2, "valid": 1},
        "distinct": True,
        "replaced": 1,
        "phase": 0,
    }
    assert Extent.parse(found.content()) == found


@pytest.mark.parametrize(("starts", "phase"), [([0, 3600], 0), ([1800, 5400], 1800), ([0, 60], None)])
def test_the_phase_is_how_far_past_the_hour_all_rows_start(starts: list[int], phase: int | None) -> None:
    readings = table(row(start=MARCH + start) for start in starts)
    assert Extent.of(readings, {"dongsi": 0}, distinct=True, replaced=0).phase == phase


def test_many_reasons_stay_few_words_and_no_row_is_lost() -> None:
    readings = table(row(start=MARCH + i, flag="suspect", reason=f"reason {i % 60}") for i in range(300))
    flags = Extent.of(readings, {"dongsi": 0}, distinct=True, replaced=0).flags
    assert len(flags) <= 25
    assert sum(flags.values()) == 300
    assert flags["suspect: other"] == 180


def test_months_are_those_of_utc() -> None:
    instants = np.array([MARCH, MARCH + 8 * HOUR - 1, MARCH + 8 * HOUR, -1])
    assert [month_text(month) for month in month_of(instants).tolist()] == ["2016-02", "2016-02", "2016-03", "1969-12"]


def test_a_question_is_answered_by_ranges() -> None:
    readings = pa.concat_tables([hours(10), hours(10, quantity="o3")])
    extent = Extent.of(readings, {"dongsi": 3}, distinct=True, replaced=0)
    last = MARCH + 9 * HOUR
    asked: dict[str, Any] = {"start": None, "end": None, "stations": None, "quantities": None}
    assert extent.may_hold(**asked)
    assert extent.may_hold(**{**asked, "start": last, "end": last + 1, "quantities": ["o3", "co"]})
    assert not extent.may_hold(**{**asked, "start": last + 1})
    assert not extent.may_hold(**{**asked, "end": MARCH})
    assert not extent.may_hold(**{**asked, "quantities": ["co"]})
    assert not extent.may_hold(**{**asked, "stations": Stations.of([2, 4])})


def test_what_everybody_reads_of_rows_that_few_may_have_holds_no_figure_and_nobodys_words() -> None:
    readings = table(
        [
            row(station="a", flag="suspect", reason="contradiction: others say 35.2, 36.0 ug/m3"),
            row(station="a", start=MARCH + HOUR, flag="suspect", reason="contradiction: others say 41 ug/m3"),
            row(station="a", start=MARCH + 2 * HOUR, flag="suspect", reason="factory B", mapping="http-intake"),
            row(station="a", start=MARCH + 3 * HOUR, reason="it was really 12", author="Li Na"),
            row(station="a", start=MARCH + 4 * HOUR, mapping="http-intake"),
        ]
    )
    found = Extent.of(readings, {"a": 0}, distinct=True, replaced=0, words=False)
    assert found.flags == {
        "suspect: as the sender says": 1,
        "suspect: contradiction: others say # ug/m3": 1,
        "suspect: contradiction: others say #, # ug/m3": 1,
        "valid": 1,
        "valid: correction": 1,
    }
