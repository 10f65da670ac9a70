"""What is read of a made-up river: samples now and then, a gauge, a laboratory with noise and a limit of detection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from commonshed.keep.rows import conform
from commonshed.periods import Period, Zone
from commonshed.units import quantity as quantity_of
from commonshed.units import ticks_per

__all__ = ["Sampler"]

Floats = NDArray[np.float64]

_SIMULATED = "simulated@0123456789ab"
"""Mapping and origin of every reading."""
_DAY = 86_400
_MORNING = 10 * 3600
"""When samples are taken. [s of the day]"""


@dataclass(frozen=True, kw_only=True)
class Sampler:
    """How a river is looked at.

    Attributes
    ----------
    every : int
        Days from sample to sample.
    noise : float
        Spread of a sample around the day's mean, relative.
    flow : {"daily", "sampled"}
        Whether flow is read every day, or only on days with a sample.
    limit : float
        Of detection. [mg/L]
    zone : Zone
    """

    every: int
    noise: float
    flow: Literal["daily", "sampled"]
    limit: float
    zone: Zone

    def readings(
        self,
        seen: Mapping[str, tuple[Floats, Floats]],
        period: Period,
        quantity: str,
        rng: np.random.Generator,
    ) -> pa.Table:
        """Readings of sections of which concentration [g/m3] and flow [m3/s] of every day are given."""
        parts = []
        of_samples = float(ticks_per(quantity_of(quantity), "g/m3"))
        of_flow = float(ticks_per(quantity_of("flow"), "m3/s"))
        for section, (concentration, flow) in seen.items():
            days = np.arange(int(rng.integers(0, self.every)), period.days, self.every)
            noise = self.noise * rng.standard_normal(days.size) - self.noise**2 / 2
            # to the third decimal, as a laboratory writes it
            samples = np.maximum(np.round(concentration[days] * np.exp(noise), 3), 0.001)
            below = samples < self.limit
            samples[below] = self.limit
            starts = self.zone.first_second(period.first) + days * _DAY + _MORNING
            parts.append(_table(section, quantity, starts, 1, np.rint(samples * of_samples), below))
            gauged = days if self.flow == "sampled" else np.arange(period.days)
            starts = self.zone.first_second(period.first) + gauged * _DAY
            ticks = np.rint(np.round(flow[gauged], 3) * of_flow)
            parts.append(_table(section, "flow", starts, _DAY, ticks, np.zeros(gauged.size, bool)))
        return conform(pa.concat_tables(parts))


def _table(
    section: str, quantity: str, starts: NDArray[np.int64], period: int, ticks: Floats, below: NDArray[np.bool_]
) -> pa.Table:
    n = len(starts)
    same: dict[str, Any] = {
        "station": section,
        "quantity": quantity,
        "statistic": "mean",
        "flag": "valid",
        "status": "provisional",
        "mapping": _SIMULATED,
        "origin": _SIMULATED,
    }
    return pa.table(
        {
            **{name: pa.array([value] * n, pa.string()) for name, value in same.items()},
            "start": pa.array(starts.astype(np.int64)),
            "period": pa.array(np.full(n, period, np.int32)),
            "ticks": pa.array(ticks.astype(np.int64)),
            "qualifier": pa.array(np.where(below, "<", "=").tolist(), pa.string()),
            "recorded": pa.array(starts.astype(np.int64) + period),
        }
    )
