"""Trend tests against published critical values, enumeration, and an independent implementation."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import numpy as np
import pymannkendall
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonshed.assess import trend
from commonshed.assess.trend import TOLERANCE, seasonal_kendall, spearman, spearman_critical_value, theil_sen

# Two-sided 5 %: Zar (1984), Biostatistical analysis, table B.20; Ramsey (1989), J. Educational Statistics 14.
PUBLISHED = {5: "1.000", 6: "0.886", 7: "0.786", 8: "0.738", 9: "0.700", 10: "0.648", 11: "0.618", 12: "0.587"}
# One-sided 5 % (two-sided 10 %), same table: the values many Chinese reports print as W_p.
PUBLISHED_ONE_SIDED = {5: "0.900", 6: "0.829", 7: "0.714", 8: "0.643", 9: "0.600", 10: "0.564", 12: "0.503"}


@pytest.mark.parametrize(("n", "printed"), PUBLISHED.items())
def test_critical_values_are_the_published_ones(n: int, printed: str) -> None:
    value = spearman_critical_value(n)
    assert value is not None
    assert abs(value - Fraction(printed)) <= Fraction(5, 10_000)


@pytest.mark.parametrize(("n", "printed"), PUBLISHED_ONE_SIDED.items())
def test_a_table_that_begins_at_0_900_is_one_sided(n: int, printed: str) -> None:
    value = spearman_critical_value(n, Fraction(10, 100))
    assert value is not None
    assert abs(value - Fraction(printed)) <= Fraction(5, 10_000)


def test_four_years_cannot_be_significant_and_say_so() -> None:
    found = spearman([40, 30, 20, 10])
    assert (found.coefficient, found.p_value) == (Fraction(-1), Fraction(2, 24))
    assert (found.significant, found.direction, found.critical_value) == (False, "none", None)
    assert found.why_not == "4 values cannot be significant at 5% two-sided: at least 5 are needed"


def test_five_years_in_perfect_order_are_significant() -> None:
    found = spearman([90, 86, 81, 73, 58])
    assert (found.coefficient, found.p_value, found.significant) == (Fraction(-1), Fraction(2, 120), True)
    assert found.direction == "falling"


def test_five_years_with_one_swap_are_not() -> None:
    # d² = 2: 1 − 12 / 120 = 0.9; of 120 orders 1 + 4 reach 0.9 on each side.
    found = spearman([90, 81, 86, 73, 58])
    assert (found.coefficient, found.p_value, found.significant) == (Fraction(-9, 10), Fraction(10, 120), False)


@pytest.mark.parametrize(("values", "why"), [([], "0 values"), ([3], "1 value"), ([3, 3, 3], "all values are equal")])
def test_no_correlation_of_nothing(values: list[int], why: str) -> None:
    assert spearman(values).why_not == f"no rank correlation: {why}"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=2, max_size=5).filter(lambda values: len(set(values)) > 1))
def test_the_probability_is_the_share_of_all_orders_that_lie_as_far_out(values: list[int]) -> None:
    def coefficient(order: tuple[int, ...]) -> Fraction:
        found = spearman(order).coefficient
        assert found is not None
        return found

    orders = [coefficient(order) for order in permutations(values)]
    middle = sum(orders, Fraction(0)) / len(orders)
    far = [order for order in orders if abs(order - middle) >= abs(coefficient(tuple(values)) - middle)]
    assert spearman(values).p_value == Fraction(len(far), len(orders))


def test_above_twelve_values_the_series_is_within_half_a_thousandth() -> None:
    n = trend.EXACT_UP_TO
    ranks = tuple(range(2, 2 * n + 1, 2))
    for d2 in range(0, (n**3 - n) // 3 + 1, 2):
        assert abs(trend._edgeworth(n, d2) - float(trend._tail(ranks, d2))) < 5e-4


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=40))
def test_the_slope_is_the_median_of_all_pairs(values: list[int]) -> None:
    slope = theil_sen(range(len(values)), values).slope
    assert slope == pytest.approx(pymannkendall.sens_slope(values).slope, rel=TOLERANCE, abs=TOLERANCE)


def test_the_slope_of_sen_s_own_example() -> None:
    # Sen (1968), section 6: seven points, 21 slopes, the estimate is 4. His interval is from exact tables; ours, from
    # the normal approximation, is a little wider.
    found = theil_sen([1, 2, 3, 4, 10, 12, 18], [9, 15, 19, 20, 45, 55, 78])
    assert found.slope == 4.0
    assert 3.7 < found.low < 26 / 7 < 35 / 8 < found.high < 4.4


def test_the_interval_of_a_slope_as_gilbert_computes_it() -> None:
    # Ten points of y = 2 t with one outlier, by hand: N = 45 slopes, Var(S) = 10·9·25/18 = 125, C = 1.96·11.18 = 21.91,
    # so the ends are the 11.5th and the 34.5th smallest slopes; all but the outlier's nine slopes are 2.
    found = theil_sen(range(10), [0, 2, 4, 6, 8, 10, 12, 14, 16, 40])
    assert (found.slope, found.low) == (2.0, 2.0)
    assert found.high == 2.0
    steep = theil_sen(range(4), [1, 2, 4, 3])
    assert np.isnan(steep.low)  # four points have no 95 % interval
    assert np.isnan(steep.high)


@settings(max_examples=60, deadline=None)
@given(st.integers(3, 8), st.integers(0, 2**32 - 1), st.booleans())
def test_seasonal_kendall_agrees_with_pymannkendall(years: int, seed: int, gaps: bool) -> None:
    draw = np.random.default_rng(seed)
    values = draw.integers(0, 30, (years, 12)).astype(float) - np.arange(years)[:, None]
    if gaps:
        values[draw.random(values.shape) < 0.1] = np.nan
    theirs = pymannkendall.seasonal_test(values.ravel(), period=12)
    ours = seasonal_kendall(np.asarray(values, np.float64))
    assert ours.s == theirs.s
    assert ours.variance == pytest.approx(theirs.var_s, rel=TOLERANCE)
    assert ours.z == pytest.approx(theirs.z, rel=TOLERANCE)
    assert ours.p_value == pytest.approx(theirs.p, rel=1e-6, abs=1e-12)
    assert ours.slope.slope == pytest.approx(theirs.slope, rel=TOLERANCE, abs=TOLERANCE)


@settings(max_examples=30, deadline=None)
@given(st.integers(5, 12), st.integers(0, 2**32 - 1))
def test_the_correction_for_dependent_seasons_agrees_with_pymannkendall(years: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(0, 1, (years, 4)).cumsum(axis=1)
    theirs = pymannkendall.correlated_seasonal_test(values.ravel(), period=4)
    ours = seasonal_kendall(values, corrected=True)
    assert (ours.s, ours.corrected) == (theirs.s, True)
    assert ours.variance == pytest.approx(theirs.var_s, rel=TOLERANCE)


def test_months_that_all_fall_fall() -> None:
    values = 100 - np.arange(5)[:, None] * 3.0 + np.arange(12)
    found = seasonal_kendall(np.asarray(values, np.float64))
    # Each month: S = −10, variance 5·4·15/18 = 50/3.
    assert (found.s, found.direction, found.slope.slope) == (-120, "falling", -3.0)
    assert found.variance == pytest.approx(200.0)
    assert found.z == pytest.approx(-119 / 200**0.5)


def test_no_values_are_no_trend() -> None:
    found = seasonal_kendall(np.full((1, 12), np.nan))
    assert (found.n, found.significant, found.direction) == (0, False, "none")
    assert np.isnan(found.slope.slope)
