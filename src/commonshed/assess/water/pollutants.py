"""Which quantities are named as those that pollute a section, or a river."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from commonshed.assess.water.scale import Scale
from commonshed.assess.water.values import SectionValue

__all__ = ["exceeding", "main_pollutants", "main_pollutants_of_many"]


def exceeding(values: Mapping[str, SectionValue], scale: Scale) -> list[str]:
    """The assessed quantities worse than the level the law names, in the law's order."""
    rule = scale.method.main_pollutants
    if rule is None:
        return []
    return [key for key in scale.assessed if key in values and scale.worse_than(values[key].level, rule.worse_than)]


def main_pollutants(values: Mapping[str, SectionValue], scale: Scale) -> list[str]:
    """The main pollutants of a section, the most important first; none where nothing exceeds.

    Notes
    -----
    What the law puts first when it exceeds (cyanide, heavy metals) comes first; then the worst class; then the largest
    multiple, and after those of its class what has no multiple; what is still equal keeps the law's order.
    """
    rule = scale.method.main_pollutants
    if rule is None:
        return []

    def order(quantity: str) -> tuple[bool, int, Fraction]:
        held = values[quantity]
        assert held.level is not None  # what exceeds has a class
        return quantity not in rule.first, -scale.rank(held.level), -_multiple(held)

    return sorted(exceeding(values, scale), key=order)[: rule.most]


def main_pollutants_of_many(sections: Iterable[tuple[Mapping[str, SectionValue], Scale]]) -> list[str]:
    """The main pollutants of a river: what exceeds at the largest share of its sections, the largest first.

    Shares are of all sections of the river; what exceeds at equally many keeps the law's order.
    """
    held = list(sections)
    if not held or held[0][1].method.main_pollutants is None:
        return []
    found = [exceeding(values, scale) for values, scale in held]
    order = held[0][1].method.assessed
    counts = {key: sum(key in one for one in found) for key in order}
    return sorted((key for key in order if counts[key]), key=lambda key: -counts[key])[
        : held[0][1].method.main_pollutants.most
    ]


def exceedance_rates(sections: Sequence[tuple[Mapping[str, SectionValue], Scale]]) -> dict[str, Fraction]:
    """Of how many sections, as a share of all, each quantity exceeds; only those that do anywhere."""
    found = [exceeding(values, scale) for values, scale in sections]
    keys = dict.fromkeys(key for one in found for key in one)
    return {key: Fraction(sum(key in one for one in found), len(found)) for key in keys}


def _multiple(held: SectionValue) -> Fraction:
    """The multiple as it is published; what has none comes after those of its class."""
    return Fraction(-1) if held.multiple is None else Fraction(held.multiple)
