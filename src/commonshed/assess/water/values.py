"""The values of a section in a period: one a quantity, rounded as the law says, and the class of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from commonshed.assess.source import Source
from commonshed.assess.water.means import Plain, Value, published, value_of
from commonshed.assess.water.samples import Samples, samples_between
from commonshed.assess.water.scale import Scale, scale_of
from commonshed.exact import decimal_text
from commonshed.periods import Period
from commonshed.places import Network, Station
from commonshed.standards import Regime
from commonshed.standards import regime as regime_of

__all__ = ["SectionValue", "body_of", "scale_for", "section_value", "section_values", "valued"]

_DIGITS = 12
_MORE_DIGITS = 60


@dataclass(frozen=True)
class SectionValue:
    """What one quantity was at a section in a period.

    Attributes
    ----------
    quantity : str
    unit : str
        Of the law's limits; where it has none the canonical one.
    value : Value
        Before it is rounded.
    figure : Fraction
        As published.
    published : str
        The same as text.
    compared : Fraction
        What is held against the limits: the figure, or where the law compares before rounding the value itself.
    samples : int
    below : int
        How many of them were below detection.
    level : str or None
        Class of this quantity alone; None where the law has no limits of it for this water.
    multiple : str or None
        (C − S) / S for a quantity worse than the law's level S; None otherwise and where the law gives none.
    """

    quantity: str
    unit: str
    value: Value
    figure: Fraction
    published: str
    compared: Fraction
    samples: int
    below: int
    level: str | None
    multiple: str | None

    @property
    def mean(self) -> Fraction:
        """The exact value where it is a fraction; a mean pH, which is none, as published."""
        return self.value.exact if isinstance(self.value, Plain) else self.figure


def section_values(
    source: Source,
    regime: Regime | str,
    period: Period | str,
    sections: Sequence[str] | None = None,
    *,
    quantities: Sequence[str] | None = None,
    as_of: int | None = None,
) -> dict[tuple[str, str], SectionValue]:
    """The values of sections in a period, by section and quantity; only where there are samples.

    Parameters
    ----------
    source : Source
    regime : Regime or str
    period : Period or str
    sections : sequence of str, optional
        Only these; without, all that have samples.
    quantities : sequence of str, optional
        Only these; without, everything found in water.
    as_of : int, optional

    Raises
    ------
    UnknownName
        A section nobody declared.
    InputError
        The regime does not grade water.
    """
    law = regime_of(regime) if isinstance(regime, str) else regime
    span = Period.parse(period) if isinstance(period, str) else period
    network = source.network(as_of)
    for section in sections or ():
        network.station(section)
    table = samples_between(source, span, quantities=quantities, sections=sections, as_of=as_of)
    return valued(table.within(span), network, law, span)


def valued(
    samples: Mapping[tuple[str, str], Samples], network: Network, regime: Regime, period: Period
) -> dict[tuple[str, str], SectionValue]:
    """Values from samples."""
    return {
        (section, quantity): section_value(quantity, held, scale_for(network.station(section), regime, period))
        for (section, quantity), held in samples.items()
    }


def scale_for(section: Station, regime: Regime, period: Period) -> Scale:
    """The classes that apply at a section: those of its kind of water on the last day of a period."""
    return scale_of(regime, period.last, body_of(section), section.water_type or "")


def body_of(section: Station) -> str:
    """River or lake; a section that does not say is taken for a river, and its record says so."""
    return section.water_body or "river"


def section_value(quantity: str, samples: Samples, scale: Scale) -> SectionValue:
    """The value of one quantity from its samples, of which there is at least one."""
    per_tick = scale.bounds_of(quantity).per_tick
    value = value_of(samples, scale.value_kind(quantity), scale.method.below_detection, per_tick)
    return of_value(quantity, value, scale, samples=len(samples), below=samples.below_count)


def of_value(quantity: str, value: Value, scale: Scale, *, samples: int, below: int) -> SectionValue:
    """A value held against the limits of its quantity."""
    method, bounds = scale.method, scale.bounds_of(quantity)
    decimals = method.decimals.get(quantity)
    if decimals is None:
        decimals = _decimals_of_tick(bounds.per_tick)
    figure, text = published(value, decimals, method.rounding, keep_one_digit=method.keep_one_digit)
    alone = samples == 1 and method.single_samples == "unrounded"
    compared = _itself(value) if alone or quantity in method.compared_unrounded else figure
    level = scale.class_of(quantity, compared)
    multiple = _multiple(quantity, compared, level, scale)
    return SectionValue(quantity, bounds.unit, value, figure, text, compared, samples, below, level, multiple)


def _itself(value: Value) -> Fraction:
    """A value before rounding; of a logarithm the digits that tell on which side of a limit it lies."""
    if isinstance(value, Plain):
        return value.exact
    for decimals in (_DIGITS, _MORE_DIGITS):
        count = value.rounded(decimals)
        if count % 10 ** (decimals - 3):
            # No limit of pH has more than three decimals: it lies on the same side of them all as its digits.
            break
    return Fraction(count, 10**decimals)


def _multiple(quantity: str, compared: Fraction, level: str | None, scale: Scale) -> str | None:
    rule = scale.method.main_pollutants
    if rule is None or quantity in rule.no_multiple or not scale.worse_than(level, rule.worse_than):
        return None
    standard = scale.bounds_of(quantity).highest(rule.worse_than)
    if not standard:
        return None
    decimals = scale.method.multiple_decimals
    return decimal_text(Plain((compared - standard) / standard).rounded(decimals, scale.method.rounding), decimals)


def _decimals_of_tick(per_tick: Fraction) -> int:
    """Decimals that render every tick: of a law that does not say how values are rounded."""
    decimals = 0
    while Fraction(10) ** -decimals > per_tick:
        decimals += 1
    return decimals
