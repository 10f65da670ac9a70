"""A place's code says what it lies in."""

from __future__ import annotations

import pytest

from commonshed.standards import lineage


@pytest.mark.parametrize(
    ("place", "above"),
    [
        ("110105", ("110105", "110100", "110000", "CN")),  # Chaoyang, Beijing
        ("230102", ("230102", "230100", "230000", "CN")),  # Daoli, Harbin, Heilongjiang
        ("230100", ("230100", "230000", "CN")),
        ("230000", ("230000", "CN")),
        ("CN", ("CN",)),
        ("DE", ("DE", "EU")),
        ("DE-BE", ("DE-BE", "DE", "EU")),
        ("EU", ("EU",)),
        ("US-CA", ("US-CA", "US")),
        ("GB", ("GB",)),  # left the union before the directive we hold
        ("the park", ("the park",)),
    ],
)
def test_a_place_lies_in_all_of_these(place: str, above: tuple[str, ...]) -> None:
    assert lineage(place) == above


def test_the_union_has_its_27_members() -> None:
    letters = [chr(code) for code in range(ord("A"), ord("Z") + 1)]
    assert (
        sum(lineage(first + second)[-1] == "EU" for first in letters for second in letters if first + second != "EU")
        == 27
    )
