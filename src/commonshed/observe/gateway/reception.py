"""What becomes of a frame: who sent it, may it be taken, what is answered and what is asked in return.

Nothing is answered here: an answer goes into the turn that makes the frame durable.
"""

from __future__ import annotations

import hmac
import time
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from commonshed.errors import FrameError
from commonshed.observe.gateway.devices import Registration, Registrations
from commonshed.observe.gateway.durable import Committer
from commonshed.observe.gateway.frames import Kept, line
from commonshed.observe.gateway.limits import Doors, Limits
from commonshed.observe.gateway.refusals import QN_RTN
from commonshed.observe.gateway.sessions import Refused, Session
from commonshed.observe.gateway.upkeep import Upkeep
from commonshed.observe.hj212.answers import data_ack, notice_ack, read_answer, request_ack
from commonshed.observe.hj212.frame import Frame, blanked, moment, parse, whole_frame
from commonshed.observe.hj212.framing import RawFrame
from commonshed.observe.hj212.packets import Packets
from commonshed.observe.hj212.protocol import protocol
from commonshed.observe.hj212.shapes import Refusal
from commonshed.periods import Zone

__all__ = ["Reception", "Sender", "data_time"]

_SEGMENT = 120  # bytes of a refused frame that are shown
_MOST_SESSIONS = 20_000
_MOST_FIELDS = 64  # of one device that are told once each
_MOST_TIMES = 4096
_NOTICES = ("1013", "9015")
_ANSWERS = ("9011", "9012", "9013", "9014")


class Sender(Protocol):
    """The connection a frame came by."""

    address: str
    admitted: dict[str, Session]
    """Devices that have sent here, by MN."""

    def answer(self, whole: bytes) -> None:
        """Send bytes to the other side."""

    def refused(self) -> None:
        """One of its frames was not taken."""

    def took(self) -> None:
        """One of its frames was taken."""

    def cut(self, reason: str) -> None:
        """End it."""


class Reception:
    """Takes frames of all connections.

    Parameters
    ----------
    registrations : mapping of MN to Registration
    committer : Committer
    limits : Limits
    strict : bool
        What breaks the standard is refused, and refusals are answered with 9011 and their code.
    known : mapping of MN to what the state file said
    """

    def __init__(
        self,
        registrations: Registrations,
        committer: Committer,
        *,
        doors: Doors,
        limits: Limits,
        strict: bool = False,
        known: Mapping[str, Any] | None = None,
    ) -> None:
        self.committer = committer
        self.doors = doors
        self.limits = limits
        self.strict = strict
        self.registrations: Registrations = {}
        self.sessions: dict[str, Session] = {}
        self.refused: Counter[str] = Counter()
        self.latest: deque[Refused] = deque(maxlen=50)
        self.frames = 0
        self.upkeep = Upkeep(limits)
        self._known = known or {}
        self._admitted: dict[tuple[str, str, str], tuple[Session, Registration]] = {}
        self._packets = Packets()
        self._tails: dict[tuple[str, str, int], bytes] = {}
        self._data = frozenset(protocol().periods)
        self.register(registrations)

    def register(self, registrations: Registrations) -> None:
        """These devices may send from now on; others may no longer."""
        self.registrations = registrations
        self._admitted.clear()
        for mn in registrations:
            if mn not in self.sessions:
                self.sessions[mn] = Session(mn, self.limits, self._known.get(mn))

    def forget(self) -> None:
        """What was gathered is lost: nothing came lately."""
        for session in self.sessions.values():
            session.recent.forget()

    def frame(self, sender: Sender, raw: RawFrame, now: float) -> None:
        """Take or refuse a frame. [monotonic s]"""
        if not raw.crc_right:
            self._refuse(sender, raw, None, "crc")
            return
        if self.strict and not raw.length_right:
            self._refuse(sender, raw, None, "length")
            return
        try:
            frame = parse(raw.text, strict=self.strict)
        except FrameError as error:
            self._refuse(sender, raw, None, "form", str(error))
            return
        admitted = self._admitted.get((frame.mn, frame.pw, frame.st)) or self._admit(sender, raw, frame, now)
        if admitted is None:
            return
        session, registration = admitted
        if not session.bucket.take(now):
            self._refuse(sender, raw, frame, "flood")
            sender.cut("flood")
            return
        if sender.admitted.get(frame.mn) is not session:
            self._arrived(sender, session, registration, now)
        self._take(sender, raw, frame, session, registration, now)

    def recover(self, kept: Iterable[Kept]) -> int:
        """Take up messages whose packets came before a power cut; how many packets were looked at.

        A message that was complete then is taken once more: sealing drops what is equal.
        """
        count = 0
        for each in kept:
            try:
                frame = parse(each.whole[6:-4])
                registration = self.registrations.get(frame.mn)
                if registration is None or frame.cn not in self._data:
                    continue
                count += 1
                if (whole := self._packets.add(frame, time.monotonic())) is not None:
                    told = self.committer.turn.gathered.add(whole, registration.device)
                    self.committer.turn.rows += told.taken
            except FrameError:
                continue
        self.committer.gathered()
        return count

    def gone(self, sender: Sender) -> None:
        """A connection ended."""
        for session in sender.admitted.values():
            session.connections -= 1
            if session.asking_by is sender:
                session.asking_by = None
                session.asking.lost()

    def owes(self, sender: Sender) -> bool:
        """Whether an answer is to go there when the disk has done its work."""
        return self.committer.owes(sender)

    def cut(self, sender: Sender, reason: str) -> None:
        """A connection was ended by us."""
        self.refused[reason] += 1
        mns = ", ".join(list(sender.admitted)[:3])
        for session in sender.admitted.values():
            session.refused[reason] += 1
        self.latest.append(Refused(int(time.time()), sender.address, mns, reason, "the connection was cut"))

    def garbage(self, sender: Sender, count: int, sample: bytes, why: str) -> None:
        """Bytes came that belong to no frame."""
        self.refused["garbage"] += 1
        for session in sender.admitted.values():
            session.refused["garbage"] += 1
        shown = f"{count} bytes, {why}: {blanked(sample)!r}"
        mns = ", ".join(list(sender.admitted)[:3])
        self.latest.append(Refused(int(time.time()), sender.address, mns, "garbage", shown))

    def _admit(self, sender: Sender, raw: RawFrame, frame: Frame, now: float) -> tuple[Session, Registration] | None:
        registration = self.registrations.get(frame.mn)
        if registration is None:
            self._refuse(sender, raw, frame, "unknown-mn")
            return None
        device = registration.device
        if self.doors.banned(sender.address, frame.mn, now):
            self._refuse(sender, raw, frame, "guessing")
            return None
        if not hmac.compare_digest(frame.pw.encode(), device.password.encode()):
            self.doors.guessed(sender.address, frame.mn, now)
            self._refuse(sender, raw, frame, "wrong-password")
            return None
        if device.st is not None and frame.st not in (*device.st, "91"):
            self._refuse(sender, raw, frame, "wrong-st", f"ST {frame.st[:8]}; allowed: {', '.join(device.st)}")
            return None
        if self.strict and frame.version != device.version:
            detail = f"version {frame.version}, registered: {device.version}"
            self._refuse(sender, raw, frame, "wrong-version", detail)
            return None
        admitted = self.sessions[frame.mn], registration
        if not self.strict:  # the version is a matter of each frame
            if len(self._admitted) > 2 * _MOST_SESSIONS:
                self._admitted.clear()
            self._admitted[frame.mn, frame.pw, frame.st] = admitted
        return admitted

    def _arrived(self, sender: Sender, session: Session, registration: Registration, now: float) -> None:
        sender.admitted[session.mn] = session
        session.connections += 1
        session.asking_by = sender
        self.upkeep.connected(session, registration, now)

    def _take(
        self,
        sender: Sender,
        raw: RawFrame,
        frame: Frame,
        session: Session,
        registration: Registration,
        now: float,
    ) -> None:
        wall = time.time()
        mark = session.recent.mark(raw.text)
        turn = self.committer.turn
        if mark is None:
            session.resent += 1
        else:
            is_data = frame.cn in self._data
            try:
                if is_data:
                    taken = self._data_of(sender, raw, frame, session, registration, wall)
                else:
                    taken = self._other(frame, session, registration, now, wall)
            except FrameError as error:
                self._refuse(sender, raw, frame, "form", str(error))
                return
            if not taken:
                return
            session.recent.add(mark)
            turn.lines.append(line(int(wall * 1000), _blanked(raw.whole, frame, is_data=is_data)))
            if is_data and now >= session.heard_at:
                self.upkeep.heard(session, registration, frame, wall, now)
        turn.frames += 1
        self.frames += 1
        session.frames += 1
        session.bytes += len(raw.whole)
        session.last_frame = int(wall)
        if frame.wants_answer and (answer := self._answer(frame)) is not None:
            turn.answer(sender, answer)
        sender.took()
        self.committer.gathered()

    def _data_of(
        self, sender: Sender, raw: RawFrame, frame: Frame, session: Session, registration: Registration, wall: float
    ) -> bool:
        """Gather readings; whether anything of the frame is kept."""
        device = registration.device
        whole = frame if frame.pnum is None else self._packets.add(frame, time.monotonic())
        if whole is None:
            return True  # its text is kept as it came, and read again should we die before the others are there
        turn = self.committer.turn
        latest = int(wall + self.limits.ahead)
        told = turn.gathered.add(whole, device, latest=latest)
        if not told.taken and (second := data_time(whole.cp, device.zone)) is not None and second > latest:
            self._refuse(sender, raw, frame, "ahead", f"DataTime {device.zone.text(second)}")
            self.upkeep.ask_clock(session, registration)
            return False
        for refusal in told.refused:
            self._left_out(sender, session, refusal)
        if not told.taken and self.strict:
            self._refuse(sender, raw, frame, "no-reading", "; ".join(map(str, told.refused[:3])))
            return False
        turn.rows += told.taken
        session.readings += told.taken
        session.last_data = int(wall)
        session.sends.add(frame.cn)
        if frame.cn == "2061" and (hour := data_time(whole.cp, device.zone)) is not None:
            session.gaps.came(hour)
            self.upkeep.hourly(session, registration, time.monotonic())
        return True

    def _answer(self, frame: Frame) -> bytes | None:
        """What the standard answers to it."""
        if frame.cn in _ANSWERS:
            return None
        if frame.cn in _NOTICES:
            return notice_ack(frame)
        # Acknowledgements of one device differ in QN alone.
        key = frame.pw, frame.mn, frame.version
        tail = self._tails.get(key)
        if tail is None or not frame.qn:
            whole = data_ack(frame)
            if len(self._tails) > 2 * _MOST_SESSIONS:
                self._tails.clear()
            if frame.qn:
                self._tails[key] = whole[6:-6].removeprefix(b"QN=%b" % frame.qn.encode())
            return whole
        return whole_frame(b"QN=%b%b" % (frame.qn.encode(), tail))

    def _other(self, frame: Frame, session: Session, registration: Registration, now: float, wall: float) -> bool:
        """What is no data: answers to us, clocks, notices; the rest is kept as it came. Always taken."""
        if frame.cn in ("9011", "9012"):
            if (answer := read_answer(frame)) is not None:
                self.upkeep.answered(session, registration, answer, now)
        elif frame.cn == "1011":
            self.upkeep.clock(session, registration, frame, wall)
        elif frame.cn == "1013":
            self.upkeep.set_clock(session, registration)
        return True

    def _left_out(self, sender: Sender, session: Session, refusal: Refusal) -> None:
        session.refused["reading"] += 1
        self.refused["reading"] += 1
        if refusal.field in session.left_out:
            return  # one code that nobody knows comes with every frame: other refusals are to be seen, too
        if len(session.left_out) < _MOST_FIELDS:
            session.left_out.add(refusal.field)
        self.latest.append(Refused(int(time.time()), sender.address, session.mn, "reading", str(refusal)))

    def _refuse(self, sender: Sender, raw: RawFrame, frame: Frame | None, reason: str, detail: str = "") -> None:
        self.refused[reason] += 1
        mn = _only(sender.admitted) if frame is None else frame.mn[:32]
        if (session := self.sessions.get(mn)) is not None:
            session.refused[reason] += 1
        shown = detail or blanked(raw.whole[:_SEGMENT]).decode("utf-8", "replace")
        self.latest.append(Refused(int(time.time()), sender.address, mn, reason, shown))
        if self.strict and frame is not None and reason in QN_RTN and frame.wants_answer:
            sender.answer(request_ack(frame._replace(pw=""), QN_RTN[reason]))
        sender.refused()


_times: dict[tuple[str, int], int | None] = {}


def data_time(cp: str, zone: Zone) -> int | None:
    """DataTime of a data frame; None: it has none that is a time. [UTC s]"""
    at = cp.find("DataTime=")
    if at < 0:
        return None
    key = (cp[at + 9 : at + 23], zone.minutes)
    try:
        return _times[key]
    except KeyError:
        pass
    found = moment(key[0])
    second = None
    if found is not None:
        second = zone.first_second(found.date()) + found.hour * 3600 + found.minute * 60 + found.second
    if len(_times) >= _MOST_TIMES:
        _times.clear()
    _times[key] = second
    return second


def _only(admitted: Mapping[str, Session]) -> str:
    """Who has sent here, if that is one device: then what cannot be read is of it, too."""
    return next(iter(admitted)) if len(admitted) == 1 else ""


def _blanked(whole: bytes, frame: Frame, *, is_data: bool) -> bytes:
    """The frame without its password. Data hold it in one place, which is known; other frames are searched through."""
    if not is_data:
        return blanked(whole)
    word = frame.pw.encode()
    return whole.replace(b"PW=" + word, b"PW=" + b"*" * len(word), 1)
