"""The chunks of a segment: at most 256 rows of one station and quantity, each with the hash by which it is proved.

``docs/formats/readings.md`` specifies them. A node that may not hand out some rows hands out the hashes of their
chunks: the digest of the segment can still be recomputed. The hashes are also kept beside the packs, as a cache: with
them one reading is proved without digesting its whole segment, and a changed row is found in its chunk.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pyarrow as pa

from commonshed.keep.extent import month_text
from commonshed.keep.merkle import inclusion_proof, leaf_hash, merkle_root
from commonshed.keep.rows import CHUNK_ROWS, canonical_chunks, chunk_starts, codes

__all__ = [
    "CHUNK_ROWS",
    "Chunk",
    "ChunkPlace",
    "Leaves",
    "chunk_places",
    "chunks",
    "leaf_hashes",
    "path_of_leaf",
    "write_chunks",
]

logger = logging.getLogger(__name__)

HASH = 32
_PREFIX = 16
_WORTH_KEEPING = 32  # rows a chunk, on average: a segment of a minute has one, and its hashes weigh more than its rows


@dataclass(frozen=True)
class Chunk:
    """A run of rows of one station and quantity.

    Attributes
    ----------
    index : int
        Number of the leaf in the tree of its segment.
    first, rows : int
        First row in the segment, and how many.
    text : bytes
        Canonical text: header line and row lines.
    """

    index: int
    first: int
    rows: int
    text: bytes

    @property
    def hash(self) -> bytes:
        """Leaf hash."""
        return leaf_hash(self.text)


@dataclass(frozen=True)
class ChunkPlace:
    """Where a chunk lies, without its text.

    Attributes
    ----------
    index : int
        Number of the leaf in the tree of its segment.
    station, quantity : str
    first, rows : int
        First row in the segment, and how many.
    starts : tuple of int
        Start of its first and of its last row. [UTC s]
    """

    index: int
    station: str
    quantity: str
    first: int
    rows: int
    starts: tuple[int, int]


def chunks(table: pa.Table) -> Iterator[Chunk]:
    """Chunks of rows in the form READINGS that stand in canonical order.

    Notes
    -----
    In canonical text every LF ends a line: those within a field are escaped.
    """
    first = 0
    for index, (header, lines) in enumerate(canonical_chunks(table)):
        text = header + bytes(lines)
        rows = text.count(b"\n") - 1
        yield Chunk(index, first, rows, text)
        first += rows


def write_chunks(path: Path, parts: Iterable[Chunk]) -> None:
    """Write chunks one after the other as plain text; each begins with its header line."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with scratch.open("wb") as file:
            file.writelines(chunk.text for chunk in parts)
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def chunk_places(table: pa.Table) -> list[ChunkPlace]:
    """Where the chunks of rows lie that stand in canonical order."""
    if not table.num_rows:
        return []
    station, stations = codes(table["station"])
    quantity, quantities = codes(table["quantity"])
    start = table["start"].to_numpy()
    bounds = [*chunk_starts(station, quantity).tolist(), table.num_rows]
    return [
        ChunkPlace(
            index, stations[station[low]], quantities[quantity[low]], low, high - low,
            (int(start[low]), int(start[high - 1])),
        )
        for index, (low, high) in enumerate(pairwise(bounds))
    ]  # fmt: skip


def leaf_hashes(table: pa.Table, breaks: Sequence[int] = ()) -> list[bytes]:
    """Leaf hashes of the chunks of rows that stand in canonical order.

    Parameters
    ----------
    breaks : sequence of int
        Rows at which another segment begins, and with it another chunk.
    """
    return [leaf_hash(header, lines) for header, lines in canonical_chunks(table, breaks)]


def path_of_leaf(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Audit path of one of some leaves, from the leaf upwards."""

    def node(level: int, at: int) -> bytes:
        return merkle_root(leaves[at << level : (at + 1) << level])

    return inclusion_proof(node, index, len(leaves))


class Leaves:
    """Leaf hashes of sealed segments, beside their packs, a file a segment.

    Nobody has to trust them: what does not make the row digest of its segment is no answer. Whoever deletes them loses
    time, and the chunk in which a damaged pack differs. Segments of short chunks have none: there the hashes would
    weigh more than the rows.
    """

    SUFFIX = ".leaves"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, month: int, digest: str) -> str:
        """Where the leaves of a segment stand, below ``segments/``.

        Parameters
        ----------
        month : int
            UTC month of the segment, counted from January 1970.
        digest : str
            Row digest of the segment.
        """
        return f"{month_text(month)}/{digest[:_PREFIX]}{self.SUFFIX}"

    def of(self, month: int, digest: str) -> list[bytes] | None:
        """The leaves of a segment; None when they are not kept, or damaged."""
        try:
            content = (self.folder / self.path(month, digest)).read_bytes()
        except OSError:
            return None
        leaves = [content[at : at + HASH] for at in range(0, len(content), HASH)]
        return leaves if merkle_root(leaves).hex() == digest else None

    def keep(self, month: int, leaves: Sequence[bytes], rows: int) -> None:
        """Keep the leaves of a segment where that is worth its bytes.

        A cache: it is not synced, and where it cannot be written nothing is lost.
        """
        if rows < _WORTH_KEEPING * len(leaves):
            return
        path = self.folder / self.path(month, merkle_root(leaves).hex())
        scratch = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            scratch.write_bytes(b"".join(leaves))
            scratch.replace(path)
        except OSError as error:
            scratch.unlink(missing_ok=True)
            logger.warning("%s cannot be written, and is made anew when it is needed: %s", path, error)
