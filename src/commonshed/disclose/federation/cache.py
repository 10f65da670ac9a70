"""Files that were made to be handed out, kept until there are too many; delete them and they are made again."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from commonshed.keep.durable import disk_errors, sync_folder

__all__ = ["Cache"]

LARGEST = 1 << 30


class Cache:
    """A folder of files, each named for everything that made it.

    Parameters
    ----------
    folder : Path
    largest : int
        Bytes of all files together; beyond that those go that were asked for longest ago.
    """

    def __init__(self, folder: Path, *, largest: int = LARGEST) -> None:
        self.folder = folder
        self.largest = largest

    def open(self, name: str) -> tuple[BinaryIO, int] | None:
        """A file and its length, or None."""
        path = self.folder / name
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return None
        with suppress(OSError):
            os.utime(path)
        return file, os.fstat(file.fileno()).st_size

    def make(self, name: str, write: Callable[[Path], None]) -> tuple[BinaryIO, int]:
        """Make a file, whole or not at all, and open it."""
        path = self.folder / name
        scratch = self.folder / f".{name}.{os.getpid()}.{threading.get_ident()}.tmp"
        with disk_errors(path):
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                write(scratch)
                with scratch.open("rb+") as made:
                    os.fsync(made.fileno())
                scratch.replace(path)
            finally:
                scratch.unlink(missing_ok=True)
            sync_folder(self.folder)
            file = path.open("rb")
        self._prune(keep=name)
        return file, os.fstat(file.fileno()).st_size

    def _prune(self, keep: str) -> None:
        held = []
        for path in self.folder.iterdir():
            with suppress(FileNotFoundError):
                said = path.stat()
                held.append((said.st_mtime_ns, said.st_size, path))
        spare = sum(size for _, size, _ in held) - self.largest
        for _, size, path in sorted(held):
            if spare <= 0:
                return
            if path.name != keep:
                path.unlink(missing_ok=True)
                spare -= size
