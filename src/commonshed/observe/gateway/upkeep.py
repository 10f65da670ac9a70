"""Keeping devices in order: their clocks, and the hours of which nothing came.

A clock is asked for when a device connects and when the QN of its frames looks off; it is set where the registration
allows that. What is missing is seen in hourly data, because these come at known times, and asked for by name: the
hours, and what else the device sends of that stretch.
"""

from __future__ import annotations

from datetime import UTC, datetime

from commonshed.observe.gateway.asking import Request
from commonshed.observe.gateway.devices import Registration
from commonshed.observe.gateway.limits import Limits
from commonshed.observe.gateway.sessions import HOUR, Session
from commonshed.observe.hj212.answers import (
    Answer,
    backfill_request,
    clock_request,
    device_time,
    local_time,
    set_clock,
)
from commonshed.observe.hj212.frame import Frame
from commonshed.periods import Zone

__all__ = ["Upkeep", "request_number"]

_DAY = 24 * HOUR
_CLOCK_EVERY = 6 * HOUR  # s between two looks at a clock
_CLOCK_AGAIN = HOUR  # s between two, where QN says it is off
_QN_EVERY = 10.0  # s between two QN that are looked at
_QN_WINDOW = 300.0  # s in which the best of them counts
_MOST_ASKED = 10_000  # stretches remembered
_BACKFILL_EVERY = 600.0  # s between two requests for the same stretch
_BACKFILL_TRIES = 3
_NO_DATA = "100"


class Upkeep:
    """Decides what is asked of which device."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._asked: dict[tuple[str, int, int], tuple[int, float]] = {}

    def connected(self, session: Session, registration: Registration, now: float) -> None:
        """A device has come, or come back. [monotonic s]"""
        if session.clock_checked is None or now - session.clock_checked > _CLOCK_EVERY:
            session.clock_checked = now
            self.ask_clock(session, registration)

    def heard(self, session: Session, registration: Registration, frame: Frame, wall: float, now: float) -> None:
        """Look at the QN of a frame now and then: it is the time at which the device sent it. [UTC s] [monotonic s]

        A frame may come late and cannot come early, so of some minutes the frame that looks least late counts.
        """
        session.heard_at = now + _QN_EVERY
        told = device_time(frame, registration.device.zone) if frame.cn == "2011" else None
        if told is None:
            return
        offset = round(told + 0.5 - wall)
        session.best_offset = offset if session.best_offset is None else max(offset, session.best_offset)
        session.judged_at = session.judged_at or now + _QN_WINDOW
        if now < session.judged_at:
            return
        found, session.best_offset = session.best_offset, None
        session.judged_at = now + _QN_WINDOW
        if session.clock_checked is None or not session.clock_told:
            session.clock_offset = found
        if abs(found) > self.limits.clock and now - (session.clock_checked or -_CLOCK_EVERY) >= _CLOCK_AGAIN:
            session.clock_checked = now
            self.ask_clock(session, registration)

    def ask_clock(self, session: Session, registration: Registration) -> None:
        """What time is it there?"""
        device = registration.device
        session.asking.ask(Request("1011", "clock", lambda qn: clock_request(device, qn)))

    def clock(self, session: Session, registration: Registration, frame: Frame, wall: float) -> None:
        """A device said what time it is there. [UTC s]"""
        told = device_time(frame, registration.device.zone)
        if told is None:
            return
        session.clock_told = True
        session.clock_offset = round(told + 0.5 - wall)
        if abs(session.clock_offset) > self.limits.clock and wall - session.clock_set_at > _CLOCK_AGAIN:
            session.clock_set_at = wall
            self.set_clock(session, registration)

    def set_clock(self, session: Session, registration: Registration) -> None:
        """Set its clock, where the registration allows it."""
        if not registration.set_clock:
            return
        device = registration.device
        session.asking.ask(Request("1012", "set clock", lambda qn: set_clock(device, qn, _second_of(qn, device.zone))))

    def hourly(self, session: Session, registration: Registration, now: float) -> None:
        """Ask for the hours that are missing. [monotonic s]"""
        if not registration.backfill:
            return
        for first, last in list(session.gaps.runs):
            tries, next_at = self._asked.get((session.mn, first, last), (0, 0.0))
            if now < next_at:
                continue
            if tries >= _BACKFILL_TRIES:
                self._give_up(session, first, last)
                continue
            if len(self._asked) >= _MOST_ASKED:
                self._asked.clear()
            self._asked[session.mn, first, last] = (tries + 1, now + _BACKFILL_EVERY)
            self._ask_for(session, registration, first, last)

    def answered(self, session: Session, registration: Registration, answer: Answer, now: float) -> None:
        """A device answered a request. [monotonic s]"""
        ended = session.asking.answered(answer, now)
        if ended is None:
            return
        if ended.cn == "1012" and answer.good:
            self.ask_clock(session, registration)  # did it help?
        if ended.cn == "2061" and ended.stretch is not None and (answer.cn, answer.code) == ("9012", _NO_DATA):
            self._give_up(session, *ended.stretch)

    def _ask_for(self, session: Session, registration: Registration, first: int, last: int) -> None:
        device = registration.device
        stretches = {"2061": (first, last), "2051": (first, last + HOUR - device.minute_interval * 60)}
        days = _whole_days(first, last, device.zone)
        if days is not None:
            stretches["2031"] = days
        for cn, (begin, end) in stretches.items():
            if cn == "2061" or cn in session.sends:
                words = f"{device.zone.text(begin)} to {device.zone.text(end)}"
                session.asking.ask(
                    Request(
                        cn,
                        words,
                        lambda qn, cn=cn, begin=begin, end=end: backfill_request(  # type: ignore[misc]
                            cn, begin, end, device=device, qn=qn
                        ),
                        stretch=(first, last),
                    )
                )

    def _give_up(self, session: Session, first: int, last: int) -> None:
        self._asked.pop((session.mn, first, last), None)
        session.gaps.give_up(first, last)


def request_number(zone: Zone, milliseconds: int) -> str:
    """QN of a request: local time of the device with milliseconds. [UTC ms]"""
    return f"{local_time(milliseconds // 1000, zone)}{milliseconds % 1000:03d}"


def _second_of(qn: str, zone: Zone) -> int:
    """The instant a request is numbered by: the time a clock is set to. [UTC s]"""
    moment = datetime.strptime(qn[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return int(moment.timestamp()) - zone.minutes * 60


def _whole_days(first: int, last: int, zone: Zone) -> tuple[int, int] | None:
    """Starts of the first and of the last natural day that lies whole within the hours; None: none does."""
    begin = zone.first_second(zone.day_of(first + _DAY - 1))
    end = zone.first_second(zone.day_of(last + HOUR)) - _DAY
    return (begin, end) if begin <= end else None
