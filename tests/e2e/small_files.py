"""Small files of readings cut from the real ones, saved the many ways people save files."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from tests.oracle import beijing

from commonshed import datasets

COLUMNS = ("No", "year", "month", "day", "hour", "PM2.5", "PM10", "SO2", "NO2", "CO", "O3", "station")
VALUES = ("PM2.5", "PM10", "SO2", "NO2", "CO", "O3")
Row = dict[str, str]

STATIONS = ("Aotizhongxin", "Dongsi", "Dingling")
FIRST, LAST = date(2016, 2, 27), date(2016, 3, 2)
"""Five days around 29 February."""


@cache
def _all() -> pa.Table:
    return pq.read_table(beijing.parquet(), columns=list(COLUMNS))


def table(stations: Sequence[str] = STATIONS, first: date = FIRST, last: date = LAST) -> pa.Table:
    """Rows of some stations and days, as shipped."""
    everything = _all()
    ordinal = pc.add(
        pc.multiply(everything["year"].cast(pa.int32()), 10_000),
        pc.add(pc.multiply(everything["month"].cast(pa.int32()), 100), everything["day"].cast(pa.int32())),
    )
    bounds = [day.year * 10_000 + day.month * 100 + day.day for day in (first, last)]
    inside = pc.and_(pc.greater_equal(ordinal, bounds[0]), pc.less_equal(ordinal, bounds[1]))
    return everything.filter(pc.and_(inside, pc.is_in(everything["station"], pa.array(stations, pa.large_string()))))


def rows(stations: Sequence[str] = STATIONS, first: date = FIRST, last: date = LAST) -> list[Row]:
    """The same as text, missing values as ``NA``, as in the original files."""
    return [{name: _text(value) for name, value in row.items()} for row in table(stations, first, last).to_pylist()]


def _text(value: object) -> str:
    if value is None:
        return "NA"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def csv_bytes(
    some: Iterable[Row],
    *,
    columns: Sequence[str] = COLUMNS,
    encoding: str = "utf-8",
    end: str = "\n",
    quote: bool = False,
) -> bytes:
    """Rows as a CSV file."""
    sink = io.StringIO(newline="")
    quoting: Literal[0, 1] = csv.QUOTE_ALL if quote else csv.QUOTE_MINIMAL
    writer = csv.DictWriter(sink, columns, extrasaction="ignore", lineterminator=end, quoting=quoting)
    writer.writeheader()
    writer.writerows(some)
    return sink.getvalue().encode(encoding)


def stations_csv(path: Path, *, keep: Callable[[Row], Row | None] = lambda row: row, encoding: str = "utf-8") -> Path:
    """The shipped stations, each changed or left out."""
    text = datasets.path("beijing", "stations.csv").read_text("utf-8-sig")
    some = [row for row in map(keep, csv.DictReader(io.StringIO(text))) if row is not None]
    path.write_bytes(csv_bytes(some, columns=list(some[0]), encoding=encoding))
    return path


def shuffled(some: Sequence[Row], seed: int = 1) -> list[Row]:
    """The rows in another order."""
    mixed = list(some)
    random.Random(seed).shuffle(mixed)
    return mixed


def day_rows(station: str, day: date, hours: Sequence[int], **values: str) -> list[Row]:
    """Made-up rows: the same values in each of some hours, anything not given missing."""
    blank = dict.fromkeys(VALUES, "NA")
    stamp = {"No": "1", "year": str(day.year), "month": str(day.month), "day": str(day.day), "station": station}
    return [{**blank, **stamp, **values, "hour": str(hour)} for hour in hours]


def each_day(first: date = FIRST, last: date = LAST) -> list[date]:
    """Days from first to last."""
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]
