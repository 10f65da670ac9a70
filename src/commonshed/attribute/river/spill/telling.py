"""From series to what a duty officer reads: arrivals with their bands, and what to know of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.spill.arrivals import Arrival, passage_of
from commonshed.attribute.river.spill.channel import Downstream, Spot
from commonshed.attribute.river.spill.ensemble import Ensemble
from commonshed.attribute.river.spill.formulas import mixing_length, shear_velocity
from commonshed.attribute.river.spill.ways import distance_to
from commonshed.places.rivers import Reach, Rivers

__all__ = ["Sight", "tell"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sight:
    """What the solvers saw at the places on the water below a release.

    Attributes
    ----------
    times : float array (T,)
        [h]
    series : mapping of id to float array (T,)
        [mg/L]
    threshold : float or None
        [mg/L]
    background : float
        [mg/L]
    told : Ensemble or None
        Its places in the order of the series.
    """

    times: Floats
    series: Mapping[str, Floats]
    threshold: float | None
    background: float
    told: Ensemble | None


def tell(
    rivers: Rivers, course: Downstream, origins: Sequence[Spot], places: Iterable[str], sight: Sight
) -> tuple[Arrival, ...]:
    """Arrivals at all places asked about, from near to far; those not downstream last.

    Parameters
    ----------
    rivers : Rivers
    course : Downstream
    origins : sequence of Spot
        Of the releases.
    places : iterable of str
    sight : Sight
    """
    mixed = max(_mixed_after(rivers.reaches[course.channels[origin.channel].reach]) for origin in origins)
    number = {place: n for n, place in enumerate(sight.series)}
    arrivals = []
    for place in places:
        distance = distance_to(rivers, course, origins, place)
        if distance is None:
            arrivals.append(_nowhere(rivers, place, sight.threshold or 0.0))
            continue
        arrival = _said(replace(_arrival(rivers, place, sight), distance=distance), mixed)
        arrivals.append(arrival if sight.told is None else _with_bands(arrival, sight.told, number[place]))
    return tuple(sorted(arrivals, key=lambda each: (each.distance is None, each.distance or 0.0)))


def _nowhere(rivers: Rivers, place: str, threshold: float) -> Arrival:
    names = _names(rivers, place)
    return Arrival(place, *names, None, threshold, note="not downstream of the release")


def _arrival(rivers: Rivers, place: str, sight: Sight) -> Arrival:
    found = passage_of(sight.times, sight.series[place], sight.threshold, sight.background)
    level = sight.threshold
    if level is None:
        level = sight.background + (found.peak - sight.background) / 100
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
