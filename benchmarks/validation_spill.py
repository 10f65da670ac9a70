"""The spill solvers against what is known: analytic solutions, a tracer test, each other.

``python benchmarks/validation_spill.py`` prints the tables of docs/spill.md; tests/attribute/river/spill asserts them.
"""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from commonshed import datasets  # noqa: E402
from commonshed.attribute.river.spill import Channel, Release, Sorption, Storage  # noqa: E402
from commonshed.attribute.river.spill.channel import Downstream, Spot  # noqa: E402
from commonshed.attribute.river.spill.grid import grid_of  # noqa: E402
from commonshed.attribute.river.spill.transform import transform  # noqa: E402
from commonshed.attribute.river.spill.transport import March, march  # noqa: E402

__all__ = [
    "Fit",
    "Order",
    "instantaneous",
    "instantaneous_errors",
    "ogata_banks",
    "ogata_banks_errors",
    "otis",
    "steady_errors",
    "uvas",
]

Floats = NDArray[np.float64]

U, D, AREA, DECAY = 0.5, 20.0, 10.0, 1e-5
LENGTH = 40_000.0
SIZES = (400.0, 200.0, 100.0, 50.0, 25.0)


@dataclass(frozen=True)
class Order:
    """Errors relative to the highest concentration, by length of a cell, and how fast they fall.

    Attributes
    ----------
    dx, error : tuple of float
        [m], [1]
    mass : tuple of float
        What the balance misses, relative to the release.
    """

    dx: tuple[float, ...]
    error: tuple[float, ...]
    mass: tuple[float, ...]

    @property
    def order(self) -> tuple[float, ...]:
        """Of convergence, from each size to the next."""
        pairs = zip(self.error[:-1], self.error[1:], self.dx[:-1], self.dx[1:], strict=True)
        return tuple(math.log(e0 / e1) / math.log(h0 / h1) for e0, e1, h0, h1 in pairs)


def instantaneous(x: Floats | float, t: Floats | float, *, mass: float, decay: float = DECAY) -> Floats:
    """Concentration `x` m below an instantaneous release in an endless river. [g/m3]

    Fischer et al. (1979), Mixing in Inland and Coastal Waters, eq. 2.69, with decay.
    """
    x, t = np.asarray(x, dtype=float), np.asarray(t, dtype=float)
    spread = np.sqrt(4 * np.pi * D * t)
    return np.asarray(mass / (AREA * spread) * np.exp(-((x - U * t) ** 2) / (4 * D * t) - decay * t))


def ogata_banks(x: Floats | float, t: Floats | float, *, u: float = U, D: float = D) -> Floats:
    """Concentration over that held at x = 0 from t = 0 on.

    Ogata & Banks (1961), USGS Professional Paper 411-A, eq. 11. It is at once the concentration of what *flows past* x
    where the flux at x = 0 is held (Kreft & Zuber 1978, Chem. Eng. Sci. 33, 1471–1480, table 1).
    """
    from scipy.special import erfc, erfcx

    x, t = np.asarray(x, dtype=float), np.asarray(t, dtype=float)
    spread = 2 * np.sqrt(D * t)
    ahead, behind = (x - u * t) / spread, (x + u * t) / spread
    return np.asarray((erfc(ahead) + np.exp(u * x / D - behind**2) * erfcx(behind)) / 2)


def held_flux(x: Floats | float, t: Floats | float) -> Floats:
    """Concentration in the river over that of the flux held at x = 0 from t = 0 on.

    Lindstrom et al. (1967), Environ. Sci. Technol. 1, 561–565; van Genuchten & Alves (1982), USDA Tech. Bull. 1661, A2.
    """
    from scipy.special import erfc, erfcx

    x, t = np.asarray(x, dtype=float), np.asarray(t, dtype=float)
    spread = 2 * np.sqrt(D * t)
    ahead, behind = (x - U * t) / spread, (x + U * t) / spread
    tail = np.exp(U * x / D - behind**2) * erfcx(behind)
    front = np.sqrt(U**2 * t / (np.pi * D)) * np.exp(-(ahead**2))
    return np.asarray(erfc(ahead) / 2 + front - (1 + U * x / D + U**2 * t / D) * tail / 2)


def instantaneous_errors(sizes: Sequence[float] = SIZES) -> Order:
    """The whole river eight hours after an instantaneous release with decay."""
    return _errors(
        sizes,
        Channel("r", "a", "b", LENGTH, U * AREA, AREA, D, decay=DECAY),
        (Release("r", ((0, 0), (0, 100.0))), Spot(0, 8_000.0)),
        lambda x, C: (C, instantaneous(x - 8_000, 8 * 3600, mass=1e5)),
    )


def steady_errors(sizes: Sequence[float] = SIZES) -> Order:
    """The whole river eight hours after a steady release began."""
    return _errors(
        sizes,
        Channel("r", "a", "b", LENGTH, U * AREA, AREA, D),
        (Release.pulse("r", U * AREA * 3.6 * 8, duration=8), Spot(0, 0.0)),
        lambda x, C: (C, held_flux(x, 8 * 3600)),
    )


def ogata_banks_errors(sizes: Sequence[float] = SIZES) -> Order:
    """What flows past each face eight hours after a steady release began: flow and dispersion together."""

    def flowing(x: Floats, C: Floats) -> tuple[Floats, Floats]:
        dx = x[1] - x[0]
        # Fourth order, so that the formula that reads the flux is not what is measured.
        middle = (-C[:-3] + 9 * C[1:-2] + 9 * C[2:-1] - C[3:]) / 16
        slope = (C[:-3] - 27 * C[1:-2] + 27 * C[2:-1] - C[3:]) / (24 * dx)
        return middle - D / U * slope, ogata_banks(x[1:-2] + dx / 2, 8 * 3600)

    return _errors(
        sizes,
        Channel("r", "a", "b", LENGTH, U * AREA, AREA, D),
        (Release.pulse("r", U * AREA * 3.6 * 8, duration=8), Spot(0, 0.0)),
        flowing,
    )


def _errors(
    sizes: Sequence[float],
    channel: Channel,
    released: tuple[Release, Spot],
    compare: Callable[[Floats, Floats], tuple[Floats, Floats]],
) -> Order:
    errors, masses = [], []
    for dx in sizes:
        grid = grid_of(Downstream((channel,)), dx)
        found = march(grid, [released], hours=8)
        x = grid.distances(0)
        ours, exact = compare(x, found.frames[-1][: len(x)])
        errors.append(float(np.abs(ours - exact).max() / exact.max()))
        masses.append(found.balance.error)
    return Order(tuple(sizes), tuple(errors), tuple(masses))


@dataclass(frozen=True)
class Fit:
    """One model of Uvas Creek at one station.

    Attributes
    ----------
    distance : int
        [m]
    samples : int
    rmse, peak, observed : float
        Root mean square error, highest concentration at the hours of the samples, highest sample. [mg/L]
    """

    distance: int
    samples: int
    rmse: float
    peak: float
    observed: float


BACKGROUND = 0.13
"""[mg/L]"""

_START = 8.25
"""Hour of the clock the run begins at. [h]"""

_STATIONS = {38: Spot(0, 38.0), 281: Spot(2, 176.0), 433: Spot(3, 152.0)}

Model = Callable[[Downstream], tuple[Floats, Floats]]
"""A course to hours and concentrations above the background at the three stations."""


def creek(*, storage: bool = True, sorption: bool = True) -> Downstream:
    """The five stretches of Uvas Creek as Bencala (1983) calibrated them."""
    Q, channels = 0.0125, []
    for number, row in enumerate(_rows("reach_parameters.csv")):
        length = row["x_end_m"] - row["x_start_m"]
        channels.append(
            Channel(
                f"stretch-{number + 1}",
                f"node-{number}",
                f"node-{number + 1}",
                length,
                Q,
                row["area_m2"],
                row["dispersion_m2_s"],
                lateral=row["lateral_inflow_m3_s_m"],
                storage=Storage(row["storage_area_m2"], row["exchange_alpha_1_s"], uptake=1.0) if storage else None,
                sorption=Sorption(5.6e-5, 1 / row["inverse_capacity"]) if sorption else None,
            )
        )
        Q += row["lateral_inflow_m3_s_m"] * length
    return Downstream(tuple(channels))


def injection() -> tuple[Release, Spot]:
    """1.6 mg/L above the background in 12.5 L/s for three hours."""
    mass = 0.0125 * 1.6 * 3 * 3.6
    return Release("stretch-1", ((0.0, 0.0), (0.15, 0.0), (3.15, mass))), Spot(0, 0.0)


def marched(course: Downstream, dx: float = 1.0) -> tuple[Floats, Floats]:
    """By finite volumes."""
    found = _march_creek(course, dx)
    return found.times / 3600, found.series


def transformed(course: Downstream) -> tuple[Floats, Floats]:
    """By transfer functions."""
    seconds, series = transform(course, [injection()], hours=15.75, watch=list(_STATIONS.values()), steps=4096)
    return seconds / 3600, series[0].T


def otis(course: Downstream, dx: float = 1.0, dt: float = 60.0) -> tuple[Floats, Floats]:
    """By the plainest reading of Runkel (1998): central differences, Crank and Nicolson in time, no limiter."""
    from scipy.sparse import identity
    from scipy.sparse.linalg import splu

    M, enters, cells = _otis_rates(course, dx)
    eye = identity(M.shape[0], format="csc")
    backward, forward = splu((eye - dt / 2 * M).tocsc()), (eye + dt / 2 * M).tocsr()
    steps = round(15.75 * 3600 / dt)
    state, found = np.zeros(M.shape[0]), np.zeros((steps + 1, len(_STATIONS)))
    ends = np.arange(steps + 1) * dt
    injected = np.diff(np.clip((ends - 540) / 10800, 0, 1)) * 10800 / dt * 1.6
    for step in range(steps):
        state = backward.solve(forward @ state + dt * injected[step] * enters)
        found[step + 1] = [(state[at] + state[at + 1]) / 2 for at in cells]
    return ends / 3600, found


def uvas(model: Model = marched, *, storage: bool = True, sorption: bool = True) -> list[Fit]:
    """Fit of a model to the samples at the three stations."""
    hours, series = model(creek(storage=storage, sorption=sorption))
    fits = []
    for number, distance in enumerate(_STATIONS):
        rows = [row for row in _rows("observed_strontium.csv") if row["distance_m"] == distance]
        observed = np.array([row["sr_mg_l"] for row in rows])
        at = np.array([row["time_h"] for row in rows]) - _START
        ours = BACKGROUND + np.interp(at, hours, series[:, number])
        rmse = float(np.sqrt(np.mean((ours - observed) ** 2)))
        fits.append(Fit(distance, len(rows), rmse, float(ours.max()), float(observed.max())))
    return fits


def _march_creek(course: Downstream, dx: float) -> March:
    return march(grid_of(course, dx), [injection()], hours=15.75, watch=list(_STATIONS.values()))


def _otis_rates(course: Downstream, dx: float):  # type: ignore[no-untyped-def]
    """Rates of change of channel, storage and bed in each other, what enters per concentration, cells at stations."""
    from scipy.sparse import lil_matrix

    channels = course.channels
    counts = [round(channel.length / dx) for channel in channels]
    of = [channel for channel, count in zip(channels, counts, strict=True) for _ in range(count)]
    n = len(of)
    q = np.array([channel.lateral for channel in of]) * dx
    Q = channels[0].discharge + np.concatenate([[0.0], np.cumsum(q)])
    A = np.array([channel.area for channel in of])
    g = np.array([channel.area * channel.dispersion for channel in of]) / dx
    M, enters = lil_matrix((3 * n, 3 * n)), np.zeros(3 * n)
    enters[0] = Q[0] / (A[0] * dx)
    for i, channel in enumerate(of):
        V = A[i] * dx
        if i + 1 < n:
            across = 2 * g[i] * g[i + 1] / (g[i] + g[i + 1])
            for cell, sign in ((i, -1), (i + 1, 1)):
                volume = A[cell] * dx
                M[cell, i] += sign * (Q[i + 1] / 2 + across) / volume
                M[cell, i + 1] += sign * (Q[i + 1] / 2 - across) / volume
        else:
            M[i, i] -= Q[i + 1] / V
        if channel.storage is not None:
            α, back = channel.storage.exchange, channel.storage.exchange * channel.area / channel.storage.area
            M[i, i] -= α
            M[i, n + i] += α
            M[n + i, i] += back
            M[n + i, n + i] -= back + channel.storage.uptake
        if channel.sorption is not None:
            λ, capacity = channel.sorption.rate, channel.sorption.capacity
            M[i, i] -= λ * capacity
            M[i, 2 * n + i] += λ * capacity
            M[2 * n + i, i] += λ
            M[2 * n + i, 2 * n + i] -= λ
    return M.tocsc(), enters, [round(distance / dx) - 1 for distance in _STATIONS]


def _rows(file: str) -> list[dict[str, float]]:
    with datasets.path("uvas", file).open(encoding="utf-8", newline="") as lines:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(lines)]


def _print_order(title: str, found: Order) -> None:
    print(f"\n{title}\n  cell m    error    order    mass missing")
    for dx, error, order, mass in zip(found.dx, found.error, (None, *found.order), found.mass, strict=True):
        print(f"  {dx:6g}  {error:8.2e}  {'' if order is None else f'{order:5.2f}':>5}    {mass:.1e}")


def _print_fits(title: str, fits: list[Fit]) -> None:
    for fit in fits:
        print(f"  {title:42} {fit.distance:4} m  RMSE {fit.rmse:.3f}  peak {fit.peak:.3f} of {fit.observed:.3f} mg/L")


def main() -> None:
    """Print the tables."""
    _print_order("Instantaneous release with decay, after 8 h", instantaneous_errors())
    _print_order("Ogata and Banks, after 8 h", ogata_banks_errors())
    _print_order("Steady release, concentration in the river, after 8 h", steady_errors())
    print("\nUvas Creek, strontium")
    _print_fits("finite volumes, storage and sorption", uvas())
    _print_fits("transfer functions, the same", uvas(transformed))
    _print_fits("OTIS's scheme, the same", uvas(otis))
    _print_fits("sorption only", uvas(storage=False))
    _print_fits("storage only", uvas(sorption=False))
    _print_fits("advection and dispersion only", uvas(storage=False, sorption=False))


if __name__ == "__main__":
    main()
