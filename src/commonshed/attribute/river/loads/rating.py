"""The rating curve: how concentration goes with flow and with the season.

The terms are chosen once, for the samples at hand, by the corrected information criterion; the bootstrap fits the
same terms anew to every set of samples.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.loads.terms import Terms

__all__ = ["FEWEST", "Rating"]

FEWEST = 6
"""Samples below which no curve is drawn: two terms and the spread around them leave too little."""
_SEASON = 12
"""Samples from which a season may be a term."""
_YEARS = 2 * 365
"""Days from which a trend may be one."""

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Rating:
    """A log–log regression for given sampled days.

    Attributes
    ----------
    days : (n,) array of int
        Numbers of the sampled days.
    names : tuple of str
        Its terms: ``1``, ``ln q``, ``ln q ²``, ``season``, ``trend``, ``rise``.
    design : (N, k) array
        Of every day.
    """

    days: Numbers
    names: tuple[str, ...]
    design: Floats

    @classmethod
    def of(cls, names: Sequence[str], days: Numbers, flow: Floats, terms: Terms) -> Rating:
        """The regression with some terms."""
        return cls(days, tuple(names), np.column_stack(terms.columns(names, flow)))

    @classmethod
    def chosen(cls, c: Floats, days: Numbers, flow: Floats, terms: Terms) -> Rating:
        """The regression whose terms say most about some samples.

        Parameters
        ----------
        c : (n,) array
            Concentrations of the sampled days, above zero. [g/m3]
        days : (n,) array of int
        flow : (N,) array
            Of every day. [m3/s]
        terms : Terms

        Notes
        -----
        The smallest AICc = n ln(RSS / n) + 2 p + 2 p (p + 1) / (n − p − 1) with p coefficients and the variance.

        References
        ----------
        Hurvich and Tsai (1989), Regression and time series model selection in small samples, Biometrika 76, 297-307.
        """
        ratings = [cls.of(names, days, flow, terms) for names in _choices(len(days), flow[days], flow.size)]
        bearable = [rating for rating in ratings if rating.k + 2 < len(days)]
        return min(bearable, key=lambda rating: rating.criterion(c)) if bearable else ratings[0]

    @property
    def k(self) -> int:
        """How many coefficients."""
        return int(self.design.shape[1])

    @cached_property
    def sampled(self) -> Floats:
        """Its rows of the sampled days, (n, k)."""
        return self.design[self.days]

    @cached_property
    def solver(self) -> Floats:
        """What log concentrations are multiplied by to become coefficients, (k, n)."""
        return np.asarray(np.linalg.pinv(self.sampled), np.float64)

    def coefficients(self, c: Floats) -> Floats:
        """Least-squares coefficients of log concentrations, (…, k), for concentrations (…, n). [g/m3]"""
        found: Floats = np.log(c) @ self.solver.T
        return found

    def residuals(self, c: Floats) -> Floats:
        """Logarithms of sample over curve, (…, n)."""
        found: Floats = np.log(c) - self.coefficients(c) @ self.sampled.T
        return found

    def predicted(self, c: Floats) -> Floats:
        """Concentrations of every day, (…, N), with the smearing factor. [g/m3]"""
        logs = np.log(c)
        coefficients = logs @ self.solver.T
        smearing = np.exp(logs - coefficients @ self.sampled.T).mean(axis=-1)
        found: Floats = np.exp(coefficients @ self.design.T) * smearing[..., None]
        return found

    def criterion(self, c: Floats) -> float:
        """AICc of the fit to one set of samples."""
        n, p = len(self.days), self.k + 1
        rss = float((self.residuals(c) ** 2).sum())
        return n * math.log(max(rss, 1e-12) / n) + 2 * p + 2 * p * (p + 1) / (n - p - 1)


def _choices(n: int, flow: Floats, count: int) -> list[tuple[str, ...]]:
    """Sets of terms that so many samples over so many days could bear."""
    if n < FEWEST or np.ptp(flow) == 0:
        return [("1",)]
    choices: list[tuple[str, ...]] = [("1", "ln q"), ("1", "ln q", "ln q ²")]
    if n >= _SEASON and count > _YEARS / 4:
        choices += [(*choice, "season") for choice in list(choices)]
    if count > _YEARS:
        choices += [(*choice, "trend") for choice in list(choices)]
    return choices
