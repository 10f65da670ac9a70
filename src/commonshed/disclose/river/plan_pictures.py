"""The pictures of a plan: the way of the water, the arrivals, the river over time."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.response import Measure
from commonshed.disclose.drawing import names_of
from commonshed.disclose.river.downstream import SPILL, Below, below
from commonshed.disclose.river.pictures import (
    Along,
    Drawn,
    Field,
    Passage,
    Stop,
    arrival_chart,
    can_be_mapped,
    profile_over_time,
    profiles,
    river_map,
    schematic,
)
from commonshed.disclose.river.plan_scene import Place, Scene
from commonshed.disclose.river.wording import duration, figure, said
from commonshed.disclose.words import Both, join

__all__ = ["Pictures"]


class Pictures(Scene):
    """Every picture of a plan with its title and its subtitle."""

    @cached_property
    def map(self) -> Drawn:
        """The way of the water."""
        part = self._below
        stops = {SPILL: Stop(Both.of(self.scenario.place.name), "spill", self._spilled_detail(), strong=True)}
        stops |= {stub: Stop(_joins(reach.name_en, reach.name_zh), "joins") for stub, reach in part.joining.items()}
        stops |= {place.arrival.at: self._stop(place) for place in self.places}
        stops |= {m.point.id: self._point_stop(m) for m in self.response.measures if m.standing != "off the way"}
        names = names_of("river-map")
        if self.mapped:
            held = replace(self.setting.rivers, marks=part.rivers.marks)
            shown = {id: stop for id, stop in stops.items() if id not in part.joining}
            return river_map(self.words, held, shown, hot=part.hot, names=names)
        return schematic(self.words, part.rivers, stops, hot=part.hot, names=names)

    @cached_property
    def _below(self) -> Below:
        return below(self.response)

    @property
    def mapped(self) -> bool:
        """Whether the lines of the rivers are known; else the map is a schematic."""
        return can_be_mapped(self.setting.rivers, self._below.hot)

    def _spilled_detail(self) -> Both:
        return said("plan.map_spill", at=self.clock(0.0), mass=self.mass)

    def _stop(self, place: Place) -> Stop:
        arrival = place.arrival
        shown = next((kind for kind in ("intake", "town", "section", "border") if kind in place.kinds), "section")
        kinds = join([said(f"kind.{kind}") for kind in place.kinds])
        if not arrival.reached:
            return Stop(place.name, shown, self.unreached(arrival, "plan.map_", kind=kinds))
        value = f"{figure(self.peak(arrival))} {self.unit}"
        return Stop(place.name, shown, said("plan.map_stop", kind=kinds, at=self.clock(arrival.arrival)), value=value)

    def _point_stop(self, measure: Measure) -> Stop:
        kind = said(f"kind.{measure.point.kind}")
        standing = said(f"standing.{measure.standing.replace(' ', '_')}")
        detail = said("plan.map_point", kind=kind, standing=standing)
        value = said("plan.map_rank", rank=measure.rank) if measure.rank is not None else None
        return Stop(Both.of(measure.point.name), measure.point.kind, detail, value=value)

    @property
    def map_title(self) -> Both:
        """How far it gets."""
        reached = [place for place in self.places if place.arrival.reached]
        if not reached:
            return said("plan.map_title_none")
        km = figure((reached[-1].arrival.distance or 0) / 1000)
        return said("plan.map_title", place=reached[-1].name, km=km, hours=duration(self.scenario.hours))

    @property
    def map_sub(self) -> Both:
        """What the map is not."""
        return said("plan.map_lines_sub" if self.mapped else "plan.map_sub", unit=self.unit)

    @property
    def map_how(self) -> Both:
        """How the map was made."""
        return said("plan.how_map_lines" if self.mapped else "plan.how_map")

    @cached_property
    def arrivals(self) -> Drawn:
        """The chart of arrivals."""
        passages = [self._passage(place) for place in self.places]
        names = names_of("arrivals")
        return arrival_chart(
            self.words, passages, hours=self.scenario.hours, unit=self.unit, start=self.start, names=names
        )

    def _passage(self, place: Place) -> Passage:
        arrival, factor = place.arrival, self.substance.per_gram_per_cubic_metre
        low, high = arrival.peak_band or (None, None)
        return Passage(
            place.name,
            arrival.arrival,
            arrival.peak_time,
            arrival.passage,
            self.peak(arrival),
            arrival.arrival_band,
            arrival.passage_band,
            None if low is None or high is None else (low * factor, high * factor),
            arrival.likelihood,
        )

    @property
    def arrivals_title(self) -> Both:
        """How much time there is."""
        reached = [place for place in self.places if place.arrival.reached]
        if not reached:
            return said("plan.map_title_none")
        first, last = reached[0].arrival.arrival or 0.0, reached[-1].arrival.arrival or 0.0
        if len(reached) == 1:
            return said("plan.arrivals_title_one", first=duration(first))
        return said("plan.arrivals_title", first=duration(first), last=duration(last))

    @property
    def arrivals_sub(self) -> Both:
        """What the bars are."""
        key = "plan.arrivals_sub" if self.banded else "plan.arrivals_plain"
        return said(key, threshold=self.threshold, unit=self.unit, members=self.members, zone=self.zone)

    @cached_property
    def _field(self) -> tuple[Field, list[Along]]:
        far = self.places[-1].arrival.at if self.places else None
        profile = self.response.forecast.profile(far)
        factor = self.substance.per_gram_per_cubic_metre
        upto = _while_above(profile.concentration * factor, self.substance.threshold)
        values = profile.concentration[:upto] * factor
        field = Field(profile.times[:upto], profile.distances / 1000, values, self.unit, self.substance.threshold)
        return field, [Along(place.name, (place.arrival.distance or 0) / 1000) for place in self.places]

    @cached_property
    def field(self) -> Drawn:
        """The whole field."""
        field, places = self._field
        names = names_of("profile-over-time")
        return profile_over_time(self.words, field, places, start=self.start, names=names)

    @cached_property
    def ridges(self) -> Drawn:
        """The river at six hours."""
        field, places = self._field
        hours = [round(float(field.hours[-1]) * part) for part in (1 / 16, 1 / 8, 1 / 4, 1 / 2, 3 / 4, 1)]
        return profiles(self.words, field, hours, places, names=names_of("profiles"))

    @property
    def field_sub(self) -> Both:
        """What is drawn."""
        return said("plan.field_sub", substance=Both.of(self.substance.called), unit=self.unit)


def _while_above(values: NDArray[np.float64], threshold: float) -> int:
    """How many frames there is something to see: until it is gone, and a little after."""
    above = np.flatnonzero((values >= threshold).any(axis=1))
    return len(values) if not len(above) else min(len(values), max(int(1.05 * above[-1]) + 2, 12))


def _joins(en: str, zh: str) -> Both:
    if not en and not zh:
        return said("plan.joins_unnamed")
    return said("plan.joins", name=Both(en or zh, zh or en))
