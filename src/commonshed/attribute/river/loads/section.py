"""Loads of one section, by every method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.loads.bootstrap import Model, factors
from commonshed.attribute.river.loads.estimators import ESTIMATORS, TONNES, Sampling
from commonshed.attribute.river.loads.flows import Flows
from commonshed.attribute.river.loads.gaps import Gap, gaps_of
from commonshed.attribute.river.loads.rating import FEWEST, Rating
from commonshed.attribute.river.loads.samples import Days
from commonshed.attribute.river.loads.terms import Terms
from commonshed.attribute.river.published import interval_of
from commonshed.periods import Period

__all__ = ["METHODS", "Load", "Method", "learned_from", "loads_of"]

Method = Literal["averaging", "ratio", "rating", "interpolation", "composite"]
METHODS: tuple[Method, ...] = get_args(Method)
"""Every method, from the one that asks least of the data to the one that asks most."""

_LEAST_FOR_AN_INTERVAL = 4
"""Samples; fewer say nothing about spread."""

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

    @property
    def median(self) -> float:
        """Median of the draws: the figure with what is known of the method's bias taken out. [t]"""
        return float(np.median(self.draws)) if self.draws.size else np.nan


def learned_from(period: Period) -> Period:
    """The days from which the curve and its residuals are learned: the period, or the calendar years it lies in."""
    if period.days >= 365:
        return period
    return Period(date(period.first.year, 1, 1), date(period.last.year, 12, 31))


def loads_of(days: Days, methods: Sequence[Method], *, draws: int, seed: int) -> list[Load]:
    """The load of a section by each of some methods."""
    told = _Told.of(days)
    if (why := told.why_nothing) is not None:
        return [told.without(method, why) for method in methods]
    c = days.concentration[told.sampling.days]
    if not c.any():
        return [told.load(method, 0.0, np.zeros(draws), ("every sample is zero",)) for method in methods]
    positive = np.where(c > 0, c, c[c > 0].min() / 2)
    asked = [method for method in methods if told.why_not(method) is None]
    drawn = _drawn(days, told, positive, asked, draws=draws, seed=seed)
    found = []
    for method in methods:
        if (why := told.why_not(method)) is not None:
            found.append(told.without(method, why))
            continue
        tonnes = float(ESTIMATORS[method](positive, told.sampling))
        found.append(told.load(method, tonnes, tonnes * drawn[method], told.said_of(method)))
    return found


def _drawn(
    days: Days, told: _Told, c: Floats, methods: Sequence[Method], *, draws: int, seed: int
) -> dict[str, Floats]:
    of = told.sampling
    if len(of.days) < _LEAST_FOR_AN_INTERVAL:
        return {method: np.empty(0) for method in methods}
    limit = float(np.nanmedian(days.limit)) if days.below.size else None
    terms = Terms.of(of.flow, of.days, days.learned.first)
    model = Model.of(c, of.days, told.flows, terms, limit)
    return factors(of, told.flows, model, methods, draws=draws, seed=seed, section=days.section)


@dataclass(frozen=True, eq=False)
class _Told:
    """What all loads of a section share."""

    days: Days
    sampling: Sampling
    flows: Flows
    samples: int
    below_detection: int
    flow_days: int
    gaps: tuple[Gap, ...]
    notes: tuple[str, ...]

    @classmethod
    def of(cls, days: Days) -> _Told:
        first, last = days.within
        sampled, gauged = _inside(days.sampled, first, last), _inside(days.gauged, first, last)
        flows = Flows.of(days.flow)
        sampling = Sampling(days.sampled, flows.filled, first, last, _rating(days, flows))
        gaps = gaps_of("concentration", sampled, days.period) + gaps_of("flow", gauged, days.period)
        below = _inside(days.below, first, last).size
        return cls(days, sampling, flows, sampled.size, below, gauged.size, gaps, _notes(days, sampled, gauged, below))

    @property
    def why_nothing(self) -> str | None:
        """Why no method at all can answer."""
        if not self.days.sampled.size:
            return "nothing was sampled"
        if not self.days.gauged.size:
            return "no flow was measured"
        return None

    def why_not(self, method: Method) -> str | None:
        """Why a method cannot answer."""
        of = self.sampling
        if method in ("averaging", "ratio") and self.samples < 2:
            return f"{method} needs 2 samples in the period, there are {self.samples}"
        if method == "ratio" and not of.sampled_flow.any():
            return "the river was dry whenever it was sampled"
        if method in ("rating", "composite") and len(of.days) < FEWEST:
            return f"a curve needs {FEWEST} samples, there are {len(of.days)}"
        return None

    def said_of(self, method: Method) -> tuple[str, ...]:
        """Notes on one method."""
        said = []
        of = self.sampling
        if method in ("rating", "composite") and of.rating is not None:
            said.append(f"terms of the curve: {', '.join(of.rating.names)}")
            highest = of.flow[of.days].max()
            if of.period_flow.max() > 2 * highest:
                said.append(
                    f"the curve reaches beyond its samples: flow up to {of.period_flow.max():.3g} m3/s, sampled up to "
                    f"{highest:.3g} m3/s"
                )
        return tuple(said)

    def without(self, method: Method, why_not: str) -> Load:
        """No figure, and why."""
        return self.load(method, np.nan, np.empty(0), why_not=why_not)

    def load(
        self, method: Method, tonnes: float, draws: Floats, said: tuple[str, ...] = (), why_not: str | None = None
    ) -> Load:
        """A load of this section."""
        low, high = interval_of(draws)
        if not draws.size and why_not is None:
            said = (*said, f"too few samples for an interval: {len(self.sampling.days)} of {_LEAST_FOR_AN_INTERVAL}")
        return Load(
            section=self.days.section,
            quantity=self.days.quantity,
            period=self.days.period,
            method=method,
            tonnes=tonnes,
            low=low,
            high=high,
            draws=draws,
            samples=self.samples,
            below_detection=self.below_detection,
            flow_days=self.flow_days,
            volume=self._volume,
            gaps=self.gaps,
            notes=(*self.notes, *said),
            why_not=why_not,
        )

    @property
    def _volume(self) -> float:
        """[10^6 m3]"""
        return float(self.sampling.period_flow.sum() * TONNES) if self.days.gauged.size else np.nan


def _inside(numbers: NDArray[np.int64], first: int, last: int) -> NDArray[np.int64]:
    """Those days that are of the period, numbered from its first."""
    return numbers[(numbers >= first) & (numbers <= last)] - first


def _rating(days: Days, flows: Flows) -> Rating | None:
    if not days.sampled.size or not days.gauged.size:
        return None
    c = days.concentration[days.sampled]
    if not c.any():
        return None
    positive = np.where(c > 0, c, c[c > 0].min() / 2)
    terms = Terms.of(flows.filled, days.sampled, days.learned.first)
    return Rating.chosen(positive, days.sampled, flows.filled, terms)


def _notes(days: Days, sampled: NDArray[np.int64], gauged: NDArray[np.int64], below: int) -> tuple[str, ...]:
    notes = []
    if gauged.size and gauged.size < days.period.days:
        only = ", only on days with a sample" if np.isin(gauged, sampled).all() else ""
        notes.append(f"flow of {gauged.size} of {days.period.days} days{only}; between them a straight line")
    if below:
        notes.append(f"{below} of {sampled.size} samples are below detection and count half the limit")
    if days.learned != days.period:
        notes.append(f"the curve and the spread are learned from {days.learned}")
    return tuple(notes)
