"""Values of a period and how they are published: exact, once rounded, one digit kept."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonshed.assess.water.means import Hydrogen, Plain, mean_of, published

F = Fraction
THIRDS = st.fractions(min_value=0, max_value=50, max_denominator=3000)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        # GB/T 8170-2008, clause 3.2: an exact half goes to the even neighbour.
        ("1.005", 2, "1.00"),
        ("1.015", 2, "1.02"),
        ("0.2005", 3, "0.200"),
        ("0.20050001", 3, "0.201"),
        ("7.45", 1, "7.4"),
        # What would be nought keeps one digit, rounded half to even at that digit.
        ("0.0004", 3, "0.0004"),
        ("0.00045", 3, "0.0004"),
        ("0.00055", 2, "0.0006"),
        ("0.000096", 3, "0.0001"),
        ("0", 3, "0.000"),
    ],
)
def test_a_value_is_rounded_once_and_keeps_a_digit(value: str, decimals: int, text: str) -> None:
    figure, said = published(Plain(F(value)), decimals, "half-even", keep_one_digit=True)
    assert said == text
    assert figure == F(text)


def test_without_the_rule_a_small_value_is_nought() -> None:
    assert published(Plain(F("0.0004")), 3, "half-even", keep_one_digit=False) == (F(0), "0.000")


def test_the_mean_of_sections_weighs_each_section_alike() -> None:
    one, other = Hydrogen(((F(7), F(1)),)), Hydrogen(((F(7), F(1, 2)), (F(8), F(1, 2))))
    held = mean_of([one, other])
    assert isinstance(held, Hydrogen)
    assert held.shares == ((F(7), F(3, 4)), (F(8), F(1, 4)))
    assert mean_of([Plain(F(1)), Plain(F(2)), Plain(F(6))]) == Plain(F(3))


def test_a_mean_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        mean_of([])


@given(THIRDS, st.integers(0, 5))
def test_what_is_published_is_within_half_a_place(value: Fraction, decimals: int) -> None:
    figure, text = published(Plain(value), decimals, "half-even", keep_one_digit=True)
    assert F(text) == figure
    assert abs(figure - value) <= F(1, 2 * 10**decimals)
    assert (figure == 0) == (value == 0)


@given(st.fractions(min_value=F(1, 10**9), max_value=F(1, 2), max_denominator=10**9))
def test_a_kept_digit_is_one_digit(value: Fraction) -> None:
    figure, text = published(Plain(value), 0, "half-even", keep_one_digit=True)
    assert len(text.lstrip("0.").rstrip("0") or "1") == 1
    assert abs(figure - value) <= value  # one digit is never off by more than the value itself
