"""A few of the single-bit changes of ``benchmarks/bit_flips.py``, over every class of file a shed has."""

from __future__ import annotations

from collections import Counter

import pytest
from benchmarks.bit_flips import CLASSES, GUARDED, Outcome, flips, make_shed, missed, try_all

EACH = 7


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    shed = make_shed(tmp_path_factory.mktemp("flips") / "shed", hours=200, stations=2).path
    return try_all(shed, list(flips(shed, 0, 7, each=EACH)))


def test_every_changed_bit_of_what_is_guarded_is_found_in_its_file(outcomes: list[Outcome]) -> None:
    assert Counter(each.kind for each in outcomes) == dict.fromkeys(CLASSES.values(), EACH)
    assert missed(outcomes) == []
    assert all(each.found and each.located for each in outcomes if each.kind in GUARDED)


def test_a_changed_bit_of_a_cache_changes_no_figure(outcomes: list[Outcome]) -> None:
    caches = [each for each in outcomes if each.kind == "caches"]
    assert [each.figure for each in caches] == [True] * EACH
    assert not any(each.found for each in outcomes if each.kind in ("journal", "lock")), "nothing sealed is touched"


def test_rows_that_were_changed_are_named_with_their_chunk(outcomes: list[Outcome]) -> None:
    packs = [each for each in outcomes if each.rows]
    assert packs
    assert sum(each.chunk for each in packs) >= len(packs) - 2, "a bit of a footer may leave every row as it was"
