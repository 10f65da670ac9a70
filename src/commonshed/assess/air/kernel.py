"""The kernel: a block of hours becomes the exact daily figures of its stations.

A pure function from arrays to arrays, integers throughout, the same on one machine's threads and on a cluster. Sums are
made first and kept as they are; then each becomes its legal value by one division, rounded once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from commonshed.assess.air.index import NONE, IndexGrades
from commonshed.assess.air.plan import Plan, Term, reach
from commonshed.assess.air.windows import Grid, Scratch, common_denominator, running_maximum, running_sum
from commonshed.errors import ReadingsError
from commonshed.exact import Rounding, divide
from commonshed.keep.block import Block
from commonshed.standards.schema import Statistic

__all__ = ["BlockGrades", "Exact", "Hours", "exact_days", "grade_block", "legal_values", "rounded", "with_neighbours"]

Ints = NDArray[Any]

_INT32 = 2**31 - 1
_INT64 = 2**63 - 1
_THRESHOLDS = 2**20
"""Most published values for which a table of thresholds is made."""

_CHUNK = 62_000
"""Hours worked on at a time where many passes go over them: what fits a core's cache."""

_SCRATCH = Scratch()


@dataclass(frozen=True, eq=False)
class Exact:
    """Every daily statistic before any rounding; arrays are (statistics, n, days).

    Attributes
    ----------
    sums : int32 or int64
        Of a mean the sum of the hours; of a maximum the hour; of a running maximum the mean times the common
        denominator of its windows.
    hours : uint8
        Valid hours, or valid windows.
    """

    sums: Ints
    hours: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class BlockGrades:
    """Daily figures of the stations of one block; arrays are (statistics, n, days).

    Attributes
    ----------
    values : int32
        Published values, a count of the last decimal; NONE where the law says there is none.
    exact : Exact
    index : IndexGrades or None
    """

    values: NDArray[np.int32]
    exact: Exact
    index: IndexGrades | None


def grade_block(
    block: Block,
    plan: Plan,
    terms: Sequence[tuple[slice, tuple[Term, ...]]],
    *,
    previous: Block | None = None,
    following: Block | None = None,
) -> BlockGrades:
    """Grade the days of a block.

    Parameters
    ----------
    block : Block
    plan : Plan
    terms : sequence of (slice, terms)
        From `commonshed.assess.air.plan.terms_of_days`.
    previous, following : Block, optional
        The days before and after, for windows that reach into them; without one those hours are missing.
    """
    exact = exact_days(block, plan, previous=previous, following=following)
    values = legal_values(exact, plan, terms)
    return BlockGrades(values, exact, plan.index(values) if plan.index else None)


def exact_days(block: Block, plan: Plan, *, previous: Block | None = None, following: Block | None = None) -> Exact:
    """Sums and counts of every daily statistic."""
    n, days = len(block.stations), block.days
    made: list[tuple[Ints, NDArray[np.uint8]]] = [(np.zeros((n, days), np.int32), np.zeros((n, days), np.uint8))]
    made *= len(plan.statistics)
    for quantity in plan.quantities:
        if quantity not in block.ticks:
            continue
        hours = Hours.of(block, quantity)
        for i, statistic in enumerate(plan.statistics):
            if statistic.quantity == quantity:
                made[i] = _exact(hours, statistic, block, previous, following)
    kind = np.result_type(*(sums.dtype for sums, _ in made))
    return Exact(np.stack([sums for sums, _ in made], dtype=kind), np.stack([counts for _, counts in made]))


def legal_values(exact: Exact, plan: Plan, terms: Sequence[tuple[slice, tuple[Term, ...]]]) -> NDArray[np.int32]:
    """Published values, (statistics, n, days): a count of the last decimal, NONE where the law says there is none."""
    values = np.empty(exact.sums.shape, np.int32)
    for days, of in terms:
        part = Exact(exact.sums[..., days], exact.hours[..., days])
        values[..., days] = _rounded_values(part, plan.statistics, of)
        enough = part.hours >= plan.fewest
        for i, term in enumerate(of):
            if term.limit is not None:
                enough[i] |= (part.hours[i] > 0) & (values[i, :, days] > term.limit)
        np.copyto(values[..., days], np.int32(NONE), where=~enough)
    return values


def _rounded_values(exact: Exact, statistics: Sequence[Statistic], terms: Sequence[Term]) -> NDArray[np.int32]:
    """All statistics in one division where one kind of integers and one rule of rounding serves them all."""
    factors = [term.of_sum for term in terms]
    largest = int(exact.sums.max(initial=0))
    p, q = max(f.numerator for f in factors), max(f.denominator for f in factors)
    if len({s.rounding for s in statistics}) == 1 and p == 1 and 2 * largest + 48 * q <= _INT32:
        denominators = np.empty(exact.sums.shape, np.int32)
        for out, hours, statistic, factor in zip(denominators, exact.hours, statistics, factors, strict=True):
            if statistic.kind == "mean":
                np.multiply(np.maximum(hours, 1), np.int32(factor.denominator), out=out)
            else:
                out[...] = factor.denominator
        return divide(exact.sums, denominators, statistics[0].rounding)
    parts = []
    for sums, hours, statistic, factor in zip(exact.sums, exact.hours, statistics, factors, strict=True):
        counts = hours if statistic.kind == "mean" else None
        parts.append(rounded(sums, counts, factor, statistic.rounding, 24))
    return np.stack(parts)


def rounded(
    sums: Ints, counts: NDArray[np.integer[Any]] | None, factor: Fraction, rounding: Rounding, most: int
) -> NDArray[np.int32]:
    """Round sums / counts · factor once, exactly, in the smallest integers that hold it.

    Parameters
    ----------
    sums : integer array
        Not negative.
    counts : integer array or None
        At most ``most``; 0 is taken as 1, and None is 1 everywhere.
    factor : Fraction
        Positive.
    rounding : Rounding
    most : int

    Raises
    ------
    ReadingsError
        A value is larger than what can be published.
    """
    p, q = factor.numerator, factor.denominator
    largest = int(sums.max(initial=0))
    over = None if counts is None else np.maximum(counts, 1)
    bound = 2 * largest * p + 2 * most * q
    if bound <= _INT64:
        kind: Any = np.int32 if bound <= _INT32 else np.int64
        numerators = sums.astype(kind, copy=False) if p == 1 else sums.astype(kind, copy=False) * kind(p)
        denominators: Any = kind(q) if over is None else over.astype(kind) * kind(q)
        return _publishable(divide(numerators, denominators, rounding))
    if over is None:
        return _by_threshold(sums.astype(np.int64), factor, rounding)
    common = math.lcm(*np.unique(over).tolist())
    if largest * common <= _INT64:
        return _by_threshold(sums.astype(np.int64) * (common // over.astype(np.int64)), factor / common, rounding)
    return _in_python(sums.astype(object) * p, over.astype(object) * q, rounding)


def _by_threshold(numerators: NDArray[np.int64], factor: Fraction, rounding: Rounding) -> NDArray[np.int32]:
    """Round by comparing with the smallest numerator that reaches each published value.

    For factors whose product with a numerator no machine integer holds.
    """
    top = int(int(numerators.max(initial=0)) * factor) + 1
    if top > _THRESHOLDS:
        wide = numerators.astype(object)
        return _in_python(wide * factor.numerator, np.full_like(wide, factor.denominator), rounding)
    thresholds = np.array([_least(value, factor, rounding) for value in range(1, top + 1)], np.int64)
    return np.searchsorted(thresholds, numerators, side="right").astype(np.int32)


def _in_python(numerators: Ints, denominators: Ints, rounding: Rounding) -> NDArray[np.int32]:
    return _publishable(divide(numerators, denominators, rounding))


def _publishable(values: Ints) -> NDArray[np.int32]:
    if values.dtype != np.int32 and int(values.max(initial=0)) > _INT32:
        raise ReadingsError("a value is larger than can be published", value=int(values.max()))
    return values.astype(np.int32, copy=False)


def _least(value: int, factor: Fraction, rounding: Rounding) -> int:
    """The smallest integer whose product with the factor rounds to at least this value."""
    if rounding == "down":
        return -int(-value / factor // 1)
    if rounding == "up":
        return int((value - 1) / factor // 1) + 1
    half = (value - Fraction(1, 2)) / factor
    tie_goes_up = rounding == "half-up" or value % 2 == 0
    return -int(-half // 1) if tie_goes_up else int(half // 1) + 1


@dataclass(frozen=True, eq=False)
class Hours:
    """Hours of one quantity on a grid, flat: ticks with zero where there is none, and whether there is one."""

    ticks: Ints
    present: NDArray[np.uint8]
    grid: Grid
    largest: int

    @classmethod
    def of(cls, block: Block, quantity: str) -> Hours:
        """Those of a block, in arrays that the next block will use again."""
        ticks = block.ticks[quantity].reshape(-1)
        present = np.unpackbits(block.valid[quantity].reshape(-1), bitorder="little")
        # what lies where nothing is valid is undefined, so it is wiped
        only = np.multiply(ticks, present, out=_SCRATCH.array("ticks", ticks.size, ticks.dtype))
        return cls(only, present, Grid(len(block.stations), block.days), block.largest[quantity])

    def wide_ticks(self, most: int) -> Ints:
        """Ticks as integers that hold the sum of so many of them."""
        return self.ticks.astype(_kind(most * self.largest), copy=False)

    def some_rows(self, rows: slice) -> Hours:
        """Those of some stations."""
        flat = slice(rows.start * self.grid.width, rows.stop * self.grid.width)
        grid = Grid(rows.stop - rows.start, self.grid.days, self.grid.before, self.grid.after)
        return Hours(self.ticks[flat], self.present[flat], grid, self.largest)


def _exact(
    hours: Hours, statistic: Statistic, block: Block, previous: Block | None, following: Block | None
) -> tuple[Ints, NDArray[np.uint8]]:
    if statistic.kind == "running-maximum":
        before, after = reach(statistic)
        wide = with_neighbours(hours, statistic.quantity, before, after, block, previous, following)
        return _by_rows(wide, lambda some: _running_maximum(some, statistic))
    bits = np.bitwise_count(block.valid[statistic.quantity].reshape(-1, 3))
    counts = (bits[:, 0] + bits[:, 1] + bits[:, 2]).reshape(-1, block.days)
    if statistic.kind == "maximum":
        return _by_rows(hours, _day_maximum)[0], counts
    return np.einsum("dh->d", hours.wide_ticks(24).reshape(-1, 24)).reshape(-1, block.days), counts


def _by_rows(hours: Hours, make: Callable[[Hours], tuple[Ints, NDArray[np.uint8]]]) -> tuple[Ints, NDArray[np.uint8]]:
    """Make something of a few stations at a time, so that all its passes stay in the cache."""
    step = max(1, _CHUNK // hours.grid.width)
    starts = range(0, hours.grid.rows, step)
    parts = [make(hours.some_rows(slice(at, min(at + step, hours.grid.rows)))) for at in starts]
    return np.concatenate([sums for sums, _ in parts]), np.concatenate([counts for _, counts in parts])


def _day_maximum(hours: Hours) -> tuple[Ints, NDArray[np.uint8]]:
    eight = running_maximum(hours.ticks, 8, _SCRATCH, "day")
    largest = np.maximum(hours.grid.at(eight, 0), hours.grid.at(eight, 8))
    return np.maximum(largest, hours.grid.at(eight, 16), out=largest), np.empty((0, hours.grid.days), np.uint8)


def _running_maximum(hours: Hours, statistic: Statistic) -> tuple[Ints, NDArray[np.uint8]]:
    assert statistic.window_ends is not None
    first, last = statistic.window_ends
    window, windows = statistic.window_hours, last - first + 1
    common, factors = common_denominator(statistic.min_hours, window)
    kind = _kind(common * hours.largest)
    held = running_sum(hours.present, window, _SCRATCH, "held")
    # what lies beyond the last window of a row is undefined, and never picked
    scaled = np.take(factors.astype(kind), held, out=_SCRATCH.array("factors", held.size, kind), mode="clip")
    ticks = hours.ticks.astype(kind, copy=False)
    np.multiply(scaled, running_sum(ticks, window, _SCRATCH, "sums"), out=scaled)
    valid = np.greater_equal(held, statistic.min_hours, out=_SCRATCH.array("valid", held.size, np.bool_))
    counts = running_sum(valid.view(np.uint8), windows, _SCRATCH, "counts")
    return _largest_window(scaled, hours.grid, first - window, windows), hours.grid.at(counts, first - window).copy()


def _largest_window(scaled: Ints, grid: Grid, at: int, windows: int) -> Ints:
    """Maximum of so many windows of each day: of stretches of at most eight, which may overlap."""
    stretch = min(8, 1 << (windows.bit_length() - 1))
    maxima = running_maximum(scaled, stretch, _SCRATCH, "largest")
    offsets = [*range(0, windows - stretch, stretch), windows - stretch]
    largest: Ints = grid.at(maxima, at + offsets[0]).copy()
    for offset in offsets[1:]:
        np.maximum(largest, grid.at(maxima, at + offset), out=largest)
    return largest


def with_neighbours(
    hours: Hours,
    quantity: str,
    before: int,
    after: int,
    block: Block,
    previous: Block | None = None,
    following: Block | None = None,
) -> Hours:
    """The same hours with so many of the neighbouring days' before and after them."""
    if not before and not after:
        return hours
    grid = Grid(hours.grid.rows, hours.grid.days, before, after)
    sides = [
        (slice(0, before), previous, slice(-before, None)),
        (slice(grid.width - after, grid.width), following, slice(0, after)),
    ]
    neighbours = [b for b in (previous, following) if b is not None and quantity in b.ticks]
    largest = max([hours.largest, *(b.largest[quantity] for b in neighbours)])
    kind = np.result_type(hours.ticks.dtype, *(b.ticks[quantity].dtype for b in neighbours))
    ticks, present = np.zeros((grid.rows, grid.width), kind), np.zeros((grid.rows, grid.width), np.uint8)
    middle = slice(before, before + 24 * grid.days)
    ticks[:, middle] = hours.ticks.reshape(grid.rows, -1)
    present[:, middle] = hours.present.reshape(grid.rows, -1)
    for columns, neighbour, theirs in sides:
        if columns.start == columns.stop or neighbour is None or quantity not in neighbour.ticks:
            continue
        rows, their_rows = _shared_rows(block.stations, neighbour.stations)
        ticks[rows, columns] = neighbour.filled(quantity)[their_rows, theirs]
        present[rows, columns] = neighbour.mask(quantity)[their_rows, theirs]
    return Hours(ticks.reshape(-1), present.reshape(-1), grid, largest)


def _shared_rows(ours: Sequence[str], theirs: Sequence[str]) -> tuple[list[int], list[int]]:
    at = {station: row for row, station in enumerate(theirs)}
    pairs = [(row, at[station]) for row, station in enumerate(ours) if station in at]
    return [row for row, _ in pairs], [row for _, row in pairs]


def _kind(bound: int) -> type[np.int32] | type[np.int64]:
    """The smallest integers that hold sums up to a bound."""
    if bound <= _INT32:
        return np.int32
    if bound <= _INT64:
        return np.int64
    raise ReadingsError("readings are too large to be summed", value=bound)
