"""What a report says, as plain data: gathered once, then only laid out.

Legal figures stay the strings and integers of the records; nothing here computes one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from commonshed.disclose.agreement import Agreement, Bin
from commonshed.disclose.bulletin import Compared
from commonshed.disclose.words import Both

__all__ = [
    "Basis",
    "Category",
    "City",
    "Comparison",
    "Content",
    "EditionNote",
    "Graded",
    "HourLabels",
    "Law",
    "Limits",
    "Mark",
    "Record",
]

Record = Mapping[str, Any]
"""A record of the assessment, as documented for ``commonshed assess air --format json``."""


@dataclass(frozen=True)
class Category:
    """A class of the index, with the colour the standard gives it."""

    level: int
    low: int
    high: int
    name: Both
    colour: str


@dataclass(frozen=True)
class Limits:
    """The limits of one quantity as the law writes them, in its legal unit; none where the law has none."""

    year: str | None
    day: str | None


@dataclass(frozen=True)
class EditionNote:
    """What we hold of one edition, and how sure we are of it."""

    id: str
    title: Both
    digest: str
    statuses: Mapping[str, int]
    """Blocks by provenance status: verified, single-source, unverified."""
    doubts: tuple[tuple[str, str, str], ...]
    """Blocks that are not verified: (block, status, note)."""
    governs: bool = True
    complete: bool = True


@dataclass(frozen=True)
class Law:
    """One setting of the law switch: a regime, and how it takes gases measured at another reference state."""

    key: str
    regime: str
    name: Both
    short: Both
    """On the switch."""
    plain: Both
    """In a headline: "2026 law"."""
    categories: tuple[Category, ...]
    limits: Mapping[str, Limits]
    editions: tuple[EditionNote, ...]
    converted: bool | None = None
    """Gases converted, left as measured, or (none) nothing to convert."""
    percentiles: Mapping[str, str] = field(default_factory=dict)
    """Key of each quantity's percentile in the records: ``{"pm25": "pm25_p95"}``."""
    clauses: Mapping[str, Both] = field(default_factory=dict)
    """Clause by what it rules: index, assessment, completeness, city, composite, percentile, limits."""


@dataclass(frozen=True)
class Graded:
    """One year under one law."""

    city: Record
    days: tuple[Record, ...]
    months: tuple[Record, ...]
    stations: tuple[Record, ...]
    districts: tuple[Record, ...]
    station_months: Mapping[str, tuple[Record, ...]]
    exceedances: tuple[Record, ...] = ()
    """Days of the city above a daily limit: day, quantity, value, limit, multiple."""

    @property
    def in_force(self) -> bool:
        """Whether the law governed that year at that place."""
        return bool(self.city["in_force"])


@dataclass(frozen=True)
class Mark:
    """A station on the map."""

    id: str
    name: Both
    lon: float | None
    lat: float | None
    district: str
    role: str


@dataclass(frozen=True)
class City:
    """The place the report is about and what lies in it."""

    code: str
    name: Both
    districts: Mapping[str, Both]
    outlines: Mapping[str, Any]
    labels: Mapping[str, tuple[float, float]]
    """Where a map writes a district's name. [degrees]"""
    stations: tuple[Mark, ...]
    zone: str


@dataclass(frozen=True)
class Comparison:
    """An official monitor beside the embassy's."""

    site: str
    name: Both
    kilometres: float | None
    hours: Agreement
    days: Agreement
    by_year: Mapping[int, Agreement]
    bins: tuple[Bin, ...]
    classes: Mapping[str, tuple[tuple[int, ...], ...]]
    """Days by class (official in rows, embassy in columns), by law key."""
    official: Any = None
    embassy: Any = None
    """The hours themselves, for the pictures. [µg/m³]"""


@dataclass(frozen=True)
class HourLabels:
    """What two published files of the same monitor say about how hours are labelled."""

    station: str
    name: Both
    shift: int
    """Hours by which the first file's label lies later than the second's."""
    pairs: int
    equal_share: float
    equal_share_unshifted: float


@dataclass(frozen=True)
class Basis:
    """What the figures stand on."""

    shed: str
    size: int
    zone: str
    network_digest: str
    rows: int
    flags: Mapping[str, int]
    reasons: Mapping[str, int]
    version: str
    written: str


@dataclass(frozen=True)
class Content:
    """Everything a report says."""

    period: str
    years: tuple[int, ...]
    first_shown: int
    city: City
    laws: tuple[Law, ...]
    graded: Mapping[tuple[str, int], Graded]
    """By law key and year."""
    bulletin: Mapping[int, tuple[Compared, ...]]
    bulletin_sources: tuple[str, ...]
    comparisons: tuple[Comparison, ...]
    comparison_span: tuple[date, date] | None
    hour_labels: tuple[HourLabels, ...]
    basis: Basis

    def of(self, law: Law, year: int) -> Graded:
        """One year under one law."""
        return self.graded[law.key, year]
