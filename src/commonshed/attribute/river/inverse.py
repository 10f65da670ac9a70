"""What enters between two sections unseen: the net load of each stretch, from the loads measured at its ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.cascade import Cascade
from commonshed.attribute.river.nnls import nnls

__all__ = ["NetLoads", "net_loads"]

Floats = NDArray[np.float64]

_NOTHING = 1e-9
"""A gain below this part of the load it was found in is a matter of floats, not of water."""
_LEAST_OF_LARGEST = 0.01
"""No load is trusted to better than this part of the largest one: a brook found dry proves nothing about the rest."""


@dataclass(frozen=True, eq=False)
class NetLoads:
    """The net load of each stretch, as it passes the section at its lower end.

    Attributes
    ----------
    plain : (sections,) array
        Load measured minus what arrives from the sections upstream and from declared sources; negative where more is
        lost than the decay explains. [t]
    gain : (sections,) array
        The gains, none negative, that fit all measured loads best. Never above `plain`; zero exactly where `plain` is
        not positive. [t]
    fitted : (sections,) array
        Load of each section that the gains and the declared sources make together. [t]
    plain_draws, gain_draws, fitted_draws : (sections, draws) array
        The same for each draw. [t]
    """

    plain: Floats
    gain: Floats
    fitted: Floats
    plain_draws: Floats
    gain_draws: Floats
    fitted_draws: Floats


def net_loads(
    passing: Floats,
    measured: Floats,
    *,
    passing_draws: Floats,
    measured_draws: Floats,
    declared: Floats | None = None,
    declared_draws: Floats | None = None,
) -> NetLoads:
    """Find the net loads of stretches from the loads of sections.

    Parameters
    ----------
    passing : (sections, sections) array
        Part of what passes one section that passes another: the transfer matrix from sections to sections.
    measured : (sections,) array
        [t]
    passing_draws : (sections, sections, draws) array, or (sections, sections) where the decay is taken as given
    measured_draws : (sections, draws) array
        [t]
    declared, declared_draws : (sections,) and (sections, draws) array, optional
        What declared sources together bring to each section. [t]

    Notes
    -----
    With T the transfer matrix, y the measured loads, d what declared sources bring and σ in proportion to y,

    .. math:: min_x Σ_j ((y_j − d_j − Σ_i T_ij x_i) / σ_j)²,   x ≥ 0

    The conditions of Kuhn and Tucker give, on a network that does not divide, 0 ≤ x_j ≤ y_j − d_j − what arrives from
    the sections next upstream. So a stretch without a plain net gain gets zero, however noisy its neighbours are: proof
    in docs/river-shares.md, test in tests/attribute/river/test_inverse.py.
    """
    declared = np.zeros_like(measured) if declared is None else declared
    declared_draws = np.zeros_like(measured_draws) if declared_draws is None else declared_draws
    sigma = _spread(measured)
    gain, plain = _solved(passing[:, :, None], (measured - declared)[:, None], sigma)
    cubes = passing_draws if passing_draws.ndim == 3 else passing_draws[:, :, None]
    gain_draws, plain_draws = _solved(cubes, measured_draws - declared_draws, sigma)
    return NetLoads(
        plain[:, 0],
        gain[:, 0],
        passing.T @ gain[:, 0] + declared,
        plain_draws,
        gain_draws,
        _carried(cubes, gain_draws) + declared_draws,
    )


def _spread(measured: Floats) -> Floats:
    """How far each load is taken to be off, over the largest load.

    Each by the same part of itself, and never by the spread of its draws: a published share must not hang on a seed.
    """
    largest = measured.max(initial=0)
    return np.asarray(np.maximum(measured / largest, _LEAST_OF_LARGEST) if largest > 0 else np.ones_like(measured))


def _solved(passing: Floats, own: Floats, sigma: Floats) -> tuple[Floats, Floats]:
    """Gains and plain differences, (sections, draws) each."""
    cascade = Cascade.of(passing[:, :, 0])
    if cascade is not None:
        steps = cascade.steps(passing)
        gain, plain = cascade.gains(steps, own, sigma), cascade.plain(steps, own)
    else:
        gain, plain = _solved_with_divisions(passing, own, sigma)
    gain = np.where(gain > _NOTHING * np.maximum(np.abs(own).max(axis=0, initial=0), 1e-300), gain, 0.0)
    return np.asarray(gain), plain


def _solved_with_divisions(passing: Floats, own: Floats, sigma: Floats) -> tuple[Floats, Floats]:
    matrices = np.moveaxis(passing, 2, 0).transpose(0, 2, 1)
    if len(matrices) == 1:
        matrices = matrices[0]
    plain = np.linalg.solve(matrices, own if matrices.ndim == 2 else own.T[:, :, None])
    plain = plain if matrices.ndim == 2 else plain[:, :, 0].T
    return nnls(matrices / sigma[:, None], (own / sigma[:, None]).T).T, np.asarray(plain)


def _carried(passing: Floats, gain: Floats) -> Floats:
    if passing.shape[2] == 1:
        return np.asarray(passing[:, :, 0].T @ gain)
    return np.asarray(np.einsum("ijb,ib->jb", passing, gain))
