"""Channels cut where something enters or is held, and where water that seeps in has grown: pieces of one discharge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from commonshed.attribute.river.spill.channel import Channel, Downstream, Spot

__all__ = ["Piece", "pieces_of"]

_GROWTH = 0.01
"""Relative growth of the discharge within a piece of a channel with water seeping in."""


@dataclass(frozen=True)
class Piece:
    """Part of a channel within which nothing changes along the way.

    Attributes
    ----------
    of : int
        Number of the channel.
    channel : Channel
        Its properties with the piece's own length and discharge.
    begin, end : float
        Below the upper end of the channel. [m]
    last : bool
        Whether it ends where the channel ends.
    above, below : tuple of int
        Numbers of the pieces that feed it, and that it feeds.
    closed : bool
        Whether nothing disperses through its lower end.
    dilution, passed_on : float
        Of what arrives at its upper end, see :class:`Downstream`.
    taken : float
        Part of the water at its lower end that is taken out.
    """

    of: int
    channel: Channel
    begin: float
    end: float
    last: bool
    above: tuple[int, ...] = ()
    below: tuple[int, ...] = ()
    closed: bool = False
    dilution: float = 1.0
    passed_on: float = 1.0
    taken: float = 0.0

    def begins_at(self, spot: Spot) -> bool:
        """Whether a cut at that spot is its upper end."""
        return spot.channel == self.of and spot.distance == self.begin

    def holds(self, spot: Spot) -> bool:
        """Whether a spot lies on it; where two meet, on the lower."""
        if spot.channel != self.of or spot.distance < self.begin:
            return False
        return spot.distance < self.end or self.last


def pieces_of(course: Downstream, cuts: Sequence[Spot]) -> list[Piece]:
    """Pieces of all channels, each after all that feed it.

    Parameters
    ----------
    course : Downstream
    cuts : sequence of Spot
        Where something enters or is held.
    """
    pieces: list[Piece] = []
    first, last = {}, {}
    for at, channel in enumerate(course.channels):
        ends = _ends(channel, [spot.distance for spot in cuts if spot.channel == at])
        first[at] = len(pieces)
        for begin, end in pairwise(ends):
            own = replace(
                channel,
                length=max(end - begin, 1e-9),
                discharge=channel.discharge + channel.lateral * (begin + end) / 2,
                lateral=0.0,
            )
            pieces.append(Piece(at, own, begin, end, end == ends[-1]))
        last[at] = len(pieces) - 1
    return [_joined(course, pieces, number, first, last) for number in range(len(pieces))]


def _ends(channel: Channel, distances: list[float]) -> list[float]:
    growth = channel.lateral * channel.length / channel.discharge
    count = max(1, math.ceil(growth / _GROWTH))
    inner = {distance for distance in distances if 0 < distance < channel.length}
    inner |= {channel.length * n / count for n in range(1, count)}
    return [0.0, *sorted(inner), channel.length]


def _joined(course: Downstream, pieces: list[Piece], number: int, first: dict[int, int], last: dict[int, int]) -> Piece:
    piece = pieces[number]
    channel = course.channels[piece.of]
    if number > first[piece.of]:
        piece = replace(piece, above=(number - 1,))
    else:
        feeding = course.feeding.get(channel.upstream, ())
        piece = replace(
            piece,
            above=tuple(last[other] for other in feeding),
            dilution=course.dilution[piece.of],
            passed_on=course.passed_on[piece.of],
        )
    if not piece.last:
        return replace(piece, below=(number + 1,), closed=not channel.dispersion)
    leaving = course.leaving.get(channel.downstream, ())
    below = [course.channels[other] for other in leaving]
    alone = course.feeding[channel.downstream] == (piece.of,)
    return replace(
        piece,
        below=tuple(first[other] for other in leaving),
        closed=bool(below) and not (alone and channel.dispersion and all(other.dispersion for other in below)),
        taken=max(0.0, 1 - sum(course.passed_on[other] for other in leaving)) if leaving else 0.0,
    )
