"""Logarithms a law asks for, rounded correctly: as if the infinitely long result had been rounded once.

Sums and means of readings are rational and need no such care. A mean pH, an energetic mean of sound levels and a
trophic index are not: each is enclosed between two rationals, ever narrower, until both round to the same figure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from functools import lru_cache

from commonshed.exact import Rounding, round_fraction

__all__ = ["Enclosure", "ln", "log10", "minus_log10_of_mean", "power_of_ten", "round_enclosed"]

Enclosure = tuple[Fraction, Fraction]
"""Two rationals, the smaller first, between which a number lies."""

_FIRST_DIGITS = 24
_MOST_DIGITS = 200
"""A number that lies closer than 10^-200 to the middle between two figures is taken to be that middle."""


def round_enclosed(enclose: Callable[[int], Enclosure], decimals: int, rounding: Rounding = "half-even") -> int:
    """Round a number known by ever narrower enclosures, as the integer count of a decimal place.

    Parameters
    ----------
    enclose : function of a number of digits
        Gives rationals around the number that close in on it as the digits grow.
    decimals : int
    rounding : Rounding

    Returns
    -------
    int
        What rounding the number itself once gives.

    References
    ----------
    Ziv (1991), Fast evaluation of elementary mathematical functions with correctly rounded last bit, ACM Transactions
    on Mathematical Software 17.
    """
    digits = _FIRST_DIGITS
    while True:
        low, high = enclose(digits)
        least, most = round_fraction(low, decimals, rounding), round_fraction(high, decimals, rounding)
        if least == most:
            return least
        if digits >= _MOST_DIGITS:
            return round_fraction(_tie(low, high, decimals), decimals, rounding)
        digits = min(2 * digits, _MOST_DIGITS)


def log10(value: Fraction, digits: int) -> Enclosure:
    """The decimal logarithm of a positive rational, enclosed to about so many digits."""
    return _enclosed(value, digits, lambda context, number: context.log10(number))


def ln(value: Fraction, digits: int) -> Enclosure:
    """The natural logarithm of a positive rational, enclosed to about so many digits."""
    return _enclosed(value, digits, lambda context, number: context.ln(number))


@lru_cache(maxsize=1 << 16)
def power_of_ten(exponent: Fraction, digits: int) -> Enclosure:
    """Ten to a rational power, enclosed to about so many digits."""
    if exponent.denominator == 1:
        exact = Fraction(10) ** exponent.numerator
        return exact, exact
    context = Context(prec=digits)
    near = Fraction(context.power(Decimal(10), _decimal(exponent, digits + 8, ROUND_FLOOR)))
    # The exponent is off by less than 10^-(digits + 2), the power by less than two units in its last place.
    off = near * Fraction(1, 10 ** (digits - 2))
    return near - off, near + off


def minus_log10_of_mean(shares: Iterable[tuple[Fraction, Fraction]], digits: int) -> Enclosure:
    """−log10 Σ w 10^−x: the pH of water whose hydrogen ions are the mean of several.

    Parameters
    ----------
    shares : pairs of x and w
        Weights w are positive and sum to one.
    digits : int
    """
    held = tuple(shares)
    if len(held) == 1:
        return held[0][0], held[0][0]
    powers = [(w, power_of_ten(-x, digits)) for x, w in held]
    low = sum((w * least for w, (least, _) in powers), Fraction(0))
    high = sum((w * most for w, (_, most) in powers), Fraction(0))
    return -log10(high, digits)[1], -log10(low, digits)[0]


def _enclosed(value: Fraction, digits: int, function: Callable[[Context, Decimal], Decimal]) -> Enclosure:
    # ln and log10 of decimal are correctly rounded, and both rise: below and above are sure.
    low = Fraction(function(Context(prec=digits, rounding=ROUND_FLOOR), _decimal(value, digits, ROUND_FLOOR)))
    high = Fraction(function(Context(prec=digits, rounding=ROUND_CEILING), _decimal(value, digits, ROUND_CEILING)))
    slack = Fraction(1, 10 ** (digits - 4))
    return low - slack, high + slack


def _decimal(value: Fraction, digits: int, rounding: str) -> Decimal:
    return Context(prec=digits, rounding=rounding).divide(Decimal(value.numerator), Decimal(value.denominator))


def _tie(low: Fraction, high: Fraction, decimals: int) -> Fraction:
    """The multiple of half a decimal place between two rationals that lie close around one."""
    halves = round_fraction((low + high) * 10**decimals, 0)
    return Fraction(halves, 2 * 10**decimals)
