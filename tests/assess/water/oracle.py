"""The class of a section computed a second time, slowly, from the words of the standard alone.

It shares nothing with the project but the readings: limits come from `table_of_classes`, sums run over Fractions, the
mean pH over Decimals of a hundred digits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction

from tests.assess.water.table_of_classes import ASSESSED, AT_MOST, CLASSES, DECIMALS, DO_AT_LEAST, PH, TP, WORSE

Samples = Mapping[str, Sequence[str]]


def section_class(samples: Samples, body: str) -> tuple[str, dict[str, str], dict[str, str]]:
    """The class, the class of each quantity and each value as published."""
    classes: dict[str, str] = {}
    published: dict[str, str] = {}
    for key in ASSESSED:
        if samples.get(key):
            value = mean_ph(samples[key]) if key == "ph" else mean(samples[key])
            published[key], rounded = half_even(value, DECIMALS[key])
            compared = value if key == "ph" or len(samples[key]) == 1 else rounded
            classes[key] = single_class(key, compared, body)
    order = [*CLASSES, WORSE]
    return order[max(order.index(held) for held in classes.values())], classes, published


def single_class(key: str, value: Fraction, body: str) -> str:
    if key == "ph":
        return "I" if Fraction(PH[0]) <= value <= Fraction(PH[1]) else WORSE
    if key == "do":
        kept = [name for name, limit in zip(CLASSES, DO_AT_LEAST, strict=True) if value >= Fraction(limit)]
    else:
        limits = TP[body] if key == "tp" else AT_MOST[key]
        kept = [name for name, limit in zip(CLASSES, limits, strict=True) if value <= Fraction(limit)]
    return kept[0] if kept else WORSE


def mean(samples: Sequence[str]) -> Fraction:
    counted = [Fraction(s[1:]) / 2 if s.startswith("<") else Fraction(s) for s in samples]
    return sum(counted, Fraction(0)) / len(counted)


def mean_ph(samples: Sequence[str]) -> Fraction:
    if len(set(samples)) == 1:
        return Fraction(samples[0])
    with localcontext() as context:
        context.prec = 100
        ions = sum((Decimal(10) ** -Decimal(s) for s in samples), Decimal(0)) / len(samples)
        return Fraction(-ions.log10())


def half_even(value: Fraction, decimals: int) -> tuple[str, Fraction]:
    with localcontext() as context:
        context.prec = 200
        long = Decimal(value.numerator) / Decimal(value.denominator)
        rounded = long.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)
        if rounded == 0 and long > 0:
            rounded = Decimal(f"{Decimal(f'{long:.60f}'):.0e}")
        return f"{rounded:f}", Fraction(rounded)
