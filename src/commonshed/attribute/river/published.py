"""Model figures become published ones, once: shares with four decimals that are one together, loads to the kilogram."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from commonshed.exact import apportion, decimal_text, round_fraction

__all__ = [
    "WHOLE",
    "_SHARE_DECIMALS",
    "_TONNE_DECIMALS",
    "interval_of",
    "share_text",
    "significant_text",
    "tonnes_text",
    "units_of",
]

_SHARE_DECIMALS = 4
_TONNE_DECIMALS = 3
WHOLE = 10**_SHARE_DECIMALS
_ENDS = (5, 95)
"""Of every interval of loads and shares. [%]"""


def units_of(weights: Sequence[float], whole: int = WHOLE) -> list[int]:
    """Split a whole number of units in proportion to weights, by largest remainder: the sum is the whole, exactly.

    Parameters
    ----------
    weights : sequence of float
        Not negative.
    whole : int
        Units to give out; ten thousand are the whole of a share with four decimals.

    Returns
    -------
    list of int
        See `commonshed.exact.apportion`.

    Raises
    ------
    ValueError
        A weight is negative or no number, or all are zero and there is something to split.
    """
    return apportion(whole, [_weight(weight) for weight in weights])


def interval_of(draws: NDArray[np.float64]) -> tuple[float, float]:
    """Ends of the 90 % interval: the 5 % and 95 % points of the draws; NaN without any."""
    if not draws.size:
        return math.nan, math.nan
    low, high = np.percentile(draws, _ENDS)
    return float(low), float(high)


def share_text(units: int) -> str:
    """Ten-thousandths as text.

    >>> share_text(1234), share_text(10000)
    ('0.1234', '1.0000')
    """
    return decimal_text(units, _SHARE_DECIMALS)


def tonnes_text(tonnes: float) -> str | None:
    """A load as text, to the kilogram; none where there is no figure. [t]"""
    if not math.isfinite(tonnes):
        return None
    return decimal_text(round_fraction(Fraction(float(tonnes)), _TONNE_DECIMALS), _TONNE_DECIMALS)


def significant_text(value: float, digits: int, *, least: float) -> str:
    """A concentration in plain decimals to significant digits, whole numbers in full; what is below ``least`` is 0.

    >>> significant_text(0.012345, 3, least=1e-9), significant_text(12345.6, 3, least=1e-9)
    ('0.0123', '12346')
    """
    if abs(value) < least:
        return "0"
    return f"{value:.{max(0, digits - 1 - math.floor(math.log10(abs(value))))}f}"


def _weight(weight: float) -> Fraction:
    if not (math.isfinite(weight) and weight >= 0):
        raise ValueError(f"a weight is a number that is not negative, not {weight!r}")
    return Fraction(float(weight))
