"""Writing so that a power cut leaves the old state or the new one, and a full disk says so in words."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from commonshed.errors import ShedError

__all__ = [
    "StorageFull",
    "append_bytes",
    "disk_errors",
    "put_file",
    "sync_file",
    "sync_folder",
    "write_all",
    "write_file",
]

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class StorageFull(ShedError):
    """The disk, or what this process may use of it, is full."""


def write_file(path: Path, content: bytes | memoryview, *, sync_parent: bool = True, private: bool = False) -> None:
    """Put a file in its place whole: written beside, synced, renamed, and the folder synced.

    Parameters
    ----------
    sync_parent : bool
        False when the caller puts several files into one folder and syncs it once.
    private : bool
        Of mode 0600: nobody else can read it, not for a moment.
    """
    scratch = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with disk_errors(path):
            _make_folder(path.parent)
            scratch.unlink(missing_ok=True)  # of a process of this number that died: it may be open to others
            descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666)
            try:
                write_all(descriptor, content)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            scratch.replace(path)
    finally:
        with suppress(OSError):  # on a disk that takes nothing it was never made
            scratch.unlink(missing_ok=True)
    if sync_parent:
        sync_folder(path.parent)


def append_bytes(path: Path, content: bytes, *, at: int) -> None:
    """Append to a file at a known length, synced; what lay behind that length goes, and on failure it stays so."""
    with disk_errors(path):
        created = not path.exists()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
        try:
            try:
                if os.lseek(descriptor, 0, os.SEEK_END) != at:
                    os.ftruncate(descriptor, at)
                    os.lseek(descriptor, at, os.SEEK_SET)
                write_all(descriptor, content)
                os.fsync(descriptor)
                if created:
                    sync_folder(path.parent)
            except (OSError, ShedError):
                os.ftruncate(descriptor, at)
                with suppress(OSError):
                    os.fsync(descriptor)
                raise
        finally:
            os.close(descriptor)


def put_file(path: Path, content: bytes | memoryview) -> None:
    """Write a file without waiting for the disk, for what is durable elsewhere or not acknowledged yet."""
    with disk_errors(path):
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        except FileNotFoundError:
            _make_folder(path.parent)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            write_all(descriptor, content)
        finally:
            os.close(descriptor)


def sync_file(path: Path) -> None:
    """Make the content of a file durable."""
    with disk_errors(path):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    with disk_errors(folder):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _make_folder(folder: Path) -> None:
    if not folder.exists():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def write_all(descriptor: int, content: bytes | memoryview) -> None:
    """Write every byte: a disk that fills up takes some of them first."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn a full or read-only disk into a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull(
                f"{path}: no room left on the disk ({error.strerror}). What was kept before is untouched and nothing "
                "of this was kept: make room and run it again"
            ) from error
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            mend = "The disk takes nothing" if error.errno == errno.EROFS else "Check the rights on the folder"
            raise ShedError(f"{path}: cannot be written ({error.strerror}). {mend}") from error
        raise
