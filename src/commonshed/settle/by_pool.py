"""A common fund: payers put in by weight, receivers get out by weight and by what they achieved."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from commonshed.periods import Period
from commonshed.settle.bill import Line, Status
from commonshed.settle.charging import worst
from commonshed.settle.docket import Docket, Situation
from commonshed.settle.money import allot, published
from commonshed.settle.problems import Problems
from commonshed.settle.rules import Pool
from commonshed.standards.parts import Text, written

__all__ = ["lines_by_pool"]


def lines_by_pool(rule: Pool, docket: Docket, found: Problems) -> list[Line]:
    """What is paid into the fund and out of it; what nobody earned stays in it.

    Parameters
    ----------
    rule : Pool
    docket : Docket
    found : Problems
        Where what is missing is noted.

    Notes
    -----
    Weights are the agreement's; by fiscal capacity f a payer's weight w becomes w f and a receiver's w / f, so that the
    fund tilts to the poorer. Sums are allotted by largest remainder and add up to the fund exactly.
    """
    lines: list[Line] = []
    for unit in docket.units(rule):
        with found.noted(f"rules.{rule.id}"):
            total = published(rule.total.of(docket.agreement.money.currency), docket.agreement.money)
            lines += _paid_in(rule, docket, unit, total)
            lines += _paid_out(rule, docket, unit, total)
    return lines


def _paid_in(rule: Pool, docket: Docket, unit: Period, total: Decimal) -> list[Line]:
    weights = {code: weight * _capacity(rule, docket, code) for code, weight in rule.contributions.items()}
    return [
        _line(rule, unit, payer=code, receiver=rule.fund, amount=amount, inputs=_shown(rule, docket, code, weights))
        for code, amount in allot(total, weights).items()
    ]


def _paid_out(rule: Pool, docket: Docket, unit: Period, total: Decimal) -> list[Line]:
    if not rule.distribution:
        return []
    weights = {code: weight / _capacity(rule, docket, code) for code, weight in rule.distribution.items()}
    lines: list[Line] = []
    for code, amount in allot(total, weights).items():
        inputs = _shown(rule, docket, code, weights) | {"could_receive": str(amount)}
        if rule.performance == "none":
            lines.append(_line(rule, unit, payer=rule.fund, receiver=code, amount=amount, inputs=inputs))
            continue
        lines.append(_earned(rule, docket, unit, code, amount, inputs))
    return lines


def _earned(rule: Pool, docket: Docket, unit: Period, code: str, amount: Decimal, inputs: dict[str, object]) -> Line:
    held, met, assessed = _performance(rule, docket, unit, code)
    if held.status not in ("due", "disputed"):
        why, clause = held.why, held.clause or rule.clause
        return _line(rule, unit, rule.fund, code, None, inputs, status=held.status, why=why, clause=clause)
    part = Fraction(met, assessed) if assessed else Fraction(0)
    earned = published(Fraction(amount) * part, docket.agreement.money)
    shown = inputs | {"targets_met": met, "targets_assessed": assessed, "formula": "could receive x met / assessed"}
    status: Status = "disputed" if held.status == "disputed" else "due"
    why = held.why or ("" if earned == amount else f"{amount - earned} stays in the fund")
    return _line(rule, unit, rule.fund, code, earned, shown, status=status, why=why, clause=held.clause)


def _performance(rule: Pool, docket: Docket, unit: Period, code: str) -> tuple[Situation, int, int]:
    """What stands in the way, and how many of a party's section-months met their targets."""
    situations: dict[str, Situation] = {}
    met = assessed = 0
    for section in docket.agreement.of_rule(rule):
        if docket.upstream(section) != code:
            continue
        for of in rule.quantities:
            for month in unit.split("month"):
                held = docket.situation(section.id, of, month)
                if held.status == "not settled":
                    continue
                situations[f"{section.id} {of} {month}"] = held
                if held.value is not None:
                    assessed += 1
                    met += docket.target(section.targets, of, month, section).missed_by(held.value.figure) <= 0
    return worst(situations), met, assessed


def _capacity(rule: Pool, docket: Docket, code: str) -> Fraction:
    capacity = docket.agreement.party(code).fiscal_capacity
    return capacity if rule.by_capacity and capacity is not None else Fraction(1)


def _shown(rule: Pool, docket: Docket, code: str, weights: Mapping[str, Fraction]) -> dict[str, object]:
    given = {**rule.distribution, **rule.contributions} if code in rule.contributions else rule.distribution
    shown: dict[str, object] = {"fund": str(rule.total), "weight": written(given[code])}
    capacity = docket.agreement.party(code).fiscal_capacity
    if rule.by_capacity and capacity is not None:
        shown["fiscal_capacity"] = written(capacity)
    # A quotient may have no finite decimals: the proportion stands as it is.
    return shown | {"part": f"{weights[code]} of {sum(weights.values(), Fraction(0))}"}


def _line(
    rule: Pool,
    unit: Period,
    payer: str,
    receiver: str,
    amount: Decimal | None,
    inputs: Mapping[str, object],
    *,
    status: Status = "due",
    why: str = "",
    clause: Text | None = None,
) -> Line:
    if status == "due" and not amount:
        status = "nothing due"
    return Line(
        rule.id, rule.kind, None, None, unit, payer, receiver, amount, status, why, clause or rule.clause, inputs
    )
