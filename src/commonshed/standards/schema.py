"""The one form in which every law is written down: air of any country now, water and noise later.

An *edition* is the dated text of one standard. It may hold limits, statistics (how hourly readings become the value a
limit speaks of), an index, an assessment method, or several of these. Unknown keys are refused, numbers are decimal
strings (never binary floats), and every block names its clause and the provenance of what we hold.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from commonshed.exact import Rounding

__all__ = [
    "Assessment",
    "Band",
    "Category",
    "CompositeTerm",
    "Edition",
    "ForceStage",
    "Index",
    "IndexTable",
    "Limit",
    "Phase",
    "Provenance",
    "ReferenceRule",
    "Statistic",
    "Test",
    "Text",
]


def _exact(value: object) -> object:
    if isinstance(value, float):
        raise ValueError(f"write {value} in quotes: a legal value is a decimal, not a binary float")
    return Fraction(value) if isinstance(value, (int, str)) else value


Exact = Annotated[Fraction, BeforeValidator(_exact)]
"""A number of the law: an integer or a decimal string in the file, a Fraction in memory."""


class Part(BaseModel):
    """Base of every part: frozen, and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Text(Part):
    """A text in both languages of the interface."""

    en: str
    zh: str


class Provenance(Part):
    """How sure we are that a block says what the law says.

    ``verified``: two independent sources agree; ``single-source``; ``unverified``: from general knowledge.
    """

    status: Literal["verified", "single-source", "unverified"]
    sources: tuple[str, ...] = ()
    note: str | None = None


class ForceStage(Part):
    """From when to when an edition is in force, and where.

    ``places`` holds codes of jurisdictions; a code stands for everything below it. Empty means everywhere the
    edition's issuer governs.
    """

    first: date
    last: date | None = None
    places: tuple[str, ...] = ()
    complete: bool = True
    """False when the list of places we hold is known to be shorter than the law's."""
    stage: Text | None = None
    provenance: str


class Phase(Part):
    """A stretch of an edition's life with limits of its own."""

    key: str
    first: date
    last: date | None = None
    provenance: str


class ReferenceRule(Part):
    """The state at which concentrations are reported, from a date on."""

    kind: Literal["gas", "particulate"]
    first: date
    temperature: Exact | None = None
    """[K]; none: the actual state while sampling."""
    pressure: Exact | None = None
    """[hPa]"""
    clause: str
    provenance: str


class Limit(Part):
    """A limit value: of one statistic of one quantity, by level (class I and II, interim targets …).

    ``of`` names the average the limit speaks of: ``year``, ``quarter``, ``24h``, ``1h``, ``mda8``, ``season`` …
    """

    quantity: str
    of: str
    unit: str
    levels: dict[str, Exact]
    phase: str | None = None
    allowed_exceedances: int | None = None
    clause: str
    provenance: str


class Statistic(Part):
    """How hourly readings become one legal value.

    A daily statistic is one of

    - ``mean``: mean of the hours of the natural day;
    - ``maximum``: largest hour of the natural day;
    - ``running-maximum``: largest mean of ``window_hours`` consecutive hours among the windows whose end hour lies in
      ``window_ends`` (hours of the day, both included; 24 is midnight at its end, 31 is 07:00 of the next day);

    an hourly statistic (``time = "hour"``) is ``hour``: the hour itself, or ``running``: the mean of the
    ``window_hours`` that end with it.
    """

    key: str
    """Name in results: ``pm25``, ``o3_8h``."""
    quantity: str
    time: Literal["day", "hour"]
    kind: Literal["mean", "maximum", "running-maximum", "hour", "running", "nowcast"]
    window_hours: int = 1
    window_ends: tuple[int, int] | None = None
    min_hours: int
    """Fewest valid hours: of the day, or of each window."""
    min_windows: int | None = None
    fewer_windows_above: str | None = None
    """The ``of`` of a limit: fewer windows are enough when the maximum is above it."""
    limit: str | None = None
    """The ``of`` of the limit this statistic is held against."""
    unit: str
    decimals: int
    rounding: Rounding = "half-even"
    clause: str
    provenance: str


class Band(Part):
    """One segment of an index: concentrations from–to stand for index from–to."""

    concentration: tuple[Exact, Exact]
    index: tuple[int, int]


class IndexTable(Part):
    """The bands of one statistic; concentrations in the unit and decimals of that statistic."""

    key: str
    """Key of the table, as ``pm25_24h``."""
    unit: str
    bands: tuple[Band, ...]
    above: Literal["cap", "none", "extrapolate"] | int
    """Above the last band: the index's maximum, no sub-index, the last band's slope, or this fixed number."""
    clause: str
    provenance: str


class Category(Part):
    """A class of the index with its colour."""

    level: int
    index: tuple[int, int]
    name: Text
    colour: str
    provenance: str


class IndexUse(Part):
    """Which table a statistic is looked up in."""

    statistic: str
    table: str


class Index(Part):
    """An air quality index."""

    name: Text
    tables: tuple[IndexTable, ...]
    daily: tuple[IndexUse, ...]
    realtime: tuple[IndexUse, ...] = ()
    categories: tuple[Category, ...]
    rounding: Rounding
    minimum: int = 0
    maximum: int | None = None
    primary_above: int
    """The primary quantities are named when the index is above this."""
    good_up_to: int
    """A day with an index up to this is a good day."""
    missing: Literal["from-the-rest", "from-the-rest-above-100", "all-needed"]
    """What happens when a sub-index is missing."""
    missing_provenance: str
    clause: str
    provenance: str


class Test(Part):
    """One condition of attainment over a period, for one quantity.

    ``mean``: the mean of the daily values is within the limit; ``percentile``: their percentile p is;
    ``count``: no more than ``allowed`` daily (or hourly) values are above it; ``season``: the mean of the six
    consecutive months with the highest mean is.
    """

    quantity: str
    statistic: str
    kind: Literal["mean", "percentile", "count", "season"]
    p: int | None = None
    allowed: int | None = None
    limit: str
    """The ``of`` of the limit."""
    decimals: int
    """Decimals of the mean or percentile before it is compared."""
    clause: str
    provenance: str


class CompositeTerm(Part):
    """One quantity's part in the composite index."""

    quantity: str
    kind: Literal["mean", "percentile"]
    statistic: str
    p: int | None = None
    standard: Exact
    unit: str
    weight: int = 1
    phase: str | None = None


class Composite(Part):
    """The composite index: sum of weighted C / S."""

    terms: tuple[CompositeTerm, ...]
    decimals: int
    clause: str
    provenance: str


class Completeness(Part):
    """How many daily values a period needs."""

    month_days: int | None = None
    february_days: int | None = None
    year_days: int | None = None
    year_share: Exact | None = None
    """Alternatively, the share of the days of the period."""
    every_month: bool = False
    clause: str
    provenance: str


class CityRule(Part):
    """How stations become a place: the mean over the assessed stations, then the evaluation."""

    min_share: Exact
    few_sites: int
    few_share: Exact
    """With fewer than ``few_sites`` assessed stations this share is enough."""
    station_values: Literal["unrounded", "rounded"]
    clause: str
    provenance: str


class Assessment(Part):
    """How daily values are assessed over months and years."""

    tests: tuple[Test, ...]
    completeness: Completeness
    city: CityRule
    daily_values: Literal["rounded", "unrounded"]
    """Whether means and percentiles are made from rounded daily values."""
    daily_values_provenance: str
    multiple_decimals: int = 2
    rate_decimals: int = 1
    composite: Composite | None = None
    trend_alpha: Exact = Field(default=Fraction(5, 100))
    trend_provenance: str | None = None
    clause: str
    provenance: str


class Edition(Part):
    """The dated text of one standard."""

    schema_version: Literal[1]
    id: str
    title: Text
    medium: Literal["air", "water", "noise"]
    issuer: str
    """Code of the jurisdiction that issued it: ``CN``, ``US``, ``EU``, ``WHO``, or an adcode for a local layer."""
    issued: date | None = None
    replaces: str | None = None
    replaced_by: str | None = None
    complete: bool = True
    """False when we know that we hold only a part; ``warning`` says what that means."""
    warning: str | None = None
    binding: bool = True
    """False for guidelines."""
    level: str
    """The level of its limits that applies unless another is asked for: ``II``."""
    levels: dict[str, Text]
    in_force: tuple[ForceStage, ...]
    phases: tuple[Phase, ...] = ()
    reference_states: tuple[ReferenceRule, ...] = ()
    limits: tuple[Limit, ...] = ()
    statistics: tuple[Statistic, ...] = ()
    index: Index | None = None
    assessment: Assessment | None = None
    notes: tuple[Text, ...] = ()
    provenance: dict[str, Provenance]
