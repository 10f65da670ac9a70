"""Shares of made-up rivers against the truth: error by number of samples, and how often 90 % intervals hold it.

The rivers are those of `simulate.river`: four confluences, two towns between sections, decay on every reach. First the
decay is given to the estimate as it is, so that what is unsure is what samples leave unsure; then it is given wrong.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from benchmarks.measurement import Measurement
from numpy.typing import NDArray

from commonshed.assess import Readings
from commonshed.attribute.river import Decay, shares
from commonshed.simulate.river import TwinRiver, twin

RIVERS, DRAWS, DECAY = 60, 300, 0.15
SAMPLINGS: tuple[tuple[int, Literal["daily", "sampled"]], ...] = (
    (28, "daily"), (14, "daily"), (7, "daily"), (7, "sampled"), (3, "daily"),
)  # fmt: skip
END = "sim-M4"
STRETCH_OF = {"town-2": "stretch above sim-M2", "town-4": "stretch above sim-M4"}
KINDS = {"basin": "of measured tributaries", "stretch": "inferred between sections"}


def run() -> list[Measurement]:
    """RMSE in points of share and coverage, by sampling; what stretches without a source are given; a wrong decay."""
    found: list[Measurement] = []
    coverage: list[float] = []
    for every, flow in SAMPLINGS:
        said = f"sample every {every} days, flow {'with it' if flow == 'sampled' else 'daily'}"
        rows = _rows(Decay(rate=DECAY), every=every, flow=flow)
        for kind, name in KINDS.items():
            some = np.array([row[1:] for row in rows if row[0].startswith(kind) and row[1] > 0])
            error, held = _judged(some)
            coverage.append(held)
            note = f"{RIVERS} rivers, {len(some)} shares of {100 * some[:, 0].mean():.0f} % on the mean, {DRAWS} draws"
            found.append(Measurement(f"shares {name}, {said}: RMSE", None, error, "points", "less", note))
            found.append(Measurement(f"shares {name}, {said}: inside 90 %", None, held, "%", "more"))
        found.append(_idle(np.array([row[1:] for row in rows if row[1] == 0]), said))
    note = "of all kinds and samplings above"
    found.append(Measurement("lowest coverage of the 90 % intervals", 85.0, min(coverage), "%", "more", note))
    found.append(Measurement("highest coverage of the 90 % intervals", 95.0, max(coverage), "%", "less", note))
    return [*found, *_guessed()]


def _guessed() -> list[Measurement]:
    """What a decay that is wrong, or unsure, does to the same shares: no bar, a warning."""
    found = []
    for decay in (Decay(rate=0.1), Decay(rate=0.1, spread=0.5), Decay()):
        rows = _rows(decay, every=7, flow="daily")
        for kind, name in KINDS.items():
            error, held = _judged(np.array([row[1:] for row in rows if row[0].startswith(kind) and row[1] > 0]))
            what = f"shares {name}, weekly, decay {DECAY} taken for: {decay}"
            found.append(Measurement(f"{what}: inside 90 %", None, held, "%", "more", f"RMSE {error:.1f} points"))
    return found


def _rows(
    decay: Decay, *, every: int, flow: Literal["daily", "sampled"]
) -> list[tuple[str, float, float, float, float]]:
    rivers = (twin(seed, every=every, flow=flow, decay=DECAY) for seed in range(RIVERS))
    return [row for seed, river in enumerate(rivers) for row in _compared(river, decay, seed)]


def _judged(rows: NDArray[np.float64]) -> tuple[float, float]:
    """RMSE [points] and part inside the intervals [%]."""
    true, share, low, high = rows.T
    error = 100 * np.sqrt(((share - true) ** 2).mean())
    return float(error), float(100 * ((low <= true) & (true <= high)).mean())


def _idle(rows: NDArray[np.float64], said: str) -> Measurement:
    none, held = (100 * float((rows[:, at] == 0).mean()) for at in (1, 2))
    note = f"mean; {none:.0f} % are given exactly nothing, {held:.0f} % have 0 in their interval"
    given = 100 * float(rows[:, 1].mean())
    return Measurement(f"stretches without a source, {said}: share given", None, given, "points", "less", note)


def _compared(river: TwinRiver, decay: Decay, seed: int) -> list[tuple[str, float, float, float, float]]:
    """Part, true share, published share, ends of its interval."""
    source = Readings(river.readings, river.network)
    found = shares(
        source,
        quantity=river.quantity,
        period=river.truth.period,
        sections=[END],
        by="source",
        decay=decay,
        beside=(),
        draws=DRAWS,
        seed=seed,
    )
    true = _truth(river)
    return [
        (str(r["of"]), true.get(r["of"], 0.0), float(r["share"]), float(r["low"]), float(r["high"]))
        for r in found.records()
        if r["of"] != "unexplained"
    ]


def _truth(river: TwinRiver) -> dict[str, float]:
    true: dict[str, float] = {}
    for source in river.truth.sources:
        part = STRETCH_OF.get(source.id, f"basin above sim-{source.catchment}")
        true[part] = true.get(part, 0.0) + river.truth.share(source.id, END)
    return true
