"""The rating curve: how concentration goes with flow and with the season.

The terms are chosen once, for the samples at hand, by the corrected information criterion; the bootstrap fits the
same terms anew to every set of samples.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["FEWEST", "Rating"]

FEWEST = 6
"""Samples below which no curve is drawn: two terms and the spread around them leave too little."""
_SEASON = 12
"""Samples from which a season may be a term."""
_YEAR = 365.25

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Rating:
    """A log–log regression for given sampled days.

    Attributes
    ----------
    days : (n,) array of int
        Numbers of the sampled days.
    terms : tuple of str
        Of ``1``, ``ln q``, ``ln q ²``, ``season``, ``trend``.
    design : (N, k) array
        Of every day.
    """

    days: NDArray[np.int64]
    terms: tuple[str, ...]
    design: Floats

    @classmethod
    def chosen(cls, c: Floats, days: NDArray[np.int64], flow: Floats, first: date) -> Rating:
        """The regression whose terms say most about some samples.

        Parameters
        ----------
        c : (n,) array
            Concentrations of the sampled days, above zero. [g/m3]
        days : (n,) array of int
        flow : (N,) array
            Of every day. [m3/s]
        first : date
            Of the N days.

        Notes
        -----
        The smallest AICc = n ln(RSS / n) + 2 p + 2 p (p + 1) / (n − p − 1) with p terms and the variance.

        References
        ----------
        Hurvich and Tsai (1989), Biometrika 76, 297-307.
        """
        columns = _columns(flow, first)
        n = len(days)
        choices = _choices(n, flow.size, flow[days])
        ratings = [cls(days, choice, np.column_stack([columns[term] for term in choice])) for choice in choices]
        bearable = [rating for rating in ratings if rating.k + 2 < n] or ratings[:1]
        return min(bearable, key=lambda rating: rating.criterion(c)) if len(bearable) > 1 else bearable[0]

    @property
    def k(self) -> int:
        """How many coefficients."""
        return int(self.design.shape[1])

    @cached_property
    def _solver(self) -> Floats:
        found: Floats = np.asarray(np.linalg.pinv(self.design[self.days]), np.float64)
        return found

    def coefficients(self, c: Floats) -> Floats:
        """Least-squares coefficients of log concentrations, (…, k), for concentrations (…, n). [g/m3]"""
        found: Floats = np.log(c) @ self._solver.T
        return found

    def residuals(self, c: Floats) -> Floats:
        """Logarithms of sample over curve, (…, n)."""
        found: Floats = np.log(c) - self.coefficients(c) @ self.design[self.days].T
        return found

    def predicted(self, c: Floats) -> Floats:
        """Concentrations of every day, (…, N), with the smearing factor. [g/m3]"""
        coefficients = self.coefficients(c)
        smearing = np.exp(np.log(c) - coefficients @ self.design[self.days].T).mean(axis=-1)
        found: Floats = np.exp(coefficients @ self.design.T) * smearing[..., None]
        return found

    def criterion(self, c: Floats) -> float:
        """AICc of the fit to one set of samples."""
        n, p = len(self.days), self.k + 1
        rss = float((self.residuals(c) ** 2).sum())
        return n * math.log(max(rss, 1e-12) / n) + 2 * p + 2 * p * (p + 1) / (n - p - 1)


def _columns(flow: Floats, first: date) -> dict[str, Floats]:
    """Columns of each term, centred so that they hardly depend on each other."""
    lowest = flow[flow > 0].min() if np.any(flow > 0) else 1.0
    x = np.log(np.maximum(flow, lowest))
    x = x - x.mean()
    time = np.arange(flow.size) / _YEAR
    angle = 2 * np.pi * ((first.timetuple().tm_yday - 1) / _YEAR + time)
    return {
        "1": np.ones((flow.size, 1)),
        "ln q": x[:, None],
        "ln q ²": (x**2)[:, None],
        "season": np.column_stack([np.sin(angle), np.cos(angle)]),
        "trend": (time - time.mean())[:, None],
    }


def _choices(n: int, count: int, flow: Floats) -> list[tuple[str, ...]]:
    """Sets of terms that so many samples over so many days could bear."""
    if n < FEWEST or np.ptp(flow) == 0:
        return [("1",)]
    choices: list[tuple[str, ...]] = [("1", "ln q"), ("1", "ln q", "ln q ²")]
    if n >= _SEASON and count > _YEAR / 2:
        choices += [(*choice, "season") for choice in list(choices)]
    if count > 2 * _YEAR:
        choices += [(*choice, "trend") for choice in list(choices)]
    return choices
