"""Cells along the channels: the arrays that transport works on, made once from steady hydraulics."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.spill.channel import Channel, Downstream, Spot

__all__ = ["Grid", "grid_of"]

_SHORT = 0.25
"""A channel shorter than this part of the usual cell, in time, shares its neighbour's volume."""

_COMES_BACK = 8.0
"""In lengths D/u: e^-8 = 0.03 % of a difference is felt so far upstream."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Grid:
    """Cells of all channels, one channel after another, from upstream to downstream within each.

    Attributes
    ----------
    course : Downstream
    first, last : int array (channels,)
        Cells at the upper and lower end of each channel; a channel that ends in a mouth goes on beyond it, as it is,
        so that the mouth is no wall.
    counts : int array (channels,)
        Cells of each channel, without those beyond a mouth.
    dx : float array (channels,)
        [m]
    volume : float array (cells,)
        [m3]
    outflow : float array (cells,)
        Discharge at the lower face of each cell. [m3/s]
    inner : float array (cells,)
        Dispersive exchange A D / dx with the next cell; 0 at the end of a channel. [m3/s]
    froms, tos : int array (links,)
        Cells that exchange across a node: the last of the channel above, the first of the one below.
    link : float array (links,)
        Dispersive exchange across the node. [m3/s]
    diluted : float array (links,)
        Concentration below per concentration above, at rest of dispersion.
    """

    course: Downstream
    first: Integers
    last: Integers
    counts: Integers
    dx: Floats
    volume: Floats
    outflow: Floats
    inner: Floats
    froms: Integers
    tos: Integers
    link: Floats
    diluted: Floats

    @property
    def cells(self) -> int:
        """How many there are."""
        return len(self.volume)

    @property
    def beyond(self) -> NDArray[np.bool_]:
        """Which cells lie beyond a mouth."""
        found = np.zeros(self.cells, dtype=np.bool_)
        for first, count, last in zip(self.first, self.counts, self.last, strict=True):
            found[first + count : last + 1] = True
        return found

    def faces(self, spot: Spot) -> Integers:
        """Cells whose lower faces are nearest to a spot: one within a channel, at its head those of all above.

        Where nothing is above, the lower face of the first cell: what is held there is all that was released above it.
        """
        within = round(spot.distance / float(self.dx[spot.channel]))
        if within:
            return self.first[[spot.channel]] + within - 1
        above = self.course.feeding.get(self.course.channels[spot.channel].upstream, ())
        return self.last[list(above)] if above else self.first[[spot.channel]]

    def below(self, spot: Spot) -> int:
        """The cell whose upper face is nearest to a spot."""
        within = round(spot.distance / float(self.dx[spot.channel]))
        return min(int(self.first[spot.channel]) + within, int(self.last[spot.channel]))

    def weights(self, spot: Spot) -> tuple[Integers, Floats]:
        """The two cells around a spot and their weights, so that the centre of both is the spot.

        Nearer to an end of the channel than half a cell only the end's cell is left.
        """
        first, last = int(self.first[spot.channel]), int(self.last[spot.channel])
        at = spot.distance / float(self.dx[spot.channel]) - 0.5
        left = int(np.floor(at))
        share = at - left
        cells = np.clip([first + left, first + left + 1], first, last)
        return cells, np.array([1 - share, share])

    def sample(self, spot: Spot) -> tuple[Integers, Floats]:
        """Two cells and the weights that give the concentration at a spot; at a node, of the water that goes on."""
        course, channel = self.course, self.course.channels[spot.channel]
        half = float(self.dx[spot.channel]) / 2
        above = course.feeding.get(channel.upstream, ())
        if spot.distance < half and len(above) == 1:
            other = float(self.dx[above[0]]) / 2
            share = (other + spot.distance) / (other + half)
            cells = np.array([self.last[above[0]], self.first[spot.channel]])
            return cells, np.array([(1 - share) * course.dilution[spot.channel], share])
        return self.weights(spot)

    def distances(self, channel: int) -> Floats:
        """Of the centres of the cells of one channel from its upper end. [m]"""
        return np.asarray((np.arange(self.counts[channel]) + 0.5) * float(self.dx[channel]), dtype=np.float64)


def grid_of(course: Downstream, dx: float) -> Grid:
    """Cut the channels into cells of about one length.

    Parameters
    ----------
    course : Downstream
    dx : float
        Wanted length of a cell; each channel has a whole number of them. [m]
    """
    channels = course.channels
    counts = np.array([max(1, round(channel.length / dx)) for channel in channels])
    own_dx: Floats = np.array([channel.length for channel in channels], dtype=np.float64) / counts
    whole = counts + [_past_mouth(course, at, float(own_dx[at])) for at in range(len(channels))]
    last = np.cumsum(whole) - 1
    first = last - whole + 1
    within = np.concatenate([np.minimum(np.arange(1, n + 1), count) for n, count in zip(whole, counts, strict=True)])
    every = np.repeat(own_dx, whole)
    outflow = _spread(channels, whole, "discharge") + _spread(channels, whole, "lateral") * within * every
    area = _spread(channels, whole, "area")
    inner = area * _spread(channels, whole, "dispersion") / every
    inner[last] = 0.0
    froms, tos, link, diluted = _links(course, first, last, own_dx)
    volume = _evened(course, first, last, area * every, outflow)
    return Grid(course, first, last, counts, own_dx, volume, outflow, inner, froms, tos, link, diluted)


def _evened(course: Downstream, first: Integers, last: Integers, volume: Floats, outflow: Floats) -> Floats:
    """Volumes, where a channel much shorter than the others shares that of its neighbour.

    The shortest stay in any cell sets the step of time: a reach of two metres would cost fifty times the work. Both
    together keep their volume, so that nothing arrives sooner or later.
    """
    volume = volume.copy()
    short = _SHORT * float(np.median(volume / outflow))
    for at in range(len(course.channels)):
        cell = int(first[at])
        if first[at] == last[at] and volume[cell] / outflow[cell] < short:
            beside = _beside(course, at, first, last)
            if beside is not None:
                stay = (volume[cell] / outflow[cell] + volume[beside] / outflow[beside]) / 2
                volume[[cell, beside]] = stay * outflow[[cell, beside]]
    return volume


def _beside(course: Downstream, at: int, first: Integers, last: Integers) -> int | None:
    """The cell next to a channel above it, or else below, where no other water joins or leaves."""
    channel = course.channels[at]
    above = course.feeding.get(channel.upstream, ())
    if len(above) == 1 and course.leaving[channel.upstream] == (at,):
        return int(last[above[0]])
    below = course.leaving.get(channel.downstream, ())
    if len(below) == 1 and course.feeding[channel.downstream] == (at,):
        return int(first[below[0]])
    return None


def _past_mouth(course: Downstream, at: int, dx: float) -> int:
    """Cells beyond a mouth: as far as what disperses can come back against the flow."""
    channel = course.channels[at]
    if course.leaving.get(channel.downstream):
        return 0
    return 2 + math.ceil(_COMES_BACK * channel.dispersion * channel.area / channel.outflow / dx)


def _spread(channels: tuple[Channel, ...], counts: Integers, name: str) -> Floats:
    values: Floats = np.array([getattr(channel, name) for channel in channels], dtype=np.float64)
    return np.repeat(values, counts)


def _links(
    course: Downstream, first: Integers, last: Integers, dx: Floats
) -> tuple[Integers, Integers, Floats, Floats]:
    """Pairs of cells across nodes; where two carrying channels meet, what disperses across the node is left out.

    Dispersion acts on the part of the flow that goes on, so that clean water of a tributary does not draw the substance
    to itself: exchange vanishes when the concentrations differ by just the dilution.
    """
    froms, tos, exchange, diluted = [], [], [], []
    for below, channel in enumerate(course.channels):
        above = course.feeding.get(channel.upstream, ())
        if len(above) != 1:
            continue
        upper = course.channels[above[0]]
        goes_on = course.passed_on[below]
        one = 2 * goes_on * upper.area * upper.dispersion / dx[above[0]]
        other = 2 * channel.area * channel.dispersion / dx[below] * course.dilution[below]
        if not one * other > 0:
            continue
        froms.append(int(last[above[0]]))
        tos.append(int(first[below]))
        exchange.append(one * other / (one + other))
        diluted.append(course.dilution[below])
    return np.array(froms, dtype=np.int64), np.array(tos, dtype=np.int64), np.array(exchange), np.array(diluted)
