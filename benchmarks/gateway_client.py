"""Devices that send as fast as they are answered, for benchmarks of the gateway: a process of its own.

``python benchmarks/gateway_client.py PORT DEVICES FRAMES SECONDS OUT`` makes its frames first, says ``ready``, waits for
a line, sends, and writes what was acknowledged.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from pathlib import Path

from commonshed.observe.hj212 import encode

MN = "010000A8900016F000{:06d}"
PASSWORD = "123456"
CODES = ("a34004", "a34002", "a21026", "a21004", "a21005", "a05024")
QUANTITIES = ("pm25", "pm10", "so2", "no2", "co", "o3")
UNITS = {"a34004": "ug/m3", "a34002": "ug/m3", "a21026": "ug/m3", "a21004": "ug/m3", "a05024": "ug/m3"}
FIRST = 1_767_225_600  # 2026-01-01T00:00Z: of the first frame; the k-th is k seconds later
BLOB = 64  # frames that are written together
_QN = re.compile(rb"QN=(\d{17});ST=91;CN=9014;")


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

    def __init__(self, blobs: list[bytes], window: int, deadline: float) -> None:
        self.blobs, self.window, self.deadline = blobs, window, deadline
        self.sent = self.acknowledged = 0
        self.last = 0.0
        self.slowest = 0.0
        self.heard: list[bytes] = []
        self.tail = b""
        self.sent_at: list[float] = []
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.send(time.perf_counter())

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        self.heard.append(data)
        held = self.tail + data
        count = held.count(b"CN=9014")
        self.tail = held[-6:]
        self.acknowledged += count
        self.last = now
        blob = (self.acknowledged - 1) // BLOB
        if blob < len(self.sent_at):
            self.slowest = max(self.slowest, now - self.sent_at[blob])
        self.send(now)

    def send(self, now: float) -> None:
        while now < self.deadline and self.sent // BLOB < len(self.blobs) and self.sent - self.acknowledged < self.window:
            self.transport.write(self.blobs[self.sent // BLOB])
            self.sent_at.append(now)
            self.sent += BLOB
        if self.acknowledged == self.sent and not self.ended.done():
            self.ended.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(exc)


async def send(port: int, blobs: list[list[bytes]], seconds: float, window: int) -> dict[str, object]:
    loop = asyncio.get_running_loop()
    start = time.perf_counter()
    cpu = time.process_time()
    devices = []
    for held in blobs:
        _, device = await loop.create_connection(
            lambda held=held: Device(held, window, start + seconds), "127.0.0.1", port
        )
        devices.append(device)
    await asyncio.wait([device.ended for device in devices], timeout=seconds + 60)
    taken = max(device.last for device in devices) - start
    acknowledged = {
        str(i): sorted({match.decode() for match in _QN.findall(b"".join(device.heard))})
        for i, device in enumerate(devices)
    }
    return {
        "sent": sum(device.sent for device in devices),
        "acknowledged": sum(device.acknowledged for device in devices),
        "distinct": sum(map(len, acknowledged.values())),
        "seconds": taken,
        "cpu": time.process_time() - cpu,
        "slowest": max(device.slowest for device in devices),
        "qns": acknowledged,
    }


def main(port: int, devices: int, frames: int, seconds: float, out: Path, window: int) -> None:
    blobs = [
        [b"".join(frame(i, k) for k in range(first, first + BLOB)) for first in range(0, frames // devices, BLOB)]
        for i in range(devices)
    ]
    print("ready", flush=True)
    sys.stdin.readline()
    out.write_text(json.dumps(asyncio.run(send(port, blobs, seconds, window))))


if __name__ == "__main__":
    main(
        int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), Path(sys.argv[5]), int(sys.argv[6])
    )
