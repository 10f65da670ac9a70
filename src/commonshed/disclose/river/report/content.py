"""What the report of a river holds before it is laid out: records as the stages gave them, and what they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from commonshed.disclose.words import Both
from commonshed.places import Network

if TYPE_CHECKING:
    from commonshed.attribute.river.response import Response
    from commonshed.settle import Agreement

__all__ = ["Basis", "Content", "EditionNote", "Law", "Level", "Record"]

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Level:
    """A class of a law of water.

    Attributes
    ----------
    key : str
        ``III``, ``Good``, ``inferior V``.
    short : Both
        What fits in a cell.
    name : Both
    colour : str
        As ``#RRGGBB``.
    """

    key: str
    short: Both
    name: Both
    colour: str


@dataclass(frozen=True)
class EditionNote:
    """One text of a law: its name, the digest of what we hold, and how sure we are of it by parts."""

    id: str
    title: Both
    digest: str
    statuses: Mapping[str, int]


@dataclass(frozen=True)
class Law:
    """A law the water is graded by.

    Attributes
    ----------
    regime : str
    title : Both
    levels : tuple of Level
        From the best to the worst, the last what meets none.
    good : str
        The last level that counts as good.
    editions : tuple of EditionNote
    unsure : bool
        Whether none of its limits was checked against its text.
    """

    regime: str
    title: Both
    levels: tuple[Level, ...]
    good: str
    editions: tuple[EditionNote, ...]
    unsure: bool = False

    @property
    def good_name(self) -> Both:
        """The last good level as a sentence says it: "class III", "Good"."""
        level = self.level(self.good)
        if level is None or set(self.good) <= set("IV"):
            return Both(f"class {self.good}", f"{self.good}类")
        return Both(self.good, level.name.zh)

    def level(self, key: str | None) -> Level | None:
        """The level of that key."""
        return next((level for level in self.levels if level.key == key), None)

    def is_good(self, key: str | None) -> bool:
        """Whether a class counts as good."""
        keys = [level.key for level in self.levels]
        return key is not None and keys.index(key) <= keys.index(self.good)


@dataclass(frozen=True)
class Basis:
    """What the page was made from."""

    version: str
    written: str
    shed: str
    size: int
    network_digest: str
    rows: int
    flags: Mapping[str, int]
    licence: Both


@dataclass(frozen=True, eq=False)
class Content:
    """Everything the report says.

    Attributes
    ----------
    river : Both
    year : int
        The one shown.
    years : tuple of int
        Those of the grid of classes.
    mouth : str
        Section whose load is shared out.
    network : Network
    sections : tuple of str
        From upstream to downstream; those off the network last.
    stem : tuple of str
        The sections on the main river, from upstream to downstream.
    laws : tuple of Law
        The first is the one shown first.
    grades : mapping of (regime, section, year) to record
    loads : mapping of quantity to records
    shares : mapping of quantity to records of the mouth
    trends : mapping of section to record
    agreement : Agreement or None
    bill : records
        As `commonshed.settle` gives them.
    response : Response or None
        A drill.
    plan : str or None
        Name of the file of its plan, beside this page.
    basis : Basis
    """

    river: Both
    year: int
    years: tuple[int, ...]
    mouth: str
    network: Network
    sections: tuple[str, ...]
    stem: tuple[str, ...]
    laws: tuple[Law, ...]
    grades: Mapping[tuple[str, str, int], Record]
    loads: Mapping[str, tuple[Record, ...]]
    shares: Mapping[str, tuple[Record, ...]]
    trends: Mapping[str, Record]
    agreement: Agreement | None
    bill: tuple[Record, ...]
    response: Response | None
    plan: str | None
    basis: Basis

    def name(self, section: str) -> Both:
        """What a section is called."""
        station = self.network.stations[section]
        return Both(station.name_en or section, station.name_zh or station.name_en or section)

    def owner(self, code: str | None) -> Both:
        """What a jurisdiction or party is called."""
        held = self.network.jurisdictions.get(code or "")
        if held is not None:
            return Both(held.name_en, held.name_zh)
        party = next((each for each in self.agreement.parties if each.code == code), None) if self.agreement else None
        return Both(party.name.en, party.name.zh) if party else Both(code or "–", code or "–")

    def called(self, code: str | None) -> Both:
        """The same without the word "example", where the page says of all that they are."""
        name = self.owner(code)
        return Both(name.en.removesuffix(" (example)"), name.zh.removesuffix("（示例）"))

    def grade(self, law: Law, section: str, year: int | None = None) -> Record | None:
        """What a law says of a section in a year."""
        return self.grades.get((law.regime, section, year or self.year))

    @property
    def sections_on(self) -> tuple[str, ...]:
        """Sections that stand on the network of rivers."""
        assert self.network.rivers is not None
        return tuple(mark.id for mark in self.network.rivers.of_kind("section") if mark.id in self.network.stations)

    def of_kind(self, kind: str) -> list[Record]:
        """The records of a kind in the bill: ``settlement``, ``total``, ``line``, ``liability``."""
        return [record for record in self.bill if record["record"] == kind]
