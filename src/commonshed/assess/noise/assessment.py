"""Noise of points and of cities over a stretch of time, by the law named or in force there and then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from commonshed.assess.layers import layers_of
from commonshed.assess.noise.places import jurisdictions_of, points_of
from commonshed.assess.noise.points import PointLevel, point_level
from commonshed.assess.noise.records import Record, station_record, survey_record
from commonshed.assess.noise.sounds import Sounds, sounds_between
from commonshed.assess.source import Source
from commonshed.errors import InputError, NotCovered
from commonshed.periods import Period, UnitOfTime
from commonshed.places import Network, Station
from commonshed.standards import Edition, Regime, regime_for
from commonshed.standards import regime as regime_of
from commonshed.standards.noise import NoiseDay

__all__ = ["By", "NoiseAssessment", "noise"]

By = Literal["station", "jurisdiction"]


@dataclass(frozen=True, eq=False)
class NoiseAssessment:
    """What was heard, and by which law it is judged.

    Attributes
    ----------
    network : Network
    points : tuple of Station
    by : {"station", "jurisdiction"}
    period : Period
    units : tuple of Period
        What the period is split into.
    named : Regime or None
        The law somebody named.
    layers : tuple of Edition
        Stricter local editions of the source.
    sounds : Sounds
    """

    network: Network
    points: tuple[Station, ...]
    by: By
    period: Period
    units: tuple[Period, ...]
    named: Regime | None
    layers: tuple[Edition, ...]
    sounds: Sounds

    @cached_property
    def not_graded(self) -> list[str]:
        """Sentences on what was left out."""
        if not self.sounds.astride:
            return []
        return [
            f"readings of {self.period} that reach over the end of day or night, not graded: {self.sounds.astride:,}"
        ]

    def records(self) -> Iterator[Record]:
        """Records, place by place and unit by unit.

        Raises
        ------
        NotCovered
            No law is named and none governs a place then.
        PlacesError
            Jurisdictions are asked for and there is none; a road has no length.
        """
        return self._of_stations() if self.by == "station" else self._of_jurisdictions()

    def _of_stations(self) -> Iterator[Record]:
        for station in self.points:
            for unit in self.units:
                law = self._law(station.jurisdiction, unit, station.id)
                yield station_record(station, self._levels(station, law, unit), law, unit)

    def _of_jurisdictions(self) -> Iterator[Record]:
        for code, points in jurisdictions_of(self.network, self.points).items():
            for unit in self.units:
                law = self._law(code, unit, code)
                assert law.noise is not None
                for survey in law.noise.surveys:
                    levels = {
                        point.id: self._levels(point, self._law(point.jurisdiction, unit, point.id), unit)
                        for point in points
                        if point.survey == survey.survey
                    }
                    if levels:
                        yield survey_record(self.network.jurisdiction(code), survey, levels, law, unit)

    def _levels(self, station: Station, law: Regime, unit: Period) -> list[PointLevel]:
        return [point_level(self.sounds, station, part, law, unit) for part in _day_of(law).day_parts]

    def _law(self, place: str | None, unit: Period, whose: str) -> Regime:
        if self.named is None and place is None:
            raise NotCovered(
                f"{whose} lies in no jurisdiction, so nobody can say which law governs it. "
                "Give the stations' table an adcode column, or name the law: --regime cn-noise"
            )
        law = self.named or regime_for(unit.last, place or "", "noise")
        return law.layered(self.layers, place) if place else law


def noise(
    source: Source,
    *,
    period: Period | str,
    by: By = "station",
    regime: Regime | str | None = None,
    unit_of_time: UnitOfTime | None = None,
    stations: Sequence[str] | None = None,
    as_of: int | None = None,
) -> NoiseAssessment:
    """Assess noise: levels of day and night, limits of the zones, grades of areas and roads.

    Parameters
    ----------
    source : Source
        A shed, or readings in memory: quantity ``leq``, statistic ``leq`` (or ``mean``), and ``max`` for the peaks.
    period : Period or str
    by : {"station", "jurisdiction"}
        A record for each point, or for each survey of each jurisdiction.
    regime : Regime or str, optional
        Without it the law in force in each place on the last day of each unit of time.
    unit_of_time : {"day", "month", "quarter", "year"}, optional
        What the period is split into; without it one unit.
    stations : sequence of str, optional
        Only these points.
    as_of : int, optional
        Size of the shed's log.

    Raises
    ------
    UnknownName
        There is no such regime or station.
    InputError
        The regime grades no noise.
    NotCovered
        No law is named and none governs noise there then.

    References
    ----------
    GB 3096-2008; HJ 640-2012.
    """
    span = Period.parse(period) if isinstance(period, str) else period
    named = regime_of(regime) if isinstance(regime, str) else regime
    if named is not None:
        _day_of(named)
    units = tuple(span.split(unit_of_time)) if unit_of_time else (span,)
    network = source.network(as_of)
    heard = Period(units[0].first, units[-1].last)
    hours = _day_of(named or _any_law(network, heard))
    sounds = sounds_between(source, heard, hours.day_parts, stations=stations, as_of=as_of)
    points = tuple(points_of(network, sounds, stations))
    return NoiseAssessment(network, points, by, span, units, named, tuple(layers_of(source, as_of)), sounds)


def _any_law(network: Network, period: Period) -> Regime:
    """A law of noise of one of the places: it says where day ends and night begins."""
    places = dict.fromkeys(held.jurisdiction for held in network.stations.values() if held.jurisdiction is not None)
    for place in places:
        return regime_for(period.last, place, "noise")
    raise NotCovered(
        "no station lies in a jurisdiction, so nobody can say which law governs it. "
        "Give the stations' table an adcode column, or name the law: --regime cn-noise"
    )


def _day_of(regime: Regime) -> NoiseDay:
    if regime.noise_day is None or regime.noise is None:
        raise InputError(
            f"{regime.id} grades {regime.medium}, not noise",
            field="regime",
            value=regime.id,
            mend="Name a law of noise, such as cn-noise; commonshed standards list --medium noise shows them",
        )
    return regime.noise_day
