"""Readings of a small made-up river, written row by row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from commonshed.assess import Readings
from commonshed.keep.rows import conform
from commonshed.periods import Period, Zone
from commonshed.places import Network, Station

ZONE = Zone(480)
DAY = 86_400
YEAR = Period.year(2016)


def places() -> Network:
    """Two sections."""
    stations = {id: Station(id, f"{id} bridge", f"{id}桥", water_body="river") for id in ("Upper", "Lower")}
    return Network({}, stations, zone=ZONE)


def row(
    day: date, quantity: str, ticks: int, *, station: str = "Upper", hour: int = 10, period: int = 1, **marks: str
) -> dict[str, Any]:
    """One reading."""
    start = ZONE.first_second(day) + hour * 3600
    return {
        "station": station, "quantity": quantity, "statistic": "mean", "start": start, "period": period, "ticks": ticks,
        "qualifier": "=", "flag": "valid", "status": "provisional", "mapping": "m@0", "origin": "o@0",
        "recorded": start,
    } | marks  # fmt: skip


def readings(rows: Iterable[dict[str, Any]]) -> Readings:
    """As a table of readings with its places."""
    table = pa.Table.from_pylist(list(rows))
    return Readings(conform(table.set_column(4, "period", table["period"].cast(pa.int32()))), places())


def river(*, every: int = 7, station: str = "Upper", seed: int = 0, year: Period = YEAR) -> list[dict[str, Any]]:
    """A year of daily flow and of samples that follow it: tp [mg/L] about flow to the power of −0.3."""
    rng = np.random.default_rng(seed)
    flow = np.exp(np.cumsum(0.15 * rng.standard_normal(year.days)) * 0.6 + 1)
    tp = 0.2 * (flow / 3) ** -0.3 * np.exp(0.15 * rng.standard_normal(year.days))
    rows = []
    for number, day in enumerate(year.each_day()):
        rows.append(row(day, "flow", round(flow[number] * 1e6), hour=0, period=DAY, station=station))
        if number % every == 3:
            rows.append(row(day, "tp", round(tp[number] * 1e6), station=station))
    return rows
