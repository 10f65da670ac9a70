"""Least squares in which nothing may be negative, for many right-hand sides at once.

A net load cannot be negative, and each of a thousand draws is a problem of its own. They are solved together: the
same step for all that are not done, so that NumPy does the work and no extra is needed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["nnls"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_TRIES = 3
"""Full exchanges allowed without progress before the cautious rule takes over (Júdice & Pires)."""
_TOLERANCE = 1e-11
"""Relative to the largest figure of a problem: what is below counts as nothing."""
_CELLS = 4_000_000
"""Size of the matrices solved together, in numbers."""


def nnls(matrix: Floats, sides: Floats) -> Floats:
    """The x ≥ 0 that minimise |A x − b| for each right-hand side b.

    Parameters
    ----------
    matrix : (m, n) array, or (B, m, n): one for each side
        Of full column rank.
    sides : (B, m) array

    Returns
    -------
    (B, n) array
        What is bound is zero exactly.

    Notes
    -----
    Block principal pivoting on the conditions of Kuhn and Tucker: x ≥ 0, y = AᵀA x − Aᵀb ≥ 0, x y = 0. All indices
    that offend change sides at once; if that brings no progress three times, only the last of them does (Murty's rule),
    which ends for certain. All x begin free: of a river that does not divide (AᵀA)⁻¹ has no positive element off its
    diagonal, and then what is bound once stays bound, so that a few rounds do (Chandrasekaran). Begun with all bound,
    a hundred sections took forty times as long.

    References
    ----------
    Chandrasekaran (1970), Opsearch 7, 263-268: a special case of the complementary pivot problem.
    Portugal, Júdice & Vicente (1994), Mathematics of Computation 63, 625-643.
    Kim & Park (2011), SIAM J. Sci. Comput. 33, 3261-3281.
    """
    at_once = max(1, _CELLS // max(1, matrix.shape[-1] ** 2))
    solved = [
        _solved(matrix if matrix.ndim == 2 else matrix[at : at + at_once], sides[at : at + at_once])
        for at in range(0, len(sides), at_once)
    ]
    return np.concatenate(solved) if solved else np.zeros((0, matrix.shape[-1]))


def _solved(matrix: Floats, sides: Floats) -> Floats:
    # Columns of length one: the tolerance means the same for all.
    norm = np.linalg.norm(matrix, axis=-2, keepdims=True)
    scale = np.where(norm > 0, norm, 1)
    a = matrix / scale
    gram = np.broadcast_to(np.swapaxes(a, -1, -2) @ a, (len(sides), a.shape[-1], a.shape[-1]))
    toward = np.einsum("...mn,...m->...n", np.broadcast_to(a, (len(sides), *a.shape[-2:])), sides)
    return np.asarray(_pivoted(gram, toward) / scale[..., 0, :])


def _pivoted(gram: Floats, toward: Floats) -> Floats:
    count, n = toward.shape
    free = np.ones((count, n), bool)
    little = _TOLERANCE * np.maximum(np.abs(toward).max(axis=1, initial=0), 1e-300)
    fewest, tries = np.full(count, n + 1), np.full(count, _TRIES)
    x, y = _on_free(gram, toward, free)
    busy = np.arange(count)
    while True:
        offends = (free[busy] & (x[busy] < 0)) | (~free[busy] & (y[busy] < -little[busy, None]))
        open_ = offends.any(axis=1)
        busy, offends = busy[open_], offends[open_]
        if not busy.size:
            return np.maximum(x, 0)
        free[busy] ^= _exchanged(offends, busy, fewest, tries)
        x[busy], y[busy] = _on_free(gram[busy], toward[busy], free[busy])
        x[busy] = np.where(np.abs(x[busy]) < little[busy, None], 0, x[busy])


def _exchanged(offends: Flags, busy: NDArray[np.int64], fewest: NDArray[np.int64], tries: NDArray[np.int64]) -> Flags:
    """Which of the offending indices change sides now."""
    count = offends.sum(axis=1)
    better = count < fewest[busy]
    cautious = ~better & (tries[busy] == 0)
    fewest[busy] = np.where(better, count, fewest[busy])
    tries[busy] = np.where(better, _TRIES, np.maximum(tries[busy] - 1, 0))
    last = offends.shape[1] - 1 - np.argmax(offends[:, ::-1], axis=1)
    only_last = np.arange(offends.shape[1]) == last[:, None]
    return np.asarray(np.where(cautious[:, None], only_last, offends))


def _on_free(gram: Floats, toward: Floats, free: Flags) -> tuple[Floats, Floats]:
    """Solution with the bound at zero, and the slope towards each bound."""
    both = free[:, :, None] & free[:, None, :]
    system = np.where(both, gram, 0.0)
    diagonal = np.arange(free.shape[1])
    system[:, diagonal, diagonal] = np.where(free, gram[:, diagonal, diagonal], 1.0)
    x = np.linalg.solve(system, np.where(free, toward, 0.0)[:, :, None])[:, :, 0]
    x[~free] = 0.0
    y = np.einsum("bij,bj->bi", gram, x) - toward
    return x, np.where(free, 0.0, y)
