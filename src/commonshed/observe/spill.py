"""Holding a file's readings until all are there, in bounded memory.

Flat lines, spikes and contradictions are judged among a station's readings of the whole file, in order of time. Files
come ordered by station, by time, or not at all. So the readings wait in memory up to :data:`IN_MEMORY`; beyond that
they are put aside on disk, sorted into piles of neighbouring stations, and judged pile by pile. A pile holds whole
stations: what is flagged does not depend on whether anything was put aside.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from commonshed.observe.parcel import Parcel

__all__ = ["IN_MEMORY", "PILE", "Spill"]

IN_MEMORY = 3_000_000
"""Readings held in memory; some 50 bytes each."""

PILE = 32
"""Stations in a pile. Neighbours in the order of registration, so that sealed piles do not overlap."""


class Spill:
    """Takes parcels in any order and gives them back as parts that each hold whole stations.

    Parameters
    ----------
    folder : Path
        Where readings are put aside; the caller removes it.
    in_memory : int
        Readings to hold before that.
    """

    def __init__(self, folder: Path, *, in_memory: int | None = None) -> None:
        self._folder = folder
        self._in_memory = IN_MEMORY if in_memory is None else in_memory
        self._held: list[Parcel] = []
        self._count = 0
        self._piles: set[int] = set()

    def add(self, parcel: Parcel) -> None:
        """Take some readings."""
        self._held.append(parcel)
        self._count += len(parcel)
        if self._count > self._in_memory:
            self._put_aside()

    def parts(self) -> Iterator[Parcel]:
        """Give everything back."""
        if not self._piles:
            held, self._held = self._held, []
            if self._count:
                yield Parcel.joined(held)
            return
        self._put_aside()
        for pile in sorted(self._piles):
            yield Parcel(*(np.fromfile(self._path(pile, name), kind) for name, kind in Parcel.kinds().items()))

    def _put_aside(self) -> None:
        held = Parcel.joined(self._held)
        self._held, self._count = [], 0
        piles = held.station // PILE
        order = np.argsort(piles, kind="stable")
        found, starts = np.unique(piles[order], return_index=True)
        bounds = np.append(starts, len(order)).tolist()
        for name in Parcel.kinds():
            column = getattr(held, name)[order]
            for pile, first, end in zip(found.tolist(), bounds[:-1], bounds[1:], strict=True):
                with self._path(pile, name).open("ab") as file:
                    column[first:end].tofile(file)
        self._piles |= set(found.tolist())

    def _path(self, pile: int, name: str) -> Path:
        return self._folder / f"{pile}.{name}"
