"""Making a proof of one reading from a shed: chunks and paths, the entries, the checkpoint, and what came later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from commonshed.disclose.proofs.proof import EntryProof, Later, Leaf, Proof, SegmentProof, Subject
from commonshed.errors import InputError, ShedDamaged, ShedError
from commonshed.keep import Shed
from commonshed.keep.chunks import ChunkPlace, Leaves, chunk_places, chunks, leaf_hashes, path_of_leaf
from commonshed.keep.contents import Segment
from commonshed.keep.log import Log
from commonshed.keep.log.cosignatures import Cosignatures, known_witnesses
from commonshed.keep.log.notes import Checkpoint, Note
from commonshed.keep.log.rotation import ROTATION
from commonshed.keep.merkle import merkle_root
from commonshed.keep.rows import KEY, codes
from commonshed.units import quantities, value_text

__all__ = ["prove"]

_MOST_LATER = 4096
_MOST_BYTES = 1 << 20
"""Entries, and bytes of them, that a proof carries to show that nothing later took a reading's place."""


def prove(
    shed: Shed,
    *,
    station: str,
    quantity: str,
    start: int,
    statistic: str = "mean",
    period: int | None = None,
    newest: bool = False,
) -> Proof:
    """Prove one reading, with all its versions, so that nobody needs the shed to believe it.

    Parameters
    ----------
    station, quantity, start, statistic, period
        The key of the reading; start in UTC seconds, period in seconds. Without a period the only one that starts then.
    newest : bool
        Stand on the newest checkpoint of the log, even where witnesses have signed an earlier one that holds every
        version of the reading.

    Raises
    ------
    InputError
        There is no such reading, or more than one.
    ShedError
        In a mirror: its rows are not here, or only in part.
    ShedDamaged
        A pack is not what the log says.
    """
    shed.refresh()
    log = shed.log
    asked = Subject(station, quantity, statistic, start, period or 0)
    named = [_Segment.of(shed, segment) for segment in _candidates(shed, asked, [station])]
    subject = _subject(shed, asked, period, named)
    holding = [each for each in named if each.holds(subject)]
    highest = holding[-1].segment.position
    note = _note(shed, highest, newest=newest)
    size = Checkpoint.parse(note.text).size
    beside = [segment for segment in _candidates(shed, asked) if highest < segment.position < size]
    told = quantities().get(quantity)
    return Proof(
        subject=subject,
        zone=str(shed.zone),
        unit=None if told is None else told.unit,
        resolution=None if told is None else value_text(1, told),
        checkpoint=note.encode().decode(),
        segments=tuple(
            each.proof(log, subject, size) for each in [*holding, *(_Segment.of(shed, segment) for segment in beside)]
        ),
        keys=tuple(
            _entry(log, entry.position, size)
            for entry in shed.entries
            if entry.kind == ROTATION and entry.position < size
        ),
        later=None if _withheld(shed, asked, since=highest) else _later(log, highest + 1, size),
    )


def _candidates(shed: Shed, asked: Subject, stations: Sequence[str] | None = None) -> list[Segment]:
    """Segments that may hold the reading and of which every row is here.

    Without stations as the verifier will judge them, who does not know which station has which number.
    """
    contents = shed._store.contents
    numbers = None if stations is None else contents.numbers(stations)
    found = contents.select(start=asked.start, end=asked.start + 1, quantities=[asked.quantity], stations=numbers)
    return [segment for segment in found if segment.position not in contents.withheld]


def _withheld(shed: Shed, asked: Subject, *, since: int = -1) -> list[int]:
    """In a mirror: segments behind some position that may hold the reading and were not handed over whole."""
    found = shed._store.contents.missing(start=asked.start, end=asked.start + 1, quantities=[asked.quantity])
    return [each.position for each in found if each.position > since]


@dataclass(frozen=True)
class _Segment:
    """A segment opened to be proved from."""

    segment: Segment
    rows: pa.Table
    places: list[ChunkPlace]
    leaves: list[bytes]

    @classmethod
    def of(cls, shed: Shed, segment: Segment) -> _Segment:
        store = shed._store
        rows = store.rows_of([segment])
        kept = Leaves(store.packs.folder)
        leaves = kept.of(segment.extent.month, segment.digest)
        if leaves is None:
            leaves = leaf_hashes(rows)
            if merkle_root(leaves).hex() != segment.digest:
                raise ShedDamaged(
                    f"{shed.path}: the rows of entry {segment.position} do not have the digest that it says. "
                    "See where: commonshed shed status --check"
                )
            kept.keep(segment.extent.month, leaves, rows.num_rows)
        return cls(segment, rows, chunk_places(rows), leaves)

    def holds(self, subject: Subject) -> bool:
        return bool(len(self.among(subject)))

    def among(self, subject: Subject) -> NDArray[np.intp]:
        """Rows with a key."""
        mask = self.rows["start"].to_numpy() == subject.start
        mask &= self.rows["period"].to_numpy() == subject.period
        return np.flatnonzero(mask & self.named(subject))

    def named(self, subject: Subject) -> NDArray[np.bool_]:
        """Where station, quantity and statistic are those of a key."""
        mask = np.ones(self.rows.num_rows, bool)
        for name in ("station", "quantity", "statistic"):
            numbers, names = codes(self.rows[name])
            wanted = getattr(subject, name)
            mask &= numbers == (names.index(wanted) if wanted in names else -2)
        return mask

    def proof(self, log: Log, subject: Subject, size: int) -> SegmentProof:
        """Its entry, and the chunks that hold the reading or stand where it would."""
        first, last = self._span(subject)
        found = tuple(self._leaf(place) for place in self.places[first : last + 1])
        return SegmentProof(_entry(log, self.segment.position, size), len(self.leaves), found)

    def _span(self, subject: Subject) -> tuple[int, int]:
        """Chunks from the one before to the one behind the reading's place, as few as show it."""
        rows = self.among(subject)
        if len(rows) and self.segment.extent.distinct:
            return (at := self._chunk(int(rows[0]))), at
        low, high = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (self._place(subject),) * 2
        return self._chunk(max(low - 1, 0)), self._chunk(min(high, self.rows.num_rows - 1))

    def _place(self, subject: Subject) -> int:
        """Row before which the reading would stand."""
        low, high = 0, self.rows.num_rows
        while low < high:
            middle = (low + high) // 2
            [row] = self.rows.slice(middle, 1).select(KEY).to_pylist()
            low, high = (middle + 1, high) if Subject(**row).order < subject.order else (low, middle)
        return low

    def _chunk(self, row: int) -> int:
        return next(place.index for place in self.places if place.first <= row < place.first + place.rows)

    def _leaf(self, place: ChunkPlace) -> Leaf:
        [chunk] = chunks(self.rows.slice(place.first, place.rows).combine_chunks())
        if len(self.places) != len(self.leaves) or chunk.hash != self.leaves[place.index]:
            raise ShedDamaged(
                f"entry {self.segment.position}, chunk {place.index}: not the rows that were entered. "
                "See where: commonshed shed status --check"
            )
        return Leaf(place.index, chunk.text.decode(), tuple(path_of_leaf(self.leaves, place.index)))


def _subject(shed: Shed, asked: Subject, period: int | None, held: Sequence[_Segment]) -> Subject:
    """The key with its period, which need not be said where there is one only."""
    periods: set[int] = set()
    for each in held:
        then = each.named(asked) & (each.rows["start"].to_numpy() == asked.start)
        periods |= set(each.rows["period"].to_numpy()[then].tolist())
    if period is not None:
        periods &= {period}
    if len(periods) == 1:
        return replace(asked, period=periods.pop())
    when = shed.zone.text(asked.start)
    what = f"{asked.statistic} {asked.quantity} at {asked.station}, {when}"
    if withheld := _withheld(shed, asked):
        raise ShedError(
            f"{shed.path}: rows of entry {withheld[0]} were not handed over to this mirror, so that nothing can be "
            "proved of them from here. Ask the node that sealed them"
        )
    if periods:
        lengths = ", ".join(str(each) for each in sorted(periods))
        raise InputError(f"several readings like this: {what}, of {lengths} s", mend="Say which: --length")
    raise InputError(f"no such reading is kept: {what}", mend="See what is: commonshed shed history")


def _note(shed: Shed, position: int, *, newest: bool) -> Note:
    """The checkpoint to stand on: one that witnesses signed, if it holds every version."""
    cosigned = None if newest else Cosignatures(shed.log, known_witnesses(shed.path)).cosigned()
    if cosigned is not None and Checkpoint.parse(cosigned.text).size > position:
        return cosigned
    return shed.log.note()


def _entry(log: Log, position: int, size: int) -> EntryProof:
    return EntryProof(position, log.entry_bytes(position).decode(), tuple(log.inclusion(position, size)))


def _later(log: Log, first: int, size: int) -> Later | None:
    if size - first > _MOST_LATER:
        return None
    texts = list(islice(log.tiles.entries(first, log.size), size - first)) if first < size else []
    if sum(map(len, texts)) > _MOST_BYTES:
        return None
    return Later(first, tuple(peaks(log, first)), tuple(text.decode() for text in texts))


def peaks(log: Log, size: int) -> list[bytes]:
    """Hashes of the complete subtrees that the first entries of a log make, the largest first."""
    found, first = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            found.append(log.tiles.node(level, first >> level, log.size))
            first += 1 << level
    return found
