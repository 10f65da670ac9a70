"""A reach as a channel: what of its hydraulics moves a substance, and what stands in where nobody measured."""

from __future__ import annotations

from commonshed.attribute.river.spill.channel import Channel
from commonshed.attribute.river.spill.formulas import fischer_1975, shear_velocity
from commonshed.attribute.river.spill.storage import Sorption, Storage
from commonshed.errors import RiverError
from commonshed.places.hydraulics import flowing
from commonshed.places.rivers import Reach

__all__ = ["channel_of"]


def channel_of(
    reach: Reach,
    *,
    decay: float = 0.0,
    storage: Storage | None = None,
    sorption: Sorption | None = None,
) -> Channel:
    """A reach as a channel, with Fischer's dispersion where none is given.

    Parameters
    ----------
    reach : Reach
        Discharge, and velocity or width and depth; dispersion, or width and depth for an estimate. A lake whose volume
        is known is passed in volume / discharge.
    decay : float
        [1/s]
    storage : Storage, optional
    sorption : Sorption, optional

    Raises
    ------
    RiverError
        Length, flow or velocity is absent or nothing; the message names the reach and the mend.
    """
    if reach.length is None or reach.length <= 0:
        mend = "Give its length in m"
        raise RiverError(f"reach {reach.id} has no length", field="length", value=reach.length, mend=mend)
    discharge = flowing(reach)
    return Channel(
        reach.id,
        reach.upstream,
        reach.downstream,
        reach.length,
        discharge,
        discharge / _velocity(reach),
        _dispersion(reach),
        part=1.0 if reach.part is None else reach.part,
        decay=decay,
        storage=storage,
        sorption=sorption,
    )


def _velocity(reach: Reach) -> float:
    if reach.lake is not None and reach.lake.volume and reach.length:
        return flowing(reach) * reach.length / (reach.lake.volume * 1e6)
    if reach.velocity is not None and reach.velocity > 0:
        return reach.velocity
    if reach.velocity is None and reach.width and reach.depth:
        return flowing(reach) / (reach.width * reach.depth)
    mend = f"Give reach {reach.id} a velocity in m/s, or width and depth in m"
    raise RiverError(f"nothing says how fast reach {reach.id} flows", field="velocity", value=reach.velocity, mend=mend)


def _dispersion(reach: Reach) -> float:
    if reach.dispersion is not None:
        return reach.dispersion
    if reach.lake is not None and reach.lake.volume and reach.length:
        # Wind and inflow stir a lake: a Péclet number of 1 lies between a pipe and a stirred tank.
        return _velocity(reach) * reach.length
    if reach.width and reach.depth:
        U = _velocity(reach)
        u_star = shear_velocity(reach.depth, slope=reach.slope, velocity=U)
        return fischer_1975(width=reach.width, depth=reach.depth, velocity=U, shear_velocity=u_star)
    mend = f"Give reach {reach.id} a dispersion in m2/s, or width and depth in m for Fischer's estimate"
    raise RiverError(
        f"nothing says how reach {reach.id} disperses", field="dispersion", value=reach.dispersion, mend=mend
    )
