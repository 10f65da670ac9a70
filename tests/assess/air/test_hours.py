"""Hours in real time under both Chinese editions and the NowCast, against fractions."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.assess.air import fractions_of_days as slow
from tests.assess.air.blocks_of import Series, block_of, ref_of

from commonshed.assess.air.days import NONE
from commonshed.assess.air.hours import HourGrades, grade_hours
from commonshed.assess.air.nowcast import weighted_mean
from commonshed.compute import Local
from commonshed.errors import InputError, LawError
from commonshed.standards import Regime, regime, regimes

DAY = date(2016, 3, 1)
CN2012, CN2026, US = regime("cn-2012"), regime("cn-2026"), regime("us-2024")
REALTIME = [name for name in sorted(regimes("air")) if regime(name).index and regime(name).index.realtime]  # type: ignore[union-attr]


def graded(series: Series, days: int, law: Regime) -> HourGrades:
    return grade_hours([ref_of(block_of({"s": series}, DAY, days))], law, executor=Local(1))


def test_the_edition_of_2012_takes_24_hour_running_means_of_particles() -> None:
    found = graded({"pm25": [0] * 24 + [48_000] * 24}, 2, CN2012)
    # after the first hour of the second day: 2 µg/m³; after the last: 48
    assert found.values["pm25_24h"][0, [23, 24, 47]].tolist() == [0, 2, 48]
    # 20 of 24 hours are needed
    assert found.values["pm25_24h"][0, 18:20].tolist() == [NONE, 0]


def test_the_edition_of_2026_takes_the_hour_itself() -> None:
    found = graded({"pm25": [35_000, 61_000, *([0] * 22)]}, 1, CN2026)
    assert found.values["pm25_1h"][0, :2].tolist() == [35, 61]
    assert found.sub_indices["pm25_1h"][0, :2].tolist() == [50, 101]
    # five quantities are missing: published only above 100 (HJ 633-2026)
    assert found.aqi[0, :2].tolist() == [NONE, 101]
    assert found.primary_quantities(int(found.primary[0, 1])) == ["pm25"]


def test_running_ozone_needs_six_of_eight_hours_and_follows_midnight() -> None:
    found = graded({"o3": [None] * 20 + [100_000] * 4 + [200_000] * 24}, 2, CN2012)
    assert found.values["o3_8h"][0, 20:28].tolist() == [NONE] * 5 + [133, 143, 150]
    assert found.values["o3_1h"][0, 23:25].tolist() == [100, 200]


def test_running_means_reach_into_the_block_before() -> None:
    february = block_of({"s": {"pm25": [24_000] * (24 * 29)}}, date(2016, 2, 1), 29)
    march = block_of({"s": {"pm25": [0] * (24 * 31)}}, DAY, 31)
    found = grade_hours([ref_of(march), ref_of(february)], CN2012, executor=Local(2))
    first = 29 * 24
    assert found.values["pm25_24h"][0, [first, first + 11, first + 23]].tolist() == [23, 12, 0]
    alone = grade_hours([ref_of(march)], CN2012)
    assert alone.values["pm25_24h"][0, [18, 19]].tolist() == [NONE, 0]


@pytest.mark.parametrize("name", REALTIME)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_hours_equal_fractions_under_every_regime(name: str, data: st.DataObject) -> None:
    law = regime(name)
    statistics = law.statistics("hour")
    value = st.one_of(st.none(), st.sampled_from([0, 35_000, 35_500]), *[st.integers(0, 900_000)] * 4)
    series: dict[str, list[int | None]] = {
        q: data.draw(st.lists(value, min_size=48, max_size=48)) for q in dict.fromkeys(s.quantity for s in statistics)
    }
    found = graded(series, 2, law)
    for hour in (0, 1, 7, 11, 23, 24, 30, 47):
        exact = {}
        for s in statistics:
            window = [series[s.quantity][at] if at >= 0 else None for at in range(hour, hour - s.window_hours, -1)]
            there = [v for v in window if v is not None]
            needed, newest = s.min_recent or (0, 1)
            recent = sum(v is not None for v in window[:newest])
            mean: Fraction | None = None
            if len(there) >= s.min_hours and recent >= needed:
                mean = (
                    weighted_mean(window, s.weight_floor or Fraction(0))
                    if s.kind == "nowcast"
                    else Fraction(sum(there), len(there))
                )
            exact[s.key] = None if mean is None else mean * slow.per_tick(s, law, DAY)
        wanted = slow.evaluate(exact, law, "hour")
        for key, count in wanted.values.items():
            assert found.values[key][0, hour] == (NONE if count is None else count), (key, hour)
        assert found.aqi[0, hour] == (NONE if wanted.aqi is None else wanted.aqi)
        assert found.level[0, hour] == wanted.level
        assert found.primary_quantities(int(found.primary[0, hour])) == wanted.primary


def test_nowcast_weights_the_newest_hours_the_more_the_faster_the_air_changes() -> None:
    # EPA-454/B-24-002: w = max(1 - (max - min)/max, 1/2); here 10/40 is below 1/2
    assert weighted_mean([40, 20, 10], Fraction(1, 2)) == (40 + 10 + Fraction(10, 4)) / (
        1 + Fraction(1, 2) + Fraction(1, 4)
    )
    assert weighted_mean([30, 30, None, 30], Fraction(1, 2)) == 30
    assert weighted_mean([0, 0, 0], Fraction(1, 2)) == 0
    assert weighted_mean([None, None], Fraction(1, 2)) is None


def test_nowcast_is_truncated_from_the_exact_value() -> None:
    # constant air lies exactly on the turn of the truncation: 35.4 stays 35.4
    found = graded({"pm25": [35_400] * 24}, 1, US)
    assert found.values["pm25_nowcast"][0, [0, 1, 23]].tolist() == [NONE, 354, 354]


def test_a_regime_without_hours_says_so() -> None:
    with pytest.raises(LawError, match="does not say how a hour is graded"):
        graded({"pm25": [0] * 24}, 1, regime("who-2021"))
    with pytest.raises(InputError, match="no readings"):
        grade_hours([], CN2012)
