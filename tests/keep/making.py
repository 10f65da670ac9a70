"""Readings and sheds for tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from commonshed.keep import READINGS, Shed, Source

MARCH = 1456761600  # 2016-03-01T00:00+08:00
HOUR = 3600

ROW: dict[str, Any] = {
    "station": "dongsi",
    "quantity": "pm25",
    "statistic": "mean",
    "start": MARCH,
    "period": HOUR,
    "ticks": 35_000,
    "qualifier": "=",
    "flag": "valid",
    "status": "provisional",
    "reason": None,
    "raw": None,
    "mapping": "long",
    "origin": "test",
    "recorded": 1_700_000_000,
    "author": None,
}


def row(**fields: Any) -> dict[str, Any]:
    """One reading; what is not said is ordinary."""
    return {**ROW, **fields}


def table(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Readings as a table."""
    return pa.Table.from_pylist([dict(each) for each in rows], READINGS)


def hours(count: int, *, first: int = MARCH, ticks_from: int = 0, **fields: Any) -> pa.Table:
    """So many hourly readings of one series, with ticks 0, 1, 2 …"""
    return table(row(start=first + i * HOUR, ticks=ticks_from + i, **fields) for i in range(count))


def source(name: str) -> Source:
    """A file of that name, which no other has the bytes of."""
    return Source(name, f"digest of {name}", "mapping", "quality", "places")


def make_shed(path: Path) -> Shed:
    """An empty shed in Beijing time."""
    return Shed.create(path, name="test", zone="+08:00")


def key(reading: Mapping[str, Any]) -> tuple[Any, ...]:
    """Key of a reading."""
    return tuple(reading[name] for name in ("station", "quantity", "statistic", "start", "period"))


def current(readings: pa.Table) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Readings by key: ticks, flag, raw. Fails when a key stands twice."""
    rows = readings.to_pylist()
    found = {key(each): (each["ticks"], each["flag"], each["raw"]) for each in rows}
    assert len(found) == len(rows), "a key stands twice"
    return found
