"""A process that dies at its n-th step on the disk, as with kill −9, and what it leaves."""

from __future__ import annotations

import os
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tests.keep.killing import child

from commonshed.keep import Shed
from commonshed.keep.log import renewal


def rotate(path: Path) -> None:
    """One rotation with an overlap of an hour."""
    renewal.rotate(Shed.open(path), reason="drill", overlap=3600)


def recover(path: Path) -> None:
    """One declared recovery."""
    renewal.recover(Shed.open(path), reason="drill")


def steps_of(work: Callable[[Path], None], path: Path) -> int:
    """How many steps on the disk something takes from beginning to end."""
    return int(_told(work, path, 10_000))


def die_at(step: int, work: Callable[[Path], None], path: Path) -> None:
    """Let a process do something on a shed and die right before its n-th step on the disk."""
    assert _told(work, path, step) == "dead"


def _told(work: Callable[[Path], None], path: Path, step: int) -> str:
    with child(_run, work, path, step) as (process, reports):
        try:
            told: str = reports.recv()
        except EOFError:
            told = "dead"
        process.join()
    return told


def _run(work: Callable[[Path], None], path: Path, last: int, reports: Connection) -> None:
    steps = 0

    def counted(plain: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **named: Any) -> Any:
            nonlocal steps
            steps += 1
            if steps == last:
                os._exit(9)
            return plain(*arguments, **named)

        return step

    for name in ("write", "fsync", "replace", "rename", "unlink"):
        setattr(os, name, counted(getattr(os, name)))
    work(path)
    reports.send(str(steps))
