"""Blocks: what is laid out, that the order of rows does not matter, and that a file gives back what was written."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonshed.errors import ShedDamaged
from commonshed.keep.block import Block, BlockRef, block_key, read_block, write_block
from commonshed.periods import Period, Zone

BEIJING = Zone(480)
FEBRUARY = Period.parse("2016-02")
FIRST = BEIJING.first_second(FEBRUARY.first)


def readings(*rows: tuple[str, str, int, int], **more: Any) -> pa.Table:
    """Rows of station, quantity, hour of the month, ticks."""
    columns = {
        "station": pa.array([r[0] for r in rows], pa.string()),
        "quantity": pa.array([r[1] for r in rows], pa.string()),
        "start": pa.array([FIRST + 3600 * r[2] for r in rows], pa.int64()),
        "ticks": pa.array([r[3] for r in rows], pa.int64()),
        **more,
    }
    return pa.table(columns)


def laid(table: pa.Table, stations: tuple[str, ...] = ("a", "b"), month: Period = FEBRUARY) -> Block:
    return Block.from_readings(table, stations, month, BEIJING)


def cells(block: Block, quantity: str) -> dict[tuple[str, int], int]:
    rows, hours = np.nonzero(block.mask(quantity))
    ticks = block.ticks[quantity]
    return {(block.stations[r], int(h)): int(ticks[r, h]) for r, h in zip(rows, hours, strict=True)}


def test_a_block_is_a_month_of_hours_of_its_stations() -> None:
    block = laid(readings(("a", "pm25", 0, 35_000), ("b", "pm25", 29 * 24 - 1, 7), ("b", "o3", 5, 1)))
    assert block.stations == ("a", "b")
    assert block.days == 29
    assert block.first_hour == FIRST // 3600
    assert block.quantities == ("o3", "pm25")
    assert cells(block, "pm25") == {("a", 0): 35_000, ("b", 695): 7}
    assert cells(block, "o3") == {("b", 5): 1}
    assert block.largest == {"pm25": 35_000, "o3": 1}


def test_what_lies_outside_is_passed_over() -> None:
    rows = readings(("a", "pm25", -1, 1), ("a", "pm25", 29 * 24, 2), ("stranger", "pm25", 0, 3), ("a", "pm25", 1, 4))
    assert cells(laid(rows), "pm25") == {("a", 1): 4}


def test_invalid_negative_and_other_statistics_do_not_count_and_suspect_ones_do() -> None:
    rows = readings(
        *[("a", "pm25", hour, hour) for hour in range(6)],
        flag=["valid", "suspect", "invalid", "valid", "valid", "valid"],
        statistic=["mean", "mean", "mean", "max", "mean", "mean"],
        period=pa.array([3600, 3600, 3600, 3600, 60, 3600], pa.int32()),
    )
    negative = readings(("b", "pm25", 0, -1))
    assert cells(laid(rows), "pm25") == {("a", 0): 0, ("a", 1): 1, ("a", 5): 5}
    assert cells(laid(negative), "pm25") == {}


def test_of_two_readings_of_one_hour_the_later_recorded_wins() -> None:
    rows = readings(("a", "pm25", 0, 5), ("a", "pm25", 0, 9), ("a", "pm25", 0, 7), recorded=[1, 1, 2])
    assert cells(laid(rows), "pm25") == {("a", 0): 7}


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"), st.sampled_from(["pm25", "o3"]), st.integers(-5, 700), st.integers(-2, 10**6)
        ),
        max_size=40,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rows_and_the_encoding_of_names_do_not_matter(
    rows: list[tuple[str, str, int, int]], random: Any
) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    table = readings(*shuffled)
    encoded = table.set_column(0, "station", table["station"].dictionary_encode())
    chunked = pa.concat_tables([encoded.slice(0, len(rows) // 2), encoded.slice(len(rows) // 2)])
    one = Block.from_readings(readings(*rows), ("a", "b"), FEBRUARY, BEIJING, ("pm25", "o3"))
    for other in (table, encoded, chunked):
        two = Block.from_readings(other, ("a", "b"), FEBRUARY, BEIJING, ("pm25", "o3"))
        assert all(cells(one, q) == cells(two, q) for q in ("pm25", "o3"))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.sampled_from(["pm25", "o3"]),
            st.integers(0, 695),
            st.one_of(st.integers(0, 10**6), st.integers(0, 2**60)),
        ),
        max_size=60,
    )
)
def test_a_file_gives_back_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, int, int]]
) -> None:
    path = tmp_path_factory.mktemp("block") / "air" / "2016-02" / "000.parquet"
    block = Block.from_readings(readings(*rows), ("a", "b", "c"), FEBRUARY, BEIJING, ("pm25", "o3"))
    write_block(path, block)
    read = read_block(path)
    assert (read.stations, read.first_day, read.days, read.zone) == (("a", "b", "c"), date(2016, 2, 1), 29, BEIJING)
    assert read.largest == block.largest
    for q in ("pm25", "o3"):
        assert read.ticks[q].dtype == block.ticks[q].dtype
        assert np.array_equal(read.filled(q), block.filled(q))
        assert np.array_equal(read.valid[q], block.valid[q])


def test_a_column_can_be_read_alone_and_an_absent_one_is_left_out(tmp_path: Path) -> None:
    write_block(tmp_path / "x", laid(readings(("a", "pm25", 0, 1), ("a", "o3", 0, 2))))
    assert read_block(tmp_path / "x", ["o3", "co"]).quantities == ("o3",)


def test_other_tools_read_the_file_as_a_table(tmp_path: Path) -> None:
    write_block(tmp_path / "x.parquet", laid(readings(("a", "pm25", 0, 35_000), ("b", "pm25", 1, 1_000))))
    found = (
        duckdb.connect()
        .execute(
            f"select station, hour - {FIRST // 3600}, pm25 from '{tmp_path}/x.parquet' where pm25 is not null"
            " order by 1"
        )
        .fetchall()
    )
    assert found == [("a", 0, 35_000), ("b", 1, 1_000)]
    assert pq.ParquetFile(tmp_path / "x.parquet").metadata.num_row_groups == 1


def test_bits_that_do_not_start_on_a_byte_are_moved() -> None:
    from commonshed.keep.block import _numpy

    values = [None if i % 7 == 0 else i for i in range(3 + 48)]
    sliced = pa.chunked_array([pa.array(values, pa.int32()).slice(3)])
    ticks, valid = _numpy(sliced, (2, 24))
    present = np.unpackbits(valid, axis=1, bitorder="little").reshape(-1)
    assert [int(t) if p else None for t, p in zip(ticks.reshape(-1), present, strict=True)] == values[3:]


def test_a_station_whose_days_are_not_whole_bytes_of_the_file_is_read_right(tmp_path: Path) -> None:
    # 3 stations of one day: 24 bits each, whatever the sizes of pages
    rows = [(s, "pm25", h, i * 100 + h) for i, s in enumerate("abc") for h in range(24) if (h + i) % 5]
    block = Block.from_readings(readings(*rows), tuple("abc"), Period.parse("2016-02-01"), BEIJING)
    write_block(tmp_path / "x", block)
    assert cells(read_block(tmp_path / "x"), "pm25") == {(s, h): t for s, _, h, t in rows}


@pytest.mark.parametrize("damage", [b"", b"PAR1PAR1", b"not a block at all", None])
def test_a_damaged_file_says_so(tmp_path: Path, damage: bytes | None) -> None:
    path = tmp_path / "x"
    write_block(path, laid(readings(("a", "pm25", 0, 1))))
    path.write_bytes(path.read_bytes()[:-30] if damage is None else damage)
    with pytest.raises(ShedDamaged, match=r"Delete the file"):
        read_block(path)


def test_a_block_of_which_any_bit_has_changed_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "block.parquet"
    ticks = np.arange(2 * 24, dtype=np.int32).reshape(2, 24)
    valid = np.full((2, 3), 255, np.uint8)
    write_block(path, Block(("a", "b"), date(2016, 3, 1), 1, Zone(480), {"pm25": ticks}, {"pm25": valid}))
    whole = path.read_bytes()
    assert np.array_equal(read_block(path).ticks["pm25"], ticks)
    assert pq.read_table(path).num_rows == 48, "it is Parquet as others read it"
    for at in range(0, len(whole), 7):
        changed = bytearray(whole)
        changed[at] ^= 1 << at % 8
        path.write_bytes(changed)
        with pytest.raises(ShedDamaged, match="Delete the file: it will be rebuilt"):
            read_block(path)


def test_a_parquet_file_of_somebody_else_is_not_a_block(tmp_path: Path) -> None:
    pq.write_table(pa.table({"pm25": [1, 2]}), tmp_path / "x")
    with pytest.raises(ShedDamaged, match="not a readable block"):
        read_block(tmp_path / "x")
    with pytest.raises(FileNotFoundError):
        read_block(tmp_path / "absent")


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "x"
    write_block(path, laid(readings(("a", "pm25", 0, 1))))
    before = path.read_bytes()
    monkeypatch.setattr("commonshed.keep.block.pq.write_table", full)
    with pytest.raises(OSError, match="No space"):
        write_block(path, laid(readings(("a", "pm25", 0, 2))))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_zones_off_the_hour_lay_out_their_own_days() -> None:
    india = Zone.parse("+05:30")
    first = india.first_second(FEBRUARY.first)
    table = pa.table({"station": ["a"], "quantity": ["pm25"], "start": [first + 3600 * 24], "ticks": [5]})
    block = Block.from_readings(table, ("a",), FEBRUARY, india)
    assert cells(block, "pm25") == {("a", 24): 5}


def test_a_reference_reads_only_when_it_is_loaded(tmp_path: Path) -> None:
    key = block_key("air", FEBRUARY.first, 2)
    assert key == "air/2016-02/002"
    path = tmp_path / f"{key}.parquet"
    write_block(path, laid(readings(("a", "pm25", 0, 1), ("a", "o3", 0, 2))))
    ref = BlockRef.of_file(path, key, "v1")
    assert (ref.stations, ref.first_day, ref.last_day, ref.slab) == (
        ("a", "b"), date(2016, 2, 1), date(2016, 2, 29), "air/002",
    )  # fmt: skip
    assert ref.load(["o3"]).quantities == ("o3",)
