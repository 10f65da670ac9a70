"""How fast readings are digested, sealed, checked, read and laid out: ``python benchmarks/bench_keep.py``.

Peak memory is that of a fresh process which does nothing but seal two months of a national network.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measurement import Measurement, show

from commonshed.keep import Shed, Source, rows_digest
from commonshed.keep.block import SLAB, Block
from commonshed.periods import Period, Zone
from commonshed.simulate.national import simulate_blocks

ZONE = Zone(480)
QUANTITIES = ["pm25", "pm10", "so2", "no2", "co", "o3"]
MONTHS = Period.parse("2016-01..2016-03")
STATIONS = 200
NATIONAL = Period.parse("2016-01..2016-02")
NATIONAL_STATIONS = 1650
ROUNDS = 3
MILLION = 1_000_000


def run() -> list[Measurement]:
    """Measure, best of three rounds: other work on the machine only ever adds."""
    found = [_peak()]  # first: a process that is started inherits the peak of the one that starts it
    tables = list(_months(STATIONS))
    rows = sum(table.num_rows for table in tables)
    said = f"{rows / MILLION:.1f} M simulated readings, {STATIONS} stations × 3 months; best of {ROUNDS}"
    digest = min(_core_seconds(lambda: rows_digest(tables[0])) for _ in range(ROUNDS))
    found.append(_rate("canonical text and row digest, per core", MILLION, tables[0].num_rows, digest, said))
    rounds = [_round(tables) for _ in range(ROUNDS)]
    best = {name: min(each[name] for each in rounds) for name in rounds[0]}
    found += [
        _rate("sealing (compare, digest, pack, sync), per core", MILLION, rows, best["seal, core"], said),
        _rate("tables → sealed segments, all cores", None, rows, best["seal"], said),
        _rate("the same file under another mapping: nothing new", None, rows, best["again"], said),
        _rate("verifying file and row digests, per core", MILLION, rows, best["check, core"], said),
        _rate("reading current readings, all columns", 2.5 * MILLION, rows, best["read"], said),
        _rate("segments → blocks", MILLION, rows, best["blocks"], said),
        Measurement("one correction, sealed", None, best["correct"] * 1000, "ms", "less", said),
        Measurement("blocks after one correction", None, best["follow"] * 1000, "ms", "less", said),
        Measurement("opening the shed", None, best["open"] * 1000, "ms", "less", said),
    ]
    return [*found, _journal()]


def _round(tables: list[pa.Table]) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shed"
        shed = Shed.create(path, name="bench", zone=ZONE)
        seconds: dict[str, float] = {}

        def seal() -> None:
            seconds["seal"] = _seconds(lambda: shed.seal_import(tables, source=Source("simulated", "1")))

        seconds |= {
            "seal, core": _core_seconds(seal),
            "again": _seconds(lambda: shed.seal_import(tables, source=Source("simulated", "1", "other"))),
            "check, core": _core_seconds(shed.check),
            "read": _seconds(shed.readings),
            "blocks": _seconds(lambda: shed.blocks(QUANTITIES, MONTHS)),
        }
        start = ZONE.first_second(MONTHS.first)
        seconds["correct"] = _seconds(
            lambda: shed.correct(
                station="sim00007", quantity="o3", start=start, value="1.5", reason="bench", author="bench"
            )
        )
        seconds["follow"] = _seconds(lambda: shed.blocks(QUANTITIES, MONTHS))
        seconds["open"] = _seconds(lambda: Shed.open(path))
        return seconds


def _peak() -> Measurement:
    """Memory of a process that seals one big file."""
    told = subprocess.run([sys.executable, __file__, "national"], capture_output=True, text=True, check=True).stdout
    rows, kibibytes = map(int, told.split())
    return Measurement(
        "peak memory of a fresh process sealing a national file", 1024, kibibytes / 1024, "MiB", "less",
        f"{rows / MILLION:.1f} M simulated readings, {NATIONAL_STATIONS} stations × 2 months, slab by slab; resident",
    )  # fmt: skip


def _seal_national() -> None:
    """Seal two national months and print how many readings and the peak. [KiB]"""
    with tempfile.TemporaryDirectory() as folder:
        shed = Shed.create(Path(folder) / "shed", name="bench", zone=ZONE)
        report = shed.seal_import(_national(), source=Source("simulated", "1"))
    print(report.new, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _national() -> Iterator[pa.Table]:
    """A table a slab and month."""
    for slab in range(-(-NATIONAL_STATIONS // SLAB)):
        for _, block in simulate_blocks(NATIONAL, stations=NATIONAL_STATIONS, slab=slab, missing=0):
            yield _rows(block)


def _rows(block: Block) -> pa.Table:
    hours = block.days * 24
    ticks = np.stack([block.ticks[quantity] for quantity in QUANTITIES], axis=1).reshape(-1).astype(np.int64)
    return _table(list(block.stations), ZONE.first_second(block.first_day), hours, ticks)


def _journal(batches: int = 100, batch: int = 600) -> Measurement:
    """Readings a second that one process appends, durable batch by batch."""
    table = next(_months(4))
    with tempfile.TemporaryDirectory() as folder:
        shed = Shed.create(Path(folder) / "shed", name="bench", zone=ZONE)
        with shed.journal() as journal:

            def append() -> None:
                for i in range(batches):
                    journal.append(table.slice(i * 100, batch))

            seconds = min(_seconds(append) for _ in range(ROUNDS))
    return _rate("appending to a journal, synced", 60_000, batches * batch, seconds, f"batches of {batch}")


def _months(stations: int) -> Iterator[pa.Table]:
    """A table a month: every station, quantity and hour."""
    for year, month in MONTHS.months():
        hours = Period.month(year, month).days * 24
        ticks = np.random.default_rng(hours).integers(0, 300, stations * len(QUANTITIES) * hours) * 1000
        names = [f"sim{i:05d}" for i in range(stations)]
        yield _table(names, ZONE.first_second(date(year, month, 1)), hours, ticks)


def _table(stations: list[str], first: int, hours: int, ticks: NDArray[np.int64]) -> pa.Table:
    """Every hour of each quantity of each station."""
    rows = np.arange(len(ticks))
    return pa.table(
        {
            "station": _names(stations, rows // (len(QUANTITIES) * hours)),
            "quantity": _names(QUANTITIES, rows // hours % len(QUANTITIES)),
            "start": first + 3600 * (rows % hours),
            "period": np.full(len(rows), 3600, np.int32),
            "ticks": ticks,
            "recorded": np.full(len(rows), first),
            **{
                column: _names([name], np.zeros(len(rows)))
                for column, name in {
                    "statistic": "mean",
                    "qualifier": "=",
                    "flag": "valid",
                    "status": "provisional",
                    "mapping": "simulated@0123456789ab",
                    "origin": "simulated@0123456789ab",
                }.items()
            },
        }
    )


def _names(names: list[str], numbers: NDArray[np.number]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(numbers.astype(np.int32)), pa.array(names))


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _core_seconds(work: Callable[[], object]) -> float:
    """Seconds of one core, however many cores worked."""
    start = time.process_time()
    work()
    return time.process_time() - start


def _rate(what: str, asked: float | None, rows: int, seconds: float, note: str) -> Measurement:
    return Measurement(what, asked, rows / seconds, "rows/s", "more", note)


if __name__ == "__main__":
    if sys.argv[1:] == ["national"]:
        _seal_national()
    else:
        show(run())
