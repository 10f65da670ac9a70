"""Two ways with a fixed sum: upstream pays when a section misses its targets, downstream when it keeps them."""

from __future__ import annotations

from fractions import Fraction

from commonshed.periods import Period
from commonshed.settle.agreement import Section
from commonshed.settle.bill import Line
from commonshed.settle.charging import Charge, charged, stayed, worst
from commonshed.settle.docket import Docket
from commonshed.settle.problems import Problems
from commonshed.settle.rules import TwoWay
from commonshed.standards.parts import written

__all__ = ["lines_by_section"]


def lines_by_section(rule: TwoWay, docket: Docket, found: Problems) -> list[Line]:
    """A line for every stretch and section: one sum, whichever way it goes.

    Parameters
    ----------
    rule : TwoWay
        ``per = "section"``.
    docket : Docket
    found : Problems
        Where what is missing is noted.
    """
    lines: list[Line] = []
    for unit, section in docket.occasions(rule):
        with found.noted(f"rules.{rule.id}"):
            lines += _lines(rule, docket, unit, section, found)
    return lines


def _lines(rule: TwoWay, docket: Docket, unit: Period, section: Section, found: Problems) -> list[Line]:
    situations = docket.situations(section.id, rule.quantities, unit, found)
    if len(situations) < len(rule.quantities):
        return []
    held = worst(situations)
    if any(one.value is None for one in situations.values()):
        return [stayed(docket, rule, section, None, unit, held)]
    inputs: dict[str, object] = {}
    missed: list[str] = []
    for of, one in situations.items():
        target = docket.target(section.targets, of, unit, section)
        assert one.value is not None
        inputs[of] = one.inputs | {"target": written(target.value), "target_unit": target.unit}
        if target.missed_by(one.value.figure) > 0:
            missed.append(of)
    upper, lower = docket.upstream(section), rule.receiver or docket.downstream(section)
    sum_ = rule.worse if missed else rule.better
    amount = Fraction(0) if sum_ is None else sum_.of(docket.agreement.money.currency)
    inputs |= {"targets": "missed: " + ", ".join(missed) if missed else "kept", "sum": None if not sum_ else str(sum_)}
    payer, receiver = (upper, lower) if missed else (lower, upper)
    return charged(docket, rule, Charge(section, None, unit, payer, receiver, amount, held, inputs, bool(missed)))
