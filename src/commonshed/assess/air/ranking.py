"""Who comes first: ranks by a figure where the smallest is best, with equal figures at equal rank."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["UNRANKED", "ranks"]

UNRANKED = 0
"""Rank of a place without a figure."""


def ranks(figures: NDArray[np.int64], cohorts: NDArray[np.int64] | None = None, *, none: int = -1) -> NDArray[np.int32]:
    """Rank places by a figure, the smallest first, each against its own cohort.

    Parameters
    ----------
    figures : int array, one per place
        Rounded as published, so that what looks equal is equal.
    cohorts : int array, optional
        Places of different cohorts are not compared (districts with districts, cities with cities).
    none : int
        What stands for "no figure".

    Returns
    -------
    int array
        1 is best. Equal figures share a rank and the next rank is skipped (1, 2, 2, 4). `UNRANKED` without a figure.

    References
    ----------
    HJ 663-2013 orders cities by the composite index and is silent on ties: the rule for ties is ours.
    """
    result = np.full(figures.shape, UNRANKED, np.int32)
    known = np.flatnonzero(figures != none)
    if known.size == 0:
        return result
    cohort = np.zeros(known.size, np.int64) if cohorts is None else cohorts[known]
    order = np.lexsort((figures[known], cohort))
    ordered, within = figures[known][order], cohort[order]
    position = np.arange(order.size)
    new_cohort = np.r_[True, within[1:] != within[:-1]]
    new_rank = new_cohort | np.r_[True, ordered[1:] != ordered[:-1]]
    first_equal = np.maximum.accumulate(np.where(new_rank, position, 0))
    cohort_start = np.maximum.accumulate(np.where(new_cohort, position, 0))
    result[known[order]] = first_equal - cohort_start + 1
    return result
