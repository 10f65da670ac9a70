"""What this node gives an asker: the log, documents, and of each segment what the sharing rule in force allows.

Two things decide, chunk by chunk: the rule, on the chunk's station and quantity, and the clock, where the rule says so:
a chunk goes out when its last row is past the delay. Everything else is arranged around that: what an entry says of a
segment usually settles it without opening a pack; what has to be made is made once and kept below ``blocks/``.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from commonshed.disclose.federation.audience import Audience
from commonshed.disclose.federation.cache import Cache
from commonshed.disclose.federation.offers import MOST, Offer, State, runs
from commonshed.disclose.federation.redaction import (
    FORM,
    LAID_OUT_BY,
    Chunked,
    chunked,
    leaves_of,
    write_given,
)
from commonshed.errors import ShedDamaged
from commonshed.keep import Shed
from commonshed.keep.chunks import Leaves
from commonshed.keep.contents import Document, Segment
from commonshed.keep.packs import PackGone
from commonshed.keep.release import UNSHARED, Grant, Ruling, Spread

__all__ = ["Given", "Giving", "NotHere", "NotYours"]

logger = logging.getLogger(__name__)

NEVER = 1 << 60
"""A delay beyond all time: not given. [s]"""

_HOUR = 3600
_CHUNKS_REMEMBERED = 1_000_000
_TRIES = 5

T = TypeVar("T")


class NotHere(LookupError):
    """There is no such thing here."""


class NotYours(PermissionError):
    """It is here, and the sharing rule does not give it to this asker (yet)."""


@dataclass(frozen=True)
class Given:
    """A file that is handed out, open: it can be read to its end whatever happens to its name meanwhile.

    Attributes
    ----------
    file : binary file
    bytes : int
    etag : str
        Without quotes; other bytes have another.
    """

    file: BinaryIO
    bytes: int
    etag: str


class Giving:
    """What one shed gives. One object may be used by several threads.

    Parameters
    ----------
    shed : Shed
    clock : callable
        [UTC s]
    cache : Cache, optional
        Without it below ``blocks/`` of the shed.
    """

    def __init__(self, shed: Shed, *, clock: Callable[[], float] = time.time, cache: Cache | None = None) -> None:
        self.shed = shed
        self.clock = clock
        self.cache = cache or Cache(shed.path / "blocks" / "given")
        self._store = shed.store
        self._laid: OrderedDict[int, Chunked] = OrderedDict()
        self._remembered = 0  # chunks of these
        self._packs: tuple[int, dict[str, list[int]]] = (-1, {})
        self._delays: dict[Audience, _Delays] = {}
        self._making = threading.Lock()
        self._remembering = threading.Lock()

    def refresh(self) -> Ruling:
        """See what was added since; the sharing rule in force now.

        Where the rule cannot be read, no reading goes out, and the log goes on being served.

        Raises
        ------
        ShedDamaged
            The log.
        """
        self._store.refresh()
        try:
            return self._store.ruling(self.clock())
        except ShedDamaged as error:
            logger.error("no reading is given: %s", error)
            return UNSHARED

    # ── what may go out ──

    def offer(self, audience: Audience, first: int = 0, last: int | None = None, *, most: int = MOST) -> Offer:
        """What an asker may have of the segments at positions first … last."""
        ruling = self.refresh()
        size = self._store.contents.size
        first = max(first, 0)
        last = min(size - 1 if last is None else last, size - 1, first + most - 1)
        positions = list(self._store.contents.segments)
        chosen = positions[bisect_left(positions, first) : bisect_right(positions, last)]
        now = self.clock()
        states = ((position, self._state(ruling, audience, position, now)) for position in chosen)
        return Offer(
            ruling.digest, audience.name, size, first, max(last, first - 1), runs(states), _terms(ruling, audience)
        )

    def state(self, audience: Audience, position: int) -> State:
        """What an asker may have of one segment.

        Raises
        ------
        NotHere
            There is no segment at that position.
        """
        ruling = self.refresh()
        self._segment(position)
        return self._state(ruling, audience, position, self.clock())

    # ── what goes out ──

    def pack(self, audience: Audience, path: str) -> Given:
        """A pack, where the asker may have every row of every segment in it.

        Raises
        ------
        NotHere, NotYours, ShedDamaged
        """
        ruling = self.refresh()
        positions = self.positions_in(path)
        if not positions:
            raise NotHere(f"no pack segments/{path} is named by the log now")
        now = self.clock()
        if any(self._state(ruling, audience, position, now) != "whole" for position in positions):
            raise NotYours(f"segments/{path} holds rows that do not go to {audience.name}")
        location = self._store.contents.locations[positions[0]]
        try:
            self._store.packs.ensure(location)
            return _opened(self._store.packs.folder / path, location.digest)
        except (PackGone, FileNotFoundError):
            raise NotHere(f"segments/{path} has just been repacked; look again where its segments lie") from None

    def rows(self, audience: Audience, position: int) -> Given:
        """The rows of one segment that the asker may have, as a Parquet file.

        Raises
        ------
        NotHere, NotYours, ShedDamaged
        """
        laid, chunks = self._chosen(audience, position)
        segment = self._segment(position)
        etag = _etag(segment, "rows", np.packbits(chunks).tobytes())

        def make(path: Path) -> None:
            leaves = self._leaves(segment, laid)
            self._retrying(lambda: write_given(path, lambda: self._pieces(position), laid, chunks, leaves))

        return Given(*self._made(f"{etag}.parquet", make), etag)

    def rows_etag(self, audience: Audience, position: int) -> str:
        """How the rows of a segment are named that the asker may have, without making them.

        Raises
        ------
        NotHere, NotYours, ShedDamaged
        """
        _, chunks = self._chosen(audience, position)
        return _etag(self._segment(position), "rows", np.packbits(chunks).tobytes())

    def leaves(self, audience: Audience, position: int) -> Given:
        """Hashes of all chunks of a segment, 32 bytes each, for those who get some of its rows.

        To others they would be of no use but one: the hash of a chunk of one row tells its value to who tries them all.

        Raises
        ------
        NotHere, NotYours, ShedDamaged
        """
        if self.state(audience, position) == "none":
            raise NotYours(f"no row of segment {position} goes to {audience.name}, nor the hashes of its chunks")
        segment = self._segment(position)
        etag = _etag(segment, "leaves")

        def make(path: Path) -> None:
            path.write_bytes(b"".join(self._leaves(segment, self._laid_out(position))))

        return Given(*self._made(f"{etag}.leaves", make), etag)

    def document(self, path: str, *, below: str) -> Given:
        """A document that the log names: a place edition, a standard, a statement.

        Parameters
        ----------
        path : str
        below : {"places", "statements"}

        Raises
        ------
        NotHere, ShedDamaged
        """
        self.refresh()
        document = self.documents().get(f"{below}/{path}")
        if document is None:
            raise NotHere(f"the log names no document {below}/{path}")
        self.shed.document_bytes(document)
        return _opened(self.shed.document_path(document), document.digest)

    def documents(self) -> dict[str, Document]:
        """Every document the log names, by its path below the shed."""
        found = {}
        for held in list(self._store.contents.documents.values()):
            for document in list(held):
                where = self.shed.document_path(document).relative_to(self.shed.path)
                found[where.as_posix()] = document
        return found

    def positions_in(self, path: str) -> list[int]:
        """Positions of the segments in a pack."""
        return [
            position for position, location in list(self._store.contents.locations.items()) if location.path == path
        ]

    # ── how it is decided ──

    def _state(self, ruling: Ruling, audience: Audience, position: int, now: float) -> State:
        segment = self._store.contents.segments[position]
        low, high = self._span(ruling, audience, segment)
        extent = segment.extent
        if low >= NEVER or extent.first + low >= now:  # no reading ends before it starts
            return "none"
        if high < NEVER and extent.hourly and extent.last + _HOUR + high <= now:
            return "whole"
        given = self._due(ruling, audience, self._laid_out(position)) <= now
        return "whole" if given.all() else "part" if given.any() else "none"

    def _span(self, ruling: Ruling, audience: Audience, segment: Segment) -> tuple[int, int]:
        """Smallest and largest delay among the stations and quantities an entry names. [s]"""
        if ruling.document is None:
            return NEVER, NEVER
        delays = self._delays_of(ruling, audience)
        found = delays.spans.get(segment.position)
        if found is None:
            found = delays.spans[segment.position] = delays.span(self._store.contents.registered(), segment.extent)
        return found

    def _due(self, ruling: Ruling, audience: Audience, laid: Chunked) -> NDArray[np.int64]:
        """When each chunk goes out. [UTC s]"""
        delays = self._delays_of(ruling, audience)
        by_pair = np.array([delays.of(*pair) for pair in laid.pairs], np.int64)
        due: NDArray[np.int64] = np.minimum(by_pair[laid.series] + laid.ends, NEVER)
        return due

    def _delays_of(self, ruling: Ruling, audience: Audience) -> _Delays:
        with self._remembering:
            held = self._delays.get(audience)
            if held is None or held.ruling is not ruling:
                held = self._delays[audience] = _Delays(ruling, audience)
            return held

    def _chosen(self, audience: Audience, position: int) -> tuple[Chunked, NDArray[np.bool_]]:
        """The chunks of a segment, and those that go to the asker now."""
        ruling = self.refresh()
        laid = self._laid_out(position)
        chunks = self._due(ruling, audience, laid) <= self.clock()
        if not chunks.any():
            raise NotYours(f"no row of segment {position} goes to {audience.name}")
        return laid, chunks

    def _laid_out(self, position: int) -> Chunked:
        with self._remembering:
            if position in self._laid:
                self._laid.move_to_end(position)
                return self._laid[position]
        segment = self._segment(position)
        found = chunked(self._store.rows_of([segment], LAID_OUT_BY))
        with self._remembering:
            if position not in self._laid:
                self._laid[position] = found
                self._remembered += len(found.rows)
            while len(self._laid) > 1 and self._remembered > _CHUNKS_REMEMBERED:
                self._remembered -= len(self._laid.popitem(last=False)[1].rows)
        return found

    # ── how it is made ──

    def _segment(self, position: int) -> Segment:
        segment = self._store.contents.segments.get(position)
        if segment is None:
            raise NotHere(f"entry {position} of the log is no segment")
        return segment

    def _leaves(self, segment: Segment, laid: Chunked) -> list[bytes]:
        kept = Leaves(self._store.packs.folder).of(segment.extent.month, segment.digest)
        return kept or self._retrying(lambda: leaves_of(lambda: self._pieces(segment.position), laid, segment.digest))

    def _pieces(self, position: int) -> Iterator[pa.Table]:
        contents = self._store.contents
        return self._store.packs.pieces(contents.segments[position], contents.locations[position])

    def _retrying(self, make: Callable[[], T]) -> T:
        for _ in range(_TRIES):
            try:
                return make()
            except PackGone:
                self._store.refresh()
        raise ShedDamaged("a pack is gone, and the log still names it. Put back a copy from a backup")

    def _made(self, name: str, make: Callable[[Path], None]) -> tuple[BinaryIO, int]:
        found = self.cache.open(name)
        if found is None:
            with self._making:  # one at a time: what making takes of memory does not grow with the askers
                found = self.cache.open(name) or self.cache.make(name, make)
        return found


class _Delays(Spread):
    """How late one asker may have what. [s]"""

    def __init__(self, ruling: Ruling, audience: Audience) -> None:
        super().__init__(lambda station, quantity: _delay(ruling.grant(station, quantity, audience.partner)))
        self.ruling = ruling
        self.spans: dict[int, tuple[int, int]] = {}


def _delay(grant: Grant | None) -> int:
    return NEVER if grant is None else grant.delay


def _terms(ruling: Ruling, audience: Audience) -> tuple[dict[str, Any], ...]:
    """The rules by which an asker is given something, in words it may read: no other partner is named in them."""
    found = []
    for rule in () if ruling.document is None else ruling.document.rules:
        terms = None if audience.partner is None else rule.partners.get(audience.partner)
        if rule.release == "internal" or (rule.release == "partner" and terms is None):
            continue
        use = (terms.use if terms else None) or rule.use
        found.append(
            {
                "rule": rule.id,
                "delay": rule.delay if terms is None or terms.delay is None else terms.delay,
                "use": None if use is None else {"en": use.en, "zh": use.zh},
                "stations": list(rule.stations),
                "jurisdictions": list(rule.jurisdictions),
                "quantities": list(rule.quantities),
            }
        )
    return tuple(found)


def _etag(segment: Segment, *parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in (FORM, pa.__version__, segment.digest, *parts):
        content = part.encode() if isinstance(part, str) else part
        digest.update(len(content).to_bytes(8) + content)
    return digest.hexdigest()[:40]


def _opened(path: Path, etag: str) -> Given:
    file = path.open("rb")
    size = file.seek(0, 2)
    file.seek(0)
    return Given(file, size, etag)
