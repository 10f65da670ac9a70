"""What was spilled where and when, what could be done about it and who would be called: one TOML file.

Everything a forecast and a plan rest on stands in the file, with where it is from: masses, limits, hydraulics that
replace the network's, capacities, minutes, roles. `docs/formats/spill.md` describes each key.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, Field, model_validator

from commonshed import datasets
from commonshed.attribute.river.response.points import Call, Point, Watched
from commonshed.attribute.river.response.spilled import Released, Spilled, Substance, Uncertainty, Water
from commonshed.attribute.river.response.spots import Positive
from commonshed.errors import InputError, PeriodError, UnknownName
from commonshed.periods import Zone
from commonshed.standards.forms import Form, filled
from commonshed.standards.parts import Part, Text
from commonshed.units import quantity

__all__ = ["Scenario", "read_scenario"]

_FORM = Form("a spill scenario", None, "docs/formats/spill.md")


class Scenario(Part):
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
    scenario = filled(Scenario, path.read_bytes(), str(path), _FORM)
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
