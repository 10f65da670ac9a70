"""What every chapter of the report needs: the content, the words, and how to read a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from commonshed.disclose.report.content import Content, Graded, Law, Record
from commonshed.disclose.words import Both, Words, join
from commonshed.observe import load_rules

__all__ = ["QUANTITIES", "UNITS", "Chapter", "Figure"]

QUANTITIES = ("pm25", "pm10", "so2", "no2", "co", "o3")
"""The six quantities in the order reports name them."""

UNITS = {q: "mg/m³" if q == "co" else "µg/m³" for q in QUANTITIES}
"""Legal units, as written for people."""


@dataclass(frozen=True)
class Figure:
    """A figure of a record; incomplete ones are shown in brackets and count for nothing."""

    value: str | None
    complete: bool


class Chapter:
    """Base of the chapters.

    Parameters
    ----------
    content : Content
    words : Words
    """

    def __init__(self, content: Content, words: Words) -> None:
        self.content = content
        self.words = words

    def of(self, law: Law, year: int) -> Graded:
        """One year under one law."""
        return self.content.of(law, year)

    def text(self, key: str, **values: object) -> Both:
        """A sentence in both languages."""
        return self.words.both(key, **values)

    def quantity(self, q: str) -> Both:
        """A quantity's short name: PM2.5, O₃."""
        return self.text(f"quantity.{q}")

    def mean(self, record: Record, q: str) -> Figure:
        """Mean of a period, complete or indicative."""
        return _figure(record, "mean", q)

    def percentile(self, law: Law, record: Record, q: str) -> Figure:
        """The percentile the law judges the quantity by."""
        return _figure(record, "percentile", law.percentiles.get(q, ""))

    def judged(self, law: Law, record: Record, q: str) -> Figure:
        """The figure that stands for the quantity in the composite index: a mean, or for CO and O3 a percentile."""
        return self.mean(record, q) if law.limits[q].year is not None else self.percentile(law, record, q)

    def statistic(self, law: Law, q: str) -> Both:
        """Its name: "PM2.5", "CO, 95th percentile"."""
        if law.limits[q].year is not None:
            return self.quantity(q)
        return self.text("statistic.percentile", quantity=self.quantity(q), p=law.percentiles[q].rpartition("_p")[2])

    def limit_of(self, law: Law, q: str) -> str | None:
        """The limit the judged figure is held against."""
        return law.limits[q].year if law.limits[q].year is not None else law.limits[q].day

    def above(self, law: Law, g: Graded, q: str) -> list[Record]:
        """Days above a quantity's daily limit: of O3 the 8-hour one, by which the law judges."""
        statistic = law.percentiles[q].rpartition("_p")[0]
        return [found for found in g.exceedances if found["statistic"] == statistic]

    def completeness(self, record: Record, q: str) -> Record:
        """How many daily values a quantity has in a period, and what it needs."""
        found: Record = record["completeness"].get(q, {})
        return found

    def why(self, record: Record) -> Both:
        """Why a period is not assessed, with the clause."""
        groups: dict[Both, list[Both]] = {}
        for q in QUANTITIES:
            have = self.completeness(record, q)
            if have and not have["valid"]:
                groups.setdefault(self._lacks(have), []).append(self.quantity(q))
        if not groups:
            return Both(record.get("why_not") or "", record.get("why_not") or "")
        parts = [self.text("why.part", what=what, quantities=join(names)) for what, names in groups.items()]
        why = Both("; ".join(part.en for part in parts), "；".join(part.zh for part in parts))
        law = next((law for law in self.content.laws if law.regime == record["regime"]), self.content.laws[0])
        return self.text("why.line", why=why, clause=law.clauses["completeness"])

    def _lacks(self, have: Record) -> Both:
        """What one quantity lacks: days, or days in some months."""
        needed, short = have["needed"], have["months_short"]
        if short and (needed is None or have["valid_days"] >= needed):
            return self.text("why.months", months=self._months(short))
        return self.text("why.days", have=have["valid_days"], need=needed)

    def _months(self, short: Sequence[str]) -> Both:
        numbers = [int(month[-2:]) for month in short]
        if len(numbers) == 12:
            return self.text("why.every_month")
        return join(self.text(f"month.{number}") for number in numbers)

    def said(self, law: Law, year: int | None = None) -> Both:
        """The law's name, always with a word when it was not in force: in a year, or in any year of the report."""
        years = self.content.years if year is None else (year,)
        return law.name if any(self.of(law, y).in_force for y in years) else self.text("force.said", law=law.name)

    def flag_reason(self, reason: str) -> Both:
        """Why readings were flagged, in the words of the rules; several rules may agree on a reading."""
        known = {rule.key: Both(rule.reason.en, rule.reason.zh) for rule in load_rules().rules}
        keys = [part.partition(": ")[0] for part in reason.split("; ")]
        if not all(key in known for key in keys):
            return Both(reason, reason)
        return Both("; ".join(known[key].en for key in keys), "；".join(known[key].zh for key in keys))

    def editions(self, law: Law) -> Both:
        """The editions of a law as a list."""
        return join(edition.id for edition in law.editions)

    def gases(self, law: Law) -> Both:
        """What was done to gases measured at another reference state."""
        if law.converted is None:
            return self.text("how.gases_same")
        return self.text("how.gases_converted" if law.converted else "how.gases_unconverted")

    def many(self, parts: list[Markup]) -> Markup:
        """Several pieces of HTML as one."""
        return Markup("").join(parts)


def _figure(record: Record, statistic: str, key: str) -> Figure:
    value = (record.get(statistic) or {}).get(key)
    if value is not None:
        return Figure(value, complete=True)
    return Figure(((record.get("indicative") or {}).get(statistic) or {}).get(key), complete=False)
