"""The value of a period: a mean or percentile that is a fraction, or a mean pH, which is a logarithm."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from commonshed.assess.logarithms import Enclosure, minus_log10_of_mean, round_enclosed
from commonshed.assess.water.samples import BelowDetection, Samples
from commonshed.exact import Rounding, decimal_text, percentile, round_fraction
from commonshed.standards.water import WaterValue

__all__ = ["Hydrogen", "Plain", "Value", "mean_of", "published", "value_of"]


@dataclass(frozen=True)
class Plain:
    """A value that is a fraction.

    Attributes
    ----------
    exact : Fraction
        In the unit of its limits.
    """

    exact: Fraction

    def rounded(self, decimals: int, rounding: Rounding = "half-even") -> int:
        """As the integer count of a decimal place."""
        return round_fraction(self.exact, decimals, rounding)

    def enclose(self, digits: int) -> Enclosure:  # noqa: ARG002 - a fraction needs no digits
        """Between which fractions it lies: itself."""
        return self.exact, self.exact


@dataclass(frozen=True)
class Hydrogen:
    """The pH of the mean concentration of hydrogen ions: −log10 Σ w 10^−pH.

    Attributes
    ----------
    shares : pairs of pH and weight
        Distinct pH values, in order; the weights sum to one.
    """

    shares: tuple[tuple[Fraction, Fraction], ...]

    def rounded(self, decimals: int, rounding: Rounding = "half-even") -> int:
        """As the integer count of a decimal place, as if the infinitely long result had been rounded once."""
        return round_enclosed(self.enclose, decimals, rounding)

    def enclose(self, digits: int) -> Enclosure:
        """Between which fractions it lies, to about so many digits."""
        return minus_log10_of_mean(self.shares, digits)


Value: TypeAlias = Plain | Hydrogen


def value_of(samples: Samples, kind: WaterValue, below: BelowDetection, per_tick: Fraction) -> Value:
    """The value of a period from its samples.

    Parameters
    ----------
    samples : Samples
        At least one.
    kind : WaterValue
        Whether it is a mean, a mean of hydrogen ions, or a percentile.
    below : {"half", "zero", "limit"}
        What a sample below detection counts as.
    per_tick : Fraction
        One tick in the unit of the value.

    Notes
    -----
    A percentile is interpolated linearly at (n − 1)·p; a rank is the sample that stands n·p-th, rounded up.
    """
    if kind.kind == "mean":
        return Plain(samples.mean(below, per_tick))
    counted = samples.counted(below)
    if kind.kind == "hydrogen-mean":
        found = Counter(counted)
        return Hydrogen(tuple((ph * per_tick, Fraction(n, len(counted))) for ph, n in sorted(found.items())))
    if kind.kind == "rank":
        return Plain(sorted(counted)[max(-(-(kind.p or 0) * len(counted) // 100), 1) - 1] * per_tick)
    # Doubled ticks are whole: a sample counts as itself, as half its limit, or as nothing.
    doubled = sorted(int(2 * ticks) for ticks in counted)
    return Plain(percentile(doubled, kind.p or 0) / 2 * per_tick)


def mean_of(values: Sequence[Value]) -> Value:
    """The mean over sections of their values, each with equal weight.

    Raises
    ------
    ValueError
        There are no values.
    """
    if not values:
        raise ValueError("a mean needs at least one value")
    plain = [value.exact for value in values if isinstance(value, Plain)]
    if len(plain) == len(values):
        return Plain(sum(plain, Fraction(0)) / len(plain))
    weights: defaultdict[Fraction, Fraction] = defaultdict(Fraction)
    for value in values:
        for ph, weight in value.shares if isinstance(value, Hydrogen) else ((value.exact, Fraction(1)),):
            weights[ph] += weight / len(values)
    return Hydrogen(tuple(sorted(weights.items())))


def published(value: Value, decimals: int, rounding: Rounding, *, keep_one_digit: bool) -> tuple[Fraction, str]:
    """A value as it is published and held against limits, and its text.

    Parameters
    ----------
    value : Value
    decimals : int
    rounding : Rounding
    keep_one_digit : bool
        What would become nought keeps one significant digit.

    References
    ----------
    GB/T 8170-2008, Rules of rounding off for numerical values, clause 3.2.
    """
    count = value.rounded(decimals, rounding)
    if count == 0 and keep_one_digit and isinstance(value, Plain) and value.exact > 0:
        decimals = _first_digit(value.exact)
        count = value.rounded(decimals, rounding)
        if count == 10:
            count, decimals = 1, decimals - 1
    return Fraction(count, 10**decimals), decimal_text(count, decimals)


def _first_digit(value: Fraction) -> int:
    """The decimal place of the first digit of a number below one."""
    place = 1
    while value * 10**place < 1:
        place += 1
    return place
