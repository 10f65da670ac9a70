"""What can be said of a single reading without its neighbours: the sentinels and ranges of the quality rules."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from commonshed.exact import round_fraction
from commonshed.observe.numbers import LARGEST
from commonshed.observe.parcel import FLAGS
from commonshed.observe.quality import Rules, load_rules
from commonshed.observe.quality.rules import Before, Range, Sentinel, ticks_of
from commonshed.periods import Zone
from commonshed.units import quantity

__all__ = ["Limits", "first_second", "limits_of"]


@dataclass(frozen=True)
class Limits:
    """Where the readings of one quantity in one unit become odd.

    Attributes
    ----------
    low, high : int
        Ticks: from low to below high nothing is odd.
    sentinels : tuple of (ticks, place of the flag, sentence)
        Numbers that stand for no reading.
    ranges : tuple of (lowest, highest, place of the flag, sentence)
        What lies outside is flagged.
    """

    low: int
    high: int
    sentinels: tuple[tuple[int, int, str], ...]
    ranges: tuple[tuple[int, int, int, str], ...]

    def judge(self, ticks: int) -> list[tuple[int, str]]:
        """Flags and their sentences for one reading; empty: nothing is odd."""
        found = [(flag, said) for at, flag, said in self.sentinels if ticks == at]
        return found + [(flag, said) for low, high, flag, said in self.ranges if not low <= ticks <= high]


@cache
def _rules() -> Rules:
    return load_rules()


@cache
def first_second() -> int:
    """When measuring began: readings that start before are refused. [UTC s]"""
    rules = [rule for rule in _rules().rules if isinstance(rule, Before)]
    return max((Zone(0).first_second(rule.first) for rule in rules), default=-LARGEST)


@cache
def limits_of(name: str, per_unit: Fraction) -> Limits:
    """The limits of a quantity whose numbers come in a unit of so many ticks."""
    sentinels, ranges = [], []
    for rule in _rules().rules:
        if isinstance(rule, Sentinel) and _rules().medium(rule) in (None, quantity(name).medium):
            said = f"{rule.key}: {rule.reason.en}"
            places = {round_fraction(Fraction(value) * per_unit, 0) for value in rule.values}
            sentinels += [(place, FLAGS.index(rule.flag), said) for place in sorted(places)]
        if isinstance(rule, Range):
            below, above = ticks_of(rule.below).get(name, -LARGEST), ticks_of(rule.above).get(name, LARGEST)
            if (below, above) != (-LARGEST, LARGEST):
                ranges.append((below, above, FLAGS.index(rule.flag), f"{rule.key}: {rule.reason.en}"))
    at = [place for place, _, _ in sentinels]
    return Limits(
        low=max([-LARGEST, *(place + 1 for place in at if place < 0), *(low for low, *_ in ranges)]),
        high=min([LARGEST, *(place for place in at if place >= 0), *(high + 1 for _, high, *_ in ranges)]),
        sentinels=tuple(sentinels),
        ranges=tuple(ranges),
    )
