"""The lines of a plan's tables, as plain data in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from commonshed.disclose.words import Both

__all__ = ["CallRow", "Cell", "Counted", "Fact", "MeasureRow", "PlaceRow", "Tile"]


class Tile(NamedTuple):
    """One figure of the head."""

    name: Both
    figure: Both
    note: Both


class Fact(NamedTuple):
    """What a plan rests on."""

    name: Both
    text: Both


class Cell(NamedTuple):
    """One peak in the table of points."""

    text: str
    above: bool
    changed: bool = False


@dataclass(frozen=True)
class CallRow:
    """One line of the list of calls."""

    by: Both
    role: Both
    what: Both
    late: bool


@dataclass(frozen=True)
class MeasureRow:
    """One response point."""

    rank: int | None
    name: Both
    kind: Both
    standing: Both
    tone: str
    ready: Both
    acts: Both
    stops: str
    after: tuple[Cell, ...]


@dataclass(frozen=True)
class Counted:
    """A place whose peak stands beside each point."""

    name: Both
    peak: str
    above: bool


@dataclass(frozen=True)
class PlaceRow:
    """One place of the timetable."""

    name: Both
    kind: Both
    km: str
    earliest: Both
    arrival: Both
    peak_at: Both
    peak: str
    band: str
    above: bool
    passed: Both
    latest: Both
    acting: str
    acting_band: str
    above_acting: bool
