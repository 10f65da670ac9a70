"""Energetic means of sound levels, rounded correctly: as if the infinitely long result had been rounded once."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

from commonshed.assess.logarithms import Enclosure, log10, power_of_ten, round_enclosed
from commonshed.exact import Rounding, round_fraction
from commonshed.units import quantity

__all__ = ["energetic_mean", "published_level"]


def energetic_mean(weights: Mapping[int, int], decimals: int, rounding: Rounding = "half-even") -> int:
    """The level of the mean energy of sounds, as the integer count of a decimal place of a dB.

    Parameters
    ----------
    weights : dict of level to weight
        Levels in ticks of ``leq``; weights, such as seconds, are positive.
    decimals : int
    rounding : Rounding

    Raises
    ------
    ValueError
        There is nothing to average.

    Notes
    -----
    L = 10 lg (Σ wᵢ 10^(Lᵢ/10) / Σ wᵢ).

    References
    ----------
    GB 3096-2008, definitions (equivalent continuous A-weighted sound level); HJ 640-2012, clause 6.
    """
    if not weights:
        raise ValueError("a mean level needs at least one level")
    if len(weights) == 1:
        return round_fraction(next(iter(weights)) * quantity("leq").resolution, decimals, rounding)
    total = sum(weights.values())

    def enclose(digits: int) -> Enclosure:
        low = high = 0
        for ticks, weight in weights.items():
            least, most = _energy(ticks, digits)
            low, high = low + weight * least, high + weight * most
        scale = total * 10**digits
        return 10 * log10(Fraction(low, scale), digits)[0], 10 * log10(Fraction(high, scale), digits)[1]

    return round_enclosed(enclose, decimals, rounding)


def published_level(ticks: int, decimals: int, rounding: Rounding = "half-even") -> int:
    """One level as the integer count of a decimal place of a dB."""
    return round_fraction(ticks * quantity("leq").resolution, decimals, rounding)


@lru_cache(maxsize=1 << 16)
def _energy(ticks: int, digits: int) -> tuple[int, int]:
    """10^(L/10) between two integers, in units of 10^-digits: integers add up many times faster than fractions."""
    low, high = power_of_ten(ticks * quantity("leq").resolution / 10, digits)
    scale = 10**digits
    return low.numerator * scale // low.denominator, -(-high.numerator * scale // high.denominator)
