"""What a full check finds: every problem, each with the place where it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from commonshed.errors import ShedDamaged

__all__ = ["CheckReport", "Part", "Problem"]

Part = Literal[
    "shed", "keys", "checkpoint", "entry", "tile", "tail", "document", "pack", "rows", "extent", "leaves", "extra"
]
_SHOWN = 5


@dataclass(frozen=True)
class Problem:
    """One thing that is not as the log says.

    Attributes
    ----------
    part : str
        ``shed`` description, ``keys``, ``checkpoint``, ``entry``, ``tile``, ``tail`` of the log, ``document``, ``pack``
        (a file), ``rows`` (what was measured), ``extent`` (what an entry says its rows cover), ``leaves``, ``extra``
        (not entered).
    file : str
        Below the folder of the shed.
    said : str
        What is wrong, and what to do.
    entry : int or None
        Position in the log of the entry it belongs to.
    chunk : int or None
        Number of the chunk in its segment.
    station, quantity : str or None
        Of the chunk.
    rows : tuple of int or None
        First and last row, counted in the segment from 0.
    starts : tuple of int or None
        Start of these rows. [UTC s]
    """

    part: Part
    file: str
    said: str
    entry: int | None = None
    chunk: int | None = None
    station: str | None = None
    quantity: str | None = None
    rows: tuple[int, int] | None = None
    starts: tuple[int, int] | None = None

    def __str__(self) -> str:
        place = [self.file]
        if self.entry is not None:
            place.append(f"entry {self.entry}")
        if self.chunk is not None:
            place.append(f"chunk {self.chunk} ({self.station} × {self.quantity})")
        if self.rows is not None:
            place.append(f"rows {self.rows[0]}–{self.rows[1]}")
        return f"{', '.join(place)}: {self.said}"


@dataclass(frozen=True)
class CheckReport:
    """What was compared, and what was found.

    Attributes
    ----------
    size : int
        Of the log.
    files : int
        Of the log: checkpoint, tiles and bundles.
    packs, segments, rows, documents : int
        Compared.
    problems : tuple of Problem
        A figure may be wrong, or a proof fail. None: the shed is whole.
    notes : tuple of Problem
        No figure and no proof depends on it: files nobody entered, leaf hashes that can be made anew.
    """

    size: int = 0
    files: int = 0
    packs: int = 0
    segments: int = 0
    rows: int = 0
    documents: int = 0
    problems: tuple[Problem, ...] = field(default=())
    notes: tuple[Problem, ...] = field(default=())

    @property
    def whole(self) -> bool:
        """Whether everything is as the log says."""
        return not self.problems

    def require(self) -> CheckReport:
        """This report, of a shed that is whole.

        Raises
        ------
        ShedDamaged
            It is not; the message lists the first problems.
        """
        if self.whole:
            return self
        shown = "\n".join(f"  {problem}" for problem in self.problems[:_SHOWN])
        more = f"\n  … and {len(self.problems) - _SHOWN} more" if len(self.problems) > _SHOWN else ""
        raise ShedDamaged(f"{len(self.problems)} of what was compared is not as the log says:\n{shown}{more}")
