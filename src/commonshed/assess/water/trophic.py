"""The trophic state of lakes and reservoirs: how much their water is fed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from commonshed.assess.logarithms import Enclosure, ln, round_enclosed
from commonshed.assess.water.means import Plain
from commonshed.assess.water.values import SectionValue
from commonshed.exact import decimal_text
from commonshed.standards.parts import Text
from commonshed.standards.water import TrophicIndex
from commonshed.units import quantity, ticks_per

__all__ = ["Trophic", "trophic_index", "trophic_of"]


@dataclass(frozen=True)
class Trophic:
    """The trophic index of a lake.

    Attributes
    ----------
    index : str or None
        As published; None when something it needs is missing.
    state : Text or None
    missing : tuple of str
        Quantities it needs that have no value above nought.
    """

    index: str | None
    state: Text | None
    missing: tuple[str, ...] = ()


def trophic_of(law: TrophicIndex, values: Mapping[str, SectionValue]) -> Trophic:
    """The trophic index of a lake from its values of a period.

    The means of the period go in unrounded; the law does not say that they are rounded before.
    """
    found: dict[str, Fraction] = {}
    for term in law.terms:
        held = values.get(term.quantity)
        if held is not None and isinstance(held.value, Plain) and held.value.exact > 0:
            of = quantity(term.quantity)
            found[term.quantity] = held.value.exact * ticks_per(of, held.unit) / ticks_per(of, term.unit)
    missing = tuple(term.quantity for term in law.terms if term.quantity not in found)
    return Trophic(None, None, missing) if missing else trophic_index(law, found)


def trophic_index(law: TrophicIndex, values: Mapping[str, Fraction]) -> Trophic:
    """The index of positive concentrations in the units of its terms.

    Notes
    -----
    TLI = Σ W_j TLI_j with W_j = r_j² / Σ r², TLI_j = 10 (a_j + b_j ln c_j); rounded once, correctly.
    """
    weights = sum((term.r2 for term in law.terms), Fraction(0))

    def enclose(digits: int) -> Enclosure:
        low = high = Fraction(0)
        for term in law.terms:
            ends = ln(values[term.quantity], digits)
            both = [10 * term.r2 / weights * (term.a + term.b * end) for end in ends]
            low, high = low + min(both), high + max(both)
        return low, high

    count = round_enclosed(enclose, law.decimals)
    figure = Fraction(count, 10**law.decimals)
    return Trophic(decimal_text(count, law.decimals), _state(law, figure))


def _state(law: TrophicIndex, figure: Fraction) -> Text | None:
    for level in law.levels:
        if level.up_to is None or figure < level.up_to or (level.inclusive and figure == level.up_to):
            return level.name
    return None
