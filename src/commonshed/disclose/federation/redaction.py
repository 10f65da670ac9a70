"""The rows of a segment that someone may have, and the hashes of all its chunks: together they make its digest.

What goes out is a file of its own, made of chunks that go out whole. It is the same to the byte whenever and from
whichever pack it is made, and made piece by piece: a segment of any size passes through bounded memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from commonshed.errors import ShedDamaged
from commonshed.keep.chunks import leaf_hashes
from commonshed.keep.merkle import merkle_root
from commonshed.keep.packs import compact, write_rows
from commonshed.keep.rows import READINGS, chunk_starts, codes

__all__ = ["FORM", "LAID_OUT_BY", "Chunked", "chunked", "leaves_of", "write_given"]

FORM = "commonshed-given/1"
"""Changes when the same rows become other bytes."""

LAID_OUT_BY = ("station", "quantity", "start", "period")
"""Columns that say whose the chunks are and when they end."""

_GROUP = 512  # chunks in a row group: at most 131,072 rows

Pieces = Callable[[], Iterator[pa.Table]]
"""Rows of a segment from its beginning, some at a time."""


@dataclass(frozen=True)
class Chunked:
    """Whose the chunks of a segment are, and until when their rows reach.

    Attributes
    ----------
    pairs : tuple of (station, quantity)
    series : int array, n
        Per chunk, the number of its pair.
    rows : int array, n
    ends : int array, n
        End of the last reading in the chunk. [UTC s]
    """

    pairs: tuple[tuple[str, str], ...]
    series: NDArray[np.int32]
    rows: NDArray[np.int64]
    ends: NDArray[np.int64]


def chunked(table: pa.Table) -> Chunked:
    """How a segment is cut into chunks, from its columns :data:`LAID_OUT_BY`."""
    station, stations = codes(table["station"])
    quantity, quantities = codes(table["quantity"])
    first = chunk_starts(station, quantity)
    ends = np.maximum.reduceat(table["start"].to_numpy() + table["period"].to_numpy(), first)
    both = station[first].astype(np.int64) * len(quantities) + quantity[first]
    met, series = np.unique(both, return_inverse=True)
    pairs = tuple((stations[each // len(quantities)], quantities[each % len(quantities)]) for each in met.tolist())
    return Chunked(pairs, series.astype(np.int32), np.diff(np.append(first, table.num_rows)), ends)


def leaves_of(pieces: Pieces, laid: Chunked, digest: str) -> list[bytes]:
    """Hashes of all chunks of a segment.

    Raises
    ------
    ShedDamaged
        They do not make the digest that was entered.
    """
    every = np.ones(len(laid.rows), bool)
    found = [each for group in _groups(pieces(), laid, every) for each in leaf_hashes(group)]
    if merkle_root(found).hex() != digest:
        raise ShedDamaged(f"the rows of a segment do not have the digest {digest[:16]}… that was entered")
    return found


def write_given(path: Path, pieces: Pieces, laid: Chunked, chunks: NDArray[np.bool_], leaves: Sequence[bytes]) -> None:
    """Write the rows of some chunks, each compared with its hash before it is written.

    Raises
    ------
    ShedDamaged
        A row is not what was sealed.
    """
    wanted = [leaf for leaf, given in zip(leaves, chunks.tolist(), strict=True) if given]
    write_rows(path, _checked(_groups(pieces(), laid, chunks), wanted))


def _checked(groups: Iterable[pa.Table], leaves: Sequence[bytes]) -> Iterator[pa.Table]:
    done = 0
    for group in groups:
        found = leaf_hashes(group)
        if found != leaves[done : done + len(found)]:
            raise ShedDamaged("a row of a segment is not what was sealed")
        done += len(found)
        yield compact(group)


def _groups(pieces: Iterator[pa.Table], laid: Chunked, chunks: NDArray[np.bool_]) -> Iterator[pa.Table]:
    """The rows of some chunks, so many chunks at a time, wherever the pieces are cut."""
    rows = laid.rows[chunks]
    sizes = [int(rows[at : at + _GROUP].sum()) for at in range(0, len(rows), _GROUP)]
    wanted = np.repeat(chunks, laid.rows)
    held, seen = READINGS.empty_table(), 0
    for piece in pieces:
        chosen = piece.filter(pa.array(wanted[seen : seen + piece.num_rows]))
        seen += piece.num_rows
        held = pa.concat_tables([held, chosen]).unify_dictionaries().combine_chunks()
        while sizes and held.num_rows >= sizes[0]:
            size = sizes.pop(0)
            yield held.slice(0, size).combine_chunks()
            held = held.slice(size)
