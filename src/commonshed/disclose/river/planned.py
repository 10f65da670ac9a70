"""What stands in a plan, ready to be laid out: every line of its tables and every picture, in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from commonshed.attribute.river.response import CallLine, Measure, Response, Text, calls
from commonshed.attribute.river.spill import Arrival
from commonshed.disclose.report.words import Both, Words, day_text, join
from commonshed.disclose.river.downstream import SPILL, below
from commonshed.disclose.river.pictures import (
    Along,
    Drawn,
    Field,
    Passage,
    Stop,
    arrival_chart,
    profile_over_time,
    profiles,
    schematic,
)
from commonshed.disclose.river.wording import clock, day_and_clock, duration, figure, said

__all__ = ["Plan"]

_NOTHING = Both("–", "–")
_TONES = {"in time": "verified", "likely in time": "force"}


class Tile(NamedTuple):
    """One figure of the head."""

    name: Both
    figure: Both
    note: Both


class Fact(NamedTuple):
    """What a plan rests on."""

    name: Both
    text: Both


class Cell(NamedTuple):
    """One peak in the table of points."""

    text: str
    above: bool
    changed: bool = False


@dataclass(frozen=True)
class CallRow:
    """One line of the list of calls."""

    by: Both
    role: Both
    what: Both
    late: bool


@dataclass(frozen=True)
class MeasureRow:
    """One response point."""

    rank: int | None
    name: Both
    kind: Both
    standing: Both
    tone: str
    ready: Both
    acts: Both
    stops: str
    after: tuple[Cell, ...]


@dataclass(frozen=True)
class Counted:
    """A place whose peak stands beside each point."""

    name: Both
    peak: str
    above: bool


@dataclass(frozen=True)
class PlaceRow:
    """One place of the timetable."""

    name: Both
    kind: Both
    km: str
    earliest: Both
    arrival: Both
    peak_at: Both
    peak: str
    band: str
    above: bool
    passed: Both
    latest: Both
    acting: str
    above_acting: bool


@dataclass(frozen=True)
class _Place:
    """Watched marks that stand at one point of the river: a section and a border are told once."""

    arrival: Arrival
    name: Both
    kinds: tuple[str, ...]
    ids: tuple[str, ...]


class Plan:
    """One plan, for the template.

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
        self.name, self.label = _both(self.scenario.name), said("plan.label").get(words.languages[0])
        self.banded = any(arrival.arrival_band is not None for arrival in response.arrivals)
        self.threshold = figure(self.substance.threshold)

    @property
    def zone(self) -> Both:
        """Whose clock the times are on."""
        offset = f"{self._start:%z}"
        name = f"UTC{offset[:3]}:{offset[3:5]}"
        return Both(name, name)

    @property
    def _start(self) -> datetime:
        return self.scenario.at.astimezone(self.zone_info)

    @cached_property
    def places(self) -> list[_Place]:
        """The watched places from near to far, marks at one point together."""
        found: dict[tuple[float, float], list[Arrival]] = {}
        for arrival in self.response.arrivals:
            found.setdefault((arrival.distance or 0.0, arrival.peak), []).append(arrival)
        return [self._place(group) for group in found.values()]

    def _place(self, group: list[Arrival]) -> _Place:
        group = sorted(group, key=lambda arrival: arrival.kind == "border")
        kinds = tuple(dict.fromkeys(arrival.kind for arrival in group))
        return _Place(group[0], self._name(group[0].at), kinds, tuple(arrival.at for arrival in group))

    @cached_property
    def at_risk(self) -> list[_Place]:
        """Intakes and towns; where none is watched every place."""
        own = [place for place in self.places if {"intake", "town"} & set(place.kinds)]
        return own or self.places

    @property
    def _first(self) -> _Place | None:
        return next((place for place in self.at_risk if place.arrival.reached), None)

    @property
    def _able(self) -> list[Measure]:
        return [measure for measure in self.response.measures if measure.rank is not None]

    @property
    def headline(self) -> Both:
        """The answer in one sentence."""
        facts = {
            "mass": self._mass,
            "substance": _both(self.substance.called),
            "place": _both(self.scenario.place.name),
        }
        if self._first is None:
            return said("plan.head_nowhere", **facts, hours=duration(self.scenario.hours))
        arrival = self._first.arrival.arrival or 0.0
        return said("plan.head", **facts, first=self._first.name, at=self._clock(arrival), after=duration(arrival))

    @property
    def standfirst(self) -> Both:
        """What can be done about it, in two or three sentences."""
        parts = []
        if self._first is not None and self.banded:
            early = (self._first.arrival.arrival_band or (None, None))[0]
            if early is not None:
                parts.append(said("plan.stand_early", early=self._clock(early)))
        parts.append(self._stand_response())
        return Both(" ".join(part.en for part in parts), "".join(part.zh for part in parts))

    def _stand_response(self) -> Both:
        if not self.response.measures:
            return said("plan.stand_no_points")
        counts = {"able": len(self._able), "all": len(self.response.measures)}
        if not self._able or self._first is None:
            return said("plan.stand_none", **counts)
        kept = sum(self._acting(place) < self.substance.threshold for place in self.at_risk)
        before = sum(self._peak(place.arrival) < self.substance.threshold for place in self.at_risk)
        last = max(self.at_risk, key=lambda place: self._peak(place.arrival) - self._acting(place))
        peaks = {"before": figure(self._peak(last.arrival)), "after": figure(self._acting(last)), "unit": self.unit}
        saved = {"kept": kept - before, "risk": len(self.at_risk), "most": last.name}
        return said("plan.stand", **counts, **peaks, **saved, threshold=self.threshold)

    @property
    def tiles(self) -> list[Tile]:
        """Four figures under the headline."""
        when = said("plan.tile_spilled_note", day=day_text(self._start.date()), mass=self._mass)
        tiles = [Tile(said("plan.tile_spilled"), self._clock(0.0), when)]
        if self._first is not None:
            arrival = self._first.arrival
            early = (arrival.arrival_band or (None, None))[0]
            note = said("plan.tile_early", at=self._clock(early)) if early is not None else said("plan.tile_no_band")
            tiles.append(Tile(said("plan.tile_first", first=self._first.name), self._clock(arrival.arrival), note))
            peak = Both(*[f"{figure(self._peak(arrival))} {self.unit}"] * 2)
            times = said("plan.tile_times", n=figure(self._peak(arrival) / self.substance.threshold))
            tiles.append(Tile(said("plan.tile_peak"), peak, times))
            acting = Both(*[f"{figure(self._acting(self._first))} {self.unit}"] * 2)
            tiles.append(Tile(said("plan.tile_acting"), acting, said("plan.tile_points", n=len(self._able))))
        return tiles

    @cached_property
    def calls(self) -> list[CallRow]:
        """Everybody to be called, by the clock."""
        found: dict[tuple[float, str, object], list[CallLine]] = {}
        for line in sorted(calls(self.response), key=lambda line: line.by):
            found.setdefault((line.by, line.id, line.what if line.about == "order" else None), []).append(line)
        return [self._call(lines) for lines in found.values()]

    def _call(self, lines: list[CallLine]) -> CallRow:
        """Everybody who is called at one time about one thing."""
        roles = Both("; ".join(line.role.en for line in lines), "；".join(line.role.zh for line in lines))
        return CallRow(self._clock(lines[0].by), roles, self._to_do(lines[0]), lines[0].late)

    def _to_do(self, line: CallLine) -> Both:
        own = Both("", "") if line.what is None else _both(line.what)
        if line.about == "order":
            return own
        if line.about == "act":
            return self._to_act(line, own)
        arrival = next(arrival for arrival in self.response.arrivals if arrival.at == line.id)
        late = (arrival.passage_band or (None, None))[1] or arrival.passage
        until = said("plan.no_end") if late is None else self._clock(late)
        facts = {"name": self._name(line.id), "early": self._clock(line.by), "late": until}
        return said(f"plan.do_{line.about}", **facts, threshold=self.threshold, unit=self.unit)

    def _to_act(self, line: CallLine, own: Both) -> Both:
        measure = next(measure for measure in self.response.measures if measure.point.id == line.id)
        action = measure.planned or measure.action
        window = {"begin": self._clock(action.start), "end": self._clock(action.end)}
        return said("plan.do_act", name=_both(measure.point.name), rank=line.rank, does=own, **window)

    @property
    def counted(self) -> list[Counted]:
        """The places whose peaks stand beside the points."""
        return [
            Counted(
                place.name, figure(self._peak(place.arrival)), self._peak(place.arrival) >= self.substance.threshold
            )
            for place in self.at_risk[:4]
        ]

    @property
    def response_sub(self) -> Both:
        """How the order was found."""
        return said("plan.response_sub", place=join([place.name for place in self.at_risk[:4]]))

    @cached_property
    def measures(self) -> list[MeasureRow]:
        """The points, in the recommended order, then those that can do nothing."""
        return [self._measure(measure) for measure in self.response.measures]

    def _measure(self, measure: Measure) -> MeasureRow:
        action, point = measure.planned, measure.point
        off = measure.standing == "off the way"
        return MeasureRow(
            measure.rank,
            _both(point.name),
            said(f"kind.{point.kind}"),
            said(f"standing.{measure.standing.replace(' ', '_')}"),
            _TONES.get(measure.standing, "unverified"),
            _NOTHING if off else self._clock(measure.action.ready),
            _NOTHING
            if action is None
            else said("plan.from_to", begin=self._clock(action.start), end=self._clock(action.end)),
            "–" if action is None else f"{100 * action.share:.0f}%",
            tuple(self._cell(measure, place) for place in self.at_risk[:4]),
        )

    def _cell(self, measure: Measure, place: _Place) -> Cell:
        after = measure.after.get(place.arrival.at)
        if after is None:
            return Cell("–", False)
        previous = next((m for m in self._able if m.rank == (measure.rank or 0) - 1), None)
        before = place.arrival if previous is None else previous.after[place.arrival.at]
        peak = self._peak(after)
        return Cell(figure(peak), peak >= self.substance.threshold, figure(self._peak(before)) != figure(peak))

    @cached_property
    def rows(self) -> list[PlaceRow]:
        """The timetable of the water."""
        return [self._row(place) for place in self.places]

    def _row(self, place: _Place) -> PlaceRow:
        arrival, threshold = place.arrival, self.substance.threshold
        factor = self.substance.per_gram_per_cubic_metre
        band = "" if arrival.peak_band is None else "–".join(figure((end or 0) * factor) for end in arrival.peak_band)
        nothing, open_end = self._unreached(arrival, "plan."), said("plan.no_end")
        return PlaceRow(
            place.name,
            join([said(f"kind.{kind}") for kind in place.kinds]),
            f"{(arrival.distance or 0) / 1000:.1f}",
            self._clock_or(_end(arrival.arrival_band, 0), _NOTHING),
            self._clock_or(arrival.arrival, nothing),
            self._clock_or(arrival.peak_time if arrival.reached else None, _NOTHING),
            figure(self._peak(arrival)) if _seen(arrival) else "–",
            band,
            self._peak(arrival) >= threshold,
            self._clock_or(arrival.passage, open_end if arrival.reached else _NOTHING),
            self._clock_or(_end(arrival.passage_band, 1), open_end if arrival.reached else _NOTHING),
            figure(self._acting(place)) if _seen(arrival) else "–",
            self._acting(place) >= threshold,
        )

    def _unreached(self, arrival: Arrival, key: str, **more: Both) -> Both:
        """Why there is no arrival: it stays below, or it is still on its way when the forecast ends."""
        if _seen(arrival):
            return said(f"{key}below", **more)
        hours = duration(self.scenario.hours)
        return said(f"{key}not_yet", hours=hours, **more)

    @property
    def timetable_sub(self) -> Both:
        """What the columns are."""
        key = "plan.timetable_sub" if self.banded else "plan.timetable_plain"
        return said(key, threshold=self.threshold, unit=self.unit, substance=_both(self.substance.called),
                    members=self._members, zone=self.zone)  # fmt: skip

    @property
    def _members(self) -> int:
        told = self.response.forecast.ensemble
        return 0 if told is None else len(told.arrival)

    @cached_property
    def map(self) -> Drawn:
        """The way of the water."""
        part = below(self.response)
        stops = {SPILL: Stop(_both(self.scenario.place.name), "spill", self._spilled_detail(), strong=True)}
        stops |= {stub: Stop(_joins(reach.name_en, reach.name_zh), "joins") for stub, reach in part.joining.items()}
        stops |= {place.arrival.at: self._stop(place) for place in self.places}
        stops |= {m.point.id: self._point_stop(m) for m in self.response.measures if m.standing != "off the way"}
        return schematic(self.words, part.rivers, stops, hot=part.hot, names="river-map-title river-map-alt")

    def _spilled_detail(self) -> Both:
        return said("plan.map_spill", at=self._clock(0.0), mass=self._mass)

    def _stop(self, place: _Place) -> Stop:
        arrival = place.arrival
        shown = next((kind for kind in ("intake", "town", "section", "border") if kind in place.kinds), "section")
        kinds = join([said(f"kind.{kind}") for kind in place.kinds])
        if not arrival.reached:
            return Stop(place.name, shown, self._unreached(arrival, "plan.map_", kind=kinds))
        value = f"{figure(self._peak(arrival))} {self.unit}"
        return Stop(place.name, shown, said("plan.map_stop", kind=kinds, at=self._clock(arrival.arrival)), value=value)

    def _point_stop(self, measure: Measure) -> Stop:
        kind = said(f"kind.{measure.point.kind}")
        standing = said(f"standing.{measure.standing.replace(' ', '_')}")
        detail = said("plan.map_point", kind=kind, standing=standing)
        value = said("plan.map_rank", rank=measure.rank) if measure.rank is not None else None
        return Stop(_both(measure.point.name), measure.point.kind, detail, value=value)

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
        return said("plan.map_sub", unit=self.unit)

    @cached_property
    def arrivals(self) -> Drawn:
        """The chart of arrivals."""
        passages = [self._passage(place) for place in self.places]
        names = "arrivals-title arrivals-alt"
        return arrival_chart(
            self.words, passages, hours=self.scenario.hours, unit=self.unit, start=self._start, names=names
        )

    def _passage(self, place: _Place) -> Passage:
        arrival, factor = place.arrival, self.substance.per_gram_per_cubic_metre
        low, high = arrival.peak_band or (None, None)
        return Passage(
            place.name,
            arrival.arrival,
            arrival.peak_time,
            arrival.passage,
            self._peak(arrival),
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
        return said("plan.arrivals_title", first=duration(first), last=duration(last))

    @property
    def arrivals_sub(self) -> Both:
        """What the bars are."""
        key = "plan.arrivals_sub" if self.banded else "plan.arrivals_plain"
        return said(key, threshold=self.threshold, unit=self.unit, members=self._members, zone=self.zone)

    @cached_property
    def _field(self) -> tuple[Field, list[Along]]:
        far = self.places[-1].arrival.at if self.places else None
        profile = self.response.forecast.profile(far)
        factor = self.substance.per_gram_per_cubic_metre
        field = Field(profile.times, profile.distances / 1000, profile.concentration * factor, self.unit,
                      self.substance.threshold)  # fmt: skip
        return field, [Along(place.name, (place.arrival.distance or 0) / 1000) for place in self.places]

    @cached_property
    def field(self) -> Drawn:
        """The whole field."""
        field, places = self._field
        names = "profile-over-time-title profile-over-time-alt"
        return profile_over_time(self.words, field, places, start=self._start, names=names)

    @cached_property
    def ridges(self) -> Drawn:
        """The river at six hours."""
        field, places = self._field
        hours = [self.scenario.hours * part / 96 for part in (6, 12, 24, 48, 72, 96)]
        return profiles(self.words, field, hours, places, names="profiles-title profiles-alt")

    @property
    def field_sub(self) -> Both:
        """What is drawn."""
        return said("plan.field_sub", substance=_both(self.substance.called), unit=self.unit)

    @property
    def facts(self) -> list[Fact]:
        """What the plan rests on, and where that is from."""
        scenario = self.scenario
        called = said("plan.fact_call", at=day_and_clock(scenario.call_at, self.zone_info))
        model = said("plan.fact_model", step=figure(scenario.step), hours=duration(scenario.hours))
        facts = {"spill": self._fact_spill(), "call": called, "threshold": self._fact_threshold(), "model": model}
        if scenario.water.source.en:
            facts["water"] = _both(scenario.water.source)
        if self.banded:
            facts["bands"] = self._fact_bands()
        sources: dict[Both, list[Both]] = {}
        for part in scenario.placed:
            if part.source.en:
                sources.setdefault(_both(part.source), []).append(_both(part.name))
        if sources:
            told = [said("plan.fact_source", names=join(names), source=own) for own, names in sources.items()]
            facts["points"] = Both(" ".join(text.en for text in told), "".join(text.zh for text in told))
        return [Fact(said(f"plan.facts_{key}"), text) for key, text in facts.items()]

    def _fact_spill(self) -> Both:
        release = self.scenario.release
        curve = said(f"plan.release_{release.kind}", mass=self._mass, hours=duration(release.hours or 0.0))
        at = day_and_clock(self.scenario.at, self.zone_info)
        return said("plan.fact_spill", place=_both(self.scenario.place.name), at=at, curve=curve)

    def _fact_threshold(self) -> Both:
        own = self.substance
        beside = {"background": figure(own.background), "decay": figure(own.decay)}
        return said("plan.fact_threshold", threshold=self.threshold, unit=self.unit, source=_both(own.source), **beside)

    def _fact_bands(self) -> Both:
        own = self.scenario.uncertainty
        parts = {name: f"{100 * getattr(own, name):.0f}" for name in ("velocity", "dispersion")}
        return said("plan.fact_bands", members=self._members, source=_both(own.source), **parts)

    @property
    def cautions(self) -> list[Both]:
        """What the plan does not know."""
        note = [] if self.scenario.note is None else [_both(self.scenario.note)]
        return [*note, said("plan.caution_model"), said("plan.caution_points"), said("plan.caution_duty")]

    @property
    def _mass(self) -> Both:
        return said("plan.mass", n=f"{self.scenario.release.kilograms:,.6g}")

    def _peak(self, arrival: Arrival) -> float:
        return arrival.peak * self.substance.per_gram_per_cubic_metre

    def _acting(self, place: _Place) -> float:
        return self._peak(self.response.after.get(place.arrival.at, place.arrival))

    def _name(self, id: str) -> Both:
        return _both(self.setting.name(id))

    def _clock(self, hours: float | None, *, long: bool = True) -> Both:
        if hours is None:
            return _NOTHING
        at = self.scenario.at + timedelta(minutes=round(hours * 60))
        return clock(at, self.zone_info, beside=self.scenario.at if long else at)

    def _clock_or(self, hours: float | None, otherwise: Both) -> Both:
        return otherwise if hours is None else self._clock(hours)


def _both(text: Text) -> Both:
    return Both(text.en, text.zh)


def _joins(en: str, zh: str) -> Both:
    if not en and not zh:
        return said("plan.joins_unnamed")
    return said("plan.joins", name=Both(en or zh, zh or en))


def _seen(arrival: Arrival) -> bool:
    """Whether its peak lies within the forecast."""
    return arrival.reached or arrival.peak_time is not None


def _end(band: tuple[float | None, float | None] | None, which: int) -> float | None:
    return None if band is None else band[which]
