"""What a segment covers, in a few words of its entry, so that most questions never open a pack."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from commonshed.keep.rows import codes

__all__ = ["Extent", "Stations", "month_of", "month_text"]

_FIGURE = r"\b[0-9]+(?:[.,][0-9]+)*"
_POSTED = "http-intake"  # mapping of readings whose reason is a logger's own words

MOST_REASONS = 24  # an entry stays short; further reasons are counted together


@dataclass(frozen=True)
class Stations:
    """A set of stations by number of registration, as ranges: ``0-11 14``.

    >>> Stations.of([3, 0, 1, 2, 7]).text
    '0-3 7'
    >>> Stations.parse("0-3 7").overlaps(Stations.parse("4-6"))
    False
    """

    ranges: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, numbers: Iterable[int]) -> Stations:
        """The set of these numbers."""
        ordered = np.unique(np.fromiter(numbers, np.int64))
        if not len(ordered):
            return cls(())
        breaks = np.flatnonzero(np.diff(ordered) != 1)
        first, last = ordered[np.append(0, breaks + 1)], ordered[np.append(breaks, len(ordered) - 1)]
        return cls(tuple(zip(first.tolist(), last.tolist(), strict=True)))

    @classmethod
    @lru_cache(maxsize=4096)  # entry after entry names the same stations
    def parse(cls, text: str) -> Stations:
        """Read ``0-11 14``."""
        pairs = (part.partition("-") for part in text.split())
        return cls(tuple((int(low), int(high or low)) for low, _, high in pairs))

    @property
    def text(self) -> str:
        """Written as in an entry."""
        return " ".join(str(low) if low == high else f"{low}-{high}" for low, high in self.ranges)

    def __len__(self) -> int:
        return sum(high - low + 1 for low, high in self.ranges)

    def overlaps(self, other: Stations) -> bool:
        """Whether a station is in both."""
        i = j = 0
        while i < len(self.ranges) and j < len(other.ranges):
            (low, high), (other_low, other_high) = self.ranges[i], other.ranges[j]
            if low <= other_high and other_low <= high:
                return True
            i, j = (i + 1, j) if high < other_high else (i, j + 1)
        return False

    def slabs(self, size: int) -> set[int]:
        """Numbers of the slabs of so many stations that it touches."""
        return {slab for low, high in self.ranges for slab in range(low // size, high // size + 1)}


@dataclass(frozen=True)
class Extent:
    """Row count and ranges of a segment; a segment lies within one UTC month.

    Attributes
    ----------
    rows : int
    first, last : int
        Smallest and largest start. [UTC s]
    stations : Stations
    quantities : dict of quantity to row count
    flags : dict of flag and reason (``invalid: sentinel``) to row count
    distinct : bool
        No key stands there twice.
    replaced : int
        Rows whose key had been read before.
    phase : int or None
        Seconds past the whole hour at which every row starts; None when they differ.
    hourly : bool
        Every row is an hourly mean. An entry says only when it is not so.
    """

    rows: int
    first: int
    last: int
    stations: Stations
    quantities: Mapping[str, int]
    flags: Mapping[str, int]
    distinct: bool
    replaced: int
    phase: int | None
    hourly: bool = True

    @classmethod
    def of(
        cls, table: pa.Table, registry: Mapping[str, int], *, distinct: bool, replaced: int, words: bool = True
    ) -> Extent:
        """What some readings cover.

        Parameters
        ----------
        words : bool
            Count reasons as they stand there; otherwise without what people wrote and without any figure: an entry
            goes to more people than some readings do.
        """
        start = table["start"].to_numpy()
        station, names = codes(table["station"])
        return cls(
            rows=table.num_rows,
            first=int(start.min()),
            last=int(start.max()),
            stations=Stations.of(registry[names[code]] for code in np.unique(station).tolist()),
            quantities=_counts(table["quantity"]),
            flags=_flags(table if words else _without_words(table)),
            distinct=distinct,
            replaced=replaced,
            phase=_phase(start),
            hourly=_hourly(table),
        )

    @classmethod
    def parse(cls, content: Mapping[str, Any]) -> Extent:
        """From an entry."""
        return cls(
            rows=content["rows"],
            first=content["first"],
            last=content["last"],
            stations=Stations.parse(content["stations"]),
            quantities=content["quantities"],
            flags=content["flags"],
            distinct=content["distinct"],
            replaced=content["replaced"],
            phase=content["phase"],
            hourly=content.get("hourly", True),
        )

    def content(self) -> dict[str, Any]:
        """For an entry."""
        return {
            "rows": self.rows,
            "first": self.first,
            "last": self.last,
            "stations": self.stations.text,
            "quantities": dict(self.quantities),
            "flags": dict(self.flags),
            "distinct": self.distinct,
            "replaced": self.replaced,
            "phase": self.phase,
            **({} if self.hourly else {"hourly": False}),
        }

    @property
    def month(self) -> int:
        """Its UTC month, counted from January 1970."""
        moment = time.gmtime(self.first)
        return (moment.tm_year - 1970) * 12 + moment.tm_mon - 1

    def may_hold(
        self, *, start: int | None, end: int | None, stations: Stations | None, quantities: Sequence[str] | None
    ) -> bool:
        """Whether a reading with start in [start, end), of these stations and quantities, may be there."""
        return (
            (start is None or self.last >= start)
            and (end is None or self.first < end)
            and (quantities is None or any(quantity in self.quantities for quantity in quantities))
            and (stations is None or self.stations.overlaps(stations))
        )


def month_of(start: NDArray[np.int64]) -> NDArray[np.int64]:
    """UTC month of an instant, counted from January 1970."""
    months: NDArray[np.int64] = start.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    return months


def month_text(month: int) -> str:
    """A month as in folder names: ``2016-03``."""
    return str(np.datetime64(month, "M"))


def _phase(start: NDArray[np.int64]) -> int | None:
    first = int(start[0]) % 3600
    return first if np.all(start % 3600 == first) else None


def _hourly(table: pa.Table) -> bool:
    statistic, names = codes(table["statistic"])
    means = all(names[code] == "mean" for code in np.unique(statistic).tolist())
    return means and bool(np.all(table["period"].to_numpy() == 3600))


def _counts(column: pa.ChunkedArray) -> dict[str, int]:
    numbers, names = codes(column)
    counts = np.bincount(numbers, minlength=len(names)).tolist()
    return {name: count for name, count in sorted(zip(names, counts, strict=True)) if count}


def _without_words(table: pa.Table) -> pa.Table:
    """Rows whose reasons say neither what somebody wrote nor any figure: a contradiction names the other value."""
    column = table["reason"].combine_chunks()
    if column.null_count == len(column):
        return table
    bare = pc.replace_substring_regex(column.dictionary, _FIGURE, "#")
    reasons = pa.DictionaryArray.from_arrays(column.indices, bare)
    written = pc.or_(pc.is_valid(table["author"]), pc.equal(table["mapping"].cast(pa.string()), _POSTED))
    if pc.any(written).as_py():
        said = pc.if_else(pc.is_valid(table["author"]), "correction", "as the sender says")
        plain = pc.if_else(pc.and_(written, pc.is_valid(table["reason"])), said, reasons.cast(pa.string()))
        reasons = plain.combine_chunks().dictionary_encode()
    at = table.schema.get_field_index("reason")
    return table.set_column(at, table.schema.field(at), reasons.cast(table.schema.field(at).type))


def _flags(table: pa.Table) -> dict[str, int]:
    flag, flags = codes(table["flag"])
    reason, reasons = codes(table["reason"])
    counts = np.bincount(flag.astype(np.int64) * (len(reasons) + 1) + reason + 1)
    found: Counter[str] = Counter()
    for number in np.flatnonzero(counts).tolist():
        kind, why = divmod(number, len(reasons) + 1)
        found[f"{flags[kind]}: {reasons[why - 1]}" if why else flags[kind]] += int(counts[number])
    kept = dict(found.most_common(MOST_REASONS))
    for name in found.keys() - kept.keys():
        other = f"{name.partition(':')[0]}: other"
        kept[other] = kept.get(other, 0) + found[name]
    return dict(sorted(kept.items()))
