"""The one form in which every law is written down: air, water and noise of any country.

An *edition* is the dated text of one standard. It may hold limits, statistics (how hourly readings become the value a
limit speaks of), an index, an assessment method, or several of these. Unknown keys are refused, numbers are integers or
decimal strings (never binary floats), and every block names its clause and the provenance of what we hold.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field, PrivateAttr

from commonshed.exact import Rounding
from commonshed.standards.noise import NoiseDay, NoiseMethod
from commonshed.standards.parts import Clause, Exact, Note, Part, Provenance, Text
from commonshed.standards.water import CityIndex, TrophicIndex, WaterMethod

__all__ = [
    "Amendment",
    "Assessment",
    "Band",
    "Category",
    "CityRule",
    "Completeness",
    "Composite",
    "CompositeTerm",
    "Edition",
    "EditionUse",
    "ForceStage",
    "Index",
    "IndexTable",
    "IndexUse",
    "Limit",
    "Phase",
    "ReferenceRule",
    "RegimeFile",
    "Statistic",
    "Test",
    "Threshold",
]


class ForceStage(Part):
    """From when to when an edition is in force, and where.

    ``places`` holds codes of jurisdictions; a code stands for everything below it. Left out, it means everywhere the
    edition's issuer governs; an empty list means that we hold no list.
    """

    first: date
    last: date | None = None
    places: tuple[str, ...] | None = None
    except_places: tuple[str, ...] = ()
    complete: bool = True
    """False when the list of places we hold is known to be shorter than the law's, or is not surely the law's."""
    stage: Text | None = None
    provenance: str


class Amendment(Part):
    """A change of the text after it was issued."""

    issued: date
    first: date
    effect: Text
    provenance: str


class Phase(Part):
    """A stretch of an edition's life with limits of its own."""

    key: str
    first: date
    last: date | None = None
    title: Text
    provenance: str


class ReferenceRule(Part):
    """The state at which concentrations are reported, from a date on."""

    kind: Literal["gas", "particulate"]
    first: date
    temperature: Exact | None = None
    """[K]; none: the actual state while sampling."""
    pressure: Exact | None = None
    """[hPa]"""
    clause: Clause
    provenance: str


class Limit(Part):
    """A limit value: of one statistic of one quantity, by level (class I and II, interim targets …).

    ``of`` names the average the limit speaks of: ``year``, ``quarter``, ``24h``, ``1h``, ``mda8``, ``peak-season`` …
    """

    quantity: str
    of: str
    unit: str
    kind: Literal["limit", "target", "long-term-objective", "critical-level"] = "limit"
    """A target or objective is to be worked towards; a critical level protects vegetation."""
    levels: dict[str, Exact]
    sense: Literal["max", "min"] = "max"
    """Whether the value may not be above the limit, or not below it."""
    water_body: Literal["river", "lake"] | None = None
    """The kind of water it is for; none: both."""
    water_types: tuple[str, ...] = ()
    """The types of water it is for, in a law that has types; none: all."""
    phase: str | None = None
    allowed_exceedances: int | None = None
    """How often a calendar year may be above it."""
    averaged_years: int = 1
    """The exceedances are counted as the mean of so many years."""
    applies: Text | None = None
    """Where the limit applies, when not simply everywhere."""
    clause: Clause
    provenance: str

    def value(self, level: str) -> Fraction | None:
        """The limit of one level, in the limit's unit; none when that level has none."""
        return self.levels.get(level)

    def is_for(self, water_body: str | None = None, water_type: str | None = None) -> bool:
        """Whether it holds for a water.

        Parameters
        ----------
        water_body, water_type : str, optional
            None: whatever it may be. A water may be of several types, ``4n 7``, or of no type the law knows, ``""``.
        """
        return (water_body is None or self.water_body in (None, water_body)) and (
            water_type is None or not self.water_types or any(each in self.water_types for each in water_type.split())
        )

    def met_by(self, value: Fraction, level: str) -> bool:
        """Whether a value, in the limit's unit, is within the limit of a level it has."""
        bound = self.levels[level]
        return value <= bound if self.sense == "max" else value >= bound


class Threshold(Part):
    """A short-term concentration at which the public is informed or warned."""

    kind: Literal["information", "alert"]
    quantity: str
    of: str
    unit: str
    value: Exact
    clause: Clause
    provenance: str


class Statistic(Part):
    """How hourly readings become one legal value.

    A daily statistic is one of

    - ``mean``: mean of the hours of the natural day;
    - ``maximum``: largest hour of the natural day;
    - ``running-maximum``: largest mean of ``window_hours`` consecutive hours among the windows whose end hour lies in
      ``window_ends`` (hours of the day, both included; 24 is midnight at its end, 31 is 07:00 of the next day);

    an hourly statistic (``time = "hour"``) is ``hour``: the hour itself; ``running``: the mean of the ``window_hours``
    that end with it; or ``nowcast``: their mean weighted towards the newest.
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
    weight_floor: Exact | None = None
    """Nowcast: smallest ratio between the weights of one hour and the next newer one."""
    min_recent: tuple[int, int] | None = None
    """Nowcast: so many of the newest so many hours must be there."""
    limit: str | None = None
    """The ``of`` of the limit this statistic is held against."""
    unit: str
    decimals: int
    rounding: Rounding = "half-even"
    rounding_provenance: str
    clause: Clause
    provenance: str


class Band(Part):
    """One segment of an index: concentrations from–to stand for index from–to."""

    concentration: tuple[Exact, Exact]
    index: tuple[int, int]


class IndexTable(Part):
    """The bands of one statistic; concentrations in the unit and decimals of that statistic.

    Neighbouring bands either share their end (a concentration on it gives the same index either way) or follow each
    other at the next decimal. Below the first band there is no sub-index.
    """

    key: str
    """Key of the table, as ``pm25_24h``."""
    unit: str
    bands: tuple[Band, ...]
    above: Literal["cap", "none", "extrapolate"] | int
    """Above the last band: the last band's end, no sub-index, the last band's slope, or this fixed number."""
    above_provenance: str
    note: Text | None = None
    clause: Clause
    provenance: str


class Category(Part):
    """A class of the index with its colour."""

    level: int
    index: tuple[int, int]
    name: Text
    colour: str
    """As ``#RRGGBB``."""
    provenance: str


class IndexUse(Part):
    """Which table a statistic is looked up in."""

    statistic: str
    table: str


class Index(Part):
    """An air quality index: the largest sub-index."""

    name: Text
    tables: tuple[IndexTable, ...]
    daily: tuple[IndexUse, ...]
    realtime: tuple[IndexUse, ...] = ()
    categories: tuple[Category, ...]
    rounding: Rounding
    """How the interpolated sub-index becomes an integer."""
    minimum: int = 0
    """Smallest index that is published; sub-indices may be smaller."""
    maximum: int | None = None
    primary_above: int
    """The primary quantities are named when the index is above this."""
    good_up_to: int
    """A day with an index up to this is a good day."""
    missing: Literal["from-the-rest", "from-the-rest-above-100", "all-needed"]
    """What happens when a value is missing."""
    missing_provenance: str
    clause: Clause
    provenance: str

    def table(self, key: str) -> IndexTable:
        """The table of that key."""
        return next(table for table in self.tables if table.key == key)


class Test(Part):
    """One condition of attainment over a period, for one quantity.

    ``mean``: the mean of the daily values is within the limit; ``percentile``: their percentile p is;
    ``count``: no more than ``allowed`` daily (or hourly) values are above it; ``season``: the mean of the six
    consecutive months with the highest mean is.
    """

    __test__: ClassVar[bool] = False
    quantity: str
    statistic: str
    time: Literal["day", "hour"] = "day"
    """Whether ``statistic`` is a daily or an hourly one."""
    kind: Literal["mean", "percentile", "count", "season"]
    p: int | None = None
    allowed: int | None = None
    phase: str | None = None
    limit: str
    """The ``of`` of the limit."""
    decimals: int
    """Decimals of the mean or percentile before it is compared."""
    rounding: Rounding = "half-even"
    clause: Clause
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
    provenance: str


class Composite(Part):
    """The composite index: sum of weighted C / S, divided by ``divisor``."""

    terms: tuple[CompositeTerm, ...]
    divisor: int = 1
    decimals: int
    decimals_provenance: str
    clause: Clause
    provenance: str


class Completeness(Part):
    """How many daily values a period needs."""

    month_days: int | None = None
    february_days: int | None = None
    year_days: int | None = None
    year_share: Exact | None = None
    """Alternatively, the share of the days of the period."""
    every_month: bool = False
    """A year also needs each of its months to be complete."""
    clause: Clause
    provenance: str


class CityRule(Part):
    """How stations become a place: the mean over the assessed stations, then the evaluation."""

    min_share: Exact
    """Fewest stations with a valid value, as a share of the assessed ones."""
    few_sites: int
    few_share: Exact
    """With fewer than ``few_sites`` assessed stations this share is enough."""
    share_provenance: str
    station_values: Literal["unrounded", "rounded"]
    station_values_provenance: str
    clause: Clause
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
    decimals_provenance: str
    """Of the decimals of tests, multiples and rates."""
    composite: Composite | None = None
    trend_alpha: Exact = Field(default=Fraction(5, 100))
    trend_provenance: str | None = None
    clause: Clause
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
    dates_provenance: str
    complete: bool = True
    """False when we know that we hold only a part; ``warning`` says what that means."""
    warning: Text | None = None
    binding: bool = True
    """False for guidelines: they are in force nowhere, and no look-up by place finds them."""
    level: str | None = None
    """The level of its limits that applies unless another is asked for: ``II``."""
    levels: dict[str, Text] = Field(default_factory=dict)
    levels_provenance: str | None = None
    in_force: tuple[ForceStage, ...]
    amendments: tuple[Amendment, ...] = ()
    phases: tuple[Phase, ...] = ()
    reference_states: tuple[ReferenceRule, ...] = ()
    limits: tuple[Limit, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    statistics: tuple[Statistic, ...] = ()
    index: Index | None = None
    assessment: Assessment | None = None
    water: WaterMethod | None = None
    trophic: TrophicIndex | None = None
    city_index: CityIndex | None = None
    noise_day: NoiseDay | None = None
    noise: NoiseMethod | None = None
    notes: tuple[Note, ...] = ()
    provenance: dict[str, Provenance]
    _source: bytes | None = PrivateAttr(default=None)

    @property
    def source(self) -> bytes | None:
        """The bytes of the file it was read from; none if it was made in memory."""
        return self._source

    def read_from(self, content: bytes) -> Edition:
        """The same edition, knowing the bytes it was read from."""
        same = self.model_copy()
        same._source = content
        return same

    def phase_on(self, day: date) -> str | None:
        """The phase that holds on a day: before the first the first, after the last the last; none without phases."""
        if not self.phases:
            return None
        begun = [phase.key for phase in self.phases if phase.first <= day]
        return begun[-1] if begun else self.phases[0].key


class EditionUse(Part):
    """One edition of a regime."""

    id: str
    governs: bool = True
    """Whether the regime is in force only where and when this edition is."""
    note: Text | None = None


class RegimeFile(Part):
    """The editions that grade together."""

    schema_version: Literal[1]
    id: str
    title: Text
    editions: tuple[EditionUse, ...]
    level: str | None = None
    phase: str | None = None
    """A phase the regime stays in; without it the day decides."""
    note: Text | None = None
