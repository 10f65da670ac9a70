"""How a load is reckoned from a few samples and from the flow of every day: five answers to one question.

Every estimator takes many sets of samples at once, because the bootstrap asks for a thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.loads.rating import Rating

__all__ = ["ESTIMATORS", "TONNES", "Sampling", "averaging", "beale", "composite", "interpolation", "rating_curve"]

TONNES = 86_400 / 1e6
"""In a day of one gram a second. [t]"""

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Sampling:
    """What the estimators know besides concentrations: N days from which to learn, the period among them.

    Attributes
    ----------
    days : (n,) array of int
        Numbers of the sampled days, rising.
    flow : (N,) array
        Of every day, gaps filled. [m3/s]
    first, last : int
        Numbers of the first and last day of the period.
    rating : Rating or None
        The regression, where there are enough samples for one.
    """

    days: Numbers
    flow: Floats
    first: int
    last: int
    rating: Rating | None = None

    @property
    def count(self) -> int:
        """Days of the period."""
        return self.last - self.first + 1

    @cached_property
    def inside(self) -> NDArray[np.bool_]:
        """Which samples are of the period, (n,)."""
        return (self.days >= self.first) & (self.days <= self.last)

    @cached_property
    def sampled_flow(self) -> Floats:
        """Flow of the sampled days of the period. [m3/s]"""
        return self.flow[self.days[self.inside]]

    @cached_property
    def period_flow(self) -> Floats:
        """Flow of every day of the period. [m3/s]"""
        return self.flow[self.first : self.last + 1]


def averaging(c: Floats, of: Sampling) -> Floats:
    """Mean of the sampled fluxes, taken for the flux of every day.

    Parameters
    ----------
    c : (B, n) array
        Concentrations of the sampled days. [g/m3]
    of : Sampling

    Returns
    -------
    (B,) array
        [t]

    Notes
    -----
    L = N · Σ cᵢ qᵢ / n. It does not ask for flow between the samples, and errs with the flow they happened to meet.

    References
    ----------
    Walling and Webb (1981), The reliability of suspended sediment load data, IAHS Publ. 133, 177-194: method 2.
    """
    found: Floats = (c[..., of.inside] * of.sampled_flow).mean(axis=-1) * (of.count * TONNES)
    return found


def beale(c: Floats, of: Sampling) -> Floats:
    """Beale's ratio: flux per flow of the samples times the flow of the period, with its bias taken out.

    Parameters and result as of `averaging`.

    Notes
    -----
    With l = c q, θ = 1/n − 1/N and the sample's means and (co)variances::

        L = N q̄_N · (l̄ / q̄) · (1 + θ s_lq / (l̄ q̄)) / (1 + θ s_qq / q̄²)

    References
    ----------
    Beale (1962), Some uses of computers in operational research, Industrielle Organisation 31, 27-28; Tin (1965),
    Comparison of some ratio estimators, J. Am. Stat. Assoc. 60, 294-307.
    """
    q = of.sampled_flow
    n, N = q.size, of.count
    theta = 1 / n - 1 / N
    l = c[..., of.inside] * q  # noqa: E741 - the letter of the source
    mean_l, mean_q = l.mean(axis=-1), q.mean()
    d = q - mean_q
    s_lq = (l * d).sum(axis=-1) / (n - 1)
    s_qq = (d * d).sum() / (n - 1)
    # Where every sample is zero so is the load; the covariance is then zero too.
    some = np.where(mean_l > 0, mean_l, 1.0)
    corrected = (1 + theta * s_lq / (some * mean_q)) / (1 + theta * s_qq / mean_q**2)
    found: Floats = of.period_flow.sum() * TONNES * mean_l / mean_q * corrected
    return found


def rating_curve(c: Floats, of: Sampling) -> Floats:
    """Regression of log concentration on log flow and season, brought back by Duan's smearing factor.

    Parameters and result as of `averaging`.

    References
    ----------
    Duan (1983), Smearing estimate: a nonparametric retransformation method, J. Am. Stat. Assoc. 78, 605-610;
    Cohn et al. (1992), The validity of a simple statistical model for estimating fluvial constituent loads, Water
    Resour. Res. 28, 2353-2363, for the terms.
    """
    assert of.rating is not None
    found: Floats = of.rating.predicted(c)[..., of.first : of.last + 1] @ of.period_flow * TONNES
    return found


def interpolation(c: Floats, of: Sampling) -> Floats:
    """Concentration drawn as a straight line from sample to sample, level before the first and after the last.

    Parameters and result as of `averaging`.
    """
    found: Floats = between(c, of.days, of.flow.size)[..., of.first : of.last + 1] @ of.period_flow * TONNES
    return found


def composite(c: Floats, of: Sampling) -> Floats:
    """The rating curve, bent day by day to pass through the samples.

    Parameters and result as of `averaging`.

    Notes
    -----
    The ratio of each sample to the curve is drawn as a straight line from sample to sample, and the curve multiplied
    by it.

    References
    ----------
    Aulenbach and Hooper (2006), The composite method: an improved method for stream-water solute load estimation,
    Hydrol. Process. 20, 3029-3047.
    """
    assert of.rating is not None
    predicted = of.rating.predicted(c)
    bent = predicted * between(c / predicted[..., of.days], of.days, of.flow.size)
    found: Floats = bent[..., of.first : of.last + 1] @ of.period_flow * TONNES
    return found


ESTIMATORS: Mapping[str, Callable[[Floats, Sampling], Floats]] = MappingProxyType(
    {
        "averaging": averaging,
        "ratio": beale,
        "rating": rating_curve,
        "interpolation": interpolation,
        "composite": composite,
    }
)
"""Each method's function."""


def between(values: Floats, days: Numbers, count: int) -> Floats:
    """Values of some days as straight lines from one to the next on every day, level beyond them.

    Parameters
    ----------
    values : (…, n) array
    days : (n,) array of int
    count : int

    Returns
    -------
    (…, count) array
    """
    if len(days) == 1:
        return np.repeat(values, count, axis=-1)
    every = np.arange(count)
    right = np.clip(np.searchsorted(days, every), 1, len(days) - 1)
    left = right - 1
    part = np.clip((every - days[left]) / (days[right] - days[left]), 0.0, 1.0)
    found: Floats = values[..., left] * (1 - part) + values[..., right] * part
    return found
