"""Cells along the channels: the arrays that transport works on, made once from steady hydraulics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.spill.channel import Channel, Downstream, Spot

__all__ = ["Grid", "grid_of"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Grid:
    """Cells of all channels, one channel after another, from upstream to downstream within each.

    Attributes
    ----------
    course : Downstream
    first, last : int array (channels,)
        Cells at the upper and lower end of each channel.
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

    def faces(self, spot: Spot) -> Integers:
        """Cells whose lower faces are nearest to a spot: one within a channel, at its head those of all above."""
        within = round(spot.distance / float(self.dx[spot.channel]))
        if within:
            return self.first[[spot.channel]] + within - 1
        return self.last[list(self.course.feeding.get(self.course.channels[spot.channel].upstream, ()))]

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
        count = int(self.last[channel] - self.first[channel]) + 1
        return np.asarray((np.arange(count) + 0.5) * float(self.dx[channel]), dtype=np.float64)


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
    last = np.cumsum(counts) - 1
    first = last - counts + 1
    own_dx: Floats = np.array([channel.length for channel in channels], dtype=np.float64) / counts
    within = np.concatenate([np.arange(1, count + 1) for count in counts])
    outflow = _spread(channels, counts, "discharge") + _spread(channels, counts, "lateral") * within * np.repeat(
        own_dx, counts
    )
    area = _spread(channels, counts, "area")
    inner = area * _spread(channels, counts, "dispersion") / np.repeat(own_dx, counts)
    inner[last] = 0.0
    froms, tos, link, diluted = _links(course, first, last, own_dx)
    return Grid(
        course, first, last, own_dx, area * np.repeat(own_dx, counts), outflow, inner, froms, tos, link, diluted
    )


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
        conductances = [
            2 * goes_on * upper.area * upper.dispersion / dx[above[0]],
            2 * channel.area * channel.dispersion / dx[below] * course.dilution[below],
        ]
        if min(conductances) <= 0:
            continue
        froms.append(int(last[above[0]]))
        tos.append(int(first[below]))
        exchange.append(1 / sum(1 / each for each in conductances))
        diluted.append(course.dilution[below])
    return np.array(froms, dtype=np.int64), np.array(tos, dtype=np.int64), np.array(exchange), np.array(diluted)
