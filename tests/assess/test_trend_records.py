"""How trends are written."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from commonshed.assess.trend import Slope
from commonshed.assess.trend_records import by_season, digits_text, rounded_text, slope_record
from commonshed.periods import Period


def test_months_stand_in_their_season_and_gaps_are_nan() -> None:
    table = by_season({Period.month(2015, 2): 1.5, Period.month(2016, 12): Fraction(5, 2)}, 12)
    assert table.shape == (2, 12)
    assert (table[0, 1], table[1, 11]) == (1.5, 2.5)
    assert np.isnan(table).sum() == 22


def test_quarters_stand_in_their_season() -> None:
    table = by_season({Period.parse("2016-Q3"): 3.0}, 4)
    assert table[0, 2] == 3.0


def test_numbers_keep_the_digits_that_carry_meaning() -> None:
    assert digits_text(1 / 3) == "0.333333"
    assert digits_text(math.nan) is None
    assert rounded_text(0.03336, 4) == "0.0334"
    assert rounded_text(None, 4) is None
    assert slope_record(Slope(4, 0.5, math.nan, 1.0, 0.95)) == {
        "per_year": "0.5",
        "low": None,
        "high": "1",
        "confidence": "0.95",
    }
