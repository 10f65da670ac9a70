"""A made-up city whose every sound can be checked by hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import pyarrow as pa

from commonshed.assess import Readings
from commonshed.keep.rows import conform
from commonshed.places import Jurisdiction, Network, Station

CITY, EAST, WEST = "230100", "230102", "230103"
FIRST = date(2024, 3, 4)

Sound = tuple[str, datetime, int, int, str]
"""Station, start in local time, seconds, hundredths of a dB, statistic."""


def network(*stations: Station) -> Network:
    """Two districts of a city."""
    jurisdictions = [
        Jurisdiction(CITY, "Ice City", "冰城", "230000"),
        Jurisdiction("230000", "North", "北省"),
        Jurisdiction(EAST, "East", "东区", CITY),
        Jurisdiction(WEST, "West", "西区", CITY),
    ]
    return Network({j.code: j for j in jurisdictions}, {s.id: s for s in stations})


def heard(places: Network, sounds: Iterable[Sound]) -> Readings:
    """Readings of some sounds, recorded one after the other."""
    rows = list(sounds)
    epoch = datetime(1970, 1, 1)
    seconds = [int((start - epoch).total_seconds()) - places.zone.minutes * 60 for _, start, *_ in rows]
    n = len(rows)
    table = pa.table(
        {
            "station": [station for station, *_ in rows],
            "quantity": ["leq"] * n,
            "statistic": [row[4] for row in rows],
            "start": pa.array(seconds, pa.int64()),
            "period": pa.array([row[2] for row in rows], pa.int32()),
            "ticks": pa.array([row[3] for row in rows], pa.int64()),
            "qualifier": ["="] * n,
            "flag": ["valid"] * n,
            "status": ["provisional"] * n,
            "mapping": ["test"] * n,
            "origin": ["test"] * n,
            "recorded": pa.array(range(n), pa.int64()),
        }
    )
    return Readings(conform(table), places)


def hours(station: str, levels: dict[int, int], *, day: date = FIRST, statistic: str = "leq") -> list[Sound]:
    """Hourly levels of one day, by hour; 24 and more is the next morning."""
    midnight = datetime(day.year, day.month, day.day)
    return [(station, midnight + timedelta(hours=hour), 3600, ticks, statistic) for hour, ticks in levels.items()]


def around_the_clock(station: str, by_day: int, by_night: int, *, day: date = FIRST) -> list[Sound]:
    """The same level every hour of a day, and another every hour of the night after it."""
    return hours(station, dict.fromkeys(range(6, 22), by_day) | dict.fromkeys(range(22, 30), by_night), day=day)
