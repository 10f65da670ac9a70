"""One sealer at a time, and a note of whether the last one finished.

The kernel gives the lock back when its holder dies, however it dies; the note then still says ``sealing``, and the next
sealer knows that there may be packs nobody entered.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from commonshed.errors import ShedLocked
from commonshed.keep.durable import disk_errors

__all__ = ["SealerLock", "sealer_lock"]

_PAUSE = 0.02  # s between two tries


@dataclass
class SealerLock:
    """Held while sealing.

    Attributes
    ----------
    sweep : bool
        Packs nobody entered may lie about: the last sealer did not finish, or left packs that were superseded.
    """

    sweep: bool


@contextmanager
def sealer_lock(path: Path, wait: float = 0.0) -> Iterator[SealerLock]:
    """Hold the sealer's lock.

    Parameters
    ----------
    wait : float
        How long to wait for another sealer. [s]

    Raises
    ------
    ShedLocked
        Another process is sealing; the message names it.
    """
    with disk_errors(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _acquire(descriptor, path, wait)
        held = SealerLock(sweep=_note(descriptor).get("state") != "done")
        _write(descriptor, {"pid": os.getpid(), "state": "sealing"})
        yield held
        _write(descriptor, {"pid": os.getpid(), "state": "sweep" if held.sweep else "done"})
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, wait: float) -> None:
    until = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= until:
                owner = _note(descriptor).get("pid", "unknown")
                raise ShedLocked(
                    f"{path.parent}: process {owner} is sealing this shed. Wait until it is done and run this again"
                ) from None
            time.sleep(_PAUSE)


def _note(descriptor: int) -> dict[str, object]:
    try:
        note = json.loads(os.pread(descriptor, 4096, 0))
    except ValueError:
        return {}
    return note if isinstance(note, dict) else {}


def _write(descriptor: int, note: dict[str, object]) -> None:
    # Always as long: rewriting a note in place needs no new room on a full disk.
    try:
        os.pwrite(descriptor, json.dumps(note).ljust(63).encode() + b"\n", 0)
    except OSError:
        os.ftruncate(descriptor, 0)  # an unreadable note means: sweep
