"""A shed with devices, the frames they send, and a device that speaks over a real socket."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from commonshed.keep import Shed
from commonshed.observe.gateway import Gateway, Registration, Settings, add_device
from commonshed.observe.hj212 import Device, Frame, Framer, RawFrame, encode, parse
from commonshed.periods import Zone
from commonshed.places import Network, Station

T = TypeVar("T")

ZONE = Zone(480)
MN = "010000A8900016F000169DC0"
PASSWORD = "123456"
SIX = {"a34004": "35", "a34002": "70", "a21026": "8.1", "a21004": "41", "a21005": "0.7", "a05024": "88"}
UNITS = {"a34004": "ug/m3", "a34002": "ug/m3", "a21026": "ug/m3", "a21004": "ug/m3", "a05024": "ug/m3"}
STATIONS = [f"s{i}" for i in range(10)]


def make_shed(path: Path, *, devices: int = 1, **registration: Any) -> Shed:
    """A shed with ten stations, and devices ``mn(0)``, ``mn(1)`` … at them."""
    shed = Shed.create(path, name="gateway", zone=ZONE)
    network = Network({}, {name: Station(name) for name in STATIONS}, zone=ZONE)
    shed.publish_network(network)
    for i in range(devices):
        add_device(path, network, registered(mn(i), station=STATIONS[i % 10], **registration))
    return shed


def registered(number: str = MN, *, station: str = "s0", set_clock: bool = False, **fields: Any) -> Registration:
    """A device in Beijing time with usual units."""
    device = Device(**{"mn": number, "password": PASSWORD, "station": station, "zone": ZONE, "units": UNITS, **fields})
    return Registration(device, set_clock=set_clock)


def mn(i: int) -> str:
    """Number of the i-th device."""
    return MN if i == 0 else f"{MN[:18]}{i:06d}"


def local(second: float) -> str:
    """Fourteen digits of Beijing time."""
    return time.strftime("%Y%m%d%H%M%S", time.gmtime(second + 8 * 3600))


def frame(
    second: float,
    *,
    number: str = MN,
    cn: str = "2011",
    values: dict[str, str] | None = None,
    suffix: str = "Rtd",
    millisecond: int = 0,
    **fields: Any,
) -> bytes:
    """A data frame of an instant or of a period that starts then, which wants an answer."""
    held = SIX if values is None else values
    items = ";".join(f"{code}-{suffix}={value},{code}-Flag=N" for code, value in held.items())
    cp = f"DataTime={local(second)};{items}"
    said = {"qn": f"{local(second)}{millisecond:03d}", "st": "22", "pw": PASSWORD, "flag": 5, **fields}
    return encode(cn=cn, mn=number, cp=cp, **said)


def some_hour(ago: int = 24) -> int:
    """A whole hour so many hours ago."""
    return int(time.time()) // 3600 * 3600 - ago * 3600


@asynccontextmanager
async def running(shed: Path, **settings: Any) -> AsyncIterator[Gateway]:
    """A gateway on a free port of this machine that does not seal."""
    said = {"host": "127.0.0.1", "port": 0, "seal": False, "tick": 0.05, **settings}
    async with Gateway(shed, Settings(**said)) as gateway:
        yield gateway


class Line:
    """A device's end of a connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.framer = Framer()
        self.waiting: list[Frame] = []

    @classmethod
    async def to(cls, gateway: Gateway, *, room: int | None = None) -> Line:
        """Connect, with so much room for answers; `tell` hangs up. [bytes]"""
        end = socket.socket()
        if room is not None:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        end.setblocking(False)
        await asyncio.get_running_loop().sock_connect(end, ("127.0.0.1", gateway.port))
        line = cls(*await asyncio.open_connection(sock=end))
        _OPEN.append(line)
        return line

    async def send(self, *frames: bytes) -> None:
        """Send bytes."""
        self.writer.write(b"".join(frames))
        await self.writer.drain()

    async def hear(self, cn: str | None = None) -> Frame:
        """The next frame (of a command) that comes; others are put by."""
        while True:
            for i, held in enumerate(self.waiting):
                if cn in (None, held.cn):
                    return self.waiting.pop(i)
            data = await asyncio.wait_for(self.reader.read(65536), 15)
            if not data:
                raise ConnectionError("the gateway closed the connection")
            for piece in self.framer.feed(data):
                assert isinstance(piece, RawFrame)
                assert piece.crc_right
                self.waiting.append(parse(piece.text))

    async def acknowledged(self, count: int) -> list[str]:
        """QN of so many acknowledgements."""
        return [(await self.hear("9014")).qn for _ in range(count)]

    async def ended(self) -> None:
        """Return when the gateway has closed the connection."""
        while await asyncio.wait_for(self.reader.read(65536), 15):
            pass

    async def close(self) -> None:
        """Hang up."""
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


_OPEN: list[Line] = []


def tell(story: Coroutine[Any, Any, T]) -> T:
    """Run a story to its end; whoever is still on a line hangs up then."""

    async def whole() -> T:
        try:
            return await story
        finally:
            while _OPEN:
                await _OPEN.pop().close()

    return asyncio.run(whole())


async def until(true: Any) -> None:
    """Wait for something the gateway does by itself."""
    for _ in range(2000):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came to be")


def values_of(shed: Path, quantities: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Seal, and all that is there."""
    opened = Shed.open(shed)
    opened.seal(wait=20)
    return opened.readings(quantities=quantities).to_pylist()  # type: ignore[no-any-return]
