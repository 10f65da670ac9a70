"""Rounding and percentiles against the standards' own examples, and against ``fractions`` for everything else."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import ceil, floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonshed.exact import (
    Rounding,
    apportion,
    decimal_text,
    divide,
    percentile,
    round_fraction,
    to_ticks,
    without_zeros,
)

integers = st.integers(-(10**15), 10**15)
positives = st.integers(1, 10**9)


@pytest.mark.parametrize(
    ("number", "place", "count"),
    [
        # GB/T 8170-2008, clause 3.2: the worked examples, `place` being the rounding interval.
        ("12.1498", "0.1", 121),
        ("12.1498", "1", 12),
        ("1268", "100", 13),
        ("10.5002", "1", 11),
        ("1.050", "0.1", 10),
        ("0.35", "0.1", 4),
        ("2500", "1000", 2),
        ("3500", "1000", 4),
        ("0.0325", "0.001", 32),
        ("32500", "1000", 32),
        # ... negative numbers are rounded as their magnitude
        ("-355", "10", -36),
        ("-325", "10", -32),
        ("-365", "10", -36),
        ("-0.0365", "0.001", -36),
        # ... clause 3.3: in one step; 97.46 does not become 97.5 and then 98
        ("97.46", "1", 97),
        ("15.4546", "1", 15),
    ],
)
def test_half_even_rounds_as_the_examples_of_gbt_8170(number: str, place: str, count: int) -> None:
    assert round_fraction(Fraction(number) / Fraction(place), 0) == count


@pytest.mark.parametrize(
    ("rounding", "expected"),
    [
        ("half-even", [-2, -2, 0, 0, 2, 2, 2]),
        ("half-up", [-2, -1, 0, 1, 2, 2, 3]),
        ("down", [-3, -2, -1, 0, 1, 2, 2]),
        ("up", [-2, -1, 0, 1, 2, 2, 3]),
    ],
)
def test_each_rounding_on_halves_and_wholes(rounding: Rounding, expected: list[int]) -> None:
    halves = [-5, -3, -1, 1, 3, 4, 5]  # -2.5, -1.5, -0.5, 0.5, 1.5, 2, 2.5
    assert [divide(half, 2, rounding) for half in halves] == expected


@given(integers, positives)
def test_division_agrees_with_fractions(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    assert divide(numerator, denominator) == round(exact)  # Python's round is half to even, and exact on Fraction
    assert divide(numerator, denominator, "half-up") == floor(exact + Fraction(1, 2))
    assert divide(numerator, denominator, "down") == floor(exact)
    assert divide(numerator, denominator, "up") == ceil(exact)


@given(st.lists(st.tuples(integers, positives), min_size=1, max_size=40), st.sampled_from(["half-even", "up", "down"]))
def test_arrays_are_divided_as_single_integers_are(pairs: list[tuple[int, int]], rounding: Rounding) -> None:
    numerators, denominators = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    assert divide(numerators, denominators, rounding).tolist() == [divide(n, d, rounding) for n, d in pairs]


@given(st.decimals(min_value=-(10**6), max_value=10**6, places=6), st.integers(0, 5))
def test_rounding_to_decimals_agrees_with_decimal(number: Decimal, decimals: int) -> None:
    place = Decimal(1).scaleb(-decimals)
    assert round_fraction(Fraction(number), decimals) == int(number.quantize(place, ROUND_HALF_EVEN).scaleb(decimals))
    if number >= 0:
        assert round_fraction(Fraction(number), decimals, "half-up") == int(
            number.quantize(place, ROUND_HALF_UP).scaleb(decimals)
        )


def test_a_percentile_interpolates_between_neighbours() -> None:
    # HJ 663-2013, annex A: k = 1 + (n - 1)·p; with n = 5 and p = 95 % that is 4.8, so x4 + 0.8·(x5 - x4).
    assert percentile([10, 20, 30, 40, 50], 95) == 48
    assert percentile([10, 20, 30, 40, 51], 95) == Fraction(244, 5)
    assert percentile([7], 98) == 7
    assert percentile([1, 2], 0) == 1
    assert percentile([1, 2], 100) == 2


@pytest.mark.parametrize(("ordered", "p"), [([], 50), ([1], -1), ([1], 101)])
def test_a_percentile_of_nothing_or_outside_0_to_100_is_refused(ordered: list[int], p: int) -> None:
    with pytest.raises(ValueError, match="percentile"):
        percentile(ordered, p)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=400), st.integers(0, 100))
def test_a_percentile_is_the_field_s_formula_exactly(values: list[int], p: int) -> None:
    x = sorted(values)
    k = Fraction((len(x) - 1) * p, 100)
    s = floor(k)
    upper = x[min(s + 1, len(x) - 1)]
    assert percentile(x, p) == x[s] + (upper - x[s]) * (k - s)


@given(st.integers(-(10**12), 10**12), st.integers(0, 9))
def test_decimal_text_is_read_back_as_the_same_number(count: int, decimals: int) -> None:
    assert Fraction(decimal_text(count, decimals)) == Fraction(count, 10**decimals)


@pytest.mark.parametrize(
    ("text", "ticks", "exact"),
    [
        ("35", 35_000, True),
        (" 35.0 ", 35_000, True),
        ("0.0005", 0, False),
        ("0.0015", 2, False),
        ("1e2", 100_000, True),
        ("-999", -999_000, True),
    ],
)
def test_text_becomes_ticks_and_says_whether_they_render_it(text: str, ticks: int, exact: bool) -> None:
    assert to_ticks(text, Fraction(1000)) == (ticks, exact)


@pytest.mark.parametrize("text", ["", "NA", "nan", "inf", "12,5", "0x10"])
def test_what_is_not_a_finite_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        to_ticks(text, Fraction(1))


@given(st.integers(0, 10**9), st.lists(st.fractions(min_value=0, max_value=1000), min_size=1, max_size=12))
def test_what_is_handed_out_is_the_whole_and_nobody_is_a_unit_from_their_quota(
    whole: int, weights: list[Fraction]
) -> None:
    total = sum(weights)
    if not total:
        return
    units = apportion(whole, weights)
    assert sum(units) == whole
    assert all(abs(given_ - whole * weight / total) < 1 for given_, weight in zip(units, weights, strict=True))
    assert all(not given_ for given_, weight in zip(units, weights, strict=True) if not weight)


def test_seats_are_apportioned_as_hamilton_did() -> None:
    # By hand: the quotas are 9.988, 9.064, 7.182, 5.260, 3.321, 1.185; two seats are left, for .988 and .321.
    populations = [27_744, 25_178, 19_951, 14_610, 9_225, 3_292]
    assert apportion(36, [Fraction(p) for p in populations]) == [10, 9, 7, 5, 4, 1]


def test_nothing_can_be_handed_out_by_nothing() -> None:
    assert apportion(0, [Fraction(0), Fraction(0)]) == [0, 0]
    with pytest.raises(ValueError, match="all weights are zero"):
        apportion(1, [Fraction(0)])
    with pytest.raises(ValueError, match="not negative"):
        apportion(1, [Fraction(-1), Fraction(2)])


@pytest.mark.parametrize(
    ("text", "short"), [("35.200", "35.2"), ("12.000", "12"), ("120", "120"), ("0.0", "0"), ("-0.050", "-0.05")]
)
def test_zeros_that_say_nothing_are_left_out(text: str, short: str) -> None:
    assert without_zeros(text) == short
