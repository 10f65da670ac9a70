"""When and where an edition is in force."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonshed.standards import edition
from commonshed.standards.force import covers, gap_to, intersect, stretches

LAST_DAY = date(2026, 2, 28)


@pytest.mark.parametrize(
    ("place", "first"),
    [
        ("110105", date(2013, 1, 1)),  # Beijing: stage 1 of notice Huanfa (2012) No. 11
        ("230102", date(2013, 1, 1)),  # Harbin, a provincial capital
        ("320500", date(2013, 1, 1)),  # Suzhou, Yangtze River Delta
        ("230800", date(2016, 1, 1)),  # Jiamusi: we hold no list of stages 2 and 3
    ],
)
def test_the_standard_of_2012_came_in_stages(place: str, first: date) -> None:
    assert stretches(edition("GB 3095-2012"), place) == [(first, LAST_DAY)]
    assert stretches(edition("HJ 633-2012"), place) == [(first, LAST_DAY)]


@pytest.mark.parametrize("place", ["810000", "820000", "710000", "DE", "US-CA", "EU"])
def test_chinese_standards_end_where_their_issuer_does(place: str) -> None:
    assert stretches(edition("GB 3095-2012"), place) == []
    assert stretches(edition("GB 3095-2026"), place) == []


def test_a_guideline_is_in_force_nowhere() -> None:
    assert stretches(edition("WHO-AQG-2021"), "WHO") == []
    assert stretches(edition("WHO-AQG-2021"), "110105") == []


def test_a_phase_narrows_the_stretch() -> None:
    law = edition("GB 3095-2026")
    assert stretches(law, "110105") == [(date(2026, 3, 1), date.max)]
    assert stretches(law, "110105", "transition") == [(date(2026, 3, 1), date(2030, 12, 31))]
    assert stretches(law, "110105", "final") == [(date(2031, 1, 1), date.max)]


def test_the_directive_has_limits_only_from_its_first_set_on() -> None:
    assert stretches(edition("EU-2024/2881"), "DE") == [(date(2026, 12, 11), date.max)]


DAYS = st.dates(date(2020, 1, 1), date(2020, 2, 28))
STRETCHES = st.lists(st.tuples(DAYS, DAYS).map(lambda pair: (min(pair), max(pair))), max_size=4)


@given(STRETCHES, STRETCHES, DAYS)
def test_a_day_is_in_the_intersection_when_it_is_in_both(
    left: list[tuple[date, date]], right: list[tuple[date, date]], day: date
) -> None:
    both = covers(left, day, day) and covers(right, day, day)
    assert covers(intersect(left, right), day, day) == both


def test_the_gap_to_a_stretch_is_counted_in_days() -> None:
    stretch = (date(2016, 1, 1), date(2016, 12, 31))
    assert gap_to(stretch, date(2015, 12, 30)) == 2
    assert gap_to(stretch, date(2016, 6, 1)) == 0
    assert gap_to(stretch, date(2017, 1, 1)) == 1
