"""Months, quarters and years of daily values, on networks small enough to check by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.assess.air.building import every_day, graded

from commonshed.assess.air.arranged import covering
from commonshed.assess.air.attainment import NO, UNKNOWN, YES
from commonshed.assess.air.completeness import need, shortfall
from commonshed.assess.air.days import NONE
from commonshed.assess.air.periods import assess_period
from commonshed.exact import percentile, round_fraction
from commonshed.periods import Period
from commonshed.standards import regime

LAW = regime("cn-2012")
Y2016 = Period.year(2016)
JANUARY = Period.month(2016, 1)
# Worked example of the composite index: see facts on HJ 663-2013, where it stands as 3.8238095238 before rounding.
EXAMPLE = {"so2": 10, "no2": 30, "pm10": 60, "pm25": 35, "co": 12, "o3_8h": 120}


def test_the_composite_index_of_the_worked_example() -> None:
    year = assess_period(graded(date(2016, 1, 1), every_day(366, **EXAMPLE)), Y2016)
    exact = Fraction(10, 60) + Fraction(30, 40) + Fraction(60, 70) + 1 + Fraction(12, 40) + Fraction(120, 160)
    assert f"{float(exact):.10f}" == "3.8238095238"
    assert (year.published_composite().tolist(), year.composite_complete.tolist()) == ([382], [True])


def test_every_quantity_at_its_standard_gives_six_and_attains() -> None:
    at_the_limit = {"so2": 60, "no2": 40, "pm10": 70, "pm25": 35, "co": 40, "o3_8h": 160}
    year = assess_period(graded(date(2016, 1, 1), every_day(366, **at_the_limit)), Y2016)
    assert year.published_composite().tolist() == [600]
    assert {key: verdicts.tolist() for key, verdicts in year.attained.items()} == {
        key: [YES] for key in ("pm25", "pm10", "so2", "no2", "co", "o3", "overall")
    }


@pytest.mark.parametrize(("key", "count"), [("pm25", 36), ("co", 41), ("o3_8h", 161), ("so2", 61)])
def test_one_step_above_a_standard_fails_that_quantity_and_the_whole(key: str, count: int) -> None:
    at_the_limit = {"so2": 60, "no2": 40, "pm10": 70, "pm25": 35, "co": 40, "o3_8h": 160} | {key: count}
    year = assess_period(graded(date(2016, 1, 1), every_day(366, **at_the_limit)), Y2016)
    failed = [quantity for quantity, verdicts in year.attained.items() if verdicts.tolist() == [NO]]
    assert failed == [key.partition("_")[0], "overall"]


def test_a_year_that_misses_one_quantity_is_not_attained_and_not_failed() -> None:
    values = every_day(366, **EXAMPLE)
    values["so2"][0][40:60] = [None] * 20  # type: ignore[list-item]
    year = assess_period(graded(date(2016, 1, 1), values), Y2016)
    assert (year.attained["so2"].tolist(), year.attained["overall"].tolist()) == ([UNKNOWN], [UNKNOWN])
    assert year.attained["pm25"].tolist() == [YES]
    assert (year.published("so2").tolist(), year.values["so2"].tolist()) == ([NONE], [10])
    assert (year.published_composite().tolist(), year.composite.tolist()) == ([NONE], [382])


def test_percentiles_of_the_worked_examples() -> None:
    # k = 1 + (n − 1) p / 100: five values at 90 % lie at 4.6, four at 50 % at 2.5 (HJ 663-2013, annex A).
    year = assess_period(graded(date(2016, 1, 1), {"o3_8h": [[50, 10, 40, None, 20, 30]]}), Y2016)
    assert year.values["o3_8h_p90"].tolist() == [46]
    assert percentile([1, 2, 3, 4], 50) == Fraction(5, 2)


def test_a_mean_that_ends_in_an_exact_half_goes_to_the_even_neighbour() -> None:
    january = assess_period(graded(date(2016, 1, 1), {"pm25": [[2, 3], [3, 4]]}), JANUARY)
    assert january.values["pm25"].tolist() == [2, 4]


def test_324_days_are_enough_for_a_year_and_323_are_not() -> None:
    def year_with(missing: list[int]) -> list[bool]:
        values = every_day(366, **EXAMPLE)
        for key in values:
            for month in range(1, 13):
                first = (date(2016, month, 1) - date(2016, 1, 1)).days
                for day in range(missing[month - 1]):
                    values[key][0][first + day] = None  # type: ignore[call-overload]
        complete: list[bool] = assess_period(graded(date(2016, 1, 1), values), Y2016).complete["pm25"].tolist()
        return complete

    # 42 days missing, at most four in a month of 31 or 29, three in one of 30: every month is whole.
    missing = [4, 4, 4, 3, 4, 3, 4, 3, 3, 4, 3, 3]
    assert sum(missing) == 42
    assert year_with(missing) == [True]
    assert year_with([*missing[:11], 4]) == [False]


def test_a_month_short_of_27_days_spoils_the_year_and_february_needs_25() -> None:
    values = every_day(366, **EXAMPLE)
    values["pm25"][0][31:35] = [None] * 4  # type: ignore[list-item]
    year = assess_period(graded(date(2016, 1, 1), values), Y2016)
    assert year.complete["pm25"].tolist() == [True]  # 25 of the 29 days of February 2016
    values["pm25"][0][35] = None  # type: ignore[call-overload]
    year = assess_period(graded(date(2016, 1, 1), values), Y2016)
    assert year.complete["pm25"].tolist() == [False]
    found = shortfall(361, year.by_month["pm25"][0].tolist(), year.months, year.needed)
    assert found.why_not is not None
    assert found.why_not.startswith("2016-02 has 24 valid days of 25 (HJ 663-2013, ")
    assert (found.valid, found.needed, found.months_short) == (False, 324, (("2016-02", 24, 25),))


@pytest.mark.parametrize(
    ("text", "days"),
    [("2016-01", 27), ("2016-02", 25), ("2016", 324), ("2015-07..2016-06", 324), ("2016-Q1", 79), ("2014..2016", 972)],
)
def test_what_each_period_needs(text: str, days: int) -> None:
    assert LAW.assessment is not None
    assert need(Period.parse(text), LAW.assessment.completeness, "").days == days


def test_a_stretch_that_is_not_whole_months_has_no_rule_and_is_never_assessed() -> None:
    stretch = Period(date(2016, 1, 10), date(2016, 2, 20))
    grades = assess_period(graded(date(2016, 1, 1), every_day(366, **EXAMPLE)), stretch)
    assert (grades.needed.days, grades.complete["pm25"].tolist()) == (None, [False])
    assert grades.values["pm25"].tolist() == [35]


def test_days_outside_what_was_graded_are_missing() -> None:
    days = graded(date(2016, 1, 30), {"pm25": [[10, 20, 30]]})
    january, year = assess_period(days, JANUARY), assess_period(days, Y2016)
    assert (january.values["pm25"].tolist(), january.valid_days["pm25"].tolist()) == ([15], [2])
    assert year.by_month["pm25"].tolist() == [[2, 1, *[0] * 10]]
    assert assess_period(days, Period.year(2020)).values["pm25"].tolist() == [NONE]
    wide = covering(days, Y2016)
    assert (wide.days, wide.values["pm25"][0, 28:33].tolist()) == (366, [NONE, 10, 20, 30, NONE])
    assert wide.hours["pm25"].sum() == 72


def test_days_by_class_and_primary_are_counted() -> None:
    order = [use.statistic for use in LAW.index.daily] if LAW.index else []
    pm25, pm10 = (1 << order.index(key) for key in ("pm25", "pm10"))
    days = graded(
        date(2016, 1, 1),
        {"pm25": [[30, 60, 100, None]]},
        aqi=[[43, 80, 131, None]],
        level=[[1, 2, 3, 0]],
        primary=[[0, pm10, pm25 | pm10, 0]],
    )
    month = assess_period(days, JANUARY)
    assert month.by_level[0].tolist() == [28, 1, 1, 1, 0, 0, 0]
    assert (month.good_days.tolist(), month.graded_days.tolist()) == ([2], [3])
    assert (month.by_primary["pm25"].tolist(), month.by_primary["pm10"].tolist()) == ([1], [2])
    assert month.exceedances["pm25"].tolist() == [1]


def test_months_and_quarters_are_held_to_no_annual_limit() -> None:
    days = graded(date(2016, 1, 1), every_day(366, **EXAMPLE))
    assert assess_period(days, JANUARY).attained == {}
    assert set(assess_period(days, Period.parse("2015-07..2016-06")).attained) > {"overall"}


def test_the_composite_of_2026_weighs_and_is_not_normalised() -> None:
    at_the_limit = {"so2": 60, "no2": 40, "pm10": 60, "pm25": 30, "co": 40, "o3_8h": 160}
    year = assess_period(graded(date(2026, 1, 1), every_day(365, **at_the_limit), law="cn-2026"), Period.year(2026))
    assert year.published_composite().tolist() == [1000]


def test_the_final_phase_holds_from_2031() -> None:
    values = every_day(365, so2=10, no2=30, pm10=50, pm25=30, co=12, o3_8h=120)
    before = assess_period(graded(date(2030, 1, 1), values, law="cn-2026"), Period.year(2030))
    after = assess_period(graded(date(2031, 1, 1), values, law="cn-2026"), Period.year(2031))
    assert (before.attained["pm25"].tolist(), after.attained["pm25"].tolist()) == ([YES], [NO])
    assert (before.regime.phase, after.regime.phase) == ("transition", "final")


def test_exceedances_beyond_those_allowed_fail_even_an_incomplete_year() -> None:
    # EU 2030: PM2.5 above 25 on more than 18 days.
    law = regime("eu-2030")
    statistic = next(s for s in law.statistics("day") if s.key == "pm25")
    above, below = 26 * 10**statistic.decimals, 10**statistic.decimals
    bad = graded(date(2031, 1, 1), {"pm25": [[above] * 19 + [None] * 346]}, law=law)
    few = graded(date(2031, 1, 1), {"pm25": [[above] * 18 + [None] * 347]}, law=law)
    whole = graded(date(2031, 1, 1), {"pm25": [[above] * 18 + [below] * 347]}, law=law)
    verdicts = [assess_period(days, Period.year(2031)).attained["pm25"].tolist() for days in (bad, few, whole)]
    assert verdicts == [[NO], [UNKNOWN], [YES]]


def test_the_peak_season_is_the_worst_six_months_in_a_row() -> None:
    law = regime("who-2021")
    statistic = next(s for s in law.statistics("day") if s.key == "o3_8h")
    scale = 10**statistic.decimals
    months = [40, 40, 40, 70, 70, 70, 70, 70, 70, 40, 40, 40]
    days = [[months[day.month - 1] * scale for day in Y2016.each_day()]]
    assert LAW.assessment is not None
    year = assess_period(graded(date(2016, 1, 1), {"o3_8h": days}, law=law), Y2016)
    assert year.attained["o3"].tolist() == [NO]  # 70 above 60, though the annual mean is 55


VALUES = st.lists(st.one_of(st.none(), st.integers(0, 600)), min_size=1, max_size=31)


@settings(deadline=None)
@given(VALUES, st.sampled_from(["pm25", "co", "o3_8h", "no2"]))
def test_mean_and_percentile_equal_fractions_rounded_once(values: list[int | None], key: str) -> None:
    month = assess_period(graded(date(2016, 1, 1), {key: [values]}), JANUARY)
    known = sorted(value for value in values if value is not None)
    figures = [figure for figure in month.figures if figure.statistic.key == key]
    assert len(figures) == 2
    for figure in figures:
        scale = Fraction(1, 10**figure.statistic.decimals)
        exact = None if not known else percentile(known, figure.p) if figure.p else Fraction(sum(known), len(known))
        expected = NONE if exact is None else round_fraction(exact * scale, figure.decimals)
        assert month.values[figure.key].tolist() == [expected]


@settings(deadline=None)
@given(st.lists(VALUES.map(lambda values: (values + [None] * 31)[:31]), min_size=2, max_size=5), st.randoms())
def test_neither_the_order_of_places_nor_of_days_matters(rows: list[list[int | None]], random: object) -> None:
    month = assess_period(graded(date(2016, 1, 1), {"pm25": rows}), JANUARY)
    order = list(range(len(rows)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = [sorted(rows[i], key=lambda value: (value is None, value or 0)) for i in order]
    again = assess_period(graded(date(2016, 1, 1), {"pm25": shuffled}), JANUARY)
    for key in ("pm25", "pm25_p95"):
        assert again.values[key].tolist() == [month.values[key].tolist()[i] for i in order]


def test_many_places_are_assessed_at_once() -> None:
    draw = np.random.default_rng(0)
    values = draw.integers(0, 300, (40, 366)).tolist()
    year = assess_period(graded(date(2016, 1, 1), {"pm25": values}), Y2016)
    assert year.values["pm25_p95"].tolist() == [round_fraction(percentile(sorted(row), 95), 0) for row in values]
