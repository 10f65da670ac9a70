"""Devices that send as fast as they are answered, or at a pace, for benchmarks of the gateway: a process of its own.

It is given its :class:`Plan` as JSON, makes its frames first, says ``ready``, waits for a line, sends, and writes what
was acknowledged.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from commonshed.observe.hj212 import encode

MN = "010000A8900016F000{:06d}"
PASSWORD = "123456"
CODES = ("a34004", "a34002", "a21026", "a21004", "a21005", "a05024")
QUANTITIES = ("pm25", "pm10", "so2", "no2", "co", "o3")
UNITS = {"a34004": "ug/m3", "a34002": "ug/m3", "a21026": "ug/m3", "a21004": "ug/m3", "a05024": "ug/m3"}
FIRST = 1_767_225_600  # 2026-01-01T00:00Z: of the first frame; the k-th is k seconds later
_QN = re.compile(rb"QN=(\d{17});ST=91;CN=9014;")
_WORD = b"CN=9014"


@dataclass(frozen=True)
class Plan:
    """What is to be sent.

    Attributes
    ----------
    port, devices : int
    frames : int
        At most, over all devices.
    seconds : float
        For how long.
    window : int
        Frames of one device on their way at most.
    together : int
        Frames of one device that are written at once.
    rate : float
        Frames a second over all devices; 0: as fast as they are answered.
    out : str
        File for the answer.
    """

    port: int
    devices: int
    frames: int
    seconds: float
    window: int
    together: int
    rate: float
    out: str


def tenths(device: int, k: int, code: int) -> int:
    """What a device measured the k-th time, in tenths of the unit."""
    return (device * 37 + k * 11 + code * 101) % 2000


def frame(device: int, k: int) -> bytes:
    """The k-th frame of a device."""
    local = time.strftime("%Y%m%d%H%M%S", time.gmtime(FIRST + k + 8 * 3600))
    values = [tenths(device, k, code) for code in range(6)]
    items = ";".join(
        f"{code}-Rtd={value // 10}.{value % 10},{code}-Flag=N" for code, value in zip(CODES, values, strict=True)
    )
    return encode(
        qn=f"{local}000", st="22", cn="2011", pw=PASSWORD, mn=MN.format(device), flag=5, cp=f"DataTime={local};{items}"
    )


class Device(asyncio.Protocol):
    """Keeps so many frames on their way."""

    def __init__(self, plan: Plan, blobs: list[bytes], start: float, number: int) -> None:
        self.plan, self.blobs, self.start = plan, blobs, start
        self.every = plan.together * plan.devices / plan.rate if plan.rate else 0.0
        self.first = start + self.every * number / plan.devices
        self.sent = self.acknowledged = 0
        self.last = start
        self.heard: list[bytes] = []
        self.tail = b""
        self.sent_at: list[float] = []
        self.waited: list[float] = []
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.send()

    def data_received(self, data: bytes) -> None:
        """Count what is acknowledged and send more."""
        now = time.perf_counter()
        self.heard.append(data)
        held = self.tail + data
        self.tail = held[1 - len(_WORD) :]
        self.acknowledged += held.count(_WORD)
        self.last = now
        while (len(self.waited) + 1) * self.plan.together <= self.acknowledged:
            self.waited.append(now - self.sent_at[len(self.waited)])
        if not self.every:
            self.send()
        self.look()

    def send(self) -> None:
        """Send what is due."""
        now = time.perf_counter()
        while len(self.sent_at) < len(self.blobs) and self.due(now):
            self.transport.write(self.blobs[len(self.sent_at)])
            self.sent_at.append(now)
            self.sent += self.plan.together
        if self.every and not self.over(now):
            due = self.first + len(self.sent_at) * self.every
            asyncio.get_running_loop().call_later(max(due - now, 0.001), self.send)
        self.look()

    def due(self, now: float) -> bool:
        """Whether the next frames may go."""
        if self.over(now):
            return False
        if self.every:
            return now >= self.first + len(self.sent_at) * self.every
        return self.sent - self.acknowledged < self.plan.window

    def over(self, now: float) -> bool:
        """Whether nothing more is sent."""
        return now >= self.start + self.plan.seconds or len(self.sent_at) == len(self.blobs)

    def look(self) -> None:
        """Whether all is done."""
        if self.acknowledged == self.sent and self.over(time.perf_counter()) and not self.ended.done():
            self.ended.set_result(None)

    def connection_lost(self, _: Exception | None) -> None:
        """The gateway hung up."""
        if not self.ended.done():
            self.ended.set_result(None)


async def send(plan: Plan, blobs: list[list[bytes]]) -> dict[str, object]:
    """Send and hear; what came of it."""
    loop = asyncio.get_running_loop()
    start, cpu = time.perf_counter(), time.process_time()
    devices: list[Device] = []
    for number, held in enumerate(blobs):
        make = partial(Device, plan, held, start, number)
        devices.append((await loop.create_connection(make, "127.0.0.1", plan.port))[1])
    while not all(device.over(time.perf_counter()) for device in devices):
        await asyncio.sleep(0.05)
    for device in devices:
        device.look()
    await asyncio.wait([device.ended for device in devices], timeout=60)
    cpu = time.process_time() - cpu
    acknowledged = {
        i: sorted({match.decode() for match in _QN.findall(b"".join(device.heard))}) for i, device in enumerate(devices)
    }
    waited = sorted(wait for device in devices for wait in device.waited)
    return {
        "sent": sum(device.sent for device in devices),
        "distinct": sum(map(len, acknowledged.values())),
        "seconds": max(device.last for device in devices) - start,
        "cpu": cpu,
        "waited": [waited[int(len(waited) * part)] for part in (0.5, 0.99)] + waited[-1:],
        "acknowledged": acknowledged,
    }


def main(plan: Plan) -> None:
    """Make frames, wait, send."""
    each = plan.frames // plan.devices
    blobs = [
        [b"".join(frame(i, first + k) for k in range(plan.together)) for first in range(0, each, plan.together)]
        for i in range(plan.devices)
    ]
    print("ready", flush=True)
    sys.stdin.readline()
    Path(plan.out).write_text(json.dumps(asyncio.run(send(plan, blobs))))


if __name__ == "__main__":
    main(Plan(**json.loads(sys.argv[1])))
