"""What gets into the river, and what is held back from it: the events of a spill, free of any grid.

A release is kept as its course: how much has gone in by each hour. A jump is an instantaneous release, a ramp a pulse,
several ramps a hydrograph; between two hours the rate is constant. So any step of any solver takes in exactly the
difference of two values of the course, and nothing is lost to the choice of step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonshed.errors import RiverError

__all__ = ["Interception", "Release"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Release:
    """What goes into the river, where and when.

    Attributes
    ----------
    at : str
        Id of the mark, node or reach.
    course : tuple of (hour, mass)
        Mass that has gone in by that hour, rising; linear between, and two entries of one hour are a jump. [h, kg]
    distance : float or None
        From the upper end of the reach, where `at` is a reach. [m]

    Raises
    ------
    RiverError
        Hours or masses fall, or nothing is released.
    """

    at: str
    course: tuple[tuple[float, float], ...]
    distance: float | None = None

    def __post_init__(self) -> None:
        hours, masses = np.array([hour for hour, _ in self.course]), np.array([mass for _, mass in self.course])
        if len(self.course) < 2 or not np.isfinite([hours, masses]).all():
            raise RiverError("a release needs at least two hours with their masses", field="course", value=self.course)
        if (np.diff(hours) < 0).any() or (np.diff(masses) < 0).any() or masses[0] != 0 or hours[0] < 0:
            mend = "Hours rise from 0 on, masses are what has gone in by then and begin with 0"
            raise RiverError("a release runs backwards", field="course", value=self.course, mend=mend)
        if masses[-1] <= 0:
            raise RiverError("nothing is released", field="mass", value=masses[-1], mend="Give a mass above 0 kg")

    @classmethod
    def instant(cls, at: str, mass: float, *, start: float = 0.0, distance: float | None = None) -> Release:
        """All at once: a tank that bursts.

        Parameters
        ----------
        at : str
            Id of the mark, node or reach.
        mass : float
            [kg]
        start : float
            [h]
        distance : float, optional
            From the upper end of the reach, where `at` is a reach. [m]
        """
        return cls(at, ((start, 0.0), (start, mass)), distance)

    @classmethod
    def pulse(
        cls, at: str, mass: float, *, duration: float, start: float = 0.0, distance: float | None = None
    ) -> Release:
        """At a constant rate for a time: a leaking tank.

        Parameters
        ----------
        at : str
            Id of the mark, node or reach.
        mass : float
            Total. [kg]
        duration, start : float
            [h]
        distance : float, optional
            From the upper end of the reach, where `at` is a reach. [m]

        Raises
        ------
        RiverError
            The duration is not above 0.
        """
        if not duration > 0:
            mend = "Give hours above 0, or an instantaneous release"
            raise RiverError("a pulse has no duration", field="duration", value=duration, mend=mend)
        return cls(at, ((start, 0.0), (start + duration, mass)), distance)

    @classmethod
    def hydrograph(
        cls, at: str, hours: Sequence[float], rates: Sequence[float], *, distance: float | None = None
    ) -> Release:
        """At rates that change: an outlet with a record.

        Parameters
        ----------
        at : str
            Id of the mark, node or reach.
        hours : sequence of n + 1 floats
            Ends of the stretches of constant rate, rising. [h]
        rates : sequence of n floats
            [kg/h]
        distance : float, optional
            From the upper end of the reach, where `at` is a reach. [m]

        Raises
        ------
        RiverError
            The numbers of hours and rates do not fit, or hours or rates run backwards.
        """
        if len(hours) != len(rates) + 1:
            mend = "n rates stand between n + 1 hours"
            raise RiverError("hours and rates of a release do not fit", field="rates", value=len(rates), mend=mend)
        masses = np.concatenate([[0.0], np.cumsum(np.diff(hours) * np.asarray(rates, dtype=float))])
        return cls(at, tuple(zip(map(float, hours), masses.tolist(), strict=True)), distance)

    @property
    def mass(self) -> float:
        """All that goes in. [kg]"""
        return self.course[-1][1]

    @property
    def start(self) -> float:
        """Hour of the first mass. [h]"""
        return max((hour for hour, mass in self.course if mass == 0.0), default=0.0)

    @property
    def end(self) -> float:
        """Hour of the last mass. [h]"""
        return min(hour for hour, mass in self.course if mass == self.mass)

    @property
    def stretches(self) -> tuple[tuple[float, float, float], ...]:
        """From, to and mass of each stretch; from = to is a jump. [s, s, g]"""
        pairs = zip(self.course[:-1], self.course[1:], strict=True)
        return tuple((3600 * t0, 3600 * t1, 1000 * (m1 - m0)) for (t0, m0), (t1, m1) in pairs if m1 > m0)


@dataclass(frozen=True)
class Interception:
    """A response point that takes part of what passes out of the river for a time.

    Attributes
    ----------
    at : str
        Id of the mark or node.
    start, end : float
        [h]
    fraction : float
        Part of the passing mass that is held or removed: 1 for a closed gate with a pond behind it, less for a boom
        or a dose of absorbent.
    returned : tuple of (from, to), optional
        Hours over which what was held is let out again, evenly; without it, it stays out (treated, or taken away). [h]

    Raises
    ------
    RiverError
        The end is before the start, the fraction not within 0 and 1, or it is let out before it is held.
    """

    at: str
    start: float
    end: float
    fraction: float = 1.0
    returned: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if not self.start < self.end:
            raise RiverError(f"the response at {self.at} ends before it begins", field="end", value=self.end)
        if not 0 <= self.fraction <= 1:
            mend = "Give a fraction from 0 to 1"
            raise RiverError(
                f"the response at {self.at} holds an impossible part", field="fraction", value=self.fraction, mend=mend
            )
        if self.returned is not None and not self.end <= self.returned[0] < self.returned[1]:
            mend = "It is let out after the end, over some hours"
            raise RiverError(
                f"the response at {self.at} lets out what it has not held",
                field="returned",
                value=self.returned,
                mend=mend,
            )

    def acting(self, begins: Floats, ends: Floats) -> Floats:
        """Part of each step within which it stands across the river: while it holds, and while it lets out.

        Parameters
        ----------
        begins, ends : float array (n,)
            Of the steps. [s]
        """
        holds = _within(begins, ends, self.start, self.end)
        return holds if self.returned is None else holds + _within(begins, ends, *self.returned)

    def held(self, begins: Floats, ends: Floats) -> Floats:
        """Part of the mass that passes within each step that is held.

        Parameters
        ----------
        begins, ends : float array (n,)
            Of the steps. [s]
        """
        return self.fraction * _within(begins, ends, self.start, self.end)

    def let_out(self, begins: Floats, ends: Floats) -> Floats:
        """Part of all that was held that is let out within each step.

        Parameters
        ----------
        begins, ends : float array (n,)
            Of the steps. [s]
        """
        if self.returned is None:
            return np.zeros_like(begins)
        first, last = self.returned
        return _within(begins, ends, first, last) * (ends - begins) / (3600 * (last - first))


def _within(begins: Floats, ends: Floats, start: float, end: float) -> Floats:
    """Part of each step [s] that lies within some hours."""
    overlap = np.clip(np.minimum(ends, 3600 * end) - np.maximum(begins, 3600 * start), 0.0, None)
    return np.asarray(overlap / (ends - begins))
