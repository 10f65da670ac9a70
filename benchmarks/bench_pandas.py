"""What people use instead: the shared part in pandas, vectorised as its users would write it, in the same run as ours.

Daily means with twenty valid hours, the daily maximum of 8-hour ozone means (windows that end 08:00 … 24:00, six hours
each, fourteen windows or a maximum above 160), rounding, sub-indices, index, annual means, percentiles and composite
index. Two slabs of the simulated national year; ours grades the same blocks and writes nothing either. pandas computes
in binary floating point, so its figures are compared, and the differences counted.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.bench_national import LAW, YEAR, refs_in
from benchmarks.measurement import Measurement, show

from commonshed.assess.air import DayGrades, PeriodGrades, assess_period, grade_days
from commonshed.compute import Local
from commonshed.keep.block import SLAB
from commonshed.simulate.national import QUANTITIES, write_national
from commonshed.standards import regime

STATIONS = 2 * SLAB
ROUNDS = 3
_BANDS = {
    table.key: (
        [float(band.concentration[0]) for band in table.bands] + [float(table.bands[-1].concentration[1])],
        [band.index[0] for band in table.bands] + [table.bands[-1].index[1]],
    )
    for table in (regime(LAW).index.tables if regime(LAW).index else ())  # type: ignore[union-attr]
}
_STANDARDS = {"so2": 60, "no2": 40, "pm10": 70, "pm25": 35, "co": 4, "o3_8h": 160}


def run() -> list[Measurement]:
    """Measure in turn; the best of a few rounds each."""
    with tempfile.TemporaryDirectory(prefix="commonshed-bench-") as name, Local() as executor:
        folder = Path(name)
        write_national(folder, YEAR, stations=STATIONS)
        refs = refs_in(folder)
        ours, theirs = [], []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            days = grade_days(refs, regime(LAW), executor=executor)
            year = assess_period(days, YEAR)
            ours.append(time.perf_counter() - started)
            started = time.perf_counter()
            daily, annual = with_pandas(folder)
            theirs.append(time.perf_counter() - started)
        differing = _differing(days, year, daily, annual)
    cells = STATIONS * YEAR.days * 24 * len(QUANTITIES) / 1e6
    took = f"pandas {min(theirs):.1f} s, ours {min(ours):.2f} s"
    said = f"{STATIONS} stations, {cells:.1f} M cells, best of {ROUNDS}: {took}"
    return [
        Measurement("pandas ÷ ours, days and year", None, min(theirs) / min(ours), "×", "more", said),
        Measurement(
            "figures on which pandas differs from exact arithmetic", None, differing, "figures", "less",
            "daily values, indices and annual figures together",
        ),
    ]  # fmt: skip


def with_pandas(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Daily and annual figures of all stations."""
    hourly = pd.concat([pd.read_parquet(path) for path in sorted((folder / "air").rglob("*.parquet"))])
    hourly = hourly.astype({"station": "category", **dict.fromkeys(QUANTITIES, "float64")}).sort_values(
        ["station", "hour"]
    )
    hourly[list(QUANTITIES)] /= 1000
    local = hourly["hour"] + 8
    hourly["day"] = local // 24
    by_day = hourly.groupby(["station", "day"], observed=True)
    means, counts = by_day[list(QUANTITIES)].mean(), by_day[list(QUANTITIES)].count()
    daily = means.where(counts >= 20).drop(columns="o3")
    running = hourly.groupby("station", observed=True)["o3"].rolling(8, min_periods=6).mean().reset_index(drop=True)
    windows = running.set_axis(hourly.index).where((local % 24).ge(7))
    of_day = windows.groupby([hourly["station"], hourly["day"]], observed=True)
    largest, held = of_day.max(), of_day.count()
    daily["o3_8h"] = largest.where((held >= 14) | (largest.round() > 160))
    daily["o3_1h"] = by_day["o3"].max().where(counts["o3"] >= 20)
    daily = daily.round(dict.fromkeys(daily.columns, 0) | {"co": 1})
    tables = {"o3_8h": "o3_8h", "o3_1h": "o3_1h"}
    for key in list(daily.columns):
        at, index = _BANDS[tables.get(key, f"{key}_24h")]
        above = np.nan if key == "o3_8h" else index[-1]
        interpolated = np.ceil(np.interp(daily[key], at, index, right=above))
        daily[f"i_{key}"] = np.where(daily[key].isna(), np.nan, interpolated)
    daily["aqi"] = daily.filter(like="i_").max(axis=1)
    by_station = daily.groupby("station", observed=True)
    annual = by_station[["pm25", "pm10", "so2", "no2"]].mean().round()
    for key, p in {"pm25": 95, "pm10": 95, "so2": 98, "no2": 98, "co": 95, "o3_8h": 90}.items():
        annual[f"{key}_p{p}"] = by_station[key].quantile(p / 100).round(1 if key == "co" else 0)
    terms = {"co": "co_p95", "o3_8h": "o3_8h_p90"}
    annual["composite"] = sum(annual[terms.get(key, key)] / s for key, s in _STANDARDS.items()).round(2)
    return daily, annual


def _differing(days: DayGrades, year: PeriodGrades, daily: pd.DataFrame, annual: pd.DataFrame) -> int:
    """How many figures are not the same."""
    n = 0
    for key, values in days.values.items():
        theirs = daily[key].to_numpy().reshape(len(days.places), days.days)
        n += _unlike(values, theirs * (10 if key == "co" else 1))
    n += _unlike(days.aqi, daily["aqi"].to_numpy().reshape(len(days.places), days.days))
    for figure in year.figures:
        if figure.key in annual:
            n += _unlike(year.values[figure.key], annual[figure.key].to_numpy() * 10**figure.decimals)
    return n + _unlike(year.composite, annual["composite"].to_numpy() * 100)


def _unlike(ours: NDArray[Any], theirs: NDArray[Any]) -> int:
    return int((np.where(np.isnan(theirs), -1, np.rint(theirs)).astype(np.int64) != ours).sum())


if __name__ == "__main__":
    show(run())
