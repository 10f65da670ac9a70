"""The bill of the example agreement: who pays whom under which rule, what waits, what is still to be restored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from commonshed.disclose.river.report.content import Content, Record
from commonshed.disclose.words import Both, Words

__all__ = ["Balance", "Billed", "LineText", "Owed", "RuleText", "billed", "money"]


@dataclass(frozen=True)
class Balance:
    """What one party pays and gets."""

    name: Both
    pays: str
    receives: str
    net: str
    negative: bool
    waiting: int


@dataclass(frozen=True)
class LineText:
    """One line of the bill as a reader sees it."""

    place: Both
    period: str
    quantity: Both
    payer: Both
    receiver: Both
    amount: str
    status: Both
    due: bool
    why: str
    inputs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RuleText:
    """One rule: its clause, the sum due under it, its lines."""

    title: Both
    clause: Both
    total: str
    counted: Both
    lines: tuple[LineText, ...]


@dataclass(frozen=True)
class Owed:
    """A section to be brought back to its baseline."""

    place: Both
    party: Both
    quantity: Both
    since: str
    measured: str
    baseline: str
    restored: str | None


@dataclass(frozen=True)
class Billed:
    """The whole bill."""

    title: Both
    currency: str
    due: str
    due_whole: str
    """Rounded half-even to whole units, where there is no room for more."""
    rules: tuple[RuleText, ...]
    balances: tuple[Balance, ...]
    owed: tuple[Owed, ...]
    waiting: int
    digest: str
    table: tuple[tuple[str, ...], ...]


def billed(content: Content, words: Words) -> Billed | None:
    """The bill as the page shows it; none without an agreement."""
    if content.agreement is None:
        return None
    head = content.of_kind("settlement")[0]
    lines = content.of_kind("line")
    titles = {rule.id: Both(rule.title.en, rule.title.zh) for rule in content.agreement.rules}
    rules = [
        _rule(content, words, title, [line for line in lines if line["rule"] == id])
        for id, title in titles.items()
        if any(line["rule"] == id for line in lines)
    ]
    return Billed(
        title=Both(head["title"]["en"], head["title"]["zh"]),
        currency=head["currency"],
        due=money(_sum(lines)),
        due_whole=money(_sum(lines).quantize(Decimal(1))),
        rules=tuple(rules),
        balances=tuple(_balance(content, total) for total in content.of_kind("total")),
        owed=tuple(_owed(content, words, liability) for liability in content.of_kind("liability")),
        waiting=head["waiting"],
        digest=head["digest"] or "",
        table=_table(lines),
    )


def money(amount: Decimal) -> str:
    """An amount with its thousands set apart and a true minus.

    >>> money(Decimal("-450019.85"))
    '−450,019.85'
    """
    return f"{amount:,}".replace("-", "−")


def _sum(lines: Sequence[Record]) -> Decimal:
    return sum((Decimal(line["amount"]) for line in lines if line["status"] == "due"), Decimal("0.00"))


def _rule(content: Content, words: Words, title: Both, lines: Sequence[Record]) -> RuleText:
    clause = lines[0]["clause"]
    due = sum(line["status"] == "due" for line in lines)
    return RuleText(
        title=title,
        clause=Both(clause["en"], clause["zh"]),
        total=money(_sum(lines)),
        counted=words.both("bill.counted", due=due, lines=len(lines)),
        lines=tuple(_line(content, words, line) for line in lines if line["status"] != "nothing due"),
    )


def _line(content: Content, words: Words, line: Record) -> LineText:
    section = line["section"]
    return LineText(
        place=content.name(section) if section in content.network.stations else Both(section or "–", section or "–"),
        period=line["period"],
        quantity=words.both(f"quantity.{line['quantity']}") if line["quantity"] else Both("–", "–"),
        payer=content.called(line["payer"]),
        receiver=content.called(line["receiver"]),
        amount="–" if line["amount"] is None else money(Decimal(line["amount"])),
        status=words.both(f"bill.status.{line['status'].replace(' ', '_')}"),
        due=line["status"] == "due",
        why=line["why"] or "",
        inputs=tuple(_inputs(line["inputs"])),
    )


def _inputs(inputs: Mapping[str, object], prefix: str = "") -> list[tuple[str, str]]:
    """Everything an amount rests on, one name a line."""
    found: list[tuple[str, str]] = []
    for name, value in inputs.items():
        if isinstance(value, Mapping):
            found += _inputs(value, f"{prefix}{name} ")
        elif isinstance(value, (list, tuple)):
            found.append((f"{prefix}{name}".replace("_", " "), "; ".join(str(each) for each in value)))
        elif isinstance(value, bool):
            found.append((f"{prefix}{name}".replace("_", " "), "yes" if value else "no"))
        elif value is not None:
            found.append((f"{prefix}{name}".replace("_", " "), str(value)))
    return found


def _balance(content: Content, total: Record) -> Balance:
    net = Decimal(total["net"])
    return Balance(
        name=content.called(total["party"]),
        pays=money(Decimal(total["pays"])),
        receives=money(Decimal(total["receives"])),
        net=money(net),
        negative=net < 0,
        waiting=total["waiting"],
    )


def _owed(content: Content, words: Words, liability: Record) -> Owed:
    inputs = liability["inputs"]
    return Owed(
        place=content.name(liability["section"]),
        party=content.called(liability["party"]),
        quantity=words.both(f"quantity.{liability['quantity']}"),
        since=liability["opened"],
        measured=f"{inputs['measured']} {inputs['unit']}",
        baseline=f"{inputs['baseline']} {inputs['baseline_unit']}",
        restored=liability["restored"],
    )


def _table(lines: Sequence[Record]) -> tuple[tuple[str, ...], ...]:
    names = ("rule", "section", "quantity", "period", "payer", "receiver", "amount", "currency", "status")
    return (names, *(tuple(str(line[name] or "") for name in names) for line in lines))
