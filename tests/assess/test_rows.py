"""Which rows of a table count."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from commonshed.assess.rows import is_one_of, latest

KEYS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 5)), max_size=40)


def test_rows_of_some_names_are_found_by_their_codes() -> None:
    column = np.array([0, 1, 2, 1], np.int32), ["valid", "invalid", "suspect"]
    assert is_one_of(column, ("valid", "suspect")).tolist() == [True, False, True, False]
    assert not is_one_of(column, ("unheard of",)).any()


@given(KEYS)
def test_of_equal_keys_the_last_recorded_counts_or_the_last_that_stands(rows: list[tuple[int, int, int]]) -> None:
    first, second, recorded = (np.array([row[i] for row in rows], np.int64) for i in range(3))
    expected: dict[tuple[int, int], int] = {}
    for number, (a, b, when) in enumerate(rows):
        held = expected.get((a, b))
        if held is None or rows[held][2] <= when:
            expected[a, b] = number
    assert latest(np.arange(len(rows)), [first, second], recorded).tolist() == sorted(expected.values())


def test_only_the_rows_asked_for_compete() -> None:
    key, recorded = np.zeros(3, np.int64), np.array([5, 9, 7])
    assert latest(np.array([0, 2]), [key], recorded).tolist() == [2]
