"""What a file's columns mean, declared once: quantity, unit, statistic, station, and what an hour label stands for.

A mapping is data. Those we ship lie in ``mappings/``; a user's own is a TOML file of the same schema.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from fractions import Fraction
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from commonshed.errors import InputError, PeriodError, UnknownName
from commonshed.periods import Zone
from commonshed.units import ReferenceState, quantity, ticks_per

__all__ = ["Column", "Mapping", "load_mapping", "mappings", "seconds"]

_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?\Z")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _decimal(value: object) -> object:
    if isinstance(value, float):
        raise ValueError(f"write {value} in quotes: a binary float is not exact")
    Fraction(str(value))
    return str(value)


Decimal = Annotated[str, BeforeValidator(_decimal)]


def seconds(text: str) -> int:
    """A length of time in seconds, from ``3600`` or from ``PT1H``.

    Raises
    ------
    ValueError
        It is neither.
    """
    if text.isascii() and text.isdigit():
        return int(text)
    match = _DURATION.match(text)
    if match is None or not any(match.groups()):
        raise ValueError(f"{text!r} is no length of time; write seconds, or PT1H")
    days, hours, minutes, rest = (int(group or 0) for group in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + rest


class Text(_Part):
    """A text in both languages of the interface."""

    en: str
    zh: str


def _unsaid(value: object) -> bool:
    """Keys younger than the first sealed readings: unsaid, they leave the digest of a mapping as it was."""
    return value in (None, False)


class StationField(_Part):
    """Where the station's id stands: in a column, or it is the same for the whole file."""

    column: str | None = None
    fixed: str | None = None


class Parts(_Part):
    """Columns that together make a time."""

    year: str
    month: str
    day: str
    hour: str | None = None


class TimeField(_Part):
    """Where the time stands and what it labels."""

    column: str | None = None
    format: str = "iso"
    """``iso``, ``epoch`` (seconds since 1970) or a pattern of ``strptime``."""
    clock: str | None = Field(default=None, exclude_if=_unsaid)
    """Column of the time of day, where ``column`` holds the date alone."""
    clock_missing: str | None = Field(default=None, exclude_if=_unsaid)
    """Time of day where that column is empty; none: such rows are rejected."""
    parts: Parts | None = None
    zone: str | None = None
    """Of times without an offset; none: an offset is needed."""
    summer_time: bool = Field(default=False, exclude_if=_unsaid)
    """Times follow the clocks of the zone through summer time; otherwise its standard time all year."""
    label: Literal["start", "end"] = "start"
    note: str = ""
    """How it is known: from the source, or declared."""

    @model_validator(mode="after")
    def _one_way(self) -> TimeField:
        if (self.column is None) == (self.parts is None):
            raise ValueError("give either column or parts")
        if self.parts is not None and self.zone is None:
            raise ValueError("a time from parts needs a zone")
        if self.zone is not None:
            Zone.parse(self.zone)
        if self.clock is not None and (self.column is None or self.format == "epoch"):
            raise ValueError("a clock stands beside a column of dates")
        if self.clock_missing is not None and self.clock is None:
            raise ValueError("clock_missing needs a clock")
        if self.summer_time and "/" not in (self.zone or ""):
            raise ValueError("summer_time needs a zone that has it, such as Europe/London")
        return self


class Column(_Part):
    """One column of a wide table."""

    name: str
    quantity: str
    unit: str
    statistic: str = "mean"
    station: str | None = None
    optional: bool = False
    below: str | None = Field(default=None, exclude_if=_unsaid)
    """Column that is true where the value is a detection limit the true one lies below."""
    daily: bool = Field(default=False, exclude_if=_unsaid)
    """A figure of the whole natural day, whatever time of day the row has."""


class Fields(_Part):
    """Columns of a long table; the last three may be absent from the file."""

    quantity: str = "quantity"
    period: str = "period"
    value: str = "value"
    unit: str = "unit"
    statistic: str = "statistic"
    qualifier: str = "qualifier"
    flag: str = "flag"


class State(_Part):
    """Reference state of mixing ratios. [K], [hPa]"""

    temperature: Decimal
    pressure: Decimal = "1013.25"


class Mapping(_Part):
    """How to read one kind of file.

    Raises
    ------
    pydantic.ValidationError
        A key is unknown or missing, a unit does not fit its quantity.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: Text
    layout: Literal["wide", "long"]
    time: TimeField
    station: StationField = StationField()
    period: str | None = None
    missing: tuple[str, ...] = ("", "NA")
    decimal_mark: Literal[".", ","] = "."
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    status: Literal["provisional", "validated"] = "provisional"
    reference_state: State | None = None
    columns: tuple[Column, ...] = ()
    fields: Fields | None = None
    unused: tuple[str, ...] = ()
    """Columns of such files that are known and not read; others are named in the report."""

    @model_validator(mode="after")
    def _whole(self) -> Mapping:
        if self.layout == "wide":
            if not self.columns or self.fields is not None or self.period is None:
                raise ValueError("a wide layout needs columns and a period, and has no fields")
            for column in self.columns:
                ticks_per(quantity(column.quantity), column.unit, self.state)
            own = all(column.station is not None for column in self.columns)
            if self.station == StationField() and not own:
                raise ValueError("say where the station stands: station.column, station.fixed or one per column")
        elif self.fields is None or self.columns or self.period is not None:
            raise ValueError("a long layout needs fields, and has neither columns nor a period")
        if self.period is not None:
            seconds(self.period)
        return self

    @property
    def state(self) -> ReferenceState | None:
        """The reference state of mixing ratios, if one is declared."""
        if self.reference_state is None:
            return None
        return ReferenceState(Fraction(self.reference_state.temperature), Fraction(self.reference_state.pressure))

    def to_bytes(self) -> bytes:
        """Canonical JSON, as a shed records it."""
        return json.dumps(
            self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        ).encode()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes, in hexadecimal."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    @property
    def version(self) -> str:
        """Name and edition in one word, as readings carry it: ``prsa@1f3a…``."""
        return f"{self.id}@{self.digest[:12]}"


@cache
def mappings() -> dict[str, Mapping]:
    """The mappings we ship, by id."""
    folder = resources.files("commonshed.observe").joinpath("mappings")
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name)
    shipped = [_parse(entry.read_text("utf-8"), entry.name) for entry in files]
    return {mapping.id: mapping for mapping in shipped}


def load_mapping(name: str | Path | Mapping, *, zone: str | None = None, station: str | None = None) -> Mapping:
    """A mapping we ship, or one from a file.

    Parameters
    ----------
    name : str, Path or Mapping
        ``prsa``, ``openair``, ``five-cities``, ``thames``, ``long``; or the path of a TOML file.
    zone : str, optional
        Zone of times that carry no offset, in place of the mapping's.
    station : str, optional
        The one station the file is about, in place of the mapping's.

    Raises
    ------
    UnknownName
        No such mapping is shipped.
    InputError
        The file is no mapping; names the field and what is wrong with it.
    """
    mapping = name if isinstance(name, Mapping) else _found(str(name))
    if zone is None and station is None:
        return mapping
    changes = mapping.model_dump()
    if zone is not None:
        changes["time"]["zone"] = zone
    if station is not None:
        changes["station"] = {"fixed": station}
    return _validated(changes, mapping.id)


def _found(name: str) -> Mapping:
    if name in mappings():
        return mappings()[name]
    path = Path(name)
    if path.suffix != ".toml" and not path.is_file():
        raise UnknownName("mapping", name, mappings())
    try:
        return _parse(path.read_text("utf-8"), name)
    except FileNotFoundError:
        raise InputError("there is no such file", file=path, mend="Check the path") from None
    except UnicodeDecodeError:
        raise InputError("a mapping is written in UTF-8", file=path) from None


def _parse(text: str, file: str) -> Mapping:
    try:
        return _validated(tomllib.loads(text), file)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"this is not TOML: {error}", file=file) from None


def _validated(content: dict[str, object], file: str) -> Mapping:
    try:
        return Mapping.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(step) for step in first["loc"]) or None
        problem = first["msg"].removeprefix("Value error, ")
        mend = "Keys are listed in docs/formats/mappings.md" if first["type"] == "extra_forbidden" else None
        raise InputError(f"this mapping cannot be used: {problem}", file=file, field=field, mend=mend) from None
    except (InputError, PeriodError) as error:
        raise InputError(f"this mapping cannot be used: {error}", file=file) from None
