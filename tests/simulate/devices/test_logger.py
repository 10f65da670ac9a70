"""A made-up logger keeps the order of the protocol."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from tests.simulate.devices.station import device

from commonshed.observe.hj212 import (
    Device,
    Frame,
    Framer,
    Gathered,
    Packets,
    RawFrame,
    backfill_request,
    clock_request,
    device_time,
    parse,
    read_answer,
    request,
    set_clock,
)
from commonshed.simulate.devices import Plan, Tally
from commonshed.simulate.devices.logger import Logger

START = 1_772_294_400  # 2026-03-01T00:00+08:00
QN = "20260301080000000"


def logger(*faults: str, of: Device | None = None, step: int = 300, kind: str = "air") -> Logger:
    one = of or device()
    plan = Plan(devices=(one,), faults=frozenset(faults), step=step, kind=kind)
    return Logger(one, plan, Tally(), START - step)


def read(*wholes: bytes) -> list[Frame]:
    found = Framer(strict=True).feed(b"".join(wholes))
    assert all(isinstance(each, RawFrame) and each.crc_right and each.length_right for each in found)
    return [parse(each.text, strict=True) for each in found if isinstance(each, RawFrame)]


def queued(one: Logger) -> list[Frame]:
    return read(*(outgoing.whole for outgoing in one.queue))


def asked(one: Logger, whole: bytes) -> list[Frame]:
    (frame,) = read(whole)
    return read(*one.answer(frame))


def hours(one: Logger) -> list[str]:
    return [frame.fields["DataTime"] for frame in queued(one) if frame.cn == "2061"]


def test_a_day_is_real_time_minutes_hours_and_a_day() -> None:
    one = logger()
    for _ in range(24 * 12 + 1):
        one.advance()
    frames = queued(one)
    assert Counter(frame.cn for frame in frames) == {"2011": 289, "2051": 144, "2061": 24, "2031": 1}
    assert hours(one) == [f"20260301{hour:02d}0000" for hour in range(24)]
    assert len({frame.qn for frame in frames}) == len(frames)
    assert all(frame.wants_answer for frame in frames)


@pytest.mark.parametrize("kind", ["air", "river", "outlet"])
def test_everything_it_sends_becomes_readings(kind: str) -> None:
    one, gathered = logger(kind=kind), Gathered(strict=True)
    for _ in range(13):
        one.advance()
    told = [gathered.add(frame, one.device) for frame in queued(one)]
    assert all(each.taken and not each.refused for each in told)
    assert gathered.table(0).num_rows == len(gathered) == sum(each.taken for each in told)


def test_hours_that_were_not_sent_are_given_when_asked_for() -> None:
    one = logger("gaps")
    for _ in range(24 * 12 + 1):
        one.advance()
    sent = set(hours(one))
    missing = {f"20260301{hour:02d}0000" for hour in range(24)} - sent
    assert missing
    assert one.tally.counts["gaps"] == len(missing)
    one.queue.clear()
    (taken,) = asked(one, backfill_request("2061", START, START + 23 * 3600, device=one.device, qn=QN))
    answer = read_answer(taken)
    assert answer is not None
    assert (answer.qn, answer.good) == (QN, True)
    frames = queued(one)
    assert missing <= {frame.fields["DataTime"] for frame in frames[:-1]}
    result = read_answer(frames[-1])
    assert result is not None
    assert (result.cn, result.qn, result.words) == ("9012", QN, "success")


def test_hours_it_never_had_are_told_so() -> None:
    found = asked(logger(), backfill_request("2061", 0, 3600, device=device(), qn=QN))
    answers = [read_answer(frame) for frame in found]
    assert [each.words for each in answers if each] == ["ready to execute", "no data"]


def test_hours_sent_late_are_sent_all_the_same() -> None:
    one = logger("late")
    for _ in range(24 * 12 * 3 + 1):
        one.advance()
    assert one.tally.counts["late"] > 0
    assert len(set(hours(one))) >= 72 - 5
    assert hours(one) != sorted(hours(one))


def test_a_clock_that_is_wrong_is_told_and_set() -> None:
    one = logger("clock")
    taken, told, done = asked(one, clock_request(one.device, QN))
    assert (taken.cn, told.cn, done.cn) == ("9011", "1011", "9012")
    shown = device_time(told, one.device.zone)
    assert shown is not None
    assert 240 < abs(shown - time.time()) < 3700
    asked(one, set_clock(one.device, QN, int(time.time())))
    shown = device_time(asked(one, clock_request(one.device, QN))[1], one.device.zone)
    assert shown is not None
    assert abs(shown - time.time()) < 60


@pytest.mark.parametrize(("cn", "words"), [("1062", ["ready to execute", "success"]), ("3012", ["CN wrong"])])
def test_other_requests_are_answered_as_the_standard_says(cn: str, words: list[str]) -> None:
    answers = [read_answer(frame) for frame in asked(logger(), request(cn, device=device(), qn=QN))]
    assert [each.words for each in answers if each] == words
    wrong = [read_answer(frame) for frame in asked(logger(), request(cn, device=device(password="654321"), qn=QN))]
    assert [each.words for each in wrong if each] == ["PW wrong"]


def test_hours_in_packets_hold_every_item() -> None:
    one, packets, gathered = logger("packets"), Packets(), Gathered()
    for _ in range(24 * 12 + 1):
        one.advance()
    assert one.tally.counts["packets"] > 0
    hourly = [frame for frame in queued(one) if frame.cn == "2061"]
    assert len(hourly) == 24 + one.tally.counts["packets"]
    for frame in hourly:
        whole = packets.add(frame, 0.0)
        assert whole is not None
        gathered.add(whole, one.device)
    assert len(gathered) == 24 * 6 * 3


def test_flags_are_of_the_standard_and_some_values_are_empty() -> None:
    one, gathered = logger("flags"), Gathered()
    for _ in range(300):
        one.advance()
        gathered.add(queued(one)[0], one.device)
        one.queue.clear()
    flags = Counter(gathered.table(0)["flag"].to_pylist())
    assert flags["invalid"] > 0
    assert flags["suspect"] > 0
    assert flags["valid"] > 1000
    assert flags.total() < 1800
