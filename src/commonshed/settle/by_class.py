"""A sum for each class by which a quantity misses its section's target class, month by month."""

from __future__ import annotations

from fractions import Fraction

from commonshed.errors import AgreementError
from commonshed.periods import Period
from commonshed.settle.agreement import Section
from commonshed.settle.bill import Line
from commonshed.settle.charging import Charge, charged, stayed, worst
from commonshed.settle.docket import Docket, Situation
from commonshed.settle.measured import Value
from commonshed.settle.money import Amount
from commonshed.settle.problems import Problems
from commonshed.settle.rules import ClassStep

__all__ = ["lines_by_class"]


def lines_by_class(rule: ClassStep, docket: Docket, found: Problems) -> list[Line]:
    """A line for every stretch, section and quantity; what several quantities cost is added up.

    Parameters
    ----------
    rule : ClassStep
    docket : Docket
    found : Problems
        Where what is missing is noted.

    Notes
    -----
    amount = rate x (class - class to keep), counted in classes of the law from the best to the worst. The reduced rate
    applies where the water leaves the party no worse than it came in and still misses its class.

    References
    ----------
    Beijing, trial measures of regional compensation of the water environment (2015): 300,000 CNY per section, month and
    class, 150,000 where the outflow is no worse than the inflow; quantities are added up.
    """
    lines: list[Line] = []
    for unit, section in docket.occasions(rule):
        for of in rule.quantities:
            with found.noted(f"rules.{rule.id}"):
                lines += _lines(rule, docket, unit, section, of)
    return lines


def _lines(rule: ClassStep, docket: Docket, unit: Period, section: Section, of: str) -> list[Line]:
    own = docket.situation(section.id, of, unit)
    if own.value is None:
        return [stayed(docket, rule, section, of, unit, own)]
    steps = _steps(rule, docket, section, of, own.value)
    situations = {"own": own}
    if steps and rule.reduced is not None:
        situations |= {id: docket.situation(id, of, unit) for id in section.inflow}
    held = worst(situations)
    if any(one.value is None for one in situations.values()):
        return [stayed(docket, rule, section, of, unit, held)]
    rate, compared = _rate(rule, own, {id: one for id, one in situations.items() if id != "own"})
    amount = steps * rate.of(docket.agreement.money.currency)
    inputs = own.inputs | {"class_to_keep": section.level, "classes_short": steps, "rate": str(rate)} | compared
    inputs["formula"] = "rate x classes short"
    upper, lower = docket.upstream(section), rule.receiver or docket.downstream(section)
    return charged(docket, rule, Charge(section, of, unit, upper, lower, Fraction(amount), held, inputs))


def _steps(rule: ClassStep, docket: Docket, section: Section, of: str, value: Value) -> int:
    levels = docket.measured.levels
    if section.level not in levels:
        raise AgreementError(
            f"section {section.id} is to keep a class the law does not have",
            field=f"sections.{section.id}.level",
            value=section.level,
            mend=f"Known: {', '.join(levels)}",
        )
    if value.level not in levels:
        raise AgreementError(
            f"{of} at {section.id} has no class: {docket.agreement.regime} sets no limit for it there",
            field=f"rules.{rule.id}.quantities",
            value=of,
            mend="Take the quantity out of the rule, or name a regime that grades it",
        )
    steps = levels.index(value.level) - levels.index(section.level)
    if value.level == levels[-1] and steps > 0 and rule.beyond is None:
        raise AgreementError(
            f"{of} at {section.id} is {value.level}, and rule {rule.id} does not say what that counts as",
            field=f"rules.{rule.id}.beyond",
            value=value.text,
            mend='Write beyond = "one-class", if the agreement says so',
        )
    return max(steps, 0)


def _rate(rule: ClassStep, own: Situation, inflows: dict[str, Situation]) -> tuple[Amount, dict[str, object]]:
    figures = {id: held.value for id, held in inflows.items() if held.value is not None}
    if rule.reduced is None or not figures or own.value is None:
        return rule.rate, {}
    pick = max if rule.inflows == "highest" else min
    id, value = pick(figures.items(), key=lambda item: (item[1].figure, item[0]))
    no_worse = own.value.figure <= value.figure
    shown = {"inflow": id, "inflow_measured": value.text, "no_worse_than_inflow": no_worse}
    return (rule.reduced if no_worse else rule.rate), shown
