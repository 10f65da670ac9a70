"""Days of stations: golden cases around every turn of the law, and the kernel against fractions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.assess.air import fractions_of_days as slow
from tests.assess.air.blocks_of import BEIJING, Series, block_of, ref_of

from commonshed.assess.air.days import NONE, DayGrades, grade_days
from commonshed.assess.air.plan import plan
from commonshed.compute import Local
from commonshed.errors import InputError, ReadingsError
from commonshed.keep.block import Block, BlockRef, block_key
from commonshed.periods import Period
from commonshed.simulate.national import simulate_blocks
from commonshed.standards import Regime, regime, regimes, sub_index

CN2012, CN2026 = regime("cn-2012"), regime("cn-2026")
DAY = date(2016, 3, 1)
ALL = ("pm25", "pm10", "so2", "no2", "co", "o3")


def one_day(law: Regime = CN2012, **hours: Sequence[int | None]) -> DayGrades:
    """Grade one day of one station from hours given in ticks."""
    return grade_days([ref_of(block_of({"s": hours}, DAY, 1))], law, executor=Local(1))


def same(micrograms: int | str, hours: int = 24) -> list[int | None]:
    """The same concentration in so many hours of a day, then nothing; in µg/m³ (CO: mg/m³)."""
    return [int(Fraction(micrograms) * 1000)] * hours + [None] * (24 - hours)


def test_a_daily_mean_is_rounded_half_to_even_once() -> None:
    # GB/T 8170-2008, 3.2: an exact half goes to the even neighbour
    assert one_day(pm25=same("35.5")).values["pm25"].item() == 36
    assert one_day(pm25=same("36.5")).values["pm25"].item() == 36
    # 20 hours that sum to 20 · 36.5 + 0.001: just above the half
    assert one_day(pm25=[36_501, *([36_500] * 19), *([None] * 4)]).values["pm25"].item() == 37


def test_carbon_monoxide_keeps_one_decimal_in_milligrams() -> None:
    assert one_day(co=same("2.05")).values["co"].item() == 20
    assert one_day(co=same("2.15")).values["co"].item() == 22
    assert one_day(co=same("2.1")).sub_indices["co"].item() == 53  # facts of HJ 633-2012, examples


def test_a_day_needs_twenty_hours() -> None:
    # GB 3095-2012, table 4
    assert one_day(pm25=same(50, hours=20)).values["pm25"].item() == 50
    nineteen = one_day(pm25=same(50, hours=19))
    assert nineteen.values["pm25"].item() == NONE
    assert nineteen.hours["pm25"].item() == 19
    assert (nineteen.aqi.item(), nineteen.level.item(), nineteen.primary.item()) == (NONE, 0, 0)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        # arithmetic examples with the tables of HJ 633-2012
        ({"pm25": same(35)}, (50, 1, [])),
        ({"pm25": same(36)}, (52, 2, ["pm25"])),
        ({"pm25": same(150)}, (200, 4, ["pm25"])),
        ({"pm25": same(151)}, (201, 5, ["pm25"])),
        ({"pm25": same(500)}, (500, 6, ["pm25"])),
        ({"pm25": same(700)}, (500, 6, ["pm25"])),
        ({"pm10": same(151)}, (101, 3, ["pm10"])),
        ({"o3": same(161)}, (101, 3, ["o3"])),
        # ties name all, in the order of the index: PM2.5 75 and PM10 150 are both 100
        ({"pm25": same(75), "pm10": same(150)}, (100, 2, ["pm25", "pm10"])),
        # the 1-h and the 8-h value of ozone both mean ozone: 160 µg/m³ is 100 and 50, 200 µg/m³ is 137 and 100
        ({"o3": same(200)}, (137, 3, ["o3"])),
        # above 800 µg/m³ there is no 8-h sub-index, the 1-h one speaks
        ({"o3": same(801)}, (301, 6, ["o3"])),
    ],
)
def test_sub_indices_are_carried_up_and_the_largest_is_the_index(
    values: dict[str, Any], expected: tuple[int, int, list[str]]
) -> None:
    found = one_day(**values)
    assert (found.aqi.item(), found.level.item(), found.primary_quantities(found.primary.item())) == expected


def test_every_published_value_up_to_beyond_the_last_band_has_the_sub_index_of_the_law() -> None:
    for law in regimes("air").values():
        compiled = plan(law).index
        if compiled is None:
            continue
        for key, row, table in zip(compiled.keys, compiled.rows, compiled.tables, strict=True):
            statistic = plan(law).statistics[row]
            use = next(use for use in compiled.index.daily if use.statistic == key)
            written = compiled.index.table(use.table)
            top = int(written.bands[-1].concentration[1] * 10**statistic.decimals) + 40
            out = np.empty(top, np.int16)
            table(np.arange(top, dtype=np.int32), out)
            wanted = [sub_index(written, Fraction(c, 10**statistic.decimals), compiled.index) for c in range(top)]
            assert out.tolist() == [NONE if each is None else each for each in wanted], (law.id, key)


def test_the_2026_index_is_at_least_one_and_from_the_rest_only_above_100() -> None:
    clean = {q: same(0) for q in ALL}
    assert one_day(CN2026, **clean).aqi.item() == 1  # HJ 633-2026: 1 … 500
    rest = {q: hours for q, hours in clean.items() if q != "so2"}
    assert one_day(CN2026, **rest).aqi.item() == NONE
    assert one_day(CN2026, **{**rest, "pm25": same(60)}).aqi.item() == NONE
    assert one_day(CN2026, **{**rest, "pm25": same(61)}).aqi.item() == 101
    # HJ 633-2026: above 800 µg/m³ of ozone the sub-index is 300
    assert one_day(CN2026, **{**clean, "o3": same(900)}).aqi.item() == 300


# Ozone, HJ 663-2013: windows that end 08:00 … 24:00, six of eight hours each, fourteen windows.


def test_eight_hour_windows_lie_within_the_natural_day() -> None:
    # 300 µg/m³ from 00:00 to 01:00 count in the window that ends at 08:00 and in no other
    night = one_day(o3=[300_000, *([0] * 23)])
    assert night.values["o3_8h"].item() == 38  # 37.5, half to even
    assert night.hours["o3_8h"].item() == 17
    evening = one_day(o3=[*([0] * 23), 300_000])
    assert evening.values["o3_8h"].item() == 38
    # the day before does not reach into the windows of this day
    two = block_of({"s": {"o3": [*([0] * 16), *([800_000] * 8), *([0] * 24)]}}, DAY, 2)
    assert grade_days([ref_of(two)], CN2012, executor=Local(1)).values["o3_8h"].tolist() == [[800, 0]]


def test_a_window_needs_six_of_its_eight_hours() -> None:
    six = [None, None, *([100_000] * 6), *([0] * 16)]
    assert one_day(o3=six).values["o3_8h"].item() == 100  # the mean of six hours, not of eight
    five = [None, None, None, *([100_000] * 5), *([0] * 16)]
    found = one_day(o3=five)
    assert found.hours["o3_8h"].item() == 16
    assert found.values["o3_8h"].item() == 83  # 09:00 is the first valid end: 500/6; the mean of five would be 100


def test_fewer_than_fourteen_windows_count_only_above_the_limit() -> None:
    thirteen = [*([161_000] * 18), *([None] * 6)]
    assert one_day(o3=thirteen).hours["o3_8h"].item() == 13
    assert one_day(o3=thirteen).values["o3_8h"].item() == 161
    at_the_limit = [*([160_000] * 18), *([None] * 6)]
    assert one_day(o3=at_the_limit).values["o3_8h"].item() == NONE
    # held against the limit as it is published: 160.4 is 160 and does not exceed it, 160.6 is 161
    assert one_day(o3=[160_400 if h else None for h in [1] * 18 + [0] * 6]).values["o3_8h"].item() == NONE
    assert one_day(o3=[160_600 if h else None for h in [1] * 18 + [0] * 6]).values["o3_8h"].item() == 161
    fourteen = [*([160_000] * 19), *([None] * 5)]
    assert one_day(o3=fourteen).hours["o3_8h"].item() == 14
    assert one_day(o3=fourteen).values["o3_8h"].item() == 160


def test_the_largest_hour_of_ozone_needs_twenty_hours() -> None:
    assert one_day(o3=[250_000, *([0] * 19), *([None] * 4)]).values["o3_1h"].item() == 250
    assert one_day(o3=[250_000, *([0] * 18), *([None] * 5)]).values["o3_1h"].item() == NONE


# Grids: months, slabs, neighbours.


def test_windows_of_the_united_states_reach_into_the_next_month() -> None:
    law = regime("us-2024")
    assert plan(law).after == 1
    calm, high = [0] * 24, [200_000] * 8 + [0] * 16
    march = block_of({"s": {"o3": calm * 31}}, date(2016, 3, 1), 31)
    april = block_of({"s": {"o3": high + calm * 29}}, date(2016, 4, 1), 30)
    together = grade_days([ref_of(march), ref_of(april)], law, executor=Local(1))
    # the window that starts at 23:00 on 31 March holds seven of the eight hours
    ozone = next(s for s in law.statistics("day") if s.key == "o3_8h")
    expected = Fraction(200_000 * 7, 8) * slow.per_tick(ozone, law, DAY)
    assert together.values["o3_8h"][0, 30] == expected * 1000 // 1  # ppm, truncated to three decimals
    assert together.hours["o3_8h"][0, 30] == 17
    alone = grade_days([ref_of(march)], law, executor=Local(1))
    assert alone.hours["o3_8h"][0, 30] == 12
    assert alone.values["o3_8h"][0, 30] == NONE  # 13 windows are needed


def test_leap_days_months_and_slabs_join_in_order() -> None:
    def month(year: int, number: int, stations: Sequence[str], slab: int) -> BlockRef:
        period = Period.month(year, number)
        series = {s: {"pm25": [(number * 100 + i) * 1000] * (24 * period.days)} for i, s in enumerate(stations)}
        return ref_of(block_of(series, period.first, period.days), slab)

    refs = [
        month(2016, 3, ["a", "b", "new"], 0),
        month(2016, 2, ["a", "b"], 0),
        month(2016, 2, ["x"], 1),
    ]
    found = grade_days(refs, CN2012, executor=Local(1))
    assert found.stations == ("a", "b", "new", "x")
    assert found.days == 29 + 31
    assert found.period == Period.parse("2016-02..2016-03")
    assert found.values["pm25"][:, [0, 28, 29, 59]].tolist() == [
        [200, 200, 300, 300],
        [201, 201, 301, 301],
        [NONE, NONE, 302, 302],
        [200, 200, NONE, NONE],
    ]
    assert found.columns(Period.parse("2016-02-29..2016-03-01")) == slice(28, 30)


def test_a_quantity_nobody_measures_is_not_assessed() -> None:
    found = one_day(pm25=same(20))
    assert found.values["so2"].item() == NONE
    assert found.aqi.item() == 29


def test_gases_are_moved_to_another_reference_state_exactly_and_particles_are_not() -> None:
    factor = Fraction(5460, 5963)  # 273 K → 298.15 K
    block = block_of({"s": {"so2": same(100), "pm25": same(100)}}, DAY, 1)
    found = grade_days([ref_of(block)], CN2026, executor=Local(1), gas_factor=lambda _: factor)
    assert found.values["so2"].item() == 92  # 91.56
    assert found.values["pm25"].item() == 100
    assert found.factors == (factor,)


def test_the_state_may_change_within_a_month() -> None:
    block = block_of({"s": {"so2": same(100) * 2}}, DAY, 2)
    found = grade_days(
        [ref_of(block)], CN2012, executor=Local(1),
        gas_factor=lambda day: Fraction(1) if day == DAY else Fraction(1, 2),
    )  # fmt: skip
    assert found.values["so2"].tolist() == [[100, 50]]


# Sizes.


@pytest.mark.parametrize("micrograms", [80_000, 90_000, 12_000_000, 10**9])
def test_huge_readings_are_summed_in_wider_integers(micrograms: int) -> None:
    found = one_day(pm25=same(micrograms), o3=same(micrograms))
    assert [found.values[key].item() for key in ("pm25", "o3_8h", "o3_1h")] == [micrograms] * 3
    assert found.numerators["pm25"].item() == micrograms * 1000 * found.denominators["pm25"].item()
    assert found.aqi.item() == 500


def test_what_cannot_be_published_is_an_error_that_says_so() -> None:
    with pytest.raises(ReadingsError, match="larger than can be published"):
        one_day(pm25=same(10**13))


def test_readings_too_large_for_any_sum_are_an_error() -> None:
    with pytest.raises(ReadingsError, match="too large to be summed"):
        one_day(pm25=[2**62] * 24)


def test_grading_nothing_is_an_error() -> None:
    with pytest.raises(InputError, match="no readings to grade"):
        grade_days([], CN2012)


# Laws: the kernel equals fractions, whatever the readings.


@st.composite
def months(draw: st.DrawFn, quantities: Sequence[str]) -> list[dict[str, Series]]:
    """Two runs of three days of two stations: gaps, plateaus at turns of the law, noise."""
    level = st.one_of(
        st.integers(0, 900_000),
        st.sampled_from([35_500, 36_500, 75_000, 100_000, 160_000, 160_499, 160_501, 800_000, 800_501, 2_050]),
    )

    def day() -> list[int | None]:
        base, step = draw(level), draw(st.sampled_from([0, 0, 1, 500, 7_919]))
        gap = draw(st.integers(0, 24)), draw(st.sampled_from([0, 0, 2, 4, 5, 6, 8, 12, 24]))
        return [None if gap[0] <= h < gap[0] + gap[1] else base + step * (h * 5 % 24) for h in range(24)]

    return [
        {station: {q: [value for _ in range(3) for value in day()] for q in quantities} for station in ("a", "b")}
        for _ in range(2)
    ]


@pytest.mark.parametrize("name", sorted(regimes("air")))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_the_kernel_equals_fractions_under_every_regime(name: str, data: st.DataObject) -> None:
    law = regime(name)
    parts = data.draw(months(plan(law).quantities))
    first = date(2015, 12, 29)
    starts = [first, date(2016, 1, 1)]
    refs = [
        BlockRef.of_block(block_of(part, start, 3), f"air/{start:%Y-%m}/000")
        for part, start in zip(parts, starts, strict=True)
    ]
    found = grade_days(refs, law, executor=Local(1))
    for row, station in enumerate(("a", "b")):
        for column in range(6):

            def hours(q: str, hour: int, at: int = column, of: str = station) -> int | None:
                part, inner = divmod(at * 24 + hour, 72)
                return parts[part][of][q][inner] if 0 <= part < 2 else None

            day = first + timedelta(days=column)
            assert_same(found, row, column, slow.grade(hours, law, day))


def assert_same(found: DayGrades, row: int, column: int, wanted: slow.SlowDay) -> None:
    at = row, column
    for key, value in wanted.values.items():
        assert found.values[key][at] == (NONE if value is None else value), key
    for key, sub in wanted.sub_indices.items():
        assert found.sub_indices[key][at] == (NONE if sub is None else sub), key
    assert found.aqi[at] == (NONE if wanted.aqi is None else wanted.aqi)
    assert found.level[at] == wanted.level
    assert found.primary_quantities(int(found.primary[at])) == wanted.primary


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_numerators_over_denominators_are_the_unrounded_values(data: st.DataObject) -> None:
    parts = data.draw(months(ALL))
    found = grade_days([ref_of(block_of(parts[0], DAY, 3))], CN2012, executor=Local(1))
    for row, station in enumerate(("a", "b")):
        for column in range(3):

            def hours(q: str, hour: int, at: int = column, of: str = station) -> int | None:
                return parts[0][of][q][at * 24 + hour]

            for s in found.statistics:
                exact = slow.unrounded(hours, s, CN2012, DAY, Fraction(1))
                ticks = Fraction(int(found.numerators[s.key][row, column]), int(found.denominators[s.key][0, 0]))
                assert ticks * slow.per_tick(s, CN2012, DAY) == (exact or 0)


# Threads, caches.


def simulated(stations: int = 40, months: str = "2016-02..2016-03") -> list[BlockRef]:
    return [
        BlockRef.of_block(block, key, f"v1 {key}")
        for key, block in simulate_blocks(Period.parse(months), stations=stations, seed=5)
    ]


def assert_equal(one: DayGrades, other: DayGrades) -> None:
    assert one.places == other.places
    for key in one.values:
        assert np.array_equal(one.values[key], other.values[key])
        assert np.array_equal(one.hours[key], other.hours[key])
        assert np.array_equal(one.numerators[key], other.numerators[key])
    for key in one.sub_indices:
        assert np.array_equal(one.sub_indices[key], other.sub_indices[key])
    for name in ("aqi", "level", "primary"):
        assert np.array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("name", sorted(regimes("air")))
def test_threads_and_the_order_of_blocks_change_no_bit(name: str) -> None:
    refs = simulated()
    alone = grade_days(refs, regime(name), executor=Local(1))
    with Local(4) as threads:
        assert_equal(alone, grade_days(refs[::-1], regime(name), executor=threads))


def test_kept_grades_are_the_same_and_spare_the_work(tmp_path: Path) -> None:
    refs = simulated()
    first = grade_days(refs, CN2012, cache=tmp_path)
    assert len(list(tmp_path.rglob("*.arrow"))) == 2
    again = grade_days([_unreadable(ref) for ref in refs], CN2012, cache=tmp_path)
    assert_equal(first, again)


def test_the_table_of_days_has_a_row_a_station_and_day_and_nulls_where_nothing_is_assessed() -> None:
    block = block_of({"a": {"pm25": [*same(36), *same(36, hours=19)]}}, DAY, 2)
    table = grade_days([ref_of(block)], CN2012).table()
    table.validate(full=True)
    rows = table.select(["station", "day", "pm25", "pm25_sub_index", "so2", "aqi", "level", "primary"]).to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        ("a", DAY, 36, 52, None, 52, 2, 1),
        ("a", DAY + timedelta(days=1), None, None, None, None, None, 0),
    ]


def _unreadable(ref: BlockRef, **changes: Any) -> BlockRef:
    def refuse(_: Sequence[str] | None) -> Block:
        raise AssertionError("the block was read again")

    fields = {"key": ref.key, "version": ref.version, "source": refuse, **changes}
    return BlockRef(stations=ref.stations, first_day=ref.first_day, days=ref.days, **fields)


def test_another_version_or_law_is_graded_anew(tmp_path: Path) -> None:
    refs = simulated()
    grade_days(refs, CN2012, cache=tmp_path)
    changed = [_unreadable(refs[0], version="v2"), refs[1]]
    with pytest.raises(AssertionError, match="read again"):
        grade_days(changed, CN2012, cache=tmp_path, executor=Local(1))
    with pytest.raises(AssertionError, match="read again"):
        grade_days([_unreadable(ref) for ref in refs], CN2026, cache=tmp_path, executor=Local(1))
    halved = [_unreadable(ref) for ref in refs]
    with pytest.raises(AssertionError, match="read again"):
        grade_days(halved, CN2012, cache=tmp_path, executor=Local(1), gas_factor=lambda _: Fraction(1, 2))


@pytest.mark.parametrize("damage", [b"", b"ARROW1 but not really", None])
def test_kept_grades_that_cannot_be_read_are_made_anew(tmp_path: Path, damage: bytes | None) -> None:
    refs = simulated()
    first = grade_days(refs, CN2012, cache=tmp_path)
    for file in tmp_path.rglob("*.arrow"):
        file.write_bytes(file.read_bytes()[:-200] if damage is None else damage)
    assert_equal(first, grade_days(refs, CN2012, cache=tmp_path))
    assert_equal(first, grade_days([_unreadable(ref) for ref in refs], CN2012, cache=tmp_path))


def test_a_foreign_file_in_the_place_of_kept_grades_is_ignored(tmp_path: Path) -> None:
    refs = simulated()
    first = grade_days(refs, CN2012, cache=tmp_path)
    one, two = sorted(tmp_path.rglob("*.arrow"))
    one.write_bytes(two.read_bytes())
    assert_equal(first, grade_days(refs, CN2012, cache=tmp_path))


def test_a_block_without_a_version_is_not_kept(tmp_path: Path) -> None:
    refs = [BlockRef(r.key, None, r.stations, r.first_day, r.days, r.source) for r in simulated()]
    grade_days(refs, CN2012, cache=tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_error_names_the_block_it_came_from() -> None:
    refs = [_unreadable(ref) for ref in simulated()]
    with pytest.raises(AssertionError, match="read again") as caught:
        grade_days(refs, CN2012, executor=Local(2))
    assert "while working on 'air/2016-02/000'" in caught.value.__notes__


def test_the_zone_of_a_block_moves_its_hours() -> None:
    assert block_of({"s": {"pm25": same(1)}}, DAY, 1).first_hour == BEIJING.first_second(DAY) // 3600
    assert block_key("air", DAY, 3) == "air/2016-03/003"
