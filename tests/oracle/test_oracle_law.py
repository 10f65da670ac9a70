"""The law typed twice: the product's TOML beside the oracle's constants, number by number."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from tests.oracle.law import (
    CITY_FEW_SHARE,
    CITY_FEW_SITES,
    CITY_MIN_SHARE,
    CLASS_ENDS,
    DAY_MIN_HOURS,
    DAY_MIN_WINDOWS,
    DECIMALS,
    FEBRUARY_MIN_DAYS,
    GASES_OLD_TO_NEW,
    LAWS,
    LEVELS,
    MONTH_MIN_DAYS,
    O3_1H_MIN_HOURS,
    RUNNING_24H_MIN_HOURS,
    WINDOW_ENDS,
    WINDOW_MIN_HOURS,
    YEAR_MIN_DAYS,
    Law,
)

from commonshed.standards import Regime, regime

ON = {"cn-2012": date(2016, 6, 1), "cn-2026@transition": date(2016, 6, 1), "cn-2026@final": date(2016, 6, 1)}

pytestmark = pytest.mark.parametrize("law", LAWS.values(), ids=list(LAWS))


@pytest.fixture
def product(law: Law) -> Regime:
    return regime(law.name)


def test_breakpoints_of_the_index(law: Law, product: Regime) -> None:
    assert product.index is not None
    held = {table.key: table for table in product.index.tables}
    used = {*law.daily.values(), *law.hourly.values()}
    assert used <= set(held)
    for key, points in law.breakpoints.items():
        if key not in held and key not in used:
            continue
        bands = held[key].bands
        assert [int(band.concentration[0]) for band in bands] == list(points[:-1]), key
        assert [int(band.concentration[1]) for band in bands] == list(points[1:]), key
        assert [band.index for band in bands] == list(pairwise(LEVELS))[: len(bands)], key
        theirs = held[key].above
        ours = law.above.get(key, "cap")
        assert theirs == ("none" if ours is None else ours), key


def test_what_the_index_is_made_of(law: Law, product: Regime) -> None:
    index = product.index
    assert index is not None
    assert {use.statistic: use.table for use in index.daily} == law.daily
    assert {use.table for use in index.realtime} == set(law.hourly.values())
    assert [category.index[1] for category in index.categories] == list(CLASS_ENDS)
    assert (index.rounding, index.minimum, index.maximum) == ("up", law.aqi_min, 500)
    assert (index.primary_above, index.good_up_to) == (50, 100)
    assert index.missing == ("from-the-rest" if law.rest_only_above is None else "from-the-rest-above-100")


def test_limits_of_class_ii(law: Law, product: Regime) -> None:
    day = ON[law.name]
    for key, value in law.year_limit.items():
        assert product.value(key, "year", day) == value, key
    for key, value in law.day_limit.items():
        quantity, _, of = key.partition("_")
        assert product.value(quantity, "mda8" if of else "24h", day) == value, key
    for quantity in ("co", "o3"):
        assert product.limit(quantity, "year", day) is None


def test_daily_statistics_and_their_validity(law: Law, product: Regime) -> None:
    held = {statistic.key: statistic for statistic in product.statistics("day")}
    for key in law.daily:
        statistic = held[key]
        assert statistic.decimals == DECIMALS[key]
        assert statistic.rounding == "half-even"
        assert statistic.unit == ("mg/m3" if key == "co" else "ug/m3")
    for key in ("pm25", "pm10", "so2", "no2", "co"):
        assert (held[key].kind, held[key].min_hours) == ("mean", DAY_MIN_HOURS)
    o3 = held["o3_8h"]
    assert (o3.kind, o3.window_hours, o3.min_hours) == ("running-maximum", 8, WINDOW_MIN_HOURS)
    assert o3.window_ends == (WINDOW_ENDS[0], WINDOW_ENDS[-1])
    assert (o3.min_windows, o3.fewer_windows_above) == (DAY_MIN_WINDOWS, "mda8")
    if "o3_1h" in held:
        assert (held["o3_1h"].kind, held["o3_1h"].min_hours) == ("maximum", O3_1H_MIN_HOURS)


def test_hourly_statistics_and_their_validity(law: Law, product: Regime) -> None:
    held = {statistic.key: statistic for statistic in product.statistics("hour")}
    assert product.index is not None
    assert len(product.index.realtime) == len(law.hourly)
    for use in product.index.realtime:
        statistic = held[use.statistic]
        if statistic.kind == "hour":
            assert statistic.min_hours == 1
        else:
            assert statistic.kind == "running"
            assert {8: WINDOW_MIN_HOURS, 24: RUNNING_24H_MIN_HOURS}[statistic.window_hours] == statistic.min_hours


def test_percentiles_completeness_and_city(law: Law, product: Regime) -> None:
    method = product.assessment
    assert method is not None
    percentiles = {test.statistic: test.p for test in method.tests if test.kind == "percentile"}
    assert percentiles == law.percentile
    assert {test.statistic for test in method.tests if test.kind == "mean"} == set(law.year_limit)
    for test in method.tests:
        assert test.decimals == law.period_decimals[test.statistic], test.statistic
        assert test.limit == ("year" if test.kind == "mean" else "mda8" if test.statistic == "o3_8h" else "24h")
    needs = method.completeness
    assert (needs.month_days, needs.february_days, needs.year_days) == (
        MONTH_MIN_DAYS,
        FEBRUARY_MIN_DAYS,
        YEAR_MIN_DAYS,
    )
    assert needs.every_month is True
    city = method.city
    assert (city.min_share, city.few_sites, city.few_share) == (CITY_MIN_SHARE, CITY_FEW_SITES, CITY_FEW_SHARE)
    assert (city.station_values, method.daily_values) == ("unrounded", "rounded")


def test_the_composite_index(law: Law, product: Regime) -> None:
    method = product.at(ON[law.name]).assessment
    assert method is not None
    assert method.composite is not None
    assert method.composite.decimals == 2
    assert {t.statistic: (t.kind, t.standard, t.weight) for t in method.composite.terms} == law.composite


def test_gases_are_carried_from_273_k_to_298_15_k(law: Law, product: Regime) -> None:
    from commonshed.units import gas_factor

    measured = regime("cn-2012").reference_state("gas", date(2016, 6, 1))
    wanted = product.reference_state("gas", date(2016, 6, 1))
    assert measured is not None
    assert wanted is not None
    assert gas_factor(measured, wanted) == (1 if law.name == "cn-2012" else GASES_OLD_TO_NEW)
