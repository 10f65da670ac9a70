"""What air can be assessed from, and what in it cannot be graded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from commonshed.assess.source import Readings
from commonshed.keep import Shed
from commonshed.keep.block import BlockRef
from commonshed.periods import Period, Zone
from commonshed.places import Network

__all__ = ["AirSource", "Readings", "not_graded"]

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


def _end(month: Period, zone: Zone) -> int:
    return zone.first_second(month.last) + _DAY
