"""Whether the water gets better over the years, and whether it is the water or the flow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from commonshed.disclose.river.report.classes import in_order, named_quantity
from commonshed.disclose.river.report.content import Content, Record
from commonshed.disclose.words import Both, Words

__all__ = ["Trend", "Trends", "trends_of"]


@dataclass(frozen=True)
class Trend:
    """One section's trend, plain and without the flow. Slopes in percent of the median a year."""

    name: Both
    stem: bool
    median: str
    plain: str
    plain_told: Both
    adjusted: str
    band: str
    adjusted_told: Both


@dataclass(frozen=True)
class Trends:
    """The trends of all sections."""

    quantity: Both
    unit: str
    falling: int
    rising: int
    of: int
    span: str
    lines: tuple[Trend, ...]
    table: tuple[tuple[str, ...], ...]


def trends_of(content: Content, words: Words) -> Trends | None:
    """The trends as the page shows them; none where no section has years and flows enough."""
    records = [content.trends[section] for section in in_order(content) if _tested(content.trends.get(section))]
    if not records:
        return None
    without = [found for record in records if (found := _adjusted(record)) is not record]
    if not without:
        return None
    directions = [found["seasonal_kendall"]["direction"] for found in without]
    lines = tuple(_line(content, words, record) for record in records)
    head = ("section", "name", "median", "percent a year", "percent a year without flow", "low", "high", "direction")
    rows = [(record["section"], content.name(record["section"]).en, *_cells(record)) for record in records]
    first, _, last = records[0]["period"].partition("..")
    return Trends(
        quantity=named_quantity(records[0]["quantity"]),
        unit=records[0]["unit"],
        falling=directions.count("falling"),
        rising=directions.count("rising"),
        of=len(directions),
        span=f"{first}–{last}",
        lines=lines,
        table=(head, *rows),
    )


def _tested(record: Record | None) -> bool:
    return record is not None and record.get("seasonal_kendall") is not None and record.get("slope") is not None


def _adjusted(record: Record) -> Mapping[str, Record]:
    """Without the flow where it is known, else as it is."""
    adjusted = record.get("flow_adjusted") or {}
    return adjusted if adjusted.get("seasonal_kendall") else record


def _line(content: Content, words: Words, record: Record) -> Trend:
    adjusted = _adjusted(record)
    own = adjusted is not record
    return Trend(
        name=content.name(record["section"]),
        stem=record["section"] in content.stem,
        median=_decimals(record["median"]),
        plain=_percent(record["slope"]["percent_per_year"]),
        plain_told=_told(words, record),
        adjusted=_percent(adjusted["slope"]["percent_per_year"]) if own else "–",
        band=_band(adjusted["slope"]) if own else "",
        adjusted_told=_told(words, adjusted) if own else Both("", ""),
    )


def _band(slope: Record) -> str:
    """Both ends of an interval; a dash where too few months make none."""
    if slope["low"] is None or slope["high"] is None:
        return "–"
    return f"{_percent(slope['low'])} … {_percent(slope['high'])}"


def _decimals(median: str) -> str:
    """Three decimals, so that a column can be read down; the data link keeps all.

    >>> _decimals("0.15"), _decimals("0.1335")
    ('0.150', '0.134')
    """
    return str(Decimal(median).quantize(Decimal("0.001")))


def _told(words: Words, record: Mapping[str, Record]) -> Both:
    return words.both(f"trend.{record['seasonal_kendall']['direction']}")


def _cells(record: Record) -> Sequence[str]:
    adjusted = _adjusted(record)
    slope = adjusted["slope"]
    return (
        record["median"],
        record["slope"]["percent_per_year"],
        slope["percent_per_year"],
        slope["low"],
        slope["high"],
        str(adjusted["seasonal_kendall"]["direction"]),
    )


def _percent(text: str | None) -> str:
    """One decimal with a true minus; what rounds to nought has no sign.

    >>> _percent("-3.9499"), _percent("-0.04")
    ('−3.9', '0.0')
    """
    if text is None:
        return "–"
    value = Decimal(text).quantize(Decimal("0.1"))
    return str(abs(value)) if value == 0 else f"{value}".replace("-", "−")
