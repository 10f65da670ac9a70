"""Which part of what enters the river at one place passes another: the transfer matrix, by steady superposition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.course import Course, Standing
from commonshed.attribute.river.decay import NONE, Decay, survival
from commonshed.places import Rivers

__all__ = ["Transfer", "transfer"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Transfer:
    """Part of a load that enters at each point of the course which passes each section; sparse by rows.

    Attributes
    ----------
    course : Course
    sections : tuple of str
        Ids, in the order asked for.
    starts : (points + 1,) array
        Where each point's row begins in the two below.
    columns : (entries,) array
        Number of the section.
    values : (entries,) or (entries, draws) array
        Within 0…1.
    """

    course: Course = field(repr=False)
    sections: tuple[str, ...]
    starts: Integers = field(repr=False)
    columns: Integers = field(repr=False)
    values: Floats = field(repr=False)

    @property
    def entries(self) -> int:
        """How many of the matrix are not zero."""
        return int(self.starts[-1])

    def to_sections(self, standing: Sequence[Standing]) -> Floats:
        """Rows of some sources or sections, dense.

        Returns
        -------
        (standing, sections) or (standing, sections, draws) array

        Raises
        ------
        RiverError
            One stands off the network or off the course.
        """
        rows = np.zeros((len(standing), len(self.sections), *self.values.shape[1:]))
        for number, each in enumerate(standing):
            point = self.course.point(each)
            found = slice(self.starts[point], self.starts[point + 1])
            rows[number, self.columns[found]] = self.values[found]
        return rows


def transfer(
    rivers: Rivers,
    sections: Sequence[Standing],
    *,
    sources: Sequence[Standing] | None = None,
    decay: Decay = NONE,
    factors: Floats | None = None,
) -> Transfer:
    """The transfer matrix of a network: source → section.

    Parameters
    ----------
    rivers : Rivers
    sections : sequence of Standing
        Marks of kind ``section``, or whatever else stands on the network.
    sources : sequence of Standing, optional
        Where loads enter beside the sections; without it at every node. Named sources spare one the reaches above them,
        of which nothing needs to be known.
    decay : Decay
    factors : (draws,) array, optional
        Multiples of the losses: one matrix for each.

    Raises
    ------
    RiverError
        Something stands off the network; a reach says too little for the losses asked for.

    Notes
    -----
    With links e of survival s and part p, the row of a point is

    .. math:: T_u = δ_u + Σ_{e: u → h} p_e s_e T_h

    taken from downstream to upstream, each link once. A section does not take anything out: what passes one goes on to
    the next.
    """
    course = Course.through(rivers, [*sections, *(sources or ())])
    ends = [course.point(section) for section in sections]
    starts = range(course.points) if sources is None else [*ends, *(course.point(source) for source in sources)]
    kept = survival(course, decay, factors, needed=_between(course, starts, ends))
    parts = np.array([link.part for link in course.links])
    passing = kept * (parts if factors is None else parts[:, None])
    rows = _rows(course, ends, passing)
    lengths = [columns.size for columns, _ in rows]
    return Transfer(
        course,
        tuple(section.id for section in sections),
        np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))).astype(np.int64),
        np.concatenate([columns for columns, _ in rows]).astype(np.int64),
        np.concatenate([values for _, values in rows]),
    )


def _between(course: Course, starts: Iterable[int], ends: Iterable[int]) -> list[int]:
    """Numbers of the links below some start and above some end."""
    below = np.zeros(course.points, bool)
    below[list(starts)] = True
    above = np.zeros(course.points, bool)
    above[list(ends)] = True
    for link in course.links:
        below[link.head] |= below[link.tail]
    for link in reversed(course.links):
        above[link.tail] |= above[link.head]
    return [number for number, link in enumerate(course.links) if below[link.tail] and above[link.head]]


_Row = tuple[Integers, Floats]


def _rows(course: Course, at: Sequence[int], passing: Floats) -> list[_Row]:
    here: dict[int, list[int]] = {}
    for column, point in enumerate(at):
        here.setdefault(point, []).append(column)
    nothing = np.zeros(0, np.int64), np.zeros((0, *passing.shape[1:]))
    rows: list[_Row] = [nothing] * course.points
    for point in range(course.points - 1, -1, -1):
        parts = [(rows[course.links[e].head], passing[e]) for e in course.out_of[point]]
        row = _mixed([(columns, values * part) for (columns, values), part in parts]) if parts else nothing
        own = here.get(point)
        rows[point] = row if own is None else _with_own(row, own)
    return rows


def _mixed(rows: Sequence[_Row]) -> _Row:
    """Sum of rows; where the river divides the ways may meet again."""
    if len(rows) == 1:
        return rows[0]
    columns, place = np.unique(np.fromiter(chain(*(c for c, _ in rows)), np.int64), return_inverse=True)
    values = np.zeros((columns.size, *rows[0][1].shape[1:]))
    np.add.at(values, place, np.concatenate([v for _, v in rows]))
    return columns, values


def _with_own(row: _Row, own: list[int]) -> _Row:
    ones = np.ones((len(own), *row[1].shape[1:]))
    return np.concatenate([np.array(own, np.int64), row[0]]), np.concatenate([ones, row[1]])
