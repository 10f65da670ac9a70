"""The chunks of a segment: at most 256 rows of one station and quantity, each with the hash by which it is proved.

``docs/formats/readings.md`` specifies them. A node that may not hand out some rows hands out the hashes of their chunks:
the digest of the segment can still be recomputed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from commonshed.keep.merkle import leaf_hash
from commonshed.keep.rows import CHUNK_ROWS, canonical_chunks

__all__ = ["CHUNK_ROWS", "Chunk", "chunks"]


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
