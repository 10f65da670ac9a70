"""The compensation index of the Xin'an River: P = k0 sum k_i C_i / C_i0, and who pays whom for which P."""

from __future__ import annotations

from fractions import Fraction

from commonshed.exact import decimal_text, round_fraction
from commonshed.periods import Period
from commonshed.settle.agreement import Section, canonical
from commonshed.settle.bill import Line
from commonshed.settle.charging import Charge, line, stayed, worst
from commonshed.settle.docket import Docket, Situation
from commonshed.settle.money import published
from commonshed.settle.problems import Problems
from commonshed.settle.rules import Band, PIndex
from commonshed.standards.parts import written

__all__ = ["lines_by_index"]


def lines_by_index(rule: PIndex, docket: Docket, found: Problems) -> list[Line]:
    """A line for every stretch and section.

    Parameters
    ----------
    rule : PIndex
    docket : Docket
    found : Problems
        Where what is missing is noted.

    Notes
    -----
    P = k0 sum_i k_i C_i / C_i0 with C_i the mean of the stretch as published and C_i0 its reference; P is rounded once,
    by the rule of the agreement, before it is held against the bands.
    """
    lines: list[Line] = []
    for unit, section in docket.occasions(rule):
        with found.noted(f"rules.{rule.id}"):
            lines += _lines(rule, docket, unit, section, found)
    return lines


def _lines(rule: PIndex, docket: Docket, unit: Period, section: Section, found: Problems) -> list[Line]:
    situations = docket.situations(section.id, rule.quantities, unit, found)
    if len(situations) < len(rule.terms):
        return []
    held = worst(situations)
    if any(one.value is None for one in situations.values()):
        return [stayed(docket, rule, section, None, unit, held)]
    p, inputs = _index(rule, situations)
    band = next(band for band in rule.bands if _fits(band, Fraction(p)))
    upper, lower = docket.upstream(section), docket.downstream(section)
    payer, receiver = (upper, lower) if band.payer == "upstream" else (lower, upper)
    money = docket.agreement.money
    amount = Fraction(0) if band.amount is None else band.amount.of(money.currency)
    inputs |= {"k0": written(rule.k0), "P": p, "band": _words(band), "formula": "P = k0 sum k C / C0"}
    charge = Charge(section, None, unit, payer, receiver, amount, held, inputs)
    return [line(rule, charge, payer, published(amount, money), {})]


def _index(rule: PIndex, situations: dict[str, Situation]) -> tuple[str, dict[str, object]]:
    """P as published, and what it is made of."""
    total = Fraction(0)
    inputs: dict[str, object] = {}
    for term in rule.terms:
        held = situations[term.quantity]
        assert held.value is not None
        assert term.reference is not None
        total += term.weight * held.value.figure / canonical(term.reference, term.unit, term.quantity)
        terms = {"k": written(term.weight), "C0": written(term.reference), "C0_unit": term.unit}
        inputs[term.quantity] = held.inputs | terms
    return decimal_text(round_fraction(rule.k0 * total, rule.decimals, rule.rounding), rule.decimals), inputs


def _fits(band: Band, p: Fraction) -> bool:
    return band.up_to is None or p < band.up_to or (band.inclusive and p == band.up_to)


def _words(band: Band) -> str:
    upper = "above the bands before" if band.up_to is None else f"{'up to' if band.inclusive else 'below'} "
    upper += "" if band.up_to is None else written(band.up_to)
    return f"{upper}: {band.payer} pays{'' if band.amount is None else f' {band.amount}'}"
