"""The tree as plain files, in the layout of C2SP tlog-tiles, so that any web server can hand them out.

``tile/<L>/<N>`` holds 256 hashes of level 8·L, ``tile/entries/<N>`` the entries themselves, each behind its length in
16 bits. The last one of a level is partial: ``<N>.p/<W>`` holds the first W. A partial file is never written again;
partial files go when the whole one is there.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from commonshed.errors import ShedDamaged
from commonshed.keep.merkle import merkle_root

__all__ = ["HASH", "WIDTH", "TileFolder", "bundle_path", "pack_entries", "tile_path", "unpack_entries"]

WIDTH = 256
HASH = 32


def tile_path(level: int, number: int, width: int = WIDTH) -> str:
    """Where a tile of hashes stands.

    >>> tile_path(0, 1234067, 5)
    'tile/0/x001/x234/067.p/5'
    """
    return f"tile/{level}/{_number(number)}{_partial(width)}"


def bundle_path(number: int, width: int = WIDTH) -> str:
    """Where a bundle of entries stands."""
    return f"tile/entries/{_number(number)}{_partial(width)}"


def pack_entries(entries: list[bytes]) -> bytes:
    """Entries as they stand in a bundle."""
    return b"".join(len(entry).to_bytes(2) + entry for entry in entries)


def unpack_entries(content: bytes) -> Iterator[bytes]:
    """The entries of a bundle.

    Raises
    ------
    ValueError
        It ends in the middle of one.
    """
    at = 0
    while at < len(content):
        end = at + 2 + int.from_bytes(content[at : at + 2])
        if end > len(content) or at + 2 > len(content):
            raise ValueError("a bundle ends in the middle of an entry")
        yield content[at + 2 : end]
        at = end


class TileFolder:
    """The files below ``log/``, read as a log of some size sees them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def entries(self, first: int, size: int) -> Iterator[bytes]:
        """Entries [first, size) of a log of that size.

        Raises
        ------
        ShedDamaged
            A bundle is gone or broken.
        """
        for number in range(first // WIDTH, -(-size // WIDTH)):
            held = min(size - number * WIDTH, WIDTH)
            content = self._read(bundle_path(number), bundle_path(number, held), held)
            try:
                found = list(unpack_entries(content))
            except ValueError as error:
                raise self._damaged(bundle_path(number, held), str(error)) from None
            if len(found) < held:
                raise self._damaged(bundle_path(number, held), f"it holds {len(found)} of {held} entries")
            yield from found[max(first - number * WIDTH, 0) : held]

    def hashes(self, level: int, number: int, size: int) -> list[bytes]:
        """Hashes of one tile, as a log of some size has it.

        Raises
        ------
        ShedDamaged
        """
        held = min((size >> (8 * level)) - number * WIDTH, WIDTH)
        content = self._read(tile_path(level, number), tile_path(level, number, held), held)
        if len(content) < held * HASH or len(content) % HASH:
            raise self._damaged(tile_path(level, number, held), f"it holds {len(content)} bytes")
        return [content[i * HASH : (i + 1) * HASH] for i in range(held)]

    def node(self, level: int, index: int, size: int) -> bytes:
        """Hash of a complete subtree: 2**level leaves, the index-th of that size, in a log of some size."""
        row, inner = divmod(level, 8)
        first = index << inner
        tile = self.hashes(row, first // WIDTH, size)
        return merkle_root(tile[first % WIDTH : first % WIDTH + (1 << inner)])

    def drop_partial(self, path: str) -> None:
        """Remove the partial files of a whole one."""
        shutil.rmtree(self.folder / f"{path}.p", ignore_errors=True)

    def _read(self, whole: str, partial: str, held: int) -> bytes:
        # The partial file first: a whole one may stand there that was never acknowledged.
        for path in (partial, whole) if held < WIDTH else (whole,):
            try:
                return (self.folder / path).read_bytes()
            except FileNotFoundError:
                continue
        raise self._damaged(partial, "it is gone")

    def _damaged(self, path: str, why: str) -> ShedDamaged:
        return ShedDamaged(f"{self.folder / path}: {why}. Put back a copy from a backup or another node")


def _number(number: int) -> str:
    groups = []
    while True:
        groups.append(f"{number % 1000:03d}")
        number //= 1000
        if not number:
            break
    return "/".join([f"x{group}" for group in reversed(groups[1:])] + [groups[0]])


def _partial(width: int) -> str:
    return "" if width == WIDTH else f".p/{width}"
