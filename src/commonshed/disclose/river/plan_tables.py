"""The tables of a plan: who is called, what can still be done, when the water is where."""

from __future__ import annotations

from functools import cached_property

from commonshed.attribute.river.response import CallLine, Measure, calls
from commonshed.attribute.river.spill import Arrival
from commonshed.disclose.river.plan_rows import CallRow, Cell, Counted, MeasureRow, PlaceRow
from commonshed.disclose.river.plan_scene import NOTHING, Place, Scene, seen
from commonshed.disclose.river.wording import figure, said
from commonshed.disclose.words import Both, join

__all__ = ["Tables"]

_TONES = {"in time": "verified", "likely in time": "force"}


class Tables(Scene):
    """Every line of the tables of a plan."""

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
        return CallRow(self.clock(lines[0].by), roles, self._to_do(lines[0]), lines[0].late)

    def _to_do(self, line: CallLine) -> Both:
        own = Both("", "") if line.what is None else Both.of(line.what)
        if line.about == "order":
            return own
        if line.about == "act":
            return self._to_act(line, own)
        arrival = next(arrival for arrival in self.response.arrivals if arrival.at == line.id)
        late = (arrival.passage_band or (None, None))[1] or arrival.passage
        until = said("plan.no_end") if late is None else self.clock(late)
        facts = {"name": self.name_of(line.id), "early": self.clock(line.by), "late": until}
        return said(f"plan.do_{line.about}", **facts, threshold=self.threshold, unit=self.unit)

    def _to_act(self, line: CallLine, own: Both) -> Both:
        measure = next(measure for measure in self.response.measures if measure.point.id == line.id)
        action = measure.planned or measure.action
        window = {"begin": self.clock(action.start), "end": self.clock(action.end)}
        return said("plan.do_act", name=Both.of(measure.point.name), rank=line.rank, does=_closed(own), **window)

    @property
    def counted(self) -> list[Counted]:
        """The places whose peaks stand beside the points."""
        return [
            Counted(place.name, figure(self.peak(place.arrival)), self.peak(place.arrival) >= self.substance.threshold)
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
            Both.of(point.name),
            said(f"kind.{point.kind}"),
            said(f"standing.{measure.standing.replace(' ', '_')}"),
            _TONES.get(measure.standing, "unverified"),
            NOTHING if off else self.clock(measure.action.ready),
            NOTHING
            if action is None
            else said("plan.from_to", begin=self.clock(action.start), end=self.clock(action.end)),
            "–" if action is None else f"{100 * action.share:.0f}%",
            tuple(self._cell(measure, place) for place in self.at_risk[:4]),
        )

    def _cell(self, measure: Measure, place: Place) -> Cell:
        after = measure.after.get(place.arrival.at)
        if after is None:
            return Cell("–", False)
        previous = next((m for m in self.able if m.rank == (measure.rank or 0) - 1), None)
        before = place.arrival if previous is None else previous.after[place.arrival.at]
        peak = self.peak(after)
        return Cell(figure(peak), peak >= self.substance.threshold, figure(self.peak(before)) != figure(peak))

    @cached_property
    def rows(self) -> list[PlaceRow]:
        """The timetable of the water."""
        return [self._row(place) for place in self.places]

    def _row(self, place: Place) -> PlaceRow:
        arrival, threshold = place.arrival, self.substance.threshold
        after = self.response.after.get(arrival.at, arrival)
        nothing, open_end = self.unreached(arrival, "plan."), said("plan.no_end")
        return PlaceRow(
            place.name,
            join([said(f"kind.{kind}") for kind in place.kinds]),
            f"{(arrival.distance or 0) / 1000:.1f}",
            self.clock_or(_end(arrival.arrival_band, 0), NOTHING),
            self.clock_or(arrival.arrival, nothing),
            self.clock_or(arrival.peak_time if arrival.reached else None, NOTHING),
            figure(self.peak(arrival)) if seen(arrival) else "–",
            self._peak_band(arrival),
            self.peak(arrival) >= threshold,
            self.clock_or(arrival.passage, open_end if arrival.reached else NOTHING),
            self.clock_or(_end(arrival.passage_band, 1), open_end if arrival.reached else NOTHING),
            figure(self.acting(place)) if seen(arrival) else "–",
            self._peak_band(after),
            self.acting(place) >= threshold,
        )

    def _peak_band(self, arrival: Arrival) -> str:
        if arrival.peak_band is None:
            return ""
        factor = self.substance.per_gram_per_cubic_metre
        return "–".join(figure((end or 0.0) * factor) for end in arrival.peak_band)

    @property
    def timetable_sub(self) -> Both:
        """What the columns are."""
        key = "plan.timetable_sub" if self.banded else "plan.timetable_plain"
        return said(key, threshold=self.threshold, unit=self.unit, substance=Both.of(self.substance.called),
                    members=self.members, zone=self.zone)  # fmt: skip


def _end(band: tuple[float | None, float | None] | None, which: int) -> float | None:
    return None if band is None else band[which]


def _closed(order: Both) -> Both:
    """An order as a sentence of its own, whether its writer set the full stop or not."""
    return Both(*(f"{text.rstrip('. 。')}{stop}" if text else "" for text, stop in ((order.en, "."), (order.zh, "。"))))
