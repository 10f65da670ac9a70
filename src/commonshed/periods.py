"""Stretches of natural days: how they are spelled, split and compared.

A period is a run of whole natural days of the place's zone. Networks count their days in standard time all year, so a
zone is a fixed offset from UTC.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from commonshed.errors import PeriodError

__all__ = ["Period", "UnitOfTime", "Zone"]

UnitOfTime = Literal["hour", "day", "month", "quarter", "year", "rolling-year"]
"""What a period is split into; ``rolling-year`` is the twelve months that end with each month."""

_EPOCH = date(1970, 1, 1)
_FIRST_YEAR = 1000
"""Each period has one a year before it, and the calendar of Python begins with year 1."""
_SPELLING = re.compile(r"(?P<year>\d{4})(?:-Q(?P<quarter>[1-4])|-(?P<month>\d{2})(?:-(?P<day>\d{2}))?)?\Z")


@dataclass(frozen=True, order=True)
class Period:
    """A run of whole days, both ends included.

    >>> Period.parse("2016-Q1")
    Period(first=datetime.date(2016, 1, 1), last=datetime.date(2016, 3, 31))
    >>> str(Period.parse("2014..2016"))
    '2014..2016'
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise PeriodError("a period ends before it begins", value=f"{self.first}..{self.last}")

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read ``2016``, ``2016-Q1``, ``2016-03``, ``2016-03-05`` or a span of two such: ``2014..2016``.

        Raises
        ------
        PeriodError
            The text is none of these, or no such day exists.
        """
        first, dots, last = text.strip().partition("..")
        start = _parse_single(first, text)
        return cls(start.first, _parse_single(last, text).last) if dots else start

    @classmethod
    def year(cls, year: int) -> Period:
        """One calendar year."""
        return cls(date(year, 1, 1), date(year, 12, 31))

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        """One calendar month."""
        return cls(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))

    @property
    def days(self) -> int:
        """How many natural days."""
        return (self.last - self.first).days + 1

    @property
    def unit(self) -> UnitOfTime | Literal["span"]:
        """The unit of time this period is one of, or ``span``."""
        if self.first == self.last:
            return "day"
        if self == Period.month(self.first.year, self.first.month):
            return "month"
        if self == Period.year(self.first.year):
            return "year"
        if self.first.day == 1 and self.last == _month_end(self.last):
            months = _month_number(self.last) - _month_number(self.first) + 1
            if months == 3 and self.first.month % 3 == 1:
                return "quarter"
            if months == 12:
                return "rolling-year"
        return "span"

    def __str__(self) -> str:
        year, month = self.first.year, self.first.month
        match self.unit:
            case "day":
                return self.first.isoformat()
            case "month":
                return f"{year:04d}-{month:02d}"
            case "quarter":
                return f"{year:04d}-Q{(month + 2) // 3}"
            case "year":
                return f"{year:04d}"
        if self.first == date(year, 1, 1) and self.last == date(self.last.year, 12, 31):
            return f"{year:04d}..{self.last.year:04d}"
        if self.first.day == 1 and self.last == _month_end(self.last):
            return f"{year:04d}-{month:02d}..{self.last.year:04d}-{self.last.month:02d}"
        return f"{self.first.isoformat()}..{self.last.isoformat()}"

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def split(self, unit: UnitOfTime) -> list[Period]:
        """The whole units of time that overlap this period, in order.

        A rolling year is named by its last month, which lies within the period. Hours have no period of their own:
        asking for ``hour`` gives the days.

        Raises
        ------
        PeriodError
            The unit of time is not known.
        """
        match unit:
            case "hour" | "day":
                return [Period(day, day) for day in self.each_day()]
            case "month":
                return [Period.month(y, m) for y, m in self.months()]
            case "quarter":
                starts = dict.fromkeys((y, (m - 1) // 3 * 3 + 1) for y, m in self.months())
                return [Period(date(y, m, 1), _month_end(date(y, m + 2, 1))) for y, m in starts]
            case "year":
                return [Period.year(y) for y in range(self.first.year, self.last.year + 1)]
            case "rolling-year":
                return [Period(_months_before(date(y, m, 1), 11), _month_end(date(y, m, 1))) for y, m in self.months()]
        raise PeriodError("there is no such unit of time", value=unit, mend=f"Known: {', '.join(get_args(UnitOfTime))}")

    def months(self) -> list[tuple[int, int]]:
        """The calendar months this period touches, as (year, month)."""
        numbers = range(_month_number(self.first), _month_number(self.last) + 1)
        return [(number // 12, number % 12 + 1) for number in numbers]

    def each_day(self) -> Iterator[date]:
        """Its days, in order."""
        return (self.first + timedelta(days=offset) for offset in range(self.days))

    def year_before(self) -> Period:
        """The same stretch one year earlier; 29 February becomes the end of February."""
        last = _shift_year(self.last)
        whole_months = self.last == _month_end(self.last)
        return Period(_shift_year(self.first), _month_end(last) if whole_months else last)


@dataclass(frozen=True)
class Zone:
    """A fixed offset from UTC in which days are counted.

    >>> Zone.parse("Asia/Shanghai")
    Zone(minutes=480)
    >>> str(Zone.parse("+05:30"))
    '+05:30'
    """

    minutes: int

    @classmethod
    def parse(cls, text: str) -> Zone:
        """Read ``+08:00``, ``UTC`` or an IANA name.

        A named zone with summer time gives its standard offset: monitoring networks keep standard time all year.

        Raises
        ------
        PeriodError
            No such zone.
        """
        if text in ("UTC", "Z"):
            return cls(0)
        if match := re.fullmatch(r"(?:UTC)?([+-])(\d{2}):?(\d{2})", text):
            minutes = int(match[2]) * 60 + int(match[3])
            return cls(-minutes if match[1] == "-" else minutes)
        try:
            zone = ZoneInfo(text)
        except (ZoneInfoNotFoundError, ValueError):
            raise PeriodError("there is no such zone", value=text, mend="Write +08:00 or Asia/Shanghai") from None
        offsets = [datetime(2020, month, 1, tzinfo=zone).utcoffset() for month in (1, 7)]
        return cls(min(int(offset.total_seconds()) // 60 for offset in offsets if offset is not None))

    def __str__(self) -> str:
        hours, minutes = divmod(abs(self.minutes), 60)
        return f"{'-' if self.minutes < 0 else '+'}{hours:02d}:{minutes:02d}"

    def first_second(self, day: date) -> int:
        """Seconds since 1970-01-01T00:00Z at which a natural day begins here."""
        return (day - _EPOCH).days * 86_400 - self.minutes * 60

    def day_of(self, second: int) -> date:
        """The natural day here that holds an instant given in seconds since 1970-01-01T00:00Z."""
        return _EPOCH + timedelta(days=(second + self.minutes * 60) // 86_400)

    def text(self, second: int) -> str:
        """An instant as local time with its offset: ``2016-03-05T08:00+08:00``."""
        local = datetime.fromtimestamp(second + self.minutes * 60, UTC)
        return f"{local:%Y-%m-%dT%H:%M}{self}"


def _parse_single(part: str, whole: str) -> Period:
    match = _SPELLING.match(part.strip())
    if not match:
        raise PeriodError(
            "a period cannot be read", value=whole, mend="Write 2016, 2016-Q1, 2016-03, 2016-03-05 or 2014..2016"
        )
    year = int(match["year"])
    if year < _FIRST_YEAR:
        raise PeriodError("there is no such day", value=part, mend="Write all four digits of the year")
    try:
        if match["quarter"]:
            first = date(year, int(match["quarter"]) * 3 - 2, 1)
            return Period(first, _month_end(date(year, first.month + 2, 1)))
        if match["day"]:
            day = date(year, int(match["month"]), int(match["day"]))
            return Period(day, day)
        return Period.month(year, int(match["month"])) if match["month"] else Period.year(year)
    except (ValueError, calendar.IllegalMonthError):
        raise PeriodError("there is no such day", value=part, mend="Check month and day") from None


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _months_before(day: date, months: int) -> date:
    number = _month_number(day) - months
    return date(number // 12, number % 12 + 1, 1)


def _shift_year(day: date) -> date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)
