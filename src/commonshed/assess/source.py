"""Where the readings of an assessment come from: a shed, or a table in memory that never sees one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from commonshed.errors import InputError
from commonshed.keep.block import SLAB, Block, BlockRef, block_key
from commonshed.periods import Period, Zone
from commonshed.places import Network

__all__ = ["Readings", "Source"]

_NEEDED = ("station", "quantity", "statistic", "start", "period", "ticks", "flag", "recorded")
_DAY = 86_400


class Source(Protocol):
    """What can be assessed sample by sample: it knows its places and gives its readings. A `Shed` is one."""

    def network(self, as_of: int | None = None) -> Network:
        """The places."""
        ...

    def readings(
        self,
        *,
        quantities: Sequence[str] | None = None,
        stations: Sequence[str] | None = None,
        start: int | None = None,
        end: int | None = None,
        as_of: int | None = None,
    ) -> pa.Table:
        """Readings of the form `commonshed.keep.rows.READINGS` that start in [start, end). [UTC s]"""
        ...


@dataclass(frozen=True, eq=False)
class Readings:
    """Readings in memory with the places they were taken at.

    Attributes
    ----------
    table : pa.Table
        Of the form `commonshed.keep.rows.READINGS`.
    places : Network
    """

    table: pa.Table
    places: Network

    def network(self, as_of: int | None = None) -> Network:
        """The places.

        Raises
        ------
        InputError
            An earlier state is asked for: a table in memory has no history.
        """
        if as_of is not None:
            raise InputError("files have no history to look back into", mend="Ask a shed: --shed S --as-of N")
        return self.places

    def blocks(self, quantities: Sequence[str], period: Period, as_of: int | None = None) -> list[BlockRef]:
        """Blocks of the months of a period that hold readings, laid out when they are loaded."""
        stations = list(self.network(as_of).stations)
        slabs = [tuple(stations[at : at + SLAB]) for at in range(0, len(stations), SLAB)]
        table = self.table.select([name for name in _NEEDED if name in self.table.column_names])
        months = [Period.month(*month) for month in period.months()]
        return [
            _reference(rows, slab, number, month, self.places.zone, quantities)
            for month, rows in zip(months, _by_month(table, months, self.places.zone), strict=True)
            for number, slab in enumerate(slabs)
        ]

    def readings(
        self,
        *,
        quantities: Sequence[str] | None = None,
        stations: Sequence[str] | None = None,
        start: int | None = None,
        end: int | None = None,
        as_of: int | None = None,
    ) -> pa.Table:
        """Some of the readings, in the order of the table.

        Raises
        ------
        InputError
            An earlier state is asked for: a table in memory has no history.
        """
        self.network(as_of)
        chosen = np.ones(self.table.num_rows, bool)
        for column, wanted in (("quantity", quantities), ("station", stations)):
            if wanted is not None:
                chosen &= np.array(pc.is_in(self.table[column].cast(pa.string()), pa.array(list(wanted), pa.string())))
        starts = self.table["start"].to_numpy()
        if start is not None:
            chosen &= starts >= start
        if end is not None:
            chosen &= starts < end
        return self.table.filter(pa.array(chosen))


def _reference(
    rows: pa.Table, stations: tuple[str, ...], slab: int, month: Period, zone: Zone, quantities: Sequence[str]
) -> BlockRef:
    def load(wanted: Sequence[str] | None) -> Block:
        return Block.from_readings(rows, stations, month, zone, quantities if wanted is None else wanted)

    return BlockRef(block_key("air", month.first, slab), None, stations, month.first, month.days, load)


def _by_month(table: pa.Table, months: Sequence[Period], zone: Zone) -> list[pa.Table]:
    """The rows of each month: one pass sorts them apart, however many months there are."""
    starts = np.array(
        [zone.first_second(month.first) for month in months] + [zone.first_second(months[-1].last) + _DAY]
    )
    of = np.searchsorted(starts, table["start"].to_numpy(), side="right").astype(np.int16)
    order = np.argsort(of, kind="stable")
    ends = np.searchsorted(of[order], np.arange(1, len(months) + 2))
    ordered = table if np.array_equal(order, np.arange(order.size)) else table.take(pa.array(order))
    return [ordered.slice(first, last - first) for first, last in pairwise(ends.tolist())]
