"""What the form of an agreement cannot say by itself: that all it names is there, and that no figure is wanting."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from commonshed.errors import PeriodError
from commonshed.periods import Period
from commonshed.settle.agreement import Agreement, Event, Section, Target, canonical
from commonshed.settle.money import Amount
from commonshed.settle.problems import Problems
from commonshed.settle.rules import ClassStep, LoadPrice, PIndex, Pool, Price, Restoration, Rule, TwoWay
from commonshed.standards.parts import written
from commonshed.units import quantity

__all__ = ["check", "check_events", "in_force_on"]


def check(agreement: Agreement, file: str | None = None) -> None:
    """Find everything in an agreement that names what is not declared, or leaves out what its rules need.

    Raises
    ------
    AgreementError
        With all that was found.
    """
    found = Problems(file)
    for kind, ids in (
        ("party", [party.code for party in agreement.parties]),
        ("section", [section.id for section in agreement.sections]),
        ("rule", [rule.id for rule in agreement.rules]),
    ):
        for id in sorted({id for id in ids if ids.count(id) > 1}):
            found.add(f"two of one kind have one name: {kind}", field=kind, value=id, mend="Give each its own")
    if agreement.first is None and not agreement.lacks:
        found.add("when the agreement begins is not told", field="first", mend="Write first = 2016-01-01")
    if agreement.first is not None and agreement.last is not None and agreement.last < agreement.first:
        found.add("the agreement ends before it begins", field="last", value=agreement.last)
    for name in ("parties", "sections", "rules"):
        if not getattr(agreement, name) and not agreement.lacks:
            found.add(f"an agreement without {name} settles nothing", field=name, mend="Add them")
    _check_provenance(agreement, found)
    for section in agreement.sections:
        _check_section(agreement, section, found)
    for rule in agreement.rules:
        _check_rule(agreement, rule, found)
    _check_declared(agreement, found)
    found.refuse()


def in_force_on(entries: Iterable[Target] | Iterable[Price], of: str, day: date) -> Target | Price | None:
    """Of the dated entries for one quantity the one in force on a day: the latest that began before or on it."""
    began = [entry for entry in entries if entry.quantity == of and (entry.first is None or entry.first <= day)]
    return max(began, key=lambda entry: entry.first or date.min, default=None)


def _check_provenance(agreement: Agreement, found: Problems) -> None:
    cited = agreement.cited()
    for key in sorted(cited - set(agreement.provenance)):
        found.add(
            "a block names a provenance this file does not declare",
            field="provenance",
            value=key,
            mend=f"Declare [provenance.{key}] with its status, sources and a note, or correct the name",
        )
    for key in sorted(set(agreement.provenance) - cited):
        found.add("nothing in this file cites this provenance", field=f"provenance.{key}")


def _check_section(agreement: Agreement, section: Section, found: Problems) -> None:
    where = f"sections.{section.id}"
    for end in ("upstream", "downstream"):
        _known_party(agreement, getattr(section, end), f"{where}.{end}", found)
    if section.upstream is not None and section.upstream == section.downstream:
        mend = "A section stands where water is handed from one party to another"
        found.add("a section has one party on both sides", field=where, value=section.upstream, mend=mend)
    if section.id in section.inflow:
        found.add("a section is its own inflow", field=f"{where}.inflow", value=section.id)
    for target in (*section.targets, *section.baselines):
        with found.noted(f"{where}.{target.quantity}"):
            _ = target.figure
    for table in section.shares:
        for code in table.of:
            _known_party(agreement, code, f"{where}.shares.{table.quantity}", found)
        whole = sum(table.of.values(), Fraction(0))
        if whole != (100 if table.unit == "%" else 1):
            mend = "Shares of what arrives add up to the whole"
            found.add(
                f"the shares of {table.quantity} at {section.id} are not the whole",
                field=f"{where}.shares.{table.quantity}",
                value=f"{written(whole)} {table.unit}",
                mend=mend,
            )


def _check_rule(agreement: Agreement, rule: Rule, found: Problems) -> None:
    where = f"rules.{rule.id}"
    known = {section.id for section in agreement.sections}
    for id in rule.sections:
        if id not in known:
            mend = f"Add the section, or correct the name. Known: {', '.join(sorted(known))}"
            found.add("a rule names a section the agreement does not declare", field=where, value=id, mend=mend)
    for of in rule.quantities:
        with found.noted(f"{where}.quantities"):
            quantity(of)
    for name in ("receiver", "rest", "fund"):
        _known_party(agreement, getattr(rule, name, None), f"{where}.{name}", found)
    with found.noted(where):
        _check_money(agreement, rule)
    # What is held in part is not settled: it need not hold what its rules need.
    if not agreement.lacks:
        with found.noted(where):
            _check_kind(agreement, rule, found)


def _check_money(agreement: Agreement, rule: Rule) -> None:
    for part in rule.parts():
        if isinstance(part, Amount):
            part.of(agreement.money.currency)
        if isinstance(part, Price):
            part.unit_price.per_gram(agreement.money.currency)


def _check_kind(agreement: Agreement, rule: Rule, found: Problems) -> None:
    if isinstance(rule, LoadPrice) or (isinstance(rule, TwoWay) and rule.per == "load"):
        _check_prices(agreement, rule, found)
        _check_values(agreement, rule, rule.quantities, "targets", found)
        if agreement.flow is None:
            mend = "Add [flow] with source = readings or declared"
            found.add(f"rule {rule.id} bills a load, and nothing says where volumes come from", field="flow", mend=mend)
    if isinstance(rule, TwoWay) and rule.per == "section":
        _check_values(agreement, rule, rule.quantities, "targets", found)
        if rule.worse is None and rule.better is None:
            found.add("a sum is missing", field=f"rules.{rule.id}.worse", mend="Say what is paid, and by whom")
    if isinstance(rule, ClassStep):
        for section in agreement.of_rule(rule):
            if section.level is None:
                mend = 'Add level = "III", or whatever class it is to keep'
                found.add(f"section {section.id} has no class to keep", field=f"sections.{section.id}.level", mend=mend)
            if len(section.inflow) > 1 and rule.reduced is not None and rule.inflows is None:
                mend = "Add inflows = lowest or highest"
                text = f"section {section.id} has several inflows and rule {rule.id} does not say which counts"
                found.add(text, field=f"rules.{rule.id}.inflows", mend=mend)
    if isinstance(rule, Restoration):
        _check_values(agreement, rule, rule.quantities, "baselines", found)
    if isinstance(rule, Pool):
        _check_pool(agreement, rule, found)
    if isinstance(rule, PIndex):
        _check_bands(rule, found)
    if getattr(rule, "by_capacity", False):
        _check_capacity(agreement, rule, found)
    if getattr(rule, "split", "owner") == "shares" and getattr(rule, "unexplained", None) is None:
        mend = "Add unexplained = upstream, in-proportion or waived"
        found.add("who pays for what no share explains is not said", field=f"rules.{rule.id}.unexplained", mend=mend)


def _check_prices(agreement: Agreement, rule: LoadPrice | TwoWay, found: Problems) -> None:
    began = max(agreement.began, rule.first or agreement.began)
    for of in rule.quantities:
        if in_force_on(rule.prices, of, began) is None:
            days = [price.first for price in rule.prices if price.quantity == of and price.first is not None]
            since = f"its first price begins on {min(days)}" if days else "there is none"
            found.add(
                f"rule {rule.id} has no price of {of} on {began}: {since}",
                field=f"rules.{rule.id}.prices",
                value=of,
                mend="Add a price with quantity, value and unit, such as 1e4 CNY/t",
            )


def _check_values(agreement: Agreement, rule: Rule, of: Iterable[str], kept_in: str, found: Problems) -> None:
    began = max(agreement.began, rule.first or agreement.began)
    for section in agreement.of_rule(rule):
        for name in of:
            if in_force_on(getattr(section, kept_in), name, began) is None:
                one = kept_in.removesuffix("s")
                found.add(
                    f"section {section.id} has no {one} of {name} on {began}, and rule {rule.id} needs it",
                    field=f"sections.{section.id}.{kept_in}",
                    value=name,
                    mend=f"Add a {one} with quantity, value and unit, or name the rule's sections",
                )


def _check_pool(agreement: Agreement, rule: Pool, found: Problems) -> None:
    for code in (*rule.contributions, *rule.distribution):
        _known_party(agreement, code, f"rules.{rule.id}", found)
    if not rule.contributions or sum(rule.contributions.values()) <= 0:
        found.add(
            "nobody pays into the fund", field=f"rules.{rule.id}.contributions", mend="Give each payer its weight"
        )
    if rule.distribution and sum(rule.distribution.values()) <= 0:
        found.add("the weights of those who receive are nought", field=f"rules.{rule.id}.distribution")
    if rule.performance == "targets-met":
        if not rule.quantities:
            found.add("the quantities whose targets count are missing", field=f"rules.{rule.id}.quantities")
        _check_values(agreement, rule, rule.quantities, "targets", found)


def _check_bands(rule: PIndex, found: Problems) -> None:
    tops = [band.up_to for band in rule.bands]
    given = [top for top in tops[:-1] if top is not None]
    if not tops or tops[-1] is not None or len(given) != len(tops) - 1 or given != sorted(given):
        mend = "Order the bands by up_to; the last one has none"
        found.add("the bands of an index do not cover every value", field=f"rules.{rule.id}.bands", mend=mend)
    for band in rule.bands:
        if (band.payer == "nobody") != (band.amount is None):
            found.add("a band says who pays or how much, and not the other", field=f"rules.{rule.id}.bands")
    for term in rule.terms:
        if term.reference is None or term.reference <= 0:
            found.add(
                "the reference of an index is missing, or nought or less",
                field=f"rules.{rule.id}.terms.{term.quantity}",
            )


def _check_capacity(agreement: Agreement, rule: Rule, found: Problems) -> None:
    concerned = (
        (*rule.contributions, *rule.distribution)
        if isinstance(rule, Pool)
        else [code for section in agreement.of_rule(rule) for code in (section.upstream,) if code is not None]
    )
    known = {party.code: party for party in agreement.parties}
    for code in sorted(set(concerned)):
        capacity = known[code].fiscal_capacity if code in known else Fraction(1)
        if capacity is None or capacity <= 0:
            mend = f"Give the party its fiscal_capacity, above nought, or take by_capacity out of rule {rule.id}"
            found.add("a party's fiscal capacity is not told", field=f"parties.{code}", mend=mend)


def _check_declared(agreement: Agreement, found: Problems) -> None:
    known = {section.id for section in agreement.sections}
    for volume in agreement.volumes:
        if volume.section not in known:
            found.add("a volume is of a section nobody declared", field="volumes.section", value=volume.section)
        _readable(volume.period, "volumes.period", found)
    check_events(agreement, agreement.events, found)


def check_events(agreement: Agreement, events: Iterable[Event], found: Problems) -> None:
    """Note events at sections the agreement does not declare, of unreadable periods, with values no bill can show."""
    known = {section.id for section in agreement.sections}
    known |= {id for section in agreement.sections for id in section.inflow}
    for event in events:
        for id in event.sections:
            if id not in known:
                found.add("an event is at a section nobody declared", field="events.sections", value=id)
        for of in event.quantities:
            with found.noted("events.quantities"):
                quantity(of)
        for agreed in event.resolved:
            with found.noted("events.resolved"):
                canonical(agreed.value, agreed.unit, agreed.quantity)
        _readable(event.period, "events.period", found)


def _readable(period: str, field: str, found: Problems) -> None:
    try:
        Period.parse(period)
    except PeriodError as error:
        found.add(error.problem, field=field, value=period, mend=error.mend)


def _known_party(agreement: Agreement, code: str | None, field: str, found: Problems) -> None:
    known = [party.code for party in agreement.parties]
    if code is not None and code not in known:
        mend = f"Add the party, or correct the code. Known: {', '.join(known)}"
        found.add("this party is not one of the agreement", field=field, value=code, mend=mend)
