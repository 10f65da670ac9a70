"""Releases and responses cut to the steps and cells of a grid, so that their centres of mass stay where they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.spill.channel import Spot
from commonshed.attribute.river.spill.grid import Grid
from commonshed.attribute.river.spill.release import Interception, Release

__all__ = ["Gate", "Supply", "supplies"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Supply:
    """Mass that comes into the same cells, step by step.

    Attributes
    ----------
    masses : float array (steps,)
        [g]
    channel : int
    inlet : float
        Part that flows in with the water at the head of the channel; the rest is put into the cells.
    cells, weights : array (2,)
    """

    masses: Floats
    channel: int
    inlet: float
    cells: Integers
    weights: Floats


class Gate:
    """A response on the grid: which faces it closes, how far, and what it has held so far."""

    def __init__(self, grid: Grid, response: Interception, spot: Spot, times: Floats) -> None:
        self.spot, self.faces = spot, grid.faces(spot)
        self.closed = response.held(times[:-1], times[1:])
        self.acting = response.acting(times[:-1], times[1:])
        self.let_out = response.let_out(times[:-1], times[1:])
        self.held = 0.0
        self._below = grid.below(spot)
        self._volume = float(grid.volume[self._below])
        self._kept = 0.0

    def hold(self, leaving: Floats, step: int) -> None:
        """Take what is held out of the mass on its way through the faces, in place. [g]"""
        part = self.closed[step]
        if part:
            self.held += part * float(leaving[self.faces].sum())
            leaving[self.faces] *= 1 - part
            self._kept = self.held

    def release(self, C: Floats, step: int) -> None:
        """Let out what the response lets out in this step, in place."""
        part = self.let_out[step]
        if part:
            mass = min(self.held, part * self._kept)
            self.held -= mass
            C[self._below] += mass / self._volume


def supplies(grid: Grid, release: Release, spot: Spot, times: Floats) -> list[Supply]:
    """What a release puts into the grid.

    Parameters
    ----------
    grid : Grid
    release : Release
    spot : Spot
    times : float array (steps + 1,)
        [s]

    Notes
    -----
    An instantaneous release is shared by the two steps around its time and the two cells around its place. A steady one
    is put half a step's way upstream of its place at the start of each step. At the head of the water, with nothing
    above, it flows in with the water: a jump partly, such that its centre is right.
    """
    dx, channel = float(grid.dx[spot.channel]), grid.course.channels[spot.channel]
    dt = float(times[1] - times[0])
    way = channel.velocity * dt
    at_head = spot.distance < dx / 2 and channel.upstream not in grid.course.feeding
    found = []
    jumps, ramps = _masses(release, times)
    if jumps.any():
        cells, weights = grid.weights(spot)
        found.append(Supply(jumps, spot.channel, dx / (dx + way) if at_head else 0.0, cells, weights))
    if ramps.any():
        cells, weights = grid.weights(Spot(spot.channel, max(0.0, spot.distance - way / 2)))
        found.append(Supply(ramps, spot.channel, 1.0 if at_head else 0.0, cells, weights))
    return found


def _masses(release: Release, times: Floats) -> tuple[Floats, Floats]:
    """Mass of the jumps and of the ramps within each step; what comes after the last step is left out. [g]"""
    steps, dt = len(times) - 1, float(times[1] - times[0])
    jumps, ramps = np.zeros(steps), np.zeros(steps)
    for begin, end, mass in release.stretches:
        if begin == end:
            step, share = divmod(begin / dt, 1.0)
            for at, part in ((int(step), 1 - share), (int(step) + 1, share)):
                if at < steps:
                    jumps[at] += part * mass
        else:
            ramps += mass * np.diff(np.clip((times - begin) / (end - begin), 0.0, 1.0))
    return jumps, ramps
