"""``commonshed settle`` and ``commonshed agreements``: bills of compensation agreements, and what they rest on."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from commonshed.cli.output import FormatOption, OutputOption, Record, talk, write
from commonshed.cli.sources import FilesArgument, Where, opened
from commonshed.errors import InputError

if TYPE_CHECKING:
    from commonshed.settle import Agreement, Settlement, ShareOf

__all__ = ["Asked", "agreements", "settle"]

agreements = App(name="agreements", help="Read the compensation agreements we hold: list, show; add one to a shed.")

_SUMS = ("pays", "receives", "net", "held")
_LINES = ("rule", "section", "quantity", "period", "payer", "receiver", "amount", "status", "why")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Asked(Where):
    """What a settlement is asked for."""

    period: Annotated[str, Parameter(help="2016, 2016-Q1, 2016-03 or a span such as 2014..2016.")]
    shares: Annotated[
        Path | None,
        Parameter(help="Published shares: what attribute shares --by jurisdiction --format json wrote."),
    ] = None
    events: Annotated[
        Path | None, Parameter(help="Floods, disputes, force majeure since the agreement: a TOML file of [[events]].")
    ] = None


def settle(
    agreement: Annotated[str, Parameter(help="Id of an agreement (in the shed, or thames-example), or a file.")],
    /,
    *files: FilesArgument,
    asked: Asked,
    all: Annotated[bool, Parameter(name="--all", negative="", help="In a table: lines without a sum, too.")] = False,
    format: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """Settle an agreement between jurisdictions: who pays whom, and why.

    Each line shows the clause and the readings it rests on. Nothing is half settled: what is lacking or missing is told
    before any figure. JSON holds heading, totals, liabilities and lines; CSV and Parquet hold the lines.

    Example: commonshed settle thames-example --shed thames --period 2016
    """
    from commonshed.settle import agreement as held
    from commonshed.settle import headline, load_events
    from commonshed.settle import settle as settled

    source = opened(files, asked)
    bill = settled(
        held(agreement, source, asked.as_of),
        source,
        period=asked.period,
        as_of=asked.as_of,
        shares=None if asked.shares is None else _shares(asked.shares),
        events=() if asked.events is None else load_events(asked.events),
    )
    talk(headline(bill))
    for note in bill.notes:
        talk(note)
    _write(bill, everything=all, format=format, output=output)


@agreements.command(name="list")
def list_(*, format: FormatOption = None, output: OutputOption = None) -> None:
    """List the agreements we hold, and whether they can be settled as we hold them.

    Example: commonshed agreements list
    """
    from commonshed.settle import agreements as held

    write([_listed(name, one) for name, one in held().items()], format=format, output=output)


@agreements.command
def add(
    file: Annotated[Path, Parameter(help="An agreement in our form: docs/formats/agreement.md.")],
    *,
    shed: Annotated[Path, Parameter(help="Folder of the shed.")],
) -> None:
    """Put an agreement into a shed, whose log says from then on what was agreed when; a later one takes its place.

    Example: commonshed agreements add ours.toml --shed my-shed
    """
    from commonshed.keep import Shed
    from commonshed.settle import load_agreement, source_text

    one = load_agreement(file)
    document = Shed.open(shed).record("agreement", one.id, source_text(one))
    talk(f"{one.id} is entry {document.position} of the log. Settle it with: commonshed settle {one.id} --shed {shed}")


@agreements.command
def show(
    agreement: Annotated[str, Parameter(help="Id of an agreement we hold, or a file.")],
    *,
    toml: Annotated[bool, Parameter(negative="", help="Print its file, to start your own from.")] = False,
    format: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """Show one agreement whole: parties, sections, rules, clauses, what is lacking, how sure we are.

    Example: commonshed agreements show zhenjiang-taihu
    """
    from commonshed.settle import agreement as held
    from commonshed.settle import digest, source_text

    one = held(agreement)
    if toml:
        sys.stdout.write(source_text(one).decode())
        return
    if format not in (None, "table"):
        whole = {"digest": digest(one), **one.model_dump(mode="json", exclude_none=True)}
        write([json.loads(json.dumps(whole))], format=format, output=output)
        return
    _show(one)


def _shares(file: Path) -> ShareOf:
    from commonshed.settle import shares_of_records

    try:
        records = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        mend = "Give what commonshed attribute shares --format json wrote"
        raise InputError(f"this is not JSON: {error}", file=file, mend=mend) from None
    return shares_of_records(records)


def _write(bill: Settlement, *, everything: bool, format: FormatOption, output: OutputOption) -> None:
    if format == "json" or (format is None and output is not None and output.suffix == ".json"):
        write(bill.records(), format="json", output=output)
        return
    currency = bill.agreement.money.currency
    lines = [line.record(currency) for line in bill.lines]
    if format in ("csv", "parquet") or output is not None:
        write(lines, format=format, output=output, columns=_LINES)
        return
    shown = lines if everything else [line for line in lines if line["status"] != "nothing due"]
    _section(f"Parties [{currency}]", [_grouped(_plain(total.record(currency)), _SUMS) for total in bill.totals])
    _section("To restore", [_owed(one.record()) for one in bill.liabilities])
    _section(f"Lines [{currency}]", [_grouped(line, ("amount",)) for line in shown], _LINES)


def _grouped(record: Record, sums: Sequence[str]) -> Record:
    """With the thousands of sums of money set apart, as a table shows them."""
    return {name: f"{Decimal(str(value)):,}" if name in sums and value else value for name, value in record.items()}


def _plain(total: Record) -> Record:
    return {name: value for name, value in total.items() if name not in ("record", "currency")}


def _owed(owed: Record) -> Record:
    inputs = owed["inputs"]
    assert isinstance(inputs, dict)
    named = ("party", "section", "quantity", "status", "opened", "restored", "open_for")
    return {name: owed[name] for name in named} | {
        "measured": f"{inputs['measured']} {inputs['unit']} in {inputs['measured_in']}",
        "baseline": f"{inputs['baseline']} {inputs['baseline_unit']}",
    }


def _section(title: str, rows: Sequence[Record], columns: Sequence[str] | None = None) -> None:
    if rows:
        print(title)
        write(rows, format="table", columns=columns)


def _listed(name: str, one: Agreement) -> Record:
    return {
        "id": name,
        "title": one.title.en,
        "nature": one.nature,
        "first": None if one.first is None else one.first.isoformat(),
        "last": None if one.last is None else one.last.isoformat(),
        "rules": [rule.kind for rule in one.rules],
        "parties": len(one.parties),
        "sections": len(one.sections),
        "settles": not one.lacks,
        "least_sure": _least_sure(one),
    }


def _least_sure(one: Agreement) -> str:
    order = ("unverified", "single-source", "verified")
    return min((held.status for held in one.provenance.values()), key=order.index)


def _show(one: Agreement) -> None:
    until = f"to {one.last}" if one.last else "on"
    print(f"{one.id}  {one.title.en}  {one.title.zh}")
    print(
        f"{one.nature}; in force from {one.first} {until}; law {one.regime}; {one.money.currency}, {one.money.rounding}"
    )
    for lacking in one.lacks:
        print(textwrap.fill(f"LACKING. {lacking.en}", width=110))
        print(textwrap.fill(lacking.zh, width=60))
    print()
    _section("Parties", [_party(party.model_dump(mode="json")) for party in one.parties])
    _section("Sections", [_place(section.model_dump(mode="json")) for section in one.sections])
    _section(
        "Rules",
        [
            {
                "id": rule.id,
                "kind": rule.kind,
                "title": rule.title.en,
                "by": rule.unit_of_time,
                "sections": list(rule.sections) or "all",
                "clause": rule.clause.en,
                "provenance": one.provenance[rule.provenance].status,
            }
            for rule in one.rules
        ],
    )
    _section("Clauses", [_clause(name, getattr(one.clauses, name)) for name in type(one.clauses).model_fields])
    for note in one.notes:
        print(textwrap.fill(note.en, width=110))
    print()
    for name, held in one.provenance.items():
        print(textwrap.fill(f"{name}: {held.status}. {held.note or ''} {' '.join(held.sources)}", width=110))


def _party(party: Record) -> Record:
    name = party["name"]
    assert isinstance(name, dict)
    return {
        "code": party["code"],
        "name": name["en"],
        "kind": party["kind"],
        "fiscal_capacity": party["fiscal_capacity"],
    }


def _place(section: Record) -> Record:
    targets = section["targets"]
    assert isinstance(targets, list)
    return {
        "id": section["id"],
        "upstream": section["upstream"] or "by place",
        "downstream": section["downstream"],
        "class": section["level"],
        "targets": [f"{target['quantity']} {target['value']} {target['unit']}" for target in targets],
    }


def _clause(name: str, clause: object) -> Record:
    action = getattr(clause, "action", None)
    text = getattr(clause, "clause", None)
    return {"case": name, "then": action or "not said", "clause": None if text is None else text.en}
