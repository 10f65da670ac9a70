"""Trends as records write them: probabilities with four decimals, slopes with the digits that carry meaning."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from commonshed.assess.trend import SeasonalKendall, Slope
from commonshed.exact import decimal_text, round_fraction
from commonshed.periods import Period

__all__ = ["by_season", "digits_text", "rounded_text", "seasonal_record", "slope_record"]

_DIGITS = 6


def by_season(known: Mapping[Period, Fraction | float], seasons: int) -> NDArray[np.float64]:
    """Values of months or quarters as a table, years × seasons, NaN where there is none."""
    years = [period.first.year for period in known] or [0]
    table = np.full((max(years) - min(years) + 1, seasons), np.nan)
    for period, value in known.items():
        table[period.first.year - min(years), (period.first.month - 1) * seasons // 12] = float(value)
    return table


def seasonal_record(found: SeasonalKendall) -> dict[str, Any]:
    """What the seasonal test found."""
    return {
        "s": found.s,
        "z": digits_text(found.z),
        "p_value": rounded_text(found.p_value, 4),
        "significant": found.significant,
        "direction": found.direction,
    }


def slope_record(found: Slope) -> dict[str, Any]:
    """How fast, with its interval."""
    ends = {"low": digits_text(found.low), "high": digits_text(found.high), "confidence": digits_text(found.confidence)}
    return {"per_year": digits_text(found.slope), **ends}


def rounded_text(value: Fraction | float | None, decimals: int) -> str | None:
    """A number rounded to a number of decimals; none stays none."""
    return None if value is None else decimal_text(round_fraction(Fraction(value), decimals), decimals)


def digits_text(value: float) -> str | None:
    """A model's number as text with the digits that carry meaning; none for NaN."""
    return None if np.isnan(value) else f"{value:.{_DIGITS}g}"
