"""Samples as they come: irregular times, below detection, corrections, what does not count."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.assess.water.building import network, readings, section

from commonshed.assess.water.samples import samples_between, water_quantities
from commonshed.periods import Period

MARCH = Period.parse("2016-03")


def test_a_mean_counts_a_sample_below_detection_by_the_rule() -> None:
    places = network(section("A"))
    source = readings([("A", "2016-03-01", "tp", "0.03"), ("A", "2016-03-20", "tp", "<0.01")], places)
    samples = samples_between(source, MARCH).within(MARCH)["A", "tp"]
    # One tick of phosphorus is 1e-6 mg/L.
    assert [int(samples.mean(rule)) for rule in ("half", "zero", "limit")] == [17_500, 15_000, 20_000]
    assert (len(samples), samples.below_count) == (2, 1)


def test_a_period_is_days_of_the_place_and_not_of_utc() -> None:
    places = network(section("A"))
    # 2016-04-01 00:30 in Harbin is still March in UTC; 2016-03-01 00:30 there is still February.
    rows = [("A", "2016-04-01T00:30", "do", "9"), ("A", "2016-03-01T00:30", "do", "7"), ("A", "2016-02-29", "do", "5")]
    samples = samples_between(readings(rows, places), MARCH).within(MARCH)["A", "do"]
    assert samples.mean("half") == 70_000


def test_invalid_samples_do_not_count_and_suspect_ones_do() -> None:
    places = network(section("A"))
    rows = [("A", "2016-03-01", "do", "9"), ("A", "2016-03-02", "do", "7"), ("A", "2016-03-03", "do", "2")]
    source = readings(rows, places, flag=["valid", "suspect", "invalid"])
    assert samples_between(source, MARCH).within(MARCH)["A", "do"].mean("half") == 80_000


def test_of_equal_samples_the_one_recorded_last_counts() -> None:
    places = network(section("A"))
    rows = [("A", "2016-03-01", "do", "9"), ("A", "2016-03-01", "do", "7"), ("A", "2016-03-01", "do", "8")]
    source = readings(rows, places, recorded=[5, 9, 1])
    samples = samples_between(source, MARCH).within(MARCH)["A", "do"]
    assert len(samples) == 1
    assert samples.mean("half") == 70_000


def test_what_is_no_mean_is_left_out_and_counted() -> None:
    places = network(section("A"))
    rows = [("A", "2016-03-01", "do", "9"), ("A", "2016-03-01", "do", "12")]
    table = samples_between(readings(rows, places, statistic=["mean", "max"]), MARCH)
    assert table.left_out == {("do", "max"): 1}
    assert len(table.within(MARCH)["A", "do"]) == 1


def test_a_sample_above_range_counts_as_its_end_and_is_told() -> None:
    places = network(section("A"))
    table = samples_between(readings([("A", "2016-03-01", "coliform", ">24000")], places), MARCH)
    assert table.above_range == 1
    assert table.within(MARCH)["A", "coliform"].mean("half") == 24_000


def test_days_of_samples_are_those_of_the_place() -> None:
    places = network(section("A"))
    rows = [("A", "2016-03-05T00:30", "do", "9"), ("A", "2016-03-05T23:30", "do", "9")]
    table = samples_between(readings(rows, places), MARCH)
    assert {day.isoformat() for day in table.days([table.within(MARCH)["A", "do"]])} == {"2016-03-05"}


def test_flow_is_no_quality_of_water() -> None:
    assert "flow" not in water_quantities()
    assert {"ph", "tp", "coliform", "po4p"} <= set(water_quantities())


@pytest.mark.parametrize("asked", [["A"], ["A", "B"], None])
def test_only_the_sections_asked_for_are_read(asked: list[str] | None) -> None:
    places = network(section("A"), section("B"))
    source = readings([("A", "2016-03-01", "do", "9"), ("B", "2016-03-01", "do", "7")], places)
    found = samples_between(source, MARCH, sections=asked).within(MARCH)
    assert {id for id, _ in found} == set(asked or ["A", "B"])


@given(st.permutations([("A", f"2016-03-{day:02d}", "nh3n", f"0.{day:02d}") for day in range(1, 9)]))
def test_the_order_of_rows_does_not_matter(rows: list[tuple[str, str, str, str]]) -> None:
    samples = samples_between(readings(rows, network(section("A"))), MARCH).within(MARCH)["A", "nh3n"]
    assert samples.mean("half") == Fraction(sum(range(1, 9)) * 10_000, 8)
    assert samples.starts.tolist() == sorted(samples.starts.tolist())
