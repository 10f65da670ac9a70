"""Places from stations: the exact mean first, then the evaluation; and enough stations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.assess.air import fractions_of_days as slow
from tests.assess.air.blocks_of import block_of, ref_of

from commonshed.assess.air.days import NONE, DayGrades, grade_days
from commonshed.assess.air.places import place_days, sites_needed
from commonshed.compute import Local
from commonshed.standards import regime

CN2012 = regime("cn-2012")
DAY = date(2016, 3, 1)


def stations(**values: Sequence[int | None]) -> DayGrades:
    """One day of stations, each the same PM2.5 in every hour; given in ticks, None is a day without a reading."""
    series = {name: {"pm25": [value for value in of for _ in range(24)]} for name, of in values.items()}
    days = len(next(iter(values.values())))
    return grade_days([ref_of(block_of(series, DAY, days))], CN2012, executor=Local(1))


def test_unrounded_values_are_averaged_and_rounded_once() -> None:
    # 35.4, 35.4, 36.4: rounded first they would make 35.33 → 35, unrounded they make 35.73 → 36
    found = place_days(stations(a=[35_400], b=[35_400], c=[36_400]), {"city": ["a", "b", "c"]}, CN2012)
    assert found.values["pm25"].tolist() == [[36]]
    assert found.aqi.tolist() == [[52]]
    assert (found.of, found.places, found.sites, found.hours["pm25"].tolist()) == ("place", ("city",), (3,), [[3]])


def test_a_mean_on_the_half_goes_to_the_even_neighbour_exactly() -> None:
    # three stations whose hours have no common finite decimal: the mean is 36.5 to the last bit
    series = {
        "a": {"pm25": [36_500] * 20 + [None] * 4},
        "b": {"pm25": [36_501, 36_499, *([36_500] * 21), None]},
        "c": {"pm25": [36_503, 36_497, *([36_500] * 19), None, None, None]},
    }
    days = grade_days([ref_of(block_of(series, DAY, 1))], CN2012, executor=Local(1))
    assert place_days(days, {"city": list("abc")}).values["pm25"].item() == 36
    series["a"]["pm25"][0] = 36_501
    days = grade_days([ref_of(block_of(series, DAY, 1))], CN2012, executor=Local(1))
    assert place_days(days, {"city": list("abc")}).values["pm25"].item() == 37


@pytest.mark.parametrize(("sites", "needed"), [(1, 1), (2, 1), (3, 2), (4, 3), (8, 6), (11, 9), (12, 9)])
def test_three_quarters_of_the_stations_are_needed_or_half_of_few(sites: int, needed: int) -> None:
    # HJ 663-2013 as we hold it: 75 %, and 50 % where a city has fewer than four
    assert sites_needed(CN2012, sites) == needed
    names = [f"s{i}" for i in range(sites)]
    for valid, expected in ((needed, 50), (needed - 1, NONE)):
        days = stations(**{name: [50_000 if i < valid else None] for i, name in enumerate(names)})
        assert place_days(days, {"city": names}, CN2012).values["pm25"].item() == expected


def test_a_station_without_any_reading_still_counts_as_one() -> None:
    days = stations(a=[50_000], b=[50_000])
    assert place_days(days, {"city": ["a", "b", "gone", "too"]}).values["pm25"].item() == NONE
    assert place_days(days, {"city": ["a", "b", "gone"]}).values["pm25"].item() == 50
    assert place_days(days, {"nowhere": []}).values["pm25"].item() == NONE


def test_a_regime_without_a_rule_for_places_takes_the_stations_there_are() -> None:
    assert sites_needed(regime("us-2024"), 9) in (1, 7)


def test_converted_gases_are_averaged_converted() -> None:
    factor = Fraction(5460, 5963)
    series = {name: {"so2": [value] * 24} for name, value in (("a", 100_000), ("b", 101_000))}
    days = grade_days([ref_of(block_of(series, DAY, 1))], CN2012, executor=Local(1), gas_factor=lambda _: factor)
    found = place_days(days, {"both": ["a", "b"]})
    assert found.values["so2"].item() == round(Fraction(201, 2) * factor)
    assert found.factors == (factor,)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                q: st.lists(st.one_of(st.none(), *[st.integers(0, 300_000)] * 9), min_size=24, max_size=24)
                for q in ("pm25", "o3", "co")
            }
        ),
        min_size=1,
        max_size=6,
    )
)
def test_places_equal_fractions(series: list[dict[str, list[int | None]]]) -> None:
    names = [f"s{i}" for i in range(len(series))]
    days = grade_days([ref_of(block_of(dict(zip(names, series, strict=True)), DAY, 1))], CN2012, executor=Local(1))
    found = place_days(days, {"city": names})
    exact = []
    for one in series:

        def hours(q: str, hour: int, of: dict[str, list[int | None]] = one) -> int | None:
            return of[q][hour] if q in of else None

        exact.append({s.key: slow.unrounded(hours, s, CN2012, DAY, Fraction(1)) for s in days.statistics})
    wanted = slow.city(exact, CN2012)
    assert {key: found.values[key].item() for key in found.values} == {
        key: NONE if value is None else value for key, value in wanted.values.items()
    }
    assert found.aqi.item() == (NONE if wanted.aqi is None else wanted.aqi)
    assert found.primary_quantities(found.primary.item()) == wanted.primary


def test_the_numerators_of_places_are_exact_too() -> None:
    found = place_days(stations(a=[35_401], b=[35_400], c=[36_400]), {"city": ["a", "b", "c"]}, CN2012)
    ratio = Fraction(int(found.numerators["pm25"].item()), int(found.denominators["pm25"].item()))
    assert ratio == Fraction(35_401 + 35_400 + 36_400, 3)


def test_groups_larger_than_a_byte_counts_are_averaged() -> None:
    days = stations(**{f"s{i}": [i * 1000] for i in range(300)})
    found = place_days(days, {"all": [f"s{i}" for i in range(300)]})
    assert found.values["pm25"].item() == 150  # 149.5
    assert found.hours["pm25"].item() == 300
