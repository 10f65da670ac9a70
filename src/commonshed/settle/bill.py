"""The bill: lines that show their inputs, what each party pays and gets, and what is owed until it is restored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from commonshed.exact import decimal_text
from commonshed.periods import Period
from commonshed.settle.agreement import Agreement
from commonshed.standards.parts import Text

__all__ = ["Liability", "Line", "Settlement", "Status", "Total", "headline"]

Status = Literal["due", "nothing due", "open", "suspended", "disputed", "not settled"]
"""``open``: waits for samples; ``suspended`` and ``not settled``: by a clause, for now and for good; ``disputed``:
shown with its amount, not due. Only lines that are due count in totals."""

Record = dict[str, object]


@dataclass(frozen=True)
class Line:
    """One line of a bill.

    Attributes
    ----------
    rule, kind : str
        Id and kind of the rule.
    section, quantity : str or None
    period : Period
        The stretch it covers.
    payer, receiver : str or None
        Codes of parties; none when nobody pays.
    amount : Decimal or None
        [currency]
    status : Status
    why : str
        What the status rests on; empty when the line is simply due.
    clause : Text
    inputs : mapping
        Everything the amount can be recomputed from: exact text, counts, names.
    """

    rule: str
    kind: str
    section: str | None
    quantity: str | None
    period: Period
    payer: str | None
    receiver: str | None
    amount: Decimal | None
    status: Status
    why: str
    clause: Text
    inputs: Mapping[str, object] = field(default_factory=dict)

    def record(self, currency: str) -> Record:
        """The line as plain data."""
        return {
            "record": "line",
            "rule": self.rule,
            "kind": self.kind,
            "section": self.section,
            "quantity": self.quantity,
            "period": str(self.period),
            "payer": self.payer,
            "receiver": self.receiver,
            "amount": None if self.amount is None else str(self.amount),
            "currency": currency,
            "status": self.status,
            "why": self.why or None,
            "clause": {"en": self.clause.en, "zh": self.clause.zh},
            "inputs": dict(self.inputs),
        }


@dataclass(frozen=True)
class Liability:
    """A section that became worse than its baseline and has to be brought back.

    Attributes
    ----------
    rule, section, quantity : str
    party : str
        Who answers for it: the party, so whoever holds the post.
    opened : Period
        Since when.
    status : {"open", "restored"}
    restored : Period or None
        When it was back, within the period settled.
    stretches : int
        How many units of time it has been open.
    inputs : mapping
        Baseline, latest value, what is above it.
    clause : Text
    """

    rule: str
    section: str
    quantity: str
    party: str
    opened: Period
    status: Literal["open", "restored"]
    restored: Period | None
    stretches: int
    clause: Text
    inputs: Mapping[str, object] = field(default_factory=dict)

    def record(self) -> Record:
        """The liability as plain data."""
        return {
            "record": "liability",
            "rule": self.rule,
            "section": self.section,
            "quantity": self.quantity,
            "party": self.party,
            "opened": str(self.opened),
            "status": self.status,
            "restored": None if self.restored is None else str(self.restored),
            "open_for": self.stretches,
            "clause": {"en": self.clause.en, "zh": self.clause.zh},
            "inputs": dict(self.inputs),
        }


@dataclass(frozen=True)
class Total:
    """What one party pays and gets over all lines that are due.

    Attributes
    ----------
    party : str
    pays, receives, net : Decimal
        ``net`` is receives - pays. [currency]
    held : Decimal
        What it would pay in lines that are disputed. [currency]
    waiting : int
        Lines it would pay or be paid that are not due yet: open, suspended, disputed.
    liabilities : int
        Sections it still has to restore.
    """

    party: str
    pays: Decimal
    receives: Decimal
    held: Decimal
    waiting: int
    liabilities: int

    @property
    def net(self) -> Decimal:
        """[currency]"""
        return self.receives - self.pays

    def record(self, currency: str) -> Record:
        """The total as plain data."""
        return {
            "record": "total",
            "party": self.party,
            "pays": str(self.pays),
            "receives": str(self.receives),
            "net": str(self.net),
            "held": str(self.held),
            "currency": currency,
            "waiting": self.waiting,
            "liabilities": self.liabilities,
        }


@dataclass(frozen=True)
class Settlement:
    """The bill of one agreement and period.

    Attributes
    ----------
    agreement : Agreement
    period : Period
    lines : tuple of Line
        By rule as in the agreement, then time, section, quantity, payer.
    liabilities : tuple of Liability
        Open ones, and those restored within the period.
    notes : tuple of str
        What the reader has to know: an example, rules not settled by such a period, where volumes are from.
    digest : str or None
        SHA-256 of the agreement's file.
    as_of : int or None
        Size of the shed's log.
    """

    agreement: Agreement
    period: Period
    lines: tuple[Line, ...]
    liabilities: tuple[Liability, ...] = ()
    notes: tuple[str, ...] = ()
    digest: str | None = None
    as_of: int | None = None

    @property
    def totals(self) -> tuple[Total, ...]:
        """What each party pays and gets, in the order of the agreement."""
        return tuple(_total(party.code, self) for party in self.agreement.parties)

    def heading(self) -> Record:
        """What the bill is of, by which law and rounding."""
        held = self.agreement
        return {
            "record": "settlement",
            "agreement": held.id,
            "title": {"en": held.title.en, "zh": held.title.zh},
            "nature": held.nature,
            "period": str(self.period),
            "regime": held.regime,
            "currency": held.money.currency,
            "decimals": held.money.decimals,
            "rounding": held.money.rounding,
            "digest": self.digest,
            "as_of": self.as_of,
            "lines": len(self.lines),
            "waiting": sum(line.status in _WAITING for line in self.lines),
            "notes": list(self.notes),
        }

    def records(self) -> list[Record]:
        """Heading, totals, liabilities and lines as plain data; ``record`` says which each is."""
        currency = self.agreement.money.currency
        return [
            self.heading(),
            *(total.record(currency) for total in self.totals),
            *(liability.record() for liability in self.liabilities),
            *(line.record(currency) for line in self.lines),
        ]


_WAITING: Sequence[Status] = ("open", "suspended", "disputed")


def headline(bill: Settlement) -> str:
    """The answer in one sentence: how much changes hands, what waits, what is to be restored."""
    due = [line for line in bill.lines if line.status == "due" and line.amount is not None]
    total = sum((line.amount or Decimal(0) for line in due), Decimal(decimal_text(0, bill.agreement.money.decimals)))
    waiting = sum(line.status in _WAITING for line in bill.lines)
    owed = sum(one.status == "open" for one in bill.liabilities)
    lead = f"{bill.agreement.title.en}, {bill.period}: {total:,} {bill.agreement.money.currency} change hands in"
    more = [
        f"{lead} {_counted(len(due), 'line')}",
        *([f"{_counted(waiting, 'line')} not due yet"] if waiting else []),
        *([f"{_counted(owed, 'section')} still to be restored"] if owed else []),
    ]
    return f"{'; '.join(more)}."


def _counted(count: int, name: str) -> str:
    return f"{count} {name}{'' if count == 1 else 's'}"


def _total(party: str, bill: Settlement) -> Total:
    nought = Decimal(decimal_text(0, bill.agreement.money.decimals))
    due = [line for line in bill.lines if line.status == "due" and line.amount is not None]
    disputed = [line for line in bill.lines if line.status == "disputed" and line.amount is not None]
    return Total(
        party=party,
        pays=sum((line.amount or nought for line in due if line.payer == party), nought),
        receives=sum((line.amount or nought for line in due if line.receiver == party), nought),
        held=sum((line.amount or nought for line in disputed if line.payer == party), nought),
        waiting=sum(line.status in _WAITING and party in (line.payer, line.receiver) for line in bill.lines),
        liabilities=sum(owed.party == party and owed.status == "open" for owed in bill.liabilities),
    )
