"""Frames are found in any stream, and no stream harms."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.observe.hj212.vectors import published, whole

from commonshed.observe.hj212 import Framer, Garbage, RawFrame
from commonshed.observe.hj212.framing import LONGEST

ONE = whole("DataTime=20160801085857;a34004-Rtd=35,a34004-Flag=N")
TWO = whole("DataTime=20160801085957;a34004-Rtd=36,a34004-Flag=N")


def frames(found: list[RawFrame | Garbage]) -> list[bytes]:
    return [each.whole for each in found if isinstance(each, RawFrame)]


def garbage(found: list[RawFrame | Garbage]) -> list[tuple[int, str]]:
    return [(each.bytes, each.why) for each in found if isinstance(each, Garbage)]


@pytest.mark.parametrize("row", published(), ids=lambda row: row["declared_crc"])
def test_published_frames_are_found_and_their_check_sums_judged(row: dict[str, str]) -> None:
    (found,) = Framer().feed(row["frame"].encode() + b"\r\n")
    assert isinstance(found, RawFrame)
    assert found.text.decode() == row["frame"][6:-4]
    assert (str(found.length_right), str(found.crc_right)) == (row["len_ok"], row["crc_ok"])


@given(st.lists(st.integers(1, 40), max_size=30))
def test_it_does_not_matter_how_the_stream_is_cut(cuts: list[int]) -> None:
    stream = b"noise" + ONE + b"\r\n" + TWO + b"#" + ONE
    framer, found, at = Framer(), [], 0
    for cut in [*cuts, len(stream)]:
        found += framer.feed(stream[at : at + cut])
        at += cut
    assert [each.removesuffix(b"\r\n") for each in frames(found)] == [ONE[:-2], TWO[:-2], ONE[:-2]]
    assert sum(count for count, _ in garbage(found)) == len(b"noise") + 1
    assert framer.feed(ONE)[-1:] == [RawFrame(ONE[6:-6], True, True, ONE)]


@pytest.mark.parametrize(
    "noise",
    [
        b"\x00\xff" * 50,
        b"#",
        b"##",
        b"###",
        b"##12",
        b"##99999",
        b"##0101abc",
        b"&&1C80\r\n",
        b"##0010",
        "数据".encode(),
    ],
)
def test_a_frame_is_found_after_any_noise(noise: bytes) -> None:
    found = Framer().feed(noise + ONE + TWO)
    assert frames(found)[-2:] == [ONE, TWO]


def test_a_frame_cut_off_costs_no_other_frame() -> None:
    found = Framer().feed(ONE + TWO[:60] + ONE + TWO)
    assert frames(found) == [ONE, ONE, TWO]
    assert garbage(found) == [(60, "cut off")]


def test_a_length_that_says_too_much_costs_no_other_frame() -> None:
    found = Framer().feed(ONE + b"##9999" + TWO[6:] + ONE)
    assert [(each.crc_right, each.length_right) for each in found if isinstance(each, RawFrame)] == [
        (True, True),
        (True, False),
        (True, True),
    ]


def test_a_length_that_says_too_little_is_told_and_the_frame_found() -> None:
    (found,) = Framer().feed(b"##0010" + ONE[6:])
    assert isinstance(found, RawFrame)
    assert (found.text, found.crc_right, found.length_right) == (ONE[6:-6], True, False)


def test_a_wrong_check_sum_is_told() -> None:
    (found,) = Framer().feed(ONE[:-6] + b"0000\r\n")
    assert isinstance(found, RawFrame)
    assert (found.crc_right, found.length_right) == (False, True)


def test_a_check_sum_in_small_letters_is_right() -> None:
    row = next(row for row in published() if row["declared_crc"] == "CC01")
    (found,) = Framer(strict=True).feed(row["frame"].encode() + b"\r\n")
    assert isinstance(found, RawFrame)
    assert found.whole.endswith(b"cc01\r\n")
    assert found.crc_right


def test_lengths_may_count_characters_or_bytes() -> None:
    text = whole("DataTime=20160801085857;i11001-Info=超标")
    counted = b"##%04d" % (int(text[2:6]) - 4) + text[6:]
    found = Framer().feed(text + counted + text)
    assert [each.length_right for each in found if isinstance(each, RawFrame)] == [True, True, True]


def test_a_line_end_that_never_comes_is_forgiven_unless_strict() -> None:
    assert frames(Framer().feed(ONE[:-2] + TWO[:-2])) == [ONE[:-2], TWO[:-2]]
    assert frames(Framer(strict=True).feed(ONE[:-2] + TWO)) == [TWO]


def test_blanks_between_frames_are_garbage_only_if_strict() -> None:
    assert garbage(Framer().feed(ONE + b"\r\n \r\n" + TWO)) == []
    assert garbage(Framer(strict=True).feed(ONE + b"\r\n \r\n" + TWO)) == [(5, "between frames")]


def test_strict_takes_no_more_than_the_standards_1024_characters() -> None:
    long = whole("DataTime=20160801085857;" + ";".join(f"a34004-Rtd={i}" for i in range(100)))
    assert len(long) > 1040
    assert frames(Framer().feed(long)) == [long]
    assert frames(Framer(strict=True).feed(long + ONE)) == [ONE]


def test_what_is_held_back_is_never_more_than_one_frame() -> None:
    framer = Framer()
    for _ in range(200):
        framer.feed(b"##9999" + b"x" * 300)
        assert framer.pending <= LONGEST + 12
    framer = Framer(limit=500)
    for _ in range(100):
        framer.feed(b"x" * 97)
        assert framer.pending <= 512


def test_a_stream_that_ends_within_a_frame_says_so() -> None:
    framer = Framer()
    assert framer.feed(ONE[:40]) == []
    assert framer.pending == 40
    assert framer.finish() == [Garbage(40, ONE[:40], "cut off")]
    assert framer.pending == 0
    assert framer.finish() == []


@given(
    st.lists(
        st.sampled_from([b"#", b"##", b"0", b"12", b"9999", b"\r\n", b"&&", b"ABCD", b"CP=&&", b"\xff", ONE, ONE[:70]])
    )
)
@settings(max_examples=200)
def test_any_bytes_are_told_once_and_in_order(parts: list[bytes]) -> None:
    stream = b"".join(parts)
    framer = Framer(strict=True)
    found = framer.feed(stream) + framer.finish()
    assert sum(each.bytes if isinstance(each, Garbage) else len(each.whole) for each in found) == len(
        stream if framer.finish() == [] else b""
    ) - _blank_end(stream, found)


def _blank_end(stream: bytes, found: list[RawFrame | Garbage]) -> int:
    """Bytes at the end that are nothing but blanks are not worth a word."""
    told = sum(each.bytes if isinstance(each, Garbage) else len(each.whole) for each in found)
    rest = stream[told:]
    assert rest.strip(b"\r\n\t \0") == b""
    return len(rest)


def test_frames_survive_random_damage_around_them() -> None:
    chance = random.Random(212)
    stream, kept = b"", []
    for i in range(400):
        text = whole(f"DataTime=20160801085857;a34004-Rtd={i},a34004-Flag=N")
        if chance.random() < 0.5:
            stream += text
            kept.append(text)
        else:
            at = chance.randrange(1, len(text))
            stream += (
                text[:at] + chance.randbytes(chance.randrange(8)).replace(b"#", b"") + text[at + chance.randrange(9) :]
            )
            stream += b"\r\n"
    found = [each.whole for each in Framer().feed(stream) if isinstance(each, RawFrame) and each.crc_right]
    assert set(kept) <= set(found)
