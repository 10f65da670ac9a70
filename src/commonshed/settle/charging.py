"""From an amount to lines: rounded once, split by published shares, lightened by fiscal capacity, adding up exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from commonshed.errors import AgreementError
from commonshed.exact import decimal_text
from commonshed.periods import Period
from commonshed.settle.agreement import Section, ShareTable
from commonshed.settle.bill import Line, Status
from commonshed.settle.docket import Docket, Situation
from commonshed.settle.measured import UNEXPLAINED
from commonshed.settle.money import allot, published
from commonshed.settle.rules import ClassStep, LoadPrice, Rule, TwoWay
from commonshed.standards.parts import written

__all__ = ["Charge", "charged", "line", "stayed", "worst"]

Paid = LoadPrice | TwoWay | ClassStep
_GRAVITY: tuple[Status, ...] = ("not settled", "suspended", "open", "disputed")


@dataclass(frozen=True)
class Charge:
    """What a rule found before anybody is named.

    Attributes
    ----------
    section : Section
    quantity : str or None
    unit : Period
    payer, receiver : str
    amount : Fraction
        [currency]
    situation : Situation
        ``due`` or ``disputed``: with a value there is an amount.
    inputs : mapping
    by_upstream : bool
        Whether the upstream side pays: only then shares and fiscal capacity come in.
    """

    section: Section
    quantity: str | None
    unit: Period
    payer: str
    receiver: str
    amount: Fraction
    situation: Situation
    inputs: Mapping[str, object] = field(default_factory=dict)
    by_upstream: bool = True


def charged(docket: Docket, rule: Paid, charge: Charge) -> list[Line]:
    """The lines of one charge: one, or one for each party that has a share in it.

    Raises
    ------
    AgreementError
        Shares are needed and not there, or they do not add up to the whole.
    """
    if charge.payer == charge.receiver:
        raise AgreementError(
            f"{charge.payer} would pay itself at section {charge.section.id}",
            field=f"rules.{rule.id}.receiver",
            value=charge.receiver,
            mend="Name another receiver, or leave the section out of the rule",
        )
    whole = published(charge.amount, docket.agreement.money)
    if not whole or not charge.by_upstream or rule.split == "owner":
        return _lightened(docket, rule, charge, charge.payer, whole, {})
    parts, said = _parties(docket, rule, charge)
    lines: list[Line] = []
    for party, amount in allot(whole, parts).items():
        shown = said | {"share": written(parts[party]), "whole_amount": str(whole)}
        if party == UNEXPLAINED:
            lines.append(_nobody(docket, rule, charge, amount, shown, "what no share explains is waived"))
        elif party == charge.receiver:
            lines.append(_nobody(docket, rule, charge, amount, shown, "the receiver's own share: it pays no one"))
        else:
            lines += _lightened(docket, rule, charge, party, amount, shown)
    return lines


def line(rule: Rule, charge: Charge, payer: str, amount: Decimal, shown: Mapping[str, object]) -> Line:
    """A line with an amount."""
    status: Status = charge.situation.status
    why = charge.situation.why
    if status == "due" and not amount:
        status = "nothing due"
    return Line(
        rule=rule.id,
        kind=rule.kind,
        section=charge.section.id,
        quantity=charge.quantity,
        period=charge.unit,
        payer=payer,
        receiver=charge.receiver,
        amount=amount,
        status=status,
        why=why,
        clause=charge.situation.clause or rule.clause,
        inputs={**charge.inputs, **shown},
    )


def stayed(docket: Docket, rule: Rule, section: Section, quantity: str | None, unit: Period, held: Situation) -> Line:
    """A line without an amount: a clause stands in the way."""
    receiver = getattr(rule, "receiver", None) or section.downstream
    return Line(
        rule=rule.id,
        kind=rule.kind,
        section=section.id,
        quantity=quantity,
        period=unit,
        payer=docket.upstream(section),
        receiver=receiver,
        amount=None,
        status=held.status,
        why=held.why,
        clause=held.clause or rule.clause,
        inputs=dict(held.inputs),
    )


def worst(situations: Mapping[str, Situation]) -> Situation:
    """Of several situations the one that stands most in the way: what is not settled before what is disputed."""
    for status in _GRAVITY:
        for name in sorted(situations):
            if situations[name].status == status:
                return situations[name]
    reasons = dict.fromkeys(held.why for held in situations.values() if held.why)
    return Situation("due", "; ".join(reasons))


def _lightened(
    docket: Docket, rule: Paid, charge: Charge, party: str, amount: Decimal, shown: Mapping[str, object]
) -> list[Line]:
    """The party's line, and the line of who pays what its fiscal capacity takes off."""
    capacity = docket.agreement.party(party).fiscal_capacity if rule.by_capacity and charge.by_upstream else None
    if capacity is None:
        if rule.by_capacity and charge.by_upstream:
            mend = "Give the party its fiscal_capacity, or take by_capacity out of the rule"
            raise AgreementError(
                f"the fiscal capacity of {party} is not told", field=f"parties.{party}", value=party, mend=mend
            )
        return [line(rule, charge, party, amount, shown)]
    share = min(capacity, Fraction(1))
    own = published(Fraction(amount) * share, docket.agreement.money)
    said = {**shown, "fiscal_capacity": written(capacity), "before_capacity": str(amount)}
    lines = [line(rule, charge, party, own, said)]
    if own == amount:
        return lines
    if rule.rest is not None and rule.rest != charge.receiver:
        lines.append(line(rule, charge, rule.rest, amount - own, {**said, "in_place_of": party}))
    else:
        waived = f"{amount - own} {docket.agreement.money.currency} waived for fiscal capacity"
        lines[0] = replace(lines[0], why="; ".join(filter(None, (lines[0].why, waived))))
    return lines


def _nobody(docket: Docket, rule: Rule, charge: Charge, amount: Decimal, shown: Mapping[str, object], why: str) -> Line:
    nought = Decimal(decimal_text(0, docket.agreement.money.decimals))
    plain = line(rule, charge, charge.receiver, nought, {**shown, "share_amount": str(amount)})
    return replace(plain, payer=None, receiver=None, status="nothing due", why=why)


def _parties(docket: Docket, rule: Paid, charge: Charge) -> tuple[dict[str, Fraction], dict[str, object]]:
    """Shares by party, the unexplained part placed where the rule says; and where they are from."""
    declared = [table for table in charge.section.shares if table.quantity == charge.quantity]
    if declared:
        return _declared(declared[0]), {"shares_from": "the agreement"}
    key, given = _published(docket, charge)
    parts: dict[str, Fraction] = {}
    for code, share in sorted(given.items()):
        party = UNEXPLAINED if code == UNEXPLAINED else docket.party_of(code) or UNEXPLAINED
        parts[party] = parts.get(party, Fraction(0)) + Fraction(share)
    said: dict[str, object] = {"shares_from": f"published shares of {key}"}
    left = parts.pop(UNEXPLAINED, Fraction(0))
    if left:
        said["unexplained"] = written(left)
        if rule.unexplained == "upstream":
            parts[charge.payer] = parts.get(charge.payer, Fraction(0)) + left
        elif rule.unexplained == "waived" or not any(parts.values()):
            parts[UNEXPLAINED] = left
    return {party: share for party, share in parts.items() if share}, said


def _declared(table: ShareTable) -> dict[str, Fraction]:
    whole = 100 if table.unit == "%" else 1
    return {code: share / whole for code, share in table.of.items()}


def _published(docket: Docket, charge: Charge) -> tuple[str, Mapping[str, Decimal]]:
    """The shares of the stretch, or else of its year."""
    of = charge.quantity or ""
    for period in (str(charge.unit), str(charge.unit.first.year), str(docket.period)):
        given = docket.measured.shares.get((charge.section.id, of, period))
        if given is None:
            continue
        whole = sum(given.values(), Decimal(0))
        if whole != 1 or min(given.values()) < 0:
            raise AgreementError(
                f"the published shares of {of} at {charge.section.id} in {period} are not the whole",
                field="shares",
                value=whole,
                mend="Shares are nought or more and add up to one exactly",
            )
        return period, given
    raise AgreementError(
        f"there are no published shares of {of} at {charge.section.id} for {charge.unit}",
        field="shares",
        value=charge.section.id,
        mend="Give them: commonshed attribute shares … --format json, then settle with --shares FILE",
    )
