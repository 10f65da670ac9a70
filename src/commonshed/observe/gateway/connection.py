"""One connection of a device: bytes in, frames to the reception, answers out, and patience that ends."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from math import inf
from typing import Any

from commonshed.observe.gateway.limits import Limits
from commonshed.observe.gateway.reception import Reception
from commonshed.observe.gateway.sessions import Session
from commonshed.observe.hj212.framing import Framer, RawFrame

__all__ = ["Connection"]

_ANSWER_BYTES = 1 << 17  # that the system holds for one device which does not take them
_SHARE = memoryview(bytearray(1 << 16))
_PARTING = 2.0  # s in which answers still go to a device that says nothing more


class Connection(asyncio.BufferedProtocol):
    """Speaks with one device, or with a logger that speaks for several.

    No more is read at a time than a share: who has sent much does not keep the others waiting, and when reading is to
    stop not much comes behind.

    Parameters
    ----------
    reception : Reception
    limits : Limits
    strict : bool
    opened : callable
        Told when it is there; False: it may not stay.
    closed : callable
        Told when it has gone.
    """

    def __init__(
        self,
        reception: Reception,
        limits: Limits,
        *,
        strict: bool,
        opened: Callable[[Connection], bool],
        closed: Callable[[Connection], None],
    ) -> None:
        self.address = ""
        self.admitted: dict[str, Session] = {}
        self._reception = reception
        self._limits = limits
        self._opened, self._closed = opened, closed
        self._framer = Framer(strict=strict)
        self._transport: asyncio.Transport | None = None
        self._clock = asyncio.get_running_loop().time
        self._taken_at = 0.0
        self._begun_at: float | None = None
        self._leaving_since: float | None = None
        self._taken = False
        self._stray = 0
        self._refusals = 0
        self._cut = False

    # ── what asyncio calls ──

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The device is there."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if peer else ""
        self._taken_at = self._clock()
        _patient(transport.get_extra_info("socket"))
        if not self._opened(self):
            self._cut = True
            transport.abort()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where bytes are put: one place for all connections, for they are taken out at once."""
        del sizehint
        return _SHARE

    def buffer_updated(self, nbytes: int) -> None:
        """Bytes came."""
        now = self._clock()
        frame = self._reception.frame
        pieces = self._framer.feed(bytes(_SHARE[:nbytes]))
        for piece in pieces:
            if self._cut:
                return
            if isinstance(piece, RawFrame):
                frame(self, piece, now)
            else:
                self._garbage(piece.bytes, piece.sample, piece.why)
        if not self._framer.pending:
            self._begun_at = None
        elif pieces or self._begun_at is None:
            self._begun_at = now

    def eof_received(self) -> bool:
        """The device says nothing more, and may still wait for answers."""
        self._leave()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """The device is gone."""
        del exc
        self._cut = True
        self._reception.gone(self)
        self._closed(self)

    # ── what the reception calls ──

    def answer(self, whole: bytes) -> None:
        """Send answers on, if the device is still there and takes them."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        transport.write(whole)
        if transport.get_write_buffer_size() > self._limits.unsent:
            self.cut("unsent")
            transport.abort()
        elif self._leaving_since is not None:
            self._leave()

    def took(self) -> None:
        """A frame was taken."""
        self._taken = True
        self._taken_at = self._clock()
        self._refusals = self._stray = 0

    def refused(self) -> None:
        """A frame was refused."""
        self._refusals += 1
        if self._refusals >= self._limits.refusals:
            self.cut("refusals")

    def cut(self, reason: str) -> None:
        """Listen no more, and end it when what was taken is answered; the reason is counted."""
        if self._cut:
            return
        self._cut = True
        self._reception.cut(self, reason)
        self.hold(on=True)
        self._leave()

    # ── what the server calls ──

    def check(self, now: float) -> None:
        """End it when its time is over. [monotonic s]"""
        limits = self._limits
        if self._leaving_since is not None:
            if now - self._leaving_since > _PARTING and self._transport is not None:
                self._transport.abort()
        elif now - min(self._waits_since(), now) > limits.first_frame:
            self.cut("slow")
        elif now - self._taken_at > limits.idle:
            self.cut("idle")

    def _waits_since(self) -> float:
        """Since when a first frame, or the end of one that has begun, is awaited; [monotonic s]"""
        since = inf if self._taken else self._taken_at
        return min(since, inf if self._begun_at is None else self._begun_at)

    def hold(self, *, on: bool) -> None:
        """Stop reading, or go on: whoever sends has to wait."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if on:
            transport.pause_reading()
            return
        if self._cut:
            return
        transport.resume_reading()
        if self._begun_at is not None:
            self._begun_at = self._clock()  # that its end did not come yet was our doing

    def end(self) -> None:
        """Close when what was written has gone."""
        self._cut = True
        self._leave()

    def _leave(self) -> None:
        """Close, unless something is still to be answered."""
        if self._leaving_since is None:
            self._leaving_since = self._clock()
        if self._transport is not None and not self._reception.owes(self):
            self._transport.close()

    def _garbage(self, count: int, sample: bytes, why: str) -> None:
        self._stray += count
        self._reception.garbage(self, count, sample, why)
        if self._stray > self._limits.stray_bytes:
            self.cut("garbage")


def _patient(connected: Any) -> None:
    """Notice a device that went without a word, and send answers at once."""
    if connected is None:
        return
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _ANSWER_BYTES)
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 20), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, name):
            connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
