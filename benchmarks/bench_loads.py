"""Loads of made-up rivers against the truth: error by number of samples, and how often 90 % intervals hold it.

The rivers are those of `simulate.river`, which follow none of the estimators. Run it alone to see every method:
``python benchmarks/bench_loads.py``.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measurement import Measurement, show

from commonshed.assess import Readings
from commonshed.attribute.river import METHODS, loads
from commonshed.simulate.river import twin

RIVERS, DRAWS = 80, 300
EVERY = (61, 30, 14, 7, 3)
FLOWS: tuple[Literal["daily", "sampled"], ...] = ("daily", "sampled")
SAID = {"daily": "flow every day", "sampled": "flow on days of samples"}


@dataclass(frozen=True, eq=False)
class Judged:
    """One method on one way of sampling.

    Attributes
    ----------
    flow, method : str
    samples : int
        A year.
    off : (rivers, sections) array
        Estimate over truth, less one.
    above, below : (rivers, sections) arrays of bool
        Whether the truth lies above the interval, below it.
    width : float
        Median of the intervals over the truth.
    """

    flow: str
    method: str
    samples: int
    off: NDArray[np.float64]
    above: NDArray[np.bool_]
    below: NDArray[np.bool_]
    width: float

    @property
    def held(self) -> float:
        """Part of the intervals that hold the truth. [%]"""
        return 100 * float((~self.above & ~self.below).mean())

    @property
    def doubt(self) -> float:
        """Standard error of that, from river to river: sections of one river err together. [points]"""
        by_river = 100 * (~self.above & ~self.below).mean(axis=1)
        return float(by_river.std(ddof=1) / np.sqrt(by_river.size))


def run() -> list[Measurement]:
    """Error and coverage by way of sampling, the methods together; and the extremes over all of them."""
    judged = everything()
    print_table(judged)
    found = []
    for flow, samples in dict.fromkeys((each.flow, each.samples) for each in judged):
        some = [each for each in judged if (each.flow, each.samples) == (flow, samples)]
        best = min(some, key=lambda each: float(np.median(np.abs(each.off))))
        error = 100 * float(np.sqrt((best.off**2).mean()))
        held = float(np.mean([each.held for each in some]))
        said = f"loads from {samples} samples a year, {SAID[flow]}"
        note = f"{RIVERS} rivers × 9 sections; {best.method}"
        found.append(Measurement(f"{said}: RMSE of the best method", None, error, "%", "less", note))
        note = f"mean of {len(some)} methods; each: {', '.join(f'{each.held:.0f}' for each in some)} %"
        found.append(Measurement(f"{said}: inside 90 % intervals", None, held, "%", "more", note))
    found += _extremes(judged)
    return found


def _extremes(judged: list[Judged]) -> list[Measurement]:
    # A gauge read every third day and never between makes the highest: made-up flows stray faster between gauged days
    # than a river does, so the intervals are wider there than they need be.
    lowest, highest = (pick(judged, key=lambda each: each.held) for pick in (min, max))
    cases = f"of {len(judged)} cases: methods × samples a year × ways of gauging"
    low, high = "lowest coverage of a load's 90 % intervals", "highest coverage of a load's 90 % intervals"
    return [
        Measurement(low, 85.0, lowest.held, "%", "more", _case(lowest, cases)),
        Measurement(high, 95.0, highest.held, "%", "less", _case(highest, cases)),
    ]


def _case(of: Judged, cases: str) -> str:
    return f"{of.method}, {of.samples} samples, {SAID[of.flow]}, ± {of.doubt:.1f}; {cases}"


def everything() -> list[Judged]:
    """Every method on every way of sampling."""
    return [judged for flow, every in product(FLOWS, EVERY) for judged in _judged(flow, every)]


def _judged(flow: Literal["daily", "sampled"], every: int) -> list[Judged]:
    rows: dict[str, list[list[tuple[float, float, float]]]] = {str(method): [] for method in METHODS}
    samples = 0
    for seed in range(RIVERS):
        river = twin(seed, every=every, flow=flow)
        source = Readings(river.readings, river.network)
        found = loads(source, quantity="tp", period=river.truth.period, draws=DRAWS, seed=seed)
        samples = found.loads[0].samples
        for method in METHODS:
            of = [(load, river.truth.load(load.section)) for load in found.loads if load.method == method]
            rows[method].append([(load.tonnes / true, load.low / true, load.high / true) for load, true in of])
    judged = []
    for name, each in rows.items():
        tonnes, low, high = np.moveaxis(np.array(each), -1, 0)
        if np.isfinite(tonnes).all():
            judged.append(Judged(flow, name, samples, tonnes - 1, high < 1, low > 1, float(np.median(high - low))))
    return judged


def print_table(judged: list[Judged]) -> None:
    """Error and coverage of every method."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in ("flow", "samples", "method"):
        table.add_column(head)
    for head in ("bias %", "RMSE %", "width %", "inside %", "±", "truth above %", "truth below %"):
        table.add_column(head, justify="right")
    for of in judged:
        figures = (100 * of.off.mean(), 100 * np.sqrt((of.off**2).mean()), 100 * of.width, of.held, of.doubt)
        sides = (100 * of.above.mean(), 100 * of.below.mean())
        table.add_row(of.flow, str(of.samples), of.method, *(f"{figure:.1f}" for figure in (*figures, *sides)))
    Console(width=120, stderr=True).print(table)


if __name__ == "__main__":
    started = time.perf_counter()
    show(run())
    print(f"{time.perf_counter() - started:.0f} s", file=sys.stderr)
