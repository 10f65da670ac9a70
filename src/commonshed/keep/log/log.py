"""The transparency log: entries in the order they were kept, whose size is the clock of the shed.

The signed checkpoint is the moment of truth. Entries and tiles are made durable first, then the checkpoint takes the
place of the last one; what lies behind it was never acknowledged, and the next writing replaces it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from commonshed.errors import ProofError, ShedDamaged, ShedError
from commonshed.keep.durable import sync_folder, write_file
from commonshed.keep.log.entries import Entry, decode, encode
from commonshed.keep.log.keys import Keys
from commonshed.keep.log.notes import Checkpoint, Note
from commonshed.keep.log.tiles import WIDTH, TileFolder, bundle_path, pack_entries, tile_path
from commonshed.keep.merkle import Frontier, consistency_proof, inclusion_proof, leaf_hash, merkle_root, subtree_hash

__all__ = ["Log"]


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
        self._note: bytes | None = None
        self._frontier = Frontier()

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
        self._publish(Frontier())

    def note(self) -> Note:
        """The signed checkpoint of what was read last."""
        if self._note is None:
            raise ShedDamaged(f"{self.path}: gone. Put back a copy from a backup or another node")
        return Note.parse(self._note)

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        """What the checkpoint says, or said when the log had an earlier size."""
        if size is None or size == self.size:
            return Checkpoint(self.origin, self.size, self._frontier.root)
        return Checkpoint(self.origin, size, self.root(size))

    def refresh(self) -> list[Entry]:
        """Entries that were added since the last call.

        Raises
        ------
        ShedDamaged
            The checkpoint is gone, forged or goes back, a bundle is gone, or entries are not those that were signed.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            raise ShedDamaged(f"{self.path}: gone. Put back a copy from a backup or another node") from None
        if content == self._note:
            return []
        try:
            note = Note.parse(content).checked(self.keys.verifiers)
            said = Checkpoint.parse(note.text)
        except ProofError as error:
            raise ShedDamaged(f"{self.path}: {error}. Put back a copy from a backup or another node") from None
        if said.origin != self.origin:
            raise ShedDamaged(f"{self.path}: the checkpoint of another log, {said.origin}; this one is {self.origin}")
        if said.size < self.size:
            raise ShedDamaged(f"{self.path}: the log went back from {self.size} entries to {said.size}")
        found = self._read_on(said)
        self._note = content
        return found

    def append(self, entries: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Entry]:
        """Add entries, all or none, durable on return. The caller holds the sealer's lock and has refreshed.

        Raises
        ------
        ShedError
            This copy of the shed has no key to sign with, or an entry is too large.
        """
        at = int(time.time())
        return self.append_texts([encode(kind, at, content) for kind, content in entries])

    def append_texts(self, texts: Sequence[bytes]) -> list[Entry]:
        """Add entries as they were hashed, all or none: those of a log that is carried over."""
        first = self.size
        frontier = self._frontier.copy()
        frontier.extend(map(leaf_hash, texts))
        whole = self._write(first, texts, frontier.size)
        self._publish(frontier)
        for path in whole:
            self.tiles.drop_partial(path)
        return [decode(first + i, text) for i, text in enumerate(texts)]

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
        """An entry as it was hashed."""
        self._check_size(position + 1)
        return next(self.tiles.entries(position, position + 1 if position + 1 == self.size else self.size))

    def _check_size(self, size: int) -> None:
        if not 0 <= size <= self.size:
            raise ShedError(f"the log of {self.folder.parent} has {self.size} entries and never had {size}")

    def _node(self, level: int, index: int) -> bytes:
        return self.tiles.node(level, index, self.size)

    def _read_on(self, said: Checkpoint) -> list[Entry]:
        frontier = self._frontier.copy()
        texts = list(self.tiles.entries(frontier.size, said.size))
        frontier.extend(map(leaf_hash, texts))
        if frontier.root != said.root:
            raise ShedDamaged(
                f"{self.folder}: entries {self.size} to {said.size - 1} are not those that were signed. "
                "Put back a copy from a backup or another node; nothing was changed"
            )
        found = [decode(self.size + i, text) for i, text in enumerate(texts)]
        self._frontier = frontier
        return found

    def _write(self, first: int, texts: Sequence[bytes], size: int) -> list[str]:
        """Write bundles and tiles; which whole ones are there now."""
        files: dict[str, bytes] = {}
        whole: list[str] = []
        start = first - first % WIDTH
        held = [*self.tiles.entries(start, first), *texts]
        for number in range(start // WIDTH, -(-size // WIDTH)):
            part = held[number * WIDTH - start : (number + 1) * WIDTH - start]
            files[bundle_path(number, len(part))] = pack_entries(part)
            whole += [bundle_path(number)] * (len(part) == WIDTH)
        hashes = [leaf_hash(text) for text in held]
        level = 0
        while hashes:
            for number in range(start // WIDTH, -(-(start + len(hashes)) // WIDTH)):
                part = hashes[number * WIDTH - start : (number + 1) * WIDTH - start]
                files[tile_path(level, number, len(part))] = b"".join(part)
                whole += [tile_path(level, number)] * (len(part) == WIDTH)
            tiles = [hashes[i : i + WIDTH] for i in range(0, len(hashes), WIDTH)]
            above = [merkle_root(tile) for tile in tiles if len(tile) == WIDTH]
            if not above:
                break
            level += 1
            start //= WIDTH
            before = start - start % WIDTH
            known = self.tiles.hashes(level, before // WIDTH, first)[: start - before] if start > before else []
            hashes, start = known + above, before
        for path, content in files.items():
            write_file(self.folder / path, content, sync_parent=False)
        for folder in dict.fromkeys((self.folder / path).parent for path in files):
            sync_folder(folder)
        return whole

    def _publish(self, frontier: Frontier) -> None:
        checkpoint = Checkpoint(self.origin, frontier.size, frontier.root)
        content = Note(checkpoint.text).signed_by(*self.keys.signers()).encode()
        write_file(self.path, content, sync_parent=False)
        try:
            sync_folder(self.folder)
        except BaseException:
            if self._note is not None:
                write_file(self.path, self._note, sync_parent=False)  # what cannot be made to last is not said
            raise
        self._frontier, self._note = frontier, content
