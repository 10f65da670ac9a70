"""GB/T 8170-2008 clause 3.2, the percentile of HJ 663-2013 annex A, and the sub-index of HJ 633, by the letter."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import cache

from tests.oracle.law import CLASS_ENDS, LAWS, LEVELS


def round_8170(value: Fraction, decimals: int) -> Fraction:
    """Keep so many decimals: below half down, above half up, exactly half to the even digit."""
    scaled = value * 10**decimals
    whole = scaled.numerator // scaled.denominator
    rest = scaled - whole
    if rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2 == 1):
        whole += 1
    return Fraction(whole, 10**decimals)


def as_text(value: Fraction | None, decimals: int) -> str | None:
    """A rounded value as it is printed: 3.2, 73, 0.0."""
    if value is None:
        return None
    count = value * 10**decimals
    assert count.denominator == 1, f"{value} has more than {decimals} decimals"
    sign, digits = ("-" if count < 0 else ""), str(abs(count.numerator)).zfill(decimals + 1)
    return sign + (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits)


def percentile(values: Iterable[Fraction | int], p: int) -> Fraction:
    """K = 1 + (n - 1) p / 100, s its integer part, X(s) + (X(s+1) - X(s)) (k - s); X counted from one."""
    x: list[Fraction | int] = sorted(values)
    k = 1 + Fraction((len(x) - 1) * p, 100)
    s = k.numerator // k.denominator
    if s == len(x):
        return Fraction(x[s - 1])
    return (k - s) * (x[s] - x[s - 1]) + x[s - 1]


@cache
def sub_index(law_name: str, table: str, concentration: Fraction) -> int | None:
    """The sub-index of a concentration, carried up to the next integer; None where the table gives none."""
    law = LAWS[law_name]
    points = law.breakpoints[table]
    for i in range(1, len(points)):
        if concentration <= points[i]:
            low, high = points[i - 1], points[i]
            exact = Fraction(LEVELS[i] - LEVELS[i - 1], high - low) * (concentration - low) + LEVELS[i - 1]
            return -((-exact.numerator) // exact.denominator)
    return law.above.get(table, LEVELS[-1])


def class_of(aqi: int) -> int:
    """Class one to six of an index."""
    return next(i for i, end in enumerate(CLASS_ENDS, start=1) if aqi <= end)
