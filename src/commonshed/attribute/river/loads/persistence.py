"""How long what a rating curve does not explain lasts: from week to week, or gone by the next sample.

What a load's interval hangs on. Residuals that last for weeks are known between the samples too; residuals that are
gone the next day average out. Weekly samples say little about which it is, so every answer keeps its probability.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Persistence", "walks"]

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

_TIMES = np.geomspace(1.0, 128.0, 8)
"""Times after which the correlation of the lasting part has fallen to 1/e. [d]"""
_NUGGETS = np.array([0.005, 0.02, 0.05, 0.15, 0.3, 0.5, 0.7, 0.95])
"""Parts of the variance that do not last: the laboratory, the hour of sampling; of a gauged flow next to nothing."""
_SLOPES = np.linspace(-0.4, 0.8, 7)
"""How the spread may go with flow: it is multiplied by flow to this power."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """Equally likely ways how residuals hang together, one a row.

    Attributes
    ----------
    time : (B,) array
        [d]
    lasting, passing : (B,) arrays
        Standard deviations, at usual flow, of the part that lasts and of the part that does not.
    slope : (B,) array
        Of the logarithm of the spread over that of flow.
    """

    time: Floats
    lasting: Floats
    passing: Floats
    slope: Floats


@dataclass(frozen=True, eq=False)
class Persistence:
    """Probabilities of how residuals hang together.

    Residuals are the sum of a part that fades, exp(−Δ/τ), and of a part without memory, both times flow to some power.

    Attributes
    ----------
    time : (G,) array
        τ. [d]
    nugget : (G,) array
        Part of the variance without memory.
    slope : (G,) array
        The power.
    variance : (G,) array
        The likeliest for each, at usual flow.
    probability : (G,) array
        Of each, from the residuals alone: all are taken for equally likely before. Sums to 1.
    freedom : int
        Degrees of freedom of the variance.
    """

    time: Floats
    nugget: Floats
    slope: Floats
    variance: Floats
    probability: Floats
    freedom: int

    @classmethod
    def of(cls, residuals: Floats, days: Numbers, terms: int, log_flow: Floats | None = None) -> Persistence:
        """What some residuals say.

        Parameters
        ----------
        residuals : (n,) array
            Logarithms.
        days : (n,) array of int
        terms : int
            Coefficients of the curve they are residuals of.
        log_flow : (n,) array, optional
            Logarithm of flow over usual flow; without it the spread is taken for the same at all flows.

        Notes
        -----
        Likelihood by the Kalman filter of an Ornstein–Uhlenbeck process observed with noise, the variance profiled
        out; n − terms degrees of freedom.
        """
        slopes = np.zeros(1) if log_flow is None else _SLOPES
        time, nugget, slope = (grid.ravel() for grid in np.meshgrid(_TIMES, _NUGGETS, slopes))
        x = np.zeros(len(residuals)) if log_flow is None else log_flow
        freedom = max(len(residuals) - terms, 1)
        squares = np.zeros_like(time)
        logs = 2 * slope * x.sum()
        mean, spread = np.zeros_like(time), 1 - nugget
        before = int(days[0])
        for day, value, high in zip(days.tolist(), residuals.tolist(), x.tolist(), strict=True):
            kept = np.exp(-(day - before) / time)
            mean, spread = kept * mean, kept**2 * spread + (1 - kept**2) * (1 - nugget)
            surprise, total = value * np.exp(-slope * high) - mean, spread + nugget
            squares += surprise**2 / total
            logs += np.log(total)
            mean, spread = mean + spread / total * surprise, spread * nugget / total
            before = day
        variance = np.maximum(squares / freedom, 1e-12)
        likelihood = -(freedom * np.log(variance) + logs) / 2
        probability = np.exp(likelihood - likelihood.max())
        return cls(time, nugget, slope, variance, probability / probability.sum(), freedom)

    def spread_by(self, rows: Floats, days: Numbers, log_flow: Floats) -> Floats:
        """Covariance of sums of residuals, (k, k), at the likeliest values, over the variance at usual flow.

        Parameters
        ----------
        rows : (k, n) array
            Weights of the residuals in each sum.
        days : (n,) array of int
        log_flow : (n,) array
        """
        at = int(np.argmax(self.probability))
        weighed = (rows * np.exp(self.slope[at] * log_flow)).T
        kept = np.exp(-np.diff(days) / self.time[at])
        before = np.zeros_like(weighed)
        for day, left in enumerate(kept.tolist()):
            before[day + 1] = left * (before[day] + weighed[day])
        one_way = weighed.T @ before
        same = weighed.T @ weighed
        found: Floats = (1 - self.nugget[at]) * (same + one_way + one_way.T) + self.nugget[at] * same
        return found

    def drawn(self, count: int, rng: np.random.Generator) -> Drawn:
        """Equally likely ways."""
        chosen = rng.choice(len(self.time), size=count, p=self.probability)
        variance = self.variance[chosen] * self.freedom / rng.chisquare(self.freedom, count)
        nugget = self.nugget[chosen]
        return Drawn(
            self.time[chosen], np.sqrt(variance * (1 - nugget)), np.sqrt(variance * nugget), self.slope[chosen]
        )


def walks(time: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Standard series that fade with some times, one a row, (B, count)."""
    kept = np.exp(-1 / time)
    fresh = np.sqrt(1 - kept**2)
    steps = rng.standard_normal((count, time.size))
    for day in range(1, count):
        steps[day] *= fresh
        steps[day] += kept * steps[day - 1]
    return np.ascontiguousarray(steps.T)
