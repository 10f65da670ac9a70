"""A big basin: the transfer matrix of 10,000 reaches × 1,000 sections, and the net loads of as many sections."""

from __future__ import annotations

import time

import numpy as np
from benchmarks.measurement import Measurement

from commonshed.attribute.river import Decay, transfer
from commonshed.attribute.river.inverse import net_loads
from commonshed.places import Lake, Mark, Node, Reach, Rivers

REACHES, SECTIONS, DRAWS = 10_000, 1_000, 20


def run() -> list[Measurement]:
    """Best of five: each node to each section, with decay, bed uptake and a lake on every hundredth reach."""
    basin = _basin(np.random.default_rng(0))
    marks = list(basin.marks.values())
    decay = Decay(rate=0.1, uptake=0.02, settling=10.0)
    times, entries = [], 0
    for _ in range(5):
        start = time.perf_counter()
        entries = transfer(basin, marks, decay=decay).entries
        times.append(time.perf_counter() - start)
    start = time.perf_counter()
    factors = Decay(rate=0.1, spread=0.3).factors(DRAWS, np.random.default_rng(1))
    transfer(basin, marks, decay=decay, factors=factors)
    drawn = time.perf_counter() - start
    shape = f"{REACHES:,} reaches × {SECTIONS:,} sections"
    return [
        Measurement(f"transfer matrix, {shape}", 5.0, min(times), "s", "less", f"best of 5; {entries:,} entries"),
        Measurement(f"the same for {DRAWS} draws of the decay", None, drawn, "s", "less", "one run"),
        _inverse(basin, marks),
    ]


def _inverse(basin: Rivers, marks: list[Mark]) -> Measurement:
    """Noisy loads, so that half of the plain differences are negative: the hard case."""
    rng = np.random.default_rng(2)
    passing = transfer(basin, marks, sources=(), decay=Decay(rate=0.01)).to_sections(marks)
    measured = passing.T @ rng.lognormal(0, 1, SECTIONS) * rng.lognormal(0, 0.1, SECTIONS)
    draws = measured[:, None] * rng.lognormal(0, 0.1, (SECTIONS, 1000))
    start = time.perf_counter()
    net_loads(passing, measured, passing_draws=passing, measured_draws=draws)
    took = time.perf_counter() - start
    return Measurement(f"net loads of {SECTIONS:,} stretches, 1,000 draws", None, took, "s", "less", "one run")


def _basin(rng: np.random.Generator) -> Rivers:
    """A tree whose nodes flow to one of the forty before them: paths of some hundred reaches."""
    reaches = [
        Reach(
            f"r{i}", f"n{i}", f"n{max(0, i - 1 - int(rng.integers(0, min(i, 40))))}",
            length=1000.0, velocity=0.5, depth=1.0, discharge=10.0, lake=Lake(1.0, 5.0) if i % 100 == 0 else None,
        )
        for i in range(1, REACHES + 1)
    ]  # fmt: skip
    at = rng.choice(REACHES + 1, SECTIONS, replace=False)
    nodes = [Node(f"n{i}") for i in range(REACHES + 1)]
    return Rivers.of(nodes, reaches, [Mark(f"s{i}", "section", node=f"n{i}") for i in at])
