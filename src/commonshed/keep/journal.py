"""Readings received and not yet sealed: one SQLite file per writing process, durable row by row.

SQLite in WAL mode with ``synchronous=FULL`` has synced the rows when ``append`` returns. Each process writes its own
file, because several writers of one file starve each other. A batch is kept as one Arrow stream.

Row numbers never repeat (AUTOINCREMENT). The log names, per journal, the highest number it has taken up: rows up to it
are dropped, whether or not the sealer lived to drop them itself.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa

from commonshed.errors import ShedDamaged, ShedError
from commonshed.keep.durable import StorageFull, disk_errors, sync_folder
from commonshed.keep.rows import conform

__all__ = ["Journal", "Journals", "Received"]

_SUFFIX = ".sqlite"
_MOST_BYTES = 1 << 28  # of batches read at a time: small ones weigh much more than their rows
_BUSY = 30.0  # s to wait while the sealer reads or drops rows
_SCHEMA = "CREATE TABLE IF NOT EXISTS received (id INTEGER PRIMARY KEY AUTOINCREMENT, rows INTEGER, batch BLOB)"


class Journal:
    """Where this process writes what it receives. Use as a context manager, or close it."""

    def __init__(self, folder: Path) -> None:
        with disk_errors(folder):
            self.name, self._owner = _claim(folder)
        self.path = folder / f"{self.name}{_SUFFIX}"
        with _sqlite_errors(self.path):
            self._connection = _connect(self.path, "rwc")
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute(_SCHEMA)
        sync_folder(folder)

    def append(self, readings: pa.Table) -> int:
        """Keep readings; they are on the disk when this returns.

        Returns
        -------
        int
            Number of the batch in this journal.

        Raises
        ------
        ReadingsError
            They are not in the form of readings.
        ShedError
            They could not be kept, and none of them was.
        """
        table = conform(readings)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        with _sqlite_errors(self.path):
            cursor = self._connection.execute(
                "INSERT INTO received (rows, batch) VALUES (?, ?)", (table.num_rows, sink.getvalue().to_pybytes())
            )
        return int(cursor.lastrowid or 0)

    def close(self) -> None:
        """Give the journal up; the next sealer adopts what is in it."""
        self._connection.close()
        os.close(self._owner)

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True)
class Received:
    """Readings of journals, and per journal the number of the last one."""

    readings: pa.Table
    marks: dict[str, int]


class Journals:
    """All journals of a shed, for the sealer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, sealed: Mapping[str, int], most_rows: int) -> Received | None:
        """Readings behind the marks of the log, oldest journal first; None when there are none."""
        tables: list[pa.Table] = []
        marks: dict[str, int] = {}
        rows = held = 0
        for name in self.names():
            path = self.folder / f"{name}{_SUFFIX}"
            with _sqlite_errors(path), closing(_connect(path)) as connection:
                if not _has_table(connection):
                    continue
                query = "SELECT id, rows, batch FROM received WHERE id > ? ORDER BY id"
                for number, count, batch in connection.execute(query, (sealed.get(name, 0),)):
                    if rows >= most_rows or held >= _MOST_BYTES:
                        break
                    tables.append(_table(batch, path, number))
                    marks[name] = number
                    rows += count
                    held += len(batch)
        return Received(pa.concat_tables(tables).unify_dictionaries().combine_chunks(), marks) if marks else None

    def waiting(self, sealed: Mapping[str, int]) -> dict[str, int]:
        """Rows behind the marks of the log, per journal."""
        found = {}
        for name in self.names():
            path = self.folder / f"{name}{_SUFFIX}"
            with _sqlite_errors(path), closing(_connect(path)) as connection:
                if _has_table(connection):
                    query = "SELECT coalesce(sum(rows), 0) FROM received WHERE id > ?"
                    found[name] = int(connection.execute(query, (sealed.get(name, 0),)).fetchone()[0])
        return found

    def drop(self, marks: Mapping[str, int]) -> None:
        """Drop what the log has taken up."""
        for name, mark in marks.items():
            path = self.folder / f"{name}{_SUFFIX}"
            with _sqlite_errors(path), closing(_connect(path)) as connection:
                connection.execute("DELETE FROM received WHERE id <= ?", (mark,))

    def remove_abandoned(self, sealed: Mapping[str, int]) -> list[str]:
        """Remove journals that are taken up whole and whose process is gone."""
        removed = []
        owners = {path.stem for path in self.folder.glob("*.owner")}
        for name in owners | set(self.names()):
            with _owned(self.folder / f"{name}.owner") as ours:
                if ours and not self.waiting(sealed).get(name):
                    for suffix in (_SUFFIX, f"{_SUFFIX}-wal", f"{_SUFFIX}-shm", ".owner"):
                        (self.folder / f"{name}{suffix}").unlink(missing_ok=True)
                    removed.append(name)
        return removed

    def names(self) -> list[str]:
        """Journals, oldest first."""
        return [path.stem for path in sorted(self.folder.glob(f"*{_SUFFIX}"), key=_age)]


def _claim(folder: Path) -> tuple[str, int]:
    """A fresh name, and the lock that says its owner lives."""
    while True:
        name = f"{os.getpid()}-{time.time_ns():020d}{uuid.uuid4().hex[:6]}"  # the second part sorts by age
        path = folder / f"{name}.owner"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)  # a sealer took it for abandoned
            continue
        if path.exists():
            return name, descriptor
        os.close(descriptor)


@contextmanager
def _owned(path: Path) -> Iterator[bool]:
    """Whether nobody else holds a journal; held by us meanwhile."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(descriptor)


def _age(path: Path) -> tuple[str, str]:
    return path.stem.partition("-")[2], path.stem


def _connect(path: Path, mode: Literal["rw", "rwc"] = "rw") -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=_BUSY, isolation_level=None, check_same_thread=False)


def _has_table(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'received'").fetchone() is not None


def _table(batch: bytes, path: Path, number: int) -> pa.Table:
    try:
        with pa.ipc.open_stream(batch) as stream:
            return stream.read_all()
    except (pa.ArrowException, OSError) as error:
        raise ShedDamaged(f"{path}: batch {number} cannot be read ({error})") from error


@contextmanager
def _sqlite_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if "full" in str(error) or "disk I/O" in str(error):
            raise StorageFull(
                f"{path}: no room left on the disk ({error}). These readings were not kept, all earlier ones were: "
                "make room and send them again"
            ) from error
        raise ShedError(f"{path}: the journal cannot be used ({error})") from error
    except sqlite3.DatabaseError as error:
        raise ShedDamaged(f"{path}: the journal is damaged ({error}). Put back a copy, or move it away") from error
