"""A made-up shore of two districts with hours that can be checked by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

import pyarrow as pa

from commonshed.assess.air import Readings
from commonshed.periods import Period
from commonshed.places import Jurisdiction, Network, Station

CITY, EAST, WEST = "110000", "110105", "110108"
TICKS = {"pm25": 1000, "pm10": 1000, "so2": 1000, "no2": 1000, "o3": 1000, "co": 1000}
"""Ticks in one µg/m³, for CO in one mg/m³."""
CLEAN: Mapping[str, float] = {"pm25": 30, "pm10": 60, "so2": 10, "no2": 30, "co": 1, "o3": 80}

Level = Callable[[str, str, date], float | None]
"""Concentration of a quantity at a station on a day, the same all day; None: nothing is measured."""


def network(*stations: Station) -> Network:
    """Two districts of a city."""
    jurisdictions = [
        Jurisdiction(CITY, "Shore City", "滨城"),
        Jurisdiction(EAST, "East", "东区", CITY),
        Jurisdiction(WEST, "West", "西区", CITY),
    ]
    return Network({j.code: j for j in jurisdictions}, {s.id: s for s in stations})


def shore() -> Network:
    """Three assessed stations and a control site."""
    return network(
        Station("Dock", "Dock", "码头", jurisdiction=EAST),
        Station("Park", "Park", "公园", jurisdiction=EAST),
        Station("Mill", "Mill", "磨坊", jurisdiction=WEST),
        Station("Hill", "Hill", "山", jurisdiction=WEST, role="control"),
    )


def measured(places: Network, period: Period, level: Level) -> Readings:
    """Readings of every hour of a period, constant within each day."""
    rows: dict[str, list[object]] = {"station": [], "quantity": [], "start": [], "ticks": []}
    for station in places.stations:
        for quantity, scale in TICKS.items():
            for offset in range(period.days):
                day = period.first + timedelta(days=offset)
                value = level(station, quantity, day)
                if value is None:
                    continue
                first = places.zone.first_second(day)
                rows["station"] += [station] * 24
                rows["quantity"] += [quantity] * 24
                rows["start"] += range(first, first + 86_400, 3600)
                rows["ticks"] += [round(value * scale)] * 24
    types = {"station": pa.string(), "quantity": pa.string(), "start": pa.int64(), "ticks": pa.int64()}
    table = pa.table({name: pa.array(values, types[name]) for name, values in rows.items()})
    n = table.num_rows
    table = table.append_column("statistic", pa.array(["mean"] * n))
    table = table.append_column("period", pa.array([3600] * n, pa.int32()))
    return Readings(table.append_column("flag", pa.array(["valid"] * n)), places)


def clean(_station: str, quantity: str, _day: date) -> float | None:
    """The same good air everywhere."""
    return CLEAN[quantity]
