"""The twelve Beijing stations, read once more: local hours from 2013-03-01 00:00 to 2017-02-28 23:00.

The hour column labels the start of the hour, Beijing time (declared). Values become integers: thousandths of a ug/m3,
and for CO (given in ug/m3) thousandths of a mg/m3, which is the declared resolution; what does not fit goes to the even
neighbour.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import pyarrow.parquet as pq

Series = list[int | None]

FIRST_DAY = date(2013, 3, 1)
LAST_DAY = date(2017, 2, 28)
DAYS = (LAST_DAY - FIRST_DAY).days + 1

COLUMNS = {"pm25": "PM2.5", "pm10": "PM10", "so2": "SO2", "no2": "NO2", "co": "CO", "o3": "O3"}
STATIONS = (
    "Aotizhongxin",
    "Changping",
    "Dingling",
    "Dongsi",
    "Guanyuan",
    "Gucheng",
    "Huairou",
    "Nongzhanguan",
    "Shunyi",
    "Tiantan",
    "Wanliu",
    "Wanshouxigong",
)
CONTROL = frozenset({"Dingling"})
DISTRICTS = {
    "110101": ("Dongsi", "Tiantan"),
    "110102": ("Guanyuan", "Wanshouxigong"),
    "110105": ("Aotizhongxin", "Nongzhanguan"),
    "110107": ("Gucheng",),
    "110108": ("Wanliu",),
    "110113": ("Shunyi",),
    "110114": ("Changping",),
    "110116": ("Huairou",),
}
CITY = {"110000": tuple(s for s in STATIONS if s not in CONTROL)}


def read_prsa(path: Path) -> dict[str, dict[str, Series]]:
    """Station to quantity to the hours of the whole stretch; None where there is no valid reading."""
    table = pq.read_table(path, columns=["station", "year", "month", "day", "hour", *COLUMNS.values()])
    station, year, month, day, hour = (table[c].to_pylist() for c in ("station", "year", "month", "day", "hour"))
    ordinals = {ymd: date(*ymd).toordinal() - FIRST_DAY.toordinal() for ymd in set(zip(year, month, day, strict=True))}
    places = [
        (s, 24 * ordinals[ymd] + h) for s, ymd, h in zip(station, zip(year, month, day, strict=True), hour, strict=True)
    ]
    result: dict[str, dict[str, Series]] = {s: {q: [None] * (24 * DAYS) for q in COLUMNS} for s in set(station)}
    ticks: dict[tuple[bool, float], int] = {}
    for quantity, column in COLUMNS.items():
        # CO comes in ug/m3 and one of its ticks is 0.001 mg/m3 = 1 ug/m3.
        per_unit = 1 if quantity == "co" else 1000
        for (s, index), value in zip(places, table[column].to_pylist(), strict=True):
            # Quality rules: no value, a sentinel (-999) or a negative one is no valid reading; the caps 999 and
            # 10,000 and everything merely suspect count.
            if value is None or value < 0:
                continue
            key = (quantity == "co", value)
            if key not in ticks:
                ticks[key] = int((Decimal(repr(value)) * per_unit).quantize(Decimal(1), ROUND_HALF_EVEN))
            series = result[s][quantity]
            assert series[index] is None, f"two readings of {quantity} at {s}, hour {index}"
            series[index] = ticks[key]
    return result
