"""A made-up national network and its year of hourly air, quickly made, for measurements of speed and for tests.

Nothing here describes a real place. The numbers have what matters for storage and arithmetic: levels and digits as a
national network publishes them (whole µg/m³, CO to 0.001 mg/m³), values that hang together from hour to hour and from
station to station, days and seasons, and gaps: single hours and outages of a whole station.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from commonshed.compute import Local
from commonshed.keep.block import SLAB, Block, BlockRef, block_key, write_block
from commonshed.periods import Period, Zone

__all__ = ["QUANTITIES", "simulate_blocks", "station_names", "write_national"]

_Floats = NDArray[np.float32]


@dataclass(frozen=True)
class _Shape:
    """How one quantity behaves: the logarithm of its level is the sum of all but ``typical`` and ``tick``."""

    typical: float
    """Median, in ticks."""
    tick: int
    """Ticks in the last published digit."""
    spread: float
    """Standard deviation of the weather's part."""
    winter: float
    """Amplitude over the year, highest in January."""
    afternoon: float
    """Amplitude over the day, highest at 15:00."""


_SHAPES = {
    "pm25": _Shape(38_000, 1000, 0.65, 0.35, -0.10),
    "pm10": _Shape(68_000, 1000, 0.60, 0.25, -0.08),
    "so2": _Shape(11_000, 1000, 0.50, 0.40, 0.05),
    "no2": _Shape(28_000, 1000, 0.45, 0.25, -0.30),
    "co": _Shape(750, 1, 0.40, 0.25, -0.12),
    "o3": _Shape(55_000, 1000, 0.45, -0.35, 0.60),
}
QUANTITIES = tuple(_SHAPES)

_MEMORY = 0.96
"""Correlation of the weather's part from one hour to the next."""
_SHARED = 0.8
"""Part of the weather all stations of a slab share."""
_DUST = 0.93
"""Correlation of PM10's weather with PM2.5's."""
_OUTAGE_HOURS = 12
_OUTAGE_PART = 0.6
"""Part of the missing hours that are outages of a whole station."""


def station_names(count: int) -> tuple[str, ...]:
    """Ids of simulated stations, which say that they are simulated."""
    return tuple(f"sim{i:05d}" for i in range(count))


def simulate_blocks(
    period: Period,
    *,
    stations: int = 1650,
    slab: int = 0,
    seed: int = 20160101,
    missing: float = 0.03,
    zone: Zone = Zone(480),  # noqa: B008 - frozen
) -> Iterator[tuple[str, Block]]:
    """Blocks of one slab, month after month, with their keys.

    The same slab and seed give the same numbers, whatever other slabs are made.

    Parameters
    ----------
    period : Period
        Whole months.
    stations : int
        Stations of the whole network; the slab holds its ``SLAB`` of them.
    slab : int
    seed : int
    missing : float
        Share of hours without a reading.
    zone : Zone
    """
    names = station_names(stations)[slab * SLAB : (slab + 1) * SLAB]
    rng = np.random.default_rng([seed, slab])
    n, k = len(names), len(_SHAPES)
    offsets = rng.normal(0, 0.25, (k, n)).astype(np.float32)
    offsets[1] = offsets[0] + 0.3 * offsets[1]
    state = rng.normal(0, 1, (k, n + 1)).astype(np.float32)
    for year, month in period.months():
        of = Period.month(year, month)
        weather, state = _weather(rng, state, of.days * 24)
        rhythm = _rhythm(of.first, of.days)
        ticks, valid = {}, {}
        gaps = _outages(rng, n, of.days * 24, missing * _OUTAGE_PART)
        for i, (quantity, shape) in enumerate(_SHAPES.items()):
            level = shape.spread * weather[:, i] + rhythm[i][:, None] + offsets[i]
            ticks[quantity] = _published(level, shape)
            present = rng.random((n, of.days * 24), dtype=np.float32) >= missing * (1 - _OUTAGE_PART)
            valid[quantity] = np.packbits(present & gaps, axis=1, bitorder="little")
        yield block_key("air", of.first, slab), Block(names, of.first, of.days, zone, ticks, valid)


def write_national(
    folder: Path, period: Period, *, stations: int = 1650, seed: int = 20160101, missing: float = 0.03
) -> list[BlockRef]:
    """Write the blocks of a simulated network under a folder, one file per slab and month.

    Returns
    -------
    list of BlockRef
        By slab, then by month.
    """

    def write(slab: int) -> list[BlockRef]:
        refs = []
        for key, block in simulate_blocks(period, stations=stations, slab=slab, seed=seed, missing=missing):
            path = folder / f"{key}.parquet"
            write_block(path, block)
            refs.append(BlockRef.of_file(path, key, f"simulated-{seed}-{stations}-{missing}"))
        return refs

    slabs = range(-(-stations // SLAB))
    return [ref for refs in Local().map(write, slabs, label="simulating") for ref in refs]


def _weather(rng: np.random.Generator, state: _Floats, hours: int) -> tuple[_Floats, _Floats]:
    """Standardised weather (hours, quantities, stations), partly shared, and the state it ends in."""
    k, columns = state.shape
    series = rng.standard_normal((hours, k, columns), dtype=np.float32)
    series *= np.float32((1 - _MEMORY**2) ** 0.5)
    for hour in range(hours):
        series[hour] += np.float32(_MEMORY) * state
        state = series[hour]
    shared, local = series[:, :, :1], series[:, :, 1:]
    weather = np.float32(_SHARED) * shared + np.float32((1 - _SHARED**2) ** 0.5) * local
    # fine dust is part of all dust
    weather[:, 1] = np.float32(_DUST) * weather[:, 0] + np.float32((1 - _DUST**2) ** 0.5) * weather[:, 1]
    return weather, state.copy()


def _rhythm(first: date, days: int) -> _Floats:
    """Season and time of day of each quantity, (quantities, hours)."""
    day_of_year = first.timetuple().tm_yday + np.arange(days * 24) / 24
    winter = np.cos(2 * np.pi * (day_of_year - 15) / 365.25)
    afternoon = np.cos(2 * np.pi * (np.arange(days * 24) % 24 - 15) / 24)
    return np.array([s.winter * winter + s.afternoon * afternoon for s in _SHAPES.values()], np.float32)


def _published(level: _Floats, shape: _Shape) -> NDArray[np.int32]:
    digits = np.exp(level, out=level)
    digits *= np.float32(shape.typical / shape.tick)
    np.rint(digits, out=digits)
    return np.ascontiguousarray(digits.T.astype(np.int32)) * np.int32(shape.tick)


def _outages(rng: np.random.Generator, n: int, hours: int, share: float) -> NDArray[np.bool_]:
    """Where a station is up, (n, hours)."""
    count = rng.poisson(n * hours * share / _OUTAGE_HOURS)
    station, start = rng.integers(0, n, count), rng.integers(0, hours, count)
    stop = np.minimum(start + rng.geometric(1 / _OUTAGE_HOURS, count), hours)
    change = np.zeros((n, hours + 1), np.int32)
    np.add.at(change, (station, start), 1)
    np.add.at(change, (station, stop), -1)
    up: NDArray[np.bool_] = np.cumsum(change, axis=1)[:, :hours] == 0
    return up
