"""What holds a substance up on its way: dead water beside the channel, and the bed it sorbs to.

Both exchange with the channel at first order, cell by cell, so a step of any length is solved exactly with a small
matrix exponential, made once per reach.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonshed.errors import RiverError

__all__ = ["Sorption", "Storage", "exchange_matrix", "hold_up", "propagator"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Storage:
    """Dead water beside the channel: pools, gravel, weed.

    Attributes
    ----------
    area : float
        Cross-section of the storage, A_s. [m2]
    exchange : float
        α. [1/s]
    uptake : float
        Sorption within the storage towards its background, λ_s. [1/s]
    decay : float
        Within the storage. [1/s]

    References
    ----------
    Bencala & Walters (1983), Water Resour. Res. 19(3) 718–724; Runkel (1998), USGS WRIR 98-4018, eqs. 1–2.
    """

    area: float
    exchange: float
    uptake: float = 0.0
    decay: float = 0.0

    def __post_init__(self) -> None:
        _check("storage", vars(self))
        if self.exchange > 0 and not self.area > 0:
            mend = "Give the cross-section of the storage in m2"
            raise RiverError("a storage that exchanges has no area", field="area", value=self.area, mend=mend)


@dataclass(frozen=True)
class Sorption:
    """Kinetic sorption to the bed.

    Attributes
    ----------
    rate : float
        λ. [1/s]
    capacity : float
        ρ K_d: mass on the bed per mass in the water at equilibrium. [1]

    References
    ----------
    Bencala (1983), Water Resour. Res. 19(3) 732–738; Runkel (1998), USGS WRIR 98-4018, eqs. 9–12.
    """

    rate: float
    capacity: float

    def __post_init__(self) -> None:
        _check("sorption", vars(self))


def exchange_matrix(area: float, decay: float, storage: Storage | None, sorption: Sorption | None) -> Floats:
    """Rates of change of channel, storage and bed in each other, without transport.

    Parameters
    ----------
    area : float
        Cross-section of the channel. [m2]
    decay : float
        In the channel. [1/s]
    storage : Storage or None
    sorption : Sorption or None

    Returns
    -------
    float array (3, 3)
        Of the concentrations in channel, storage and bed; the bed's is mass per volume of channel. [1/s]

    Notes
    -----
    ::

        dC/dt = α (C_s − C) − λ (ρK_d C − B) − k C
        dC_s/dt = α A/A_s (C − C_s) − (λ_s + k_s) C_s
        dB/dt = λ (ρK_d C − B)
    """
    M = np.zeros((3, 3))
    M[0, 0] = -decay
    if storage is not None:
        α, back = storage.exchange, storage.exchange * area / storage.area if storage.exchange else 0.0
        M[0, 0] -= α
        M[0, 1] = α
        M[1, 0] = back
        M[1, 1] = -back - storage.uptake - storage.decay
    if sorption is not None:
        λ, ρK_d = sorption.rate, sorption.capacity
        M[0, 0] -= λ * ρK_d
        M[0, 2] = λ
        M[2, 0] = λ * ρK_d
        M[2, 2] = -λ
    return M


def propagator(matrix: Floats, seconds: float) -> Floats:
    """exp(matrix · seconds) of matrices whose entries off the diagonal are not negative; the result has none either.

    Parameters
    ----------
    matrix : float array (..., n, n)
        [1/s]
    seconds : float

    Notes
    -----
    Uniformisation: exp(Mt) = e^(−qt) exp((M + qI)t) with q = max|M_ii|, a series of terms that are not negative, so
    that concentrations stay so; then squared back. Only NumPy is needed.
    """
    M = np.asarray(matrix) * seconds
    n = M.shape[-1]
    q = float(np.abs(np.diagonal(M, axis1=-2, axis2=-1)).max(initial=0.0))
    halvings = max(0, int(np.ceil(np.log2(q))) + 1) if q > 0.5 else 0
    P, q = M / 2**halvings, q / 2**halvings
    P = P + q * np.eye(n)
    term = np.broadcast_to(np.eye(n), P.shape)
    total = term.copy()
    for order in range(1, 24):
        term = term @ P / order
        total = total + term
    total = total * np.exp(-q)
    for _ in range(halvings):
        total = total @ total
    return np.asarray(total)


def hold_up(
    s: NDArray[np.complex128], area: Floats, decay: float, storage: Storage | None, sorption: Sorption | None
) -> NDArray[np.complex128]:
    """θ(s): what stands in place of s in the transformed equation of the channel.

    Parameters
    ----------
    s : complex array
        Laplace variable. [1/s]
    area : float array
        Cross-section of the channel, to broadcast with s. [m2]
    decay : float
        [1/s]
    storage : Storage or None
    sorption : Sorption or None

    Notes
    -----
    ::

        θ = s + k + α (1 − b/(s + b + λ_s + k_s)) + λ ρK_d s/(s + λ),  b = α A/A_s
    """
    θ = s + decay
    if storage is not None and storage.exchange:
        α = storage.exchange
        b = α * area / storage.area
        θ = θ + α * (1 - b / (s + b + storage.uptake + storage.decay))
    if sorption is not None and sorption.rate:
        θ = θ + sorption.rate * sorption.capacity * s / (s + sorption.rate)
    return np.asarray(θ)


def _check(what: str, values: dict[str, float]) -> None:
    for name, value in values.items():
        if not (np.isfinite(value) and value >= 0):
            raise RiverError(f"{what}: {name} must be a number of 0 or more", field=name, value=value)
