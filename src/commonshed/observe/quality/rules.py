"""The rules by which readings are flagged: data of one schema, with a digest, so that a shed can say which it used."""

from __future__ import annotations

import hashlib
import json
import tomllib
from datetime import date
from fractions import Fraction
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from commonshed.errors import InputError
from commonshed.exact import round_fraction
from commonshed.observe.mapping import Decimal, Text, seconds
from commonshed.units import quantities, quantity

__all__ = [
    "Before",
    "Cap",
    "Contradiction",
    "Exceeds",
    "FlatLine",
    "Range",
    "Rule",
    "Rules",
    "Sentinel",
    "Spike",
    "load_rules",
    "ticks_of",
]

Flag = Literal["suspect", "invalid"]
Amounts = dict[str, Decimal]
"""An amount for each quantity, in its canonical unit."""


class _Base(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(pattern=r"^[a-z0-9-]+$")
    reason: Text
    why: str = ""


class Declared(_Base):
    """The source itself flags a reading."""

    kind: Literal["declared"]


class Contradiction(_Base):
    """One key, several values in one import."""

    kind: Literal["contradiction"]
    flag: Flag


class UnknownStation(_Base):
    """Refused: no such station in the places."""

    kind: Literal["unknown-station"]
    mend: str


class Before(_Base):
    """Refused: earlier than any measurement."""

    kind: Literal["before"]
    first: date
    mend: str


class Future(_Base):
    """Refused: ends after the import."""

    kind: Literal["future"]
    mend: str


class Sentinel(_Base):
    """Numbers that stand for no reading, compared as received."""

    kind: Literal["sentinel"]
    flag: Flag
    values: tuple[Decimal, ...]


class Range(_Base):
    """Below or above what can be."""

    kind: Literal["range"]
    flag: Flag
    below: Amounts = {}
    above: Amounts = {}


class Cap(_Base):
    """The top of a scale: gets the qualifier ``>``."""

    kind: Literal["cap"]
    flag: Flag
    at: Amounts


class FlatLine(_Base):
    """The same value many times running."""

    kind: Literal["flat-line"]
    flag: Flag
    period: str
    readings: dict[str, int]
    except_up_to: Amounts = {}


class Spike(_Base):
    """Far above both neighbours."""

    kind: Literal["spike"]
    flag: Flag
    period: str
    times: Decimal
    by: Amounts


class Exceeds(_Base):
    """A part larger than its whole, same station, time and statistic."""

    kind: Literal["exceeds"]
    flag: Flag
    larger: str
    smaller: str


Rule = Annotated[
    Declared | Contradiction | UnknownStation | Before | Future | Sentinel | Range | Cap | FlatLine | Spike | Exceeds,
    Field(discriminator="kind"),
]


class RuleFile(BaseModel):
    """One file of rules."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: Text
    medium: str | None = None
    rules: tuple[Rule, ...]

    @model_validator(mode="after")
    def _quantities_exist(self) -> RuleFile:
        for rule in self.rules:
            for name, value in rule:
                if isinstance(value, dict):
                    for key in value:
                        quantity(key)
                if name in ("larger", "smaller"):
                    quantity(str(value))
                if name == "period":
                    seconds(str(value))
        return self


class Rules:
    """Every rule that an import applies, in order; a rule's place is its bit in ``Parcel.reasons``."""

    def __init__(self, files: tuple[RuleFile, ...]) -> None:
        self.files = files
        self.rules: tuple[Rule, ...] = tuple(rule for file in files for rule in file.rules)
        self._media = {rule.key: file.medium for file in files for rule in file.rules}
        keys = [rule.key for rule in self.rules]
        if len(set(keys)) < len(keys) or len(keys) > 32:
            raise InputError("quality rules need keys of their own, 32 at most", field="key", value=", ".join(keys))

    def bit(self, rule: Rule) -> int:
        """The bit of a rule."""
        return 1 << self.rules.index(rule)

    def medium(self, rule: Rule) -> str | None:
        """The medium that the file of a rule is about; none: every medium."""
        return self._media[rule.key]

    def of(self, kind: str) -> list[Rule]:
        """The rules of a kind."""
        return [rule for rule in self.rules if rule.kind == kind]

    def one(self, kind: str) -> Rule:
        """The one rule of a kind that every set of rules has."""
        return self.of(kind)[0]

    def to_bytes(self) -> bytes:
        """Canonical JSON, as a shed records it."""
        content = TypeAdapter(tuple[RuleFile, ...]).dump_python(self.files, mode="json")
        return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes, in hexadecimal."""
        return hashlib.sha256(self.to_bytes()).hexdigest()


def load_rules(*extra: str | Path) -> Rules:
    """The rules we ship for every medium and for each medium we know, then those of further files.

    Raises
    ------
    InputError
        A file holds no such rules; names what is wrong.
    """
    folder = resources.files("commonshed.observe.quality")
    shipped = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    names = ["every.toml", *(name for name in shipped if name != "every.toml")]
    texts = [(name, folder.joinpath(name).read_text("utf-8")) for name in names]
    texts += [(str(path), Path(path).read_text("utf-8")) for path in extra]
    return Rules(tuple(_parse(name, text) for name, text in texts))


def ticks_of(amounts: Amounts) -> dict[str, int]:
    """Amounts in ticks of each quantity."""
    known = quantities()
    return {key: round_fraction(Fraction(text) / known[key].resolution, 0) for key, text in amounts.items()}


def _parse(name: str, text: str) -> RuleFile:
    try:
        return RuleFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"this is not TOML: {error}", file=name) from None
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(step) for step in first["loc"])
        raise InputError(f"these quality rules cannot be used: {first['msg']}", file=name, field=field) from None
