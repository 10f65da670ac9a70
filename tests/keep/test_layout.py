"""Blocks are what the readings say, are brought up to date where readings came in, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.keep.killing import assert_as_readings, assert_same
from tests.keep.making import HOUR, MARCH, hours, make_shed, row, source, table

from commonshed.errors import InputError
from commonshed.keep import Block, Shed, layout
from commonshed.keep.store import Store
from commonshed.periods import Period

PERIOD = Period.parse("2016")
AIR = ["pm25", "pm10", "so2", "no2", "co", "o3"]
APRIL = MARCH + 31 * 24 * HOUR


@pytest.fixture
def shed(tmp_path: Path) -> Shed:
    return make_shed(tmp_path / "shed")


def versions(shed: Shed) -> dict[str, str | None]:
    return {reference.key: reference.version for reference in shed.blocks(AIR, PERIOD)}


def files(shed: Shed) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (shed.path / "blocks").rglob("*") if path.is_file()}


def assert_right(shed: Shed) -> None:
    for reference in shed.blocks(AIR, PERIOD):
        assert_as_readings(shed, reference.load())


def test_a_month_is_that_of_the_shed_s_zone(shed: Shed) -> None:
    shed.seal_import([hours(3, first=APRIL - HOUR)], source=source("a"))
    march, april = shed.blocks(AIR, PERIOD)
    assert (march.key, april.key) == ("air/2016-03/000", "air/2016-04/000")
    assert march.load().filled("pm25", -1)[0, -2:].tolist() == [-1, 0]
    assert april.load().filled("pm25", -1)[0, :3].tolist() == [1, 2, -1]
    assert shed.blocks(AIR, Period.parse("2016-04")) != []
    assert shed.blocks(AIR, Period.parse("2015")) == []


def test_only_hourly_means_that_are_not_invalid_stand_in_a_block(shed: Shed) -> None:
    kinds: list[dict[str, Any]] = [
        {}, {"flag": "suspect"}, {"flag": "invalid"}, {"statistic": "max"}, {"period": 60}, {"ticks": -1},
    ]  # fmt: skip
    shed.seal_import([table(row(start=MARCH + i * HOUR, **kind) for i, kind in enumerate(kinds))], source=source("a"))
    [reference] = shed.blocks(["pm25"], PERIOD)
    assert reference.load(["pm25"]).filled("pm25", -1)[0, :7].tolist() == [35_000, 35_000, -1, -1, -1, -1, -1]


def test_a_month_of_which_nothing_counts_has_an_empty_block(shed: Shed) -> None:
    shed.seal_import([hours(3, statistic="max"), hours(3, flag="invalid", reason="sentinel")], source=source("a"))
    [reference] = shed.blocks(AIR, PERIOD)
    assert reference.load().quantities == reference.load(["pm25"]).quantities == ()
    shed.seal_import([hours(2)], source=source("b"))
    [reference] = shed.blocks(AIR, PERIOD)
    assert reference.load().filled("pm25", -1)[0, :3].tolist() == [0, 1, -1]
    assert_right(shed)


def test_a_slab_is_165_stations_in_order_of_registration(shed: Shed) -> None:
    names = [f"s{(i * 37) % 331:03d}" for i in range(331)]
    shed.seal_import([table(row(station=name, ticks=int(name[1:])) for name in names)], source=source("a"))
    references = shed.blocks(["pm25"], PERIOD)
    assert [reference.key for reference in references] == [f"air/2016-03/{slab:03d}" for slab in range(3)]
    assert [name for reference in references for name in reference.stations] == names
    assert [len(reference.stations) for reference in references] == [165, 165, 1]
    found = np.concatenate([reference.load().filled("pm25", -1)[:, 0] for reference in references])
    assert found.tolist() == [int(name[1:]) for name in names]


def test_new_readings_touch_their_slab_and_month_and_no_other(shed: Shed) -> None:
    shed.seal_import([table(row(station=f"s{i:03d}") for i in range(200))], source=source("names"))
    shed.seal_import([hours(1700, station="s000"), hours(1700, station="s199")], source=source("a"))
    before, laid = versions(shed), files(shed)
    assert sorted(before) == [f"air/2016-{month:02d}/{slab:03d}" for month in (3, 4, 5) for slab in (0, 1)]
    shed.seal_import([hours(2, first=APRIL + HOUR, station="s199", ticks_from=9)], source=source("b"))
    after = versions(shed)
    assert [key for key in before if before[key] != after[key]] == ["air/2016-04/001"]
    now = files(shed)
    assert len(set(laid.items()) & set(now.items())) == 5
    assert len(now) == 6, "the version that was followed is removed"
    assert_right(shed)


def test_asking_again_touches_nothing(shed: Shed) -> None:
    shed.seal_import([hours(1000)], source=source("a"))
    shed.blocks(AIR, PERIOD)
    laid = files(shed)
    assert {reference.key: reference.version for reference in Shed.open(shed.path).blocks(AIR, PERIOD)} == versions(
        shed
    )
    assert files(shed) == laid
    assert (shed.status().blocks, shed.status().stale) == (2, 0)


def test_one_more_day_reads_one_day(shed: Shed, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in range(3):
        shed.seal_import([hours(24, first=MARCH + day * 24 * HOUR)], source=source(str(day)))
    shed.blocks(AIR, PERIOD)
    read: list[list[int]] = []
    plain = Store.rows_among

    def seen(self: Store, segments: Any, *rest: Any) -> Any:
        read.append([segment.extent.rows for segment in segments])
        return plain(self, segments, *rest)

    monkeypatch.setattr(Store, "rows_among", seen)
    shed.seal_import([hours(24, first=MARCH + 3 * 24 * HOUR)], source=source("3"))
    shed.blocks(AIR, PERIOD)
    # the day straddles two UTC months
    assert read in ([[24]], [[8, 16]])
    assert_right(shed)


def test_a_later_invalid_flag_empties_the_hour_and_a_later_value_fills_it_again(shed: Shed) -> None:
    shed.seal_import([hours(5)], source=source("a"))
    key: dict[str, Any] = {"station": "dongsi", "quantity": "pm25", "start": MARCH + HOUR, "reason": "x", "author": "x"}
    found = []
    steps: list[dict[str, Any]] = [{"flag": "invalid"}, {"flag": "valid", "value": "0.007"}, {"value": "3000000"}]
    for change in steps:
        shed.blocks(AIR, PERIOD)
        shed.correct(**key, **change)
        [reference] = shed.blocks(AIR, PERIOD)
        found.append(reference.load().filled("pm25", -1)[0, :3].tolist())
        assert_right(shed)
    assert found == [[0, -1, 2], [0, 7, 2], [0, 3_000_000_000, 2]]


def test_readings_off_the_hour_are_laid_out_as_if_all_at_once(shed: Shed) -> None:
    for i, start in enumerate((MARCH + 1800, MARCH, MARCH + 60)):
        shed.seal_import([table([row(start=start, ticks=i)])], source=source(str(i)))
        shed.blocks(AIR, PERIOD)
        assert_right(shed)


def test_deleted_blocks_are_laid_out_again(shed: Shed) -> None:
    shed.seal_import([hours(1000)], source=source("a"))
    references = shed.blocks(AIR, PERIOD)
    before = [reference.load() for reference in references]
    for path in (shed.path / "blocks").rglob("*.parquet"):
        path.unlink()
    for reference, block in zip(references, before, strict=True):
        assert_same(reference.load(), block)
    assert shed.status().stale == 2
    assert [reference.version for reference in shed.blocks(AIR, PERIOD)] == [each.version for each in references]
    assert shed.status().stale == 0


def test_a_damaged_block_is_laid_out_again(shed: Shed) -> None:
    shed.seal_import([hours(100)], source=source("a"))
    [reference] = shed.blocks(AIR, PERIOD)
    [path] = (shed.path / "blocks").rglob("*.parquet")
    path.write_bytes(path.read_bytes()[:300])
    assert_as_readings(shed, reference.load())
    path.write_bytes(b"") if path.exists() else None
    shed.seal_import([hours(101)], source=source("b"))
    assert_right(shed)


def test_an_earlier_log_is_laid_out_in_memory(shed: Shed) -> None:
    shed.seal_import([hours(100)], source=source("a"))
    size = shed.size
    [then] = shed.blocks(AIR, PERIOD)
    shed.seal_import([hours(100, ticks_from=5, station="other"), hours(100, ticks_from=5)], source=source("b"))
    laid = files(shed)
    [past] = shed.blocks(AIR, PERIOD, as_of=size)
    assert files(shed) == laid
    assert past.version == then.version
    assert past.stations == ("dongsi",)
    assert past.load().filled("pm25", -1)[0, :3].tolist() == [0, 1, 2]
    assert shed.blocks(AIR, PERIOD)[0].load().filled("pm25", -1)[0, :3].tolist() == [5, 6, 7]


def test_a_station_registered_later_has_a_row_in_every_block_of_its_slab(shed: Shed) -> None:
    shed.seal_import([hours(1000)], source=source("a"))
    shed.blocks(AIR, PERIOD)
    shed.seal_import([hours(2, station="new")], source=source("b"))
    assert {reference.stations for reference in shed.blocks(AIR, PERIOD)} == {("dongsi", "new")}
    assert_right(shed)


def test_quantities_of_two_media_are_not_one_block(shed: Shed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "declared_quantity", lambda key: type("Q", (), {"medium": key}))
    with pytest.raises(InputError, match="one medium"):
        shed.blocks(["air", "water"], PERIOD)


changes = st.lists(
    st.lists(
        st.builds(
            row,
            station=st.sampled_from(["a", "b"]),
            quantity=st.sampled_from(["pm25", "o3"]),
            start=st.sampled_from([APRIL + i * HOUR for i in range(-3, 3)]),
            ticks=st.integers(-1, 3),
            flag=st.sampled_from(["valid", "invalid"]),
            statistic=st.sampled_from(["mean", "mean", "max"]),
        ),
        max_size=6,
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=30, deadline=None)
@given(changes, st.data())
def test_blocks_brought_up_to_date_step_by_step_are_those_laid_out_at_once(
    tmp_path_factory: pytest.TempPathFactory, steps: list[list[dict[str, Any]]], data: st.DataObject
) -> None:
    shed = make_shed(tmp_path_factory.mktemp("layout") / "shed")
    for i, rows in enumerate(steps):
        shed.seal_import([table(rows)], source=source(str(i)))
        if data.draw(st.booleans()):
            shed.blocks(AIR, PERIOD)
    for reference in shed.blocks(AIR, PERIOD):
        block = reference.load()
        assert_as_readings(shed, block)
        assert isinstance(block, Block)
