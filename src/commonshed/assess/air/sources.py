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
from commonshed.keep import Shed
from commonshed.keep.block import SLAB, Block, BlockRef, block_key
from commonshed.periods import Period, Zone
from commonshed.places import Network
from commonshed.standards import Edition, load_edition

__all__ = ["AirSource", "Readings", "layers_of", "not_graded"]

_NEEDED = ("station", "quantity", "statistic", "start", "period", "ticks", "flag", "recorded")
_DAY = 86_400
_HOUR = 3600


class AirSource(Protocol):
    """What can be assessed: it knows its places and lays its readings out as blocks. A `Shed` is one."""

    def network(self, as_of: int | None = None) -> Network:
        """The places."""
        ...

    def blocks(self, quantities: Sequence[str], period: Period, as_of: int | None = None) -> list[BlockRef]:
        """The readings of some quantities, laid out in blocks that cover the months of a period."""
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


def layers_of(source: AirSource, as_of: int | None = None) -> list[Edition]:
    """The stricter local editions a shed holds, the latest of each name; none for a table in memory."""
    if not isinstance(source, Shed):
        return []
    latest = {held.name: held for held in source.documents("layer") if as_of is None or held.position < as_of}
    return [load_edition(source.path / "places" / held.path) for held in latest.values()]


def not_graded(source: AirSource, quantities: Sequence[str], period: Period, as_of: int | None = None) -> list[str]:
    """Sentences on readings of a period that no air is graded by, because they are no hourly means."""
    if not isinstance(source, (Shed, Readings)):
        return []
    zone = source.network(as_of).zone if isinstance(source, Readings) else source.zone
    start, end = zone.first_second(period.first), _end(period, zone)
    if isinstance(source, Shed):
        found = source.not_hourly(quantities, start=start, end=end, as_of=as_of)
    else:
        found = _not_hourly(source.table, quantities, start, end)
    return [
        f"{count:,} readings of period {length} s (statistic {statistic}) in {period} are not hourly means and are "
        "not graded"
        for (statistic, length), count in sorted(found.items())
    ]


def _not_hourly(table: pa.Table, quantities: Sequence[str], start: int, end: int) -> dict[tuple[str, int], int]:
    kinds = [name for name in ("statistic", "period") if name in table.column_names]
    starts = table["start"].to_numpy()
    wanted = np.array(pc.is_in(table["quantity"].cast(pa.string()), pa.array(list(quantities))))
    inside = table.select(kinds).filter(pa.array(wanted & (starts >= start) & (starts < end)))
    found: dict[tuple[str, int], int] = {}
    if kinds:
        for row in inside.unify_dictionaries().group_by(kinds).aggregate([([], "count_all")]).to_pylist():
            found[row.get("statistic", "mean"), row.get("period", _HOUR)] = row["count_all"]
    found.pop(("mean", _HOUR), None)
    return found


def _reference(
    rows: pa.Table, stations: tuple[str, ...], slab: int, month: Period, zone: Zone, quantities: Sequence[str]
) -> BlockRef:
    def load(wanted: Sequence[str] | None) -> Block:
        return Block.from_readings(rows, stations, month, zone, quantities if wanted is None else wanted)

    return BlockRef(block_key("air", month.first, slab), None, stations, month.first, month.days, load)


def _by_month(table: pa.Table, months: Sequence[Period], zone: Zone) -> list[pa.Table]:
    """The rows of each month: one pass sorts them apart, however many months there are."""
    starts = np.array([zone.first_second(month.first) for month in months] + [_end(months[-1], zone)])
    of = np.searchsorted(starts, table["start"].to_numpy(), side="right").astype(np.int16)
    order = np.argsort(of, kind="stable")
    ends = np.searchsorted(of[order], np.arange(1, len(months) + 2))
    ordered = table if np.array_equal(order, np.arange(order.size)) else table.take(pa.array(order))
    return [ordered.slice(first, last - first) for first, last in pairwise(ends.tolist())]


def _end(month: Period, zone: Zone) -> int:
    return zone.first_second(month.last) + _DAY
