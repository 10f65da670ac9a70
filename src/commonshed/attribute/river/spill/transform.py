"""The second solver: each channel as an exact transfer function, in the Laplace domain.

While flow is steady the whole of a spill is linear and unchanging in time: what leaves a channel is what enters it
times a function of frequency, known in closed form with dispersion, decay, storage and sorption. A forecast at a few
places becomes a few products and one inverse transform, for hundreds of members at once. It shares with the marching
solver how river and release are described, and no arithmetic of transport, so that each checks the other.

Water that seeps in along a channel comes in at the ends of short pieces; a response lets nothing disperse through it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.spill.channel import Downstream, Spot
from commonshed.attribute.river.spill.laplace import Line
from commonshed.attribute.river.spill.pieces import Piece, pieces_of
from commonshed.attribute.river.spill.release import Interception, Release
from commonshed.attribute.river.spill.waves import Factors, Wave, Waves

__all__ = ["batches", "transform"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

_GONE = 1e-12
"""What counts as nothing left of a frequency, relative to the lowest."""

_BATCH = 32
"""Members at once."""


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
    With u = Q/A, θ(s) of the hold-up and β = √(1 + 4 D θ / u²), a piece of length L carries a wave with the flow and
    one against it::

        C(x) = a (exp(−2 θ x / (u (1 + β))) + r E exp(−u (1 + β) (L − x) / (2 D))),  E = exp(−2 θ L / (u (1 + β)))
        F(x) = Y₊ a (…) + Y₋ a (…),  Y± = Q (1 ± β) / 2                                       flux of mass
        r = (Y₊ − Y) / (Y − Y₋)                                 Y: flux per concentration of what lies below

    Concentration and flux are continuous where pieces meet, as in the marching solver: at nodes after dilution; nothing
    disperses where several carrying channels join.

    The inverse is a discrete Fourier transform along Re s = a over twice the hours, with exp(−2 a · hours) = 1e-7.
    What passes too fast for the steps is spread over about one step (a Gaussian of σ = 1 step), so that nothing rings.

    References
    ----------
    Runkel & Chapra (1993), Water Resour. Res. 29(6) 1711–1715 (storage in closed form); Dubner & Abate (1968), J. ACM
    15(1) 115–123 (the inverse).
    """
    members = Factors.none() if factors is None else factors
    own, cuts = Line(hours, steps), [*(spot for _, spot in releases), *(spot for _, spot in responses)]
    pieces = pieces_of(course, cuts)
    parts = [_Members(course, pieces, releases, watch, responses, batch, own).series() for batch in batches(members)]
    return own.times[: steps + 1], np.concatenate(parts)


def batches(factors: Factors) -> Iterator[Factors]:
    """Members in the numbers that are quickest at once."""
    for at in range(0, len(factors), _BATCH):
        yield factors[at : at + _BATCH]


@dataclass(frozen=True)
class _Told:
    """What is known of a piece once the cloud has passed it: the flux that entered, and what became of it."""

    wave: Wave
    flux: Complex

    @cached_property
    def end(self) -> Complex:
        """Concentration at its lower end."""
        return self.flux * self.wave.end

    def at(self, x: float) -> Complex:
        """Concentration `x` m below its upper end."""
        return self.flux / self.wave.enters * self.wave.along(x)


class _Members:
    """The course for a batch of members; a spectrum ends where nothing is left of higher frequencies."""

    def __init__(
        self,
        course: Downstream,
        pieces: Sequence[Piece],
        releases: Sequence[tuple[Release, Spot]],
        watch: Sequence[Spot],
        responses: Sequence[tuple[Interception, Spot]],
        factors: Factors,
        line: Line,
    ) -> None:
        self.course, self.pieces, self.line = course, pieces, line
        self.releases, self.watch, self.responses = releases, watch, responses
        self.waves = Waves(pieces, factors, line.s)
        self.told: dict[int, _Told] = {}
        self.looks: dict[int, list[int]] = {at: [] for at in range(len(pieces))}
        for number, spot in enumerate(watch):
            self.looks[next(at for at, piece in enumerate(pieces) if piece.holds(spot))].append(number)
        self.found = np.zeros((len(factors), len(watch), line.steps + 1))

    def series(self) -> Floats:
        for at, piece in enumerate(self.pieces):
            flux = self._enters(at, piece)
            if flux is None:
                continue
            flux = _trimmed(flux)
            self.told[at] = _Told(self.waves.wave(at, flux.shape[-1]), flux)
            for number in self.looks[at]:
                self._look(at, number)
            for above in piece.above:
                # Fed pieces come in order of flow; the last of them lets go of what fed it.
                if at == max(self.pieces[above].below):
                    self.told.pop(above, None)
        return self.found

    def _enters(self, at: int, piece: Piece) -> Complex | None:
        """Flux at the upper end: what arrives, what is released there, less what is held there."""
        arriving = [self._arriving(at, above) for above in piece.above if above in self.told]
        flux = reduce(_together, arriving) if arriving else None
        for release, spot in self.releases:
            if piece.begins_at(spot):
                entering = self.line.release(release) * self.waves.goes_down(at)
                flux = entering if flux is None else _together(flux, entering)
        for response, spot in self.responses:
            if flux is not None and piece.begins_at(spot):
                flux = self._hold(flux, response)
        return flux

    def _arriving(self, at: int, above: int) -> Complex:
        told, piece = self.told[above], self.pieces[at]
        if self.pieces[above].closed:
            return told.end * told.wave.load * piece.passed_on
        return told.end * self.waves.admittance(at, told.end.shape[-1]) * piece.dilution

    def _hold(self, flux: Complex, response: Interception) -> Complex:
        line = self.line
        passing = line.back(flux)
        begins, ends = line.times - line.dt / 2, line.times + line.dt / 2
        held = passing * response.held(begins, ends)
        total = held.sum(axis=-1, keepdims=True)
        return line.there(passing - held + total * response.let_out(begins, ends))

    def _look(self, at: int, number: int) -> None:
        """Read a concentration; at a response, of the water that arrives there."""
        piece, spot = self.pieces[at], self.watch[number]
        if piece.above and any(spot == place for _, place in self.responses):
            arriving = [self.told[above].end * piece.dilution for above in piece.above if above in self.told]
            spectrum = reduce(_together, arriving)
        else:
            spectrum = self.told[at].at(spot.distance - piece.begin)
        self.found[:, number] = self.line.back(spectrum)[:, : self.line.steps + 1]


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
