"""The form in which a compensation agreement is written down: parties, sections, rules, clauses, events.

Unknown keys are refused, numbers are integers or decimals in quotes, every block names its clause and how sure we are
of it. ``docs/formats/agreement.md`` explains the form with examples.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Literal

from pydantic import Field, PrivateAttr

from commonshed.attribute.river.loads import Method
from commonshed.attribute.river.split import Gains
from commonshed.settle.money import MoneyRule
from commonshed.settle.rules import Rule, UnitOfBill
from commonshed.standards.parts import Clause, Exact, Note, Part, Provenance, Text
from commonshed.units import quantity, ticks_per

__all__ = [
    "Agreement",
    "Attribution",
    "Clauses",
    "DeclaredVolume",
    "DisputeClause",
    "Event",
    "FloodClause",
    "FloodLevel",
    "FlowSource",
    "ForceMajeureClause",
    "MissingClause",
    "Party",
    "Resolution",
    "Section",
    "ShareTable",
    "Target",
    "canonical",
]


def canonical(value: Fraction, unit: str, of: str) -> Fraction:
    """A value of a quantity in its canonical unit.

    Raises
    ------
    InputError
        No such quantity, or it is not measured in that unit.
    """
    held = quantity(of)
    return value * ticks_per(held, unit) * held.resolution


class Party(Part):
    """A government that answers for stretches of water, or the fund they pay into."""

    code: str
    name: Text
    kind: Literal["government", "fund"] = "government"
    jurisdictions: tuple[str, ...] = ()
    """Codes of the jurisdictions it answers for; none: its own code."""
    fiscal_capacity: Exact | None = None
    """Relative to the others: what it can carry of a full payment."""
    provenance: str


class Target(Part):
    """A value a section is to keep: a target, or the baseline to which it is to be restored."""

    quantity: str
    value: Exact
    unit: str
    sense: Literal["max", "min"] = "max"
    """Whether the water may not be above the value, or, as with oxygen, not below it."""
    first: date | None = None
    """It holds from this day until the next of this quantity; none: since the agreement began."""
    provenance: str

    @property
    def figure(self) -> Fraction:
        """In the canonical unit of the quantity."""
        return canonical(self.value, self.unit, self.quantity)

    def missed_by(self, figure: Fraction) -> Fraction:
        """How much worse a value is; negative when it is better. [canonical unit]"""
        return figure - self.figure if self.sense == "max" else self.figure - figure


class ShareTable(Part):
    """Shares of what arrives at a section, as the agreement itself fixes them."""

    quantity: str
    unit: Literal["%", "1"]
    of: dict[str, Exact]
    """By code of the party; together the whole."""
    provenance: str


class Section(Part):
    """A river section at which water is handed from one party to the next."""

    id: str
    """As in the readings."""
    name: Text | None = None
    upstream: str | None = None
    """Who answers for the water that arrives; none: the party of the jurisdiction the section lies in."""
    downstream: str | None = None
    inflow: tuple[str, ...] = ()
    """Sections at which the water comes in to the upstream party."""
    flow_at: str | None = None
    """The section whose flow counts; none: its own."""
    direction: Literal["fixed", "by-flow"] = "fixed"
    """``by-flow``: where the flow is negative, upstream and downstream change places."""
    level: str | None = None
    """The class of the law it is to keep."""
    targets: tuple[Target, ...] = ()
    baselines: tuple[Target, ...] = ()
    shares: tuple[ShareTable, ...] = ()
    provenance: str


class FlowSource(Part):
    """Where the volumes of a bill come from."""

    source: Literal["readings", "declared"]
    """``readings``: mean of the valid readings of ``flow`` times the seconds of the stretch."""
    unit: Literal["m3", "1e4 m3"] = "m3"
    decimals: int = 0
    """Of a volume in that unit, before it is used."""
    needs: dict[str, int] = Field(default_factory=dict)
    """Fewest readings of flow in a month, quarter, year; none: one."""
    clause: Clause
    provenance: str


class Attribution(Part):
    """How shares are made where the agreement does not fix them: the options of ``commonshed attribute shares``."""

    unit_of_time: UnitOfBill = "year"
    method: Method
    gains: Gains
    draws: int = 200
    seed: int = 0
    clause: Clause
    provenance: str


class DeclaredVolume(Part):
    """The volume both sides agreed on; negative where the water flowed back."""

    section: str
    period: str
    value: Exact
    unit: Literal["m3", "1e4 m3"]

    @property
    def cubic_metres(self) -> Fraction:
        """[m3]"""
        return self.value * (10_000 if self.unit == "1e4 m3" else 1)


class MissingClause(Part):
    """What follows when there are too few samples."""

    samples: dict[str, int]
    """Fewest samples in a month, quarter, year."""
    action: Literal["open", "previous", "not-charged"]
    """``open``: the line waits; ``previous``: the last stretch with enough samples stands in; ``not-charged``."""
    clause: Clause
    provenance: str


class FloodLevel(Part):
    """The daily flow of a section above which a flood is spoken of."""

    section: str
    value: Exact
    unit: str = "m3/s"

    @property
    def figure(self) -> Fraction:
        """[m3/s]"""
        return canonical(self.value, self.unit, "flow")


class FloodClause(Part):
    """What follows from a flood, measured or declared."""

    above: tuple[FloodLevel, ...] = ()
    units: tuple[UnitOfBill, ...] = ()
    """It speaks of lines that cover such a stretch; none: of all. A day's flood need not stay the bill of a year."""
    action: Literal["suspend", "not-charged"]
    clause: Clause
    provenance: str


class DisputeClause(Part):
    """What follows from a reading one side disputes, until both agree on a value."""

    action: Literal["hold"]
    """``hold``: the line is shown with its amount and is not due."""
    clause: Clause
    provenance: str


class ForceMajeureClause(Part):
    """What follows from what nobody could avert."""

    action: Literal["suspend", "not-charged"]
    clause: Clause
    provenance: str


class Clauses(Part):
    """What the agreement says of the cases in which there is no plain figure."""

    missing_samples: MissingClause | None = None
    flood: FloodClause | None = None
    dispute: DisputeClause | None = None
    force_majeure: ForceMajeureClause | None = None


class Resolution(Part):
    """The value a dispute ended with."""

    quantity: str
    value: Exact
    unit: str
    level: str | None = None
    """Its class, where a rule counts classes."""
    by: Text
    on: date


class Event(Part):
    """Something that happened and that a clause speaks of: a declared flood, a disputed reading, force majeure."""

    kind: Literal["flood", "dispute", "force-majeure"]
    sections: tuple[str, ...]
    quantities: tuple[str, ...] = ()
    """None: all."""
    period: str
    note: Text
    resolved: tuple[Resolution, ...] = ()


class Agreement(Part):
    """A compensation agreement between jurisdictions."""

    schema_version: Literal[1]
    id: str
    title: Text
    nature: Literal["real", "example"]
    """An example binds nobody and says so wherever it shows."""
    first: date | None = None
    """None: we do not hold it, and it is lacking."""
    last: date | None = None
    regime: str
    """The law by which values of the water are made and classes told."""
    lacks: tuple[Text, ...] = ()
    """What we do not hold of it: while anything is lacking it can be read but not settled."""
    money: MoneyRule
    parties: tuple[Party, ...]
    sections: tuple[Section, ...]
    flow: FlowSource | None = None
    attribution: Attribution | None = None
    volumes: tuple[DeclaredVolume, ...] = ()
    rules: tuple[Rule, ...]
    clauses: Clauses = Field(default_factory=Clauses)
    events: tuple[Event, ...] = ()
    notes: tuple[Note, ...] = ()
    provenance: dict[str, Provenance]

    _file: str | None = PrivateAttr(default=None)
    _source: bytes | None = PrivateAttr(default=None)

    @property
    def began(self) -> date:
        """The first day; what is lacking it is not settled."""
        return self.first or date.max

    @property
    def file(self) -> str | None:
        """The file it was read from."""
        return self._file

    @property
    def source(self) -> bytes | None:
        """The bytes of that file."""
        return self._source

    def read_from(self, file: str, source: bytes) -> Agreement:
        """This agreement, remembering where it was read."""
        self._file, self._source = file, source
        return self

    def party(self, code: str) -> Party:
        """The party of that code; it is there when the agreement was checked."""
        return next(party for party in self.parties if party.code == code)

    def section(self, id: str) -> Section:
        """The section of that id; it is there when the agreement was checked."""
        return next(section for section in self.sections if section.id == id)

    def of_rule(self, rule: Rule) -> tuple[Section, ...]:
        """The sections a rule speaks of."""
        return tuple(section for section in self.sections if not rule.sections or section.id in rule.sections)
