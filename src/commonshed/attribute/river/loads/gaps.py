"""Stretches of a period in which nobody looked: they are named, because an estimate bridges them unseen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from commonshed.periods import Period

__all__ = ["Gap", "gaps_of"]

_TIMES = 3
"""A stretch is long when it is this many times what is usual between two looks."""


@dataclass(frozen=True)
class Gap:
    """Days in a row without a sample, or without a flow.

    Attributes
    ----------
    of : {"concentration", "flow"}
    first, last : date
        The days without, both included.
    """

    of: Literal["concentration", "flow"]
    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    def __str__(self) -> str:
        return f"no {self.of} from {self.first} to {self.last} ({self.days} days)"


def gaps_of(of: Literal["concentration", "flow"], days: NDArray[np.int64], period: Period) -> tuple[Gap, ...]:
    """The stretches longer than three times the usual one between two looks.

    Parameters
    ----------
    of : {"concentration", "flow"}
    days : (n,) array of int
        Numbers of the days of the period on which somebody looked, rising.
    period : Period

    Notes
    -----
    Usual is the median number of days from one look to the next. Before the first look and after the last half as many
    days are usual.
    """
    if not len(days):
        return (Gap(of, period.first, period.last),)
    usual = float(np.median(np.diff(days))) if len(days) > 1 else float(period.days)
    edges = [-1, *days.tolist(), period.days]
    found = []
    for at, (before, after) in enumerate(pairwise(edges)):
        at_an_end = at == 0 or at == len(edges) - 2
        without = after - before - 1
        if without > 0 and after - before > _TIMES * usual / (2 if at_an_end else 1):
            first = period.first + timedelta(days=before + 1)
            found.append(Gap(of, first, first + timedelta(days=without - 1)))
    return tuple(found)
