"""Intervals: they hold the truth about as often as they say, on made-up rivers."""

from __future__ import annotations

import numpy as np
import pytest

from commonshed.assess import Readings
from commonshed.attribute.river import METHODS, loads
from commonshed.simulate.river import twin


@pytest.mark.parametrize("flow", ["daily", "sampled"])
def test_intervals_of_weekly_samples_hold_the_truth_in_about_nine_cases_of_ten(flow: str) -> None:
    # benchmarks/bench_loads.py measures this with many more rivers; here the nine sections of ten rivers
    held: dict[str, list[bool]] = {method: [] for method in METHODS}
    for seed in range(10):
        river = twin(seed, flow=flow)  # type: ignore[arg-type]
        found = loads(Readings(river.readings, river.network), quantity="tp", period="2016", draws=200)
        for load in found.loads:
            held[load.method].append(load.low <= river.truth.load(load.section) <= load.high)
    assert all(0.75 < np.mean(each) < 0.99 for each in held.values()), held


def test_more_samples_make_narrower_intervals() -> None:
    widths = []
    for every in (30, 7, 3):
        river = twin(1, every=every)
        found = loads(Readings(river.readings, river.network), quantity="tp", period="2016", draws=200)
        widths.append(np.median([(load.high - load.low) / load.tonnes for load in found.loads]))
    assert widths[0] > widths[1] > widths[2]
