"""Ranks with ties, cohorts and gaps."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from commonshed.assess.air.ranking import UNRANKED, ranks

FIGURES = st.lists(st.integers(-1, 6), min_size=0, max_size=30)


def test_equal_figures_share_a_rank_and_the_next_is_skipped() -> None:
    assert ranks(np.array([512, 498, 512, 600])).tolist() == [2, 1, 2, 4]


def test_a_place_without_a_figure_has_no_rank_and_takes_none() -> None:
    assert ranks(np.array([512, -1, 498])).tolist() == [2, UNRANKED, 1]


def test_places_are_ranked_within_their_own_level() -> None:
    districts_and_cities = np.array([2, 1, 2, 1, 2])
    assert ranks(np.array([30, 10, 20, 40, 20]), districts_and_cities).tolist() == [3, 1, 1, 2, 1]


@given(FIGURES)
def test_a_rank_is_one_more_than_the_number_of_better_places(figures: list[int]) -> None:
    known = [figure for figure in figures if figure != -1]
    expected = [UNRANKED if figure == -1 else 1 + sum(other < figure for other in known) for figure in figures]
    assert ranks(np.array(figures, np.int64)).tolist() == expected


@given(FIGURES, st.randoms())
def test_the_order_of_the_places_does_not_matter(figures: list[int], random: object) -> None:
    order = list(range(len(figures)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = ranks(np.array([figures[i] for i in order], np.int64))
    assert shuffled.tolist() == [ranks(np.array(figures, np.int64)).tolist()[i] for i in order]
