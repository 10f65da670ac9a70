"""One step of each process on the grid: advection, dispersion, hold-up. Each keeps mass and keeps it positive."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.spill.grid import Grid
from commonshed.attribute.river.spill.storage import exchange_matrix, propagator

__all__ = ["Advection", "Dispersion", "HoldUp", "longest_step"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_COURANT = 0.95
_DISPERSED = 0.8
"""Largest part of a cell that may disperse into its neighbours at once; up to 1 nothing turns negative."""


def longest_step(grid: Grid) -> float:
    """The longest step of time in which no cell empties by flow alone. [s]"""
    return _COURANT * float((grid.volume / grid.outflow).min())


class Advection:
    """Flow: third order where the cloud is smooth, limited where it is steep.

    Notes
    -----
    At the lower face of cell i, with Courant number ν = Q Δt / V::

        c = C_i + (1 − ν)/2 · δ
        δ = (2 − ν)/3 (C_{i+1} − C_i) + (1 + ν)/3 (C_i − C_{i−1})           QUICKEST
        |δ| ≤ 2/(1 − ν) |C_{i+1} − C_i|,  |δ| ≤ 2/ν |C_i − C_{i−1}|,        ULTIMATE
        δ = 0 where the two differences have different signs

    The first bound keeps c from falling below nothing, the second keeps what leaves within what is there (ν c ≤ C_i),
    at any change of discharge or cross-section.

    References
    ----------
    Leonard (1979), Comput. Methods Appl. Mech. Eng. 19, 59–98; Leonard (1991), ibid. 88, 17–74.
    """

    def __init__(self, grid: Grid, dt: float) -> None:
        self.grid = grid
        ν = grid.outflow * dt / grid.volume
        self._water = grid.outflow * dt
        self._forward, self._backward = (2 - ν) / 3, (1 + ν) / 3
        self._ahead, self._behind = 2 / (1 - ν), 2 / ν
        self._half = (1 - ν) / 2
        channels = grid.course.channels
        self._head_water = np.array([channel.discharge for channel in channels]) * dt
        self._passed_on = np.array(grid.course.passed_on)
        self._into, self._out_of, self._goes_on = _node_numbers(grid)
        self._beyond, self._undiluted = _beyond(grid)
        self._up, self._down, self._δ, self._bound = (np.empty(grid.cells) for _ in range(4))

    def faces(self, C: Floats, enters: Floats) -> Floats:
        """Mass on its way through the lower face of each cell within the step. [g]

        Parameters
        ----------
        C : float array (cells,)
            [g/m3]
        enters : float array (channels,)
            Mass released at the head of each channel. [g]
        """
        grid, up, down, δ, bound = self.grid, self._up, self._down, self._δ, self._bound
        up[1:] = C[:-1]
        up[grid.first] = (self._arriving(self._water[grid.last] * C[grid.last]) + enters) / self._head_water
        np.subtract(C, up, out=up)
        down[:-1] = C[1:]
        down[grid.last] = C[self._beyond] * self._undiluted
        np.subtract(down, C, out=down)
        np.multiply(self._forward, down, out=δ)
        δ += np.multiply(self._backward, up, out=bound)
        np.multiply(up, down, out=bound)
        δ[bound <= 0] = 0.0
        np.abs(np.multiply(up, self._behind, out=up), out=up)
        np.abs(np.multiply(down, self._ahead, out=down), out=down)
        np.minimum(up, down, out=bound)
        np.minimum(δ, bound, out=δ)
        np.maximum(δ, np.negative(bound, out=bound), out=δ)
        δ *= self._half
        δ += C
        return np.asarray(δ * self._water)

    def move(self, C: Floats, passed: Floats, leaving: Floats, enters: Floats) -> float:
        """Move mass through the faces, in place; what is taken out with water at nodes is handed back. [g]

        Parameters
        ----------
        C : float array (cells,)
            [g/m3]
        passed, leaving : float array (cells,)
            Mass that leaves each cell, and what of it arrives below: less where something is held back. [g]
        enters : float array (channels,)
            Mass released at the head of each channel. [g]
        """
        grid = self.grid
        gain = self._up
        gain[1:] = leaving[:-1]
        ends = leaving[grid.last]
        arrives = self._arriving(ends)
        gain[grid.first] = arrives + enters
        gain -= passed
        gain /= grid.volume
        C += gain
        # A cell that empties wholly can miss nothing by a last bit.
        np.maximum(C, 0.0, out=C)
        return float(ends[self._goes_on].sum() - arrives.sum())

    def _arriving(self, ends: Floats) -> Floats:
        """Mass that enters each channel from the channels above. [g]"""
        at_node = np.bincount(self._into, weights=ends, minlength=len(self._out_of) + len(ends))
        return np.asarray(at_node[self._out_of] * self._passed_on)


class Dispersion:
    """Exchange between neighbours, explicit, in as many parts of a step as keeps every cell positive.

    Notes
    -----
    ::

        V dC_i/dt = g_{i−1} (C_{i−1} − C_i) + g_i (C_{i+1} − C_i),  g = A D / Δx

    Forward in time, centred in space: the variance of a cloud grows by exactly 2 D t with any step.
    """

    def __init__(self, grid: Grid, dt: float) -> None:
        self.grid = grid
        total = np.zeros(grid.cells)
        total[:-1] += grid.inner[:-1]
        total[1:] += grid.inner[:-1]
        np.add.at(total, grid.froms, grid.link)
        np.add.at(total, grid.tos, grid.link / grid.diluted)
        self.parts = max(1, math.ceil(float((total / grid.volume).max()) * dt / _DISPERSED))
        self._inner = grid.inner[:-1] * dt / self.parts
        self._link = grid.link * dt / self.parts
        self._dry = 1 / grid.volume
        self._flux, self._change = np.empty(grid.cells - 1), np.empty(grid.cells)
        self.still = not self._inner.any()

    def __call__(self, C: Floats, open_: Floats | None = None) -> None:
        """Disperse for one step, in place.

        Parameters
        ----------
        C : float array (cells,)
            [g/m3]
        open_ : float array (cells,), optional
            How far the lower face of each cell is open.
        """
        if self.still:
            return
        inner = self._inner if open_ is None else self._inner * open_[:-1]
        link = self._link if open_ is None else self._link * open_[self.grid.froms]
        for _ in range(self.parts):
            self._part(C, inner, link)

    def _part(self, C: Floats, inner: Floats, link: Floats) -> None:
        grid, flux, change = self.grid, self._flux, self._change
        np.subtract(C[:-1], C[1:], out=flux)
        flux *= inner
        change[0] = 0.0
        change[1:] = flux
        change[:-1] -= flux
        if len(link):
            across = link * (C[grid.froms] - C[grid.tos] / grid.diluted)
            np.add.at(change, grid.tos, across)
            np.subtract.at(change, grid.froms, across)
        change *= self._dry
        C += change


class HoldUp:
    """Storage, sorption and decay, solved exactly within each cell."""

    def __init__(self, grid: Grid, dt: float) -> None:
        channels = grid.course.channels
        counts = grid.last - grid.first + 1
        matrices = np.array([exchange_matrix(c.area, c.decay, c.storage, c.sorption) for c in channels])
        steps = np.array([propagator(each, dt) for each in matrices])
        self.idle = not matrices.any()
        self._only_decay = not matrices[:, :, 1:].any()
        self._step = np.repeat(np.moveaxis(steps, 0, -1), counts, axis=-1)
        beside = np.array([c.storage.area / c.area if c.storage else 0.0 for c in channels])
        self.volumes = np.array([grid.volume, np.repeat(beside, counts) * grid.volume, grid.volume])
        # What of each store's mass is gone after a step: kept apart from the sums, so that the balance checks them.
        self._lost = self.volumes - np.einsum("in,ijn->jn", self.volumes, self._step)
        self._leaking = [n for n in range(3) if np.abs(self._lost[n]).max() > 1e-15 * self.volumes[n].max()]
        self._from = [[m for m in range(3) if m != n and self._step[n, m].any()] for n in range(3)]
        self._scratch = np.empty(grid.cells)
        self.beside = [np.zeros(grid.cells), np.zeros(grid.cells)]

    def __call__(self, C: Floats) -> float:
        """Exchange and decay for one step, in place; what has decayed or was taken up is handed back. [g]"""
        if self.idle:
            return 0.0
        if self._only_decay:
            lost = float(self._lost[0] @ C)
            C *= self._step[0, 0]
            return lost
        state = [stock.copy() for stock in (C, *self.beside)]
        lost = sum(float(self._lost[n] @ state[n]) for n in self._leaking)
        for n, into in enumerate((C, *self.beside)):
            np.multiply(self._step[n, n], state[n], out=into)
            for other in self._from[n]:
                into += np.multiply(self._step[n, other], state[other], out=self._scratch)
        return lost

    def mass(self, C: Floats) -> Floats:
        """In water, storage and bed of each cell. [g]"""
        return np.asarray(self.volumes[0] * C + self.volumes[1] * self.beside[0] + self.volumes[2] * self.beside[1])


def _node_numbers(grid: Grid) -> tuple[Integers, Integers, NDArray[np.bool_]]:
    """Number of the node each channel flows into and out of, and whether any channel goes on from the first."""
    channels = grid.course.channels
    names = {name: at for at, name in enumerate(dict.fromkeys(c.upstream for c in channels))}
    out_of = np.array([names[channel.upstream] for channel in channels])
    # Mouths get a number of their own, behind the nodes that channels leave.
    into = np.array([names.get(channel.downstream, len(channels)) for channel in channels])
    return into, out_of, into < len(channels)


def _beyond(grid: Grid) -> tuple[Integers, Floats]:
    """The cell below the end of each channel, and the factor that undoes its dilution.

    At a mouth, and where several carrying channels meet, the end sees itself: the face there is first order.
    """
    cells, undiluted = grid.last.copy(), np.ones(len(grid.last))
    course = grid.course
    for at, channel in enumerate(course.channels):
        leaving = course.leaving.get(channel.downstream, ())
        if leaving and course.feeding[channel.downstream] == (at,):
            main = max(leaving, key=lambda below: course.channels[below].part)
            cells[at], undiluted[at] = grid.first[main], 1 / course.dilution[main]
    return cells, undiluted
