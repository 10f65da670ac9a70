"""From an agreement and what was measured to a bill: everything is looked at before any figure is given."""

from __future__ import annotations

from dataclasses import replace

from commonshed.assess.source import Source
from commonshed.errors import AgreementError
from commonshed.periods import Period
from commonshed.settle.agreement import Agreement, Event
from commonshed.settle.bill import Liability, Line, Settlement
from commonshed.settle.by_class import lines_by_class
from commonshed.settle.by_index import lines_by_index
from commonshed.settle.by_load import lines_by_load
from commonshed.settle.by_pool import lines_by_pool
from commonshed.settle.by_section import lines_by_section
from commonshed.settle.consistency import check_events
from commonshed.settle.docket import Docket
from commonshed.settle.gathering import gathered
from commonshed.settle.library import digest
from commonshed.settle.measured import Measured, ShareOf
from commonshed.settle.problems import Problems
from commonshed.settle.restoration import liabilities
from commonshed.settle.rules import ClassStep, LoadPrice, PIndex, Pool, Restoration, Rule, TwoWay

__all__ = ["ready", "settle", "settle_measured"]


def settle(
    agreement: Agreement,
    source: Source,
    *,
    period: Period | str,
    as_of: int | None = None,
    shares: ShareOf | None = None,
    events: tuple[Event, ...] = (),
) -> Settlement:
    """Settle an agreement on the readings of a shed, or of files.

    Parameters
    ----------
    agreement : Agreement
    source : Source
    period : Period or str
        A rule is settled for each of its months, quarters or years that lie within.
    as_of : int, optional
        Size of the shed's log.
    shares : ShareOf, optional
        Published shares of what arrives; without them the agreement's own way of attribution is used.
    events : tuple of Event, optional
        Floods, disputes and force majeure that are not in the agreement's file.

    Returns
    -------
    Settlement

    Raises
    ------
    AgreementError
        Something is lacking, missing or contradictory: all that is, in one message, and no figure at all.
    """
    span = Period.parse(period) if isinstance(period, str) else period
    ready(agreement, span)
    measured = gathered(agreement, source, span, as_of=as_of, shares=shares)
    bill = settle_measured(agreement, measured, span, events=events)
    return replace(bill, as_of=as_of, digest=None if agreement.source is None else digest(agreement))


def settle_measured(
    agreement: Agreement, measured: Measured, period: Period, *, events: tuple[Event, ...] = ()
) -> Settlement:
    """Settle an agreement on figures that are already there.

    Parameters
    ----------
    agreement : Agreement
    measured : Measured
        Values, volumes and shares, as published.
    period : Period
    events : tuple of Event, optional
        Floods, disputes and force majeure that are not in the agreement's file.

    Returns
    -------
    Settlement

    Raises
    ------
    AgreementError
        Something is lacking, missing or contradictory: all that is, in one message, and no figure at all.
    """
    ready(agreement, period)
    found = Problems(agreement.file)
    check_events(agreement, events, found)
    found.refuse()
    docket = Docket(agreement, measured, period, (*agreement.events, *events))
    for section in agreement.sections:
        with found.noted():
            docket.upstream(section)
    lines: list[Line] = []
    owed: list[Liability] = []
    for rule in agreement.rules:
        if isinstance(rule, Restoration):
            owed += liabilities(rule, docket, found)
        else:
            lines += _lines(rule, docket, found)
    found.refuse()
    return Settlement(agreement, period, tuple(lines), tuple(owed), tuple(_notes(docket)))


def ready(agreement: Agreement, period: Period) -> None:
    """Refuse an agreement that is held in part, or was not in force throughout a period.

    Raises
    ------
    AgreementError
        With what is lacking, or from when to when it was in force.
    """
    if agreement.lacks:
        lacking = "; ".join(text.en for text in agreement.lacks)
        raise AgreementError(
            f"{agreement.id} is held in part and cannot be settled without: {lacking}",
            file=agreement.file,
            field="lacks",
            mend="Copy the file (commonshed agreements show ID --toml), add what is lacking, empty lacks",
        )
    if period.first < agreement.began or (agreement.last is not None and period.last > agreement.last):
        until = f"to {agreement.last}" if agreement.last else "on"
        raise AgreementError(
            f"{agreement.id} is not in force throughout {period}",
            file=agreement.file,
            field="first",
            value=str(period),
            mend=f"It is in force from {agreement.began} {until}: ask for a period within",
        )


def _lines(rule: Rule, docket: Docket, found: Problems) -> list[Line]:
    match rule:
        case LoadPrice():
            return lines_by_load(rule, docket, found)
        case TwoWay(per="load"):
            return lines_by_load(rule, docket, found)
        case TwoWay():
            return lines_by_section(rule, docket, found)
        case ClassStep():
            return lines_by_class(rule, docket, found)
        case PIndex():
            return lines_by_index(rule, docket, found)
        case Pool():
            return lines_by_pool(rule, docket, found)
    raise AssertionError(f"a rule of kind {rule.kind} has no lines")


def _notes(docket: Docket) -> list[str]:
    agreement, period = docket.agreement, docket.period
    notes = []
    if agreement.nature == "example":
        notes.append("This agreement is an example and binds nobody.")
    for rule in agreement.rules:
        if not docket.units(rule) and not isinstance(rule, Restoration):
            notes.append(
                f"Rule {rule.id} is settled by the {rule.unit_of_time}: {period} holds none it is in force in."
            )
    if agreement.flow is not None and agreement.flow.source == "readings":
        notes.append("Volumes are the mean of the readings of flow times the seconds of the stretch.")
    doubtful = sorted({held.status for held in agreement.provenance.values()} - {"verified"})
    if doubtful and agreement.nature == "real":
        notes.append(f"Parts of this agreement are {' and '.join(doubtful)}: see its provenance.")
    return notes
