"""Which of several rows with one key is the reading that counts: the last to have come in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from commonshed.keep.contents import Segment
from commonshed.keep.rows import codes

__all__ = ["KNOWN", "Changes", "changes", "contested", "latest"]

_PAYLOAD = ("qualifier", "flag", "status", "reason", "raw")
KNOWN = ("station", "quantity", "statistic", "start", "period", "ticks", *_PAYLOAD, "author")
"""Columns that decide whether a row says anything new, and who said it."""


@dataclass(frozen=True)
class Changes:
    """What incoming rows change.

    Attributes
    ----------
    keep : bool array, one an incoming row
        The row says something that was not current.
    new, unchanged, corrected : int
    overruled : int
        Rows that differ from what a person said of that reading: the person's word stands.
    distinct : bool
        No key stands twice among the rows to keep.
    again : bool array, one an incoming row
        The row takes the place of another.
    """

    keep: NDArray[np.bool_]
    new: int
    unchanged: int
    corrected: int
    overruled: int
    distinct: bool
    again: NDArray[np.bool_]


def latest(table: pa.Table) -> NDArray[np.int64] | None:
    """Row numbers of the last row of each key, ascending; None when no key stands twice."""
    keys = _keys(table)
    order = _stable_order(keys)
    ordered = keys[order]
    last = np.append(ordered[1:] != ordered[:-1], True)
    return None if last.all() else np.sort(order[last])


def changes(current: pa.Table | None, incoming: pa.Table) -> Changes:
    """Compare incoming rows, in the order they arrived, with current ones.

    Parameters
    ----------
    current : pa.Table or None
        Columns :data:`KNOWN`, in log order; None: nothing there can have the same key.
    incoming : pa.Table
        In the form READINGS.

    Notes
    -----
    A reading that a person corrected (its row has an author) is replaced by another person's correction only: a file
    received again, or received late, does not undo a decision.
    """
    both = incoming.select(KNOWN)
    if current is not None:
        both = pa.concat_tables([current.select(KNOWN), both]).unify_dictionaries().combine_chunks()
    held = both.num_rows - incoming.num_rows
    keys = _keys(both)
    order = _stable_order(keys)
    same_key = np.append(False, keys[order][1:] == keys[order][:-1])
    if not same_key.any():
        every = np.ones(incoming.num_rows, bool)
        return Changes(every, incoming.num_rows, 0, 0, 0, distinct=True, again=~every)
    same = same_key & _equal_to_previous(both, order)
    fresh = order >= held
    overruled = fresh & ~same & _decided(both, order, same_key, held)
    keep, again = np.zeros((2, both.num_rows), bool)
    keep[order] = fresh & ~same & ~overruled
    again[order] = same_key
    unchanged, stands = int(np.count_nonzero(fresh & same)), int(np.count_nonzero(overruled))
    again &= keep
    corrected = int(np.count_nonzero(again))
    kept_keys = keys[order][keep[order]]
    distinct = bool(np.all(kept_keys[1:] != kept_keys[:-1]))
    new = incoming.num_rows - unchanged - corrected - stands
    return Changes(keep[held:], new, unchanged, corrected, stands, distinct, again[held:])


def contested(segments: Sequence[Segment]) -> list[bool]:
    """For each segment, whether one of its keys may stand elsewhere among them (or twice in itself)."""
    flags = [not segment.extent.distinct for segment in segments]
    order = sorted(range(len(segments)), key=lambda i: segments[i].extent.first)
    cluster: list[int] = []
    reach = -1
    for i in [*order, None]:
        if i is not None and cluster and segments[i].extent.first <= reach:
            cluster.append(i)
        else:
            _contest(segments, cluster, flags)
            cluster = [] if i is None else [i]
        if i is not None:
            reach = max(reach, segments[i].extent.last) if len(cluster) > 1 else segments[i].extent.last
    return flags


def _contest(segments: Sequence[Segment], cluster: list[int], flags: list[bool]) -> None:
    if len(cluster) < 2:
        return
    ranges = sorted(span for i in cluster for span in segments[i].extent.stations.ranges)
    apart = all(high < low for (_, high), (low, _) in pairwise(ranges))
    if not apart:
        for i in cluster:
            flags[i] = True


def _keys(table: pa.Table) -> NDArray[np.int64]:
    """One integer a row, the same for rows of one key."""
    parts = [codes(table[name])[0] for name in ("station", "quantity", "statistic")]
    start = table["start"].to_numpy()
    parts.append(table["period"].combine_chunks().dictionary_encode().indices.to_numpy())
    keys = np.zeros(table.num_rows, np.int64)
    if not len(keys):
        return keys
    low, high = int(start.min()), int(start.max())
    step = 3600 if low % 3600 == 0 and not np.any(start % 3600) else 1
    sizes = [int(part.max()) + 1 for part in parts]
    if np.prod([float(size) for size in sizes]) * ((high - low) // step + 1) >= 2.0**62:
        raise OverflowError("too many keys at once")  # a month of a million stations is far below
    for part, size in zip(parts, sizes, strict=True):
        keys *= size
        keys += part
    keys *= (high - low) // step + 1
    keys += (start - low) // step
    return keys


def _stable_order(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    if np.all(keys[1:] >= keys[:-1]):
        return np.arange(len(keys), dtype=np.int64)
    return np.argsort(keys, kind="stable")


def _decided(table: pa.Table, order: NDArray[np.int64], same_key: NDArray[np.bool_], held: int) -> NDArray[np.bool_]:
    """Rows without an author whose key, before they came, was as a person said."""
    by_person = codes(table["author"])[0][order] >= 0
    if not by_person.any():
        return by_person
    first_of_key = np.maximum.accumulate(np.where(same_key, 0, np.arange(len(order))))
    decided: NDArray[np.bool_] = (by_person & (order < held))[first_of_key] & ~by_person
    return decided


def _equal_to_previous(table: pa.Table, order: NDArray[np.int64]) -> NDArray[np.bool_]:
    equal = np.ones(len(order), bool)
    ticks = table["ticks"].to_numpy()[order]
    equal[1:] = ticks[1:] == ticks[:-1]
    for name in _PAYLOAD:
        column = codes(table[name])[0][order]
        equal[1:] &= column[1:] == column[:-1]
    return equal
