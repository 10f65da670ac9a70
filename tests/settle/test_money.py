"""Money is exact inside, rounded once by the named rule, and what is split adds up."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonshed.errors import AgreementError
from commonshed.settle import Amount, MoneyRule, UnitPrice, allot, published


def rule(rounding: str = "half-even", decimals: int = 2) -> MoneyRule:
    return MoneyRule.model_validate(
        {"currency": "CNY", "decimals": decimals, "rounding": rounding, "provenance": "test"}
    )


def test_wan_and_yi_yuan_are_ten_thousands_and_hundred_millions() -> None:
    assert Amount(value=Fraction("30"), unit="1e4 CNY").of("CNY") == 300_000
    assert Amount(value=Fraction("1"), unit="1e8 CNY").of("CNY") == 100_000_000
    assert Amount(value=Fraction("12.5"), unit="CNY").of("CNY") == Fraction(25, 2)


def test_a_price_per_tonne_is_one_per_million_grams() -> None:
    # Zhenjiang, section 1 (3): 1.5 x 10^4 CNY per tonne of CODMn is 0.015 CNY per gram.
    assert UnitPrice(value=Fraction("1.5"), unit="1e4 CNY/t").per_gram("CNY") == Fraction(15, 1000)
    assert UnitPrice(value=Fraction("15"), unit="CNY/kg").per_gram("CNY") == Fraction(15, 1000)


@pytest.mark.parametrize("unit", ["CNY/m3", "yuan", "1e4 GBP/t", "CNY", "1e4CNY/t"])
def test_a_price_in_another_unit_or_currency_is_refused(unit: str) -> None:
    with pytest.raises(AgreementError, match="unit"):
        UnitPrice(value=Fraction("1"), unit=unit).per_gram("CNY")


def test_a_sum_with_the_unit_of_a_price_is_refused() -> None:
    with pytest.raises(AgreementError, match="price's unit"):
        Amount(value=Fraction("1"), unit="CNY/t").of("CNY")


@pytest.mark.parametrize(
    ("rounding", "text"), [("half-even", "2.12"), ("half-up", "2.13"), ("down", "2.12"), ("up", "2.13")]
)
def test_an_amount_is_rounded_once_by_the_rule_that_is_named(rounding: str, text: str) -> None:
    assert str(published(Fraction("2.125"), rule(rounding))) == text


def test_an_amount_without_decimals_is_whole() -> None:
    assert str(published(Fraction("1234.5"), rule(decimals=0))) == "1234"


def test_the_odd_cent_goes_to_the_largest_remainder_and_then_by_name() -> None:
    thirds = {"a": Fraction(1), "b": Fraction(1), "c": Fraction(1)}
    assert allot(Decimal("100.00"), thirds) == {"a": Decimal("33.34"), "b": Decimal("33.33"), "c": Decimal("33.33")}
    # 70 % and 30 % of 0.05 are 3.5 and 1.5 cents: equal remainders, the first name gets the cent.
    assert allot(Decimal("0.05"), {"y": Fraction(3), "x": Fraction(7)}) == {"x": Decimal("0.04"), "y": Decimal("0.01")}


@pytest.mark.parametrize("parts", [{}, {"a": Fraction(0)}, {"a": Fraction(2), "b": Fraction(-1)}])
def test_money_is_not_split_in_proportions_that_are_none(parts: dict[str, Fraction]) -> None:
    with pytest.raises(AgreementError, match="cannot be split"):
        allot(Decimal("1.00"), parts)


AMOUNTS = st.integers(0, 10**14).map(lambda cents: Decimal(cents).scaleb(-2))
PARTS = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.fractions(0, 10), min_size=1).filter(
    lambda parts: sum(parts.values()) > 0
)


@given(AMOUNTS, PARTS)
def test_pieces_add_up_to_the_whole_and_none_is_a_cent_off_its_quota(
    total: Decimal, parts: dict[str, Fraction]
) -> None:
    pieces = allot(total, parts)
    assert sum(pieces.values()) == total
    whole = sum(parts.values())
    for name, piece in pieces.items():
        assert abs(Fraction(piece) - Fraction(total) * parts[name] / whole) < Fraction(1, 100)
        assert parts[name] or not piece


@given(AMOUNTS, PARTS)
def test_the_order_of_names_does_not_matter_to_a_split(total: Decimal, parts: dict[str, Fraction]) -> None:
    assert allot(total, parts) == allot(total, dict(reversed(parts.items())))
