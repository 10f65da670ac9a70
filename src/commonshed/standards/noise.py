"""The form in which a law of environmental noise is written down: from sound levels to zones met and grades.

Limits stand in the edition like those of air: quantity ``leq``, ``of`` a part of the day, its levels the classes of
the functional zones.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from commonshed.exact import Rounding
from commonshed.standards.parts import Clause, Exact, Part, Text

__all__ = ["DayPart", "NightPeak", "NoiseDay", "NoiseGrade", "NoiseMethod", "NoiseSurvey"]


class DayPart(Part):
    """A part of the day with limits of its own."""

    key: Literal["day", "evening", "night"]
    """The ``of`` of its limits."""
    first_hour: int = Field(ge=0, le=23)
    """Begins at this hour of the day."""
    last_hour: int = Field(ge=1, le=24)
    """Ends at this hour; smaller than ``first_hour`` when it runs over midnight."""
    clause: Clause
    provenance: str

    @property
    def hours(self) -> int:
        """How long it is. [h]"""
        return (self.last_hour - self.first_hour) % 24 or 24


class NightPeak(Part):
    """How far a sudden noise at night may pass the limit."""

    above: Exact
    """[dB]"""
    clause: Clause
    provenance: str


class NoiseDay(Part):
    """Into which parts a day falls, and what is asked of its nights besides their mean."""

    day_parts: tuple[DayPart, ...]
    night_peak: NightPeak | None = None
    clause: Clause
    provenance: str
    """Of the rule that hours after midnight belong to the night that began the evening before."""


class NoiseGrade(Part):
    """One grade; a value up to ``up_to`` has it."""

    level: int
    up_to: dict[str, Exact] = Field(default_factory=dict)
    """By part of the day; none: everything above."""
    name: Text
    provenance: str


class NoiseSurvey(Part):
    """How the points of one survey become one grade."""

    survey: Literal["area", "road", "functional-zone"]
    mean: Literal["arithmetic", "road-length", "share-met"]
    grades: tuple[NoiseGrade, ...] = ()
    mean_provenance: str
    min_hours: dict[str, int] = Field(default_factory=dict)
    """Fewest hours of each part of the day; a part without an entry needs one reading."""
    min_hours_provenance: str | None = None
    clause: Clause
    provenance: str


class NoiseMethod(Part):
    """How the levels of points become grades of a place."""

    surveys: tuple[NoiseSurvey, ...]
    decimals: int
    """Of a level, before it is compared. [dB]"""
    rounding: Rounding = "half-even"
    decimals_provenance: str
    rate_decimals: int = 1
    """Of a share met. [%]"""
    clause: Clause
    provenance: str

    def survey(self, name: str) -> NoiseSurvey | None:
        """The rules of one survey, if the method has it."""
        return next((held for held in self.surveys if held.survey == name), None)
