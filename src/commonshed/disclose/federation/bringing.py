"""Bringing over what a verified log names: packs, rows of chunks, documents. Each is verified before it has a place.

A file that arrived stays when a pull breaks off: the next one finds it in its place, or goes on where it ended.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from commonshed.disclose.federation.checking import Checker, Finding, NotReadable, Part
from commonshed.disclose.federation.client import Client, Malformed, NotGiven, Oversized
from commonshed.disclose.federation.evidence import Caught
from commonshed.disclose.federation.growth import Growth
from commonshed.disclose.federation.mirror import Mirror
from commonshed.disclose.federation.offers import Offer
from commonshed.errors import PeerError, ProofError
from commonshed.keep.contents import Contents, Document, Location
from commonshed.keep.extent import Extent, Stations, month_text
from commonshed.keep.held import Held, Holding
from commonshed.keep.log import Note

__all__ = ["Brought", "bring"]

_PAGE = 50_000  # positions asked about at a time
_KEPT_BYTES = 16 << 20  # of a file that is kept as evidence
_LONGER = 1 << 20  # bytes that a changed file may be longer than the logged one, and still be looked at
_SPARE = 1 << 30  # bytes that stay free on the disk: a peer's log may ask for any number of them
_HOUR = 3600

Advance = Callable[[int, int], None]
"""Told bytes that have come, and bytes there are."""


@dataclass
class Brought:
    """What a pull brought over.

    Attributes
    ----------
    held : Held
        Which rows are not where the log says, with what came.
    segments, documents : int
        That came.
    bytes : int
    """

    held: Held = field(default_factory=Held)
    segments: int = 0
    documents: int = 0
    bytes: int = 0


def bring(
    client: Client, mirror: Mirror, checker: Checker, growth: Growth, *, advance: Advance | None = None
) -> Brought:
    """Bring over rows and documents that we may have and do not have yet.

    Raises
    ------
    Caught
        A file is not what was logged.
    PeerError
        The peer is out of reach, or does not answer as agreed.
    """
    return _Bringing(client, mirror, checker, growth, advance or (lambda _done, _all: None)).run()


class _Bringing:
    def __init__(self, client: Client, mirror: Mirror, checker: Checker, growth: Growth, advance: Advance) -> None:
        self.client = client
        self.mirror = mirror
        self.checker = checker
        self.contents: Contents = growth.contents
        self.note = Note.parse(growth.note)
        self.before = mirror.held
        self.here = mirror.holding()
        self.advance = advance
        self.brought = Brought()
        self.placed: dict[int, Holding] = {}
        self.nothing: set[int] = set()
        self._all = 0

    def run(self) -> Brought:
        documents = self._documents()
        by_pack: dict[str, list[int]] = defaultdict(list)
        apart: list[int] = []
        wanted = self._wanted()
        offers = _Offers(self.client, wanted, self.contents.size)
        for position in wanted:
            state, earlier = offers.of(position), self.before.placed.get(position)
            if state == "whole":
                by_pack[self.contents.locations[position].path].append(position)
            elif state == "part" and (earlier is None or self._due(earlier, position, offers.rule)):
                apart.append(position)
            else:
                self._as_before(position)
        if by_pack or apart:
            self.checker.warm()
        self._room(by_pack)
        apart += self._packs(by_pack)
        for position in sorted(apart):
            self._rows(position, offers.rule)
        self.brought.held = Held(self.placed, frozenset(self.nothing), frozenset(documents))
        return self.brought

    def _wanted(self) -> list[int]:
        """Segments of which not every row is here; others stay where they are, wherever the log sees them now."""
        wanted = []
        for position, segment in self.contents.segments.items():
            location = self.here.locations.get(position)
            if location is None or position in self.here.withheld:
                wanted.append(position)
            elif (location.path, location.offset) != _where(self.contents.locations[position]):
                self.placed[position] = Holding(
                    "whole", location.path, location.offset, segment.extent.rows, location.digest, location.bytes,
                    segment.digest,
                )  # fmt: skip
        return wanted

    def _due(self, earlier: Holding, position: int, rule: str) -> bool:
        """Whether more of a segment may be given by now: under another rule; else ever more seldom as it grows old."""
        now = int(time.time())
        age = earlier.at - self.contents.segments[position].extent.last
        return earlier.rule != rule or now - earlier.at >= max(_HOUR, age)

    def _as_before(self, position: int) -> None:
        if (earlier := self.before.placed.get(position)) is not None:
            self.placed[position] = earlier
        else:
            self.nothing.add(position)

    def _room(self, packs: Iterable[str]) -> None:
        sizes = {location.path: location.bytes for location in self.contents.locations.values()}
        self._all = sum(sizes[path] for path in packs)
        free = shutil.disk_usage(self.mirror.folder).free
        if self._all + _SPARE > free:
            raise PeerError(
                f"{self.mirror.folder}: {self._all:,} bytes are to be pulled and {free:,} are free. Make room first"
            )
        self.advance(0, self._all)

    # ── whole packs ──

    def _packs(self, by_pack: Mapping[str, list[int]]) -> list[int]:
        """Bring over packs; positions of segments whose pack is not given as one file.

        While one is looked through the next one comes.
        """
        apart: list[int] = []
        with ThreadPoolExecutor(1) as looking:
            pending: tuple[Future[None], str, Path] | None = None
            for path in sorted(by_pack):
                part = self._arrived(path)
                if pending is not None:
                    self._settle(*pending)
                    pending = None
                if part is None:
                    apart += by_pack[path]
                else:
                    pending = (looking.submit(self._check, part, self._members(path)), path, part)
            if pending is not None:
                self._settle(*pending)
        return apart

    def _members(self, path: str) -> list[int]:
        return [position for position, each in self.contents.locations.items() if each.path == path]

    def _arrived(self, path: str) -> Path | None:
        """Where a pack is that has the digest its entry says; None where it is not given as one file."""
        location = self.contents.locations[self._members(path)[0]]
        if location.bytes > self.client.limits.pack:
            raise Oversized(f"{self.client.url}: segments/{path} is said to have {location.bytes} bytes")
        place = self.mirror.folder / "segments" / path
        if place.exists() and self._is(place, location):
            return place
        part = self.mirror.part(f"segments/{path}")
        try:
            self._fetch_pack(path, part, location)
        except NotGiven:
            return None
        return part

    def _settle(self, checked: Future[None], path: str, part: Path) -> None:
        """Give a pack its place once its rows were found to be right."""
        checked.result()
        if part != self.mirror.folder / "segments" / path:
            self.mirror.install(part, f"segments/{path}")
        members = self._members(path)
        for position in members:
            self.placed.pop(position, None)
            self.nothing.discard(position)
        self.brought.segments += len(members)
        self.brought.bytes += self.contents.locations[members[0]].bytes
        self.advance(self.brought.bytes, self._all)

    def _fetch_pack(self, path: str, part: Path, location: Location) -> None:
        for _ in range(2):
            fetched = self.client.fetch(f"segments/{path}", part, limit=location.bytes + _LONGER)
            if self._is(part, location):
                return
            kept = part.with_name(f"{part.name}.wrong")
            part.replace(kept)
            self.mirror.drop(part)
            if not fetched.resumed:
                break
        raise Caught(
            "changed-pack",
            f"segments/{path} has the SHA-256 {_sha256(kept)[:16]}…, and entry {location.position} of its log says "
            f"{location.digest[:16]}…",
            notes={"shown": self.note.encode().decode()},
            details={"path": path, "logged": location.digest, "found": _sha256(kept), **self._where(kept, path)},
            file=kept if kept.stat().st_size <= _KEPT_BYTES else None,
        )

    def _is(self, path: Path, location: Location) -> bool:
        return path.stat().st_size == location.bytes and _sha256(path) == location.digest

    def _check(self, path: Path, members: list[int]) -> None:
        """Whether a file holds the rows that its entries say; it has the digest they sign."""
        parts = [Part(self.contents.locations[p].offset, self.contents.segments[p].extent.rows) for p in members]
        if any(part.rows > self.client.limits.rows for part in parts):
            raise Oversized(f"{self.client.url}: a segment of more than {self.client.limits.rows} rows")
        try:
            findings = self.checker.pack(path, parts)
        except NotReadable as error:
            raise self._wrong(path, members[0], f"cannot be read as readings ({error})", proven=False) from None
        for position, finding in zip(members, findings, strict=True):
            segment = self.contents.segments[position]
            if finding.digest != segment.digest:
                raise self._wrong(path, position, f"has rows of the digest {finding.digest[:16]}…", proven=True)
            if (why := _unlike(segment.extent, finding, self.contents)) is not None:
                raise self._wrong(path, position, f"holds other rows than its entry says: {why}", proven=True)

    def _wrong(self, path: Path, position: int, what: str, *, proven: bool) -> Caught:
        segment = self.contents.segments[position]
        entry = self.contents.entries[position]
        said = f"the file of entry {position} {what}; logged was {segment.digest[:16]}…"
        details = {"entry": {"position": position, "content": dict(entry.content)}, "found": _sha256(path)}
        keep = path if path.stat().st_size <= _KEPT_BYTES else None
        notes = {"shown": self.note.encode().decode()}
        return Caught("wrong-rows", said, proven=proven, notes=notes, details=details, file=keep)

    def _where(self, path: Path, name: str) -> dict[str, object]:
        """Which chunk of a changed pack is not the one that was logged, where the peer still hands out the hashes."""
        members = [position for position, each in self.contents.locations.items() if each.path == name]
        for position in members:
            segment, location = self.contents.segments[position], self.contents.locations[position]
            leaves = self.mirror.part(f"leaves/{position}")
            try:
                self.client.fetch(f"leaves/{position}", leaves, limit=32 * segment.extent.rows)
                found = self.checker.strange(path, Part(location.offset, segment.extent.rows), leaves)
            except PeerError:
                continue
            if found is not None and found["root"] == segment.digest:
                return {"changed": {"position": position, **{k: v for k, v in found.items() if k != "root"}}}
        return {}

    # ── rows of some chunks ──

    def _rows(self, position: int, rule: str) -> None:
        segment, earlier = self.contents.segments[position], self.before.placed.get(position)
        rows, leaves = self.mirror.part(f"rows/{position}"), self.mirror.part(f"leaves/{position}")
        try:
            fetched = self.client.fetch(
                f"rows/{position}.parquet", rows, limit=self.client.limits.pack, known=earlier.etag if earlier else ""
            )
            if not fetched.changed and earlier is not None:
                self.placed[position] = _asked(earlier, rule)
                return
            self.client.fetch(f"leaves/{position}", leaves, limit=32 * segment.extent.rows)
        except NotGiven:
            self._as_before(position)
            return
        finding, whole = self._check_rows(position, rows, leaves)
        digest, size = _sha256(rows), rows.stat().st_size
        path = f"{month_text(segment.extent.month)}/part-{position}-{digest[:16]}.parquet"
        count = int(finding.extent["rows"])
        self.mirror.install(rows, f"segments/{path}")
        self.mirror.install(leaves, f"withheld/{position}.leaves")
        state: Literal["whole", "part"] = "whole" if whole else "part"
        self.placed[position] = Holding(
            state, path, 0, count, digest, size, finding.digest, fetched.etag, rule, int(time.time())
        )
        self.nothing.discard(position)
        self.brought.segments += 1
        self.brought.bytes += size

    def _check_rows(self, position: int, rows: Path, leaves: Path) -> tuple[Finding, bool]:
        segment = self.contents.segments[position]
        try:
            finding, root, whole = self.checker.chunks(rows, leaves, min(segment.extent.rows, self.client.limits.rows))
        except NotReadable as error:
            self.mirror.drop(rows)
            self.mirror.drop(leaves)
            raise self._wrong_rows(position, f"are not those that were logged ({error})") from None
        problem = None
        if root != segment.digest:
            problem = f"come with hashes of chunks that make {root[:16]}…, and logged was {segment.digest[:16]}…"
        elif whole and finding.digest != segment.digest:
            problem = f"have the digest {finding.digest[:16]}…, and logged was {segment.digest[:16]}…"
        elif (why := _beyond(segment.extent, finding, self.contents, whole=whole)) is not None:
            problem = f"are others than its entry says: {why}"
        if problem is not None:
            self.mirror.drop(rows)
            self.mirror.drop(leaves)
            raise self._wrong_rows(position, problem)
        return finding, whole

    def _wrong_rows(self, position: int, what: str) -> Caught:
        return Caught(
            "wrong-rows",
            f"the rows it hands out of entry {position} {what}",
            notes={"shown": self.note.encode().decode()},
            details={"entry": {"position": position, "content": dict(self.contents.entries[position].content)}},
        )

    # ── documents ──

    def _documents(self) -> set[int]:
        """Bring over documents; positions of those that are not given."""
        lacking = set()
        for kind, documents in self.contents.documents.items():
            for document in documents:
                folder = "statements" if kind in ("statement", "erratum") else "places"
                known = document.position < self.here.size and document.position not in self.before.documents
                if known and (self.mirror.folder / folder / document.path).exists():
                    continue
                if not self._document(document, f"{folder}/{document.path}"):
                    lacking.add(document.position)
        return lacking

    def _document(self, document: Document, path: str) -> bool:
        place, part = self.mirror.folder / path, self.mirror.part(path)
        if place.exists() and _sha256(place) == document.digest:
            return True
        for _ in range(2):
            try:
                fetched = self.client.fetch(path, part, limit=self.client.limits.document)
            except NotGiven:
                return False
            found = _sha256(part)
            if found == document.digest:
                self.mirror.install(part, path)
                self.brought.documents += 1
                return True
            self.mirror.drop(part)
            if not fetched.resumed:
                break
        raise Caught(
            "changed-document",
            f"{path} has the SHA-256 {found[:16]}…, and entry {document.position} of its log says "
            f"{document.digest[:16]}…",
            notes={"shown": self.note.encode().decode()},
            details={"path": path, "logged": document.digest, "found": found},
        )


class _Offers:
    """What the peer says we may have, asked page by page; without a word of it everything that is there."""

    def __init__(self, client: Client, wanted: list[int], size: int) -> None:
        self.rule = ""
        self._offers: list[Offer] = []
        self._open = False
        at = wanted[0] if wanted else size
        while at < size:
            offer = self._ask(client, at, size)
            if offer is None:
                self._open = True
                return
            if not offer.first <= at <= offer.last:
                raise Malformed(f"{client.url}: sharing.json is about {offer.first} to {offer.last}, asked was {at}")
            self.rule = offer.rule or ""
            self._offers.append(offer)
            at = offer.last + 1

    def of(self, position: int) -> str:
        if self._open:
            return "whole"
        return next((each.of(position) for each in self._offers if each.first <= position <= each.last), "none")

    def _ask(self, client: Client, at: int, size: int) -> Offer | None:
        try:
            last = min(at + _PAGE, size) - 1
            content = client.get(f"sharing.json?from={at}&to={last}", limit=client.limits.sharing)
            return Offer.parse(json.loads(content))
        except NotGiven as error:
            if error.status == 404:
                return None
            raise
        except (ProofError, ValueError, RecursionError) as error:
            raise Malformed(f"{client.url}: sharing.json cannot be read ({error})") from None


def _unlike(said: Extent, found: Finding, contents: Contents) -> str | None:
    """What an entry says of its rows that they are not; its owner counts what they replaced, we cannot."""
    if (why := _beyond(said, found, contents, whole=True)) is not None:
        return why
    extent = Extent.parse(found.extent)
    if said.distinct and not extent.distinct:
        return "a reading stands there twice"
    if said.phase is not None and said.phase != extent.phase:
        return "they do not start as it says"
    if said.hourly and not extent.hourly:
        return "not every one is an hourly mean"
    return None


def _beyond(said: Extent, found: Finding, contents: Contents, *, whole: bool) -> str | None:
    """What rows hold that their entry does not speak of, or the other way round where they are all of them."""
    if not found.extent["rows"]:
        return "there are none"
    extent = Extent.parse(found.extent)
    if unknown := [name for name in found.stations if name not in contents.stations]:
        return f"the station {unknown[0][:80]!r} is not registered"
    stations = Stations.of(contents.stations[name] for name in found.stations)
    allowed = {
        number for low, high in said.stations.ranges for number in range(low, min(high, len(contents.stations)) + 1)
    }
    if not {number for low, high in stations.ranges for number in range(low, high + 1)} <= allowed:
        return "other stations"
    if any(count > said.quantities.get(name, 0) for name, count in extent.quantities.items()):
        return "other quantities"
    if not said.first <= extent.first <= extent.last <= said.last or extent.rows > said.rows:
        return "other times or more rows"
    same = (extent.rows, extent.first, extent.last, stations) == (said.rows, said.first, said.last, said.stations)
    return "not all that it speaks of" if whole and not same else None


def _where(location: Location) -> tuple[str, int]:
    return location.path, location.offset


def _asked(holding: Holding, rule: str) -> Holding:
    return replace(holding, rule=rule, at=int(time.time()))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
