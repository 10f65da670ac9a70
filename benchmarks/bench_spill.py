"""Spill forecasts: how long a run and an ensemble take, how exact they are."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from math import sin
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.measurement import Measurement, show  # noqa: E402
from benchmarks.validation_spill import (  # noqa: E402
    instantaneous_errors,
    ogata_banks_errors,
    otis,
    transformed,
    uvas,
)

from commonshed.attribute.river.spill import Forecast, Release, Sorption, Storage, forecast  # noqa: E402
from commonshed.places import Mark, Node, Reach, Rivers  # noqa: E402

__all__ = ["run"]


def branching(reaches: int = 100, length: float = 5_000.0) -> Rivers:
    """A main river of 500 km with a tributary at every fourth node, an arm of 50 km, and ten sections."""
    nodes, links, discharge = [Node("0")], [], 60.0
    for n in range(reaches):
        nodes.append(Node(f"{n + 1}"))
        velocity = 0.6 + 0.4 * sin(n) ** 2
        main = Reach(f"{n}", f"{n}", f"{n + 1}", length=length, discharge=discharge, velocity=velocity, dispersion=50.0)
        if n == 20:
            arm = replace(main, id="arm", downstream="30", length=10 * length, discharge=0.3 * discharge, part=0.3)
            main = replace(main, discharge=0.7 * discharge, part=0.7)
            links.append(arm)
        links.append(main)
        if n % 4 == 0:
            nodes.append(Node(f"source-{n}"))
            links.append(Reach(f"t{n}", f"source-{n}", f"{n + 1}", length=8_000.0, discharge=10.0, velocity=0.5))
            discharge += 10
    return Rivers.of(nodes, links, [Mark(f"s{n}", "section", node=f"{n}") for n in range(5, reaches, 10)])


def run() -> list[Measurement]:
    """Time runs and ensembles on the branching network; read errors off the validation."""
    rivers, release = branching(), Release.pulse("0", 1000.0, duration=1.0)

    def told(**asked: object) -> Forecast:
        return forecast(rivers, release, hours=72, threshold=0.05, **asked)  # type: ignore[arg-type]

    one, plain = _best(told, 5)
    held, _ = _best(lambda: told(storage=Storage(20.0, 1e-5), sorption=Sorption(5e-5, 0.1)), 3)
    many, ensemble = _best(lambda: told(members=1000), 2)
    narrow, _ = _best(lambda: told(members=200), 2)
    note = f"100 channels, a division, 25 tributaries; {plain._grid.cells:,} cells, {len(plain.times) - 1:,} steps"
    assert ensemble.ensemble is not None
    return [
        Measurement("spill forecast, 500 km × 72 h at 100 m, branching", 2, one, "s", "less", f"best of five; {note}"),
        Measurement("the same with storage and sorption", None, held, "s", "less", "best of three"),
        Measurement("1,000 members and the run, 10 sections", 60, many, "s", "less", "by transfer functions"),
        Measurement("200 members and the run", None, narrow, "s", "less", "what a plan uses"),
        Measurement("mass missing, branching network", 1e-9, plain.balance.error, "", "less", "of what was released"),
        *_exactness(),
    ]


def _exactness() -> list[Measurement]:
    instant, step = instantaneous_errors((200.0, 100.0, 50.0)), ogata_banks_errors((200.0, 100.0, 50.0))
    found = [
        Measurement(
            "instantaneous release with decay: error", None, instant.error[1], "", "less", "of the peak, 100 m"
        ),
        Measurement("its order of convergence", 2, min(instant.order), "", "more", "200 to 50 m"),
        Measurement("Ogata & Banks: error", None, step.error[1], "", "less", "of the step, 100 m"),
        Measurement("its order of convergence", 2, min(step.order), "", "more", "200 to 50 m"),
    ]
    models = {
        "finite volumes": uvas(),
        "transfer functions": uvas(transformed),
        "OTIS's scheme": uvas(otis),
        "no storage, no sorption": uvas(storage=False, sorption=False),
    }
    for name, fits in models.items():
        for fit in fits:
            note = f"peak {fit.peak:.3f}, sampled {fit.observed:.3f}"
            what = f"Uvas Creek at {fit.distance} m, {name}: RMSE"
            found.append(Measurement(what, None, fit.rmse, "mg/L", "less", note))
    return found


def _best(work: Callable[[], Forecast], rounds: int) -> tuple[float, Forecast]:
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        found = work()
        seconds.append(time.perf_counter() - began)
    return min(seconds), found


if __name__ == "__main__":
    show(run())
