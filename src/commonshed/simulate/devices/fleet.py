"""Many made-up devices at once, each on a connection of its own."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import Callable, Sequence

from commonshed.errors import FrameError
from commonshed.observe.hj212 import Device, Frame, Framer, RawFrame, parse, protocol
from commonshed.simulate.devices.logger import Logger, Outgoing
from commonshed.simulate.devices.plan import Plan, Tally

__all__ = ["play", "playing", "simulated_devices"]

_UNITS = {"a34004": "ug/m3", "a34002": "ug/m3", "a05024": "ug/m3"}
_RECONNECT = (0.05, 2.0)  # s: at first, at most
_READ = 65_536

Report = Callable[[float], None]
"""Told the part that is over, from 0 to 1."""


def simulated_devices(stations: Sequence[str], count: int, *, seed: int = 212) -> tuple[Device, ...]:
    """Registrations of made-up devices, taking turns at the stations.

    Their passwords follow from the seed, so that a gateway and a play of devices can agree without a word.
    """
    return tuple(
        Device(
            mn=f"SIMULATED{i + 1:015d}",
            password=f"{(seed * 7919 + i * 104_729) % 10**6:06d}",
            station=stations[i % len(stations)],
            units=_UNITS,
        )
        for i in range(count)
    )


def play(plan: Plan, *, report: Report | None = None) -> Tally:
    """Play devices against a gateway until the time is over, then wait for the last answers.

    Raises
    ------
    OSError
        Nobody listens there.
    """
    return asyncio.run(playing(plan, report=report))


async def playing(plan: Plan, *, report: Report | None = None) -> Tally:
    """The same, within a loop that runs already."""
    await _somebody_listens(plan)
    start = plan.start
    if start is None:
        start = int(time.time()) - round(plan.seconds * plan.rate) * plan.step
    ends = asyncio.get_running_loop().time() + plan.seconds
    clients = [_Client(_played(device, i, plan), plan, start, ends) for i, device in enumerate(plan.devices)]
    tasks = [asyncio.create_task(client.run()) for client in clients]
    besides = [asyncio.create_task(_telling(report, plan.seconds))] if report else []
    slow = Tally()
    if "slow" in plan.faults:
        besides.append(asyncio.create_task(_slow_connection(plan, slow)))
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in [*tasks, *besides]:
            task.cancel()
        await asyncio.gather(*tasks, *besides, return_exceptions=True)
    return slow.total(client.tally for client in clients)


async def _somebody_listens(plan: Plan) -> None:
    _, writer = await asyncio.open_connection(plan.host, plan.port)
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


def _played(device: Device, i: int, plan: Plan) -> Device:
    if "password" not in plan.faults or i % 10:
        return device
    return dataclasses.replace(device, password="wrong!")


async def _telling(report: Report, seconds: float) -> None:
    began = asyncio.get_running_loop().time()
    while True:
        report(min((asyncio.get_running_loop().time() - began) / seconds, 1.0))
        await asyncio.sleep(0.2)


async def _slow_connection(plan: Plan, tally: Tally) -> None:
    """A connection that holds a place and never sends a frame; opened again when it is cut."""
    while True:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(plan.host, plan.port)
            tally.counts["slow"] += 1
            try:
                while True:
                    writer.write(b"#")
                    await writer.drain()
                    await asyncio.sleep(1.0)
            finally:
                writer.close()
        await asyncio.sleep(1.0)


class _Client:
    """One device on its connection."""

    def __init__(self, device: Device, plan: Plan, start: int, ends: float) -> None:
        self.tally = Tally()
        self._plan = plan
        self._ends = ends
        self._logger = Logger(device, plan, self.tally, start)
        self._waiting: dict[str, Outgoing] = {}
        self._moved = asyncio.Event()
        self._lost = False
        self._due = 0.0

    async def run(self) -> None:
        """Connect, send, connect again, until the time is over and everything is answered."""
        loop = asyncio.get_running_loop()
        # Real loggers do not all send in the same moment.
        await asyncio.sleep(self._logger.chance.random() * min(1 / self._plan.rate, self._plan.seconds / 2))
        self._due = loop.time()
        pause = _RECONNECT[0]
        while not self._done(loop.time()):
            try:
                await self._session()
                pause = _RECONNECT[0]
            except OSError:
                self.tally.counts["lost connections"] += 1
                await asyncio.sleep(pause)
                pause = min(2 * pause, _RECONNECT[1])
        self.tally.counts["unanswered"] += len(self._waiting)
        self.tally.counts["unsent"] += len(self._logger.queue)

    def _done(self, now: float) -> bool:
        if now < self._ends:
            return False
        return not (self._waiting or self._logger.queue) or now > self._ends + 2 * self._plan.waits

    async def _session(self) -> None:
        reader, writer = await asyncio.open_connection(self._plan.host, self._plan.port)
        self.tally.counts["connections"] += 1
        self._lost = False
        listening = asyncio.create_task(self._listen(reader, writer))
        try:
            for outgoing in self._waiting.values():
                self._write(writer, outgoing)
            await self._send(writer)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _send(self, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        while not self._done(loop.time()):
            if self._lost:
                raise ConnectionResetError
            now = loop.time()
            while self._due <= now < self._ends:
                self._logger.advance()
                self._due += 1 / self._plan.rate
            self._resend(writer, now)
            while self._logger.queue and len(self._waiting) < self._plan.window:
                self._first(writer, self._logger.queue.popleft())
            await writer.drain()
            self._moved.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._moved.wait(), self._until_next(loop.time()))

    def _until_next(self, now: float) -> float:
        times = [self._due if now < self._ends else self._ends + 2 * self._plan.waits]
        times += [outgoing.sent + self._plan.waits for outgoing in self._waiting.values()]
        return max(min(times) - now, 0.001)

    def _resend(self, writer: asyncio.StreamWriter, now: float) -> None:
        """What was not answered in time goes out again; after the last time the line counts as broken.

        References
        ----------
        HJ 212-2017, 6.2.1 and table 1.
        """
        for outgoing in list(self._waiting.values()):
            if now - outgoing.sent < self._plan.waits:
                continue
            if outgoing.tries > protocol().retries:
                self.tally.counts["given up"] += 1
                outgoing.tries = 0
                raise ConnectionResetError
            self.tally.counts["resent"] += 1
            self._write(writer, outgoing)

    def _first(self, writer: asyncio.StreamWriter, outgoing: Outgoing) -> None:
        """Send a frame for the first time, with the faults that may befall it."""
        logger = self._logger
        if outgoing.wants_answer:
            self._waiting[outgoing.qn] = outgoing
        self.tally.counts["sent"] += outgoing.wants_answer
        if logger.fault("garbage", 0.1):
            writer.write(logger.chance.randbytes(logger.chance.randrange(1, 80)))
        if logger.fault("crc", 0.02):
            outgoing.tries, outgoing.sent = 1, asyncio.get_running_loop().time()
            writer.write(outgoing.whole[:-6] + b"0000\r\n")
            return
        if logger.fault("cut", 0.01):
            writer.write(outgoing.whole[: len(outgoing.whole) // 2])
            raise ConnectionResetError
        self._write(writer, outgoing)
        if logger.fault("restart", 0.005):
            logger.booted()
            raise ConnectionResetError

    def _write(self, writer: asyncio.StreamWriter, outgoing: Outgoing) -> None:
        outgoing.tries += 1
        outgoing.sent = asyncio.get_running_loop().time()
        writer.write(outgoing.whole)

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        framer = Framer()
        with contextlib.suppress(OSError):
            while data := await reader.read(_READ):
                for raw in framer.feed(data):
                    if isinstance(raw, RawFrame) and raw.crc_right:
                        with contextlib.suppress(FrameError):
                            self._heard(parse(raw.text), writer)
                self._moved.set()
        self._lost = True
        self._moved.set()

    def _heard(self, frame: Frame, writer: asyncio.StreamWriter) -> None:
        if frame.cn in ("9013", "9014"):
            self._answered(frame, writer)
        elif frame.cn == "9011":
            self._waiting.pop(frame.qn, None)
            self.tally.refusals[protocol().qn_rtn.get(frame.fields.get("QnRtn", ""), "unknown")] += 1
        else:
            for answer in self._logger.answer(frame):
                writer.write(answer)

    def _answered(self, frame: Frame, writer: asyncio.StreamWriter) -> None:
        outgoing = self._waiting.pop(frame.qn, None)
        if outgoing is None:
            return
        self.tally.counts["acknowledged"] += 1
        self.tally.delays.append(asyncio.get_running_loop().time() - outgoing.sent)
        if outgoing.cn in protocol().periods:
            self.tally.acknowledged.append((frame.mn, outgoing.cn, outgoing.data_time))
        if self._logger.fault("again", 0.02):
            writer.write(outgoing.whole)
