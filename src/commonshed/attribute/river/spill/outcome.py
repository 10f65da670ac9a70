"""What a forecast holds: arrivals at places, series, the whole river over time, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.spill.arrivals import Arrival
from commonshed.attribute.river.spill.channel import Spot
from commonshed.attribute.river.spill.ensemble import Ensemble
from commonshed.attribute.river.spill.grid import Grid
from commonshed.attribute.river.spill.release import Interception, Release
from commonshed.attribute.river.spill.transport import Balance, March
from commonshed.attribute.river.spill.ways import distance_to, path_to, spot_of
from commonshed.places.rivers import Rivers

__all__ = ["Bands", "Forecast", "Profile"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Profile:
    """Concentration along the river over time, from the release to one place downstream.

    Attributes
    ----------
    distances : float array (D,)
        Of the centres of the cells from the release. [m]
    times : float array (F,)
        [h]
    concentration : float array (F, D)
        [mg/L]
    places : tuple of (distance, id)
        Nodes and watched places along the way. [m]
    """

    distances: Floats
    times: Floats
    concentration: Floats
    places: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Bands:
    """Concentration at one place over time, as the members have it.

    Attributes
    ----------
    times : float array (T,)
        [h]
    low, middle, high : float array (T,)
        5 %, 50 % and 95 % of the members at each time. [mg/L]
    """

    times: Floats
    low: Floats
    middle: Floats
    high: Floats


@dataclass(frozen=True)
class Forecast:
    """Where a spill goes.

    Attributes
    ----------
    rivers : Rivers
    releases : tuple of Release
    responses : tuple of Interception
    hours : float
        [h]
    arrivals : tuple of Arrival
        From near to far; those not downstream last.
    times : float array (T,)
        [h]
    series : mapping of id to float array (T,)
        Concentration at each place downstream. [mg/L]
    balance : Balance
        [g]
    background : float
        [mg/L]
    ensemble : Ensemble or None
        None without members.
    """

    rivers: Rivers
    releases: tuple[Release, ...]
    responses: tuple[Interception, ...]
    hours: float
    arrivals: tuple[Arrival, ...]
    times: Floats = field(repr=False)
    series: Mapping[str, Floats] = field(repr=False)
    balance: Balance
    background: float
    ensemble: Ensemble | None = field(repr=False)
    _grid: Grid = field(repr=False)
    _march: March = field(repr=False)
    _origins: tuple[Spot, ...] = field(repr=False)

    def arrival(self, at: str) -> Arrival:
        """The arrival at one place.

        Raises
        ------
        KeyError
            The place was not asked about.
        """
        return {each.at: each for each in self.arrivals}[at]

    def records(self) -> list[dict[str, object]]:
        """The arrivals as plain data."""
        return [each.record() for each in self.arrivals]

    def bands(self, at: str) -> Bands:
        """Concentration at one place over time with what is uncertain of it.

        Raises
        ------
        KeyError
            The place is not downstream, or the forecast has no members.
        """
        if self.ensemble is None:
            raise KeyError(f"the forecast has no members, so no bands at {at}")
        low, middle, high = self.ensemble.bands[{place: n for n, place in enumerate(self.series)}[at]]
        return Bands(self.ensemble.times, low, middle, high)

    def profile(self, to: str | None = None) -> Profile:
        """Concentration along the river over time, from the first release to a place, or to the mouth.

        Parameters
        ----------
        to : str, optional
            Id of a mark or node; without it the mouth, by the larger part where the river divides.

        Raises
        ------
        RiverError
            The place is not downstream of the first release.
        """
        path = path_to(self.rivers, self._grid.course, self._origins[0], to)
        begins = np.concatenate([[0.0], np.cumsum([self._grid.course.channels[at].length for at in path])])
        begins -= self._origins[0].distance
        along, columns = [], []
        for at, begin in zip(path, begins, strict=False):
            along.append(begin + self._grid.distances(at))
            columns.append(self._grid.first[at] + np.arange(self._grid.counts[at]))
        distances, cells = np.concatenate(along), np.concatenate(columns)
        end = distance_to(self.rivers, self._grid.course, self._origins, to) if to else None
        below = (distances >= 0) & (distances <= (np.inf if end is None else end))
        concentration = self.background + self._march.frames[:, cells[below]]
        places = [(a.distance, a.at) for a in self.arrivals if a.distance is not None and self._on(path, a.at)]
        return Profile(distances[below], self._march.frame_times / 3600, concentration, tuple(places))

    def _on(self, path: Sequence[int], at: str) -> bool:
        spot = spot_of(self.rivers, self._grid.course, at)
        return spot is not None and spot.channel in path
