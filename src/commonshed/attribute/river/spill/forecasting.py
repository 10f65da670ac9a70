"""The question of the duty officer: when is it where, how high, and when is it over?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.spill.arrivals import Arrival, passage_of
from commonshed.attribute.river.spill.channel import Channel, Downstream, Spot, downstream
from commonshed.attribute.river.spill.grid import Grid, grid_of
from commonshed.attribute.river.spill.release import Interception, Release
from commonshed.attribute.river.spill.storage import Sorption, Storage
from commonshed.attribute.river.spill.transport import Balance, March, march
from commonshed.attribute.river.spill.ways import distance_to, path_to, places_below, spot_below, spot_of, starts_of
from commonshed.errors import RiverError
from commonshed.places.rivers import Rivers

__all__ = ["Forecast", "Profile", "forecast"]

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


def forecast(
    rivers: Rivers,
    release: Release | Sequence[Release],
    *,
    hours: float,
    dx: float = 100.0,
    at: Iterable[str] | None = None,
    threshold: float | None = None,
    background: float = 0.0,
    decay: float = 0.0,
    storage: Storage | Mapping[str, Storage] | None = None,
    sorption: Sorption | Mapping[str, Sorption] | None = None,
    channels: Mapping[str, Channel] | None = None,
    responses: Sequence[Interception] = (),
    frames: int = 144,
) -> Forecast:
    """Follow a spill down a network of rivers.

    Parameters
    ----------
    rivers : Rivers
        Reaches below the release with length, discharge, velocity or width and depth.
    release : Release or sequence of Release
    hours : float
        [h]
    dx : float
        Length of a cell. [m]
    at : iterable of str, optional
        Marks and nodes to watch; without it all marks downstream, and the mouths.
    threshold : float, optional
        Concentration that counts as there; without it one hundredth of the peak at each place. [mg/L]
    background : float
        Of the water already there. [mg/L]
    decay : float
        First order. [1/d]
    storage, sorption : for all reaches, or by id of reach
    channels : mapping of id of reach to Channel, optional
        Instead of what the network says of these reaches.
    responses : sequence of Interception
    frames : int
        How many pictures of the whole river are kept, evenly in time.

    Raises
    ------
    RiverError
        A reach below the release has no flow, length or velocity; a place is off the network; no hours are given.
    UnknownName
        The network has no place of that name.
    """
    _check(hours, dx, threshold, background, decay)
    releases = (release,) if isinstance(release, Release) else tuple(release)
    course = downstream(
        rivers,
        starts_of(rivers, releases),
        decay=decay / 86400,
        storage=storage,
        sorption=sorption,
        channels=channels,
    )
    grid = grid_of(course, dx)
    origins = tuple(spot_below(rivers, course, each.at, each.distance) for each in releases)
    places = tuple(dict.fromkeys(at)) if at is not None else places_below(rivers, course)
    spots = {place: spot_of(rivers, course, place) for place in places}
    watched = [place for place in places if spots[place] is not None]
    acted = [(each, spot_below(rivers, course, each.at)) for each in responses]
    result = march(
        grid,
        list(zip(releases, origins, strict=True)),
        hours=hours,
        watch=[spot for spot in spots.values() if spot is not None],
        responses=acted,
        frames=frames,
    )
    times = result.times / 3600
    series = {place: background + result.series[:, n] for n, place in enumerate(watched)}
    arrivals = [
        _arrival(rivers, course, origins, place, times, series.get(place), threshold, background) for place in places
    ]
    arrivals.sort(key=lambda each: (each.distance is None, each.distance or 0.0))
    return Forecast(
        rivers,
        releases,
        tuple(responses),
        hours,
        tuple(arrivals),
        times,
        series,
        result.balance,
        background,
        grid,
        result,
        origins,
    )


def _arrival(
    rivers: Rivers,
    course: Downstream,
    origins: Sequence[Spot],
    place: str,
    times: Floats,
    series: Floats | None,
    threshold: float | None,
    background: float,
) -> Arrival:
    part = rivers.marks.get(place) or rivers.nodes[place]
    kind = rivers.marks[place].kind if place in rivers.marks else "node" if rivers.out_of[place] else "mouth"
    distance = distance_to(rivers, course, origins, place)
    if series is None or distance is None:
        level = 0.0 if threshold is None else threshold
        note = "not downstream of the release"
        return Arrival(place, kind, part.name_en, part.name_zh, None, level, note=note)
    found = passage_of(times, series, threshold, background)
    level = threshold if threshold is not None else background + (found.peak - background) / 100
    note = ""
    if found.arrival is not None and found.passage is None:
        note = "still there at the end of the forecast"
    elif found.arrival is None:
        note = "not reached within the forecast"
    return Arrival(
        place,
        str(kind),
        part.name_en,
        part.name_zh,
        distance,
        level,
        found.arrival,
        found.peak_time,
        found.passage,
        found.peak,
        note=note,
    )


def _check(hours: float, dx: float, threshold: float | None, background: float, decay: float) -> None:
    for name, value, unit in (("hours", hours, "h"), ("dx", dx, "m")):
        if not (np.isfinite(value) and value > 0):
            raise RiverError(f"a forecast needs {name} above 0", field=name, value=value, mend=f"Give {name} in {unit}")
    for name, value in (("background", background), ("decay", decay)):
        if not (np.isfinite(value) and value >= 0):
            raise RiverError(f"the {name} is below 0", field=name, value=value, mend="Give 0 or more")
    if threshold is not None and not threshold > background:
        mend = "Give a threshold above the background, in mg/L"
        raise RiverError("the threshold is always exceeded", field="threshold", value=threshold, mend=mend)
