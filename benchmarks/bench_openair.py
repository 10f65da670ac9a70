"""What air quality analysts use instead: openair in R, for the part it shares with us, in the same run.

Daily means with twenty valid hours (openair: a data capture of 83 %) and the 95th percentile of the daily values of
each year, of Beijing's twelve stations and six quantities. openair works on a data frame in memory, ours on blocks in
memory; ours also makes ozone's 8-hour maxima, sub-indices and the index, and every other annual figure. Where R or
openair is not installed, nothing is measured and it is said. openair is GPL: it runs as a program of its own.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measurement import Measurement, show

from commonshed import datasets
from commonshed.assess.air import DayGrades, Readings, assess_period, grade_days
from commonshed.compute import Local
from commonshed.keep.block import BlockRef
from commonshed.observe import read_files
from commonshed.periods import Period
from commonshed.places import shipped
from commonshed.standards import regime

LAW = "cn-2012"
FILE = "prsa_20130301-20170228.parquet"
COLUMNS = {"PM2.5": "pm25", "PM10": "pm10", "SO2": "so2", "NO2": "no2", "CO": "co", "O3": "o3"}
MEANS = [key for key in COLUMNS.values() if key != "o3"]  # of ozone the law wants no daily mean
YEARS = [Period.year(year) for year in range(2013, 2018)]
ROUNDS = 3

_R = """
suppressMessages(library(openair))
args <- commandArgs(trailingOnly = TRUE)
hourly <- read.csv(args[1])
hourly$site <- factor(hourly$site)
hourly$date <- as.POSIXct(hourly$date, tz = "UTC")
took <- c()
for (round in seq_len(as.integer(args[3]))) {
  started <- proc.time()[["elapsed"]]
  daily <- timeAverage(hourly, avg.time = "day", data.thresh = 83, type = "site", progress = FALSE)
  yearly <- timeAverage(daily, avg.time = "year", statistic = "percentile", percentile = 95, type = "site",
                        progress = FALSE)
  took <- c(took, proc.time()[["elapsed"]] - started)
}
daily$date <- format(daily$date, "%Y-%m-%d")
write.csv(daily, args[2], row.names = FALSE, na = "")
cat(median(took), as.character(packageVersion("openair")), "\\n")
"""


def run() -> list[Measurement]:
    """Measure; reading the files is not counted on either side."""
    if not _installed():
        print("bench_openair: R with openair is not installed here, nothing measured", file=sys.stderr)
        return []
    with tempfile.TemporaryDirectory(prefix="commonshed-bench-") as name, Local() as executor:
        theirs, version, daily = _with_openair(Path(name))
        blocks = _blocks()
        took = []
        for _ in range(1 + ROUNDS):
            started = time.perf_counter()
            days = grade_days(blocks, regime(LAW), executor=executor)
            for year in YEARS:
                assess_period(days, year)
            took.append(time.perf_counter() - started)
    ours = statistics.median(took[1:])
    apart, compared = _apart(days, daily)
    said = f"openair {version}: {theirs:.2f} s, ours {ours:.3f} s; 2.5 M cells, medians of {ROUNDS}"
    return [
        Measurement("openair ÷ ours, days and annual percentiles", None, theirs / ours, "×", "more", said),
        Measurement(
            "daily means on which openair and exact arithmetic part", 0, apart, "means", "less",
            f"{compared:,} compared; more than half a tick apart, or only one of the two has a value",
        ),
    ]  # fmt: skip


def _installed() -> bool:
    if shutil.which("Rscript") is None:
        return False
    asked = subprocess.run(["Rscript", "-e", "library(openair)"], capture_output=True, check=False)
    return asked.returncode == 0


def _with_openair(folder: Path) -> tuple[float, str, pa.Table]:
    hourly, daily, script = folder / "hourly.csv", folder / "daily.csv", folder / "bench.R"
    table = pq.read_table(datasets.path("beijing", FILE)).to_pandas()
    dates = table[["year", "month", "day", "hour"]].astype(int)
    table["date"] = [f"{y:04d}-{m:02d}-{d:02d} {h:02d}:00:00" for y, m, d, h in dates.itertuples(index=False)]
    columns = table.rename(columns={"station": "site", **COLUMNS})[["site", "date", *COLUMNS.values()]]
    columns.to_csv(hourly, index=False)
    script.write_text(_R, encoding="utf-8")
    done = subprocess.run(
        ["Rscript", "--vanilla", str(script), str(hourly), str(daily), str(ROUNDS)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    took, version = done.stdout.split()[-2:]
    return float(took), version, pcsv.read_csv(daily)


def _blocks() -> list[BlockRef]:
    network = shipped("beijing")
    readings = Readings(read_files([datasets.path("beijing", FILE)], "prsa", network), network)
    refs = readings.blocks(list(COLUMNS.values()), Period(YEARS[0].first, YEARS[-1].last), None)
    return [BlockRef.of_block(ref.load(), ref.key) for ref in refs]


def _apart(days: DayGrades, daily: pa.Table) -> tuple[int, int]:
    """Daily means that are not the same, and how many were compared.

    Some SO2 and NO2 of this file are finer than our tick of 0.001 µg/m³, so equal means may lie half a tick apart.
    """
    rows = {station: row for row, station in enumerate(days.places)}
    apart = compared = 0
    for key in MEANS:
        exact = days.numerators[key]
        common = int(days.denominators[key][0, 0])
        ticks = 1 if key == "co" else 1000  # openair was given CO in µg/m³, whose tick is one of them
        known = days.values[key] >= 0
        for site, day, mean in zip(*(daily[name].to_pylist() for name in ("site", "date", key)), strict=True):
            row, column = rows[site], (day - days.first_day).days
            here = bool(known[row, column])
            compared += here or mean is not None
            if here != (mean is not None):
                apart += 1
            elif here:
                ours = Fraction(int(exact[row, column]), common * ticks)
                apart += not np.isclose(float(ours), mean, rtol=0, atol=0.5 / ticks)
    return apart, compared


if __name__ == "__main__":
    show(run())
