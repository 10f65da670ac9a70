"""The first solver: finite volumes that march in time, any release, any response.

Advection is third order where the cloud is smooth (QUICKEST) and limited where it is steep (ULTIMATE), so no
concentration is negative or above what flows in, at any Courant number up to one. Dispersion is explicit, in as many
parts of a step as stability asks for; storage and sorption are solved exactly, cell by cell. What leaves one cell
enters another: mass is kept to the last bits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.spill.channel import Spot
from commonshed.attribute.river.spill.grid import Grid
from commonshed.attribute.river.spill.release import Interception, Release
from commonshed.attribute.river.spill.schemes import Advection, Dispersion, HoldUp, longest_step
from commonshed.attribute.river.spill.supply import Gate, supplies

__all__ = ["Balance", "March", "march"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Balance:
    """Where the mass is at the end. [g]

    Attributes
    ----------
    released, left, stored, decayed, taken, held : float
        Released; gone out at the mouths; still in water, storage and bed; decayed or taken up; taken with water at
        nodes where less flows out than in; held back by responses.
    """

    released: float
    left: float
    stored: float
    decayed: float
    taken: float
    held: float

    @property
    def error(self) -> float:
        """What is missing, relative to what was released."""
        accounted = self.left + self.stored + self.decayed + self.taken + self.held
        return abs(self.released - accounted) / self.released


@dataclass(frozen=True)
class March:
    """What the solver saw.

    Attributes
    ----------
    times : float array (T + 1,)
        [s]
    series : float array (T + 1, spots)
        Concentration at the spots that were watched. [g/m3]
    flux : float array (T, spots)
        Mass that passed the face nearest to each spot within each step. [g]
    frame_times : float array (F,)
        [s]
    frames : float array (F, cells)
        Concentration in every cell. [g/m3]
    balance : Balance
    """

    times: Floats
    series: Floats
    flux: Floats
    frame_times: Floats
    frames: Floats
    balance: Balance


def march(
    grid: Grid,
    releases: Sequence[tuple[Release, Spot]],
    *,
    hours: float,
    watch: Sequence[Spot] = (),
    responses: Sequence[tuple[Interception, Spot]] = (),
    frames: int = 144,
) -> March:
    """Follow releases down the channels.

    Parameters
    ----------
    grid : Grid
    releases : sequence of (Release, Spot)
    hours : float
        [h]
    watch : sequence of Spot
    responses : sequence of (Interception, Spot)
    frames : int
        How many pictures of the whole are kept, evenly in time, besides the first.
    """
    return _Marching(grid, releases, hours, responses, frames).run(watch)


class _Marching:
    """State of one run."""

    def __init__(
        self,
        grid: Grid,
        releases: Sequence[tuple[Release, Spot]],
        hours: float,
        responses: Sequence[tuple[Interception, Spot]],
        frames: int,
    ) -> None:
        self.grid, self.frames = grid, frames
        seconds = 3600 * hours
        self.per_frame = math.ceil(seconds / frames / longest_step(grid))
        self.steps = frames * self.per_frame
        self.times = np.linspace(0.0, seconds, self.steps + 1)
        dt = seconds / self.steps
        self.advection, self.dispersion, self.hold_up = Advection(grid, dt), Dispersion(grid, dt), HoldUp(grid, dt)
        self.supplies = [each for pair in releases for each in supplies(grid, *pair, self.times)]
        self.gates = [Gate(grid, *pair, self.times) for pair in responses]
        self.released = self.decayed = self.taken = self.left = 0.0
        self.mouths = grid.last[[not grid.course.leaving.get(c.downstream) for c in grid.course.channels]]

    def run(self, watch: Sequence[Spot]) -> March:
        grid = self.grid
        around = [self._sample(spot) for spot in watch]
        cells = np.array([cells for cells, _ in around], dtype=np.int64).reshape(-1, 2)
        weights = np.array([weights for _, weights in around]).reshape(-1, 2)
        faces = [grid.faces(spot) for spot in watch]
        series = np.zeros((self.steps + 1, len(watch)))
        flux = np.zeros((self.steps, len(watch)))
        frames = np.zeros((self.frames + 1, grid.cells))
        C = np.zeros(grid.cells)
        for step in range(self.steps):
            passed = self._step(C, step)
            series[step + 1] = (C[cells] * weights).sum(axis=1)
            flux[step] = [passed[face].sum() for face in faces]
            if (step + 1) % self.per_frame == 0:
                frames[(step + 1) // self.per_frame] = C
        return March(self.times, series, flux, self.times[:: self.per_frame], frames, self._balance(C))

    def _sample(self, spot: Spot) -> tuple[NDArray[np.int64], Floats]:
        """Where a concentration is read; at a response, of the water that arrives there."""
        if any(spot == gate.spot for gate in self.gates):
            faces = self.grid.faces(spot)
            return faces[[0, 0]], np.array([1.0, 0.0])
        return self.grid.sample(spot)

    def _step(self, C: Floats, step: int) -> Floats:
        """All processes once, forwards and backwards in turn, which is second order over two steps."""
        enters = self._supply(C, step)
        open_ = self._openings(step)
        if step % 2:
            self.decayed += self.hold_up(C)
            self.dispersion(C, open_)
            return self._flow(C, enters, step)
        passed = self._flow(C, enters, step)
        self.dispersion(C, open_)
        self.decayed += self.hold_up(C)
        return passed

    def _supply(self, C: Floats, step: int) -> Floats:
        """Put what comes in this step into cells; what flows in at the head of channels is handed back. [g]"""
        enters = np.zeros(len(self.grid.first))
        for supply in self.supplies:
            mass = float(supply.masses[step])
            if mass:
                self.released += mass
                inlet = supply.inlet * mass
                enters[supply.channel] += inlet
                np.add.at(C, supply.cells, supply.weights * (mass - inlet) / self.grid.volume[supply.cells])
        for gate in self.gates:
            gate.release(C, step)
        return enters

    def _openings(self, step: int) -> Floats | None:
        """How far faces are open to dispersion: nothing mixes back through what stands across the river."""
        open_ = None
        for gate in self.gates:
            if gate.acting[step]:
                open_ = np.ones(self.grid.cells) if open_ is None else open_
                open_[gate.faces] *= 1 - gate.acting[step]
        return open_

    def _flow(self, C: Floats, enters: Floats, step: int) -> Floats:
        passed = self.advection.faces(C, enters)
        leaving = passed.copy() if self.gates else passed
        for gate in self.gates:
            gate.hold(leaving, step)
        self.taken += self.advection.move(C, passed, leaving, enters)
        self.left += float(leaving[self.mouths].sum())
        return leaving

    def _balance(self, C: Floats) -> Balance:
        held = float(sum(gate.held for gate in self.gates))
        beyond, masses = self.grid.beyond, self.hold_up.mass(C)
        left, stored = self.left + float(masses[beyond].sum()), float(masses[~beyond].sum())
        return Balance(self.released, left, stored, self.decayed, self.taken, held)
