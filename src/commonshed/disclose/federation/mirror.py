"""A peer's shed as we hold it, below ``peers/<name>/``: laid out like a shed, without a private key.

Only what was verified comes into it. Files arrive in ``incoming/``; the signed checkpoint is moved last, so that a pull
that is killed leaves the mirror as it was, and the next one finds what had arrived.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from commonshed.errors import PeerError, ProofError, ShedDamaged
from commonshed.keep.contents import Contents
from commonshed.keep.description import FORMAT
from commonshed.keep.durable import sync_folder, write_file
from commonshed.keep.held import Held, Holding
from commonshed.keep.log import Entry, Log, Note
from commonshed.keep.log.keys import Keys
from commonshed.keep.log.notes import Verifier
from commonshed.keep.log.tiles import WIDTH
from commonshed.keep.merkle import Frontier

__all__ = ["Mirror", "description"]

_CONTENT = ("shed.toml", "log", "segments", "places", "statements", "withheld", "blocks", "held.json", "incoming")


class Mirror:
    """The folder ``peers/<name>/``.

    Attributes
    ----------
    folder : Path
    log : Log
    """

    def __init__(self, folder: Path, *, origin: str) -> None:
        self.folder = folder
        self.keys = Keys(folder / "keys")
        self.log = Log(folder / "log", origin=origin, keys=self.keys)
        self._entries: list[Entry] = []

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One pull of a peer at a time.

        Raises
        ------
        PeerError
            Another process is at it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.folder / "pull.lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise PeerError(
                f"{self.folder.name}: another process is pulling from this peer. Wait until it is done"
            ) from None
        finally:
            os.close(descriptor)

    def trust(self, verifiers: Sequence[Verifier]) -> None:
        """Write down which keys sign the log."""
        self.keys.folder.mkdir(parents=True, exist_ok=True)
        if not (self.keys.folder / "node.pub").exists() or self.keys.verifiers != tuple(verifiers):
            self.keys.trust(verifiers)

    def refresh(self) -> None:
        """Read on in the log, as far as it was verified."""
        if self.log.path.exists():
            self._entries += self.log.refresh()

    def frontier(self) -> Frontier:
        """The tree so far, to be grown on trial."""
        found = Frontier()
        found.extend(self._leaves())
        return found

    def _leaves(self) -> Iterator[bytes]:
        for number in range(-(-self.log.size // WIDTH)):
            yield from self.log.tiles.hashes(0, number, self.log.size)

    @property
    def entries(self) -> Sequence[Entry]:
        """Entries so far."""
        return self._entries

    @property
    def held(self) -> Held:
        """Which rows are not where the log says."""
        return Held.read(self.folder)

    def contents(self) -> Contents:
        """What the log says, as if everything were here."""
        found = Contents()
        found.apply(self._entries)
        return found

    def holding(self) -> Contents:
        """What is here."""
        found = Contents(self.held)
        found.apply(self._entries)
        return found

    # ── notes ──

    def latest(self) -> Note | None:
        """The newest checkpoint whose log was found to follow from the one before."""
        return self._note("latest.note") or (Note.parse(self.log.path.read_bytes()) if self.log.path.exists() else None)

    def keep_latest(self, note: bytes) -> None:
        """Remember a checkpoint, so that the next one has to follow from it."""
        write_file(self.folder / "latest.note", note)

    def seen(self) -> Note | None:
        """The newest checkpoint that we cosigned."""
        return self._note("seen.note")

    def keep_seen(self, note: Note) -> None:
        """Hand out what we cosigned."""
        write_file(self.folder / "seen.note", note.encode())

    def _note(self, name: str) -> Note | None:
        try:
            return Note.parse((self.folder / name).read_bytes())
        except FileNotFoundError:
            return None
        except ProofError as error:
            raise ShedDamaged(f"{self.folder / name}: {error}. Put back a copy from a backup") from None

    # ── files that arrive ──

    @property
    def incoming(self) -> Path:
        """Where files arrive that nobody has verified yet."""
        return self.folder / "incoming"

    def part(self, name: str) -> Path:
        """Where the beginning of a file is put; the name is ours, not the peer's."""
        return self.incoming / hashlib.sha256(name.encode()).hexdigest()[:32]

    def drop(self, part: Path) -> None:
        """Forget what arrived."""
        part.unlink(missing_ok=True)
        part.with_name(f"{part.name}.etag").unlink(missing_ok=True)

    def install(self, part: Path, path: str) -> None:
        """Put a verified file in its place, durable on return."""
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(part, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        part.replace(place)
        sync_folder(place.parent)
        self.drop(part)

    # ── the moment of truth ──

    def commit(self, texts: Sequence[bytes], note: bytes, held: Held, description: str) -> None:
        """Take up entries whose rows and documents are in place: log, then what is held; durable on return.

        Parameters
        ----------
        description : str
            Content of ``shed.toml``, for the first time.
        """
        before = self.held
        between = _between(before, held, self.log.size)
        if between != before:
            between.write(self.folder)
        for folder in ("segments", "places", "statements", "log", "journal", "blocks"):
            (self.folder / folder).mkdir(exist_ok=True)
        if texts or not self.log.path.exists() or self.log.path.read_bytes() != note:
            self._entries += self.log.follow(texts, Note.parse(note))
        if not (self.folder / "shed.toml").exists():
            write_file(self.folder / "shed.toml", description.encode())
        if held != between:
            held.write(self.folder)
        self._sweep()

    def _sweep(self) -> None:
        """Remove files no entry names any more, and what is left of earlier pulls."""
        contents = self.holding()
        named = {location.path for location in contents.locations.values()}
        for path in (self.folder / "segments").glob("*/*.parquet"):
            if path.relative_to(self.folder / "segments").as_posix() not in named:
                path.unlink(missing_ok=True)
        shutil.rmtree(self.incoming, ignore_errors=True)

    def forget(self) -> None:
        """Remove the copy, for a start from nothing; notes and evidence stay."""
        for name in _CONTENT:
            path = self.folder / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        self.log = Log(self.folder / "log", origin=self.log.origin, keys=self.keys)
        self._entries = []


def _between(before: Held, after: Held, size: int) -> Held:
    """What holds under the old log and under the new one: rows released late count only once the log has moved."""

    def old(positions: Iterable[int]) -> set[int]:
        return {position for position in positions if position < size}

    late = old(before.nothing) | {p for p in old(before.placed) if before.placed[p].state == "part"}
    placed: dict[int, Holding] = {p: each for p, each in after.placed.items() if p not in late}
    placed |= {p: before.placed[p] for p in late if p in before.placed}
    nothing = (after.nothing - late) | (late & before.nothing)
    documents = after.documents | {p for p in before.documents if p < size}
    return replace(after, placed=placed, nothing=frozenset(nothing), documents=frozenset(documents))


def description(*, name: str, node: str, zone: str) -> str:
    """Content of ``shed.toml`` of a mirror."""
    lines = [f"format = {FORMAT}", f"name = {json.dumps(name, ensure_ascii=False)}"]
    return "\n".join([*lines, f"node = {json.dumps(node)}", f"zone = {json.dumps(zone)}", ""])
