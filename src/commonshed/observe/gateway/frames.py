"""Frames as they came, kept for a declared time with the password blanked, so that a doubt can be looked into.

One file an hour and process, of records one a commit: a head (magic, lengths, CRC-32) and the frames of that commit,
compressed. A file is only ever appended to; a record torn by a power cut is the last of its file and is left out.
"""

from __future__ import annotations

import os
import struct
import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from commonshed.errors import ShedDamaged
from commonshed.keep.durable import disk_errors, sync_folder, write_all

__all__ = ["FRAMES", "FrameStore", "Kept", "kept_frames", "sweep"]

FRAMES = "gateway/frames"
"""Where in a shed."""

_HEAD = struct.Struct("<4sIII")  # magic, bytes compressed, bytes plain, CRC-32 of what is compressed
_MAGIC = b"CSF1"
_HOUR = 3600
_SUFFIX = ".frames"
_MOST_PLAIN = 1 << 28  # a record that says it holds more is damage, not data
_CODEC = pa.Codec("zstd", compression_level=1)


@dataclass(frozen=True)
class Kept:
    """A frame that was kept.

    Attributes
    ----------
    recorded : int
        When it came in. [UTC ms]
    whole : bytes
        As it came, password blanked, without the line end.
    """

    recorded: int
    whole: bytes


class FrameStore:
    """Where one process keeps what it receives. Used by one thread at a time."""

    def __init__(self, shed: Path, *, keep: int) -> None:
        self.folder = shed / FRAMES
        self.keep = keep
        self.bytes = 0
        self._hour = -1
        self._descriptor = -1

    def append(self, blob: bytes, recorded: int) -> None:
        """Keep the frames of one commit; they are on the disk when this returns.

        Parameters
        ----------
        blob : bytes
            Lines of :func:`line`, joined.
        recorded : int
            [UTC s]
        """
        if self.keep <= 0 or not blob:
            return
        packed = _CODEC.compress(blob, asbytes=True)
        head = _HEAD.pack(_MAGIC, len(packed), len(blob), zlib.crc32(packed))
        with disk_errors(self.folder):
            if recorded // _HOUR != self._hour:
                self._turn(recorded // _HOUR)
            at = os.lseek(self._descriptor, 0, os.SEEK_END)
            try:
                write_all(self._descriptor, head + packed)
                os.fdatasync(self._descriptor)
            except OSError:
                os.ftruncate(self._descriptor, at)  # half a record would hide the ones behind it
                raise
        self.bytes += len(head) + len(packed)

    def close(self) -> None:
        """Let the file go."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._hour = self._descriptor = -1

    def _turn(self, hour: int) -> None:
        """The next hour's file; what is older than is to be kept goes."""
        self.close()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{datetime.fromtimestamp(hour * _HOUR, UTC):%Y-%m-%dT%HZ}-{os.getpid()}-{time.time_ns():x}{_SUFFIX}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        self._descriptor = os.open(self.folder / name, flags, 0o600)
        sync_folder(self.folder)
        self._hour = hour
        sweep(self.folder, before=hour * _HOUR - self.keep)


def line(recorded: int, whole: bytes) -> bytes:
    """A frame as a line of a record. [UTC ms]"""
    plain = whole.rstrip(b"\r\n")
    if b"\n" in plain or b"\\" in plain:
        plain = plain.replace(b"\\", b"\\\\").replace(b"\n", b"\\n")
    return b"%d %b\n" % (recorded, plain)


def kept_frames(
    shed: Path, *, start: int | None = None, end: int | None = None, holding: bytes = b""
) -> Iterator[Kept]:
    """Frames that came in within [start, end) and hold some bytes, oldest file first. [UTC s]

    Raises
    ------
    ShedDamaged
        A record in the midst of a file is not what was written.
    """
    folder = shed / FRAMES
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        hour = _hour_of(path)
        if hour is None:
            continue
        if (end is not None and hour >= end) or (start is not None and hour + _HOUR <= start):
            continue
        for kept in _of_file(path, holding):
            if (start is None or kept.recorded >= start * 1000) and (end is None or kept.recorded < end * 1000):
                yield kept


def sweep(folder: Path, *, before: int) -> int:
    """Remove the files of hours that ended before then; how many. [UTC s]"""
    hours = {path: _hour_of(path) for path in folder.glob(f"*{_SUFFIX}")}
    old = [path for path, hour in hours.items() if hour is not None and hour + _HOUR <= before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _hour_of(path: Path) -> int | None:
    """When the hour of a file began; None: no file of ours is called so. [UTC s]"""
    try:
        return int(datetime.strptime(path.name[:14], "%Y-%m-%dT%HZ").replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None


def _of_file(path: Path, holding: bytes) -> Iterator[Kept]:
    with path.open("rb") as file:
        at = 0
        while len(head := file.read(_HEAD.size)) == _HEAD.size:
            magic, packed_bytes, plain_bytes, check = _HEAD.unpack(head)
            packed = file.read(packed_bytes)
            if len(packed) < packed_bytes:
                return  # the power went while this was written: nothing of it was acknowledged
            if magic != _MAGIC or plain_bytes > _MOST_PLAIN or zlib.crc32(packed) != check:
                if not file.read(1):
                    return
                raise ShedDamaged(f"{path}: damaged at byte {at}. Put back a copy")
            at += _HEAD.size + packed_bytes
            plain = _CODEC.decompress(packed, plain_bytes, asbytes=True)
            if holding in plain:
                yield from _of_lines(plain.split(b"\n")[:-1], holding)


def _of_lines(lines: Iterable[bytes], holding: bytes) -> Iterator[Kept]:
    for each in lines:
        if holding in each:
            recorded, _, plain = each.partition(b" ")
            yield Kept(int(recorded), _unescaped(plain))


def _unescaped(plain: bytes) -> bytes:
    if b"\\" not in plain:
        return plain
    parts = plain.split(b"\\\\")
    return b"\\".join(part.replace(b"\\n", b"\n") for part in parts)
