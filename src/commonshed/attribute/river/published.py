"""Model figures become published ones, once: shares with four decimals that are one together, loads to the kilogram."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from commonshed.exact import apportion, decimal_text, round_fraction

__all__ = ["SHARE_DECIMALS", "TONNE_DECIMALS", "share_text", "tonnes_text", "units_of"]

SHARE_DECIMALS = 4
TONNE_DECIMALS = 3
WHOLE = 10**SHARE_DECIMALS


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


def share_text(units: int) -> str:
    """Ten-thousandths as text.

    >>> share_text(1234), share_text(10000)
    ('0.1234', '1.0000')
    """
    return decimal_text(units, SHARE_DECIMALS)


def tonnes_text(tonnes: float) -> str | None:
    """A load as text, to the kilogram; none where there is no figure. [t]"""
    if not math.isfinite(tonnes):
        return None
    return decimal_text(round_fraction(Fraction(float(tonnes)), TONNE_DECIMALS), TONNE_DECIMALS)


def _weight(weight: float) -> Fraction:
    if not (math.isfinite(weight) and weight >= 0):
        raise ValueError(f"a weight is a number that is not negative, not {weight!r}")
    return Fraction(float(weight))
