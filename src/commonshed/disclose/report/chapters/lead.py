"""The answer first: headline, standfirst, the six figures the law asks about, the days by class, the years."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from commonshed.disclose.drawing import names_of
from commonshed.disclose.report.chapters.chapter import QUANTITIES, UNITS, Chapter
from commonshed.disclose.report.content import Graded, Law
from commonshed.disclose.report.pictures import Bar, bars
from commonshed.disclose.words import Both, join
from commonshed.periods import Period

__all__ = ["Lead", "Tile"]

HEAVY = 5
"""From this class on a day counts as heavily polluted: HJ 633, classes V and VI."""


@dataclass(frozen=True)
class Tile:
    """One quantity against the law."""

    name: Both
    value: str | None
    complete: bool
    unit: str
    limit: Both
    second: Both | None
    verdict: str


class Lead(Chapter):
    """Headline to days by class."""

    def headline(self, law: Law, year: int) -> Both:
        """The answer in one sentence."""
        g, q = self.of(law, year), "pm25"
        have = self.completeness(g.city, q)
        met = have["valid_days"] - self.exceeded(law, g, q)
        mean, limit = self.mean(g.city, q), law.limits[q].year
        shared = {"year": year, "city": self.content.city.name, "met": met, "valid": have["valid_days"]}
        shared |= {"need": have["needed"], "quantity": self.quantity(q), "law": law.plain}
        mode = "now" if g.in_force else "would"
        if not mean.complete or mean.value is None or limit is None:
            short = have["needed"] is not None and have["valid_days"] < have["needed"]
            return self.text(f"head.{mode}_partial" if short else f"head.{mode}_months", **shared)
        times = float(mean.value) / float(limit)
        key = "within" if g.city["attained"].get(q) else ("above" if times > 1 else "days")
        return self.text(f"head.{mode}_{key}", mean=mean.value, limit=limit, times=self.times(times), **shared)

    def times(self, ratio: float) -> Both:
        """How many times the limit, for people: a float, rounded to a tenth."""
        return self.text("head.twice") if abs(ratio - 2) < 0.1 else self.text("head.times", times=f"{ratio:.1f}")

    def exceeded(self, law: Law, g: Graded, q: str) -> int:
        """Days on which a quantity was above its daily limit, as the assessment lists them."""
        return len(self.above(law, g, q))

    def standfirst(self, law: Law, year: int) -> Both:
        """Two to four sentences below the headline."""
        city = self.of(law, year).city
        heavy = sum(days for level, days in city["days_by_class"].items() if int(level) >= HEAVY)
        sentences = [
            self.text("stand.days", good=city["good_days"], valid=city["valid_days"], rate=city["good_day_rate"],
                      heavy=heavy, city=self.content.city.name)
        ]  # fmt: skip
        for key, verdict in (("stand.kept", True), ("stand.failed", False)):
            members = [q for q in QUANTITIES if city["attained"].get(q) is verdict]
            if members:
                sentences.append(self.text(key, quantities=join(self.quantity(q) for q in members)))
        if not city["valid"]:
            sentences.append(self.why(city))
        return Both(" ".join(s.en for s in sentences), "".join(s.zh for s in sentences))

    def tiles(self, law: Law, year: int) -> list[Tile]:
        """One tile a quantity."""
        return [self._tile(law, self.of(law, year), q) for q in QUANTITIES]

    def _tile(self, law: Law, g: Graded, q: str) -> Tile:
        figure, limit = self.judged(law, g.city, q), self.limit_of(law, q)
        attained = g.city["attained"].get(q)
        second = None
        if law.limits[q].year is not None:
            percentile = self.percentile(law, g.city, q)
            if percentile.value is not None and percentile.complete:
                second = self.text("tile.percentile", value=percentile.value, p=law.percentiles[q].rpartition("_p")[2],
                                   limit=law.limits[q].day)  # fmt: skip
        verdict = {True: "within", False: "above", None: "open"}[attained]
        name, held = self.statistic(law, q), self.text("tile.limit", limit=limit)
        return Tile(name, figure.value, figure.complete, UNITS[q], held, second, verdict)

    def class_title(self, law: Law, year: int) -> Both:
        """Finding of the days by class."""
        city = self.of(law, year).city
        return self.text("classes.title", good=city["good_days"], rest=city["valid_days"] - city["good_days"])

    def class_alt(self, law: Law, year: int) -> Both:
        """Days by class in words."""
        g = self.of(law, year)
        counts = join(
            self.text("classes.one", name=c.name, days=g.city["days_by_class"][str(c.level)]) for c in law.categories
        )
        return self.text("classes.alt", counts=counts, missing=self.unassessed(year, g))

    def unassessed(self, year: int, g: Graded) -> int:
        """Days of the year without an index."""
        return int(Period.year(year).days - g.city["valid_days"])

    def years_title(self, law: Law) -> Both:
        """Finding of the comparison of years: the first and the last that could be assessed."""
        assessed = [y for y in self.content.years if self.mean(self.of(law, y).city, "pm25").complete]
        if len(assessed) < 2:
            return self.text("years.title_none")
        first, last = assessed[0], assessed[-1]
        a, b = (self.mean(self.of(law, y).city, "pm25").value for y in (first, last))
        assert a is not None
        assert b is not None
        key = "fell" if float(b) < float(a) else "rose" if float(b) > float(a) else "same"
        return self.text(f"years.title_{key}", a=a, b=b, first=first, last=last, quantity=self.quantity("pm25"))

    def years_alt(self, law: Law) -> Both:
        """PM2.5 of every year in words."""
        return self.text("years.alt", list=join(
            self.text("years.one", year=y, value=self._plain(law, y)) for y in self.content.years
        ))  # fmt: skip

    def _plain(self, law: Law, year: int) -> Both:
        figure = self.mean(self.of(law, year).city, "pm25")
        key = "figure_plain" if figure.complete else "figure_bracket" if figure.value else "figure_none"
        return self.text(f"ui.{key}", value=figure.value)

    def years_bars(self, law: Law, q: str) -> Markup:
        """One quantity over the years, with the limit."""
        series = []
        for year in self.content.years:
            figure = self.judged(law, self.of(law, year).city, q)
            series.append(Bar(Both(str(year), str(year)), figure.value, figure.complete))
        limit = self.limit_of(law, q)
        return bars(self.words, series, limit=(limit, self.text("tile.limit", limit=limit)) if limit else None,
                    names=names_of("year-by-year"))  # fmt: skip
