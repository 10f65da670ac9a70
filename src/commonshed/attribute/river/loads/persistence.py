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

_TIMES = np.geomspace(1.0, 128.0, 15)
"""Times after which the correlation of the lasting part has fallen to 1/e. [d]"""
_NUGGETS = np.linspace(0.05, 0.95, 10)
"""Parts of the variance that do not last: the laboratory, the hour of sampling."""


@dataclass(frozen=True, eq=False)
class Persistence:
    """Probabilities of how residuals hang together.

    Residuals are the sum of a part that fades, exp(−Δ/τ), and of a part without memory.

    Attributes
    ----------
    time : (G,) array
        τ. [d]
    nugget : (G,) array
        Part of the variance without memory.
    variance : (G,) array
        The likeliest for each.
    probability : (G,) array
        Of each, from the residuals alone: all are taken for equally likely before. Sums to 1.
    freedom : int
        Degrees of freedom of the variance.
    """

    time: Floats
    nugget: Floats
    variance: Floats
    probability: Floats
    freedom: int

    @classmethod
    def of(cls, residuals: Floats, days: Numbers, terms: int) -> Persistence:
        """What some residuals say.

        Parameters
        ----------
        residuals : (n,) array
            Logarithms.
        days : (n,) array of int
        terms : int
            Coefficients of the curve they are residuals of.

        Notes
        -----
        Likelihood by the Kalman filter of an Ornstein–Uhlenbeck process observed with noise, the variance profiled
        out; n − terms degrees of freedom.
        """
        time, nugget = (grid.ravel() for grid in np.meshgrid(_TIMES, _NUGGETS))
        n = len(residuals)
        freedom = max(n - terms, 1)
        squares = np.zeros_like(time)
        logs = np.zeros_like(time)
        mean, spread = np.zeros_like(time), 1 - nugget
        before = int(days[0])
        for day, value in zip(days.tolist(), residuals.tolist(), strict=True):
            kept = np.exp(-(day - before) / time)
            mean, spread = kept * mean, kept**2 * spread + (1 - kept**2) * (1 - nugget)
            surprise, total = value - mean, spread + nugget
            squares += surprise**2 / total
            logs += np.log(total)
            mean, spread = mean + spread / total * surprise, spread * nugget / total
            before = day
        variance = np.maximum(squares / freedom, 1e-12)
        likelihood = -(freedom * np.log(variance) + logs) / 2
        probability = np.exp(likelihood - likelihood.max())
        return cls(time, nugget, variance, probability / probability.sum(), freedom)

    def drawn(self, count: int, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
        """Equally likely times, lasting and not lasting standard deviations, each (count,)."""
        chosen = rng.choice(len(self.time), size=count, p=self.probability)
        variance = self.variance[chosen] * self.freedom / rng.chisquare(self.freedom, count)
        nugget = self.nugget[chosen]
        return self.time[chosen], np.sqrt(variance * (1 - nugget)), np.sqrt(variance * nugget)


def walks(time: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Standard series that fade with some times, one a row, (B, count)."""
    kept = np.exp(-1 / time)
    fresh = np.sqrt(1 - kept**2)
    steps = rng.standard_normal((count, time.size))
    for day in range(1, count):
        steps[day] *= fresh
        steps[day] += kept * steps[day - 1]
    return np.ascontiguousarray(steps.T)
