"""Logarithms rounded correctly: against mpmath-free identities, exact cases and a slow computation with many digits."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonshed.assess.logarithms import ln, log10, minus_log10_of_mean, power_of_ten, round_enclosed

F = Fraction
PH = st.integers(0, 14_000).map(lambda thousandths: F(thousandths, 1000))


def mean_ph(*values: str, decimals: int = 3) -> int:
    shares = [(F(value), F(1, len(values))) for value in values]
    return round_enclosed(lambda digits: minus_log10_of_mean(shares, digits), decimals)


def test_the_mean_ph_of_7_and_8_is_that_of_the_mean_hydrogen_ions() -> None:
    # −log10((10^-7 + 10^-8) / 2) = 8 − log10(5.5) = 7.25963…
    assert mean_ph("7", "8", decimals=5) == 725964


def test_a_mean_ph_that_is_exactly_half_way_goes_to_the_even_neighbour() -> None:
    # One sample at 4.5 and ten at 6.5: (100 + 10) / 11 = 10 parts, so exactly 5.5; half to even gives 6.
    shares = [(F("4.5"), F(1, 11)), (F("6.5"), F(10, 11))]
    assert round_enclosed(lambda digits: minus_log10_of_mean(shares, digits), 0) == 6
    assert round_enclosed(lambda digits: minus_log10_of_mean(shares, digits), 1) == 55


def test_equal_samples_have_their_own_ph_as_mean() -> None:
    assert minus_log10_of_mean([(F("7.5"), F(1))], 10) == (F("7.5"), F("7.5"))
    assert mean_ph("7.5", decimals=0) == 8


def test_logarithms_agree_with_published_digits() -> None:
    # Abramowitz & Stegun, table 1.1: log10 2 and ln 10 to 25 digits.
    assert round_enclosed(lambda digits: log10(F(2), digits), 25) == 3010299956639811952137389
    assert round_enclosed(lambda digits: ln(F(10), digits), 23) == 230258509299404568401799


def test_a_whole_power_of_ten_is_exact() -> None:
    assert power_of_ten(F(-7), 5) == (F(1, 10**7), F(1, 10**7))


@pytest.mark.parametrize("digits", [12, 24, 48])
def test_enclosures_hold_the_number_and_close_in_on_it(digits: int) -> None:
    with localcontext() as context:
        context.prec = 120
        sure = F(Decimal(3).ln())
    low, high = ln(F(3), digits)
    assert low < sure < high
    assert high - low < F(1, 10 ** (digits - 6))


@given(st.lists(PH, min_size=2, max_size=6), st.integers(0, 6))
@settings(max_examples=60)
def test_a_mean_ph_is_what_a_hundred_digits_give(values: list[Fraction], decimals: int) -> None:
    shares = [(value, F(1, len(values))) for value in values]
    found = round_enclosed(lambda digits: minus_log10_of_mean(shares, digits), decimals)
    with localcontext() as context:
        context.prec = 100
        ions = sum((Decimal(10) ** -(Decimal(x.numerator) / x.denominator) for x in values), Decimal(0)) / len(values)
        sure = F(-ions.log10())
    assert abs(F(found, 10**decimals) - sure) <= F(1, 2 * 10**decimals) + F(1, 10**60)


@given(st.lists(PH, min_size=1, max_size=6))
@settings(max_examples=40)
def test_a_mean_ph_lies_between_its_samples_and_below_their_plain_mean(values: list[Fraction]) -> None:
    found = F(round_enclosed(lambda d: minus_log10_of_mean([(v, F(1, len(values))) for v in values], d), 6), 10**6)
    assert min(values) <= found <= max(values)
    assert found <= sum(values, F(0)) / len(values) + F(1, 10**6)
