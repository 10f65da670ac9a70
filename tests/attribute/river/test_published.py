"""Rounding once, with nothing lost and nothing given to nobody."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonshed.attribute.river.published import interval_of, share_text, significant_text, tonnes_text, units_of


def test_largest_remainder_gives_the_worked_example() -> None:
    # Ten seats by quotas of 4.15, 3.22 and 2.63: the third has the largest remainder (Hamilton's method by hand).
    assert units_of([415, 322, 263], 10) == [4, 3, 3]


def test_equal_remainders_go_to_the_larger_and_then_to_the_first() -> None:
    assert units_of([1, 1, 1], 10_000) == [3334, 3333, 3333]
    assert units_of([1, 3], 2) == [0, 2]


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=20).filter(any))
def test_the_whole_is_given_out_and_nothing_goes_to_nothing(weights: list[float]) -> None:
    units = units_of(weights)
    assert sum(units) == 10_000
    total = math.fsum(weights)
    for weight, unit in zip(weights, units, strict=True):
        assert abs(unit - 10_000 * weight / total) <= 1 + 1e-6
        assert weight > 0 or unit == 0


def test_weights_that_cannot_be_split_by_are_refused() -> None:
    for weights in ([0.0, 0.0], [-1.0, 2.0], [math.nan]):
        with pytest.raises(ValueError, match="weight"):
            units_of(weights)
    assert units_of([0.0, 0.0], 0) == [0, 0]


def test_figures_are_text_with_their_decimals() -> None:
    assert (share_text(7), share_text(10_000)) == ("0.0007", "1.0000")
    assert (tonnes_text(0.0004), tonnes_text(1234.5678), tonnes_text(-2.5), tonnes_text(math.nan)) == (
        "0.000",
        "1234.568",
        "-2.500",
        None,
    )


def test_a_concentration_keeps_its_significant_digits_and_whole_numbers_stand_in_full() -> None:
    assert [significant_text(value, 3, least=1e-9) for value in (0.0123456, 1.0, 999.4, 123456.7, 2e-10, 0.0)] == [
        "0.0123", "1.00", "999", "123457", "0", "0",
    ]  # fmt: skip


def test_an_interval_leaves_a_twentieth_of_the_draws_on_each_side() -> None:
    assert interval_of(np.arange(101.0)) == (5.0, 95.0)
    assert all(math.isnan(end) for end in interval_of(np.empty(0)))
