"""The numbers behind every figure, as rows for the reader's own spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from commonshed.disclose.report.chapters import QUANTITIES, UNITS, Story
from commonshed.disclose.report.chapters.chapter import Figure
from commonshed.disclose.report.content import Law, Record

__all__ = ["FIGURES", "table"]

Rows = list[list[Any]]


def table(story: Story, figure: str) -> Rows:
    """Rows of a figure, the first of which is the head.

    Parameters
    ----------
    figure : str
        Id of the figure in the page.
    """
    return FIGURES[figure](story)


def _settings(story: Story) -> Iterator[tuple[Law, int]]:
    return ((law, year) for law in story.content.laws for year in story.content.years)


def _status(figure: Figure) -> str:
    return "complete" if figure.complete else "incomplete" if figure.value is not None else "missing"


def _days_by_class(story: Story) -> Rows:
    rows: Rows = [["law", "in_force", "year", "class", "days"]]
    for law, year in _settings(story):
        g = story.of(law, year)
        rows += [[law.key, g.in_force, year, level, days] for level, days in g.city["days_by_class"].items()]
    return rows


def _period_rows(story: Story, law: Law, head: list[Any], record: Record) -> Rows:
    return [
        [*head, q, UNITS[q], (figure := story.judged(law, record, q)).value, _status(figure), story.limit_of(law, q)]
        for q in QUANTITIES
    ]


def _year_by_year(story: Story) -> Rows:
    rows: Rows = [["law", "year", "quantity", "unit", "value", "status", "limit"]]
    for law, year in _settings(story):
        rows += _period_rows(story, law, [law.key, year], story.of(law, year).city)
    return rows


def _ranking(kind: str) -> Callable[[Story], Rows]:
    def rows(story: Story) -> Rows:
        key = "jurisdiction" if kind == "districts" else "station"
        found: Rows = [["law", "in_force", "year", key, "rank", "rank_change", "composite_index", *QUANTITIES,
                        "good_days", "valid_days", "why_not"]]  # fmt: skip
        for law, year in _settings(story):
            for row in story.ranked(law, year, kind):
                r = row.record
                figures = [story.judged(law, r, q) for q in QUANTITIES]
                found.append([
                    law.key, r["in_force"], year, r[key], r["rank"], r.get("rank_change"), r["composite_index"],
                    *(f.value if f.complete else None for f in figures), r["good_days"], r["valid_days"], r["why_not"],
                ])  # fmt: skip
        return found

    return rows


def _map(story: Story) -> Rows:
    rows: Rows = [["law", "year", "station", "lon", "lat", "role", "pm25_mean", "status", "limit"]]
    marks = {mark.id: mark for mark in story.content.city.stations}
    for law, year in _settings(story):
        for r in story.of(law, year).stations:
            figure, mark = story.mean(r, "pm25"), marks[r["station"]]
            rows.append([law.key, year, mark.id, mark.lon, mark.lat, mark.role, figure.value, _status(figure),
                         law.limits["pm25"].year])  # fmt: skip
    return rows


def _calendar(story: Story) -> Rows:
    rows: Rows = [["law", "day", "aqi", "class", "primary", "pm25", "pm10", "so2", "no2", "co", "o3_8h"]]
    for law, year in _settings(story):
        for r in story.of(law, year).days:
            rows.append([law.key, r["period"], r["aqi"], r["class"], " ".join(r["primary"]),
                         *(r.get(k) for k in ("pm25", "pm10", "so2", "no2", "co", "o3_8h"))])  # fmt: skip
    return rows


def _months(story: Story) -> Rows:
    rows: Rows = [["law", "month", "quantity", "unit", "value", "status", "limit"]]
    for law, year in _settings(story):
        for record in story.of(law, year).months:
            rows += _period_rows(story, law, [law.key, record["period"]], record)
    return rows


def _exceedances(story: Story) -> Rows:
    rows: Rows = [["law", "day", "quantity", "statistic", "unit", "value", "limit", "multiple"]]
    for law, year in _settings(story):
        rows += [
            [
                law.key,
                e["period"],
                e["quantity"],
                e["statistic"],
                UNITS[e["quantity"]],
                e["value"],
                e["limit"],
                e["multiple"],
            ]
            for e in story.of(law, year).exceedances
        ]
    return rows


def _completeness(story: Story) -> Rows:
    rows: Rows = [["law", "station", "period", "quantity", "valid_days", "needed", "valid"]]
    for law, year in _settings(story):
        g = story.of(law, year)
        for record in [*g.stations, *(month for months in g.station_months.values() for month in months)]:
            for q in QUANTITIES:
                have = story.completeness(record, q)
                rows.append([law.key, record["station"], record["period"], q, have.get("valid_days"),
                             have.get("needed"), have.get("valid")])  # fmt: skip
    return rows


def _bulletin(story: Story) -> Rows:
    rows: Rows = [["year", "figure", "official", "ours", "indicative", "difference", "reasons"]]
    for year, lines in story.content.bulletin.items():
        rows += [[year, x.figure, x.official, x.ours, x.indicative, x.difference, " ".join(x.reasons)] for x in lines]
    return rows


def _embassy_hours(story: Story) -> Rows:
    return _embassy_statistics(story)


def _embassy_statistics(story: Story) -> Rows:
    names = ("n", "mean_x", "mean_y", "bias", "relative_bias", "mae", "rmse", "correlation", "slope", "intercept",
             "lower", "upper")  # fmt: skip
    rows: Rows = [["monitor", "over", *names]]
    for k in story.content.comparisons:
        over = {"hours": k.hours, "daily means": k.days} | {f"hours of {y}": a for y, a in k.by_year.items()}
        rows += [[k.site, what, *(getattr(a, name) for name in names)] for what, a in over.items()]
    return rows


def _embassy_bias(story: Story) -> Rows:
    rows: Rows = [["monitor", "from", "below", "n", "bias", "mae"]]
    for k in story.content.comparisons:
        rows += [[k.site, b.low, b.high, b.n, b.bias, b.mae] for b in k.bins]
    return rows


def _embassy_classes(story: Story) -> Rows:
    rows: Rows = [["monitor", "law", "official_class", "embassy_class", "days"]]
    for k in story.content.comparisons:
        for key, counted in k.classes.items():
            rows += [
                [k.site, key, i, j, days]
                for i, line in enumerate(counted, start=1)
                for j, days in enumerate(line, start=1)
            ]
    return rows


FIGURES: dict[str, Callable[[Story], Rows]] = {
    "days-by-class": _days_by_class,
    "year-by-year": _year_by_year,
    "ranking-districts": _ranking("districts"),
    "ranking-stations": _ranking("stations"),
    "map-pm25": _map,
    "calendar-aqi": _calendar,
    "months-by-quantity": _months,
    "exceedances-by-quantity": _exceedances,
    "completeness-by-station": _completeness,
    "bulletin-table": _bulletin,
    "embassy-hours": _embassy_hours,
    "embassy-statistics": _embassy_statistics,
    "embassy-bias": _embassy_bias,
    "embassy-classes": _embassy_classes,
}
"""Every figure of the page that has numbers behind it."""
