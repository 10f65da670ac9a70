"""How far a load may be off: the river is made up a thousand times, sampled on the same days, and estimated again.

A parametric bootstrap of the daily record. Each made-up river has the flow that was measured and, where it was not,
flow that could have been; its concentrations follow a curve that the samples allow, with residuals that last as the
real ones do. Its true load is known, and so is by which factor each method misses it; the real estimate is corrected by
these factors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.loads.estimators import ESTIMATORS, TONNES, Sampling
from commonshed.attribute.river.loads.flows import Flows
from commonshed.attribute.river.loads.persistence import Persistence, walks
from commonshed.attribute.river.loads.rating import FEWEST, Rating
from commonshed.attribute.river.loads.terms import Terms

__all__ = ["Model", "factors"]

_CELLS = 2_000_000
"""Days × draws held at a time."""
_PER_TERM = ((FEWEST, ("ln q",)), (12, ("ln q ²",)), (20, ("season",)), (24, ("rise",)))
"""Samples from which a term may matter to what is made up. More than the chosen curve has: that a term did not earn its
place among the samples does not say that the river does without."""
_LONG = 3 * 365
"""Days from which a trend is made up too."""

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Model:
    """What a section's concentrations are taken to be like.

    Attributes
    ----------
    terms : Terms
    names : tuple of str
        Terms of the curve.
    coefficients : (k,) array
    root : (k, k) array
        Of the covariance of the coefficients, for residuals of unit variance.
    persistence : Persistence
        Of the residuals.
    limit : float or None
        Of detection, where some samples were below it. [g/m3]
    """

    terms: Terms
    names: tuple[str, ...]
    coefficients: Floats
    root: Floats
    persistence: Persistence
    limit: float | None

    @classmethod
    def of(cls, c: Floats, days: Numbers, flows: Flows, terms: Terms, limit: float | None) -> Model:
        """What samples of some days say.

        Parameters
        ----------
        c : (n,) array
            Above zero. [g/m3]
        days : (n,) array of int
        flows : Flows
        terms : Terms
        limit : float, optional
        """
        names = ["1", *(name for fewest, added in _PER_TERM if len(days) >= fewest for name in added)]
        if np.ptp(flows.filled[days]) == 0:
            names = ["1"]
        if not flows.daily and "rise" in names:
            names.remove("rise")
        if flows.filled.size > _LONG:
            names.append("trend")
        rating = Rating.of(names, days, flows.filled, terms)
        x = np.clip(terms.log_flow(flows.filled[days]), terms.low, terms.high)
        persistence = Persistence.of(rating.residuals(c), days, rating.k, x)
        covariance = persistence.spread_by(rating.solver, days, x)
        # a hair on the diagonal, for terms that the samples cannot tell apart
        root = np.asarray(np.linalg.cholesky(covariance + 1e-9 * np.eye(rating.k)), np.float64)
        return cls(terms, rating.names, rating.coefficients(c), root, persistence, limit)


def factors(
    sampling: Sampling,
    flows: Flows,
    model: Model,
    methods: Sequence[str],
    *,
    draws: int,
    seed: int,
    section: str,
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
    seed : int
    section : str
        Every section has chances of its own, but for the flows: a storm between two days of gauging comes to all.
    """
    of = crc32(section.encode())
    weather, rivers = np.random.default_rng([seed]), np.random.default_rng([seed, of])
    laboratories = {method: np.random.default_rng([seed, of, 1 + at]) for at, method in enumerate(ESTIMATORS)}
    size = max(1, _CELLS // sampling.flow.size)
    found: dict[str, list[Floats]] = {method: [] for method in methods}
    for done in range(0, draws, size):
        part = min(size, draws - done)
        made = _MadeUp.of(sampling, model, flows.drawn(part, weather), part, rivers)
        for method in methods:
            estimate = made.averaged if method == "averaging" else partial(made.estimated, ESTIMATORS[method])
            found[method].append(made.truth / estimate(laboratories[method]))
    return {method: np.concatenate(parts) for method, parts in found.items()}


@dataclass(frozen=True, eq=False)
class _MadeUp:
    """Rivers that could have been, one a row."""

    sampling: Sampling
    limit: float | None
    flow: Floats
    concentration: Floats
    noise: Floats
    truth: Floats

    @classmethod
    def of(cls, sampling: Sampling, model: Model, flow: Floats, draws: int, rng: np.random.Generator) -> _MadeUp:
        how = model.persistence.drawn(draws, rng)
        curve = _curves(model, np.hypot(how.lasting, how.passing), flow, rng)
        x = np.clip(model.terms.log_flow(flow), model.terms.low, model.terms.high)
        spread = np.exp(how.slope[:, None] * x)
        concentration = np.exp(curve + how.lasting[:, None] * spread * walks(how.time, sampling.flow.size, rng))
        within = slice(sampling.first, sampling.last + 1)
        truth = (concentration[:, within] * flow[:, within]).sum(axis=1) * TONNES
        return cls(
            sampling,
            model.limit,
            np.broadcast_to(flow, concentration.shape),
            concentration,
            how.passing[:, None] * spread,
            truth,
        )

    def estimated(self, estimator: Callable[[Floats, Sampling], Floats], rng: np.random.Generator) -> Floats:
        """What a method makes of samples of the same days."""
        return estimator(self._seen(self.sampling.days[None], rng), self.sampling)

    def averaged(self, rng: np.random.Generator) -> Floats:
        """The average of fluxes on days that could as well have been sampled: it knows no other flow than theirs."""
        of = self.sampling
        start = rng.integers(0, of.count, (len(self.truth), 1))
        days = of.first + (of.days[of.inside] - of.first + start) % of.count
        found: Floats = (self._seen(days, rng) * np.take_along_axis(self.flow, days, 1)).mean(axis=1) * (
            of.count * TONNES
        )
        return found

    def _seen(self, days: Numbers, rng: np.random.Generator) -> Floats:
        """What the laboratory makes of the river: noise with a mean of one, half the limit below detection."""
        river, noise = (np.take_along_axis(each, days, 1) for each in (self.concentration, self.noise))
        seen: Floats = river * np.exp(noise * rng.standard_normal(river.shape) - noise**2 / 2)
        return seen if self.limit is None else np.where(seen < self.limit, self.limit / 2, seen)


def _curves(model: Model, spread: Floats, flow: Floats, rng: np.random.Generator) -> Floats:
    """Logarithms of concentration by curves that the samples allow, (B, N)."""
    strayed = rng.standard_normal((spread.size, model.coefficients.size)) @ model.root.T
    coefficients = model.coefficients + spread[:, None] * strayed
    columns = model.terms.columns(model.names, flow)
    found = np.zeros((spread.size, model.terms.count))
    for at, column in enumerate(columns):
        found += coefficients[:, at, None] * column
    return found
