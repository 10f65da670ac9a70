"""Where: the ranking of districts and stations, and the map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from commonshed.disclose.drawing import names_of
from commonshed.disclose.report.chapters.chapter import QUANTITIES, Chapter
from commonshed.disclose.report.content import Law, Mark, Record
from commonshed.disclose.report.pictures import Dot, Frame, city_map, outline_paths
from commonshed.disclose.words import Both, join

__all__ = ["Places", "Row"]

STEPS = (0.0, 1.0, 1.5, 2.0, 2.5, 3.0)
"""Lower ends of the map's steps, as multiples of the annual limit; the last is open."""


@dataclass(frozen=True)
class Row:
    """One row of a ranking."""

    name: Both
    record: Record
    tied: bool
    change: Both
    control: bool


class Places(Chapter):
    """Ranking and map."""

    def ranked(self, law: Law, year: int, kind: str) -> list[Row]:
        """Rows by rank; then what could not be ranked, by name, each with its reason."""
        records = self._records(law, year, kind)
        ranks = [record["rank"] for record in records]
        rows = [
            Row(self._name(kind, record), record, record["rank"] is not None and ranks.count(record["rank"]) > 1,
                self._change(record), self._control(record))
            for record in records
        ]  # fmt: skip
        return sorted(rows, key=lambda row: (row.record["rank"] is None, row.record["rank"] or 0, row.name.en))

    def _records(self, law: Law, year: int, kind: str) -> tuple[Record, ...]:
        g = self.of(law, year)
        return g.districts if kind == "districts" else g.stations

    def _name(self, kind: str, record: Record) -> Both:
        if kind == "districts":
            return self.content.city.districts[record["jurisdiction"]]
        return self._mark(record["station"]).name

    def _mark(self, station: str) -> Mark:
        return next(mark for mark in self.content.city.stations if mark.id == station)

    def _control(self, record: Record) -> bool:
        return "station" in record and self._mark(record["station"]).role == "control"

    def _change(self, record: Record) -> Both:
        change = record.get("rank_change")
        if record["rank"] is None or change is None:
            return self.text("ranking.no_before") if record["rank"] is not None else Both("–", "–")
        if change == 0:
            return self.text("ranking.same")
        # A change is the rank now minus the rank then: fewer is better.
        return self.text("ranking.up" if change < 0 else "ranking.down", places=abs(change))

    def ranking_title(self, law: Law, year: int, kind: str) -> Both:
        """Finding of a ranking."""
        rows = [row for row in self.ranked(law, year, kind) if row.record["rank"] is not None]
        total = len(self._records(law, year, kind))
        if not rows:
            return self.text(f"ranking.title_none_{kind}", total=total)
        best, worst = rows[0], rows[-1]
        if len(rows) == 1:
            return self.text(f"ranking.title_one_{kind}", best=best.name, total=total)
        return self.text(
            f"ranking.title_{kind}", best=best.name, low=best.record["composite_index"], worst=worst.name,
            high=worst.record["composite_index"], ranked=len(rows), total=total,
        )  # fmt: skip

    def terms(self, law: Law) -> Both:
        """The terms of the composite index: each figure over its limit."""
        return join(
            self.text("ranking.term", name=self.statistic(law, q), limit=self.limit_of(law, q)) for q in QUANTITIES
        )

    # The map

    def map_steps(self, law: Law) -> list[tuple[int, str, str | None]]:
        """Steps of the ramp as ranges of concentration: multiples of the law's annual limit."""
        limit = float(law.limits["pm25"].year or 35)
        ends = [f"{limit * step:.0f}" for step in STEPS]
        return [
            (position + 1, ends[position], ends[position + 1] if position + 1 < len(ends) else None)
            for position in range(len(STEPS))
        ]

    def _step(self, law: Law, value: str) -> int:
        ratio = float(value) / float(law.limits["pm25"].year or 35)
        return sum(1 for low in STEPS if ratio >= low) or 1

    def map_title(self, law: Law, year: int) -> Both:
        """Finding of the map: the lowest and the highest station that could be assessed."""
        found = [
            (float(figure.value), figure.value, mark)
            for mark, record in self._stations(law, year).items()
            if (figure := self.mean(record, "pm25")).value is not None and figure.complete
        ]
        if len(found) < 2:
            return self.text("map.title_none", year=year)
        low, high = min(found, key=lambda f: f[0]), max(found, key=lambda f: f[0])
        return self.text("map.title", low=low[1], best=low[2].name, high=high[1], worst=high[2].name)

    def _stations(self, law: Law, year: int) -> Mapping[Mark, Record]:
        return {self._mark(record["station"]): record for record in self.of(law, year).stations}

    def map_alt(self, law: Law, year: int) -> Both:
        """Every station's value in words."""
        return self.text("map.alt", list=join(
            self.text("map.one", name=mark.name, value=self._words_of(record))
            for mark, record in self._stations(law, year).items()
        ))  # fmt: skip

    def _words_of(self, record: Record) -> Both:
        figure = self.mean(record, "pm25")
        key = "figure_plain" if figure.complete else "figure_bracket" if figure.value else "figure_none"
        return self.text(f"ui.{key}", value=figure.value)

    def _dots(self, law: Law, year: int, *, named: bool) -> list[Dot]:
        dots = []
        for mark, record in self._stations(law, year).items():
            if mark.lon is None or mark.lat is None:
                continue
            figure = self.mean(record, "pm25")
            step = self._step(law, figure.value) if figure.value is not None else 1
            dots.append(Dot(mark.lon, mark.lat, figure.value, step, mark.name if named else None,
                            mark.role != "assessed", figure.complete))  # fmt: skip
        return dots

    @property
    def mapped(self) -> bool:
        """Whether there are coordinates to draw a map from."""
        return any(mark.lon is not None and mark.lat is not None for mark in self.content.city.stations)

    def map_outlines(self) -> Markup:
        """The outlines both maps use, defined once."""
        whole, centre = self._frames
        outlines = self.content.city.outlines
        return outline_paths(outlines, whole, "whole-") + outline_paths(outlines, centre, "centre-")

    def map_whole(self, law: Law, year: int) -> Markup:
        """The whole place; stations the inset shows are small."""
        steps = {
            record["jurisdiction"]: self._step(law, figure.value)
            for record in self.of(law, year).districts
            if (figure := self.mean(record, "pm25")).value is not None and figure.complete
        }
        whole, centre = self._frames
        city = self.content.city
        names = [(city.districts[code], lon, lat) for code, (lon, lat) in city.labels.items() if code not in steps]
        return city_map(self.words, {code: f"whole-{code}" for code in city.outlines},
                        self._dots(law, year, named=False), whole, steps=steps, district_names=names, inset=centre,
                        names=names_of("map-pm25"))  # fmt: skip

    def map_centre(self, law: Law, year: int) -> Markup:
        """The crowded part, larger, with names."""
        _, centre = self._frames
        districts = {code: f"centre-{code}" for code in self.content.city.outlines}
        return city_map(self.words, districts, self._dots(law, year, named=True), centre, names=names_of("map-pm25"))

    @cached_property
    def _frames(self) -> tuple[Frame, Frame]:
        points = [(m.lon, m.lat) for m in self.content.city.stations if m.lon is not None and m.lat is not None]
        boxes = [o.bounds for o in self.content.city.outlines.values()] or [(x, y, x, y) for x, y in points]
        west, south = (min(box[i] for box in boxes) for i in (0, 1))
        east, north = (max(box[i] for box in boxes) for i in (2, 3))
        pad = max(0.02 * (east - west), 0.02)
        return Frame(west - pad, south - pad, east + pad, north + pad), _crowd(points)


def _crowd(points: list[tuple[float, float]]) -> Frame:
    """A window around the stations near the median one, where a map of the whole has no room for figures."""
    lon = sorted(x for x, _ in points)[len(points) // 2]
    lat = sorted(y for _, y in points)[len(points) // 2]
    near = [(x, y) for x, y in points if abs(x - lon) < 0.25 and abs(y - lat) < 0.15]
    west, east = min(x for x, _ in near) - 0.05, max(x for x, _ in near) + 0.05
    south, north = min(y for _, y in near) - 0.03, max(y for _, y in near) + 0.03
    return Frame(west, south, east, north)
