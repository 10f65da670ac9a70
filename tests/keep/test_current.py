"""The last row of a key counts, and a row that says nothing new is not kept; compared with a dictionary."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.keep.making import HOUR, MARCH, key, row, table

from commonshed.keep.contents import Segment
from commonshed.keep.current import changes, contested, latest
from commonshed.keep.extent import Extent, Stations

rows = st.lists(
    st.builds(
        row,
        station=st.sampled_from("ab"),
        quantity=st.sampled_from(["pm25", "o3"]),
        start=st.sampled_from([MARCH, MARCH + HOUR, MARCH + HOUR + 60]),
        period=st.sampled_from([3600, 86400]),
        ticks=st.integers(0, 1),
        raw=st.sampled_from([None, "", "x"]),
        flag=st.sampled_from(["valid", "invalid"]),
    ),
    max_size=14,
)


def says(each: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(each[name] for name in ("ticks", "qualifier", "flag", "status", "reason", "raw"))


@settings(deadline=None)
@given(rows)
def test_the_last_row_of_each_key_counts(given_rows: list[dict[str, Any]]) -> None:
    last = {key(each): i for i, each in enumerate(given_rows)}
    found = latest(table(given_rows))
    assert (list(range(len(given_rows))) if found is None else found.tolist()) == sorted(last.values())


@settings(deadline=None)
@given(rows, rows)
def test_rows_are_kept_when_they_say_something_new(held: list[dict[str, Any]], incoming: list[dict[str, Any]]) -> None:
    known = {key(each): says(each) for each in held}
    distinct_held = [row(**each) for each in {key(each): each for each in held}.values()]
    keep, new, unchanged, corrected = [], 0, 0, 0
    for each in incoming:
        before = known.get(key(each))
        known[key(each)] = says(each)
        keep.append(before != says(each))
        new += before is None
        unchanged += before == says(each)
        corrected += before not in (None, says(each))
    found = changes(table(distinct_held) if distinct_held else None, table(incoming))
    assert found.keep.tolist() == keep
    assert (found.new, found.unchanged, found.corrected) == (new, unchanged, corrected)
    kept = [key(each) for each, wanted in zip(incoming, keep, strict=True) if wanted]
    assert found.distinct == (len(set(kept)) == len(kept))


def segment(first: int, last: int, stations: str, *, distinct: bool = True) -> Segment:
    extent = Extent(9, first, last, Stations.parse(stations), {"pm25": 9}, {"valid": 9}, distinct, 0, 0)
    return Segment(0, extent, "")


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        ([segment(0, 9, "0-3"), segment(10, 19, "0-3")], [False, False]),
        ([segment(0, 9, "0-3"), segment(9, 19, "3-5")], [True, True]),
        ([segment(0, 9, "0-3"), segment(5, 19, "4-7")], [False, False]),
        ([segment(0, 9, "0-3", distinct=False), segment(10, 19, "0")], [True, False]),
        # the first reaches over the second to the third
        ([segment(0, 99, "0-3"), segment(10, 19, "8"), segment(50, 60, "2")], [True, True, True]),
        ([segment(50, 60, "2"), segment(0, 9, "2"), segment(55, 56, "2")], [True, False, True]),
    ],
)
def test_only_segments_that_may_share_a_key_are_compared(segments: list[Segment], expected: list[bool]) -> None:
    assert contested(segments) == expected
