"""What is remembered of devices is bounded and right: gaps, frames that came lately, how much a device may send."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from commonshed.observe.gateway.asking import Asking, Request
from commonshed.observe.gateway.limits import Bucket, Doors, Limits
from commonshed.observe.gateway.recent import Recent
from commonshed.observe.gateway.sessions import HOUR, Gaps
from commonshed.observe.hj212 import Answer

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
