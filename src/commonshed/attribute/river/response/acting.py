"""What a response point can do about a spill: when it is ready, when it should act, and for how long it can.

A gate holds back the water with what is in it until its basin is full, a pond takes in part of the river, a bridge
carries a boom or a dose. All of them are a part of what passes, from one hour to another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.response.points import Point
from commonshed.attribute.river.response.setting import Setting
from commonshed.attribute.river.spill import Interception
from commonshed.errors import RiverError

__all__ = ["Action", "Standing", "act", "hours_of_action", "share_of", "standing"]

Floats = NDArray[np.float64]

Standing = Literal["in time", "likely in time", "in part", "too late", "not reached", "off the way"]
"""Whether a point can still act: before the earliest arrival of the ensemble; before the arrival; while it passes."""

_LEFT = 1e-3
"""Part of what passes a point that is not worth holding it shut for."""


@dataclass(frozen=True)
class Action:
    """One point, acting.

    Attributes
    ----------
    point : Point
    ready : float
        First hour in which it can act. [h]
    start, end : float
        When it acts; both `ready` when it cannot. [h]
    share : float
        Part of what passes that it stops while it acts.
    caught : float
        Part of all that passes it within the forecast that it stops.
    """

    point: Point
    ready: float
    start: float
    end: float
    share: float
    caught: float

    @property
    def interception(self) -> Interception | None:
        """For the solver; none: it does nothing."""
        if self.end <= self.start or self.share <= 0:
            return None
        return Interception(self.point.id, self.start, self.end, self.share)


def standing(ready: float, arrival: float | None, earliest: float | None, passed: float | None) -> Standing:
    """Whether a point that is ready at some hour is in time.

    Parameters
    ----------
    ready : float
        [h]
    arrival, earliest, passed : float or None
        Arrival, its early end in the ensemble, and passage at the point. [h]
    """
    if arrival is None:
        return "not reached"
    if ready <= (arrival if earliest is None else min(earliest, arrival)):
        return "in time"
    if ready <= arrival:
        return "likely in time"
    return "in part" if passed is None or ready < passed else "too late"


def act(
    setting: Setting, point: Point, times: Floats, passing: Floats, around: tuple[float, float] | None = None
) -> Action:
    """When a point should act on what passes it, so that it stops most.

    Parameters
    ----------
    setting : Setting
    point : Point
    times : float array (T,)
        [h]
    passing : float array (T,)
        Concentration at the point above the background. [mg/L]
    around : (early, late), optional
        Earliest arrival and latest passage of the ensemble: a point that can act for so long does. [h]

    Raises
    ------
    RiverError
        The point's share or hours depend on the flow and the network does not know it.
    """
    scenario = setting.scenario
    ready = (scenario.call_at - scenario.at).total_seconds() / 3600 + point.minutes / 60
    share = share_of(setting, point)
    lasts = hours_of_action(setting, point, share)
    gone = np.concatenate([[0.0], np.cumsum(np.diff(times) * (passing[1:] + passing[:-1]) / 2)])
    if gone[-1] <= 0 or ready >= times[-1]:
        return Action(point, ready, ready, ready, share, 0.0)
    start, end = _best_window(times, gone, ready, lasts)
    if around is not None:
        early, late = max(ready, min(start, around[0])), max(end, min(around[1], float(times[-1])))
        start, end = (early, late) if late - early <= lasts else (start, end)
    caught = float(np.interp(end, times, gone) - np.interp(start, times, gone)) / float(gone[-1])
    return Action(point, ready, start, end, share, share * max(caught, 0.0))


def share_of(setting: Setting, point: Point) -> float:
    """Part of what passes that a point stops."""
    if point.share is not None:
        return point.share
    return min(1.0, (point.flow or 0.0) / _flow(setting, point))


def hours_of_action(setting: Setting, point: Point, share: float) -> float:
    """How long a point can act: until it is full, or as long as it says. [h]"""
    full = np.inf if point.capacity is None else point.capacity / (share * _flow(setting, point)) / 3600
    return float(min(full, np.inf if point.hours is None else point.hours))


def _flow(setting: Setting, point: Point) -> float:
    flow = setting.discharge(point.id)
    if flow is None or flow <= 0:
        raise RiverError(
            f"nobody knows how much water passes {point.id}",
            field="discharge",
            value=flow,
            mend="Give its reach a discharge, in the network or under [[water.reach]] of the scenario",
        )
    return flow


def _best_window(times: Floats, gone: Floats, ready: float, lasts: float) -> tuple[float, float]:
    """From when to when to act: all that is still to come if that fits, else the stretch in which most passes."""
    before = float(np.interp(ready, times, gone))
    over = float(times[np.searchsorted(gone, before + (1 - _LEFT) * (gone[-1] - before))])
    first = float(times[max(int(np.searchsorted(gone, before + _LEFT * (gone[-1] - before), side="right")) - 1, 0)])
    first = max(ready, first)
    if over - first <= lasts:
        return first, max(over, first)
    starts = np.linspace(first, over - lasts, 400)
    held = np.interp(starts + lasts, times, gone) - np.interp(starts, times, gone)
    start = float(starts[int(held.argmax())])
    return start, start + lasts
