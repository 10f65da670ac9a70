"""Answers that were given, by the name a logger gave its request: asked again, it gets the same one.

The answer is kept after the readings are durable. A power cut in between makes the request look new; its readings are
then journaled again, and sealing drops what is equal to the current ones.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from commonshed.errors import ShedError

__all__ = ["Answered", "Answers", "digest"]

_FILE = "gateway/idempotency.sqlite"
_KEPT = 7 * 86_400  # s
_SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (
    owner TEXT, name TEXT, body BLOB, status INTEGER, content TEXT, recorded INTEGER, PRIMARY KEY (owner, name)
) WITHOUT ROWID
"""


@dataclass(frozen=True)
class Answered:
    """What was answered to a request of that name, and the digest of its body."""

    body: bytes
    status: int
    content: str


class Answers:
    """The answers of a shed's gateway. Used by one thread at a time."""

    def __init__(self, shed: Path) -> None:
        path = shed / _FILE
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute(_SCHEMA)
        except sqlite3.DatabaseError as error:
            raise ShedError(f"{path}: cannot be used ({error}). Move it away: it only holds answers given") from error

    def get(self, owner: str, name: str) -> Answered | None:
        """What was answered to it before."""
        query = "SELECT body, status, content FROM answers WHERE owner = ? AND name = ?"
        row = self._connection.execute(query, (owner, name)).fetchone()
        return None if row is None else Answered(*row)

    def put(self, owner: str, name: str, answered: Answered, recorded: int) -> None:
        """Keep an answer; the ones older than a week go. [UTC s]"""
        row = (owner, name, answered.body, answered.status, answered.content, recorded)
        self._connection.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?)", row)
        self._connection.execute("DELETE FROM answers WHERE recorded < ?", (recorded - _KEPT,))

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()


def digest(kind: str, body: bytes) -> bytes:
    """What tells one body from another: its kind and its bytes."""
    return hashlib.sha256(kind.encode() + b"\n" + body).digest()
