"""A made-up river whose every load is known: sources, decay, flow, and what a laboratory sees of it.

Nothing here describes a real place. The river is awkward in the ways real ones are: storms come and go between samples,
floods dilute works and wash out fields, the rising river is dirtier than the falling one, what is discharged travels
while it decays, and what the flow does not explain lasts for weeks. It does not follow the curve that an estimate will
be made with, so that an interval which holds here was earned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from commonshed.periods import Period
from commonshed.places import Network
from commonshed.simulate.river_places import AREAS, SECTIONS, SOURCES, TwinSource, travel_days, twin_network
from commonshed.simulate.river_readings import Sampler

__all__ = ["Truth", "TwinRiver", "TwinSource", "twin"]

Floats = NDArray[np.float64]

_SPIN_UP = 30
"""Days made before the first of the period, so that what arrives on it was emitted. [d]"""
_TONNES = 86_400 / 1e6
"""In a day of one gram a second. [t]"""
_YEAR = 365.25


@dataclass(frozen=True, eq=False)
class Truth:
    """What happened in the made-up river, of which readings show a part.

    Attributes
    ----------
    period : Period
        Its N days.
    decay : float
        First order, in every reach. [1/d]
    sources : tuple of TwinSource
    flow : mapping of section to (N,) array
        [m3/s]
    arrived : mapping of (source, section) to (N,) array
        What of a source passed a section downstream of it each day. [g/s]
    emitted : mapping of source to float
        In the period. [t]
    """

    period: Period
    decay: float
    sources: tuple[TwinSource, ...]
    flow: Mapping[str, Floats]
    arrived: Mapping[tuple[str, str], Floats]
    emitted: Mapping[str, float]

    def flux(self, section: str) -> Floats:
        """Of every day, (N,). [g/s]"""
        found = np.zeros(self.period.days)
        for (_, at), series in self.arrived.items():
            if at == section:
                found += series
        return found

    def concentration(self, section: str) -> Floats:
        """Mean of every day, (N,). [g/m3]"""
        return self.flux(section) / self.flow[section]

    def load(self, section: str) -> float:
        """What passed a section in the period. [t]"""
        return float(self.flux(section).sum()) * _TONNES

    def delivered(self, source: str, section: str) -> float:
        """What of a source passed a section in the period. [t]"""
        series = self.arrived.get((source, section))
        return 0.0 if series is None else float(series.sum()) * _TONNES

    def share(self, source: str, section: str) -> float:
        """Part of a section's load that is of a source."""
        return self.delivered(source, section) / self.load(section)


@dataclass(frozen=True, eq=False)
class TwinRiver:
    """A made-up river: its places, what happened in it, what was read of it.

    Attributes
    ----------
    network : Network
        With rivers: lengths and velocities are the true ones.
    truth : Truth
    quantity : str
    readings : pa.Table
        Of the form `commonshed.keep.rows.READINGS`; mapping and origin say that they are simulated.
    """

    network: Network
    truth: Truth
    quantity: str
    readings: pa.Table


def twin(
    seed: int,
    *,
    period: Period | None = None,
    quantity: str = "tp",
    decay: float = 0.15,
    every: int = 7,
    noise: float = 0.1,
    flow: Literal["daily", "sampled"] = "daily",
    limit: float = 0.0,
) -> TwinRiver:
    """A made-up river of five catchments, nine sections and twelve sources.

    Parameters
    ----------
    seed : int
        Of the river and of its sampling.
    period : Period, optional
        Without it the year 2016.
    quantity : str
        Name under which samples are written; levels are those of total phosphorus.
    decay : float
        [1/d]
    every : int
        Days from sample to sample.
    noise : float
        Spread of a sample around the day's mean, relative: the hour of the day, the laboratory.
    flow : {"daily", "sampled"}
        Whether flow is read every day, or only on days with a sample.
    limit : float
        Of detection. [mg/L]
    """
    truth = _truth(np.random.default_rng([seed, 0]), period or Period.year(2016), decay)
    network = twin_network()
    sampler = Sampler(every=every, noise=noise, flow=flow, limit=limit, zone=network.zone)
    seen = {section: (truth.concentration(section), truth.flow[section]) for section in SECTIONS}
    return TwinRiver(
        network, truth, quantity, sampler.readings(seen, truth.period, quantity, np.random.default_rng([seed, 1]))
    )


def _truth(rng: np.random.Generator, period: Period, decay: float) -> Truth:
    day = period.first.timetuple().tm_yday - 1 - _SPIN_UP + np.arange(period.days + _SPIN_UP, dtype=np.float64)
    flows = _flows(rng, day)
    emitted = {source.id: _emitted(rng, source, flows[source.catchment], day) for source in SOURCES}
    rivers = twin_network().rivers
    assert rivers is not None
    arrived = {}
    for source in SOURCES:
        for section in SECTIONS:
            days = travel_days(rivers, source.node, section)
            if days is not None:
                arrived[source.id, section] = _arriving(emitted[source.id], days, decay)[_SPIN_UP:]
    return Truth(
        period=period,
        decay=decay,
        sources=SOURCES,
        flow={section: np.sum([flows[c] for c in of], axis=0)[_SPIN_UP:] for section, of in SECTIONS.items()},
        arrived=arrived,
        emitted={id: float(series[_SPIN_UP:].sum()) * _TONNES for id, series in emitted.items()},
    )


def _flows(rng: np.random.Generator, day: Floats) -> dict[str, Floats]:
    """Flow of each catchment: a wet season, wet and dry spells, storms that run off within days. [m3/s]"""
    season = 0.5 * np.cos(2 * np.pi * (day - 30) / _YEAR)
    regional = _fading(rng, day.size, 30.0)
    shared = _storms(rng, day.size, 1 / 7)
    found = {}
    for c, area in AREAS.items():
        spell = 0.4 * (0.8 * regional + 0.6 * _fading(rng, day.size, 20.0))
        storms = 0.7 * shared + 0.3 * _storms(rng, day.size, 1 / 7)
        wet = np.exp(season + spell)
        # a flashy small catchment, a slow large one
        found[c] = area * 0.006 * wet * (0.7 + 2.5 * (350 / area) ** 0.3 * storms)
    return found


def _storms(rng: np.random.Generator, days: int, rate: float) -> Floats:
    """Storms at random days of random strength, each running off with a constant of 2.5 days."""
    rain = np.where(rng.random(days) < rate, rng.gamma(0.8, 0.5, days), 0.0)
    kept = np.exp(-1 / 2.5)
    found = np.empty(days)
    state = 0.0
    for at, fallen in enumerate(rain):
        state = kept * state + fallen
        found[at] = state
    return found


def _emitted(rng: np.random.Generator, source: TwinSource, flow: Floats, day: Floats) -> Floats:
    """What a source puts into the river every day. [g/s]"""
    if source.sector == "works":
        working_week = 1 + 0.04 * np.where(np.arange(day.size) % 7 < 5, 0.4, -1.0)
        return source.level * working_week * np.exp(0.2 * _fading(rng, day.size, 25.0))
    rising = np.tanh(np.diff(np.log(flow), prepend=np.log(flow[0])) / 0.3)
    summer = 0.25 * np.cos(2 * np.pi * (day - 200) / _YEAR)
    strength = 0.45 * np.log(flow / np.exp(np.log(flow).mean())) + 0.25 * rising + summer
    lasting = 0.3 * _fading(rng, day.size, 10.0) + 0.15 * rng.standard_normal(day.size)
    found: Floats = source.level * flow * np.exp(strength + lasting)
    return found


def _fading(rng: np.random.Generator, days: int, time: float) -> Floats:
    """A standard series whose correlation falls to 1/e in some days."""
    kept = np.exp(-1 / time)
    found = rng.standard_normal(days)
    for at in range(1, days):
        found[at] = kept * found[at - 1] + np.sqrt(1 - kept**2) * found[at]
    return found


def _arriving(emitted: Floats, days: float, decay: float) -> Floats:
    """What is left of a discharge after some days on the way."""
    at = np.arange(emitted.size)
    found: Floats = np.interp(at - days, at, emitted) * np.exp(-decay * days)
    return found
