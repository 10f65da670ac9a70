"""A peer's tree, tile by tile over HTTP: only as much of it as a proof needs. Nothing of it is believed by itself."""

from __future__ import annotations

from pathlib import Path

from commonshed.disclose.federation.client import Client, Malformed, NotGiven
from commonshed.keep.log.tiles import HASH, WIDTH, bundle_path, tile_path, unpack_entries
from commonshed.keep.merkle import merkle_root

__all__ = ["PeerTiles"]


class PeerTiles:
    """The tiles of a log of some size.

    Attributes
    ----------
    client : Client
    size : int
    """

    def __init__(self, client: Client, size: int) -> None:
        self.client = client
        self.size = size
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def width(self, level: int, number: int) -> int:
        """Hashes in a tile."""
        return max(min((self.size >> (8 * level)) - number * WIDTH, WIDTH), 0)

    def hashes(self, level: int, number: int) -> list[bytes]:
        """Hashes of one tile.

        Raises
        ------
        Malformed
            It is not there or has another length.
        """
        if (level, number) not in self._tiles:
            held = self.width(level, number)
            paths = (tile_path(level, number, held), tile_path(level, number))
            content = self._first(paths, WIDTH * HASH)
            if len(content) < held * HASH or len(content) % HASH:
                raise Malformed(f"{self.client.url}: {paths[0]} has {len(content)} bytes")
            self._tiles[level, number] = [content[i * HASH : (i + 1) * HASH] for i in range(held)]
        return self._tiles[level, number]

    def node(self, level: int, index: int) -> bytes:
        """Hash of a complete subtree: 2**level leaves, the index-th of that size."""
        row, inner = divmod(level, 8)
        first = index << inner
        tile = self.hashes(row, first // WIDTH)
        return merkle_root(tile[first % WIDTH : first % WIDTH + (1 << inner)])

    def bundle(self, number: int, held: int, kept: Path | None = None) -> list[bytes]:
        """The first entries of a bundle.

        Parameters
        ----------
        kept : Path, optional
            Folder in which whole bundles are kept for the next try.

        Raises
        ------
        Malformed
            It is not there, broken or too short.
        """
        place = kept / f"{number}" if kept is not None else None
        if place is not None and place.exists():
            content = place.read_bytes()
        else:
            paths = (bundle_path(number, held), bundle_path(number))
            content = self._first(paths, self.client.limits.bundle)
        try:
            texts = list(unpack_entries(content))
        except ValueError as error:
            texts, said = [], str(error)
        else:
            said = f"it holds {len(texts)} of {held} entries"
        if len(texts) < held:
            if place is not None:
                place.unlink(missing_ok=True)
            raise Malformed(f"{self.client.url}: {bundle_path(number, held)}: {said}")
        if place is not None and held == WIDTH and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        return texts[:held]

    def _first(self, paths: tuple[str, ...], limit: int) -> bytes:
        """The first of some files that is there: a partial one goes when the whole one has come."""
        for path in dict.fromkeys(paths):
            try:
                return self.client.get(path, limit=limit)
            except NotGiven as error:
                if error.status not in (404, 410):
                    raise
        raise Malformed(f"{self.client.url}: {paths[0]} is not there, and the checkpoint it shows needs it")
