"""Integer and rational arithmetic for figures that a law defines.

A reading is an integer count of *ticks* (its quantity's resolution). Every legal figure made from readings is an
integer sum, an order statistic, or a quotient of integers rounded once by a named rule. No binary floating point
stands between a reading and such a figure. The functions here work on Python integers and NumPy integer arrays alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Rounding",
    "apportion",
    "decimal_text",
    "divide",
    "percentile",
    "round_fraction",
    "to_ticks",
    "without_zeros",
]

Integers = NDArray[np.signedinteger]
IntLike = TypeVar("IntLike", int, Integers)

Rounding = Literal["half-even", "half-up", "down", "up"]
"""How a quotient becomes an integer.

``half-even``
    GB/T 8170-2008, clause 3.2: to the nearest, an exact half to the even neighbour.
``half-up``
    To the nearest, an exact half upward (US EPA AQI).
``down``
    Truncation (US EPA: concentrations are truncated before the look-up).
``up``
    To the next integer at or above (HJ 633: sub-indices keep no decimals and are carried up).
"""


def divide(numerator: IntLike, denominator: IntLike, rounding: Rounding = "half-even") -> IntLike:
    """Divide integers by positive integers and round once, exactly.

    Parameters
    ----------
    numerator : int or integer array
        The caller sees to it that twice its magnitude fits the array's type.
    denominator : int or integer array
        Positive.
    rounding : Rounding

    Returns
    -------
    int or integer array

    References
    ----------
    GB/T 8170-2008, Rules of rounding off for numerical values, clause 3.2.
    """
    if rounding == "down":
        # Legal concentrations are not negative, where floor and truncation agree.
        return numerator // denominator
    if rounding == "up":
        return -((-numerator) // denominator)
    doubled = 2 * denominator
    raised = 2 * numerator + denominator
    rounded = raised // doubled
    if rounding == "half-up":
        return rounded
    tie = rounded * doubled == raised
    nearest: IntLike = rounded - (tie & (rounded & 1))
    return nearest


def round_fraction(value: Fraction, decimals: int, rounding: Rounding = "half-even") -> int:
    """Round a rational to a number of decimals, as the integer count of that decimal place.

    >>> round_fraction(Fraction(5, 2), 0), round_fraction(Fraction(7, 2), 0)
    (2, 4)
    """
    return int(divide(value.numerator * 10**decimals, value.denominator, rounding))


def percentile(ordered: Sequence[int], p: int) -> Fraction:
    """Percentile of ascending integers by linear interpolation at (n − 1)·p.

    Notes
    -----
    With (n − 1)·p = 100·i + r the value is x[i] + (x[i+1] − x[i])·r / 100.

    Raises
    ------
    ValueError
        No values, or p outside 0…100.

    References
    ----------
    HJ 663-2013, annex A.
    """
    if not ordered:
        raise ValueError("a percentile needs at least one value")
    if not 0 <= p <= 100:
        raise ValueError(f"a percentile lies within 0…100, not {p}")
    i, r = divmod((len(ordered) - 1) * p, 100)
    upper = ordered[min(i + 1, len(ordered) - 1)]
    return ordered[i] + Fraction((upper - ordered[i]) * r, 100)


def apportion(whole: int, weights: Sequence[Fraction]) -> list[int]:
    """Hand out whole units in proportion to weights, by largest remainder: the sum is the whole, exactly.

    Parameters
    ----------
    whole : int
        Units to hand out, not negative.
    weights : sequence of Fraction
        Not negative; only their proportion matters.

    Returns
    -------
    list of int
        Nothing for a weight of zero. Of equal remainders the larger weight goes first, then the one that stands first.

    Raises
    ------
    ValueError
        A weight is negative, or all are zero and there is something to hand out.

    >>> apportion(100, [Fraction(1), Fraction(1), Fraction(1)])
    [34, 33, 33]

    References
    ----------
    Hamilton's method; Balinski & Young (1982), Fair Representation, chapter 3.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("a weight is not negative")
    total = sum(weights, Fraction(0))
    if not total:
        if whole:
            raise ValueError("nothing to hand out by: all weights are zero")
        return [0] * len(weights)
    quotas = [weight * whole / total for weight in weights]
    units = [int(quota) for quota in quotas]
    first = sorted(range(len(quotas)), key=lambda i: (units[i] - quotas[i], -weights[i], i))
    for i in first[: whole - sum(units)]:
        units[i] += 1
    return units


def decimal_text(count: int, decimals: int) -> str:
    """Write an integer count of a decimal place as plain text.

    >>> decimal_text(32, 1), decimal_text(-5, 2), decimal_text(73, 0)
    ('3.2', '-0.05', '73')
    """
    if decimals == 0:
        return str(count)
    digits = str(abs(count)).rjust(decimals + 1, "0")
    return f"{'-' if count < 0 else ''}{digits[:-decimals]}.{digits[-decimals:]}"


def without_zeros(text: str) -> str:
    """A decimal number without the zeros at its end that say nothing.

    >>> without_zeros("35.200"), without_zeros("12.000"), without_zeros("120")
    ('35.2', '12', '120')
    """
    return text.rstrip("0").rstrip(".") if "." in text else text


def to_ticks(text: str, ticks_per_unit: Fraction) -> tuple[int, bool]:
    """Read a decimal number as ticks; a value between two ticks goes to the even one.

    Parameters
    ----------
    text : str
        A decimal number, with or without an exponent.
    ticks_per_unit : Fraction
        Ticks in one unit of the text.

    Returns
    -------
    (int, bool)
        The ticks, and whether they render the text exactly.

    Raises
    ------
    ValueError
        The text is not a finite decimal number.
    """
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(f"{text!r} is not a number") from None
    if not number.is_finite():
        raise ValueError(f"{text!r} is not a finite number")
    exact = Fraction(number) * ticks_per_unit
    return round_fraction(exact, 0), exact.denominator == 1
