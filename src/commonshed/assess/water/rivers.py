"""The grade of a river, lake or basin from its sections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from commonshed.assess.water.means import mean_of
from commonshed.assess.water.pollutants import exceedance_rates, main_pollutants, main_pollutants_of_many
from commonshed.assess.water.samples import water_quantities
from commonshed.assess.water.scale import Scale
from commonshed.assess.water.sections import SectionGrade
from commonshed.assess.water.trophic import Trophic, trophic_of
from commonshed.assess.water.values import SectionValue, body_of, of_value
from commonshed.exact import decimal_text, round_fraction
from commonshed.standards.parts import Text
from commonshed.standards.water import BasinRow, BasinRule

__all__ = ["Counted", "RiverGrade", "averaged", "counted", "grade_river"]


@dataclass(frozen=True, eq=False)
class Counted:
    """How many sections are of which class.

    Attributes
    ----------
    sections : tuple of SectionGrade
        Those the law lets be assessed.
    not_assessed : tuple of str
        The others.
    scale : Scale
    """

    sections: tuple[SectionGrade, ...]
    not_assessed: tuple[str, ...]
    scale: Scale

    @cached_property
    def by_class(self) -> dict[str, int]:
        """Sections of each class, from the best to the worst."""
        found = Counter(held.graded for held in self.sections)
        return {level: found[level] for level in self.scale.levels}

    def share(self, levels: Sequence[str]) -> Fraction | None:
        """Sections of some classes, as a share of those assessed; None without any."""
        if not self.sections:
            return None
        return Fraction(sum(self.by_class[level] for level in levels), len(self.sections))

    @property
    def rule(self) -> BasinRule | None:
        """How the law grades rivers."""
        return self.scale.method.basin

    @property
    def excellent(self) -> Fraction | None:
        """Share of sections that are good or better."""
        return self.share(self.rule.good) if self.rule else None

    @property
    def inferior(self) -> Fraction | None:
        """Share of sections that meet no class."""
        return self.share([self.scale.method.worse])

    def percent(self, share: Fraction | None) -> str | None:
        """A share as it is published."""
        if share is None:
            return None
        decimals = self.rule.share_decimals if self.rule else 1
        return decimal_text(round_fraction(100 * share, decimals, self.scale.method.rounding), decimals)


@dataclass(frozen=True, eq=False)
class RiverGrade:
    """What the law says of a river, lake or basin.

    Attributes
    ----------
    counted : Counted
    grade : Text or None
        None when the law does not let it be assessed.
    colour : str or None
    row : BasinRow or None
        The row of the law's table that applies; None when it is graded like one section.
    values : dict of str to SectionValue or None
        Means over the sections, where the law grades them like one section.
    level : str or None
        Its class then.
    main_pollutants : list of str
    why_not : str or None
    """

    counted: Counted
    grade: Text | None
    colour: str | None
    row: BasinRow | None
    values: Mapping[str, SectionValue] | None
    level: str | None
    main_pollutants: list[str]
    why_not: str | None
    trophic: Trophic | None = None

    @cached_property
    def exceedance_rates(self) -> dict[str, Fraction]:
        """Of which share of the sections each quantity exceeds."""
        return exceedance_rates([(held.values, held.scale) for held in self.counted.sections])


def counted(grades: Sequence[SectionGrade]) -> Counted:
    """Sections of one law by class; at least one section."""
    valid = tuple(held for held in grades if held.valid)
    return Counted(valid, tuple(held.section.id for held in grades if not held.valid), grades[0].scale)


def grade_river(grades: Sequence[SectionGrade]) -> RiverGrade:
    """Grade the sections of a river or basin together, or the points of a lake.

    Parameters
    ----------
    grades : sequence of SectionGrade
        At least one, all of one law. Those that are not assessed do not count.

    Notes
    -----
    With as many sections as the law asks for, shares of classes make the grade; with fewer, and always for a lake, the
    values are averaged over the sections and graded like one.
    """
    found = counted(grades)
    rule = found.rule
    if rule is None:
        why = f"{found.scale.regime.id} does not grade rivers, only sections"
        return RiverGrade(found, None, None, None, None, None, [], why)
    if not found.sections:
        return RiverGrade(found, None, None, None, None, None, [], "none of its sections is assessed")
    lake = all(body_of(held.section) == "lake" for held in found.sections)
    if lake or len(found.sections) < rule.min_sections:
        return _like_one(found, lake=lake)
    row = _row(rule, found)
    pollutants = main_pollutants_of_many((held.values, held.scale) for held in found.sections)
    good = row is not None and row.good_at_least is not None
    return RiverGrade(
        found, row.name if row else None, row.colour if row else None, row, None, None, [] if good else pollutants, None
    )


def averaged(grades: Sequence[SectionGrade], scale: Scale) -> dict[str, SectionValue]:
    """The mean over sections of their values, quantity by quantity, over those that have it; rounded once."""
    keys = [key for key in water_quantities() if any(key in held.values for held in grades)]
    found = {}
    for quantity in keys:
        held = [grade.values[quantity] for grade in grades if quantity in grade.values]
        value = mean_of([one.value for one in held])
        counts = {"samples": sum(one.samples for one in held), "below": sum(one.below for one in held)}
        found[quantity] = of_value(quantity, value, scale, **counts)
    return found


def _like_one(found: Counted, *, lake: bool) -> RiverGrade:
    scale = next((held.scale for held in found.sections if body_of(held.section) == "river"), found.sections[0].scale)
    values = averaged(found.sections, scale)
    level = scale.worst(one for key in scale.assessed if key in values and (one := values[key].level) is not None)
    named = scale.named(level) if level else None
    law = scale.regime.trophic
    return RiverGrade(
        found,
        named.name if named else None,
        named.colour if named else None,
        None,
        values,
        level,
        main_pollutants(values, scale),
        None,
        trophic_of(law, values) if lake and law else None,
    )


def _row(rule: BasinRule, found: Counted) -> BasinRow | None:
    good, worse = found.excellent, found.inferior
    assert good is not None  # there are sections
    assert worse is not None
    return next((row for row in rule.rows if _applies(row, 100 * good, 100 * worse)), None)


def _applies(row: BasinRow, good: Fraction, worse: Fraction) -> bool:
    return (
        (row.good_at_least is None or good >= row.good_at_least)
        and (row.good_below is None or good < row.good_below)
        and (row.worse_at_least is None or worse >= row.worse_at_least)
        and (row.worse_below is None or worse < row.worse_below)
    )
