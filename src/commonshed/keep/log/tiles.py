"""The tree as plain files, in the layout of C2SP tlog-tiles, so that any web server can hand them out.

``tile/<L>/<N>`` holds 256 hashes of level 8·L, ``tile/entries/<N>`` the entries themselves, each behind its length in
16 bits. The last one of a level is partial: ``<N>.p/<W>`` holds the first W. The partial files of every signed size
stay until the whole file is there. Tiles follow from the entries: where one is gone, it is computed.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from commonshed.errors import ShedDamaged
from commonshed.keep.merkle import EMPTY_ROOT, leaf_hash, merkle_root

__all__ = [
    "HASH",
    "WIDTH",
    "Edge",
    "TileFolder",
    "bundle_path",
    "pack_entries",
    "read_path",
    "tile_path",
    "unpack_entries",
]

WIDTH = 256
HASH = 32

_PATH = re.compile(r"tile/(entries|\d{1,2})/((?:x\d{3}/){0,5}\d{3})(?:\.p/(\d{1,3}))?")

_RECENT = 64  # tiles: 1 MB


def tile_path(level: int, number: int, width: int = WIDTH) -> str:
    """Where a tile of hashes stands.

    >>> tile_path(0, 1234067, 5)
    'tile/0/x001/x234/067.p/5'
    """
    return f"tile/{level}/{_number(number)}{_partial(width)}"


def bundle_path(number: int, width: int = WIDTH) -> str:
    """Where a bundle of entries stands."""
    return f"tile/entries/{_number(number)}{_partial(width)}"


def read_path(path: str) -> tuple[int | None, int, int] | None:
    """Level (None: a bundle of entries), number and width of what stands there; None for what is no tile of a log.

    >>> read_path("tile/0/x001/x234/067.p/5"), read_path("tile/entries/000"), read_path("tile/00/000.p/256")
    ((0, 1234067, 5), (None, 0, 256), None)
    """
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    level = None if match[1] == "entries" else int(match[1])
    number, width = int(re.sub(r"[x/]", "", match[2])), int(match[3] or WIDTH)
    written = bundle_path(number, width) if level is None else tile_path(level, number, width)
    return (level, number, width) if written == path and 0 < width <= WIDTH else None


def pack_entries(entries: Sequence[bytes]) -> bytes:
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
            raise ValueError("it ends in the middle of an entry")
        yield content[at + 2 : end]
        at = end


@dataclass(frozen=True)
class Edge:
    """The right edge of the tree: what of it will still be rewritten when entries are added.

    Attributes
    ----------
    size : int
        Of the log.
    bundle : bytes
        The last bundle, as far as it is filled.
    tiles : tuple of bytes
        The last tile of each level, as far as it is filled.
    """

    size: int = 0
    bundle: bytes = b""
    tiles: tuple[bytes, ...] = ()

    def grown(self, texts: Sequence[bytes]) -> tuple[Edge, dict[str, bytes]]:
        """The edge after some entries, and the files that are new with them."""
        files: dict[str, bytes] = {}
        size = self.size + len(texts)
        bundle = self.bundle
        for number, part in _cut(self.size, list(texts)):
            bundle += pack_entries(part)
            width = min(size - number * WIDTH, WIDTH)
            files[bundle_path(number, width)] = bundle
            if width == WIDTH:
                bundle = b""
        tiles: list[bytes] = []
        new = [leaf_hash(text) for text in texts]
        at = self.size
        for level in range(1 + len(self.tiles) + _levels(len(texts))):
            content = self.tiles[level] if level < len(self.tiles) else b""
            above: list[bytes] = []
            for number, part in _cut(at, new):
                content += b"".join(part)
                files[tile_path(level, number, len(content) // HASH)] = content
                if len(content) == WIDTH * HASH:
                    above.append(merkle_root(_hashes(content)))
                    content = b""
            tiles.append(content)
            new, at = above, at // WIDTH
        while tiles and not tiles[-1]:
            tiles.pop()
        return Edge(size, bundle, tuple(tiles)), files

    def files(self) -> dict[str, bytes]:
        """The partial files, as they stand."""
        number, held = divmod(self.size, WIDTH)
        found = {bundle_path(number, held): self.bundle} if held else {}
        for level, tile in enumerate(self.tiles):
            if tile:
                found[tile_path(level, (self.size >> (8 * level)) // WIDTH, len(tile) // HASH)] = tile
        return found

    @property
    def root(self) -> bytes:
        """Root of the whole tree, as the tiles say."""
        carried: list[bytes] = []
        for tile in self.tiles:
            nodes = _hashes(tile) + carried
            carried = [merkle_root(nodes)] if nodes else []
        return carried[0] if carried else EMPTY_ROOT


class TileFolder:
    """The files below ``log/``, read as a log of some size sees them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # a tile of some width never changes, and a proof asks for each of its tiles some eight times
        self._recent = lru_cache(maxsize=_RECENT)(self._tile)

    def entries(self, first: int, size: int) -> Iterator[bytes]:
        """Entries [first, size) of a log of that size.

        Raises
        ------
        ShedDamaged
            A bundle is gone or broken.
        """
        for number in range(first // WIDTH, -(-size // WIDTH)):
            held = min(size - number * WIDTH, WIDTH)
            yield from self._bundle(number, held)[max(first - number * WIDTH, 0) :]

    def hashes(self, level: int, number: int, size: int) -> list[bytes]:
        """Hashes of one tile, as a log of some size has it; where the file is gone or cut off, from what lies below.

        Raises
        ------
        ShedDamaged
            A bundle that is needed for it is gone as well.
        """
        return self._tile(level, number, min((size >> (8 * level)) - number * WIDTH, WIDTH))

    def node(self, level: int, index: int, size: int) -> bytes:
        """Hash of a complete subtree: 2**level leaves, the index-th of that size, in a log of some size."""
        row, inner = divmod(level, 8)
        number, first = divmod(index << inner, WIDTH)
        tile = self._recent(row, number, min((size >> (8 * row)) - number * WIDTH, WIDTH))
        return merkle_root(tile[first : first + (1 << inner)])

    def edge(self, size: int, root: bytes) -> Edge:
        """The right edge of a log whose root is known; tiles that do not make it are computed anew.

        Raises
        ------
        ShedDamaged
            The entries do not make that root either.
        """
        if not size:
            return Edge()
        texts = list(self.entries(size - size % WIDTH, size))
        leaves = b"".join(map(leaf_hash, texts))
        for tile in (self._tile, self._computed):
            above = [b"".join(self._last(tile, level, size)) for level in range(1, _levels(size))]
            found = Edge(size, pack_entries(texts), (leaves, *above))
            if found.root == root:
                return found
        raise ShedDamaged(f"{self.folder / 'tile'}: the tiles do not make the root that was signed. Put back a copy")

    def stands(self, path: str, content: bytes) -> bool:
        """Whether a file is there and holds just this."""
        return self._read(path) == content

    def drop_partial(self, path: str) -> None:
        """Remove the partial files of a whole one."""
        shutil.rmtree(self.folder / f"{path}.p", ignore_errors=True)

    def _last(self, tile: Callable[[int, int, int], list[bytes]], level: int, size: int) -> list[bytes]:
        number, held = divmod(size >> (8 * level), WIDTH)
        return tile(level, number, held) if held else []

    def _tile(self, level: int, number: int, held: int) -> list[bytes]:
        for path in _candidates(tile_path(level, number), tile_path(level, number, held), held):
            content = self._read(path)
            if content is not None and len(content) >= held * HASH:
                return _hashes(content[: held * HASH])
        return self._computed(level, number, held)

    def _computed(self, level: int, number: int, held: int) -> list[bytes]:
        if level == 0:
            return [leaf_hash(text) for text in self._bundle(number, held)]
        return [merkle_root(self._tile(level - 1, number * WIDTH + i, WIDTH)) for i in range(held)]

    def _bundle(self, number: int, held: int) -> list[bytes]:
        why = "it is gone"
        for path in _candidates(bundle_path(number), bundle_path(number, held), held):
            content = self._read(path)
            if content is None:
                continue
            try:
                found = list(unpack_entries(content))
            except ValueError as error:
                why = str(error)
                continue
            if len(found) >= held:
                return found[:held]
            why = f"it holds {len(found)} of {held} entries"
        broken = self.folder / bundle_path(number, held)
        raise ShedDamaged(f"{broken}: {why}. Put back a copy from a backup or another node")

    def _read(self, path: str) -> bytes | None:
        try:
            return (self.folder / path).read_bytes()
        except FileNotFoundError:
            return None


def _candidates(whole: str, partial: str, held: int) -> tuple[str, ...]:
    # The partial file first: a whole one may stand there that was never acknowledged.
    return (partial, whole) if held < WIDTH else (whole,)


def _cut(at: int, items: list[bytes]) -> Iterator[tuple[int, list[bytes]]]:
    """Items that follow ``at`` others, a tile at a time, with its number."""
    while items:
        room = WIDTH - at % WIDTH
        yield at // WIDTH, items[:room]
        items, at = items[room:], at + room


def _hashes(content: bytes) -> list[bytes]:
    return [content[i : i + HASH] for i in range(0, len(content), HASH)]


def _levels(size: int) -> int:
    """How many levels of tiles a log of some size has."""
    return -(-size.bit_length() // 8)


def _number(number: int) -> str:
    if number < 0:
        raise ValueError("there is no tile before the first")
    groups = []
    while True:
        groups.append(f"{number % 1000:03d}")
        number //= 1000
        if not number:
            break
    return "/".join([f"x{group}" for group in reversed(groups[1:])] + [groups[0]])


def _partial(width: int) -> str:
    return "" if width == WIDTH else f".p/{width}"
