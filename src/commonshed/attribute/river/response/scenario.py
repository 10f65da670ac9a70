"""What was spilled where and when, what could be done about it and who would be called: one TOML file.

Everything a forecast and a plan rest on stands in the file, with where it is from: masses, limits, hydraulics that
replace the network's, capacities, minutes, roles. `docs/formats/spill.md` describes each key.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from commonshed import datasets
from commonshed.errors import InputError, PeriodError, UnknownName
from commonshed.periods import Zone
from commonshed.units import quantity

__all__ = [
    "POINTS",
    "WATCHED",
    "Call",
    "Point",
    "ReachWater",
    "Released",
    "Scenario",
    "Spilled",
    "Spot",
    "Substance",
    "Text",
    "Uncertainty",
    "Watched",
    "Water",
    "read_scenario",
]

FORMAT = "commonshed-spill/1"

POINTS = ("gate", "weir", "bridge", "pond")
"""Kinds of marks at which something can be done."""
WATCHED = ("section", "intake", "border", "town")
"""Kinds of marks that are watched."""

Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Part = Annotated[float, Field(gt=0, le=1)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Form):
    """A text in both languages."""

    en: str
    zh: str


def _written_once(value: object) -> object:
    return {"en": value, "zh": value} if isinstance(value, str) else value


Source = Annotated[Text, BeforeValidator(_written_once)]
"""Where something is from: in both languages, or once for both."""


class Spot(_Form):
    """Where on the network: a node, a mark, or a distance below the upper end of a reach.

    Attributes
    ----------
    node, mark, reach : str or None
        One of them.
    distance : float or None
        With ``reach``. [m]
    """

    node: str | None = None
    mark: str | None = None
    reach: str | None = None
    distance: NotNegative | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Spot:
        if sum(place is not None for place in (self.node, self.mark, self.reach)) != 1:
            raise ValueError("a place is a node, a mark, or a reach with a distance: give one of them")
        if (self.reach is None) != (self.distance is None):
            raise ValueError("a place on a reach is the reach and the distance below its upper end, in metres")
        return self


class Spilled(Spot):
    """Where it was spilled.

    Attributes
    ----------
    name : Text
        The place in words: "lorry park above the road bridge".
    """

    name: Text


class Substance(_Form):
    """What was spilled and what the law or the waterworks tolerate of it.

    Attributes
    ----------
    quantity : str or None
        Id in the catalogue; or else
    name : Text or None
    unit : {"mg/L", "ug/L"}
        Of everything the forecast tells.
    threshold : float
        From which the water counts as reached. [unit]
    source : Text
        Where the threshold is from: document and clause.
    background : float
        In the water before the spill; arrival is when spill and background reach the threshold. [unit]
    decay : float
        First-order rate. [1/d]
    """

    quantity: str | None = None
    name: Text | None = None
    unit: Literal["mg/L", "ug/L"] = "mg/L"
    threshold: Positive
    source: Source
    background: NotNegative = 0.0
    decay: NotNegative = 0.0

    @model_validator(mode="after")
    def _named(self) -> Substance:
        if (self.quantity is None) == (self.name is None):
            raise ValueError("give the quantity of the catalogue, or the name of the substance")
        if self.background >= self.threshold:
            raise ValueError("the background alone reaches the threshold: nothing would arrive")
        return self

    @property
    def called(self) -> Text:
        """Its name in both languages."""
        if self.name is not None:
            return self.name
        held = quantity(self.quantity or "")
        return Text(en=held.name_en, zh=held.name_zh)

    @property
    def per_gram_per_cubic_metre(self) -> float:
        """What 1 g/m³ is in its unit."""
        return 1.0 if self.unit == "mg/L" else 1000.0


class Released(_Form):
    """How it came into the water.

    Attributes
    ----------
    kind : {"instant", "pulse", "hydrograph"}
    mass : float or None
        All of it, at once or evenly over ``hours``. [kg]
    hours : float or None
        Duration of a pulse. [h]
    curve : tuple of (hours, kilograms an hour)
        Of a hydrograph: from each hour after the spill on, this rate, until the next; the last rate is 0.
    """

    kind: Literal["instant", "pulse", "hydrograph"] = "instant"
    mass: Positive | None = None
    hours: Positive | None = None
    curve: tuple[tuple[NotNegative, NotNegative], ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Released:
        needs = {"instant": (True, False, False), "pulse": (True, True, False), "hydrograph": (False, False, True)}
        if (self.mass is not None, self.hours is not None, bool(self.curve)) != needs[self.kind]:
            raise ValueError("an instant release has a mass, a pulse a mass and hours, a hydrograph a curve")
        if self.curve:
            self._check_curve()
        return self

    def _check_curve(self) -> None:
        hours = [hour for hour, _ in self.curve]
        if sorted(set(hours)) != hours:
            raise ValueError("the hours of the curve must rise")
        if self.curve[-1][1] != 0 or not any(rate for _, rate in self.curve):
            raise ValueError("the curve must end with the rate 0 and be above 0 before")

    @property
    def kilograms(self) -> float:
        """All that is released. [kg]"""
        if self.mass is not None:
            return self.mass
        steps = zip(self.curve, self.curve[1:], strict=False)
        return sum(rate * (end - begin) for (begin, rate), (end, _) in steps)


class ReachWater(_Form):
    """Hydraulics of one reach on that day, in place of the network's; units as in the network."""

    id: str
    discharge: Positive | None = None
    width: Positive | None = None
    depth: Positive | None = None
    velocity: Positive | None = None
    slope: Positive | None = None
    dispersion: Positive | None = None


class Water(_Form):
    """What the river does on that day.

    Attributes
    ----------
    discharge : dict of mark or node to float
        What is measured at some places that day; between them it follows from balance. Without it the discharges of
        the network stand. [m3/s]
    flow : float
        Every one of these times this.
    reach : tuple of ReachWater
        Single reaches, in place of what follows.
    source : Text
    """

    discharge: dict[str, NotNegative] = Field(default_factory=dict)
    flow: Positive = 1.0
    reach: tuple[ReachWater, ...] = ()
    source: Source = Text(en="", zh="")


class Uncertainty(_Form):
    """How far velocity, dispersion and discharge may be off.

    Attributes
    ----------
    velocity, dispersion, discharge : float
        Standard deviation of the natural logarithm: 0.15 is about 15 %.
    members : int
        Runs that make the bands; 0 for none.
    seed : int
    source : Text
    """

    velocity: NotNegative = 0.15
    dispersion: NotNegative = 0.55
    discharge: NotNegative = 0.0
    members: Annotated[int, Field(ge=0)] = 200
    seed: int = 0
    source: Source = Text(en="", zh="")


class Point(Spot):
    """Where something can be done: a gate, weir, bridge or pond, and what.

    Attributes
    ----------
    id : str
        Of a mark of the network, which then needs no place here; or a new one.
    kind : str
    name : Text
    minutes : float
        From the call until it acts. [min]
    share : float or None
        Part of what passes that it stops; a gate that closes stops all of it.
    flow : float or None
        Of a pond: how much water it can take in; its share is then flow over discharge. [m3/s]
    capacity : float or None
        How much water it can hold. [m3]
    hours : float or None
        How long it can act. [h]
    calls : tuple of str
        Roles, in order.
    does : Text or None
        The order in words: "close both gates".
    source : Text
        Where capacity and minutes are from.
    """

    id: str
    kind: Literal["gate", "weir", "bridge", "pond"]
    name: Text
    minutes: NotNegative
    share: Part | None = None
    flow: Positive | None = None
    capacity: Positive | None = None
    hours: Positive | None = None
    calls: tuple[str, ...] = ()
    does: Text | None = None
    source: Source = Text(en="", zh="")

    @model_validator(mode="after")
    def _does_something(self) -> Point:
        if (self.share is None) == (self.flow is None):
            raise ValueError("say what it does: the share of what passes that it stops, or the flow it can take in")
        return self


class Watched(Spot):
    """What must be warned or is looked at: an intake, a border, a section, a town that the network does not have."""

    id: str
    kind: Literal["section", "intake", "border", "town"]
    name: Text
    calls: tuple[str, ...] = ()
    jurisdiction: str | None = None
    towards: str | None = None
    source: Source = Text(en="", zh="")


class Call(_Form):
    """Somebody called whatever the points do.

    Attributes
    ----------
    role : str
        Key of ``roles``.
    within : float
        Minutes after the call. [min]
    what : Text
    """

    role: str
    within: NotNegative = 0.0
    what: Text


class Scenario(_Form):
    """One spill, real or thought of.

    Attributes
    ----------
    kind : {"drill", "event", "what-if"}
        Every page and record says it.
    name, note : Text
    at, called : datetime with offset
        When it was spilled, and when somebody rang; without ``called`` at once.
    zone : str
        In which times are told: ``Europe/London``, ``+08:00``.
    hours : float
        How far the forecast looks. [h]
    step : float
        Length of the solver's cells. [m]
    roles : dict of str to Text
    """

    format: Literal["commonshed-spill/1"]
    kind: Literal["drill", "event", "what-if"]
    name: Text
    note: Text | None = None
    network: str | None = None
    at: AwareDatetime
    called: AwareDatetime | None = None
    zone: str = "UTC"
    hours: Positive = 72.0
    step: Positive = 100.0
    place: Spilled
    substance: Substance
    release: Released
    water: Water = Water()
    uncertainty: Uncertainty = Uncertainty()
    roles: dict[str, Text] = Field(default_factory=dict)
    call: tuple[Call, ...] = ()
    point: tuple[Point, ...] = ()
    watch: tuple[Watched, ...] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> Scenario:
        _tzinfo(self.zone)
        if self.called is not None and self.called < self.at:
            raise ValueError("somebody called before it was spilled")
        ids = [part.id for part in self.placed]
        if twice := sorted({id for id in ids if ids.count(id) > 1}):
            raise ValueError(f"two places have one id: {', '.join(twice)}")
        if unknown := sorted(set(self._named_roles()) - set(self.roles)):
            raise ValueError(f"a role is called that [roles] does not name: {', '.join(unknown)}")
        return self

    def _named_roles(self) -> Iterator[str]:
        yield from (call.role for call in self.call)
        yield from (role for part in self.placed for role in part.calls)

    @property
    def placed(self) -> tuple[Point | Watched, ...]:
        """The marks that the scenario brings along."""
        return (*self.point, *self.watch)

    @property
    def clock(self) -> tzinfo:
        """The clock of the place, summer time and all."""
        return _tzinfo(self.zone)

    @property
    def call_at(self) -> datetime:
        """When the clock of the response begins."""
        return self.called or self.at


def _tzinfo(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        pass
    try:
        return timezone(timedelta(minutes=Zone.parse(name).minutes))
    except PeriodError:
        raise ValueError(f"there is no zone {name!r}: write Europe/London or +08:00") from None


def read_scenario(source: str | Path) -> Scenario:
    """Read a scenario file.

    Parameters
    ----------
    source : str or path
        A file, or the name of a data set that comes with a drill: ``thames``.

    Raises
    ------
    InputError
        There is no such file, it is not TOML, a key is unknown, missing or wrong; file and field are named.
    UnknownName
        The quantity is not in the catalogue.
    """
    path = _file(source)
    try:
        data = tomllib.loads(path.read_bytes().decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"this is not TOML: {error}", file=path) from None
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        raise _refusal(error, path) from None
    _check_quantity(scenario, path)
    return scenario


def _file(source: str | Path) -> Path:
    path = Path(source)
    drills = [name for name in datasets.names() if (datasets.path(name) / "spill.toml").exists()]
    if not path.exists() and str(source) in drills:
        return datasets.path(str(source), "spill.toml")
    if not path.is_file():
        mend = f"Name a file, or a drill that comes with the package: {', '.join(drills)}"
        raise InputError("there is no such scenario", value=str(source), mend=mend)
    return path


def _check_quantity(scenario: Scenario, path: Path) -> None:
    named = scenario.substance.quantity
    if named is None:
        return
    try:
        quantity(named)
    except UnknownName as error:
        raise UnknownName(error.kind, error.name, error.known, file=path, field="substance.quantity") from None


def _refusal(error: ValidationError, path: Path) -> InputError:
    first, *others = error.errors(include_url=False)
    said = {"extra_forbidden": "there is no such key in a spill scenario", "missing": "this key is needed"}
    more = f", and {len(others)} more such problems in this file" if others else ""
    given = first["input"]
    return InputError(
        said.get(first["type"], first["msg"].removeprefix("Value error, ")) + more,
        file=path,
        field=".".join(str(step) for step in first["loc"]) or None,
        value=given if isinstance(given, (str, int, float)) else None,
        mend="The form stands in docs/formats/spill.md",
    )
