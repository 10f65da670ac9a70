"""The flow of every day, where it was measured and where it was not.

Many networks gauge flow only on the day of the sample. Between two gauged days the flow is drawn as a straight line for
the estimates; for the intervals it is made up, so that it passes through what was measured and strays between as a
flow of this river does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.loads.estimators import between
from commonshed.attribute.river.loads.persistence import Persistence

__all__ = ["Flows"]

Floats = NDArray[np.float64]

_FEW = 0.1
"""Part of the days."""
_LEAST = 1e-3
"""Part of the mean flow that a dry day counts as in a logarithm."""


@dataclass(frozen=True, eq=False)
class Flows:
    """Flow of every day.

    Attributes
    ----------
    measured : (N,) array
        NaN where not. [m3/s]
    filled : (N,) array
        [m3/s]
    persistence : Persistence or None
        Of the logarithms of the measured ones, where some day is not measured.
    """

    measured: Floats
    filled: Floats
    persistence: Persistence | None

    @property
    def daily(self) -> bool:
        """Whether the days without a measured flow are few."""
        return bool(np.isnan(self.measured).mean() < _FEW)

    @classmethod
    def of(cls, measured: Floats) -> Flows:
        """The flow of every day from the measured ones, of which there is at least one."""
        known = np.flatnonzero(~np.isnan(measured))
        if known.size == measured.size or not measured[known].any():
            return cls(measured, np.nan_to_num(measured), None)
        filled = between(measured[known], known, measured.size)
        logs = _logs(measured[known])
        return cls(measured, filled, Persistence.of(logs - logs.mean(), known, 1))

    def drawn(self, draws: int, rng: np.random.Generator) -> Floats:
        """Flows that could have been, (draws, N), or (1, N) where every day was measured. [m3/s]

        Notes
        -----
        Kalman filter forward over the logarithms, sampled backward, so that draws agree with what was measured.

        References
        ----------
        Carter and Kohn (1994), On Gibbs sampling for state space models, Biometrika 81, 541-553.
        """
        if self.persistence is None:
            return self.filled[None]
        known = ~np.isnan(self.measured)
        logs = np.full(known.shape, np.nan)
        logs[known] = _logs(self.measured[known])
        # chances of the days stand apart, so that sections with more or fewer gauged days meet the same storms
        ways, rng = rng.spawn(2)
        how = self.persistence.drawn(draws, ways)
        time, lasting, passing = how.time, how.lasting, how.passing
        # the usual flow of the period is itself only known from its samples
        strayed = np.hypot(lasting, passing) / np.sqrt(known.sum()) * rng.standard_normal(draws)
        usual = float(np.nanmean(logs)) + strayed
        kept = np.exp(-1 / time)
        mean, spread = _filtered(logs[:, None] - usual, kept, lasting**2, passing**2)
        state = mean[-1] + np.sqrt(spread[-1]) * rng.standard_normal(draws)
        flows = np.empty((known.size, draws))
        fresh = lasting**2 * (1 - kept**2)
        for day in range(known.size - 1, -1, -1):
            if day < known.size - 1:
                gain = kept * spread[day] / (kept**2 * spread[day] + fresh)
                centre = mean[day] + gain * (state - kept * mean[day])
                state = centre + np.sqrt(spread[day] * (1 - gain * kept)) * rng.standard_normal(draws)
            flows[day] = state
        flows += usual + passing * rng.standard_normal(flows.shape)
        found = np.exp(flows).T
        found[:, known] = self.measured[known]
        return found


def _filtered(logs: Floats, kept: Floats, lasting: Floats, passing: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of the lasting part after each day, (N, B); NaN is a day without a measurement.

    Parameters
    ----------
    logs : (N, B) array
        Logarithms of flow over the usual one.
    kept, lasting, passing : (B,) arrays
        What is left of the lasting part after a day, and the variances of both parts.
    """
    mean, spread = np.zeros_like(kept), lasting.copy()
    means, spreads = np.empty(logs.shape), np.empty(logs.shape)
    for day, value in enumerate(logs):
        if day:
            mean, spread = kept * mean, kept**2 * spread + (1 - kept**2) * lasting
        if not np.isnan(value[0]):
            gain = spread / (spread + passing)
            mean, spread = mean + gain * (value - mean), spread * (1 - gain)
        means[day], spreads[day] = mean, spread
    return means, spreads


def _logs(flow: Floats) -> Floats:
    least = max(float(flow.mean()) * _LEAST, 1e-9)
    logs: Floats = np.log(np.maximum(flow, least))
    return logs
