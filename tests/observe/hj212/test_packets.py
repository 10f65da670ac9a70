"""Messages in several packets: those of the standard at once, cut ones when they are whole."""

from __future__ import annotations

import itertools

import pytest
from tests.observe.hj212.vectors import device, frame

from commonshed.errors import FrameError
from commonshed.observe.hj212 import Frame, Gathered, Packets

# HJ 212-2017, table C.50.
FIRST = (
    "DataTime=20160801080000;w00000-Cou=63.0,w00000-Min=16.4,w00000-Avg=17.5,w00000-Max=20.1,w00000-Flag=N;"
    "w01001-Min=7.1,w01001-Avg=7.5,w01001-Max=7.8,w01001-Flag=N"
)
SECOND = "DataTime=20160801080000;w01018-Cou=63.0,w01018-Min=40.1,w01018-Avg=40.1,w01018-Max=40.1,w01018-Flag=N"


def packet(cp: str, pno: int, pnum: int = 2, qn: str = "20160801085857534") -> Frame:
    return frame(cp, cn="2061", st="32", flag=7, pnum=pnum, pno=pno, qn=qn)


def test_packets_of_the_standard_are_taken_one_by_one() -> None:
    packets = Packets()
    first, second = packet(FIRST, 1), packet(SECOND, 2, qn="20160801085857535")
    assert packets.add(first, 0.0) is first
    assert packets.add(second, 0.1) is second
    assert (len(packets), packets.lost) == (0, 0)


def test_a_frame_that_is_no_packet_is_given_back() -> None:
    packets = Packets()
    plain = frame(FIRST, cn="2061")
    assert packets.add(plain, 0.0) is plain
    one = packet(FIRST, 1, pnum=1)
    assert packets.add(one, 0.0) is one


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_text_that_was_cut_anywhere_is_whole_again_in_any_order(order: tuple[int, ...]) -> None:
    text = FIRST + SECOND[23:]
    pieces = [text[:110], text[110:150], text[150:]]
    packets = Packets()
    found = [packets.add(packet(pieces[i], i + 1, pnum=3), 0.0) for i in order]
    assert found[:2] == [None, None]
    whole = found[2]
    assert whole is not None
    assert (whole.cp, whole.pnum, whole.pno) == (text, None, None)
    assert Gathered().add(whole, device()).taken == 11
    assert len(packets) == 0


def test_an_item_cut_in_the_middle_of_its_number_is_not_taken_for_a_whole_one() -> None:
    text = "DataTime=20160801080000;a34004-Avg=35.0,a34004-Flag=N;a34002-Avg=128.0,a34002-Flag=N"
    at = text.index("128") + 2
    packets = Packets()
    assert packets.add(packet(text[:at], 1), 0.0) is None
    assert Gathered().add(packet(text[:at], 1), device()).refused[0].reason == "this packet is not whole by itself"
    whole = packets.add(packet(text[at:], 2), 0.0)
    assert whole is not None
    assert whole.cp == text


def test_the_same_packet_again_begins_anew() -> None:
    packets = Packets()
    assert packets.add(packet(FIRST[:60], 1), 0.0) is None
    assert packets.add(packet(FIRST[:60], 1), 1.0) is None
    assert (len(packets), packets.lost) == (1, 1)
    assert packets.add(packet(FIRST[60:], 2), 2.0) is not None


def test_packets_that_miss_others_are_given_up_in_time() -> None:
    packets = Packets(keep=60)
    packets.add(packet(FIRST[:60], 1), 0.0)
    packets.add(frame("DataTime=20160801080000;w01001", cn="2051", flag=7, pnum=2, pno=1), 61.0)
    assert (len(packets), packets.lost) == (1, 1)
    assert packets.add(packet(FIRST[60:], 2), 62.0) is None


def test_what_is_held_is_bounded() -> None:
    packets = Packets(most_messages=10)
    for i in range(100):
        packets.add(packet("cut", 1)._replace(mn=f"{i:024d}"), 0.0)
    assert (len(packets), packets.lost) == (10, 90)


def test_packets_that_cannot_be_are_refused() -> None:
    with pytest.raises(FrameError, match="too many packets"):
        Packets().add(packet(FIRST, 1, pnum=9999), 0.0)
    with pytest.raises(FrameError, match="no such packet"):
        Packets().add(packet(FIRST, 3), 0.0)
