"""The question of the duty officer: when is it where, how high, and when is it over?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.spill.arrivals import Arrival, passage_of
from commonshed.attribute.river.spill.channel import Channel, Downstream, downstream
from commonshed.attribute.river.spill.ensemble import Ensemble, Uncertainty, draw, ensemble
from commonshed.attribute.river.spill.formulas import mixing_length, shear_velocity
from commonshed.attribute.river.spill.grid import Grid, grid_of
from commonshed.attribute.river.spill.outcome import Forecast
from commonshed.attribute.river.spill.release import Interception, Release
from commonshed.attribute.river.spill.storage import Sorption, Storage
from commonshed.attribute.river.spill.transport import march
from commonshed.attribute.river.spill.ways import distance_to, places_below, spot_below, spot_of, starts_of
from commonshed.errors import RiverError
from commonshed.places.hydraulics import with_hydraulics
from commonshed.places.rivers import Reach, Rivers

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
    mixed = max(_mixed_after(rivers.reaches[course.channels[origin.channel].reach]) for origin in origins)
    times = result.times / 3600
    series = {place: background + result.series[:, n] for n, place in enumerate(spots)}
    arrivals = [_nowhere(rivers, place, threshold or 0.0) for place in places if place not in spots]
    for n, (place, values) in enumerate(series.items()):
        arrival = _arrival(rivers, place, times, values, threshold, background)
        arrival = replace(arrival, distance=distance_to(rivers, course, origins, place))
        arrival = _said(arrival, mixed)
        arrivals.append(arrival if told is None else _with_bands(arrival, told, n))
    return Forecast(
        rivers=rivers,
        releases=releases,
        responses=tuple(responses),
        hours=hours,
        arrivals=tuple(sorted(arrivals, key=lambda each: (each.distance is None, each.distance or 0.0))),
        times=times,
        series=series,
        balance=result.balance,
        background=background,
        ensemble=told,
        _grid=grid,
        _march=result,
        _origins=origins,
    )


def _nowhere(rivers: Rivers, place: str, threshold: float) -> Arrival:
    names = _names(rivers, place)
    return Arrival(place, *names, None, threshold, note="not downstream of the release")


def _arrival(
    rivers: Rivers, place: str, times: Floats, series: Floats, threshold: float | None, background: float
) -> Arrival:
    found = passage_of(times, series, threshold, background)
    level = threshold if threshold is not None else background + (found.peak - background) / 100
    hours = (found.arrival, found.peak_time, found.passage)
    return Arrival(place, *_names(rivers, place), None, level, *hours, found.peak)


def _said(arrival: Arrival, mixed: float) -> Arrival:
    """With what a reader has to know of it."""
    notes = []
    if arrival.arrival is None:
        notes.append("not reached within the forecast")
    elif arrival.passage is None:
        notes.append("still there at the end of the forecast")
    if arrival.distance is not None and arrival.distance < mixed:
        notes.append(
            f"not yet mixed from bank to bank, which takes about {mixed / 1000:.1f} km; one bank may have more"
        )
    return replace(arrival, note="; ".join(notes))


def _mixed_after(reach: Reach) -> float:
    """Length of river from bank to bank where its width and depth are known, else 0. [m]"""
    if not (reach.width and reach.depth and reach.velocity):
        return 0.0
    u_star = shear_velocity(reach.depth, slope=reach.slope, velocity=reach.velocity)
    return mixing_length(width=reach.width, depth=reach.depth, velocity=reach.velocity, shear_velocity=u_star)


def _with_bands(arrival: Arrival, told: Ensemble, place: int) -> Arrival:
    return replace(
        arrival,
        arrival_band=told.band("arrival", place),
        peak_time_band=told.band("peak_time", place),
        passage_band=told.band("passage", place),
        peak_band=told.band("peak", place),
        likelihood=told.likelihood(place),
    )


def _names(rivers: Rivers, place: str) -> tuple[str, str, str]:
    if place in rivers.marks:
        mark = rivers.marks[place]
        return mark.kind, mark.name_en, mark.name_zh
    node = rivers.node(place)
    return "node" if rivers.out_of[place] else "mouth", node.name_en, node.name_zh


def _grid(course: Downstream, dx: float, frames: int) -> Grid:
    length = sum(channel.length for channel in course.channels)
    if length / dx * frames > _MOST:
        mend = f"Take cells of {length * frames / _MOST:.0f} m or more, or keep fewer pictures"
        raise RiverError(
            f"{length / 1000:,.0f} km of river in such short cells are too many", field="dx", value=dx, mend=mend
        )
    return grid_of(course, dx)


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
