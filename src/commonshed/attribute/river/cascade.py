"""Sections that follow one another like the steps of a cascade: the same least squares, fast for many of them.

On a river that does not divide each section has one next downstream. Then the fit without negative gains needs no
matrix: two walks along the river, for all draws at once, and again until nothing more is bound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Cascade"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]

_SAME = 1e-12
"""How far two products of the same survivals may differ."""


@dataclass(frozen=True, eq=False)
class Cascade:
    """Which section is next downstream of each.

    Attributes
    ----------
    onward : tuple of int
        Number of the next section; −1 below the last.
    order : tuple of int
        Each after all upstream of it.
    """

    onward: tuple[int, ...]
    order: tuple[int, ...]

    @classmethod
    def of(cls, passing: Floats) -> Cascade | None:
        """The cascade of a transfer matrix from sections to sections; none where the river divides between them.

        Parameters
        ----------
        passing : (sections, sections) array
        """
        count = len(passing)
        below = (passing > 0) & ~np.eye(count, dtype=bool)
        depth = below.sum(axis=1)
        onward = [int(np.where(below[i], depth, -1).argmax()) if depth[i] else -1 for i in range(count)]
        for i, j in enumerate(onward):
            expected = passing[i, j] * passing[j] if j >= 0 else np.zeros(count)
            if not np.allclose(np.where(below[i], passing[i], 0), expected, rtol=_SAME, atol=0):
                return None
        return cls(tuple(onward), tuple(np.argsort(-depth, kind="stable").tolist()))

    def steps(self, passing: Floats) -> Floats:
        """Part of what passes each section that passes the next, (sections, draws).

        Parameters
        ----------
        passing : (sections, sections, draws) array
        """
        found = [passing[i, j] if j >= 0 else np.zeros(passing.shape[2]) for i, j in enumerate(self.onward)]
        return np.array(found).reshape(len(self.onward), passing.shape[2])

    def plain(self, steps: Floats, own: Floats) -> Floats:
        """Differences from section to section, (sections, draws)."""
        found = np.array(own)
        for i, j in enumerate(self.onward):
            if j >= 0:
                found[j] -= steps[i] * own[i]
        return found

    def gains(self, steps: Floats, own: Floats, sigma: Floats) -> Floats:
        """Net loads of stretches, none negative, that fit the loads of sections best.

        Parameters
        ----------
        steps : (sections, draws) or (sections, 1) array
        own : (sections, draws) array
            Loads of sections. [t]
        sigma : (sections,) array
            How far each is taken to be off.

        Returns
        -------
        (sections, draws) array
            What is bound is zero exactly. [t]

        Notes
        -----
        With μ ≥ 0 the multipliers of x ≥ 0 and p the plain differences,

        .. math:: x = p + H μ,   H_jj = σ_j² + Σ_u t_u² σ_u²,   H_{u,d(u)} = −t_u σ_u²

        H has no positive element off its diagonal, so that what is bound once stays bound (Chandrasekaran 1970,
        Opsearch 7, 263-268), and on what is bound it is a forest, which elimination along the river solves without
        fill.
        """
        p = self.plain(steps, own)
        c = steps * sigma[:, None] ** 2
        diagonal = np.repeat(sigma[:, None] ** 2, steps.shape[1], axis=1)
        for i, j in enumerate(self.onward):
            if j >= 0:
                diagonal[j] += steps[i] * c[i]
        c, diagonal = (np.broadcast_to(each, p.shape) for each in (c, diagonal))
        x, bound = np.array(p), p < 0
        busy = np.flatnonzero(bound.any(axis=0))
        while busy.size:
            x[:, busy] = self._bound(p[:, busy], c[:, busy], diagonal[:, busy], bound[:, busy])
            more = (x[:, busy] < 0) & ~bound[:, busy]
            bound[:, busy] |= more
            busy = busy[more.any(axis=0)]
        x[bound] = 0.0
        return x

    def _bound(self, p: Floats, c: Floats, diagonal: Floats, bound: Flags) -> Floats:
        """Gains when some are bound at zero."""
        pivot, side = np.array(diagonal), -p
        for i in self.order:
            j = self.onward[i]
            if j >= 0:
                both = np.where(bound[i] & bound[j], c[i] / pivot[i], 0.0)
                pivot[j] -= both * c[i]
                side[j] += both * side[i]
        mu = np.zeros((len(p) + 1, p.shape[1]))
        for i in reversed(self.order):
            mu[i] = np.where(bound[i], (side[i] + c[i] * mu[self.onward[i]]) / pivot[i], 0.0)
        x = p + diagonal * mu[:-1]
        for i, j in enumerate(self.onward):
            if j >= 0:
                x[i] -= c[i] * mu[j]
                x[j] -= c[i] * mu[i]
        return x
