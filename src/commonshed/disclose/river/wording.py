"""The sentences of pages about rivers; they are data in ``texts/``, the grammar is the report's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo

from commonshed.disclose.words import Both, Language, Words, day_text

__all__ = ["PACKAGE", "clock", "day_and_clock", "duration", "figure", "said", "words"]

PACKAGE = "commonshed.disclose.river"


def words(languages: Iterable[Language]) -> Words:
    """Say the sentences of this package in some languages."""
    return Words(languages, PACKAGE)


_BOTH = Words(("en", "zh"), PACKAGE)


def said(key: str, **values: object) -> Both:
    """A sentence of this package, filled in, in both languages."""
    return _BOTH.both(key, **values)


def day_and_clock(at: datetime, zone: tzinfo) -> Both:
    """An instant as people write it, on the clock of a place: 6 Mar 2017 09:40, 2017年3月6日09:40."""
    local = at.astimezone(zone)
    day, minute = day_text(local.date()), f"{local:%H:%M}"
    return Both(f"{day.en} {minute}", f"{day.zh}{minute}")


def clock(at: datetime, zone: tzinfo, *, beside: datetime | None = None) -> Both:
    """An instant as short as it stays clear: 09:40, and with its day where that is another than of ``beside``."""
    local = at.astimezone(zone)
    minute = f"{local:%H:%M}"
    if beside is not None and beside.astimezone(zone).date() == local.date():
        return Both(minute, minute)
    day = day_text(local.date())
    return Both(f"{day.en.rsplit(' ', 1)[0]} {minute}", f"{local.month}月{local.day}日{minute}")


def duration(hours: float) -> Both:
    """How long something takes: 35 min, 4.2 h, 3.1 days."""
    if hours < 1:
        return said("time.minutes", n=round(hours * 60))
    if hours < 48:
        return said("time.hours", n=figure(hours).removesuffix(".0"))
    return said("time.days", n=figure(hours / 24).removesuffix(".0"))


def figure(value: float, digits: int = 2) -> str:
    """A figure of a model for people: two significant digits, never in powers of ten, a true minus."""
    if value == 0:
        return "0"
    from math import floor, log10

    decimals = max(0, digits - 1 - floor(log10(abs(value))))
    text = f"{value:,.{min(decimals, 9)}f}"
    return text.replace("-", "−")
