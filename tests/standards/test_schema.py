"""Numbers of the law are exact, and written without loss."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from commonshed.standards.parts import Clause, Text, written
from commonshed.standards.schema import Band


@given(st.integers(-(10**9), 10**9), st.integers(0, 9))
def test_a_decimal_is_written_as_it_was(count: int, decimals: int) -> None:
    value = Fraction(count, 10**decimals)
    assert Fraction(written(value)) == value
    assert not written(value).endswith(".")
    assert "." not in written(value) or not written(value).endswith("0")


def test_what_has_no_decimal_form_is_refused() -> None:
    with pytest.raises(ValueError, match="no finite decimal form"):
        written(Fraction(1, 3))


@pytest.mark.parametrize("number", [0.5, "0,5", "1e3", "", True, None])
def test_a_number_of_the_law_is_an_integer_or_a_decimal(number: object) -> None:
    with pytest.raises(ValidationError):
        Band.model_validate({"concentration": [0, number], "index": [0, 50]})


def test_parts_are_frozen() -> None:
    band = Band.model_validate({"concentration": [0, "35.5"], "index": [0, 50]})
    assert band.concentration[1] == Fraction(71, 2)
    with pytest.raises(ValidationError):
        band.index = (0, 60)


def test_a_text_speaks_both_languages() -> None:
    text = Text(en="table 1", zh="表 1")
    assert str(text) == text.text() == "table 1"
    assert text.text("zh-CN") == "表 1"
    assert f"{Clause(en='annex A', zh='附录 A')}" == "annex A"
