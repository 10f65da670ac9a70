"""What a piece of river does to each frequency, for a batch of members: two waves, and what lies below sends back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.spill.pieces import Piece
from commonshed.attribute.river.spill.storage import hold_up

__all__ = ["Factors", "Water", "Wave", "Waves"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

_KEPT = 6
"""Pieces whose water is kept."""

_LONG = 12.0
"""A piece of so many lengths D/u does not feel at its upper end what lies below its lower: e^-12 = 6e-6 of it."""


@dataclass(frozen=True)
class Factors:
    """What each member takes instead of the given value, as factors.

    Attributes
    ----------
    velocity, dispersion, discharge : float array (members,)
    """

    velocity: Floats
    dispersion: Floats
    discharge: Floats

    @classmethod
    def none(cls) -> Factors:
        """One member: the values as given."""
        return cls(np.ones(1), np.ones(1), np.ones(1))

    def __getitem__(self, members: slice) -> Factors:
        return Factors(self.velocity[members], self.dispersion[members], self.discharge[members])

    def __len__(self) -> int:
        return len(self.velocity)


@dataclass(frozen=True)
class Water:
    """Discharge, velocity, dispersion, θ and β of a piece, for each member and frequency."""

    Q: Floats
    u: Floats
    D: Floats
    θ: Complex
    β: Complex

    def first(self, frequencies: int) -> Water:
        """At the lowest frequencies only."""
        return Water(self.Q, self.u, self.D, self.θ[..., :frequencies], self.β[:, :frequencies])

    @cached_property
    def above(self) -> Complex:
        """Y₊. [m3/s]"""
        return np.asarray(self.Q / 2 * (1 + self.β))


@dataclass(frozen=True)
class Wave:
    """A piece of river in the Laplace domain; see the notes of :func:`transform`.

    Attributes
    ----------
    water : Water
    load : complex array (members, frequencies)
        Flux per concentration at the lower end. [m3/s]
    length : float
        [m]
    short : bool
        Whether what is sent back at the lower end is felt at the upper.
    """

    water: Water
    load: Complex
    length: float
    short: bool

    @cached_property
    def down(self) -> Complex:
        """Decay of the wave with the flow. [1/m]"""
        return np.asarray(2 * self.water.θ / (self.water.u * (1 + self.water.β)))

    @cached_property
    def passage(self) -> Complex:
        """Passage of the wave with the flow."""
        return np.asarray(np.exp(-self.length * self.down))

    @cached_property
    def sent_back(self) -> Complex:
        """R E: concentration of the wave against the flow at the lower end, per wave with the flow."""
        water, load = self.water, self.load
        return np.asarray(self.passage * (water.above - load) / (load - water.Q + water.above))

    @property
    def end(self) -> Complex:
        """Concentration at the lower end per flux at the upper. [s/m3]"""
        water = self.water
        passes, met = self.passage * (water.Q * water.β), self.load - water.Q + water.above
        return np.asarray(passes / (met * self.enters))

    @property
    def enters(self) -> Complex:
        """Flux at the upper end per wave with the flow. [m3/s]"""
        if not self.short:
            return self.water.above
        return np.asarray(self.water.above + (self.water.Q - self.water.above) * self.sent_back * self.against(0.0))

    def against(self, x: float) -> Complex:
        """Passage of the wave against the flow from the lower end up to `x`."""
        water = self.water
        return np.asarray(np.exp(-water.u * (1 + water.β) / (2 * water.D) * (self.length - x)))

    def along(self, x: float) -> Complex:
        """Concentration `x` m below the upper end per wave with the flow."""
        with_flow = np.exp(-x * self.down)
        if not self.water.D.any():
            return np.asarray(with_flow)
        return np.asarray(with_flow + self.sent_back * self.against(x))


class Waves:
    """Waves of all pieces, made when asked for."""

    def __init__(self, pieces: Sequence[Piece], factors: Factors, s: Complex) -> None:
        self.pieces, self.factors, self.s = pieces, factors, s
        self._seen: dict[int, Water] = {}
        self._felt: dict[int, Complex] = {}
        for at in range(len(pieces) - 1, -1, -1):
            if self._short(at):
                wave = self.wave(at, len(s))
                self._felt[at] = wave.enters / (1 + wave.sent_back * wave.against(0.0))

    def wave(self, at: int, frequencies: int) -> Wave:
        """The waves of a piece at the lowest frequencies."""
        water = self._water(at, frequencies)
        return Wave(water, self._load(at, frequencies), self.pieces[at].channel.length, self._short(at))

    def admittance(self, at: int, frequencies: int) -> Complex:
        """Flux per concentration at the upper end of a piece. [m3/s]"""
        if at in self._felt:
            return self._felt[at][:, :frequencies]
        return self._water(at, frequencies).above

    def goes_down(self, at: int) -> Complex:
        """Part of a release at the upper end of a piece that goes down at once; the water above gives the rest back."""
        piece, water = self.pieces[at], self._water(at, len(self.s))
        u, D, β = water.u, water.D, water.β
        back = np.exp(-u * β * piece.begin / D) if piece.channel.dispersion else np.zeros_like(β)
        above = water.Q * (β - 1) / 2 * (1 - back) / (1 + (β - 1) / (β + 1) * back)
        below = self.admittance(at, len(self.s))
        return np.asarray(below / (below + above))

    def _short(self, at: int) -> bool:
        channel, factors = self.pieces[at].channel, self.factors
        if not channel.dispersion:
            return False
        lengths = channel.velocity * channel.length / channel.dispersion * factors.velocity / factors.dispersion
        return bool(lengths.min() < _LONG)

    def _load(self, at: int, frequencies: int) -> Complex:
        """Flux per concentration that the lower end of a piece meets. [m3/s]"""
        piece = self.pieces[at]
        if not piece.below:
            # Beyond a mouth the river goes on as it is.
            return self._water(at, frequencies).above
        Q = piece.channel.discharge * self.factors.discharge[:, None]
        if piece.closed:
            return np.broadcast_to(Q + 0j, (len(Q), frequencies))
        parts = [self.admittance(other, frequencies) * self.pieces[other].dilution for other in piece.below]
        total = sum(parts[1:], parts[0])
        return total + piece.taken * Q if piece.taken else total

    def _water(self, at: int, frequencies: int) -> Water:
        """Of a piece; that of the last few is kept, for the next piece asks for it again."""
        seen = self._seen.get(at)
        if seen is None or seen.β.shape[-1] < frequencies:
            seen = self._made(at, frequencies)
            self._seen[at] = seen
            if len(self._seen) > _KEPT:
                del self._seen[next(iter(self._seen))]
        return seen if seen.β.shape[-1] == frequencies else seen.first(frequencies)

    def _made(self, at: int, frequencies: int) -> Water:
        channel, factors, s = self.pieces[at].channel, self.factors, self.s[:frequencies]
        Q = (channel.discharge * factors.discharge)[:, None]
        u = (channel.velocity * factors.velocity)[:, None]
        D = (channel.dispersion * factors.dispersion)[:, None]
        θ = hold_up(s, Q / u, channel.decay, channel.storage, channel.sorption)
        return Water(Q, u, D, θ, np.sqrt(1 + (4 * D / u**2) * θ))
