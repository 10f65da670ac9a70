"""What the gateway asks of a device: one request at a time, sent again when nothing answers, given up in the end.

A device answers a request twice: 9011 says whether it takes it, 9012 how it ended. Data that was asked for comes in
between, as data always do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from commonshed.observe.hj212.answers import Answer
from commonshed.observe.hj212.protocol import protocol

__all__ = ["Asking", "Request"]

_EXECUTION = 300.0  # s a device may take to do what it was asked
_MOST_WAITING = 16


@dataclass
class Request:
    """Something to ask.

    Attributes
    ----------
    cn : str
    words : str
        For people: "hours 2026-03-05T08:00 to 2026-03-05T10:00".
    frame : callable
        The whole frame for a QN; a request that is sent again has the same one.
    stretch : tuple of int, optional
        The hours it is for, first and last. [UTC s]
    """

    cn: str
    words: str
    frame: Callable[[str], bytes]
    stretch: tuple[int, int] | None = None
    qn: str = ""
    tries: int = 0
    until: float = 0.0
    taken: bool = False


class Asking:
    """The requests to one device, in order."""

    def __init__(self) -> None:
        self._waiting: deque[Request] = deque()
        self._current: Request | None = None
        self.outcome = ""

    def ask(self, request: Request) -> bool:
        """Put a request behind the others; False when it stands there already, or too many do."""
        same = (request.cn, request.words)
        held = [*self._waiting, *([self._current] if self._current else [])]
        if len(held) >= _MOST_WAITING or same in ((each.cn, each.words) for each in held):
            return False
        self._waiting.append(request)
        return True

    def tick(self, now: float, qn: Callable[[], str], send: Callable[[bytes], None]) -> None:
        """Send what is due: the next request, or the current one again. [monotonic s]"""
        current = self._current
        if current is not None and now < current.until:
            return
        if current is not None and (current.taken or current.tries > protocol().retries):
            self._end("no result came" if current.taken else "no answer came")
        if self._current is None:
            if not self._waiting:
                return
            self._current = self._waiting.popleft()
        current = self._current
        current.qn = current.qn or qn()
        current.tries += 1
        current.until = now + protocol().ack_timeout
        self.outcome = f"{current.cn}, {current.words}: asked"
        send(current.frame(current.qn))

    def answered(self, answer: Answer, now: float) -> Request | None:
        """Take an answer; the request when it has ended well or badly. [monotonic s]"""
        current = self._current
        if current is None or answer.qn != current.qn:
            return None
        if answer.cn == "9011" and answer.good:
            current.taken = True
            current.until = now + _EXECUTION
            self.outcome = f"{current.cn}, {current.words}: taken"
            return None
        self._end(answer.words)
        return current

    def lost(self) -> None:
        """The device is gone; what was asked is asked again when it comes back."""
        if self._current is not None:
            current, self._current = self._current, None
            current.tries, current.taken, current.until, current.qn = 0, False, 0.0, ""
            self._waiting.appendleft(current)

    def _end(self, how: str) -> None:
        assert self._current is not None
        self.outcome = f"{self._current.cn}, {self._current.words}: {how}"
        self._current = None
