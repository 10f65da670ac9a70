"""The order in which things were kept: an append-only file of entries, whose length is the clock of the shed.

``docs/formats/readings.md`` describes the lines. The transparency log takes this file's place later; what an entry
says stays.

A batch of entries is written at once and counts only when it is whole. ``log/checkpoint`` says up to where the file was
known to be on the disk: what is broken before that point is damage, what is broken behind it was never acknowledged
and is dropped.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commonshed.errors import ShedDamaged, ShedError
from commonshed.keep.durable import append_bytes, write_file

__all__ = ["Entry", "Manifest"]

logger = logging.getLogger(__name__)

_SUM = b',"sum":"'
_SUM_DIGITS = 16


@dataclass(frozen=True)
class Entry:
    """One entry of the log.

    Attributes
    ----------
    position : int
        From 0; the log's size is one more than the last.
    kind : str
        ``segment``, ``repacking``, ``import``, ``place-edition``, ``mapping``, ``quality``, ``standard``, ``layer`` …
    at : int
        When it was entered, for information: clocks jump. [UTC s]
    content : mapping
        What it says, by kind.
    """

    position: int
    kind: str
    at: int
    content: Mapping[str, Any]


class Manifest:
    """The file of entries; it remembers how far it has read."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "manifest.jsonl"
        self.checkpoint = folder / "checkpoint"
        self.size = 0
        self.bytes = 0

    def refresh(self) -> list[Entry]:
        """Entries that were added since the last call.

        Raises
        ------
        ShedDamaged
            An entry that had been acknowledged is broken or gone.
        """
        promised = self._promised()  # first: the file may grow between the two looks, never shrink
        data = self._tail()
        found: list[Entry] = []
        consumed = 0
        for batch, length in _batches(data, self.size):
            found += batch
            consumed += length
            self.size += len(batch)
        self.bytes += consumed
        if self.bytes < promised or _goes_on(data[consumed:], self.size):
            raise ShedDamaged(
                f"{self.path}: entry {self.size} (byte {self.bytes}) was acknowledged and is broken or gone. "
                "Restore the file from a copy; nothing was changed"
            )
        return found

    def append(self, entries: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Entry]:
        """Add entries, all or none, durable on return. The caller holds the sealer's lock and has refreshed."""
        at = int(time.time())
        batch = [Entry(self.size + i, kind, at, content) for i, (kind, content) in enumerate(entries)]
        lines = b"".join(_line(entry, self.size, len(batch)) for entry in batch)
        append_bytes(self.path, lines, at=self.bytes)
        self.size += len(batch)
        self.bytes += len(lines)
        self._promise()
        return batch

    def _promise(self) -> None:
        try:
            write_file(self.checkpoint, json.dumps({"size": self.size, "bytes": self.bytes}).encode())
        except (ShedError, OSError) as error:
            # the batch is on the disk already; an older checkpoint promises less and is true as well
            logger.warning("the checkpoint stays at an earlier entry: %s", error)

    def _promised(self) -> int:
        try:
            return int(json.loads(self.checkpoint.read_bytes())["bytes"])
        except FileNotFoundError:
            return 0
        except (ValueError, KeyError, TypeError):
            raise ShedDamaged(
                f"{self.checkpoint}: not readable. Delete it if the shed was copied from a backup as a whole"
            ) from None

    def _tail(self) -> bytes:
        try:
            with self.path.open("rb") as file:
                file.seek(self.bytes)
                return file.read()
        except FileNotFoundError:
            return b""


def _line(entry: Entry, first: int, count: int) -> bytes:
    head = {"position": entry.position, "batch": [first, count], "kind": entry.kind, "at": entry.at}
    text = json.dumps({**head, **entry.content}, ensure_ascii=False, separators=(",", ":")).encode()[:-1]
    return text + _SUM + _sum(text) + b'"}\n'


def _sum(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest()[:_SUM_DIGITS].encode()


def _batches(data: bytes, size: int) -> Iterator[tuple[list[Entry], int]]:
    """Whole batches from the start of some bytes, each with its length; stops where one is not whole."""
    batch: list[Entry] = []
    length = 0
    for line in data.split(b"\n")[:-1]:
        parsed = _parse(line)
        if parsed is None or parsed[0].position != size + len(batch) or parsed[1] != size:
            return
        batch.append(parsed[0])
        length += len(line) + 1
        if len(batch) == parsed[2]:
            yield batch, length
            size += len(batch)
            batch, length = [], 0


def _parse(line: bytes) -> tuple[Entry, int, int] | None:
    text, _, rest = line.rpartition(_SUM)
    if rest != _sum(text) + b'"}':
        return None
    fields = json.loads(text.decode() + "}")
    first, count = fields.pop("batch")
    return Entry(fields.pop("position"), fields.pop("kind"), fields.pop("at"), fields), first, count


def _goes_on(rest: bytes, size: int) -> bool:
    """Whether a later batch stands behind a broken one: then the broken one had been acknowledged."""
    parsed = (_parse(line) for line in rest.split(b"\n")[:-1])
    return any(found is not None and found[1] != size for found in parsed)
