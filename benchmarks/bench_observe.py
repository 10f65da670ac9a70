"""From raw files to sealed segments, and what pandas needs to read the same CSV alone.

Beijing's twelve stations, 420,768 rows by six quantities, as the CSV of its publishers and as Parquet. Rounds are
interleaved, so that what else the machine does falls on all of them alike; the median counts.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from commonshed import datasets
from commonshed.keep import Shed
from commonshed.observe import ingest, read_files
from commonshed.places import shipped

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.measurement import Measurement, show

ROUNDS = 3
ASKED_RATE = 200_000  # "hundreds of thousands of rows a second": what back-fill takes hours for elsewhere
ASKED_READ = 3.0


def run() -> list[Measurement]:
    """Measure."""
    parquet = datasets.path("beijing", "prsa_20130301-20170228.parquet")
    rows = pq.ParquetFile(parquet).metadata.num_rows
    network = shipped("beijing")
    with tempfile.TemporaryDirectory(prefix="commonshed-bench-") as folder:
        csv = Path(folder) / "prsa.csv"
        pacsv.write_csv(pq.read_table(parquet), csv, pacsv.WriteOptions(quoting_style="none"))
        readings = read_files([csv], "prsa", network).num_rows
        work: dict[str, Callable[[], object]] = {
            "pandas": lambda: _pandas(csv),
            "read csv": lambda: read_files([csv], "prsa", network),
            "read parquet": lambda: read_files([parquet], "prsa", network),
            "seal csv": lambda: _sealed(Path(folder), csv, again=False),
            "seal parquet": lambda: _sealed(Path(folder), parquet, again=False),
        }
        seconds = _interleaved(work)
        again = _sealed(Path(folder), csv, again=True)
    size = f"{rows:,} rows, {readings:,} readings, median of {ROUNDS}"
    beside = f"{size}; pandas.read_csv alone takes {seconds['pandas']:.2f} s"
    return [
        Measurement(
            "raw CSV to sealed segments, flagged, readings a second",
            ASKED_RATE,
            readings / seconds["seal csv"],
            "readings/s",
            "more",
            f"{beside}; {rows / seconds['seal csv']:,.0f} rows/s",
        ),
        Measurement(
            "Parquet to sealed segments, flagged, readings a second",
            ASKED_RATE,
            readings / seconds["seal parquet"],
            "readings/s",
            "more",
            f"{size}; {rows / seconds['seal parquet']:,.0f} rows/s",
        ),
        Measurement(
            "reading and flagging 2.5 million readings from CSV", ASKED_READ, seconds["read csv"], "s", "less", beside
        ),
        Measurement(
            "reading and flagging 2.5 million readings from Parquet",
            ASKED_READ,
            seconds["read parquet"],
            "s",
            "less",
            size,
        ),
        Measurement(
            "reading and flagging a CSV, in times of pandas.read_csv alone",
            None,
            seconds["read csv"] / seconds["pandas"],
            "×",
            "less",
            "pandas parses into floats; it neither converts exactly, nor checks, nor flags",
        ),
        Measurement(
            "the same file again: nothing changes", None, again, "s", "less", "known by its digest; one pass over it"
        ),
    ]


def _interleaved(work: dict[str, Callable[[], object]]) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(ROUNDS):
        for name, call in work.items():
            began = time.perf_counter()
            given = call()
            # What a call times itself leaves out making an empty shed.
            taken[name].append(given if isinstance(given, float) else time.perf_counter() - began)
    return {name: statistics.median(times) for name, times in taken.items()}


def _pandas(csv: Path) -> object:
    import pandas as pd

    return pd.read_csv(csv)


def _sealed(folder: Path, file: Path, *, again: bool) -> float:
    with tempfile.TemporaryDirectory(dir=folder) as place:
        shed = Shed.create(Path(place) / "shed", name="bench", zone="+08:00")
        shed.publish_network(shipped("beijing"))
        if again:
            ingest(shed, file, "prsa")
        began = time.perf_counter()
        report = ingest(shed, file, "prsa")
        seconds = time.perf_counter() - began
    assert not report.failed
    assert report.files[0].already == again
    return seconds


if __name__ == "__main__":
    show(run())
