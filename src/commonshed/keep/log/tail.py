"""What was entered last, as one synced file: the log's own journal.

An entry is acknowledged when its record is on the disk here: the entries and the signed checkpoint that includes them,
behind a digest. Bundles, tiles and the checkpoint are written without waiting for the disk; after a power cut they are
made anew from these records. So an append costs one sync, and no checkpoint is ever seen that could be lost again.

A record without entries begins the file anew, when a bundle is full and everything before is on the disk as it stands.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from commonshed.keep.durable import append_bytes, sync_folder, write_file
from commonshed.keep.log.tiles import pack_entries, unpack_entries

__all__ = ["Record", "Tail"]

_MAGIC = b"cs-tail1"
_HEAD = struct.Struct(">8sQQII")  # magic, size before, size after, bytes of the note, bytes of the entries
_DIGEST = 32


@dataclass(frozen=True)
class Record:
    """One append.

    Attributes
    ----------
    first, size : int
        Size of the log before and after.
    note : bytes
        The signed checkpoint of ``size``.
    texts : tuple of bytes
        The entries [first, size); none where the bundles were synced themselves.
    """

    first: int
    size: int
    note: bytes
    texts: tuple[bytes, ...] = ()

    def encode(self) -> bytes:
        """As it stands in the file."""
        entries = pack_entries(self.texts)
        content = _HEAD.pack(_MAGIC, self.first, self.size, len(self.note), len(entries)) + self.note + entries
        return content[: _HEAD.size] + hashlib.sha256(content).digest() + content[_HEAD.size :]


class Tail:
    """The file ``log/tail``; it remembers how far it has read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: tuple[int, int, int] | None = None  # inode, bytes and time of what was read
        self._end = 0
        self._size = 0
        self._undo: Callable[[], None] = lambda: None

    @property
    def size(self) -> int:
        """Size of the log after the last whole record; 0 where there is none."""
        self._look()
        return self._size

    def content(self) -> bytes | None:
        """The whole file."""
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None

    def records(self) -> list[Record]:
        """Whole records, each going on where the one before it ended."""
        return [record for record, _ in _records(self.content() or b"")]

    def append(self, record: Record) -> None:
        """Add a record; durable on return, or not there at all."""
        self._look()
        content, end = record.encode(), self._end
        append_bytes(self.path, content, at=end)
        self._undo = lambda: append_bytes(self.path, b"", at=end)
        self._took(end + len(content), record.size)

    def restart(self, record: Record) -> None:
        """Begin anew with a record; durable on return."""
        content, before = record.encode(), self.content()
        try:
            write_file(self.path, content)
        except BaseException:
            self._put_back(before)
            raise
        self._undo = lambda: self._put_back(before)
        self._took(len(content), record.size)

    def take_back(self) -> None:
        """Undo what was done last: its checkpoint could not be put in place."""
        self._undo()
        self._known = None

    def _put_back(self, before: bytes | None) -> None:
        if before is None:
            self.path.unlink(missing_ok=True)
            sync_folder(self.path.parent)
        else:
            write_file(self.path, before)

    def _took(self, end: int, size: int) -> None:
        self._end, self._size, self._known = end, size, self._seen()

    def _look(self) -> None:
        known = self._seen()
        if known == self._known:
            return
        self._end = self._size = 0
        for record, end in _records(self.content() or b""):
            self._end, self._size = end, record.size
        self._known = known

    def _seen(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns


def _records(content: bytes) -> Iterator[tuple[Record, int]]:
    """Records and where each ends; stops where one is not whole or does not follow."""
    at, size = 0, None
    while at + _HEAD.size + _DIGEST <= len(content):
        magic, first, after, note, entries = _HEAD.unpack_from(content, at)
        begin = at + _HEAD.size + _DIGEST
        end = begin + note + entries
        told = content[at + _HEAD.size : begin]
        said = content[at : at + _HEAD.size] + content[begin:end]
        if magic != _MAGIC or end > len(content) or hashlib.sha256(said).digest() != told or size not in (None, first):
            return
        texts = tuple(unpack_entries(content[begin + note : end]))
        yield Record(first, after, content[begin : begin + note], texts), end
        at, size = end, after
