"""How far a load may be off: the river is made up a thousand times, sampled on the same days, and estimated again.

A parametric bootstrap of the daily record. Each made-up river has the flow that was measured and, where it was not,
flow that could have been; its concentrations follow the rating curve with residuals that last as the real ones do. Its
true load is known, and so is by which factor each method misses it. The real estimate is divided by these factors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.loads.estimators import ESTIMATORS, TONNES, Sampling
from commonshed.attribute.river.loads.flows import Flows
from commonshed.attribute.river.loads.persistence import Persistence, walks

__all__ = ["Model", "factors"]

_CELLS = 4_000_000
"""Days × draws held at a time."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Model:
    """What a section's concentrations are taken to be like.

    Attributes
    ----------
    curve : (N,) array
        Logarithm of the concentration the rating curve gives, every day.
    persistence : Persistence
        Of the residuals.
    limit : float or None
        Of detection, where some samples were below it. [g/m3]
    """

    curve: Floats
    persistence: Persistence
    limit: float | None = None


def factors(
    sampling: Sampling, flows: Flows, model: Model, methods: Sequence[str], *, draws: int, seed: Sequence[int]
) -> dict[str, Floats]:
    """True load over estimated load of made-up rivers, (draws,), for each method.

    Parameters
    ----------
    sampling : Sampling
    flows : Flows
    model : Model
    methods : sequence of str
        The factors of one do not depend on which others are asked for.
    draws : int
    seed : sequence of int
    """
    rivers = np.random.default_rng([*seed, 0])
    laboratories = {method: np.random.default_rng([*seed, 1 + at]) for at, method in enumerate(ESTIMATORS)}
    size = max(1, _CELLS // sampling.flow.size)
    found: dict[str, list[Floats]] = {method: [] for method in methods}
    for done in range(0, draws, size):
        made = _MadeUp.of(sampling, flows, model, min(size, draws - done), rivers)
        for method in methods:
            estimate = made.averaged if method == "averaging" else partial(made.estimated, ESTIMATORS[method])
            found[method].append(made.truth / estimate(laboratories[method]))
    return {method: np.concatenate(parts) for method, parts in found.items()}


@dataclass(frozen=True, eq=False)
class _MadeUp:
    """Rivers that could have been, one a row."""

    sampling: Sampling
    limit: float | None
    concentration: Floats
    passing: Floats
    truth: Floats

    @classmethod
    def of(cls, sampling: Sampling, flows: Flows, model: Model, draws: int, rng: np.random.Generator) -> _MadeUp:
        time, lasting, passing = model.persistence.drawn(draws, rng)
        concentration = np.exp(model.curve + lasting[:, None] * walks(time, sampling.flow.size, rng))
        within = slice(sampling.first, sampling.last + 1)
        flow = flows.drawn(draws, rng)[:, within]
        truth = (concentration[:, within] * flow).sum(axis=1) * TONNES
        return cls(sampling, model.limit, concentration, passing[:, None], truth)

    def estimated(self, estimator: Callable[[Floats, Sampling], Floats], rng: np.random.Generator) -> Floats:
        """What a method makes of samples of the same days."""
        return estimator(self._seen(self.concentration[:, self.sampling.days], rng), self.sampling)

    def averaged(self, rng: np.random.Generator) -> Floats:
        """The average of fluxes on days that could as well have been sampled: it knows no other flow than theirs."""
        of = self.sampling
        start = rng.integers(0, of.count, self.passing.shape)
        days = of.first + (of.days[of.inside] - of.first + start) % of.count
        seen = self._seen(np.take_along_axis(self.concentration, days, 1), rng)
        found: Floats = (seen * of.flow[days]).mean(axis=1) * (of.count * TONNES)
        return found

    def _seen(self, river: Floats, rng: np.random.Generator) -> Floats:
        """What the laboratory makes of the river: noise with a mean of one, half the limit below detection."""
        seen: Floats = river * np.exp(self.passing * rng.standard_normal(river.shape) - self.passing**2 / 2)
        return seen if self.limit is None else np.where(seen < self.limit, self.limit / 2, seen)
