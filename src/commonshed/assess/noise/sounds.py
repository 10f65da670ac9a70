"""Sound levels as they were measured, arranged by station, day and part of the day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from commonshed.assess.rows import COUNTED, is_one_of, latest
from commonshed.assess.source import Source
from commonshed.keep.rows import codes
from commonshed.periods import Period, Zone
from commonshed.standards.noise import DayPart

__all__ = ["PartOfDay", "Sounds", "sounds_between"]

LEVELS = ("leq", "mean")
"""A meter averages energy, so its mean is a level."""
PEAK = "max"
_EPOCH = date(1970, 1, 1)
_DAY = 86_400

Key = tuple[str, date, str]
"""Station, day, part of the day."""


@dataclass
class PartOfDay:
    """What was heard at one station in one part of one day.

    Attributes
    ----------
    weights : dict of level to seconds
        Levels in ticks.
    hours : int
        Hours of the clock with a level.
    peak : int or None
        The highest maximum. [ticks]
    """

    weights: dict[int, int] = field(default_factory=dict)
    hours: int = 0
    peak: int | None = None


@dataclass(frozen=True, eq=False)
class Sounds:
    """Parts of days with something measured, and what could not be placed in one.

    Attributes
    ----------
    parts : dict of (station, day, part) to PartOfDay
    astride : int
        Readings that reach over the end of their part of the day.
    """

    parts: Mapping[Key, PartOfDay]
    astride: int

    def within(self, station: str, part: str, period: Period) -> Iterator[tuple[date, PartOfDay]]:
        """The days of a period with something measured at a station in a part of the day, in order."""
        for day in period.each_day():
            held = self.parts.get((station, day, part))
            if held is not None:
                yield day, held


def sounds_between(
    source: Source,
    period: Period,
    day_parts: Sequence[DayPart],
    *,
    stations: Sequence[str] | None = None,
    as_of: int | None = None,
) -> Sounds:
    """The sound levels of the days of a period.

    A night belongs to the day on which it begins. Invalid readings do not count, and of readings with the same key
    the one recorded last does.

    Parameters
    ----------
    source : Source
    period : Period
    day_parts : sequence of DayPart
    stations : sequence of str, optional
    as_of : int, optional
        Size of the shed's log.
    """
    zone = source.network(as_of).zone
    table = source.readings(
        quantities=["leq"],
        stations=None if stations is None else list(stations),
        start=zone.first_second(period.first),
        end=zone.first_second(period.last) + 2 * _DAY,
        as_of=as_of,
    )
    return _arranged(table, zone, period, day_parts)


def _arranged(table: pa.Table, zone: Zone, period: Period, day_parts: Sequence[DayPart]) -> Sounds:
    named = {name: codes(table[name]) for name in ("station", "statistic", "flag")}
    numbers = {name: table[name].to_numpy() for name in ("start", "period", "ticks", "recorded")}
    counted = is_one_of(named["flag"], COUNTED) & is_one_of(named["statistic"], (*LEVELS, PEAK))
    keys = [named["station"][0], named["statistic"][0], numbers["start"], numbers["period"]]
    rows = latest(np.flatnonzero(counted), keys, numbers["recorded"])
    local = numbers["start"][rows] + zone.minutes * 60
    part, day = _placed(local, numbers["period"][rows], day_parts)
    inside = (part >= 0) & (day >= (period.first - _EPOCH).days) & (day <= (period.last - _EPOCH).days)
    astride = np.flatnonzero((part < 0) & _starts_within(local, period))
    parts: dict[Key, PartOfDay] = {}
    stations = named["station"][1]
    peaks = is_one_of(named["statistic"], (PEAK,))[rows]
    columns = (named["station"][0][rows], day, part, numbers["ticks"][rows], numbers["period"][rows], local, peaks)
    hours: dict[Key, set[int]] = {}
    for s, d, p, ticks, length, second, peak in zip(*(c[inside].tolist() for c in columns), strict=True):
        key = (stations[s], _EPOCH + timedelta(days=d), day_parts[p].key)
        held = parts.setdefault(key, PartOfDay())
        if peak:
            held.peak = ticks if held.peak is None else max(held.peak, ticks)
            continue
        held.weights[ticks] = held.weights.get(ticks, 0) + max(length, 1)
        hours.setdefault(key, set()).update(range(second // 3600, (second + max(length, 1) - 1) // 3600 + 1))
    for key, clock in hours.items():
        parts[key].hours = len(clock)
    return Sounds(parts, int(astride.size))


def _placed(
    local: NDArray[np.int64], length: NDArray[np.int32], day_parts: Sequence[DayPart]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The part of the day each reading lies in, -1 for none, and the day that part began on."""
    part = np.full(local.size, -1, np.int64)
    day = np.zeros(local.size, np.int64)
    for number, held in enumerate(day_parts):
        since = (local - held.first_hour * 3600) % _DAY
        lies = since + np.maximum(length, 1) <= held.hours * 3600
        part[lies] = number
        day[lies] = ((local - held.first_hour * 3600) // _DAY)[lies]
    return part, day


def _starts_within(local: NDArray[np.int64], period: Period) -> NDArray[np.bool_]:
    days = local // _DAY
    return (days >= (period.first - _EPOCH).days) & (days <= (period.last - _EPOCH).days)
