"""Small packs of a month brought together, one release class a pack: files change, what was measured does not.

When the sharing rule changes, segments whose readings have one class by now find their way to others of that class;
what a class may not have in whole packs is handed out chunk by chunk until then, and for mixed segments always.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from commonshed.errors import ShedDamaged
from commonshed.keep.contents import Location, Segment
from commonshed.keep.extent import month_text
from commonshed.keep.packs import compact
from commonshed.keep.release import CLASSES, Spread, by_release
from commonshed.keep.rows import ordered_digest
from commonshed.keep.store import Store

__all__ = ["RepackReport", "repack"]

_PACK_ROWS = 4_000_000  # a pack of this size is not repacked any more
_MOST_PLACED = 2_000  # segments that one entry of a repacking names: it has to stay small
_MIXED = "mixed"  # release of a segment whose readings have several classes by now


@dataclass(frozen=True)
class RepackReport:
    """What repacking changed.

    Attributes
    ----------
    months : tuple of str
    packs_before, packs_after : int
        Of these months.
    size : int
        Of the log, afterwards.
    """

    months: tuple[str, ...]
    packs_before: int
    packs_after: int
    size: int


def repack(store: Store, *, wait: float = 0.0) -> RepackReport:
    """Bring the small packs of each month and release class together; what was measured stays, digest by digest."""
    with store.sealing(wait) as held:
        entries: list[tuple[str, Mapping[str, Any]]] = []
        written: list[Location] = []
        months: list[str] = []
        before: set[str] = set()
        try:
            for month, release, positions in _fragmented(store):
                months.append(month_text(month))
                before.update(store.contents.locations[position].path for position in positions)
                said, location = _repack_month(store, month, release, positions)
                entries += said
                written.append(location)
        except BaseException:
            store.take_back(written)
            raise
        if entries:
            store.append(entries)
            held.sweep = True  # by the next sealer: readers may still be in the old packs
        return RepackReport(tuple(dict.fromkeys(months)), len(before), len(written), store.contents.size)


@dataclass(frozen=True)
class _Unit:
    """Segments of one release class that lie in one pack."""

    positions: tuple[int, ...]
    apart: bool
    """They have to leave it: others there are of another class."""


def _fragmented(store: Store) -> list[tuple[int, str, list[int]]]:
    """Months, release classes and segments that are to become one pack.

    These are several small packs of one class, that together make no giant, and what stands in a pack with readings of
    another class.
    """
    release = _Releases(store)
    units: dict[tuple[int, str], list[_Unit]] = defaultdict(list)
    for positions in store.contents.packs().values():
        by_class: dict[str, list[int]] = defaultdict(list)
        for position in positions:
            by_class[release.of(store.contents.segments[position])].append(position)
        month = store.contents.segments[positions[0]].extent.month
        if len(by_class) > 1 or _rows(store, positions) < _PACK_ROWS:
            for name, members in by_class.items():
                units[month, name].append(_Unit(tuple(members), apart=len(by_class) > 1))
    return [
        (month, name, sorted(position for unit in together for position in unit.positions))
        for (month, name), found in sorted(units.items())
        for together in _batches(store, sorted(found, key=lambda unit: unit.positions))
        if len(together) > 1 or any(unit.apart for unit in together)
    ]


class _Releases:
    """Release classes of sealed segments by the sharing rule in force."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.ruling = store.ruling_for_sealing()
        self._stations = store.contents.registered()
        self._spread = Spread(lambda station, quantity: CLASSES.index(self.ruling.release(station, quantity)))

    def of(self, segment: Segment) -> str:
        """``public``, ``partner``, ``internal`` or ``mixed``."""
        if self.ruling.document is None:
            return "internal"
        low, high = self._spread.span(self._stations, segment.extent)
        if low == high:
            return CLASSES[low]
        found = by_release(self.store.rows_of([segment], ("station", "quantity")), self.ruling)
        return found[0][0] if len(found) == 1 else _MIXED


def _batches(store: Store, units: list[_Unit]) -> Iterator[list[_Unit]]:
    together: list[_Unit] = []
    held = 0
    for unit in units:
        rows = _rows(store, unit.positions)
        if together and held + rows > _PACK_ROWS:
            yield together
            together, held = [], 0
        together.append(unit)
        held += rows
    yield together


def _rows(store: Store, positions: Sequence[int]) -> int:
    return sum(store.contents.segments[position].extent.rows for position in positions)


def _repack_month(
    store: Store, month: int, release: str, positions: list[int]
) -> tuple[list[tuple[str, Mapping[str, Any]]], Location]:
    segments = [store.contents.segments[position] for position in positions]
    table = store.rows_of(segments)
    placed = []
    offset = 0
    for segment in segments:
        if ordered_digest(table.slice(offset, segment.extent.rows)) != segment.digest:
            raise ShedDamaged(
                f"segments/{store.contents.locations[segment.position].path}: the rows of entry {segment.position} do "
                "not have the digest that was entered. Nothing was repacked; put back a copy of this file"
            )
        placed.append([segment.position, offset])
        offset += segment.extent.rows
    location = store.packs.write(month, compact(table))
    pack = {"path": location.path, "digest": location.digest, "bytes": location.bytes}
    parts = (placed[at : at + _MOST_PLACED] for at in range(0, len(placed), _MOST_PLACED))
    return [("repacking", {"pack": pack, "release": release, "segments": part}) for part in parts], location
