"""Hours of stations and places as records: the real-time index.

A place's hour is the mean over its assessed stations, kept to a tick (0.001 of the quantity's unit) before windows run
over it: the regulations average first and are silent on the digits in between. The real-time index is information, no
assessment: nothing longer is made from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from commonshed.assess.air.days import NONE
from commonshed.assess.air.hours import HourGrades
from commonshed.assess.air.places import sites_needed
from commonshed.assess.air.records import Law, Record
from commonshed.assess.air.whose import Place, Places
from commonshed.exact import decimal_text, divide
from commonshed.keep.block import Block, BlockRef
from commonshed.periods import Period, Zone
from commonshed.standards import Regime

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["HourPart", "hour_records", "place_blocks"]

_HOUR = 3600


@dataclass(frozen=True, eq=False)
class HourPart:
    """Places and a stretch of days whose hours one regime grades.

    Attributes
    ----------
    regime : Regime
    places : Places
    period : Period
    hours : HourGrades
        Of at least the period; its ``stations`` are ids of the places.
    zone : Zone
    notes : tuple of str
    """

    regime: Regime
    places: Places
    period: Period
    hours: HourGrades | None
    zone: Zone
    notes: tuple[str, ...] = ()


def hour_records(part: HourPart) -> Iterator[Record]:
    """Records of the hours of a period, place by place."""
    law = Law(part.regime)
    for place in part.places.places:
        grades = _grades(part, place)
        for offset in range(part.period.days):
            day = part.period.first + timedelta(days=offset)
            said = law.fields(Period(day, day), place.law)
            first = part.zone.first_second(day)
            for hour in range(24):
                name = {"period": part.zone.text(first + hour * _HOUR)}
                yield {**place.identity(), **name, **said, **grades(offset * 24 + hour), "notes": list(part.notes)}


def _grades(part: HourPart, place: Place) -> Callable[[int], Record]:
    """What gives the grade of an hour of a place, counted from the first hour of the period."""
    hours = part.hours
    statistics = part.regime.statistics("hour")
    uses = [use.statistic for use in part.regime.index.realtime] if part.regime.index else []
    if hours is None or place.id not in hours.stations:
        return lambda _: _grade({s.key: None for s in statistics}, dict.fromkeys(uses), None, None, [])
    row, start = hours.stations.index(place.id), (part.period.first - hours.first_day).days * 24

    def grade(hour: int) -> Record:
        at = row, start + hour
        values = {s.key: _text(int(hours.values[s.key][at]), s.decimals) for s in hours.statistics}
        sub_indices = {key: _or_none(int(found[at])) for key, found in hours.sub_indices.items()}
        primary = hours.primary_quantities(int(hours.primary[at]))
        return _grade(values, sub_indices, _or_none(int(hours.aqi[at])), int(hours.level[at]) or None, primary)

    return grade


def _grade(
    values: Mapping[str, str | None],
    sub_indices: Mapping[str, int | None],
    aqi: int | None,
    level: int | None,
    primary: Sequence[str],
) -> Record:
    missing = [key for key in sub_indices if values[key] is None]
    why = None if aqi is not None else f"no index: {', '.join(missing) or 'nothing'} without a value"
    return {
        "valid": aqi is not None,
        "why_not": why,
        **values,
        "sub_indices": dict(sub_indices),
        "aqi": aqi,
        "class": level,
        "primary": list(primary),
        "missing": missing,
    }


def place_blocks(blocks: Sequence[BlockRef], members: Mapping[str, Sequence[str]], regime: Regime) -> list[BlockRef]:
    """Blocks of places instead of stations: each hour the mean of the valid stations, when those are enough."""

    def first_day(ref: BlockRef) -> date:
        return ref.first_day

    made = []
    for first, group in groupby(sorted(blocks, key=first_day), key=first_day):
        refs = list(group)
        source = _Averaged(refs, members, regime)
        made.append(BlockRef(f"air/{first:%Y-%m}/places", None, tuple(members), first, refs[0].days, source))
    return made


@dataclass(frozen=True, eq=False)
class _Averaged:
    """Makes the block of the places of one month when it is asked for."""

    refs: Sequence[BlockRef]
    members: Mapping[str, Sequence[str]]
    regime: Regime

    def __call__(self, quantities: Sequence[str] | None) -> Block:
        loaded = [ref.load(quantities) for ref in self.refs]
        names = dict.fromkeys(key for block in loaded for key in block.quantities)
        ticks: dict[str, NDArray[Any]] = {}
        valid: dict[str, NDArray[np.uint8]] = {}
        for key in names:
            sums, counts = self._sums(loaded, key)
            needed = np.array([[sites_needed(self.regime, len(set(ids)))] for ids in self.members.values()])
            enough = counts >= np.maximum(needed, 1)
            ticks[key] = np.where(enough, divide(sums, np.maximum(counts, 1)), 0)
            valid[key] = np.packbits(enough, axis=1, bitorder="little")
        one = loaded[0]
        return Block(tuple(self.members), one.first_day, one.days, one.zone, ticks, valid)

    def _sums(self, blocks: Sequence[Block], key: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        shape = len(self.members), blocks[0].days * 24
        sums, counts = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for block in blocks:
            if key not in block.ticks:
                continue
            present, filled = block.mask(key), block.filled(key).astype(np.int64)
            row = {station: i for i, station in enumerate(block.stations)}
            for i, ids in enumerate(self.members.values()):
                rows = sorted({row[id] for id in ids if id in row})
                sums[i] += filled[rows].sum(axis=0)
                counts[i] += present[rows].sum(axis=0)
        return sums, counts


def _text(count: int, decimals: int) -> str | None:
    return None if count == NONE else decimal_text(count, decimals)


def _or_none(value: int) -> int | None:
    return None if value == NONE else value
