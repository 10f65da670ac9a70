"""The check sum: published frames, and three ways that agree on all bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.observe.hj212.vectors import published

from commonshed.observe.hj212.crc import crc16, crc16_bitwise, crc16_by_table

WAYS = [crc16_bitwise, crc16_by_table, crc16]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("row", published(), ids=lambda row: row["declared_crc"])
def test_published_frames_have_the_check_sum_that_was_computed_for_them(way: object, row: dict[str, str]) -> None:
    segment = row["frame"][6:-4].encode()
    assert callable(way)
    assert f"{way(segment):04X}" == row["computed_crc"].upper()
    assert (row["frame"][-4:].upper() == row["computed_crc"].upper()) == (row["crc_ok"] == "True")


@pytest.mark.parametrize(("text", "crc"), [(b"", 0xFFFF), (b"A", 0x7080), (b"123456789", 0x2F80), (b"CP=&&&&", 0xF781)])
def test_short_texts_by_hand(text: bytes, crc: int) -> None:
    assert [way(text) for way in WAYS] == [crc] * 3


def test_it_is_not_the_check_sum_of_modbus() -> None:
    assert crc16(b"123456789") != 0x4B37


@given(st.binary(max_size=300))
def test_the_three_ways_agree(data: bytes) -> None:
    assert crc16(data) == crc16_by_table(data) == crc16_bitwise(data)


@pytest.mark.parametrize("size", [1, 7, 8, 9, 16, 17, 63, 64, 65, 512, 1024, 1025, 9999])
def test_the_folded_way_agrees_at_every_size_where_a_fold_begins(size: int) -> None:
    data = bytes((37 * i + 11) % 256 for i in range(size))
    assert crc16(data) == crc16_bitwise(data)


@pytest.mark.parametrize("state", range(256))
def test_eight_steps_on_zero_bytes_give_every_state_back(state: int) -> None:
    # What folding rests on: a first byte sets any state; eight zero bytes later the same high byte is there.
    assert crc16_bitwise(bytes([state])) >> 8 == crc16_bitwise(bytes([state, 0, 0, 0, 0, 0, 0, 0, 0])) >> 8
