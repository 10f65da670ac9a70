"""A pack compared with its entries: the file, the rows of each segment chunk by chunk, what the entries say of them.

A pack whose digest is right cannot hold other rows than were entered, yet its rows are digested all the same: a node
that signs one thing and hands out another is found by whoever holds its log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from commonshed.keep.chunks import ChunkPlace, Leaves, chunk_places, leaf_hashes
from commonshed.keep.contents import Location, Segment
from commonshed.keep.extent import MOST_REASONS, Extent
from commonshed.keep.merkle import merkle_root
from commonshed.keep.problems import Problem
from commonshed.keep.rows import KEY, READINGS, canonical_order, chunk_starts, codes

__all__ = ["PackAudit", "audit_pack"]

_STRETCH = 400_000  # rows digested at a time: bounds memory
_COPY = "Put back a copy from a backup or another node"
_BROKEN = (pa.ArrowException, OSError, ValueError, KeyError, IndexError, OverflowError, MemoryError)

Placed = tuple[Segment, Location]


@dataclass
class PackAudit:
    """What was found in one pack."""

    segments: int = 0
    rows: int = 0
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


def audit_pack(
    folder: Path, placed: Sequence[Placed], registry: Mapping[str, int] | None, *, told: frozenset[int] = frozenset()
) -> PackAudit:
    """Compare one pack and the segments in it with the log.

    Parameters
    ----------
    folder : Path
        ``segments/`` of the shed.
    placed : sequence of (Segment, Location)
        All of this pack.
    registry : mapping of station to number, or None
        None where entries that register stations cannot be read: then it is not asked which stations rows are of.
    told : frozenset of int
        Positions of segments of which only some rows are here: what their entries say is of all of them.
    """
    found = PackAudit(segments=len(placed))
    location = placed[0][1]
    name = f"segments/{location.path}"
    try:
        content = (folder / location.path).read_bytes()
    except OSError as error:
        gone = "gone" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
        found.problems.append(Problem("pack", name, f"{gone}. {_COPY}", placed[0][0].position))
        return found
    digest = hashlib.sha256(content).hexdigest()
    changed = digest != location.digest
    if changed:
        said = f"not the file that was entered: its SHA-256 is {digest[:16]}…, entered was {location.digest[:16]}…"
        found.problems.append(Problem("pack", name, f"{said}. {_COPY}", location.position))
    elif len(content) != location.bytes:
        said = f"it has {len(content)} bytes, its entry says {location.bytes}"
        found.problems.append(Problem("pack", name, said, location.position))
    _Rows(name, content, placed, Leaves(folder), registry, told, found).audit()
    return found


@dataclass
class _Rows:
    """The rows of one pack, as they are compared."""

    name: str
    content: bytes
    placed: Sequence[Placed]
    leaves: Leaves
    registry: Mapping[str, int] | None
    told: frozenset[int]
    found: PackAudit

    def audit(self) -> None:
        try:
            with pq.ParquetFile(pa.BufferReader(self.content)) as file:
                sizes = [file.metadata.row_group(i).num_rows for i in range(file.metadata.num_row_groups)]
                self._audit(file, [0, *accumulate(sizes)])
        except _BROKEN as error:
            for segment, _ in self.placed:
                self._unreadable(segment, 0, segment.extent.rows, error)

    def _audit(self, file: pq.ParquetFile, bounds: Sequence[int]) -> None:
        there: list[Placed] = []
        named = end = 0
        for segment, location in sorted(self.placed, key=lambda each: (each[1].offset, each[0].position)):
            first, last = location.offset, location.offset + segment.extent.rows
            if last > bounds[-1]:
                said = f"it has {bounds[-1]} rows, and rows {first} to {last - 1} are asked for. {_COPY}"
                self.found.problems.append(Problem("pack", self.name, said, segment.position))
                continue
            there.append((segment, location))
            named += max(last - max(first, end), 0)
            end = max(end, last)
        if named != bounds[-1]:
            said = f"it has {bounds[-1]} rows, of which entries name {named}"
            self.found.notes.append(Problem("extra", self.name, said))
        for stretch in _stretches(there):
            self._stretch(file, bounds, stretch)

    def _stretch(self, file: pq.ParquetFile, bounds: Sequence[int], stretch: Sequence[Placed]) -> None:
        """Neighbouring segments, digested together: many of a minute each cost no more than one of a month."""
        try:
            table = _rows(file, bounds, stretch[0][1].offset, stretch[-1][1].offset + stretch[-1][0].extent.rows)
            cuts = _cuts(stretch)
            hashes = leaf_hashes(table, cuts[1:-1])
            starts = chunk_starts(codes(table["station"])[0], codes(table["quantity"])[0], cuts[1:-1])
        except _BROKEN as error:
            if len(stretch) > 1:
                for one in stretch:
                    self._stretch(file, bounds, [one])
            else:
                self._narrow(file, bounds, *stretch[0], error)
            return
        at = np.searchsorted(starts, cuts).tolist()
        for i, (segment, _) in enumerate(stretch):
            rows = table.slice(cuts[i], segment.extent.rows)
            self.found.rows += segment.extent.rows
            self._compare(segment, rows, hashes[at[i] : at[i + 1]])

    def _compare(self, segment: Segment, rows: pa.Table, hashes: list[bytes]) -> None:
        month = segment.extent.month
        if merkle_root(hashes).hex() == segment.digest:
            if segment.position not in self.told and (said := _misstated(segment.extent, rows, self.registry)):
                self.found.problems.append(Problem("extent", self.name, said, segment.position))
            path = self.leaves.folder / self.leaves.path(month, segment.digest)
            if path.exists() and self.leaves.of(month, segment.digest) is None:
                said = "damaged leaf hashes. Delete the file: it is made anew when it is needed"
                name = f"segments/{self.leaves.path(month, segment.digest)}"
                self.found.notes.append(Problem("leaves", name, said, segment.position))
            return
        places = chunk_places(rows)
        right = self.leaves.of(month, segment.digest)
        for low, high in _differing(hashes, right):
            for place in places[low:high]:
                self._changed(segment, place, certain=right is not None and len(right) == len(hashes))
        if right is not None and not places:
            self._unreadable(segment, 0, 0, "it holds no rows")

    def _changed(self, segment: Segment, place: ChunkPlace, *, certain: bool) -> None:
        said = "its rows are not those that were entered"
        if not certain:
            said += ", or those of another chunk of this segment: which one cannot be told"
        self.found.problems.append(
            Problem(
                "rows",
                self.name,
                f"{said}. {_COPY}",
                segment.position,
                place.index,
                place.station,
                place.quantity,
                (place.first, place.first + place.rows - 1),
                place.starts,
            )
        )

    def _narrow(
        self, file: pq.ParquetFile, bounds: Sequence[int], segment: Segment, location: Location, error: Exception
    ) -> None:
        """Which rows of a segment cannot be read, by the part of the file they lie in."""
        end = location.offset + segment.extent.rows
        for group, (low, high) in enumerate(pairwise(bounds)):
            if low >= end or high <= location.offset:
                continue
            try:
                file.read_row_group(group, use_threads=False).validate(full=True)
            except _BROKEN as broken:
                first = max(low - location.offset, 0)
                self._unreadable(segment, first, min(high, end) - location.offset - first, broken)
                return
        self._unreadable(segment, 0, segment.extent.rows, error)

    def _unreadable(self, segment: Segment, first: int, rows: int, error: object) -> None:
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        quantities = " ".join(segment.extent.quantities)
        said = f"these rows cannot be read ({reason}): stations number {segment.extent.stations.text}, {quantities}"
        self.found.problems.append(
            Problem(
                "rows",
                self.name,
                f"{said}. {_COPY}",
                segment.position,
                rows=(first, first + max(rows, 1) - 1),
                starts=(segment.extent.first, segment.extent.last),
            )
        )


def _stretches(placed: Sequence[Placed]) -> Iterator[list[Placed]]:
    """Runs of neighbouring segments of some hundred thousand rows; a larger segment stands alone."""
    stretch: list[Placed] = []
    for segment, location in placed:
        rows = location.offset + segment.extent.rows - (stretch[0][1].offset if stretch else location.offset)
        apart = stretch and location.offset != stretch[-1][1].offset + stretch[-1][0].extent.rows
        if stretch and (apart or rows > _STRETCH):
            yield stretch
            stretch = []
        stretch.append((segment, location))
    if stretch:
        yield stretch


def _cuts(stretch: Sequence[Placed]) -> list[int]:
    return [0, *accumulate(segment.extent.rows for segment, _ in stretch)]


def _rows(file: pq.ParquetFile, bounds: Sequence[int], low: int, high: int) -> pa.Table:
    """Rows [low, high) of a pack, in the form READINGS."""
    groups = [i for i in range(len(bounds) - 1) if low < bounds[i + 1] and high > bounds[i]]
    table = file.read_row_groups(groups, use_threads=False).slice(low - bounds[groups[0]] if groups else 0, high - low)
    return table.select(READINGS.names).cast(READINGS).unify_dictionaries().combine_chunks()


def _differing(hashes: Sequence[bytes], right: Sequence[bytes] | None) -> Iterator[tuple[int, int]]:
    """Runs of leaves that differ; all of them where it is not known what they should be."""
    if right is None:
        yield 0, len(hashes)
        return
    if len(hashes) == len(right):
        yield from ((i, i + 1) for i in range(len(right)) if hashes[i] != right[i])
        return
    shorter = min(len(hashes), len(right))
    low = next((i for i in range(shorter) if hashes[i] != right[i]), shorter)
    back = next((i for i in range(shorter - low) if hashes[-1 - i] != right[-1 - i]), shorter - low)
    yield low, max(len(hashes) - back, min(low + 1, len(hashes)))


def _misstated(said: Extent, rows: pa.Table, registry: Mapping[str, int] | None) -> str | None:
    """What an entry says of its rows that is not so: a question could pass over them."""
    order = canonical_order(rows)
    if not np.all(order[1:] > order[:-1]):
        return "the rows do not stand in canonical order, though their digest is right"
    names = {codes(rows["station"])[1][i] for i in np.unique(codes(rows["station"])[0]).tolist()}
    if registry is not None and (strange := sorted(names - registry.keys())):
        return f"rows of a station that is not registered: {strange[0]}"
    numbers = dict.fromkeys(names, 0) if registry is None else registry
    stated = said.content()
    for words in (True, False):  # an entry that everybody reads may leave out what people wrote
        extent = Extent.of(rows, numbers, distinct=_distinct(rows), replaced=said.replaced, words=words)
        seen = extent.content()
        if seen["flags"] == stated["flags"]:
            break
    passed_over = {"stations"} if registry is None else set()
    if len(stated["flags"]) >= MOST_REASONS:
        passed_over.add("flags")
    wrong = [name for name in seen.keys() | stated.keys() if seen.get(name) != stated.get(name)]
    wrong = sorted(set(wrong) - passed_over)
    return f"its entry says other than its rows: {', '.join(wrong)}" if wrong else None


def _distinct(rows: pa.Table) -> bool:
    """Whether no key stands twice among rows in canonical order."""
    same = np.ones(max(rows.num_rows - 1, 0), bool)
    for name in KEY:
        column = rows[name]
        values = codes(column)[0] if pa.types.is_dictionary(column.type) else column.to_numpy()
        same &= values[1:] == values[:-1]
    return not bool(same.any())
