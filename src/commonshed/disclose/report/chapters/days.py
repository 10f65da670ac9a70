"""When: the calendar, the months, the days above the limits, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from commonshed.disclose.drawing import names_of
from commonshed.disclose.report.chapters.chapter import QUANTITIES, UNITS, Chapter, Figure
from commonshed.disclose.report.content import Category, Graded, Law, Record
from commonshed.disclose.report.pictures import bars, calendar_month, months
from commonshed.disclose.words import Both, day_text, join

__all__ = ["Days"]

EPISODE_CLASS, EPISODE_DAYS = 4, 3
"""An episode, by our own definition: at least this many days in a row of at least this class."""


@dataclass(frozen=True)
class ExceedRow:
    """Exceedances of one quantity's daily limit."""

    name: Both
    unit: str
    limit: str | None
    days: int
    valid: int
    multiple: str | None
    highest: str | None
    when: Both | None


@dataclass(frozen=True)
class WorstDay:
    """A day with a high index."""

    day: Both
    aqi: int
    colour: str
    words: Both


@dataclass(frozen=True)
class Cell:
    """Valid days of one station and month: of the quantity that has fewest."""

    days: int | None
    kind: str
    which: str


@dataclass(frozen=True)
class StationRow:
    """One row of the completeness matrix."""

    name: Both
    cells: tuple[Cell, ...]
    year: str
    kind: str


class Days(Chapter):
    """Calendar, months, exceedances, completeness."""

    def calendar(self, law: Law, year: int) -> Iterator[Markup]:
        """Twelve sheets."""
        g = self.of(law, year)
        by_month: dict[int, dict[int, tuple[int, int]]] = {month: {} for month in range(1, 13)}
        for record in g.days:
            if record["aqi"] is not None:
                day = date.fromisoformat(record["period"])
                by_month[day.month][day.day] = (record["aqi"], record["class"])
        for month, days in by_month.items():
            yield calendar_month(self.words, year, month, days, law.categories)

    def calendar_title(self, law: Law, year: int) -> Both:
        """Finding of the calendar: the month with most bad days."""
        g = self.of(law, year)
        bad = [0] * 13
        for record in g.days:
            if record["class"] is not None and record["class"] >= 3:
                bad[int(record["period"][5:7])] += 1
        worst = max(range(1, 13), key=lambda month: bad[month])
        if bad[worst] == 0:
            return self.text("calendar.title_none", year=year)
        return self.text("calendar.title", month=self.text(f"month.{worst}"), days=bad[worst])

    def calendar_alt(self, law: Law, year: int) -> Both:
        """Bad days of each month in words."""
        g = self.of(law, year)
        lines = []
        for month in range(1, 13):
            here = [r for r in g.days if int(r["period"][5:7]) == month and r["aqi"] is not None]
            bad = sum(1 for r in here if r["class"] >= 3)
            lines.append(self.text("calendar.one", month=self.text(f"month.{month}"), bad=bad, valid=len(here)))
        return self.text("calendar.alt", list=join(lines))

    # Months

    def _month_figures(self, law: Law, year: int, q: str) -> list[Figure]:
        return [self.judged(law, record, q) for record in self.of(law, year).months]

    def months_bars(self, law: Law, year: int, q: str) -> Markup:
        """Twelve bars of one quantity."""
        figures = self._month_figures(law, year, q)
        limit = self.limit_of(law, q)
        return bars(
            self.words,
            months([(figure.value, figure.complete) for figure in figures]),
            limit=(limit, self.text("tile.limit", limit=limit)) if limit else None,
            top=self._top(q),
            names=names_of("months-by-quantity"),
        )

    def _top(self, q: str) -> float:
        """One axis for a quantity whatever the law and year, so that the switch moves the bars, not the scale."""
        values = [
            float(figure.value)
            for law in self.content.laws
            for year in self.content.years
            for figure in self._month_figures(law, year, q)
            if figure.value is not None
        ]
        limits = [float(limit) for law in self.content.laws if (limit := self.limit_of(law, q)) is not None]
        return max([*values, *limits, 1e-9])

    def months_title(self, law: Law, year: int) -> Both:
        """Finding of the months: highest and lowest month of PM2.5."""
        found = [
            (float(f.value), f.value, month)
            for month, f in enumerate(self._month_figures(law, year, "pm25"), start=1)
            if f.value is not None and f.complete
        ]
        if len(found) < 2:
            return self.text("months.title_none")
        low, high = min(found), max(found)
        return self.text("months.title", high=high[1], worst=self.text(f"month.{high[2]}"), low=low[1],
                         best=self.text(f"month.{low[2]}"))  # fmt: skip

    def months_alt(self, law: Law, year: int, q: str) -> Both:
        """Twelve figures of one quantity in words."""
        lines = []
        for month, figure in enumerate(self._month_figures(law, year, q), start=1):
            key = "figure_plain" if figure.complete else "figure_bracket" if figure.value else "figure_none"
            value = self.text(f"ui.{key}", value=figure.value)
            lines.append(self.text("months.one", month=self.text(f"month.{month}"), value=value))
        return self.text("months.alt", name=self.statistic(law, q), unit=UNITS[q], list=join(lines))

    # Exceedances

    def exceed_title(self, law: Law, year: int) -> Both:
        """Finding of the exceedances."""
        rows = self.exceed_rows(law, year)
        if not any(row.days for row in rows):
            return self.text("exceed.title_none")
        top = max(rows, key=lambda row: row.days)
        return self.text("exceed.title", quantity=top.name, days=top.days, valid=top.valid)

    def exceed_rows(self, law: Law, year: int) -> list[ExceedRow]:
        """One row a quantity."""
        g = self.of(law, year)
        return [self._exceed_row(law, g, q) for q in QUANTITIES]

    def _exceed_row(self, law: Law, g: Graded, q: str) -> ExceedRow:
        here = self.above(law, g, q)
        top = max(here, key=lambda e: float(e["value"])) if here else None
        return ExceedRow(
            self.quantity(q), UNITS[q], law.limits[q].day, len(here),
            self.completeness(g.city, q).get("valid_days", 0),
            top["multiple"] if top else None, top["value"] if top else None,
            day_text(date.fromisoformat(top["period"])) if top else None,
        )  # fmt: skip

    def worst(self, law: Law, year: int, count: int = 10) -> list[WorstDay]:
        """The days with the highest index."""
        categories = {category.level: category for category in law.categories}
        days = [r for r in self.of(law, year).days if r["aqi"] is not None]
        worst = sorted(days, key=lambda r: (-r["aqi"], r["period"]))[:count]
        return [self._worst(r, categories[r["class"]]) for r in worst]

    def _worst(self, record: Record, category: Category) -> WorstDay:
        day = day_text(date.fromisoformat(record["period"]))
        return WorstDay(day, record["aqi"], category.colour, self._say(record, category.name))

    def _say(self, record: Record, category: Both) -> Both:
        primary = [key.partition("_")[0] for key in record["primary"]]
        if not primary:
            return category
        return self.text("exceed.day", name=category, primary=join(self.quantity(q) for q in dict.fromkeys(primary)))

    def episodes(self, law: Law, year: int) -> list[Both]:
        """Runs of bad days, longest first."""
        runs = sorted(_runs(self.of(law, year).days), key=lambda run: (-len(run), run[0]["period"]))
        return [self._episode(run) for run in runs[:10]]

    def _episode(self, run: list[Record]) -> Both:
        first, last = (day_text(date.fromisoformat(r["period"])) for r in (run[0], run[-1]))
        peak = max(run, key=lambda r: int(r["aqi"]))
        return self.text("exceed.episode", days=len(run), first=first, last=last, aqi=peak["aqi"],
                         when=day_text(date.fromisoformat(peak["period"])))  # fmt: skip

    # Completeness

    def complete_title(self, law: Law, year: int) -> Both:
        """Finding of the matrix."""
        stations = self.of(law, year).stations
        return self.text("complete.title", complete=sum(1 for s in stations if s["valid"]), total=len(stations))

    def complete_rows(self, law: Law, year: int) -> list[StationRow]:
        """One row a station; each cell is the month of the quantity with fewest valid days."""
        g = self.of(law, year)
        names = {mark.id: mark.name for mark in self.content.city.stations}
        rows = []
        for record in g.stations:
            months_ = g.station_months[record["station"]]
            cells = tuple(self._cell(month) for month in months_)
            fewest = min(QUANTITIES, key=lambda q: self.completeness(record, q).get("valid_days", 0))
            have = self.completeness(record, fewest).get("valid_days", 0)
            rows.append(StationRow(names[record["station"]], cells, str(have), "ok" if record["valid"] else "short"))
        return rows

    def _cell(self, record: Record) -> Cell:
        days = {q: self.completeness(record, q).get("valid_days", 0) for q in QUANTITIES}
        short = [q for q in QUANTITIES if not self.completeness(record, q).get("valid", False)]
        fewest = min(days, key=lambda q: days[q])
        if not any(days.values()):
            return Cell(None, "hatched", "")
        return Cell(days[fewest], "hatched" if short else "ok", self.quantity(fewest).en if short else "")


def _runs(days: tuple[Record, ...]) -> Iterator[list[Record]]:
    run: list[Record] = []
    for record in days:
        bad = record["class"] is not None and record["class"] >= EPISODE_CLASS
        follows = not run or _next(run[-1]) == record["period"]
        if bad and follows:
            run.append(record)
            continue
        if len(run) >= EPISODE_DAYS:
            yield run
        run = [record] if bad else []
    if len(run) >= EPISODE_DAYS:
        yield run


def _next(record: Record) -> str:
    return (date.fromisoformat(record["period"]) + timedelta(days=1)).isoformat()
