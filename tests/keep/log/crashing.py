"""A disk that remembers what was synced, and what may be left of it after a power cut."""

from __future__ import annotations

import os
import random
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

File = tuple[int, int]
"""An inode and how often its number had been given away before."""
Listing = dict[str, File]


@dataclass
class Cut:
    """One moment: what is in memory, what is on the disk for certain.

    Attributes
    ----------
    acknowledged, visible : int
        Size of the log that callers were told of, and the largest that a reader could have seen.
    folders, synced_folders : dict of inode to names and inodes
    files, synced_files : dict of inode to content
    root : inode of the folder
    """

    what: str
    acknowledged: int
    visible: int
    root: File
    folders: dict[File, Listing]
    files: dict[File, bytes]
    synced_folders: dict[File, Listing]
    synced_files: dict[File, bytes]

    def lay_out(self, target: Path, choose: Callable[[list[Any]], Any]) -> None:
        """A folder as it may be found after a power cut at this moment."""
        self._folder(self.root, target, choose)

    def _folder(self, inode: File, target: Path, choose: Callable[[list[Any]], Any]) -> None:
        target.mkdir(mode=0o700)
        before, now = self.synced_folders.get(inode, {}), self.folders.get(inode, {})
        for name in sorted(before.keys() | now.keys()):
            found = choose([now.get(name), before.get(name)]) if now.get(name) != before.get(name) else now[name]
            if found in self.folders or found in self.synced_folders:
                self._folder(found, target / name, choose)
            elif found is not None:
                (target / name).touch(mode=0o600)
                (target / name).write_bytes(self._content(found, choose))

    def _content(self, inode: File, choose: Callable[[list[Any]], Any]) -> bytes:
        before = self.synced_files.get(inode, b"")
        now = self.files.get(inode, before)
        kept = len(before) if now.startswith(before) else 0
        if before == now:
            return now
        zeros = now[:kept] + bytes(len(now) - kept)
        return bytes(choose([now, before, now[: (kept + len(now) + 1) // 2], zeros]))


@dataclass
class Disk:
    """Watches a folder while something is written there."""

    folder: Path
    acknowledged: int = 0
    cuts: list[Cut] = field(default_factory=list)
    _visible: int = 0
    _folders: dict[File, Listing] = field(default_factory=dict)
    _files: dict[File, bytes] = field(default_factory=dict)
    _synced_folders: dict[File, Listing] = field(default_factory=dict)
    _synced_files: dict[File, bytes] = field(default_factory=dict)
    _given: dict[int, int] = field(default_factory=dict)
    _places: dict[int, set[tuple[int, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._look()
        self._synced_folders = {inode: dict(names) for inode, names in self._folders.items()}
        self._synced_files = dict(self._files)

    @contextmanager
    def watched(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """Every write, sync and rename is a moment at which the power may fail."""
        plain_write, plain_replace = os.write, os.replace

        alone = threading.RLock()

        def write(descriptor: int, content: Any) -> int:
            with alone:
                self._moment("write")
                done = plain_write(descriptor, content)
                self._moment("written")
                return done

        def fsync(descriptor: int) -> None:
            with alone:
                self._moment("fsync")
                found = os.fstat(descriptor)
                inode = found.st_ino, self._given[found.st_ino]
                if stat.S_ISDIR(found.st_mode):
                    self._synced_folders[inode] = dict(self._folders[inode])
                else:
                    self._synced_files[inode] = self._files[inode]
                self._moment("synced")

        def rename(one: Any, other: Any) -> None:
            with alone:
                self._moment("rename")
                plain_replace(one, other)
                self._look(renamed=True)
                self._moment("renamed")

        with monkeypatch.context() as patched:
            patched.setattr(os, "write", write)
            patched.setattr(os, "fsync", fsync)
            patched.setattr(os, "replace", rename)
            yield
        self._moment("done")

    def _moment(self, what: str) -> None:
        self._look()
        cut = Cut(
            f"{len(self.cuts)} {what}",
            self.acknowledged,
            self._visible,
            self._root,
            dict(self._folders),
            dict(self._files),
            dict(self._synced_folders),
            dict(self._synced_files),
        )
        if not self.cuts or replace(cut, what="") != replace(self.cuts[-1], what=""):
            self.cuts.append(cut)

    def _look(self, *, renamed: bool = False) -> None:
        places: dict[int, set[tuple[int, str]]] = {}
        for path in [self.folder, *self.folder.rglob("*")]:
            places.setdefault(path.stat().st_ino, set()).add((path.parent.stat().st_ino, path.name))
        for inode, names in places.items():
            if not renamed and not names & self._places.get(inode, set()):
                self._given[inode] = self._given.get(inode, -1) + 1
        self._places, self._folders, self._files = places, {}, {}
        self._root = self._read(self.folder)
        checkpoint = self.folder / "checkpoint"
        if checkpoint.exists():
            self._visible = max(self._visible, int(checkpoint.read_text().split("\n")[1]))

    def _read(self, path: Path) -> File:
        number = path.stat().st_ino
        inode = number, self._given[number]
        if path.is_dir():
            self._folders[inode] = {each.name: self._read(each) for each in path.iterdir()}
        else:
            self._files[inode] = path.read_bytes()
        return inode


def choosers(seed: int, count: int) -> Iterator[Callable[[list[Any]], Any]]:
    """Memory survived (a killed process); nothing unsynced survived; and by chance."""
    yield lambda options: options[0]
    yield lambda options: options[1]
    dice = random.Random(seed)
    for _ in range(count):
        yield dice.choice


@contextmanager
def quick_folder(folder: Path) -> Iterator[Path]:
    """A folder in memory where there is such a thing: thousands of files are made and removed."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else folder) as name:
        yield Path(name)
