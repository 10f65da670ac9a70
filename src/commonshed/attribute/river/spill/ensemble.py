"""How sure a forecast is: the same spill in many rivers, each a little faster, wider mixed or fuller than given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.spill.arrivals import Band, passages_of, trace
from commonshed.attribute.river.spill.channel import Downstream, Spot
from commonshed.attribute.river.spill.release import Interception, Release
from commonshed.attribute.river.spill.transform import batches, transform
from commonshed.attribute.river.spill.waves import Factors
from commonshed.errors import RiverError

__all__ = ["Ensemble", "Uncertainty", "draw", "ensemble"]

Floats = NDArray[np.float64]

_SHOWN = 256
"""Times at which bands of concentration are kept."""


@dataclass(frozen=True)
class Uncertainty:
    """How uncertain the hydraulics are: standard deviations of natural logarithms, one draw for the whole river.

    Attributes
    ----------
    velocity : float
        Without a tracer test on the river itself a tenth to a fifth is modest: Jobson's formula explains 62 % of the
        variance of velocities; calibrated alarm models come within a few hundredths.
    dispersion : float
        0.55: four of five predictions by formula within a factor of two.
    discharge : float
        At the velocity drawn; it dilutes, and does not speed up.
    """

    velocity: float = 0.15
    dispersion: float = 0.55
    discharge: float = 0.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not (np.isfinite(value) and value >= 0):
                mend = "Give a standard deviation of the logarithm, as 0.15"
                raise RiverError(f"the uncertainty of the {name} is none", field=name, value=value, mend=mend)


@dataclass(frozen=True)
class Ensemble:
    """What the members say at each place watched, in the order of the places.

    Attributes
    ----------
    factors : Factors
    arrival, peak_time, passage : float array (members, places)
        NaN: not within the hours. [h]
    peak : float array (members, places)
        [mg/L]
    times : float array (T,)
        [h]
    bands : float array (places, 3, T)
        5 %, 50 % and 95 % of the members' concentrations at each time. [mg/L]
    """

    factors: Factors
    arrival: Floats
    peak_time: Floats
    passage: Floats
    peak: Floats
    times: Floats
    bands: Floats

    def band(self, of: str, place: int) -> Band:
        """5 % and 95 % of the members; a member that saw no such hour counts as later than all."""
        values = np.nan_to_num(getattr(self, of)[:, place], nan=np.inf)
        low = float(np.quantile(values, 0.05, method="lower"))
        high = float(np.quantile(values, 0.95, method="higher"))
        return (low if np.isfinite(low) else None), (high if np.isfinite(high) else None)

    def likelihood(self, place: int) -> float:
        """Part of the members that reach the threshold."""
        return float(np.isfinite(self.arrival[:, place]).mean())


def draw(uncertainty: Uncertainty, members: int, seed: int) -> Factors:
    """Factors of the members: a Latin hypercube of log-normals with median one.

    Parameters
    ----------
    uncertainty : Uncertainty
    members, seed : int

    References
    ----------
    McKay, Beckman & Conover (1979), Technometrics 21(2) 239–245.
    """
    generator = np.random.default_rng(seed)
    normal = NormalDist()

    def drawn(deviation: float) -> Floats:
        ranks = (generator.permutation(members) + generator.random(members)) / members
        return np.exp(deviation * np.array([normal.inv_cdf(min(max(r, 1e-9), 1 - 1e-9)) for r in ranks.tolist()]))

    return Factors(drawn(uncertainty.velocity), drawn(uncertainty.dispersion), drawn(uncertainty.discharge))


def ensemble(
    course: Downstream,
    releases: Sequence[tuple[Release, Spot]],
    *,
    hours: float,
    watch: Sequence[Spot],
    factors: Factors,
    threshold: float | None = None,
    background: float = 0.0,
    responses: Sequence[tuple[Interception, Spot]] = (),
    steps: int = 1024,
) -> Ensemble:
    """Follow a spill through every member.

    Parameters
    ----------
    course : Downstream
    releases : sequence of (Release, Spot)
    hours : float
        [h]
    watch : sequence of Spot
    factors : Factors
    threshold, background : float, optional
        [mg/L]
    responses : sequence of (Interception, Spot)
    steps : int
        Within the hours.
    """
    mass = sum(release.mass for release, _ in releases)
    floors = np.array([trace(mass, course.channels[spot.channel].discharge, hours) for spot in watch])
    thin = max(1, steps // _SHOWN)
    found, shown = [], []
    times = np.zeros(0)
    for members in batches(factors):
        seconds, series = transform(
            course, releases, hours=hours, watch=watch, responses=responses, factors=members, steps=steps
        )
        times = seconds / 3600
        series[series < floors[:, None]] = 0.0
        flat = background + series.reshape(-1, len(times))
        each = passages_of(times, flat, threshold, background)
        found.append([values.reshape(len(members), len(watch)) for values in each])
        shown.append((background + series[:, :, ::thin]).astype(np.float32))
    arrival, peak_time, passage, peak = (np.concatenate(parts) for parts in zip(*found, strict=True))
    bands = np.quantile(np.concatenate(shown), [0.05, 0.5, 0.95], axis=0)
    return Ensemble(
        factors, arrival, peak_time, passage, peak, times[::thin], np.moveaxis(bands, 0, 1).astype(np.float64)
    )
