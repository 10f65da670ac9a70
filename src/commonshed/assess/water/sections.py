"""The class of a section: the worst of what its quantities are, if there are samples enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from commonshed.assess.water.pollutants import main_pollutants
from commonshed.assess.water.samples import Samples, SampleTable, water_quantities
from commonshed.assess.water.scale import Scale
from commonshed.assess.water.trophic import Trophic, trophic_of
from commonshed.assess.water.values import SectionValue, body_of, scale_for, section_value
from commonshed.periods import Period
from commonshed.places import Station
from commonshed.standards import Regime
from commonshed.standards.water import SampleNeeds

__all__ = ["SectionGrade", "grade_sections"]


@dataclass(frozen=True, eq=False)
class SectionGrade:
    """What the law says of the water at one section in one period.

    Attributes
    ----------
    section : Station
    period : Period
    scale : Scale
    values : dict of str to SectionValue
        Of everything found, assessed or not, in the order of the catalogue.
    level : str or None
        The worst class of the assessed quantities; None without any. It is the section's class only if ``valid``.
    why_not : str or None
        Why the law does not let it be assessed, with the clause.
    days : int
        Days on which something that makes the class was sampled.
    """

    section: Station
    period: Period
    scale: Scale
    values: Mapping[str, SectionValue]
    level: str | None
    why_not: str | None
    days: int

    @property
    def valid(self) -> bool:
        """Whether the law lets it be assessed."""
        return self.why_not is None

    @property
    def graded(self) -> str | None:
        """The class; None when the law does not let it be assessed."""
        return self.level if self.valid else None

    @cached_property
    def deciding(self) -> list[str]:
        """The quantities that are of the worst class, in the law's order."""
        return [key for key in self.scale.assessed if key in self.values and self.values[key].level == self.level]

    @cached_property
    def missing(self) -> list[str]:
        """Assessed quantities without a sample."""
        return [key for key in self.scale.method.assessed if key not in self.values]

    @cached_property
    def main_pollutants(self) -> list[str]:
        """What pollutes it most."""
        return main_pollutants(self.values, self.scale)

    @cached_property
    def target_met(self) -> bool | None:
        """Whether it keeps the class it is to keep; None without a class, or a target that this law has."""
        target = self.section.target
        if target not in self.scale.levels or self.graded is None:
            return None
        return not self.scale.worse_than(self.graded, target)

    @cached_property
    def trophic(self) -> Trophic | None:
        """The trophic state, of a lake under a law that has an index for it."""
        law = self.scale.regime.trophic
        return trophic_of(law, self.values) if law and body_of(self.section) == "lake" else None


def grade_sections(
    table: SampleTable, sections: Sequence[Station], regime: Regime, period: Period
) -> list[SectionGrade]:
    """The grades of sections in a period, in their order; also of those without samples."""
    wanted = {section.id for section in sections}
    by_section: dict[str, dict[str, Samples]] = {}
    for (section, quantity), samples in table.within(period).items():
        if section in wanted:
            by_section.setdefault(section, {})[quantity] = samples
    return [_grade(table, section, by_section.get(section.id, {}), regime, period) for section in sections]


def _grade(
    table: SampleTable, section: Station, found: Mapping[str, Samples], regime: Regime, period: Period
) -> SectionGrade:
    scale = scale_for(section, regime, period)
    values = {key: section_value(key, found[key], scale) for key in water_quantities() if key in found}
    assessed = [key for key in scale.assessed if key in values]
    days = table.days(found[key] for key in assessed)
    levels = [level for key in assessed if (level := values[key].level) is not None]
    why = _why_not(scale, period, assessed, days)
    return SectionGrade(section, period, scale, values, scale.worst(levels), why, len(days))


def _needs_of(scale: Scale, period: Period) -> SampleNeeds | None:
    """How many samples a period needs; None where the law does not say.

    A rolling year needs what a year needs. Any other stretch is held to the largest unit of time it has room for.
    """
    needs = {need.unit_of_time: need for need in scale.method.needs}
    months = len(period.months())
    for unit, least in (("year", 12), ("quarter", 3)):
        if months >= least and unit in needs:
            return needs[unit]
    return needs.get("month")


def _why_not(scale: Scale, period: Period, assessed: Sequence[str], days: set[date]) -> str | None:
    if not assessed:
        return f"no assessed quantity has a sample in {period}"
    needs = _needs_of(scale, period)
    if needs is None:
        return None
    clause = scale.regime.clause(needs)
    years = max(len(period.months()) // 12, 1) if needs.unit_of_time == "year" else 1
    months = {(day.year, day.month) for day in days}
    if needs.samples is not None and len(days) < needs.samples * years:
        return f"{len(days)} of {needs.samples * years} samples ({clause})"
    if needs.months is not None and len(months) < needs.months * years:
        return f"samples in {len(months)} of {needs.months * years} months ({clause})"
    return None
