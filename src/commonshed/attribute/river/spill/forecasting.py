"""The question of the duty officer: when is it where, how high, and when is it over?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.spill.arrivals import trace
from commonshed.attribute.river.spill.channel import Channel, Downstream
from commonshed.attribute.river.spill.ensemble import Uncertainty, draw, ensemble
from commonshed.attribute.river.spill.grid import Grid, grid_of
from commonshed.attribute.river.spill.outcome import Forecast
from commonshed.attribute.river.spill.release import Interception, Release
from commonshed.attribute.river.spill.storage import Sorption, Storage
from commonshed.attribute.river.spill.telling import Sight, tell
from commonshed.attribute.river.spill.transport import march
from commonshed.attribute.river.spill.ways import downstream, places_below, spot_below, spot_of, starts_of
from commonshed.errors import RiverError
from commonshed.places.hydraulics import with_hydraulics
from commonshed.places.rivers import Rivers

__all__ = ["forecast"]

Floats = NDArray[np.float64]

_MOST = 2e8
"""Concentrations kept in pictures of the whole river: 1.6 GB."""


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
    members: int = 0,
    uncertainty: Uncertainty | None = None,
    seed: int = 0,
    frames: int = 144,
) -> Forecast:
    """Follow a spill down a network of rivers.

    Parameters
    ----------
    rivers : Rivers
        Reaches below the release with length and discharge. Width, depth and velocity follow from discharge where they
        are absent (:func:`commonshed.places.hydraulics.with_hydraulics`), dispersion by Fischer's formula.
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
    members : int
        Of the ensemble that makes the bands; 0: no bands.
    uncertainty : Uncertainty, optional
    seed : int
        Of the ensemble's draws.
    frames : int
        How many pictures of the whole river are kept, evenly in time.

    Raises
    ------
    RiverError
        A reach below the release has no flow or length; a place is off the network; no hours are given.
    UnknownName
        The network has no place of that name.
    """
    _check(hours, dx, threshold, background, decay)
    releases = (release,) if isinstance(release, Release) else tuple(release)
    _check_releases(releases, hours)
    # Width, depth and velocity follow from discharge where nobody gave them; the reach's note says so.
    rivers = with_hydraulics(rivers)
    course = downstream(
        rivers,
        starts_of(rivers, releases),
        decay=decay / 86400,
        storage=storage,
        sorption=sorption,
        channels=channels,
    )
    grid = _grid(course, dx, frames)
    origins = tuple(spot_below(rivers, course, each.at, each.distance) for each in releases)
    released = list(zip(releases, origins, strict=True))
    acted = [(each, spot_below(rivers, course, each.at)) for each in responses]
    places = tuple(dict.fromkeys(at)) if at is not None else places_below(rivers, course)
    spots = {place: spot for place in places if (spot := spot_of(rivers, course, place)) is not None}
    watch = list(spots.values())
    result = march(grid, released, hours=hours, watch=watch, responses=acted, frames=frames)
    told = None
    if members:
        told = ensemble(
            course,
            released,
            hours=hours,
            watch=watch,
            factors=draw(uncertainty or Uncertainty(), members, seed),
            threshold=threshold,
            background=background,
            responses=acted,
        )
    times = result.times / 3600
    least = (
        trace(sum(each.mass for each in releases), course.channels[spot.channel].discharge, hours) for spot in watch
    )
    series = dict(zip(spots, _over(background, result.series.T, least), strict=True))
    arrivals = tell(rivers, course, origins, places, Sight(times, series, threshold, background, told))
    return Forecast(
        rivers=rivers,
        releases=releases,
        responses=tuple(responses),
        hours=hours,
        arrivals=arrivals,
        times=times,
        series=series,
        balance=result.balance,
        background=background,
        ensemble=told,
        _grid=grid,
        _march=result,
        _origins=origins,
    )


def _over(background: float, series: Floats, least: Iterable[float]) -> Iterator[Floats]:
    """What is measured at each place: what came on top of the background, without the last digits of the solver."""
    for added, floor in zip(series, least, strict=True):
        yield background + np.where(added < floor, 0.0, added)


def _grid(course: Downstream, dx: float, frames: int) -> Grid:
    length = sum(channel.length for channel in course.channels)
    if length / dx * frames > _MOST:
        mend = f"Take cells of {length * frames / _MOST:.0f} m or more, or keep fewer pictures"
        raise RiverError(
            f"{length / 1000:,.0f} km of river in such short cells are too many", field="dx", value=dx, mend=mend
        )
    return grid_of(course, dx)


def _check_releases(releases: Sequence[Release], hours: float) -> None:
    if not releases:
        raise RiverError("nothing is released", field="release", mend="Give at least one release")
    for release in releases:
        if release.start >= hours:
            mend = "Let it begin within the hours, or ask for more hours"
            raise RiverError("a release begins after the forecast ends", field="start", value=release.start, mend=mend)


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
