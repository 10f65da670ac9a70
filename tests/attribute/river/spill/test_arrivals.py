"""Crossings of a threshold, read off a series."""

from __future__ import annotations

import numpy as np
import pytest

from commonshed.attribute.river.spill.arrivals import Arrival, passage_of, passages_of

HOURS = np.arange(7.0)
TENT = np.array([0.0, 0.0, 2.0, 4.0, 2.0, 0.0, 0.0])


def test_crossings_are_interpolated_between_the_hours() -> None:
    found = passage_of(HOURS, TENT, 1.0)
    assert (found.arrival, found.peak_time, found.passage, found.peak) == (1.5, 3.0, 4.5, 4.0)


def test_without_a_threshold_a_hundredth_of_the_peak_counts() -> None:
    found = passage_of(HOURS, TENT, None)
    assert found.arrival == pytest.approx(1.02)
    assert found.passage == pytest.approx(4.98)


def test_without_a_threshold_the_hundredth_stands_on_the_background() -> None:
    found = passage_of(HOURS, TENT + 5, None, 5.0)
    assert found.arrival == pytest.approx(1.02)
    assert found.peak == 9.0


def test_two_clouds_pass_when_the_second_has() -> None:
    found = passage_of(np.arange(11.0), np.array([0.0, 0, 4, 0, 0, 0, 0, 2, 0, 0, 0]), 1.0)
    assert (found.arrival, found.peak_time, found.passage) == (1.25, 2.0, 7.5)


def test_what_never_reaches_the_threshold_has_a_peak_and_no_arrival() -> None:
    found = passage_of(HOURS, TENT, 5.0)
    assert (found.arrival, found.passage, found.peak_time, found.peak) == (None, None, 3.0, 4.0)


def test_what_is_still_rising_at_the_end_has_no_hour_of_peak_nor_passage() -> None:
    found = passage_of(HOURS, HOURS, 3.0)
    assert (found.arrival, found.peak_time, found.passage, found.peak) == (3.0, None, None, 6.0)


def test_what_is_there_from_the_start_arrived_at_the_start() -> None:
    assert passage_of(HOURS, TENT[::-1] + np.array([9.0, 0, 0, 0, 0, 0, 0]), 1.0).arrival == 0.0


def test_clean_water_has_neither_peak_nor_arrival() -> None:
    found = passage_of(HOURS, np.zeros(7), None)
    assert (found.arrival, found.peak_time, found.passage, found.peak) == (None, None, None, 0.0)


def test_many_series_are_read_as_one_by_one() -> None:
    many = np.array([TENT, TENT / 10, HOURS, np.zeros(7)])
    together = passages_of(HOURS, many, 1.0)
    for n, series in enumerate(many):
        one = passage_of(HOURS, series, 1.0)
        for found, value in zip(together, (one.arrival, one.peak_time, one.passage, one.peak), strict=True):
            assert found[n] == pytest.approx(np.nan if value is None else value, nan_ok=True)


def test_a_record_is_rounded_once_to_hours_of_two_decimals_and_four_digits() -> None:
    arrival = Arrival("a", "intake", "A", "甲", 12_345.6, 0.05, 1.006, 2.0, None, 0.123456, (0.9, None), None)
    record = arrival.record()
    assert record["distance_m"] == "12346"
    assert record["arrival_h"] == "1.01"
    assert record["peak_mg_l"] == "0.1235"
    assert record["passage_h"] is None
    assert record["arrival_h_90"] == ["0.90", None]
    assert record["peak_h_90"] is None
