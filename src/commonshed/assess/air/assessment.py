"""The one question of this package: what does the law say of the air of these places in this period?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from commonshed.assess.air.against import Conversion, measured_state
from commonshed.assess.air.arranged import covering, nothing, of_places
from commonshed.assess.air.days import DayGrades, grade_days
from commonshed.assess.air.hour_counts import HourCounts, counts_hours, hours_above
from commonshed.assess.air.hours import HourGrades, grade_hours
from commonshed.assess.air.laws import by_law, chosen
from commonshed.assess.air.notes import notes
from commonshed.assess.air.periods import PeriodGrades, assess_period
from commonshed.assess.air.places import place_days
from commonshed.assess.air.plan import plan
from commonshed.assess.air.ranking import UNRANKED, ranks
from commonshed.assess.air.realtime import HourPart, hour_records, place_blocks
from commonshed.assess.air.records import (
    Law,
    Ranking,
    Record,
    day_grades,
    day_records,
    period_grade,
    period_records,
    ranked,
)
from commonshed.assess.air.sources import AirSource, not_graded
from commonshed.assess.air.whose import By, Places, places_of
from commonshed.assess.layers import layers_of
from commonshed.compute import Executor
from commonshed.errors import InputError
from commonshed.keep import Shed
from commonshed.periods import Period, UnitOfTime, Zone
from commonshed.standards import Regime
from commonshed.units import quantities

__all__ = ["AirAssessment", "Part", "air", "default_unit"]

Unit = UnitOfTime | Literal["span"]


@dataclass(frozen=True, eq=False)
class Beside:
    """A part set beside another regime.

    Attributes
    ----------
    regime : Regime
    conversion : Conversion
    converted, as_measured : DayGrades
        With the gases at the other regime's reference state, and as they are.
    hours_converted, hours_as_measured : HourCounts or None
        Hours above limits, where the other regime counts them.
    """

    regime: Regime
    conversion: Conversion
    converted: DayGrades
    as_measured: DayGrades
    hours_converted: HourCounts | None = None
    hours_as_measured: HourCounts | None = None

    def periods(self, unit: Period) -> list[PeriodGrades]:
        """A unit of time, with the gases converted and as measured."""
        converted = _assessed(self.converted, unit, self.hours_converted)
        if self.as_measured is self.converted:
            return [converted, converted]
        return [converted, _assessed(self.as_measured, unit, self.hours_as_measured)]

    def factors(self, unit: Period) -> list[Fraction]:
        """What gases were multiplied by within a unit of time."""
        return self.conversion.factors(unit)

    def why(self, unit: Period) -> str:
        """Why they were, and why nothing else was."""
        return self.conversion.why(unit)


@dataclass(frozen=True, eq=False)
class Part:
    """Places and units of time that one regime grades.

    Attributes
    ----------
    regime : Regime
    places : Places
    units : tuple of Period
    days : DayGrades
        Of the places, over all units and one year before (for the changes).
    beside : Beside or None
    hours : HourCounts or None
        Hours above limits, where the regime counts them.
    """

    regime: Regime
    places: Places
    units: tuple[Period, ...]
    days: DayGrades
    beside: Beside | None
    hours: HourCounts | None = None

    @cached_property
    def periods(self) -> tuple[PeriodGrades, ...]:
        """The units of time, assessed."""
        return tuple(_assessed(self.days, unit, self.hours) for unit in self.units)

    @cached_property
    def before(self) -> tuple[PeriodGrades | None, ...]:
        """The same one year before; None where nothing is known of that year."""
        return tuple(_known(assess_period(self.days, unit.year_before())) for unit in self.units)


@dataclass(frozen=True, eq=False)
class AirAssessment:
    """What the law says of the air of some places.

    Attributes
    ----------
    period : Period
    unit_of_time : str
    parts : tuple of Part
        One for each regime: mostly one. Empty for hours.
    hours : tuple of HourPart
        The same for hours.
    not_graded : tuple of str
        Sentences on readings of the period that could not be graded at all; also among the notes of each record.
    """

    period: Period
    unit_of_time: Unit
    parts: tuple[Part, ...]
    hours: tuple[HourPart, ...] = ()
    not_graded: tuple[str, ...] = ()

    def records(self) -> Iterator[Record]:
        """The records, made one at a time: see ``docs/formats/assessment-records.md``."""
        for record in self._records():
            if self.not_graded:
                record["notes"] = [*record["notes"], *self.not_graded]
            yield record

    def _records(self) -> Iterator[Record]:
        for hours in self.hours:
            yield from hour_records(hours)
        for part in self.parts:
            yield from _day_part(part) if self.unit_of_time == "day" else _period_part(part)


def air(
    source: AirSource,
    *,
    period: Period | str,
    by: By = "station",
    regime: Regime | str | None = None,
    unit_of_time: Unit | None = None,
    against: Regime | str | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    level: str | None = None,
    executor: Executor | None = None,
    as_of: int | None = None,
) -> AirAssessment:
    """Assess the air of stations, jurisdictions or groups.

    Parameters
    ----------
    source : AirSource
        A `Shed`, or `Readings` in memory.
    period : Period or str
        Such as ``2016``, ``2016-Q1`` or ``2014..2016``.
    by : {"station", "jurisdiction", "group"}
    regime : Regime or str, optional
        Without it the law in force in each place at the end of each unit of time. A regime named explicitly applies
        to any date, and the records say whether it was in force.
    unit_of_time : str, optional
        What the period is split into; without it see `default_unit`.
    against : Regime or str, optional
        Sets each result beside another regime.
    groups : dict of str to list of str, optional
        Stations of each group.
    level : str, optional
        Level of the limits, such as ``I``; without it the regime's own.
    executor : Executor, optional
    as_of : int, optional
        Size of the shed's log: what was known then.

    Returns
    -------
    AirAssessment

    Raises
    ------
    NotCovered
        No regime is named and none governs a place then.
    InputError
        A name, a period or a combination of them cannot be used.
    """
    span = Period.parse(period) if isinstance(period, str) else period
    unit = unit_of_time or default_unit(span)
    units = [span] if unit == "span" else span.split(unit)
    network = source.network(as_of)
    places = places_of(network, by, groups)
    named = chosen(regime, level)
    beside = chosen(against, None)
    work = _Work(source, executor, as_of)
    laws = list(by_law(places, units, named, level, layers_of(source, as_of)))
    if unit == "hour":
        if beside is not None:
            raise InputError("hours are not set beside another regime", mend="Ask for days: --unit-of-time day")
        by_hour = tuple(_hour_part(work, network.zone, *held) for held in laws)
        return AirAssessment(span, unit, (), by_hour, _not_graded(work, laws, span, "hour"))
    parts = tuple(_part(work, law, of, tuple(stretch), beside, by_day=unit == "day") for law, of, stretch in laws)
    return AirAssessment(span, unit, parts, not_graded=_not_graded(work, laws, span, "day"))


def default_unit(period: Period) -> Unit:
    """The unit a period is split into when nobody says: its own, and for a span the largest it is made of."""
    if period.unit != "span":
        return period.unit
    if period.first == date(period.first.year, 1, 1) and period.last == date(period.last.year, 12, 31):
        return "year"
    first, last = period.months()[0], period.months()[-1]
    whole = period.first == Period.month(*first).first and period.last == Period.month(*last).last
    return "month" if whole else "day"


@dataclass(frozen=True)
class _Work:
    """What every grading of one assessment shares."""

    source: AirSource
    executor: Executor | None
    as_of: int | None

    def days(
        self, regime: Regime, places: Places, period: Period, gas_factor: Callable[[date], Fraction] | None = None
    ) -> DayGrades:
        needed = list(dict.fromkeys(statistic.quantity for statistic in regime.statistics("day")))
        blocks = self.source.blocks(needed, plan(regime).reached(period), self.as_of)
        if not blocks:
            days = nothing(regime, period)
        else:
            days = grade_days(blocks, regime, executor=self.executor, cache=self._cache(), gas_factor=gas_factor)
        if places.members is None:
            return covering(of_places(days, [place.id for place in places.places]), period)
        members = {place.id: places.members[place.id] for place in places.places}
        return covering(place_days(days, members, regime), period)

    def hours(
        self, regime: Regime, places: Places, period: Period, gas_factor: Callable[[date], Fraction] | None = None
    ) -> HourGrades | None:
        """Hours of a period, None without any reading; running means reach into the day before."""
        needed = list(dict.fromkeys(statistic.quantity for statistic in regime.statistics("hour")))
        blocks = self.source.blocks(needed, Period(period.first - timedelta(days=1), period.last), self.as_of)
        if places.members is not None:
            blocks = place_blocks(blocks, {place.id: places.members[place.id] for place in places.places}, regime)
        return grade_hours(blocks, regime, executor=self.executor, gas_factor=gas_factor) if blocks else None

    def hour_counts(
        self, regime: Regime, places: Places, period: Period, gas_factor: Callable[[date], Fraction] | None = None
    ) -> HourCounts | None:
        """Hours above limits of a law that counts them; it judges stations, so there are none of places."""
        if places.members is not None or not counts_hours(regime):
            return None
        hours = self.hours(regime, places, period, gas_factor)
        return None if hours is None else hours_above(hours, [place.id for place in places.places], period)

    def _cache(self) -> Path | None:
        return self.source.path / "blocks" / "grades" if isinstance(self.source, Shed) and self.as_of is None else None


def _part(
    work: _Work, regime: Regime, places: Places, units: tuple[Period, ...], other: Regime | None, *, by_day: bool
) -> Part:
    own = Period(min(unit.first for unit in units), max(unit.last for unit in units))
    graded = own if by_day else Period(min(unit.year_before().first for unit in units), own.last)
    days = work.days(regime, places, graded)
    hours = None if by_day else work.hour_counts(regime, places, own)
    if other is None:
        return Part(regime, places, units, days, None, hours)
    convert = Conversion(regime, other, places.places[0].law)
    as_measured = work.days(other, places, own)
    hours_as_measured = None if by_day else work.hour_counts(other, places, own)
    if convert.factors(own) == [1]:
        beside = Beside(other, convert, as_measured, as_measured, hours_as_measured, hours_as_measured)
    else:
        converted = work.days(other, places, own, convert.factor)
        hours_converted = None if by_day else work.hour_counts(other, places, own, convert.factor)
        beside = Beside(other, convert, converted, as_measured, hours_converted, hours_as_measured)
    return Part(regime, places, units, days, beside, hours)


def _not_graded(
    work: _Work, laws: Sequence[tuple[Regime, Places, list[Period]]], span: Period, time: Literal["day", "hour"]
) -> tuple[str, ...]:
    wanted = dict.fromkeys(statistic.quantity for law, _, _ in laws for statistic in law.statistics(time))
    return tuple(not_graded(work.source, list(wanted), span, work.as_of))


def _assessed(days: DayGrades, unit: Period, hours: HourCounts | None) -> PeriodGrades:
    return assess_period(days, unit, hour_counts=None if hours is None else hours.of(unit))


def _hour_part(work: _Work, zone: Zone, regime: Regime, places: Places, units: list[Period]) -> HourPart:
    period = Period(units[0].first, units[-1].last)
    return HourPart(regime, places, period, work.hours(regime, places, period), zone)


def _known(grades: PeriodGrades) -> PeriodGrades | None:
    return grades if any(days.any() for days in grades.valid_days.values()) else None


def _day_part(part: Part) -> Iterator[Record]:
    law = Law(part.regime)
    for unit in _merged(part.units):
        own = day_records(part.days, unit, part.places.places, law=law, notes=notes(part, unit, by_day=True))
        if part.beside is None:
            yield from own
            continue
        other, said = Law(part.beside.regime), _Said(part.beside)
        columns = zip(
            own, day_grades(part.beside.converted, unit), day_grades(part.beside.as_measured, unit), strict=True
        )
        for record, converted, as_measured in columns:
            day = Period.parse(record["period"])
            record["against"] = said.of(other, day, converted, as_measured)
            yield record


def _merged(units: Sequence[Period]) -> list[Period]:
    """Consecutive days as one stretch: records go place by place."""
    stretches: list[Period] = []
    for unit in units:
        if stretches and (unit.first - stretches[-1].last).days == 1:
            stretches[-1] = Period(stretches[-1].first, unit.last)
        else:
            stretches.append(unit)
    return stretches


def _period_part(part: Part) -> Iterator[Record]:
    law = Law(part.regime)
    for number, (unit, grades, before) in enumerate(zip(part.units, part.periods, part.before, strict=True)):
        own = period_records(
            grades,
            part.places.places,
            before=before,
            ranking=_ranking(part.places, grades, before),
            incomparable=_incomparable(part, unit),
            notes=notes(part, unit),
            law=law,
        )
        yield from own if part.beside is None else _beside(part, part.beside, number, own)


def _beside(part: Part, beside: Beside, number: int, own: Iterator[Record]) -> Iterator[Record]:
    unit, law, said = part.units[number], Law(beside.regime), _Said(beside)
    columns = [(grades, _ranking(part.places, grades, None)) for grades in beside.periods(unit)]
    for row, record in enumerate(own):
        converted, as_measured = (period_grade(grades, row) | ranked(ranking, row) for grades, ranking in columns)
        record["against"] = said.of(law, unit, converted, as_measured)
        yield record


class _Said:
    """What is said of a comparison: the same sentence for every place of a unit of time."""

    def __init__(self, beside: Beside) -> None:
        self._beside = beside
        self._of: dict[Period, Record] = {}

    def of(self, law: Law, unit: Period, converted: Record, as_measured: Record) -> Record:
        """The field ``against`` of a record."""
        if unit not in self._of:
            factors = [str(factor) for factor in self._beside.factors(unit)]
            self._of[unit] = law.fields(unit, self._beside.conversion.law) | {
                "factors": factors,
                "why": self._beside.why(unit),
            }
        return self._of[unit] | {"converted": converted, "as_measured": as_measured}


def _ranking(places: Places, grades: PeriodGrades, before: PeriodGrades | None) -> Ranking:
    levels = np.array([place.level for place in places.places], np.int64)
    now = ranks(grades.published_composite(), levels)
    then = None if before is None else ranks(before.published_composite(), levels)
    return Ranking(now, _ranked_of(now, levels), then, None if then is None else _ranked_of(then, levels))


def _ranked_of(found: NDArray[np.int32], levels: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many places of the same level have a rank."""
    return np.bincount(levels, weights=found != UNRANKED, minlength=int(levels.max(initial=0)) + 1).astype(np.int64)[
        levels
    ]


def _incomparable(part: Part, unit: Period) -> frozenset[str]:
    """Gases, when they were not counted at one reference state throughout this period and the one a year before."""
    law, before = part.places.places[0].law, unit.year_before()
    states = {measured_state(law, day, part.regime) for day in (before.first, before.last, unit.first, unit.last)}
    if len(states) == 1:
        return frozenset()
    return frozenset(key for key, held in quantities().items() if held.kind == "gas")
