"""The oracle beside programs of others, where those compute the same thing: NumPy, pandas, DuckDB."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from tests.oracle import beijing, readings
from tests.oracle.law import CN_2012, DECIMALS
from tests.oracle.rounding import percentile


@pytest.mark.parametrize("key", sorted(CN_2012.percentile))
def test_numpy_s_linear_percentile_is_the_one_of_hj_663(key: str) -> None:
    for station, run in beijing.station_days("cn-2012").items():
        for year in (2014, 2015, 2016):
            first = (date(year, 1, 1) - readings.FIRST_DAY).days
            last = (date(year, 12, 31) - readings.FIRST_DAY).days
            values = [day.values[key] for day in run[first : last + 1]]
            known = [v for v in values if v is not None]
            p = CN_2012.percentile[key]
            theirs = np.percentile([float(v) for v in known], p, method="linear")
            assert float(percentile(known, p)) == pytest.approx(theirs, abs=1e-9), (station, year)


def test_duckdb_s_daily_sums_of_decimals_are_the_same_integers() -> None:
    columns = ", ".join(f'sum("{c}"::DECIMAL(18, 4)), count("{c}")' for c in readings.COLUMNS.values())
    rows: list[tuple[Any, ...]] = duckdb.execute(
        f"SELECT station, year, month, day, {columns} FROM '{beijing.parquet()}' GROUP BY ALL"
    ).fetchall()
    assert len(rows) == 12 * 1_461
    finer_than_a_tick = 0
    for station, year, month, day, *figures in rows:
        at = 24 * (date(year, month, day) - readings.FIRST_DAY).days
        for i, quantity in enumerate(readings.COLUMNS):
            valid = [v for v in beijing.series()[station][quantity][at : at + 24] if v is not None]
            total, count = figures[2 * i], figures[2 * i + 1]
            assert len(valid) == count
            if not count:
                continue
            theirs = Fraction(total) * (1 if quantity == "co" else 1000)
            ours = sum(valid)
            # Gases carry a fourth decimal here and there; each such reading is at most half a tick off.
            assert abs(theirs - ours) <= Fraction(count, 2)
            if theirs != ours:
                assert quantity in ("so2", "no2", "o3")
                finer_than_a_tick += 1
    assert 0 < finer_than_a_tick < 0.1 * len(rows) * 3


def test_pandas_daily_means_agree_to_float_precision() -> None:
    frame = pd.read_parquet(beijing.parquet())
    daily = frame.groupby(["station", "year", "month", "day"])[["PM2.5", "PM10", "CO"]].agg(["mean", "count"])
    compared = 0
    for (station, year, month, day), row in daily.iterrows():
        graded = beijing.station_days("cn-2012")[station][(date(year, month, day) - readings.FIRST_DAY).days]
        for key, column, scale in (("pm25", "PM2.5", 1), ("pm10", "PM10", 1), ("co", "CO", 1000)):
            ours = graded.unrounded[key]
            assert (ours is not None) is bool(row[column, "count"] >= 20)
            if ours is not None:
                assert float(ours) * scale == pytest.approx(row[column, "mean"], rel=1e-12)
                compared += 1
    assert compared > 50_000


def test_binary_means_rounded_by_numpy_would_move_daily_values_that_the_law_fixes() -> None:
    # Why D1 forbids binary floats: round-half-even on a float mean is right only while the mean is exact.
    moved = 0
    for station, quantities in beijing.series().items():
        for i in range(readings.DAYS):
            graded = beijing.station_days("cn-2012")[station][i]
            for key in ("so2", "no2", "co"):
                value = graded.values[key]
                if value is None:
                    continue
                hours = [v / 1000 for v in quantities[key][24 * i : 24 * i + 24] if v is not None]
                moved += round(sum(hours) / len(hours), DECIMALS[key]) != float(value)
    assert moved > 0
    print(f"{moved} daily values of SO2, NO2 and CO would differ with binary means")


def test_the_grid_is_whole_and_without_summer_time() -> None:
    frame = pd.read_parquet(beijing.parquet(), columns=["station", "year", "month", "day", "hour"])
    stamps = pd.to_datetime(frame[["year", "month", "day", "hour"]])
    assert not frame.duplicated().any()
    assert stamps.min() == pd.Timestamp(2013, 3, 1)
    assert stamps.max() == pd.Timestamp(2017, 2, 28, 23)
    assert (frame.groupby("station").size() == 24 * readings.DAYS).all()
    assert readings.FIRST_DAY + timedelta(days=readings.DAYS - 1) == readings.LAST_DAY
