"""Ticks are the exact decimal of what the file holds, whatever way it holds it."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from commonshed.exact import round_fraction
from commonshed.observe.numbers import LARGEST, convert
from commonshed.units import ReferenceState, quantity, ticks_per

UK = ReferenceState(Fraction("293.15"))
FACTORS = [
    ticks_per(quantity("pm25"), "ug/m3"),
    ticks_per(quantity("pm25"), "mg/m3"),
    ticks_per(quantity("co"), "ug/m3"),
    ticks_per(quantity("o3"), "ppb", UK),
    ticks_per(quantity("co"), "ppm", UK),
    Fraction(1, 7),
]
factors = st.sampled_from(FACTORS)


def expected(text: str, factor: Fraction) -> tuple[int, bool] | None:
    product = Fraction(text) * factor
    ticks = round_fraction(product, 0)
    return (ticks, product.denominator == 1) if abs(ticks) < LARGEST else None


def found(column: pa.Array, factor: Fraction) -> tuple[int, bool] | None:
    result = convert(column, factor)
    assert result.given[0]
    return (int(result.ticks[0]), bool(result.exact[0])) if result.readable[0] else None


@given(st.floats(allow_nan=False, allow_infinity=False), factors)
@example(1.0005, FACTORS[0])  # a half: to the even tick
@example(2.0005, FACTORS[0])
@example(0.1 + 0.2, FACTORS[0])
@example(5e-324, FACTORS[0])
@example(1.7976931348623157e308, FACTORS[0])
@example(-0.0, FACTORS[0])
@example(0.2856, FACTORS[0])  # as in the Beijing data
@example(999999999999.9995, FACTORS[0])
def test_a_binary_float_is_its_shortest_decimal(value: float, factor: Fraction) -> None:
    assert found(pa.array([value]), factor) == expected(repr(value), factor)


@given(st.integers(0, 10**9), st.integers(0, 6), factors)
def test_a_float_printed_with_few_decimals_is_that_decimal(count: int, decimals: int, factor: Fraction) -> None:
    text = str(Decimal(count).scaleb(-decimals))
    assert found(pa.array([float(text)]), factor) == expected(text, factor)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=5, min_value=-(10**9), max_value=10**9), factors)
def test_text_is_the_decimal_it_spells(value: Decimal, factor: Fraction) -> None:
    for text in (f"{value:f}", f" {value:e} "):
        assert found(pa.array([text]), factor) == expected(text.strip(), factor)


@pytest.mark.parametrize(
    ("text", "ticks"),
    [
        # Longer than a float can tell apart: a hair above the half goes up, the half itself to the even tick.
        ("1.00050000000000000000001", 1001),
        ("1.0005", 1000),
        ("1.00049999999999999999999", 1000),
        ("12345678.123456789012345", 12345678123),
    ],
)
def test_text_of_many_digits_does_not_pass_through_a_float(text: str, ticks: int) -> None:
    assert found(pa.array([text]), Fraction(1000)) == (ticks, False)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False, min_value=-1e6, max_value=1e6), factors)
def test_single_precision_is_its_own_shortest_decimal(value: float, factor: Fraction) -> None:
    narrow = np.float32(value)
    assert found(pa.array([narrow], pa.float32()), factor) == expected(str(narrow), factor)


def test_every_kind_of_column_gives_the_same_ticks() -> None:
    texts = ["12", "7", None, "0"]
    plain = pa.array(texts)
    columns = [
        plain,
        plain.dictionary_encode(),
        plain.cast(pa.large_string()),
        plain.cast(pa.float64()),
        plain.cast(pa.float32()),
        plain.cast(pa.int16()),
        plain.cast(pa.decimal128(10, 2)),
    ]
    for column in columns:
        result = convert(column, Fraction(1000))
        assert result.ticks[result.given].tolist() == [12000, 7000, 0]
        assert result.given.tolist() == [True, True, False, True]
        assert result.readable.all()


def test_a_column_of_nothing_gives_nothing() -> None:
    assert not convert(pa.nulls(3), Fraction(1)).given.any()
    assert not convert(pa.array([], pa.string()), Fraction(1)).given.size
    assert not convert(pa.array(["", "NA"]), Fraction(1), missing=("", "NA")).given.any()
    assert not convert(pa.array([math.nan]), Fraction(1)).given.any()


@pytest.mark.parametrize(
    "text", ["abc", "12 ug", "1,5", "--1", "1e", ".", "inf", "nan", "0x10", "１２", "1_000", "1e400", "1e30"]
)
def test_what_is_no_number_or_too_large_is_not_readable(text: str) -> None:
    result = convert(pa.array([text]), Fraction(1000))
    assert result.given[0]
    assert not result.readable[0]


def test_infinity_is_not_readable() -> None:
    assert not convert(pa.array([math.inf, -math.inf]), Fraction(1000)).readable.any()


def test_a_vanishing_number_is_nothing_but_not_exactly() -> None:
    assert found(pa.array(["1e-999"]), Fraction(1000)) == (0, False)


def test_a_sign_before_the_number_is_its_qualifier() -> None:
    result = convert(pa.array(["<0.05", "> 999", "12"]), Fraction(1000))
    assert result.qualifier.tolist() == [1, 2, 0]
    assert result.ticks.tolist() == [50, 999_000, 12_000]


def test_a_decimal_comma_can_be_declared() -> None:
    assert convert(pa.array(["12,5"]), Fraction(1000), decimal_mark=",").ticks.tolist() == [12_500]


@pytest.mark.parametrize("column", [pa.array([True]), pa.array([0], pa.timestamp("s"))])
def test_what_holds_no_numbers_is_a_type_error(column: pa.Array) -> None:
    with pytest.raises(TypeError, match="no numbers"):
        convert(column, Fraction(1))


def test_a_limit_as_chinese_laboratories_write_it_is_below() -> None:
    """0.025L: the method's limit with the mark L, for a result below it."""
    found = convert(pa.array(["0.025L", "0.025", "12 L", "L"]), Fraction(1000))
    assert found.qualifier.tolist()[:2] == [1, 0]
    assert found.ticks.tolist()[:2] == [25, 25]
    assert found.readable.tolist() == [True, True, False, False]
