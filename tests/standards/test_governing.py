"""Each medium has laws of its own."""

from __future__ import annotations

from datetime import date

import pytest

from commonshed.errors import NotCovered
from commonshed.standards import regime_for, regimes


@pytest.mark.parametrize(
    ("day", "place", "medium", "id"),
    [
        (date(2016, 3, 5), "110105", "air", "cn-2012"),
        (date(2016, 3, 5), "110105", "water", "cn-surface"),
        (date(2016, 3, 5), "110105", "noise", "cn-noise"),
        (date(2026, 3, 1), "230102", "air", "cn-2026"),
        (date(2011, 3, 9), "230102", "water", "cn-surface"),  # the day of the method
        (date(1999, 1, 1), "JP", "water", "jp-rivers"),
        (date(2013, 7, 1), "GB-ENG", "water", "uk-wfd-2010"),
    ],
)
def test_the_law_of_a_medium_is_found_by_day_and_place(day: date, place: str, medium: str, id: str) -> None:
    assert regime_for(day, place, medium).id == id


def test_air_is_looked_up_unless_another_medium_is_named() -> None:
    assert regime_for(date(2016, 3, 5), "110105").medium == "air"
    assert {law.medium for law in regimes("water").values()} == {"water"}
    assert set(regimes("air")) | set(regimes("water")) | set(regimes("noise")) == set(regimes())


@pytest.mark.parametrize(
    ("day", "place", "medium", "said"),
    [
        (date(2011, 3, 8), "230102", "water", "nearest in time is cn-surface, in force there from 2011-03-09"),
        (date(2012, 1, 1), "230102", "noise", "governs noise in 230102 on 2012-01-01"),
        (date(2016, 1, 1), "DE", "water", "Name one to grade by it all the same: cn-surface, jp-rivers, uk-wfd-2010"),
        (date(2016, 1, 1), "810000", "water", "nor on any other day"),
    ],
)
def test_what_is_not_covered_names_the_nearest_law_of_that_medium(
    day: date, place: str, medium: str, said: str
) -> None:
    with pytest.raises(NotCovered, match=said):
        regime_for(day, place, medium)
