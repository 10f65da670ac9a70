"""Samples of water as they were taken: at any time, of any length, some below what the laboratory can see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cache, cached_property
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from commonshed.assess.rows import COUNTED, is_one_of, latest
from commonshed.assess.source import Source
from commonshed.keep.rows import codes
from commonshed.periods import Period, Zone
from commonshed.units import quantities

__all__ = ["BelowDetection", "SampleTable", "Samples", "samples_between", "water_quantities"]

BelowDetection = Literal["half", "zero", "limit"]
_ONE = Fraction(1)
_PART = {"half": Fraction(1, 2), "zero": Fraction(0), "limit": Fraction(1)}
_DAY = 86_400
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, eq=False)
class Samples:
    """What was found of one quantity at one section in one period, in order of time.

    Attributes
    ----------
    starts : int array, n samples
        [UTC s]
    ticks : int array, n samples
        Of a sample below detection, its detection limit.
    below : bool array, n samples
        Below detection.
    """

    starts: NDArray[np.int64]
    ticks: NDArray[np.int64]
    below: NDArray[np.bool_]

    def __len__(self) -> int:
        return int(self.ticks.size)

    @property
    def below_count(self) -> int:
        """How many are below detection."""
        return int(np.count_nonzero(self.below))

    def counted(self, below: BelowDetection) -> list[Fraction]:
        """The samples as they count by a law's rule for what is below detection. [ticks]"""
        part = _PART[below]
        return [
            Fraction(ticks) * part if under else Fraction(ticks)
            for ticks, under in zip(self.ticks.tolist(), self.below.tolist(), strict=True)
        ]

    def mean(self, below: BelowDetection, per_tick: Fraction = _ONE) -> Fraction:
        """Their exact mean, in the unit of which a tick is so much. [ticks unless told otherwise]"""
        # Sums of Python's integers cannot overflow; one fraction is made at the end.
        total = sum(self.ticks.tolist())
        if self.below.any():
            part, under = _PART[below], sum(self.ticks[self.below].tolist())
            doubled = 2 * (total - under) + int(2 * part) * under
            return Fraction(doubled * per_tick.numerator, 2 * len(self) * per_tick.denominator)
        return Fraction(total * per_tick.numerator, len(self) * per_tick.denominator)


@dataclass(frozen=True, eq=False)
class SampleTable:
    """Samples of many sections and quantities over a stretch of time.

    Attributes
    ----------
    sections, quantities : tuple of str
        What ``section`` and ``quantity`` count.
    section, quantity : int arrays, n samples
    starts, ticks : int arrays, n samples
        In order of time.
    below : bool array, n samples
    zone : Zone
    left_out : dict of (quantity, statistic) to int
        Readings that are no means and were not counted.
    above_range : int
        Samples above the range of the instrument, counted at its end.
    """

    sections: tuple[str, ...]
    quantities: tuple[str, ...]
    section: NDArray[np.int32]
    quantity: NDArray[np.int32]
    starts: NDArray[np.int64]
    ticks: NDArray[np.int64]
    below: NDArray[np.bool_]
    zone: Zone
    left_out: Mapping[tuple[str, str], int]
    above_range: int

    def within(self, period: Period) -> dict[tuple[str, str], Samples]:
        """Samples of a period by section and quantity; only where there are any."""
        return dict(self._grouped(period))

    @cached_property
    def span(self) -> Period | None:
        """From the day of the first sample to that of the last; none without samples."""
        if not self.starts.size:
            return None
        return Period(self.zone.day_of(int(self.starts[0])), self.zone.day_of(int(self.starts[-1])))

    def days(self, samples: Iterable[Samples]) -> set[date]:
        """The natural days on which any of several samples were taken."""
        starts = [held.starts for held in samples]
        if not starts:
            return set()
        local = np.concatenate(starts) + self.zone.minutes * 60
        return {_EPOCH + timedelta(days=day) for day in np.unique(local // _DAY).tolist()}

    def _grouped(self, period: Period) -> Iterator[tuple[tuple[str, str], Samples]]:
        ends = [self.zone.first_second(period.first), self.zone.first_second(period.last) + _DAY]
        first, last = np.searchsorted(self.starts, ends).tolist()
        key = self.section[first:last].astype(np.int64) * max(len(self.quantities), 1) + self.quantity[first:last]
        order = np.argsort(key, kind="stable")
        bounds = np.r_[0, np.flatnonzero(np.diff(key[order])) + 1, order.size]
        for at, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            if at == end:
                continue
            rows = first + order[at:end]
            section, quantity = divmod(int(key[order[at]]), len(self.quantities))
            samples = Samples(self.starts[rows], self.ticks[rows], self.below[rows])
            yield (self.sections[section], self.quantities[quantity]), samples


@cache
def water_quantities() -> tuple[str, ...]:
    """What can be found in water: every quantity of that medium but the river's own flow."""
    return tuple(key for key, held in quantities().items() if held.medium == "water" and key != "flow")


def samples_between(
    source: Source,
    period: Period,
    *,
    quantities: Sequence[str] | None = None,
    sections: Sequence[str] | None = None,
    as_of: int | None = None,
) -> SampleTable:
    """The samples of a source that start within a period, whatever their length.

    Invalid readings do not count, and of readings with the same key the one recorded last does.

    Parameters
    ----------
    source : Source
    period : Period
        In the natural days of the source's places.
    quantities, sections : sequences of str, optional
        Only these; without, all of water and all there are.
    as_of : int, optional
        Size of the shed's log.
    """
    zone = source.network(as_of).zone
    table = source.readings(
        quantities=list(water_quantities() if quantities is None else quantities),
        stations=None if sections is None else list(sections),
        start=zone.first_second(period.first),
        end=zone.first_second(period.last) + _DAY,
        as_of=as_of,
    )
    return _arranged(table, zone)


def _arranged(table: pa.Table, zone: Zone) -> SampleTable:
    named = {name: codes(table[name]) for name in ("station", "quantity", "statistic", "qualifier", "flag")}
    numbers = {name: table[name].to_numpy() for name in ("start", "period", "ticks", "recorded")}
    counted = is_one_of(named["flag"], COUNTED)
    means = is_one_of(named["statistic"], ("mean",))
    rows = np.flatnonzero(counted & means)
    keys = [named["station"][0], named["quantity"][0], numbers["start"], numbers["period"]]
    rows = latest(rows, keys, numbers["recorded"])
    rows = rows[np.argsort(numbers["start"][rows], kind="stable")]
    (section, sections), (quantity, names) = named["station"], named["quantity"]
    above = is_one_of(named["qualifier"], (">",))
    return SampleTable(
        tuple(sections),
        tuple(names),
        section[rows],
        quantity[rows],
        numbers["start"][rows],
        numbers["ticks"][rows],
        is_one_of(named["qualifier"], ("<",))[rows],
        zone,
        _others(np.flatnonzero(counted & ~means), named["quantity"], named["statistic"]),
        int(np.count_nonzero(above[rows])),
    )


def _others(
    rows: NDArray[np.int64],
    quantity: tuple[NDArray[np.int32], list[str]],
    statistic: tuple[NDArray[np.int32], list[str]],
) -> dict[tuple[str, str], int]:
    pairs, counts = np.unique(np.column_stack([quantity[0][rows], statistic[0][rows]]), axis=0, return_counts=True)
    return {
        (quantity[1][q], statistic[1][s]): count for (q, s), count in zip(pairs.tolist(), counts.tolist(), strict=True)
    }
