"""Logs for tests: entries are numbered, so that any log can say what it should hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import rfc8785

from commonshed.keep.log import Log
from commonshed.keep.log.keys import Keys
from commonshed.keep.merkle import leaf_hash, verify_consistency, verify_inclusion

ORIGIN = "commonshed/test"


def make_log(folder: Path) -> Log:
    """An empty log, with its keys beside it."""
    keys = Keys.create(folder / "keys", ORIGIN)
    (folder / "log").mkdir()
    log = Log(folder / "log", origin=ORIGIN, keys=keys)
    log.create()
    return log


def reopened(folder: Path, keys: Path | None = None) -> Log:
    """The log as another process finds it."""
    log = Log(folder / "log", origin=ORIGIN, keys=Keys(keys or folder / "keys"))
    log.refresh()
    return log


def text(position: int) -> bytes:
    """Entry of that position."""
    return rfc8785.dumps({"kind": "mapping", "at": 1_700_000_000, "name": f"n{position}"})


def texts(first: int, count: int) -> list[bytes]:
    """Entries from a position on."""
    return [text(position) for position in range(first, first + count)]


def grow(log: Log, *counts: int) -> None:
    """Append so many entries at a time."""
    for count in counts:
        log.append_texts(texts(log.size, count))


def assert_whole(log: Log, positions: Sequence[int] | None = None, sizes: Sequence[int] = ()) -> None:
    """The log holds what it should, and proves it."""
    root = log.checkpoint().root
    for position in range(log.size) if positions is None else positions:
        assert log.entry_bytes(position) == text(position)
        verify_inclusion(leaf_hash(text(position)), position, log.size, log.inclusion(position), root)
    for size in sizes:
        verify_consistency(size, log.size, log.root(size), root, log.consistency(size))


def files(log: Log) -> Iterator[str]:
    """Files below the log's folder."""
    for path in sorted(log.folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(log.folder).as_posix()
