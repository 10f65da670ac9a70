"""The assessment's answers, sorted by law, place and year: what the chapters read.

The air is graded once for stations and once for places; days, months and years, under the law of the time and under
the other one, are read from these grades by the assessment's own functions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from commonshed.assess.air import AirAssessment, DayGrades, Part
from commonshed.assess.air.exceedances import exceedances_of_days
from commonshed.assess.air.records import Law, day_records
from commonshed.disclose.report.content import City, Graded, Record
from commonshed.periods import Period

if TYPE_CHECKING:
    from commonshed.assess.air import Place

__all__ = ["AS_MEASURED", "CONVERTED", "OWN", "Answers"]

OWN, CONVERTED, AS_MEASURED = "own", "converted", "as_measured"
"""Ways to grade: by the law asked for; by the other one with gases converted; by the other one as measured."""

By = Literal["station", "jurisdiction"]


class Answers:
    """Records of stations, districts and the city, by treatment and year.

    Parameters
    ----------
    ask : callable of "station" or "jurisdiction" to AirAssessment, by year
    city : City
        The place the report is about; what the shed holds of other places is left out.
    """

    def __init__(self, ask: Callable[[By], AirAssessment], city: City) -> None:
        self.city = city.code
        self._districts = set(city.districts)
        self._stations = {mark.id for mark in city.stations}
        self._found: dict[tuple[str, str, int], list[Record]] = defaultdict(list)
        by: tuple[By, By] = ("station", "jurisdiction")
        for whose in by:
            assessed = ask(whose)
            for part in assessed.parts:
                for treatment, under in _treatments(part):
                    self._keep_periods(treatment, whose, assessed.period, under)
                    if whose == "jurisdiction":
                        self._keep_days(treatment, under)

    def graded(self, treatment: str, year: int) -> Graded:
        """One year under one treatment."""
        places = self._found[treatment, "jurisdiction year", year]
        station_months: dict[str, list[Record]] = defaultdict(list)
        for record in self._found[treatment, "station month", year]:
            station_months[record["station"]].append(record)
        return Graded(
            city=next(record for record in places if record["jurisdiction"] == self.city),
            days=tuple(self._found[treatment, "days", year]),
            months=tuple(
                r for r in self._found[treatment, "jurisdiction month", year] if r["jurisdiction"] == self.city
            ),
            stations=tuple(r for r in self._found[treatment, "station year", year] if r["station"] in self._stations),
            districts=tuple(record for record in places if record["jurisdiction"] in self._districts),
            station_months={station: tuple(months) for station, months in station_months.items()},
            exceedances=tuple(self._found[treatment, "exceedances", year]),
        )

    def _keep_periods(self, treatment: str, whose: By, span: Period, part: Part) -> None:
        months = tuple(month for unit in part.units for month in unit.split("month"))
        self._keep(treatment, f"{whose} year", AirAssessment(span, "year", (part,)).records())
        self._keep(treatment, f"{whose} month", AirAssessment(span, "month", (replace(part, units=months),)).records())

    def _keep_days(self, treatment: str, part: Part) -> None:
        row = part.days.places.index(self.city)
        days, city = _row(part.days, row), [part.places.places[row]]
        span = Period(part.units[0].first, part.units[-1].last)
        self._keep(treatment, "days", _days(days, span, city))
        self._keep(treatment, "exceedances", exceedances_of_days(days, span, city))

    def _keep(self, treatment: str, kind: str, records: Iterator[Record]) -> None:
        for record in records:
            self._found[treatment, kind, int(record["period"][:4])].append(record)


def _treatments(part: Part) -> Iterator[tuple[str, Part]]:
    """A part under the law asked for and, twice, under the other one."""
    yield OWN, replace(part, beside=None)
    if part.beside is not None:
        under = replace(part, regime=part.beside.regime, beside=None)
        yield CONVERTED, replace(under, days=part.beside.converted)
        yield AS_MEASURED, replace(under, days=part.beside.as_measured)


def _days(days: DayGrades, span: Period, places: list[Place]) -> Iterator[Record]:
    law = Law(days.regime)
    for unit in span.split("month"):
        yield from day_records(days, unit, places, law=law)


def _row(days: DayGrades, row: int) -> DayGrades:
    """The grades of one place."""
    only = slice(row, row + 1)
    return replace(
        days,
        places=days.places[only],
        values={key: found[only] for key, found in days.values.items()},
        hours={key: found[only] for key, found in days.hours.items()},
        sub_indices={key: found[only] for key, found in days.sub_indices.items()},
        numerators={},
        denominators={},
        aqi=days.aqi[only],
        level=days.level[only],
        primary=days.primary[only],
        sites=days.sites[only],
    )
