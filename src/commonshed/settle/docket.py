"""What a rule is decided on: the value and the volume of a stretch of time, and the clause that stands in their way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from commonshed.errors import AgreementError
from commonshed.periods import Period
from commonshed.settle.agreement import Agreement, Event, Section, Target
from commonshed.settle.bill import Status
from commonshed.settle.consistency import in_force_on
from commonshed.settle.measured import Measured, Value, Volume
from commonshed.settle.problems import Problems
from commonshed.settle.rules import Rule, UnitOfBill
from commonshed.standards.parts import Clause, written

__all__ = ["Docket", "Situation", "units_between"]


@dataclass(frozen=True)
class Situation:
    """What may be said of a section, quantity and stretch of time.

    Attributes
    ----------
    status : Status
        ``due``: there is a plain value.
    why : str
    value : Value or None
    inputs : dict
        What a line shows of it.
    clause : Clause or None
        The clause the status rests on.
    """

    status: Status
    why: str = ""
    value: Value | None = None
    inputs: dict[str, object] = field(default_factory=dict)
    clause: Clause | None = None


@dataclass(frozen=True)
class Docket:
    """An agreement with what was measured and what happened.

    Attributes
    ----------
    agreement : Agreement
    measured : Measured
    period : Period
        What is settled.
    events : tuple of Event
        Those of the agreement and later ones.
    """

    agreement: Agreement
    measured: Measured
    period: Period
    events: tuple[Event, ...] = ()

    def units(self, rule: Rule) -> list[Period]:
        """The stretches a rule is settled by that lie within the period and in which it is in force."""
        found = [u for u in self.period.split(rule.unit_of_time) if _within(u, self.period)]
        return [unit for unit in found if _in_force(rule, unit)]

    def occasions(self, rule: Rule) -> Iterator[tuple[Period, Section]]:
        """Every stretch and section a rule is settled for, stretch by stretch."""
        for unit in self.units(rule):
            for section in self.agreement.of_rule(rule):
                yield unit, section

    def upstream(self, section: Section) -> str:
        """The party that answers for the water arriving at a section.

        Raises
        ------
        AgreementError
            Nobody does.
        """
        if section.upstream is not None:
            return section.upstream
        code = self.measured.owners.get(section.id)
        party = None if code is None else self.party_of(code)
        if party is None:
            lies = "lies in no jurisdiction" if code is None else f"lies in {code}, for which no party answers"
            raise AgreementError(
                f"nobody answers for section {section.id}: it {lies}, and the agreement names no upstream party",
                field=f"sections.{section.id}.upstream",
                mend="Name its upstream party, or give a party that jurisdiction",
            )
        return party

    def downstream(self, section: Section) -> str:
        """The party that receives the water of a section.

        Raises
        ------
        AgreementError
            The agreement does not say.
        """
        if section.downstream is None:
            raise AgreementError(
                f"nobody is named who receives the water of section {section.id}",
                field=f"sections.{section.id}.downstream",
                mend="Name its downstream party, or the rule's receiver",
            )
        return section.downstream

    def party_of(self, jurisdiction: str) -> str | None:
        """The party that answers for a jurisdiction or for one above it; none when no party does."""
        for code in (jurisdiction, *self.measured.above.get(jurisdiction, ())):
            for party in self.agreement.parties:
                if code in (party.jurisdictions or (party.code,)):
                    return party.code
        return None

    def target(self, entries: Sequence[Target], of: str, unit: Period, section: Section) -> Target:
        """The target or baseline in force when a stretch begins.

        Raises
        ------
        AgreementError
            None is in force then.
        """
        found = in_force_on(entries, of, unit.first)
        if not isinstance(found, Target):
            raise AgreementError(
                f"section {section.id} has no value to keep for {of} on {unit.first}",
                field=f"sections.{section.id}",
                value=of,
                mend="Add a target or baseline that is in force then",
            )
        return found

    def situation(self, section: str, of: str, unit: Period) -> Situation:
        """The value of a stretch, or the clause that says why there is none.

        Raises
        ------
        AgreementError
            Samples are missing or something happened, and the agreement does not say what then.
        """
        return (
            self._force_majeure(section, of, unit)
            or self._flood(section, of, unit)
            or self._settled_dispute(section, of, unit)
            or self._measured(section, of, unit)
        )

    def situations(self, section: str, names: Iterable[str], unit: Period, found: Problems) -> dict[str, Situation]:
        """The situation of several quantities; one that cannot be told is noted and left out."""
        told: dict[str, Situation] = {}
        for of in names:
            with found.noted():
                told[of] = self.situation(section, of, unit)
        return told

    def volume(self, section: Section, unit: Period) -> Volume | Situation:
        """The water that passed in a stretch, or the clause that says why there is none.

        Raises
        ------
        AgreementError
            There is no volume, and the agreement does not say what then.
        """
        where = section.flow_at or section.id
        held = self.measured.volumes.get((where, unit))
        if held is not None and held.readings >= self._flow_need(unit, held):
            return held
        if self.agreement.flow is not None and self.agreement.flow.source == "declared":
            mend = f"Add [[volumes]] with section = {where!r} and period = {str(unit)!r}"
            raise AgreementError(f"no volume of {unit} is declared at {where}", field="volumes", mend=mend)
        clause = self.agreement.clauses.missing_samples
        if clause is None:
            raise _unsaid(f"section {where} has no flow in {unit}", "missing_samples", "how little flow is too little")
        if clause.action == "previous":
            for before in self._before(unit):
                held = self.measured.volumes.get((where, before))
                if held is not None and held.readings >= self._flow_need(before, held):
                    return Volume(held.text, held.unit, held.readings, held.largest, f"{held.how}; of {before}")
        status: Status = "not settled" if clause.action == "not-charged" else "open"
        return Situation(status, f"flow of {where} is missing in {unit}", clause=clause.clause)

    def _flow_need(self, unit: Period, held: Volume) -> int:
        flow = self.agreement.flow
        return 0 if flow is None or not held.readings else flow.needs.get(str(unit.unit), 1)

    def _event(self, kind: str, section: str, of: str, unit: Period) -> Event | None:
        for event in self.events:
            if event.kind != kind or section not in event.sections or (event.quantities and of not in event.quantities):
                continue
            when = Period.parse(event.period)
            if when.first <= unit.last and unit.first <= when.last:
                return event
        return None

    def _force_majeure(self, section: str, of: str, unit: Period) -> Situation | None:
        event = self._event("force-majeure", section, of, unit)
        if event is None:
            return None
        clause = self.agreement.clauses.force_majeure
        if clause is None:
            raise _unsaid(f"force majeure is declared at {section} in {unit}", "force_majeure", "what follows")
        return Situation(_stayed(clause.action), f"force majeure: {event.note.en}", clause=clause.clause)

    def _flood(self, section: str, of: str, unit: Period) -> Situation | None:
        clause = self.agreement.clauses.flood
        event = self._event("flood", section, of, unit)
        if event is not None and clause is None:
            raise _unsaid(f"a flood is declared at {section} in {unit}", "flood", "what follows")
        if clause is None or (clause.units and unit.unit not in clause.units):
            return None
        if event is not None:
            return Situation(_stayed(clause.action), f"flood: {event.note.en}", clause=clause.clause)
        where = self.agreement.section(section).flow_at or section if self._has(section) else section
        volume = self.measured.volumes.get((where, unit))
        level = next((level for level in clause.above if level.section in (section, where)), None)
        if level is None or volume is None or volume.largest is None or volume.largest <= level.figure:
            return None
        why = f"flood: a daily flow of {written(volume.largest)} m3/s, above {written(level.value)} {level.unit}"
        return Situation(_stayed(clause.action), why, clause=clause.clause)

    def _has(self, section: str) -> bool:
        return any(held.id == section for held in self.agreement.sections)

    def _settled_dispute(self, section: str, of: str, unit: Period) -> Situation | None:
        event = self._event("dispute", section, of, unit)
        agreed = None if event is None else next((one for one in event.resolved if one.quantity == of), None)
        if event is None or agreed is None:
            return None
        value = Value(of, written(agreed.value), agreed.unit, samples=0, level=agreed.level)
        inputs = _shown(value) | {"agreed_by": agreed.by.en, "agreed_on": agreed.on.isoformat()}
        return Situation("due", f"value agreed on {agreed.on} after a dispute", value, inputs)

    def _measured(self, section: str, of: str, unit: Period) -> Situation:
        value = self.measured.values.get((section, of, unit))
        clause = self.agreement.clauses.missing_samples
        need = 1 if clause is None else clause.samples.get(str(unit.unit), 1)
        if value is None or value.samples < need:
            return self._missing(section, of, unit, 0 if value is None else value.samples, need)
        event = self._event("dispute", section, of, unit)
        if event is None:
            return Situation("due", "", value, _shown(value))
        dispute = self.agreement.clauses.dispute
        if dispute is None:
            raise _unsaid(f"{of} at {section} in {unit} is disputed", "dispute", "what follows")
        return Situation("disputed", f"disputed: {event.note.en}", value, _shown(value), dispute.clause)

    def _missing(self, section: str, of: str, unit: Period, samples: int, need: int) -> Situation:
        clause = self.agreement.clauses.missing_samples
        text = f"section {section} has {samples or 'no'} {'sample' if samples == 1 else 'samples'} of {of} in {unit}"
        if clause is None:
            raise _unsaid(text + self._elsewhere(section, of), "missing_samples", "how few are too few")
        why = f"{text}; {need} needed"
        if clause.action == "previous":
            for before in self._before(unit):
                held = self.measured.values.get((section, of, before))
                if held is not None and held.samples >= clause.samples.get(str(before.unit), 1):
                    return Situation("due", f"{why}; the value of {before} stands in", held, _shown(held))
        status: Status = "not settled" if clause.action == "not-charged" else "open"
        return Situation(status, why, clause=clause.clause)

    def _elsewhere(self, section: str, of: str) -> str:
        held = [unit for at, name, unit in self.measured.values if (at, name) == (section, of)]
        return f" (there are some in {', '.join(map(str, sorted(held)[:3]))})" if held else ""

    def _before(self, unit: Period) -> Iterator[Period]:
        """The stretches of the same kind before one, the latest first, as far as the agreement goes back."""
        kind = unit.unit
        assert kind in ("month", "quarter", "year")
        day = unit.first - timedelta(days=1)
        while day >= self.agreement.began:
            before = Period(day, day).split(kind)[0]
            yield before
            day = before.first - timedelta(days=1)


def units_between(first: date, last: date, unit_of_time: UnitOfBill) -> list[Period]:
    """The whole stretches of a kind that lie between two days."""
    if last < first:
        return []
    span = Period(first, last)
    return [unit for unit in span.split(unit_of_time) if _within(unit, span)]


def _within(unit: Period, span: Period) -> bool:
    return span.first <= unit.first and unit.last <= span.last


def _in_force(rule: Rule, unit: Period) -> bool:
    begun = rule.first is None or rule.first <= unit.first
    return begun and (rule.last is None or unit.last <= rule.last)


def _stayed(action: str) -> Status:
    return "not settled" if action == "not-charged" else "suspended"


def _shown(value: Value) -> dict[str, object]:
    shown: dict[str, object] = {"measured": value.text, "unit": value.unit, "samples": value.samples}
    if value.below:
        shown["below_detection"] = value.below
    if value.level is not None:
        shown["class"] = value.level
    return shown


def _unsaid(problem: str, clause: str, what: str) -> AgreementError:
    return AgreementError(
        f"{problem}, and the agreement does not say {what}",
        field=f"clauses.{clause}",
        mend=f"Add [clauses.{clause}] as the parties agreed it",
    )
