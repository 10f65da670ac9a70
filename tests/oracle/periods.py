"""Months, quarters, years and rolling years of daily values."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from tests.oracle.days import Day
from tests.oracle.law import FEBRUARY_MIN_DAYS, MONTH_MIN_DAYS, SIX, YEAR_MIN_DAYS, Law
from tests.oracle.rounding import as_text, percentile, round_8170

STATISTICS = ("pm25", "pm10", "so2", "no2", "co", "o3_8h")


@dataclass
class Span:
    """What the law says of one station or place over a period."""

    valid_values: dict[str, int] = field(default_factory=dict)
    months_short: dict[str, list[str]] = field(default_factory=dict)
    complete: dict[str, bool] = field(default_factory=dict)
    mean: dict[str, str | None] = field(default_factory=dict)
    percentile: dict[str, str | None] = field(default_factory=dict)
    indicative_mean: dict[str, str | None] = field(default_factory=dict)
    indicative_percentile: dict[str, str | None] = field(default_factory=dict)
    attained: dict[str, bool | None] = field(default_factory=dict)
    overall: bool | None = None
    composite: str | None = None
    days_by_class: dict[str, int] = field(default_factory=dict)
    good_days: int = 0
    valid_days: int = 0
    good_day_rate: str | None = None
    days_above: dict[str, int] = field(default_factory=dict)
    """Daily values above their limit."""
    days_by_primary: dict[str, int] = field(default_factory=dict)


def months_of(first: date, last: date) -> list[tuple[int, int]]:
    """The calendar months from the first day to the last."""
    return [(n // 12, n % 12 + 1) for n in range(first.year * 12 + first.month - 1, last.year * 12 + last.month)]


def assess(days: Sequence[Day], start: date, first: date, last: date, law: Law) -> Span:
    """Assess the days from first to last of a series that begins on ``start``; days outside it have no values."""
    within = range(max((first - start).days, 0), min((last - start).days + 1, len(days)))
    span = Span()
    means: dict[str, Fraction] = {}
    percentiles: dict[str, Fraction] = {}
    for key in STATISTICS:
        # Rounded daily values go into means and percentiles; tenths are their common decimal place.
        tenths = {i: count for i in within if (count := days[i].tenths[key]) is not None}
        _completeness(span, key, [start + timedelta(days=i) for i in tenths], first, last)
        if tenths:
            counts, decimals = sorted(tenths.values()), law.period_decimals[key]
            means[key] = round_8170(Fraction(sum(counts), 10 * len(counts)), decimals)
            percentiles[key] = round_8170(percentile(counts, law.percentile[key]) / 10, decimals)
        _figures(span, key, means.get(key), percentiles.get(key), law)
    _attainment(span, law)
    _composite(span, means, percentiles, law)
    _classes(span, [days[i] for i in within])
    for key, limit in law.day_limit.items():
        span.days_above[key] = sum((v := days[i].values[key]) is not None and v > limit for i in within)
    for quantity in SIX:
        span.days_by_primary[quantity] = sum(quantity in days[i].primary for i in within)
    return span


def needed(first: date, last: date) -> int:
    """Fewest daily values: of a month by its table; of twelve months 324; of a quarter the sum of its months.

    Convention: the texts have no number for quarters of these quantities.
    """
    months = months_of(first, last)
    if len(months) == 12:
        return YEAR_MIN_DAYS
    return sum(FEBRUARY_MIN_DAYS if month == 2 else MONTH_MIN_DAYS for _, month in months)


def _completeness(span: Span, key: str, valid: Sequence[date], first: date, last: date) -> None:
    per_month = dict.fromkeys(months_of(first, last), 0)
    for day in valid:
        per_month[day.year, day.month] += 1
    short = [
        f"{year:04d}-{month:02d}"
        for (year, month), count in per_month.items()
        if count < (FEBRUARY_MIN_DAYS if month == 2 else MONTH_MIN_DAYS)
    ]
    span.valid_values[key] = len(valid)
    span.months_short[key] = short
    # Not for quarters, see ``needed``: every month complete is the whole condition there.
    enough = len(valid) >= YEAR_MIN_DAYS if len(per_month) == 12 else True
    span.complete[key] = enough and not short


def _figures(span: Span, key: str, mean: Fraction | None, per: Fraction | None, law: Law) -> None:
    decimals = law.period_decimals[key]
    span.indicative_mean[key], span.indicative_percentile[key] = as_text(mean, decimals), as_text(per, decimals)
    span.mean[key] = span.indicative_mean[key] if span.complete[key] else None
    span.percentile[key] = span.indicative_percentile[key] if span.complete[key] else None


def _attainment(span: Span, law: Law) -> None:
    for key in STATISTICS:
        if not span.complete[key]:
            span.attained[key] = None
            continue
        mean, per = span.mean[key], span.percentile[key]
        assert mean is not None
        assert per is not None
        within = Fraction(per) <= law.day_limit[key]
        if key in law.year_limit:
            within = within and Fraction(mean) <= law.year_limit[key]
        span.attained[key] = within
    answers = span.attained.values()
    span.overall = False if False in answers else None if None in answers else True


def _composite(span: Span, means: Mapping[str, Fraction], percentiles: Mapping[str, Fraction], law: Law) -> None:
    if not all(span.complete.values()):
        return
    total = Fraction(0)
    for key, (kind, standard, weight) in law.composite.items():
        # From the rounded, published figures, so that a reader can repeat it.
        total += weight * (means[key] if kind == "mean" else percentiles[key]) / standard
    span.composite = as_text(round_8170(total, 2), 2)


def _classes(span: Span, days: Sequence[Day]) -> None:
    span.days_by_class = {str(level): sum(day.level == level for day in days) for level in range(1, 7)}
    span.good_days = span.days_by_class["1"] + span.days_by_class["2"]
    span.valid_days = sum(span.days_by_class.values())
    if span.valid_days:
        span.good_day_rate = as_text(round_8170(Fraction(100 * span.good_days, span.valid_days), 1), 1)


def month_bounds(year: int, month: int) -> tuple[date, date]:
    """First and last day of a calendar month."""
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def change_in_percent(now: str | None, before: str | None) -> str | None:
    """Change of a published figure from the one of the year before, in percent of that, one decimal."""
    if now is None or before is None or Fraction(before) == 0:
        return None
    return as_text(round_8170(100 * (Fraction(now) - Fraction(before)) / Fraction(before), 1), 1)


def multiple(value: Fraction, limit: Fraction) -> str | None:
    """HJ 663-2013: by how many times its limit a value exceeds it, (C - S) / S, two decimals."""
    return as_text(round_8170((value - limit) / limit, 2), 2)


def rank(composites: Mapping[str, str | None]) -> dict[str, int | None]:
    """Best (smallest) first; equals share the better rank; who has no index has no rank."""
    known = [Fraction(text) for text in composites.values() if text is not None]
    return {
        place: None if text is None else 1 + sum(other < Fraction(text) for other in known)
        for place, text in composites.items()
    }
