"""The one question of this package: what does the law say of these waters in this period?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from commonshed.assess.source import Source
from commonshed.assess.water.cities import CityGrade, city_index, ranks_of
from commonshed.assess.water.laws import by_law, local_layers, named_law
from commonshed.assess.water.places import By, Waters, sections_of, waters_of
from commonshed.assess.water.records import Record, city_records, river_records, section_records
from commonshed.assess.water.rivers import RiverGrade, grade_river
from commonshed.assess.water.samples import SampleTable, samples_between
from commonshed.assess.water.sections import SectionGrade, grade_sections
from commonshed.errors import InputError
from commonshed.periods import Period, UnitOfTime
from commonshed.places import Network, Station
from commonshed.standards import Edition, Regime

__all__ = ["WaterAssessment", "WaterPart", "water"]

Unit = UnitOfTime | Literal["span"]


@dataclass(frozen=True, eq=False)
class WaterPart:
    """Sections one law grades in one unit of time, and the same one year before.

    Attributes
    ----------
    regime : Regime
    period : Period
    sections : tuple of SectionGrade
    before : tuple of SectionGrade
        The same sections one year before, by the same law; in the same order.
    waters : Waters or None
        How sections form rivers, basins or jurisdictions; None when each stands for itself.
    """

    regime: Regime
    period: Period
    sections: tuple[SectionGrade, ...]
    before: tuple[SectionGrade, ...]
    waters: Waters | None
    network: Network

    @cached_property
    def rivers(self) -> tuple[RiverGrade, ...]:
        """The grade of each water, in the order of ``waters``."""
        return tuple(grade_river(held) for held in self._members(self.sections))

    @cached_property
    def rivers_before(self) -> tuple[RiverGrade, ...]:
        """The same one year before."""
        return tuple(grade_river(held) for held in self._members(self.before))

    @cached_property
    def cities(self) -> tuple[CityGrade, ...]:
        """The index of each jurisdiction; nothing under a law that has none."""
        return self._cities(self.sections)

    @cached_property
    def cities_before(self) -> tuple[CityGrade, ...]:
        """The same one year before."""
        return self._cities(self.before)

    @cached_property
    def ranks(self) -> list[tuple[int | None, int | None]]:
        """Rank and number of those ranked, among jurisdictions of the same depth in the tree."""
        return self._ranks(self.cities)

    @cached_property
    def ranks_before(self) -> list[tuple[int | None, int | None]]:
        """The same one year before."""
        return self._ranks(self.cities_before)

    def _members(self, grades: Sequence[SectionGrade]) -> Iterator[list[SectionGrade]]:
        assert self.waters is not None
        by_id = {held.section.id: held for held in grades}
        for water in self.waters.waters:
            yield [by_id[id] for id in water.sections if id in by_id]

    def _cities(self, grades: Sequence[SectionGrade]) -> tuple[CityGrade, ...]:
        law = self.regime.city_index
        return () if law is None else tuple(city_index(law, held) for held in self._members(grades))

    def _ranks(self, cities: Sequence[CityGrade]) -> list[tuple[int | None, int | None]]:
        assert self.waters is not None
        levels = [water.level for water in self.waters.waters]
        found: list[tuple[int | None, int | None]] = [(None, None)] * len(levels)
        for level in dict.fromkeys(levels if cities else ()):
            at = [i for i, held in enumerate(levels) if held == level]
            for i, rank in zip(at, ranks_of([cities[i] for i in at]), strict=True):
                found[i] = rank
        return found


@dataclass(frozen=True, eq=False)
class WaterAssessment:
    """What the law says of some waters.

    Attributes
    ----------
    period : Period
    unit_of_time : str
    by : {"section", "river", "basin", "jurisdiction"}
    parts : tuple of WaterPart
        One for each law and unit of time.
    not_graded : tuple of str
        Sentences on readings that could not be graded at all; also among the notes of each record.
    """

    period: Period
    unit_of_time: Unit
    by: By
    parts: tuple[WaterPart, ...]
    not_graded: tuple[str, ...] = ()

    def records(self) -> Iterator[Record]:
        """The records, made one at a time: see ``docs/formats/water-records.md``."""
        for part in self.parts:
            for record in self._of(part):
                record["notes"] = [*record["notes"], *self.not_graded]
                yield record

    def _of(self, part: WaterPart) -> Iterator[Record]:
        if self.by == "section":
            return section_records(part)
        return city_records(part) if self.by == "jurisdiction" else river_records(part)


def water(
    source: Source,
    *,
    period: Period | str,
    by: By = "section",
    regime: Regime | str | None = None,
    unit_of_time: Unit | None = None,
    sections: Sequence[str] | None = None,
    as_of: int | None = None,
) -> WaterAssessment:
    """Assess the water of sections, rivers, basins or jurisdictions.

    Parameters
    ----------
    source : Source
        A `Shed`, or `Readings` in memory.
    period : Period or str
        Such as ``2016-03``, ``2016-Q1``, ``2016`` or ``2014..2016``.
    by : {"section", "river", "basin", "jurisdiction"}
    regime : Regime or str, optional
        Without it the law in force at each section on the last day of each unit of time. A regime named explicitly
        applies to any date, and the records say whether it was in force.
    unit_of_time : str, optional
        What the period is split into; without it its own unit, and for a span the largest it is made of.
    sections : sequence of str, optional
        Only these.
    as_of : int, optional
        Size of the shed's log: what was known then.

    Returns
    -------
    WaterAssessment

    Raises
    ------
    NotCovered
        No regime is named and none governs a section's place then.
    InputError
        A name, a period or a combination of them cannot be used, or all samples lie outside the period.
    """
    span = Period.parse(period) if isinstance(period, str) else period
    unit = unit_of_time or default_unit(span)
    if unit == "hour":
        raise InputError("water is not assessed by the hour", field="unit_of_time", value=unit, mend="Ask for days")
    units = [span] if unit == "span" else span.split(unit)
    named = named_law(regime)
    network = source.network(as_of)
    reached = Period(min(held.year_before().first for held in units), max(held.last for held in units))
    table = samples_between(source, reached, sections=sections, as_of=as_of)
    chosen = sections_of(network, table, sections)
    _check_reached(source, table, units, chosen, as_of)
    work = _Work(table, network, chosen, by, local_layers(source, as_of))
    parts = tuple(part for held in units for part in work.parts(held, named))
    return WaterAssessment(span, unit, by, parts, _not_graded(table, network))


@dataclass(frozen=True)
class _Work:
    """What the grading of every unit of time shares."""

    table: SampleTable
    network: Network
    sections: Sequence[Station]
    by: By
    layers: Sequence[Edition]

    def parts(self, unit: Period, named: Regime | None) -> Iterator[WaterPart]:
        for law, sections in by_law(self.sections, self.network, unit, named, self.layers):
            now, before = (
                tuple(grade_sections(self.table, sections, law, span)) for span in (unit, unit.year_before())
            )
            waters = None if self.by == "section" else waters_of(self.network, self.by, sections)
            yield WaterPart(law, unit, now, before, waters, self.network)


def default_unit(period: Period) -> Unit:
    """The unit a period is split into when nobody says: its own, and for a span the largest it is made of."""
    if period.unit != "span":
        return period.unit
    years = Period(Period.year(period.first.year).first, Period.year(period.last.year).last)
    if period == years:
        return "year"
    months = period.months()
    whole = Period(Period.month(*months[0]).first, Period.month(*months[-1]).last)
    return "month" if period == whole else "span"


def _check_reached(
    source: Source, table: SampleTable, units: Sequence[Period], sections: Sequence[Station], as_of: int | None
) -> None:
    """Where no sample at all lies in the period, say when there are some instead of grading nothing."""
    if any(table.within(unit) for unit in units):
        return
    ever = source.readings(stations=[section.id for section in sections], as_of=as_of)
    asked = f"{units[0]}" if len(units) == 1 else f"{units[0]} to {units[-1]}"
    if not ever.num_rows:
        raise InputError("no sample of water is at hand", mend="Check the sections' ids and the mapping")
    starts = ever["start"].to_numpy()
    first, last = (table.zone.day_of(int(end)).isoformat() for end in (starts.min(), starts.max()))
    raise InputError(
        f"no sample of water lies in {asked}",
        field="period",
        value=asked,
        mend=f"Samples run from {first} to {last}: ask for a period among them",
    )


def _not_graded(table: SampleTable, network: Network) -> tuple[str, ...]:
    others = [
        f"{count:,} readings of {quantity} are no means (statistic {statistic}) and are not graded"
        for (quantity, statistic), count in sorted(table.left_out.items())
    ]
    if table.above_range:
        others.append(f"{table.above_range:,} samples lie above the range of the method and count as its end")
    unknown = sorted({table.sections[number] for number in set(table.section.tolist())} - set(network.stations))
    if unknown:
        others.append(f"samples of sections nobody declared are not graded: {', '.join(unknown)}")
    return tuple(others)
