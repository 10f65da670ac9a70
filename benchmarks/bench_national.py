"""A national year, assessed whole: 1,650 stations, 8,760 hours, six quantities, beside DuckDB summing the columns.

The limit is what DuckDB needs to read the same Parquet files and sum their six columns, measured in turn with ours in
the same process, both warm. Ours reads them, grades every day, assesses the year (means, percentiles, days per class,
completeness, attainment, composite index, rank) and writes both tables: the daily one, 602,250 rows, as an Arrow file,
the annual one as Parquet. Beside it stands what keeping the day grades for the next time costs. Peak memory is that of
a fresh process that does it once.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from benchmarks.measurement import Measurement, show

from commonshed.assess.air import DayGrades, PeriodGrades, assess_period, grade_days, ranks
from commonshed.compute import Local
from commonshed.keep.block import BlockRef
from commonshed.periods import Period
from commonshed.simulate.national import QUANTITIES, write_national
from commonshed.standards import regime

YEAR = Period.year(2017)
STATIONS = 1650
WARM_ROUNDS = 7
LAW = "cn-2012"

_ONCE = """
import pathlib, resource, sys
from benchmarks.bench_national import assess, refs_in
from commonshed.compute import Local
folder, tables = map(pathlib.Path, sys.argv[1:])
assess(refs_in(folder), tables, Local())
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def run() -> list[Measurement]:
    """Measure; making the network is not counted."""
    with national() as folder:
        took = _rounds(folder)
        limit, whole = took["limit"], took["whole"]
        readings = STATIONS * YEAR.days * 24 * len(QUANTITIES)
        note = f"{readings / 1e6:.1f} M cells, medians of {WARM_ROUNDS} warm rounds, in turn with the limit"
        return [
            Measurement(
                "national year, assessed whole with its tables written, ÷ DuckDB's sum of the six columns",
                2.0, whole / limit, "×", "less", f"{note}; {whole:.2f} s against {limit:.2f} s",
            ),
            Measurement("the same, day grades only, nothing written", None, took["days"] / limit, "×", "less"),
            Measurement("the same, and the day grades kept per block", None, took["kept"] / limit, "×", "less"),
            Measurement(
                "peak memory of a fresh process doing it once", 600, _peak(folder), "MiB", "less", "resident"
            ),
        ]  # fmt: skip


@contextmanager
def national(stations: int = STATIONS, period: Period = YEAR) -> Iterator[Path]:
    """A folder with the blocks of the simulated network, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="commonshed-bench-") as folder:
        write_national(Path(folder), period, stations=stations)
        yield Path(folder)


def refs_in(folder: Path) -> list[BlockRef]:
    """References to all blocks under a folder."""
    paths = sorted((folder / "air").rglob("*.parquet"))
    return [BlockRef.of_file(path, f"air/{path.parent.name}/{path.stem}", "simulated") for path in paths]


def assess(refs: list[BlockRef], tables: Path, executor: Local, cache: Path | None = None) -> PeriodGrades:
    """From blocks to the written tables of days and of the year."""
    days = grade_days(refs, regime(LAW), executor=executor, cache=cache)
    parts: list[Callable[[], PeriodGrades | None]] = [
        lambda: _write_days(days, tables / "days.arrow"),
        lambda: _write_year(assess_period(days, YEAR), tables / "year.parquet"),
    ]
    _, year = executor.map(lambda part: part(), parts)
    assert year is not None
    return year


def _write_days(days: DayGrades, path: Path) -> None:
    table = days.table()
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def _write_year(year: PeriodGrades, path: Path) -> PeriodGrades:
    pq.write_table(annual_table(year), path)
    return year


def annual_table(year: PeriodGrades) -> pa.Table:
    """One row a station: figures, completeness, classes, attainment, composite index and rank."""
    composite = year.published_composite()
    columns = {
        "station": pa.array(year.places),
        **{figure.key: year.published(figure.key) for figure in year.figures},
        **{f"{key}_days": counts for key, counts in year.valid_days.items()},
        **{f"{key}_attained": verdicts for key, verdicts in year.attained.items()},
        **{f"class_{level}": year.by_level[:, level] for level in range(1, year.by_level.shape[1])},
        "good_days": year.good_days,
        "graded_days": year.graded_days,
        "composite": composite,
        "rank": ranks(composite),
    }
    return pa.table(columns)


def _rounds(folder: Path) -> dict[str, float]:
    refs, tables = refs_in(folder), folder / "tables"
    connection = duckdb.connect()
    sums = ", ".join(f"sum({quantity})" for quantity in QUANTITIES)
    query = f"select {sums} from read_parquet('{folder}/air/*/*.parquet')"
    with Local() as executor:
        work: dict[str, Callable[[], object]] = {
            "limit": lambda: connection.execute(query).fetchall(),
            "whole": lambda: assess(refs, tables, executor),
            "days": lambda: grade_days(refs, regime(LAW), executor=executor),
            "kept": lambda: assess(refs, tables, executor, tables / "kept"),
        }
        took: dict[str, list[float]] = {name: [] for name in work}
        for _ in range(1 + WARM_ROUNDS):
            for name, do in work.items():
                shutil.rmtree(tables, ignore_errors=True)
                tables.mkdir()
                started = time.perf_counter()
                do()
                took[name].append(time.perf_counter() - started)
    return {name: statistics.median(times[1:]) for name, times in took.items()}


def _peak(folder: Path) -> float:
    tables = folder / "tables"
    shutil.rmtree(tables, ignore_errors=True)
    tables.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", _ONCE, str(folder), str(tables)],
        check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    return int(done.stdout) / 1024


if __name__ == "__main__":
    show(run())
