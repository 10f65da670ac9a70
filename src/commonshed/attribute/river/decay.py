"""What is lost on the way: decay in the channel, retention in lakes, and how sure we are of both."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.course import Course, Link
from commonshed.errors import RiverError
from commonshed.places import Reach

__all__ = ["NONE", "Decay", "survival", "velocity_of"]

Floats = NDArray[np.float64]

_DAY = 86_400.0
_YEAR = 365.25 * _DAY


@dataclass(frozen=True)
class Decay:
    """How a quantity is lost in flowing and in standing water, by first order.

    Attributes
    ----------
    rate : float
        Of the water's own: bacterial decay, nitrification. [1/d]
    uptake : float
        Velocity at which the bed takes it up; deep rivers lose less than shallow ones. [m/d]
    settling : float
        Apparent settling velocity in lakes. [m/a]
    lake : {"plug", "mixed"}
        How water goes through a lake: in a row, or mixed throughout.
    spread : float
        Standard deviation of the logarithm of all of these, for the draws of an interval: 0.3 is about ±30 %.

    Notes
    -----
    A piece of river of length L, velocity U and depth H keeps

    .. math:: s = exp(−(k + v_f / H) L / U)

    A lake of area A and volume V through which Q flows keeps, with hydraulic load q = Q / A,

    .. math:: s = exp(−v / q − k V / Q)  (plug)    or    s = 1 / (1 + v / q + k V / Q)  (mixed)

    so that the plug keeps back R = 1 − exp(−v / q), the mixed lake R = v / (v + q).

    References
    ----------
    Streeter & Phelps (1925), US Public Health Bulletin 146: first order by travel time.
    Stream Solute Workshop (1990), J. N. Am. Benthol. Soc. 9, 95-119: uptake velocity.
    Wollheim et al. (2006), Geophys. Res. Lett. 33, L06410: R = 1 − exp(−v_f / H_L).
    Chapra (1975), Water Resour. Res. 11, 1033-1034: R = v / (v + q), a mixed lake.
    """

    rate: float = 0.0
    uptake: float = 0.0
    settling: float = 0.0
    lake: Literal["plug", "mixed"] = "plug"
    spread: float = 0.0

    def __post_init__(self) -> None:
        for name in ("rate", "uptake", "settling", "spread"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value >= 0):
                raise RiverError("a loss is a number that is not negative", field=f"decay.{name}", value=value)
        if self.lake not in ("plug", "mixed"):
            raise RiverError("there is no such lake", field="decay.lake", value=self.lake, mend="Known: plug, mixed")

    @property
    def loses(self) -> bool:
        """Whether anything is lost at all."""
        return bool(self.rate or self.uptake or self.settling)

    def factors(self, draws: int, rng: np.random.Generator) -> Floats:
        """By how much each draw is faster or slower than the stated velocities, (draws,)."""
        return np.asarray(np.exp(self.spread * rng.standard_normal(draws)))

    def __str__(self) -> str:
        if not self.loses:
            return "nothing is lost on the way"
        said = [
            *([f"rate {self.rate:g} 1/d"] if self.rate else []),
            *([f"uptake {self.uptake:g} m/d"] if self.uptake else []),
            *([f"settling in lakes {self.settling:g} m/a ({self.lake})"] if self.settling else []),
            *([f"spread {self.spread:g}"] if self.spread else []),
        ]
        return ", ".join(said)


NONE = Decay()
"""Nothing is lost: what enters arrives."""


def survival(
    course: Course, decay: Decay, factors: Floats | None = None, *, needed: Collection[int] | None = None
) -> Floats:
    """Which part of a load that enters each link leaves it at the lower end; the division of a river not yet counted.

    Parameters
    ----------
    course : Course
    decay : Decay
    factors : (draws,) array, optional
        Multiples of the losses, one for each draw.
    needed : collection of int, optional
        Numbers of the links somebody asks about; without it all. The others may be dry, and are not a number.

    Returns
    -------
    (links,) or (links, draws) array
        Within 0…1.

    Raises
    ------
    RiverError
        A reach on which something would be lost has no flow, or no length, velocity, depth or discharge to say how
        much; the message names it.
    """
    losses = np.zeros(len(course.links))
    mixed = np.zeros(len(course.links), bool)
    if decay.loses:
        asked = range(len(course.links)) if needed is None else needed
        losses[:] = np.nan
        for number in asked:
            link = course.links[number]
            losses[number] = _loss(link, decay)
            mixed[number] = link.reach.lake is not None and decay.lake == "mixed"
    if factors is not None:
        losses, mixed = losses[:, None] * factors, mixed[:, None]
    return np.where(mixed, 1 / (1 + losses), np.exp(-losses))


def velocity_of(reach: Reach) -> float:
    """How fast a reach flows. [m/s]

    Raises
    ------
    RiverError
        Nobody said, or it stands still.
    """
    if reach.velocity is not None:
        velocity = reach.velocity
    elif reach.discharge is not None and reach.width and reach.depth:
        velocity = reach.discharge / (reach.width * reach.depth)
    elif reach.discharge is not None and not reach.discharge > 0:
        velocity = reach.discharge
    else:
        mend = "Give its velocity, or its discharge, width and depth"
        raise RiverError(f"reach {reach.id} has no velocity", field="velocity", mend=mend)
    if not velocity > 0:
        mend = "A steady share needs flow: give the mean discharge of the period, or take the reach out"
        raise RiverError(f"reach {reach.id} has no flow", field="velocity", value=velocity, mend=mend)
    return velocity


def _loss(link: Link, decay: Decay) -> float:
    """Exponent of the loss on a link, without dimension."""
    if link.reach.lake is not None:
        return _loss_in_lake(link, decay)
    if not (decay.rate or decay.uptake):
        return 0.0
    days = _length(link) / velocity_of(link.reach) / _DAY
    loss = decay.rate * days
    if decay.uptake:
        loss += decay.uptake * days / _depth(link.reach)
    return loss


def _loss_in_lake(link: Link, decay: Decay) -> float:
    lake, reach = link.reach.lake, link.reach
    assert lake is not None
    if decay.lake == "mixed" and not link.last:
        return 0.0  # a mixed lake keeps what it keeps at its outlet
    part = 1.0 if decay.lake == "mixed" or link.whole else _length(link) / (reach.length or 1.0)
    discharge = _discharge(reach)
    loss = decay.settling / _YEAR * lake.area * 1e6 / discharge
    if decay.rate:
        if lake.volume is None:
            mend = "Give its volume, or use settling instead of rate"
            raise RiverError(f"the lake on reach {reach.id} has no volume", field="lake.volume", mend=mend)
        loss += decay.rate / _DAY * lake.volume * 1e6 / discharge
    return loss * part


def _length(link: Link) -> float:
    if link.end is None:
        mend = "Give its length, or ask for shares without decay"
        raise RiverError(f"reach {link.reach.id} has no length", field="length", mend=mend)
    return link.end - link.begin


def _depth(reach: Reach) -> float:
    if reach.depth:
        return reach.depth
    if reach.discharge and reach.width:
        return reach.discharge / (reach.width * velocity_of(reach))
    mend = "Give its depth, or its discharge and width"
    raise RiverError(f"reach {reach.id} has no depth", field="depth", value=reach.depth, mend=mend)


def _discharge(reach: Reach) -> float:
    if reach.discharge is None or not reach.discharge > 0:
        said = "does not say how much flows" if reach.discharge is None else "has no flow"
        mend = "Give the mean discharge of the period"
        raise RiverError(f"reach {reach.id} {said}", field="discharge", value=reach.discharge, mend=mend)
    return reach.discharge
