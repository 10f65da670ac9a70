"""What stands in a plan, ready to be laid out: its answer, its tables, its pictures, and what it rests on."""

from __future__ import annotations

from commonshed.disclose.river.plan_pictures import Pictures
from commonshed.disclose.river.plan_rows import Fact, Tile
from commonshed.disclose.river.plan_tables import Tables
from commonshed.disclose.river.wording import day_and_clock, duration, figure, said
from commonshed.disclose.words import Both, day_text, join

__all__ = ["Plan"]


class Plan(Tables, Pictures):
    """One plan, for the template."""

    @property
    def headline(self) -> Both:
        """The answer in one sentence."""
        facts = {
            "mass": self.mass,
            "substance": Both.of(self.substance.called),
            "place": Both.of(self.scenario.place.name),
        }
        if self.first is None:
            return said("plan.head_nowhere", **facts, hours=duration(self.scenario.hours))
        arrival = self.first.arrival.arrival or 0.0
        return said("plan.head", **facts, first=self.first.name, at=self.clock(arrival), after=duration(arrival))

    @property
    def standfirst(self) -> Both:
        """What can be done about it, in two or three sentences."""
        parts = []
        if self.first is not None and self.banded:
            early = (self.first.arrival.arrival_band or (None, None))[0]
            if early is not None:
                parts.append(said("plan.stand_early", early=self.clock(early)))
        parts.append(self._stand_response())
        return Both(" ".join(part.en for part in parts), "".join(part.zh for part in parts))

    def _stand_response(self) -> Both:
        if not self.response.measures:
            return said("plan.stand_no_points")
        counts = {"able": len(self.able), "all": len(self.response.measures)}
        if not self.able or self.first is None:
            return said("plan.stand_none", **counts)
        kept = sum(self.acting(place) < self.substance.threshold for place in self.at_risk)
        before = sum(self.peak(place.arrival) < self.substance.threshold for place in self.at_risk)
        last = max(self.at_risk, key=lambda place: self.peak(place.arrival) - self.acting(place))
        peaks = {"before": figure(self.peak(last.arrival)), "after": figure(self.acting(last)), "unit": self.unit}
        saved = {"kept": kept - before, "risk": len(self.at_risk), "most": last.name}
        return said("plan.stand", **counts, **peaks, **saved, threshold=self.threshold)

    @property
    def tiles(self) -> list[Tile]:
        """Four figures under the headline."""
        when = said("plan.tile_spilled_note", day=day_text(self.start.date()), mass=self.mass)
        tiles = [Tile(said("plan.tile_spilled"), self.clock(0.0), when)]
        if self.first is not None:
            arrival = self.first.arrival
            early = (arrival.arrival_band or (None, None))[0]
            note = said("plan.tile_early", at=self.clock(early)) if early is not None else said("plan.tile_no_band")
            tiles.append(Tile(said("plan.tile_first", first=self.first.name), self.clock(arrival.arrival), note))
            peak = Both(*[f"{figure(self.peak(arrival))} {self.unit}"] * 2)
            times = said("plan.tile_times", n=figure(self.peak(arrival) / self.substance.threshold))
            tiles.append(Tile(said("plan.tile_peak"), peak, times))
            acting = Both(*[f"{figure(self.acting(self.first))} {self.unit}"] * 2)
            tiles.append(Tile(said("plan.tile_acting"), acting, said("plan.tile_points", n=len(self.able))))
        return tiles

    @property
    def facts(self) -> list[Fact]:
        """What the plan rests on, and where that is from."""
        scenario = self.scenario
        called = said("plan.fact_call", at=day_and_clock(scenario.call_at, self.zone_info))
        model = said("plan.fact_model", step=figure(scenario.step), hours=duration(scenario.hours))
        facts = {"spill": self._fact_spill(), "call": called, "threshold": self._fact_threshold(), "model": model}
        if scenario.water.source.en:
            facts["water"] = Both.of(scenario.water.source)
        if self.banded:
            facts["bands"] = self._fact_bands()
        sources: dict[Both, list[Both]] = {}
        for part in scenario.placed:
            if part.source.en:
                sources.setdefault(Both.of(part.source), []).append(Both.of(part.name))
        if sources:
            told = [said("plan.fact_source", names=join(names), source=own) for own, names in sources.items()]
            facts["points"] = Both(" ".join(text.en for text in told), "".join(text.zh for text in told))
        return [Fact(said(f"plan.facts_{key}"), text) for key, text in facts.items()]

    def _fact_spill(self) -> Both:
        release = self.scenario.release
        curve = said(f"plan.release_{release.kind}", mass=self.mass, hours=duration(release.hours or 0.0))
        at = day_and_clock(self.scenario.at, self.zone_info)
        return said("plan.fact_spill", place=Both.of(self.scenario.place.name), at=at, curve=curve)

    def _fact_threshold(self) -> Both:
        own = self.substance
        beside = {"background": figure(own.background), "decay": figure(own.decay)}
        return said(
            "plan.fact_threshold", threshold=self.threshold, unit=self.unit, source=Both.of(own.source), **beside
        )

    def _fact_bands(self) -> Both:
        own = self.scenario.uncertainty
        parts = {name: f"{100 * getattr(own, name):.0f}" for name in ("velocity", "dispersion")}
        key = "plan.fact_bands" if own.source.en else "plan.fact_bands_plain"
        return said(key, members=self.members, source=Both.of(own.source), **parts)

    @property
    def cautions(self) -> list[Both]:
        """What the plan does not know."""
        note = [] if self.scenario.note is None else [Both.of(self.scenario.note)]
        return [*note, said("plan.caution_model"), said("plan.caution_points"), said("plan.caution_duty")]
