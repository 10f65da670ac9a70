"""Administrative division codes tell who is above whom."""

from __future__ import annotations

import pytest

from commonshed.places import adcode
from commonshed.standards import lineage


@pytest.mark.parametrize(
    ("code", "above"),
    [
        ("110105", ["110000"]),  # Chaoyang, Beijing: districts of a municipality stand directly below it
        ("500101", ["500000"]),
        ("230102", ["230100", "230000"]),  # Daoli, Harbin, Heilongjiang
        ("230100", ["230000"]),
        ("429004", ["420000"]),  # Xiantao, directly governed by Hubei
        ("230000", []),
        ("Dongsi", []),
    ],
)
def test_ancestors_follow_from_the_digits(code: str, above: list[str]) -> None:
    assert adcode.ancestors(code) == above


@pytest.mark.parametrize("code", ["110105", "230102", "230100", "429004"])
def test_whoever_is_above_here_is_above_in_the_lineage_of_the_law(code: str) -> None:
    assert set(adcode.ancestors(code)) <= set(lineage(code))


def test_provinces_have_names_in_both_languages() -> None:
    beijing = adcode.province("110000")
    assert beijing is not None
    assert (beijing.name_en, beijing.name_zh) == ("Beijing", "北京市")
    assert adcode.province("110105") is None
