"""Counts of ticks as decimal numbers in the unit of their quantity."""

from __future__ import annotations

from commonshed.exact import decimal_text
from commonshed.units import Quantity

__all__ = ["resolution_text", "value_text"]


def resolution_text(of: Quantity) -> str:
    """One tick of a quantity, in its unit."""
    return value_text(1, of)


def value_text(ticks: int, of: Quantity) -> str:
    """A count of ticks, in the unit of its quantity."""
    decimals = len(str(of.resolution.denominator)) - 1  # resolutions are powers of ten
    return decimal_text(int(ticks * of.resolution * 10**decimals), decimals)
