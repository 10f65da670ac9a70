"""One more day: sealed, laid out, graded, and the table of the year to date made anew.

A national network first; then a hundred stations, once with one year of history behind them and once with ten, because
what a day costs must not depend on how long the network has been measuring.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measurement import Measurement, show

from commonshed.assess.air import assess_period, grade_days, ranks
from commonshed.compute import Local
from commonshed.keep import Shed, Source
from commonshed.keep.block import SLAB, Block
from commonshed.periods import Period, Zone
from commonshed.simulate.national import QUANTITIES, simulate_blocks
from commonshed.standards import regime

ZONE = Zone(480)
LAW = regime("cn-2012")
NATIONAL = 1650
FEW = 100
NEW_DAYS = 3


def run() -> list[Measurement]:
    """Measure; filling the sheds is not counted."""
    with Local() as executor:
        national = _new_days(NATIONAL, Period(date(2017, 1, 1), date(2017, 2, 25)), executor)
        one = _new_days(FEW, Period(date(2017, 1, 1), date(2017, 12, 28)), executor)
        ten = _new_days(FEW, Period(date(2008, 1, 1), date(2017, 12, 28)), executor)
    said = f"median of {NEW_DAYS} days: seal → blocks → day grades → year to date, ranked"
    return [
        Measurement("one more day of a national network, until grades are updated", 1.0, national, "s", "less",
                    f"{NATIONAL} stations × 24 h × 6 onto 8 weeks; {said}"),
        Measurement("one more day of 100 stations after ten years", 1.0, ten, "s", "less", said),
        Measurement("the same after ten years ÷ after one", 1.5, ten / one, "×", "less", f"after one year {one:.3f} s"),
    ]  # fmt: skip


def _new_days(stations: int, history: Period, executor: Local) -> float:
    """Seconds that each of the days after some history takes, at the median."""
    with tempfile.TemporaryDirectory(prefix="commonshed-bench-") as folder:
        shed = Shed.create(Path(folder) / "shed", name="bench", zone=ZONE)
        last = history.last + timedelta(days=NEW_DAYS)
        days = _fill(shed, stations, history, last)
        year = Period(date(last.year, 1, 1), history.last)
        _to_date(shed, year, executor)
        took = []
        for i, table in enumerate(days):
            started = time.perf_counter()
            shed.seal_import([table], source=Source(f"day {i}", f"{i:064x}"))
            _to_date(shed, Period(year.first, history.last + timedelta(days=i + 1)), executor)
            took.append(time.perf_counter() - started)
    return statistics.median(took)


def _to_date(shed: Shed, period: Period, executor: Local) -> None:
    blocks = shed.blocks(QUANTITIES, period)
    days = grade_days(blocks, LAW, executor=executor, cache=shed.path / "blocks" / "grades")
    figures = assess_period(days, period)
    ranks(figures.composite)


def _fill(shed: Shed, stations: int, history: Period, last: date) -> list[pa.Table]:
    """Seal the history month by month; the days after it are handed back."""
    slabs = [
        simulate_blocks(Period(history.first, last), stations=stations, slab=slab)
        for slab in range(-(-stations // SLAB))
    ]
    new: list[pa.Table] = []
    for number, blocks in enumerate(zip(*slabs, strict=True)):
        first, days = blocks[0][1].first_day, blocks[0][1].days
        until = min(days, max(0, (history.last - first).days + 1))
        if until:
            source = Source(f"month {number}", f"{number:063x}f")
            shed.seal_import((readings_of(block, 0, until) for _, block in blocks), source=source)
        for day in range(until, min(days, (last - first).days + 1)):
            new.append(pa.concat_tables([readings_of(block, day, day + 1) for _, block in blocks]))
    return new


def readings_of(block: Block, first: int, last: int) -> pa.Table:
    """Readings of some days of a block, as they stand in a file."""
    hours = slice(first * 24, last * 24)
    parts = []
    for number, quantity in enumerate(block.quantities):
        row, hour = np.nonzero(block.mask(quantity)[:, hours])
        ticks = block.ticks[quantity][:, hours][row, hour].astype(np.int64)
        parts.append((row, np.full(row.size, number), block.first_hour + hours.start + hour, ticks))
    station, quantity_of, hour_of, ticks_of = (np.concatenate(part) for part in zip(*parts, strict=True))
    n = station.size
    return pa.table({
        "station": _named(station, block.stations),
        "quantity": _named(quantity_of, block.quantities),
        "start": hour_of.astype(np.int64) * 3600,
        "period": np.full(n, 3600, np.int32),
        "ticks": ticks_of,
        "recorded": np.full(n, block.first_hour * 3600, np.int64),
        **{
            column: _named(np.zeros(n), (name,))
            for column, name in {
                "statistic": "mean", "qualifier": "=", "flag": "valid", "status": "provisional",
                "mapping": "simulated@0123456789ab", "origin": "simulated@0123456789ab",
            }.items()
        },
    })  # fmt: skip


def _named(numbers: NDArray[Any], names: tuple[str, ...]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(numbers.astype(np.int32)), pa.array(names))


if __name__ == "__main__":
    show(run())
