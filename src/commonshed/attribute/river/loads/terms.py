"""What concentration may depend on: flow, the season, the years, and whether the river rises or falls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["Terms"]

_YEAR = 365.25

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Terms:
    """Columns of a regression on N days.

    Attributes
    ----------
    first : date
        Of the N days.
    count : int
        N.
    usual : float
        Logarithm of the usual flow of the sampled days.
    low, high : float
        Logarithms of the lowest and highest of these over the usual one.
    least : float
        What a dry day counts as. [m3/s]
    """

    first: date
    count: int
    usual: float
    low: float
    high: float
    least: float

    @classmethod
    def of(cls, flow: Floats, days: NDArray[np.int64], first: date) -> Terms:
        """The columns for sampled days and the flow of every day."""
        wet = flow[flow > 0]
        least = float(wet.min()) if wet.size else 1.0
        logs = np.log(np.maximum(flow[days], least))
        usual = float(logs.mean())
        return cls(first, flow.size, usual, float(logs.min()) - usual, float(logs.max()) - usual, least)

    def log_flow(self, flow: Floats) -> Floats:
        """Logarithm of flow over usual flow."""
        found: Floats = np.log(np.maximum(flow, self.least)) - self.usual
        return found

    def columns(self, names: Sequence[str], flow: Floats) -> list[Floats]:
        """Columns of some terms for flows (…, N), each (…, N) or (N,).

        Notes
        -----
        Beyond the sampled flows the bend of ``ln q ²`` goes on straight: no sample says that it goes on bending.
        """
        x = self.log_flow(flow)
        found: list[Floats] = []
        for name in names:
            if name == "1":
                found.append(np.ones(self.count))
            elif name == "ln q":
                found.append(x)
            elif name == "ln q ²":
                within = np.clip(x, self.low, self.high)
                found.append(np.asarray(within * (2 * x - within), np.float64))
            elif name == "rise":
                rise = np.clip(np.diff(x, axis=-1, prepend=x[..., :1]), -1.0, 1.0)
                found.append(np.asarray(rise, np.float64))
            elif name == "season":
                found += [np.sin(self._angle), np.cos(self._angle)]
            else:
                found.append(np.asarray((np.arange(self.count) - self.count / 2) / _YEAR, np.float64))
        return found

    @cached_property
    def _angle(self) -> Floats:
        day = self.first.timetuple().tm_yday - 1 + np.arange(self.count)
        return np.asarray(2 * np.pi / _YEAR * day, np.float64)
