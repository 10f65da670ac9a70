"""Long stretches without a look are named."""

from __future__ import annotations

from datetime import date

import numpy as np

from commonshed.attribute.river.loads.gaps import Gap, gaps_of
from commonshed.periods import Period

MARCH = Period.parse("2016-03")


def test_a_month_looked_at_every_week_has_no_gap() -> None:
    assert gaps_of("concentration", np.array([2, 9, 16, 23, 30]), MARCH) == ()


def test_a_stretch_of_more_than_three_times_the_usual_is_a_gap() -> None:
    found = gaps_of("flow", np.array([*range(10), *range(14, 31)]), MARCH)
    assert found == (Gap("flow", date(2016, 3, 11), date(2016, 3, 14)),)
    assert str(found[0]) == "no flow from 2016-03-11 to 2016-03-14 (4 days)"


def test_half_as_long_is_a_gap_before_the_first_look_and_after_the_last() -> None:
    found = gaps_of("concentration", np.array([8, 12, 16, 20]), MARCH)
    assert [(gap.first.day, gap.last.day) for gap in found] == [(1, 8), (22, 31)]


def test_nothing_at_all_is_one_gap_and_one_look_leaves_two_or_none() -> None:
    assert gaps_of("flow", np.array([], np.int64), MARCH) == (Gap("flow", MARCH.first, MARCH.last),)
    assert gaps_of("flow", np.array([15]), MARCH) == ()
