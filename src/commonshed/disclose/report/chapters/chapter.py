"""What every chapter of the report needs: the content, the words, and how to read a record."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from commonshed.disclose.report.content import Content, Graded, Law, Record
from commonshed.disclose.report.words import Both, Words, join

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

    def completeness(self, record: Record, q: str) -> Record:
        """How many daily values a quantity has in a period, and what it needs."""
        found: Record = record["completeness"].get(q, {})
        return found

    def why(self, record: Record) -> Both:
        """Why a period is not assessed, with the clause."""
        lines = []
        for q in QUANTITIES:
            have = self.completeness(record, q)
            if not have or have.get("valid"):
                continue
            short = have.get("months_short") or ()
            enough = have.get("needed") is None or have["valid_days"] >= have["needed"]
            if short and enough:
                lines.append((("why.months", self._months(short)), q))
            else:
                lines.append((("why.days", (have["valid_days"], have["needed"])), q))
        return self._grouped(lines) if lines else Both(record.get("why_not") or "", record.get("why_not") or "")

    def _grouped(self, lines: list[tuple[tuple[str, object], str]]) -> Both:
        groups: dict[tuple[str, object], list[str]] = {}
        for reason, q in lines:
            groups.setdefault(reason, []).append(q)
        sentences = []
        for (key, detail), members in groups.items():
            names = join(self.quantity(q) for q in members)
            if key == "why.days":
                have, need = detail  # type: ignore[misc]
                sentences.append(self.text(key, quantities=names, have=have, need=need))
            else:
                sentences.append(self.text(key, quantities=names, months=detail))
        clause = self.content.laws[0].clauses["completeness"]
        return self.text("why.line", why=_chain(sentences), clause=clause)

    def _months(self, short: object) -> Both:
        numbers = [int(str(month)[-2:]) for month in short]  # type: ignore[attr-defined]
        if len(numbers) == 12:
            return self.text("why.every_month")
        return join(self.text(f"month.{number}") for number in numbers)

    def flag_reason(self, reason: str) -> Both:
        """Why readings were flagged, by the name of the rule."""
        known = self.words.known(f"flagged.{reason}")
        return known or Both(reason, reason)

    def editions(self, law: Law) -> Both:
        """The editions of a law as a list."""
        return join(edition.id for edition in law.editions)

    def gases(self, law: Law) -> Both:
        """What was done to gases measured at another reference state."""
        if law.converted is None:
            return self.text("how.gases_same")
        return self.text("how.gases_converted" if law.converted else "how.gases_unconverted")

    def names(self, figure: str) -> str:
        """Ids of the title and the text alternative of a figure."""
        return f"{figure}-title {figure}-alt"

    def many(self, parts: list[Markup]) -> Markup:
        """Several pieces of HTML as one."""
        return Markup("").join(parts)


def _figure(record: Record, statistic: str, key: str) -> Figure:
    value = (record.get(statistic) or {}).get(key)
    if value is not None:
        return Figure(value, complete=True)
    return Figure(((record.get("indicative") or {}).get(statistic) or {}).get(key), complete=False)


def _chain(sentences: list[Both]) -> Both:
    return Both("; ".join(s.en for s in sentences), "；".join(s.zh for s in sentences))
