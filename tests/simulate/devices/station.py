"""A listener that answers as the standard says, for tests of made-up devices."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from types import TracebackType

from commonshed.observe.hj212 import Device, Frame, Framer, Garbage, RawFrame, data_ack, parse


class Station:
    """Takes frames and acknowledges them, unless told otherwise.

    Parameters
    ----------
    answer : callable, optional
        Gives the bytes to send back for the n-th frame, which is counted from 0.
    """

    def __init__(self, answer: Callable[[Frame, int], bytes] | None = None) -> None:
        self.frames: list[Frame] = []
        self.garbage = 0
        self.broken = 0
        self.port = 0
        self._answer = answer or (lambda frame, _: data_ack(frame))
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Station:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()
        await self._server.wait_closed()

    async def ask(self, whole: bytes) -> None:
        """Send something to every device."""
        for writer in self._writers:
            writer.write(whole)

    def commands(self) -> Counter[str]:
        """How many frames came of each command."""
        return Counter(frame.cn for frame in self.frames)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        framer = Framer()
        self._writers.append(writer)
        try:
            while data := await reader.read(65_536):
                for raw in framer.feed(data):
                    self._take(raw, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    def _take(self, raw: RawFrame | Garbage, writer: asyncio.StreamWriter) -> None:
        if isinstance(raw, Garbage):
            self.garbage += 1
        elif not raw.crc_right:
            self.broken += 1
        else:
            frame = parse(raw.text)
            self.frames.append(frame)
            if frame.wants_answer:
                writer.write(self._answer(frame, len(self.frames) - 1))


def device(**changes: object) -> Device:
    """A registered device of the station Mill."""
    units = dict.fromkeys(("a34004", "a34002", "a05024"), "ug/m3")
    fields: dict[str, object] = {"mn": "S" * 24, "password": "123456", "station": "Mill", "units": units}
    return Device(**(fields | changes))  # type: ignore[arg-type]
