"""What every part of a plan asks for: the places of one response, their names, peaks and times on their clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from commonshed.attribute.river.response import Measure, Response
from commonshed.attribute.river.spill import Arrival
from commonshed.disclose.river.wording import clock, duration, figure, said
from commonshed.disclose.words import Both, Words

__all__ = ["NOTHING", "Place", "Scene", "seen"]

NOTHING = Both("–", "–")


@dataclass(frozen=True)
class Place:
    """Watched marks that stand at one point of the river: a section and a border are told once."""

    arrival: Arrival
    name: Both
    kinds: tuple[str, ...]
    ids: tuple[str, ...]


class Scene:
    """One response, told in the languages of a page.

    Parameters
    ----------
    response : Response
    words : Words
    """

    def __init__(self, response: Response, words: Words) -> None:
        self.response, self.words = response, words
        self.setting, self.scenario = response.setting, response.setting.scenario
        self.substance = self.scenario.substance
        self.zone_info = self.scenario.clock
        self.kind, self.unit = self.scenario.kind, self.substance.unit
        self.name, self.label = Both.of(self.scenario.name), said("plan.label").get(words.languages[0])
        self.banded = any(arrival.arrival_band is not None for arrival in response.arrivals)
        self.threshold = figure(self.substance.threshold)

    @property
    def zone(self) -> Both:
        """Whose clock the times are on."""
        offset = f"{self.start:%z}"
        name = f"UTC{offset[:3]}:{offset[3:5]}"
        return Both(name, name)

    @property
    def start(self) -> datetime:
        """When it was spilled, on the clock of the place."""
        return self.scenario.at.astimezone(self.zone_info)

    @cached_property
    def places(self) -> list[Place]:
        """The watched places from near to far, marks at one point together."""
        found: dict[tuple[float, float], list[Arrival]] = {}
        for arrival in self.response.arrivals:
            found.setdefault((arrival.distance or 0.0, arrival.peak), []).append(arrival)
        return [self._place(group) for group in found.values()]

    def _place(self, group: list[Arrival]) -> Place:
        group = sorted(group, key=lambda arrival: arrival.kind == "border")
        kinds = tuple(dict.fromkeys(arrival.kind for arrival in group))
        return Place(group[0], self.name_of(group[0].at), kinds, tuple(arrival.at for arrival in group))

    @cached_property
    def at_risk(self) -> list[Place]:
        """Intakes and towns; where none is watched every place."""
        own = [place for place in self.places if {"intake", "town"} & set(place.kinds)]
        return own or self.places

    @property
    def first(self) -> Place | None:
        """The first place at risk that is reached."""
        return next((place for place in self.at_risk if place.arrival.reached), None)

    @property
    def able(self) -> list[Measure]:
        """The points that can act, in their order."""
        return [measure for measure in self.response.measures if measure.rank is not None]

    @property
    def members(self) -> int:
        """Runs that made the bands."""
        told = self.response.forecast.ensemble
        return 0 if told is None else len(told.arrival)

    @property
    def mass(self) -> Both:
        """All that was spilled."""
        return said("plan.mass", n=f"{self.scenario.release.kilograms:,.6g}")

    def peak(self, arrival: Arrival) -> float:
        """The peak when nobody acts. [unit of the scenario]"""
        return arrival.peak * self.substance.per_gram_per_cubic_metre

    def acting(self, place: Place) -> float:
        """The peak when all that can act do. [unit of the scenario]"""
        return self.peak(self.response.after.get(place.arrival.at, place.arrival))

    def name_of(self, id: str) -> Both:
        """The name of a mark or node."""
        return Both.of(self.setting.name(id))

    def clock(self, hours: float | None) -> Both:
        """An hour after the release on the clock of the place; with its day where that is another than the spill's."""
        if hours is None:
            return NOTHING
        at = self.scenario.at + timedelta(minutes=round(hours * 60))
        return clock(at, self.zone_info, beside=self.scenario.at)

    def clock_or(self, hours: float | None, otherwise: Both) -> Both:
        """An hour on the clock, or what stands in its place."""
        return otherwise if hours is None else self.clock(hours)

    def unreached(self, arrival: Arrival, key: str, **more: Both) -> Both:
        """Why there is no arrival: it stays below, or it is still on its way when the forecast ends."""
        if seen(arrival):
            return said(f"{key}below", **more)
        hours = duration(self.scenario.hours)
        return said(f"{key}not_yet", hours=hours, **more)


def seen(arrival: Arrival) -> bool:
    """Whether its peak lies within the forecast."""
    return arrival.reached or arrival.peak_time is not None
