"""The form in which a law of environmental noise is written down: from sound levels to zones met and grades."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from commonshed.exact import Rounding
from commonshed.standards.parts import Clause, Exact, Part, Text

__all__ = ["DayPart", "NightPeak", "NoiseGrade", "NoiseMethod", "NoiseSurvey"]


class DayPart(Part):
    """A part of the day with limits of its own."""

    key: Literal["day", "evening", "night"]
    """The ``of`` of its limits."""
    first_hour: int
    """Begins at this hour of the day."""
    last_hour: int
    """Ends at this hour; smaller than ``first_hour`` when it runs over midnight."""
    clause: Clause
    provenance: str


class NightPeak(Part):
    """How far a sudden noise at night may pass the limit."""

    above: Exact
    """[dB]"""
    clause: Clause
    provenance: str


class NoiseGrade(Part):
    """One grade; a value up to ``up_to`` has it. None: everything above."""

    level: int
    up_to: dict[str, Exact | None]
    """By part of the day."""
    name: Text
    provenance: str


class NoiseSurvey(Part):
    """How the points of one survey become one grade."""

    survey: Literal["area", "road", "functional-zone"]
    mean: Literal["arithmetic", "road-length", "share-met"]
    grades: tuple[NoiseGrade, ...] = ()
    mean_provenance: str
    clause: Clause
    provenance: str


class NoiseMethod(Part):
    """How hourly sound levels become those of day and night, and points become grades.

    Limits stand in the edition: quantity ``leq``, ``of`` ``day`` or ``night``, levels the zone classes.
    """

    day_parts: tuple[DayPart, ...] = ()
    night_peak: NightPeak | None = None
    surveys: tuple[NoiseSurvey, ...] = ()
    min_hours: dict[str, int] = Field(default_factory=dict)
    """Fewest hours of each part of the day."""
    decimals: int
    rounding: Rounding = "half-even"
    decimals_provenance: str
    clause: Clause
    provenance: str
