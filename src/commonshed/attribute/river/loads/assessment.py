"""Loads of every section of a source, by every method, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from commonshed.assess import Source
from commonshed.attribute.river.loads.gaps import Gap
from commonshed.periods import Period

__all__ = ["METHODS", "Load", "LoadAssessment", "Method", "loads"]

Method = Literal["averaging", "ratio", "rating", "interpolation", "composite"]
METHODS: tuple[Method, ...] = get_args(Method)
"""Every method, from the one that asks least of the data to the one that asks most."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Load:
    """The mass of a quantity that passed a section in a period, by one method.

    Attributes
    ----------
    section, quantity : str
    period : Period
    method : Method
    tonnes : float
        NaN where the method cannot answer; `why_not` says why. [t]
    low, high : float
        Ends of the interval that holds the true load with a probability of 90 %. [t]
    draws : (B,) array
        Equally likely values of the true load; `low` and `high` are their 5 % and 95 % points. [t]
    samples : int
        Days of the period with at least one sample of the quantity.
    below_detection : int
        How many of these are only known to be below a limit of detection.
    flow_days : int
        Days of the period with a measured flow.
    volume : float
        Water that passed, as the method sees it. [10^6 m3]
    gaps : tuple of Gap
        Long stretches without a sample or a flow.
    notes : tuple of str
        What a reader should know of how the figure was made.
    why_not : str or None
        Why there is no figure.
    """

    section: str
    quantity: str
    period: Period
    method: Method
    tonnes: float
    low: float
    high: float
    draws: Floats
    samples: int
    below_detection: int
    flow_days: int
    volume: float
    gaps: tuple[Gap, ...] = ()
    notes: tuple[str, ...] = ()
    why_not: str | None = None


@dataclass(frozen=True, eq=False)
class LoadAssessment:
    """Loads of one quantity in one period.

    Attributes
    ----------
    quantity : str
    period : Period
    loads : tuple of Load
        By section, then in the order of `METHODS`.
    """

    quantity: str
    period: Period
    loads: tuple[Load, ...]

    def of(self, section: str, method: Method) -> Load:
        """The load of a section by a method."""
        return next(load for load in self.loads if (load.section, load.method) == (section, method))

    def records(self) -> Iterator[dict[str, Any]]:
        """A record for each section and method: text, whole numbers, lists."""
        raise NotImplementedError


def loads(
    source: Source,
    *,
    quantity: str,
    period: str | Period,
    sections: Sequence[str] | None = None,
    methods: Sequence[str] = METHODS,
    draws: int = 1000,
    seed: int = 0,
    as_of: int | None = None,
) -> LoadAssessment:
    """Estimate what passed each section, by several methods, each with its interval.

    Parameters
    ----------
    source : Source
        Readings of the quantity, mean of any length or instantaneous, and of ``flow``.
    quantity : str
        A concentration in water.
    period : str or Period
    sections : sequence of str, optional
        Without it every section that has a sample of the quantity in the period.
    methods : sequence of str
        Some of `METHODS`.
    draws : int
        Size of the bootstrap.
    seed : int
        The same seed gives the same draws.
    as_of : int, optional
        What a shed knew when its log had this many entries.
    """
    raise NotImplementedError
