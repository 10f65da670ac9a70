"""The transparency log: entries in the order they were kept, whose size is the clock of the shed.

``docs/formats/log.md`` specifies the files. The signed checkpoint is what others see, and what lies behind it was never
acknowledged. Before a checkpoint takes the place of the last one, a record of it and of its entries is on the disk
(`commonshed.keep.log.tail`), from which the other files can be made anew.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from commonshed.errors import ProofError, ShedDamaged, ShedError
from commonshed.keep.durable import disk_errors, put_file, sync_file, sync_folder, write_file
from commonshed.keep.log.entries import Entry, decode, encode
from commonshed.keep.log.keys import Keys
from commonshed.keep.log.notes import Checkpoint, Note
from commonshed.keep.log.tail import Record, Tail
from commonshed.keep.log.tiles import WIDTH, Edge, TileFolder
from commonshed.keep.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    subtree_hash,
)

__all__ = ["Log"]

_COPY = "Put back a copy from a backup or another node"


class Log:
    """The folder ``log/``; it remembers how far it has read.

    Attributes
    ----------
    origin : str
        Name of this log, the first line of its checkpoints.
    size : int
        Entries read and found to make the root that is signed.
    """

    def __init__(self, folder: Path, *, origin: str, keys: Keys) -> None:
        self.folder = folder
        self.origin = origin
        self.keys = keys
        self.tiles = TileFolder(folder)
        self._tail = Tail(folder / "tail")
        self._note: bytes | None = None
        self._frontier = Frontier()
        self._edge = Edge()

    @property
    def size(self) -> int:
        """Entries so far."""
        return self._frontier.size

    @property
    def path(self) -> Path:
        """The signed checkpoint."""
        return self.folder / "checkpoint"

    def create(self) -> None:
        """Sign the empty log."""
        content = self._signed(Checkpoint(self.origin, 0, Frontier().root))
        self._tail.path.unlink(missing_ok=True)
        write_file(self.path, content)
        self._note, self._frontier, self._edge = content, Frontier(), Edge()
        self.tiles = TileFolder(self.folder)

    # ── reading ──

    def note(self) -> Note:
        """The signed checkpoint of what was read last."""
        if self._note is None:
            raise ShedDamaged(f"{self.path}: gone. {_COPY}")
        return Note.parse(self._note)

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        """What the checkpoint says, or said when the log had an earlier size."""
        if size is None or size == self.size:
            return Checkpoint(self.origin, self.size, self._frontier.root)
        return Checkpoint(self.origin, size, self.root(size))

    def refresh(self) -> list[Entry]:
        """Entries that were added since the last call; what a power cut or a killed writer left is put right first.

        Raises
        ------
        ShedDamaged
            The checkpoint is gone, forged or goes back, a bundle is gone, or entries are not those that were signed.
        """
        first = self._note is None
        try:
            found = self._take_up()
        except ShedDamaged:
            if not self._mend():
                raise
            return self._take_up()
        behind = self._tail.size > self.size or (first and not self._edge_stands())
        if behind and self._mend():
            found += self._take_up()
        return found

    def root(self, size: int) -> bytes:
        """Root of the log when it had some size."""
        self._check_size(size)
        return subtree_hash(self._node, 0, size) if size else Frontier().root

    def inclusion(self, position: int, size: int | None = None) -> list[bytes]:
        """Path from an entry to the root of the log at some size."""
        size = self.size if size is None else size
        self._check_size(size)
        return inclusion_proof(self._node, position, size)

    def consistency(self, old: int, new: int | None = None) -> list[bytes]:
        """Proof that the log of size ``new`` only added to the one of size ``old``."""
        new = self.size if new is None else new
        self._check_size(new)
        return consistency_proof(self._node, old, new)

    def entry_bytes(self, position: int) -> bytes:
        """An entry as it was hashed.

        Raises
        ------
        ShedError
            There is no such entry.
        """
        if not 0 <= position < self.size:
            raise ShedError(f"the log of {self.folder.parent} has {self.size} entries and no entry {position}")
        return next(self.tiles.entries(position, self.size))

    # ── writing: the caller holds the sealer's lock and has refreshed ──

    def append(self, entries: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Entry]:
        """Add entries, all or none, durable on return.

        Raises
        ------
        ShedError
            This copy of the shed has no key to sign with, or an entry is too large.
        """
        at = int(time.time())
        return self.append_texts([encode(kind, at, content) for kind, content in entries])

    def append_texts(self, texts: Sequence[bytes]) -> list[Entry]:
        """Add entries as they are hashed, all or none: those of a log that is carried over."""
        if not texts:
            return []
        frontier = self._frontier.copy()
        frontier.extend(map(leaf_hash, texts))
        return self._extend(texts, frontier, self._signed(Checkpoint(self.origin, frontier.size, frontier.root)))

    def follow(self, texts: Sequence[bytes], note: Note) -> list[Entry]:
        """Take over entries of another node's log with the checkpoint that it signed, all or none.

        Raises
        ------
        ProofError
            The checkpoint is not signed by a key of that log, or the entries do not lead to it.
        """
        said = Checkpoint.parse(note.checked(self.keys.verifiers).text)
        frontier = self._frontier.copy()
        frontier.extend(map(leaf_hash, texts))
        if (said.origin, said.size) != (self.origin, frontier.size) or said.root != frontier.root:
            raise ProofError(f"{len(texts)} entries after {self.size} do not make the log that {said.origin} signed")
        return self._extend(texts, frontier, note.encode())

    def _extend(self, texts: Sequence[bytes], frontier: Frontier, note: bytes) -> list[Entry]:
        found = [decode(self.size + i, text) for i, text in enumerate(texts)]
        with self._writing(wait=True):
            self._nobody_else()
            if self._edge.size != self.size:
                self._edge = self.tiles.edge(self.size, self._frontier.root)
            edge, files = self._edge.grown(texts) if texts else (self._edge, self._edge.files())
            short = bool(texts) and self._tail.size == self.size and edge.size // WIDTH == self.size // WIDTH
            self._write(files, sync=not short)
            self._commit(Record(self.size, edge.size, note, tuple(texts) if short else ()))
            self._frontier, self._edge, self._note = frontier, edge, note
            for path in files:
                if ".p/" not in path:
                    self.tiles.drop_partial(path)
        return found

    def _commit(self, record: Record) -> None:
        """Make a record durable, then its checkpoint visible; or neither."""
        scratch = self.folder / ".checkpoint.tmp"
        try:
            put_file(scratch, record.note)
            if record.texts:
                self._tail.append(record)
            else:
                if self.path.exists():
                    sync_file(self.path)  # its record goes
                self._tail.restart(record)
            try:
                with disk_errors(self.path):
                    scratch.replace(self.path)
            except BaseException:
                self._tail.take_back()
                raise
        except BaseException:
            with suppress(OSError):
                scratch.unlink(missing_ok=True)
            raise

    def _write(self, files: Mapping[str, bytes], *, sync: bool) -> None:
        for path, content in files.items():
            put_file(self.folder / path, content)
            if sync:
                sync_file(self.folder / path)
        if sync:
            for folder in dict.fromkeys((self.folder / path).parent for path in files):
                sync_folder(folder)

    def _nobody_else(self) -> None:
        """Only who holds the sealer's lock writes, so that nobody can have; a reader may have ended what was begun."""
        content = self._read_checkpoint()
        if content != self._note and (content is None or self._said(content).size != self.size):
            raise ShedError(f"{self.folder}: the log has grown since it was looked at. Run this again")

    def _signed(self, checkpoint: Checkpoint) -> bytes:
        return Note(checkpoint.text).signed_by(*self.keys.signers()).encode()

    # ── what a reader makes of the files ──

    def _take_up(self) -> list[Entry]:
        content = self._read_checkpoint()
        if content is None:
            raise ShedDamaged(f"{self.path}: gone. {_COPY}")
        if content == self._note:
            return []
        said = self._said(content)
        if said.size < self.size:
            raise ShedDamaged(f"{self.path}: the log went back from {self.size} entries to {said.size}")
        frontier = self._frontier.copy()
        texts = list(self.tiles.entries(frontier.size, said.size))
        frontier.extend(map(leaf_hash, texts))
        if frontier.root != said.root:
            raise ShedDamaged(
                f"{self.folder}: entries {self.size} to {said.size - 1} are not those that were signed. "
                f"{_COPY}; nothing was changed"
            )
        found = [decode(self.size + i, text) for i, text in enumerate(texts)]
        self._frontier, self._note = frontier, content
        return found

    def _said(self, content: bytes) -> Checkpoint:
        try:
            said = Checkpoint.parse(Note.parse(content).checked(self.keys.verifiers).text)
        except ProofError as error:
            raise ShedDamaged(f"{self.path}: {error}. {_COPY}") from None
        if said.origin != self.origin:
            raise ShedDamaged(f"{self.path}: the checkpoint of another log, {said.origin}; this one is {self.origin}")
        return said

    def _read_checkpoint(self) -> bytes | None:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None

    def _check_size(self, size: int) -> None:
        if not 0 <= size <= self.size:
            raise ShedError(f"the log of {self.folder.parent} has {self.size} entries and never had {size}")

    def _node(self, level: int, index: int) -> bytes:
        return self.tiles.node(level, index, self.size)

    # ── after a power cut, or a writer that was killed ──

    def _edge_stands(self) -> bool:
        """Whether the partial files of the checkpoint can be fetched by those who compute none."""
        self._edge = self.tiles.edge(self.size, self._frontier.root)
        return all(self.tiles.stands(path, content) for path, content in self._edge.files().items())

    def _mend(self) -> bool:
        """Make bundles, tiles and checkpoint what the tail says; whether there was anything to do, and it was done."""
        if not os.access(self.folder, os.W_OK):
            return False
        try:
            with self._writing(wait=False):
                return self._replay(self._tail.records())
        except BlockingIOError:
            return False  # a writer is at work and will be done with it

    def _replay(self, records: Sequence[Record]) -> bool:
        if not records:
            return False
        sync_file(self._tail.path)  # of a writer that was killed it may be in memory only
        base, last = records[0], records[-1]
        said = self._said(base.note) if not base.texts else Checkpoint(self.origin, base.first, EMPTY_ROOT)
        edge = self.tiles.edge(said.size, said.root)
        lost: dict[str, bytes] = {}
        for record in records:
            edge, files = edge.grown(record.texts)
            lost |= {path: content for path, content in files.items() if self._torn(self.folder / path, content)}
        said = self._said(last.note)
        if (said.size, said.root) != (edge.size, edge.root):
            raise ShedDamaged(f"{self._tail.path}: its entries do not make the root that was signed. {_COPY}")
        self._write(lost, sync=True)
        if not (old := self._older(said.size, records)) and not lost:
            return False
        if old:
            write_file(self.path, last.note)
        return True

    def _older(self, size: int, records: Sequence[Record]) -> bool:
        """Whether the checkpoint is gone, only begun, or says less."""
        content = self._read_checkpoint()
        if content is None or content == records[-1].note:
            return content is None
        return any(_begun(content, record.note) for record in records) or self._said(content).size < size

    def _torn(self, path: Path, content: bytes) -> bool:
        """Whether a file is gone, or only begun.

        Raises
        ------
        ShedDamaged
            It holds something else.
        """
        try:
            found = path.read_bytes()
        except FileNotFoundError:
            return True
        if content != found and not _begun(found, content):
            raise ShedDamaged(f"{path}: not what was signed. {_COPY}")
        return content != found

    @contextmanager
    def _writing(self, *, wait: bool) -> Iterator[None]:
        """Hold the lock of the files, for an instant: a writer, or whoever ends what one had begun."""
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            yield
        finally:
            os.close(descriptor)


def _begun(found: bytes, content: bytes) -> bool:
    """Whether a power cut may have left this of some content: its beginning, or zeros where it was to be."""
    return found != content and len(found) <= len(content) and content.startswith(found.rstrip(b"\0"))
