"""Load price: (measured - target) x volume x unit price, one way or in both directions."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from commonshed.errors import AgreementError
from commonshed.periods import Period
from commonshed.settle.agreement import Section, canonical
from commonshed.settle.bill import Line
from commonshed.settle.charging import Charge, charged, stayed
from commonshed.settle.consistency import in_force_on
from commonshed.settle.docket import Docket, Situation
from commonshed.settle.measured import Value, Volume
from commonshed.settle.problems import Problems
from commonshed.settle.rules import LoadPrice, Price, TwoWay
from commonshed.standards.parts import written

__all__ = ["lines_by_load"]

_FORMULA = "(measured - target) x volume x price"


def lines_by_load(rule: LoadPrice | TwoWay, docket: Docket, found: Problems) -> list[Line]:
    """The lines of a load price for every stretch, section and quantity.

    Parameters
    ----------
    rule : LoadPrice or TwoWay
    docket : Docket
    found : Problems
        Where what is missing is noted.

    Notes
    -----
    amount = (C - C_target) x V x p with C as published [mg/L = g/m3], V [m3], p [currency/g]. One way: only where C is
    above the target. Two ways: where it is below, downstream pays by the reward's price, or the same.

    References
    ----------
    Zhenjiang, compensation plan for the Taihu basin, section 1 (4): single-factor sum = (section value - target) x
    monthly volume x unit price.
    """
    lines: list[Line] = []
    for unit, section in docket.occasions(rule):
        for of in rule.quantities:
            with found.noted(f"rules.{rule.id}"):
                lines += _lines(rule, docket, unit, section, of, found)
    return lines


def _lines(
    rule: LoadPrice | TwoWay, docket: Docket, unit: Period, section: Section, of: str, found: Problems
) -> list[Line]:
    held: Situation | None = None
    volume: Volume | Situation | None = None
    with found.noted():
        held = docket.situation(section.id, of, unit)
    with found.noted():
        volume = docket.volume(section, unit)
    if held is None or volume is None:
        return []
    if held.value is None:
        return [stayed(docket, rule, section, of, unit, held)]
    if isinstance(volume, Situation):
        return [stayed(docket, rule, section, of, unit, volume)]
    return charged(docket, rule, _charge(rule, docket, unit, section, of, held, held.value, volume))


def _charge(
    rule: LoadPrice | TwoWay,
    docket: Docket,
    unit: Period,
    section: Section,
    of: str,
    held: Situation,
    value: Value,
    volume: Volume,
) -> Charge:
    upper, lower = _ends(rule, docket, section, volume)
    target = docket.target(section.targets, of, unit, section)
    excess = target.missed_by(value.figure)
    better = excess < 0
    price = _price(rule, of, unit.first, better=better)
    grams = abs(excess) * abs(volume.cubic_metres) / canonical(Fraction(1), "mg/L", of)
    pays = better and isinstance(rule, TwoWay)
    amount = Fraction(0) if better and not pays else grams * price.unit_price.per_gram(docket.agreement.money.currency)
    inputs = held.inputs | {
        "target": written(target.value),
        "target_unit": target.unit,
        "volume": volume.text,
        "volume_unit": volume.unit,
        "volume_from": volume.how,
        "price": written(price.value),
        "price_unit": price.unit,
        "formula": _FORMULA,
    }
    return Charge(section, of, unit, lower if pays else upper, upper if pays else lower, amount, held, inputs, not pays)


def _ends(rule: LoadPrice | TwoWay, docket: Docket, section: Section, volume: Volume) -> tuple[str, str]:
    """Who pays for water worse than the target, and who is paid; they change places where the water flowed back."""
    upper, lower = docket.upstream(section), section.downstream
    if volume.cubic_metres < 0:
        if section.direction == "fixed":
            raise AgreementError(
                f"the water of section {section.id} flowed back, and the agreement knows one direction only",
                field=f"sections.{section.id}.direction",
                value=volume.text,
                mend='Write direction = "by-flow", or correct the flow',
            )
        upper, lower = docket.downstream(section), upper
    return upper, rule.receiver or lower or docket.downstream(section)


def _price(rule: LoadPrice | TwoWay, of: str, day: date, *, better: bool) -> Price:
    rewards = rule.rewards if isinstance(rule, TwoWay) and better else ()
    found = in_force_on(rewards, of, day) or in_force_on(rule.prices, of, day)
    if not isinstance(found, Price):
        raise AgreementError(
            f"rule {rule.id} has no price of {of} on {day}",
            field=f"rules.{rule.id}.prices",
            value=of,
            mend="Add a price that is in force then",
        )
    return found
