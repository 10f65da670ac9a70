"""The city's official monitors beside the one on the embassy's roof: what two owners say of the same air.

The series are the published ones, read as floating-point numbers; nothing legal is made of them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from math import asin, cos, radians, sin, sqrt
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from commonshed import datasets

__all__ = ["MIN_HOURS", "Monitor", "Neighbours", "daily_means", "kilometres", "neighbours"]

Floats = NDArray[np.float64]

MIN_HOURS = 20
"""Shared hours a day needs before its means are compared: as many as the law asks for a daily mean."""


@dataclass(frozen=True)
class Monitor:
    """One monitor and its hours.

    Attributes
    ----------
    column : str
        In the published file.
    name_en, name_zh : str
    values : float array, n
        NaN where there is no reading. [µg/m³]
    station : str or None
        Id of the same monitor in the network, if it is in it.
    lon, lat : float or None
        Where the file does not know, the network does. [degrees]
    """

    column: str
    name_en: str
    name_zh: str
    values: Floats
    station: str | None = None
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class Neighbours:
    """Official monitors and the embassy's over the same hours.

    Attributes
    ----------
    first : datetime
        Local label of the first hour; the hours follow without a gap.
    embassy : Monitor
    official : tuple of Monitor
    """

    first: datetime
    embassy: Monitor
    official: tuple[Monitor, ...]

    @property
    def years(self) -> NDArray[np.int64]:
        """Year of each hour."""
        hours = np.datetime64(self.first, "h") + np.arange(len(self.embassy.values))
        return hours.astype("datetime64[Y]").astype(np.int64) + 1970

    def span(self, official: Monitor) -> tuple[date, date]:
        """First and last day on which an official monitor and the embassy's both have a reading."""
        both = np.flatnonzero(~np.isnan(official.values + self.embassy.values))
        first, last = (self.first + timedelta(hours=int(both[end])) for end in (0, -1))
        return first.date(), last.date()


@cache
def neighbours(place: str) -> Neighbours | None:
    """The monitors of a place that come with the package, or none.

    Parameters
    ----------
    place : str
        Code of the city.
    """
    told = tomllib.loads(resources.files("commonshed.disclose").joinpath("embassy.toml").read_text("utf-8"))
    if place != told["place"]:
        return None
    official, embassy = told["official"], told["embassy"]
    columns = [entry["column"] for entry in (*official, embassy)]
    table = pq.read_table(
        datasets.path(told["dataset"], told["file"]), columns=["year", "month", "day", "hour", *columns]
    )
    table = table.filter(np.asarray(table["year"]) >= told["first_year"])
    year, month, day, hour = (int(table[name][0].as_py()) for name in ("year", "month", "day", "hour"))
    values = {name: np.asarray(table[name].to_numpy(), dtype=np.float64) for name in columns}
    return Neighbours(
        first=datetime(year, month, day, hour),
        embassy=_monitor(embassy, values),
        official=tuple(_monitor(entry, values) for entry in official),
    )


def _monitor(entry: Mapping[str, Any], values: Mapping[str, Floats]) -> Monitor:
    return Monitor(
        entry["column"], entry["name"]["en"], entry["name"]["zh"], values[entry["column"]],
        entry.get("station"), entry.get("lon"), entry.get("lat"),
    )  # fmt: skip


def daily_means(x: Floats, y: Floats, *, min_hours: int = MIN_HOURS) -> tuple[Floats, Floats]:
    """Means of the hours that both series have, for whole days from the first hour on; NaN for a day with too few."""
    days = len(x) // 24
    both = ~np.isnan(x + y)[: days * 24].reshape(days, 24)
    enough = both.sum(axis=1) >= min_hours
    means = []
    for series in (x, y):
        total = np.where(both, series[: days * 24].reshape(days, 24), 0.0).sum(axis=1)
        means.append(np.where(enough, total / np.maximum(both.sum(axis=1), 1), np.nan))
    return means[0], means[1]


def kilometres(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """Distance of two points on a sphere of 6,371 km by the haversine formula."""
    half_lat, half_lon = radians(lat_b - lat_a) / 2, radians(lon_b - lon_a) / 2
    a = sin(half_lat) ** 2 + cos(radians(lat_a)) * cos(radians(lat_b)) * sin(half_lon) ** 2
    return 2 * 6371.0 * asin(sqrt(a))
