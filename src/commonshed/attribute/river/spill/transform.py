"""The second solver: each channel as an exact transfer function, in the Laplace domain.

While flow is steady the whole of a spill is linear and unchanging in time: what leaves a channel is what enters it
times a function of frequency, known in closed form with dispersion, decay, storage and sorption. A forecast at a few
places becomes a few products and one inverse transform, for hundreds of members at once. It shares no code with the
marching solver but the places, so that each checks the other.

Two things are simpler than in the marching solver: nothing disperses from a channel back into the one above it, and
water that seeps in along a channel comes in at the ends of short pieces.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.spill.channel import Channel, Downstream, Spot
from commonshed.attribute.river.spill.release import Interception, Release
from commonshed.attribute.river.spill.storage import hold_up

__all__ = ["Factors", "batches", "transform"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

_WRAP = 1e-7
"""What of a cloud that comes after the end may show at the beginning."""

_SHARP = 1e-9
"""What may be left at the highest frequency, relative to the lowest, before a cloud counts as too sharp."""

_GONE = 1e-12
"""What counts as nothing left of a frequency, relative to the lowest."""

_PIECE = 0.01
"""Relative growth of the discharge within a piece of a channel with water seeping in."""

_BATCH = 128
"""Members at once: their spectra stay in the cache of a processor."""


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


def transform(
    course: Downstream,
    releases: Sequence[tuple[Release, Spot]],
    *,
    hours: float,
    watch: Sequence[Spot],
    responses: Sequence[tuple[Interception, Spot]] = (),
    factors: Factors | None = None,
    steps: int = 1024,
) -> tuple[Floats, Floats]:
    """Concentrations at some places, for many members at once.

    Parameters
    ----------
    course : Downstream
    releases : sequence of (Release, Spot)
    hours : float
        [h]
    watch : sequence of Spot
    responses : sequence of (Interception, Spot)
    factors : Factors, optional
        Without it one member with the values as given.
    steps : int
        Within the hours.

    Returns
    -------
    times : float array (steps + 1,)
        [s]
    series : float array (members, watch, steps + 1)
        [g/m3]

    Notes
    -----
    With u = Q/A, θ(s) of the hold-up and β = √(1 + 4 D θ / u²)::

        F(x) = F(0) exp(−2 θ x / (u (1 + β)))         flux of mass
        C(x) = 2 F(x) / (Q (1 + β))                   concentration
        F(x₀) = M (1 + β) / (1 + β + 2 Y)             of a release M(s) at x₀, where Y is what the water above takes

    The inverse is a discrete Fourier transform along Re s = a over twice the hours, with exp(−2 a · hours) = 1e-7.
    What passes too fast for the steps is spread over about one step (a Gaussian of σ = 1 step), so that nothing rings.

    References
    ----------
    Runkel & Chapra (1993), Water Resour. Res. 29(6) 1711–1715 (storage in closed form); Dubner & Abate (1968), J. ACM
    15(1) 115–123 (the inverse).
    """
    members = Factors.none() if factors is None else factors
    own = _Line(hours, steps)
    parts = [_Members(course, releases, watch, responses, batch, own).series() for batch in batches(members)]
    return own.times[: steps + 1], np.concatenate(parts)


def batches(factors: Factors) -> Iterator[Factors]:
    """Members in the numbers that are quickest at once."""
    for at in range(0, len(factors), _BATCH):
        yield factors[at : at + _BATCH]


class _Line:
    """The line in the Laplace plane, and the way to it and back."""

    def __init__(self, hours: float, steps: int) -> None:
        self.steps = steps
        self.dt = 3600 * hours / steps
        self.times: Floats = np.arange(2 * steps, dtype=np.float64) * self.dt
        period = 2 * steps * self.dt
        a = -math.log(_WRAP) / period
        self.s: Complex = np.asarray(a + 2j * np.pi * np.arange(steps + 1) / period, dtype=np.complex128)
        self.damping = np.exp(-a * self.times)
        self.smooth = np.exp((self.s * self.dt) ** 2 / 2)

    def back(self, spectrum: Complex) -> Floats:
        """Values over time of spectra (..., steps + 1); one too sharp for the steps is spread over about one step."""
        full = spectrum.shape[-1] == self.steps + 1
        if full and np.abs(spectrum[..., -1]).max() > _SHARP * np.abs(spectrum[..., 0]).max():
            spectrum = spectrum * self.smooth
        return np.asarray(np.fft.irfft(spectrum, 2 * self.steps) / self.damping / self.dt)

    def there(self, values: Floats) -> Complex:
        """Spectra of values over time (..., 2 steps)."""
        return np.asarray(np.fft.rfft(values * self.damping) * self.dt)

    def release(self, release: Release) -> Complex:
        """Spectrum of the mass that goes in. [g]"""
        s, total = self.s, np.zeros(len(self.s), dtype=np.complex128)
        for begin, end, mass in release.stretches:
            if begin == end:
                total += mass * np.exp(-s * begin)
            else:
                total += mass * (np.exp(-s * begin) - np.exp(-s * end)) / (s * (end - begin))
        return total


class _Members:
    """The course for a batch of members; a spectrum ends where nothing is left of higher frequencies."""

    def __init__(
        self,
        course: Downstream,
        releases: Sequence[tuple[Release, Spot]],
        watch: Sequence[Spot],
        responses: Sequence[tuple[Interception, Spot]],
        factors: Factors,
        line: _Line,
    ) -> None:
        self.course, self.factors, self.line = course, factors, line
        self.releases, self.watch, self.responses = releases, watch, responses
        self.found = np.zeros((len(factors), len(watch), line.steps + 1))

    def series(self) -> Floats:
        course, ends = self.course, dict[int, Complex]()
        for at, channel in enumerate(course.channels):
            above = [ends[each] for each in course.feeding.get(channel.upstream, ()) if each in ends]
            arriving = reduce(_together, above) * course.passed_on[at] if above else None
            found = self._along(at, channel, arriving)
            if found is not None:
                ends[at] = found
        return self.found

    def _along(self, at: int, channel: Channel, flux: Complex | None) -> Complex | None:
        """Flux at the end of a channel, after all that happens on it; none where nothing comes."""
        reached = 0.0
        for distance, kind, number in self._events(at):
            if flux is not None:
                flux = self._down(channel, flux, reached, distance)
            reached = distance
            if kind == 0:
                entering = self._release(channel, number)
                flux = entering if flux is None else _together(flux, entering)
            elif flux is not None and kind == 1:
                self._watch(channel, flux, number)
            elif flux is not None:
                flux = self._hold(flux, self.responses[number][0])
        return None if flux is None else self._down(channel, flux, reached, channel.length)

    def _events(self, at: int) -> list[tuple[float, int, int]]:
        """Releases, places watched and responses on a channel, in order of flow: distance, kind, number."""
        spots = [[spot for _, spot in self.releases], self.watch, [spot for _, spot in self.responses]]
        return sorted(
            (spot.distance, kind, number)
            for kind, of_kind in enumerate(spots)
            for number, spot in enumerate(of_kind)
            if spot.channel == at
        )

    def _down(self, channel: Channel, flux: Complex, begin: float, end: float) -> Complex:
        if end <= begin:
            return flux
        growth = channel.lateral * (end - begin) / channel.discharge
        pieces = max(1, math.ceil(growth / _PIECE))
        cuts = np.linspace(begin, end, pieces + 1)
        for first, last in pairwise(cuts.tolist()):
            θ, u, β = self._water(channel, (first + last) / 2, flux.shape[-1])
            flux = _trimmed(flux * np.exp(-2 * θ * (last - first) / (u * (1 + β))))
        return flux

    def _release(self, channel: Channel, number: int) -> Complex:
        release, spot = self.releases[number]
        _, u, β = self._water(channel, spot.distance, len(self.line.s))
        D = channel.dispersion * self.factors.dispersion[:, None]
        with np.errstate(divide="ignore", under="ignore"):
            E = np.exp(-u * β * spot.distance / D) if channel.dispersion else np.zeros_like(β)
        # What the water above the release takes up and gives back, with no flux through its upper end.
        Y = (β - 1) / 2 * (1 - E) / (1 + (β - 1) / (β + 1) * E)
        return np.asarray(self.line.release(release) * (1 + β) / (1 + β + 2 * Y))

    def _watch(self, channel: Channel, flux: Complex, number: int) -> None:
        spot = self.watch[number]
        _, _, β = self._water(channel, spot.distance, flux.shape[-1])
        Q = (channel.discharge + channel.lateral * spot.distance) * self.factors.discharge[:, None]
        self.found[:, number] = self.line.back(2 * flux / (Q * (1 + β)))[:, : self.line.steps + 1]

    def _hold(self, flux: Complex, response: Interception) -> Complex:
        line = self.line
        passing = line.back(flux)
        begins, ends = line.times - line.dt / 2, line.times + line.dt / 2
        held = passing * response.held(begins, ends)
        total = held.sum(axis=-1, keepdims=True)
        return line.there(passing - held + total * response.let_out(begins, ends))

    def _water(self, channel: Channel, distance: float, frequencies: int) -> tuple[Complex, Floats, Complex]:
        """θ, velocity and β at a place of a channel, at the lowest frequencies."""
        factors, s = self.factors, self.line.s[:frequencies]
        Q = channel.discharge + channel.lateral * distance
        u = (Q / channel.area * factors.velocity)[:, None]
        area = (channel.area * factors.discharge / factors.velocity)[:, None]
        θ = hold_up(s, area, channel.decay, channel.storage, channel.sorption)
        D = channel.dispersion * factors.dispersion[:, None]
        return θ, u, np.sqrt(1 + 4 * D * θ / u**2)


def _trimmed(flux: Complex) -> Complex:
    """A spectrum without the high frequencies that nothing is left of in any member."""
    # Dispersion takes the more of a frequency the higher it is, so what is left lies below.
    size = flux.shape[-1]
    for part in (size // 8, size // 4, size // 2, 3 * size // 4):
        if part > 8 and np.abs(flux[..., part:]).max() <= _GONE * np.abs(flux[..., 0]).max():
            return flux[..., :part]
    return flux


def _together(one: Complex, other: Complex) -> Complex:
    """The sum of two spectra, either of which may end before the other."""
    if one.shape[-1] < other.shape[-1]:
        one, other = other, one
    total = one + 0j
    total[..., : other.shape[-1]] += other
    return total
