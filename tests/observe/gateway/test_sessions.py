"""What is remembered of devices is bounded and right: gaps, frames that came lately, how much a device may send."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from tests.observe.gateway import making
from tests.observe.gateway.making import ZONE

from commonshed.observe.gateway.asking import Asking, Request
from commonshed.observe.gateway.limits import Bucket, Doors, Limits
from commonshed.observe.gateway.recent import Recent
from commonshed.observe.gateway.sessions import HOUR, Gaps, Session
from commonshed.observe.gateway.upkeep import Upkeep
from commonshed.observe.hj212 import Answer, Frame, Framer, RawFrame, parse

START = 1_772_000_000 // 3600 * 3600


@given(st.lists(st.integers(0, 60), min_size=1, max_size=80))
def test_gaps_are_the_hours_between_first_and_last_that_did_not_come(hours: list[int]) -> None:
    gaps = Gaps()
    for hour in hours:
        gaps.came(START + hour * HOUR)
    # What lies before the first hour that ever came was never awaited.
    awaited = set(range(hours[0], max(hours) + 1)) if max(hours) >= hours[0] else set()
    missing = {START + hour * HOUR for hour in awaited - set(hours)}
    found = {start for first, last in gaps.runs for start in range(first, last + 1, HOUR)}
    assert found == missing
    assert gaps.hours() == len(missing)


def test_gaps_are_bounded_and_a_month_is_asked_for_at_most() -> None:
    gaps = Gaps()
    for i in range(300):
        gaps.came(START + 2 * i * HOUR)
    assert len(gaps.runs) == 64
    gaps = Gaps()
    gaps.came(START)
    gaps.came(START + 5000 * HOUR)
    assert gaps.hours() == 31 * 24
    gaps.came(START + 7)  # no hour
    assert gaps.last == START + 5000 * HOUR


def test_the_filter_knows_the_last_frames_and_forgets_the_oldest() -> None:
    recent = Recent(size=10)
    for i in range(100):
        mark = recent.mark(b"%d" % i)
        assert mark is not None
        recent.add(mark)
    assert all(recent.mark(b"%d" % i) is None for i in range(90, 100))
    assert recent.mark(b"1") is not None
    assert len(recent._new) + len(recent._old) <= 20
    recent.forget()
    assert recent.mark(b"99") is not None


def test_a_device_may_send_a_burst_and_then_at_its_rate() -> None:
    bucket = Bucket(Limits(frames_per_second=10.0, burst=30.0))
    assert sum(bucket.take(100.0) for _ in range(50)) == 30
    assert sum(bucket.take(101.0) for _ in range(50)) == 10
    assert sum(bucket.take(1000.0) for _ in range(50)) == 30


def test_guesses_count_by_device_and_address_and_are_forgiven_in_time() -> None:
    doors = Doors(Limits(wrong_passwords=2, ban=60.0))
    doors.guessed("a", "1", 0.0)
    assert not doors.banned("a", "1", 1.0)
    doors.guessed("a", "1", 1.0)
    assert doors.banned("a", "1", 2.0)
    assert not doors.banned("a", "2", 2.0)
    assert not doors.banned("b", "1", 2.0)
    assert not doors.banned("a", "1", 62.0)


def sent_at(second: int) -> Frame:
    """A realtime frame with the QN of an instant."""
    raw = Framer().feed(making.frame(second))[0]
    assert isinstance(raw, RawFrame)
    return parse(raw.text)


def test_the_frame_that_looks_least_late_says_how_far_a_clock_is_off() -> None:
    upkeep = Upkeep(Limits(clock=60.0))
    session, registration = Session("1", Limits()), making.registered()
    wire = Wire()
    wire.asking = session.asking
    for i, late in enumerate((500, 200, 900, 300)):
        now = 1000.0 + 100 * i
        upkeep.heard(session, registration, sent_at(START + 100 * i - late), START + 100.0 * i, now)
        assert (session.clock_offset, session.heard_at) == (-200 if i == 3 else None, now + 10)
    wire.tick(2000.0)
    assert len(wire.sent) == 1  # its clock is asked for
    upkeep.clock(session, registration, sent_at(START), START + 5.5)  # and it told: that counts from now on
    for i in range(8):
        upkeep.heard(session, registration, sent_at(START - 400), START, 3000.0 + 100 * i)
    assert session.clock_offset == -5


def test_whole_days_within_missing_hours_are_asked_for_as_days_too() -> None:
    upkeep = Upkeep(Limits())
    session, registration = Session("1", Limits()), making.registered()
    session.sends |= {"2061", "2051", "2031"}
    midnight = ZONE.first_second(date(2026, 3, 5))
    session.gaps.came(midnight - 2 * HOUR)
    session.gaps.came(midnight + 49 * HOUR)  # from 23:00 of the 4th to 00:00 of the 7th nothing came
    upkeep.hourly(session, registration, 0.0)
    asked = [each.words for each in session.asking._waiting]
    assert asked == [
        "2026-03-04T23:00+08:00 to 2026-03-07T00:00+08:00",
        "2026-03-04T23:00+08:00 to 2026-03-07T00:50+08:00",
        "2026-03-05T00:00+08:00 to 2026-03-06T00:00+08:00",
    ]
    assert [each.cn for each in session.asking._waiting] == ["2061", "2051", "2031"]


def test_a_stretch_is_asked_for_three_times_and_then_given_up() -> None:
    upkeep = Upkeep(Limits())
    session, registration = Session("1", Limits()), making.registered()
    session.gaps.came(START)
    session.gaps.came(START + 3 * HOUR)
    for i in range(4):
        session.asking = Asking()
        upkeep.hourly(session, registration, 700.0 * i)
        upkeep.hourly(session, registration, 700.0 * i + 1)  # too soon
        assert len(session.asking._waiting) == (1 if i < 3 else 0)
    assert session.gaps.hours() == 0


class Wire:
    """What was sent to a device."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.asking = Asking()

    def tick(self, now: float) -> None:
        self.asking.tick(now, lambda: f"qn{len(self.sent)}", self.sent.append)


def request(words: str = "x") -> Request:
    """Something to ask."""
    return Request("1011", words, lambda qn: f"{words} {qn}".encode())


def test_a_request_is_sent_again_with_its_number_and_given_up_after_the_standard_s_retries() -> None:
    wire = Wire()
    wire.asking.ask(request())
    for second in range(100):
        wire.tick(float(second))
    assert wire.sent == [b"x qn0"] * 4
    assert wire.asking.outcome == "1011, x: no answer came"


def test_requests_wait_for_each_other_and_are_not_asked_twice() -> None:
    wire = Wire()
    assert [wire.asking.ask(request(words)) for words in ("a", "b", "a")] == [True, True, False]
    wire.tick(0.0)
    wire.tick(1.0)
    assert wire.sent == [b"a qn0"]
    assert wire.asking.answered(Answer("qn0", "9011", "1", "ready to execute", True), 1.0) is None
    wire.tick(60.0)  # it was taken: more patience
    assert wire.sent == [b"a qn0"]
    ended = wire.asking.answered(Answer("qn0", "9012", "1", "success", True), 61.0)
    assert ended is not None
    assert ended.words == "a"
    wire.tick(62.0)
    assert wire.sent == [b"a qn0", b"b qn1"]
    assert wire.asking.answered(Answer("qn0", "9012", "1", "success", True), 63.0) is None  # of another
    assert not all(wire.asking.ask(request(str(i))) for i in range(50))


def test_what_was_asked_of_a_device_that_went_is_asked_when_it_is_back() -> None:
    wire = Wire()
    wire.asking.ask(request())
    wire.tick(0.0)
    wire.asking.lost()
    wire.tick(0.5)
    assert wire.sent == [b"x qn0", b"x qn1"]
