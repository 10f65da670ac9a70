"""Acknowledged means durable: frames of all connections are kept together by one sync, and answered only then.

While one turn is on its way to the disk the next gathers, so that under load turns are as large as the disk is slow and
a lonely frame waits some milliseconds. The work on the disk is done in a thread of its own: reading goes on.

In a turn raw frames are kept before their readings: a reading is never there without the frame it came in. When a turn
cannot be kept, nothing that was gathered behind it is either: a frame that came again may stand there, and its answer
would acknowledge what was lost.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import pyarrow as pa

from commonshed.errors import CommonshedError
from commonshed.keep.journal import Journal
from commonshed.observe.gateway.frames import FrameStore
from commonshed.observe.hj212.device import Device
from commonshed.observe.hj212.frame import Frame
from commonshed.observe.hj212.readings import Gathered

__all__ = ["Committer", "NotKept", "Receiver", "Turn", "warm_up"]

_LOG = logging.getLogger(__name__)


class NotKept(CommonshedError):
    """What was gathered could not be kept; none of it was acknowledged."""


class Receiver(Protocol):
    """Who waits for an answer."""

    def answer(self, whole: bytes) -> None:
        """Send answers on, if the other side is still there."""


class Turn:
    """What goes to the disk together."""

    __slots__ = ("answers", "frames", "gathered", "lines", "rows", "tables", "waiting")

    def __init__(self, *, strict: bool = False) -> None:
        self.gathered = Gathered(strict=strict)
        self.tables: list[pa.Table] = []
        self.lines: list[bytes] = []
        self.answers: dict[Receiver, list[bytes]] = {}
        self.waiting: list[asyncio.Future[None]] = []
        self.frames = 0
        self.rows = 0

    def answer(self, receiver: Receiver, whole: bytes) -> None:
        """What is sent once this turn is durable."""
        held = self.answers.get(receiver)
        if held is None:
            self.answers[receiver] = [whole]
        else:
            held.append(whole)

    def __bool__(self) -> bool:
        return bool(self.lines or self.answers or self.tables or self.rows)


def warm_up() -> None:
    """Do once what the first frame would wait for: rules read, libraries loaded."""
    device = Device(mn="0", password="0", station="0")
    cp = "DataTime=20260101000000;a21026-Rtd=1.5,a21026-Flag=N"
    gathered = Gathered()
    gathered.add(Frame("", "22", "2011", "0", "0", 4, None, None, cp), device)
    gathered.table(0)


class Committer:
    """Gathers, keeps, answers. Everything but the work on the disk happens in the event loop.

    Parameters
    ----------
    journal : Journal
    frames : FrameStore
    delay : float
        How long the first frame of a turn waits for others while the disk is idle. [s]
    most : int
        Frames in a turn from which on it does not wait, and four times of which stop reading.
    strict : bool
        How readings of frames are taken.
    on_durable : callable
        Told the number of readings of each turn that was kept.
    on_lost : callable
        Told why a turn could not be kept, once per turn.
    on_full, on_room : callables
        More frames wait than are to be held; there is room again.
    """

    def __init__(
        self,
        journal: Journal,
        frames: FrameStore,
        *,
        delay: float = 0.004,
        most: int = 5000,
        strict: bool = False,
        on_durable: Callable[[int], None],
        on_lost: Callable[[Exception], None],
        on_full: Callable[[], None],
        on_room: Callable[[], None],
    ) -> None:
        self._journal = journal
        self._frames = frames
        self._delay = delay
        self._most = most
        self._strict = strict
        self._on_durable, self._on_lost = on_durable, on_lost
        self._on_full, self._on_room = on_full, on_room
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="durable")
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._busy = False
        self._on_its_way: Turn | None = None
        self._full = False
        self._idle = asyncio.Event()
        self._idle.set()
        self.turn = Turn(strict=strict)
        self.turns = 0
        self.seconds = 0.0
        self.slowest = 0.0

    def gathered(self) -> None:
        """Something was put into :attr:`turn`."""
        if self._busy:
            if self.turn.frames >= 4 * self._most and not self._full:
                self._full = True
                self._on_full()
            return
        if self.turn.frames >= self._most:
            self._go()
        elif self._timer is None:
            self._timer = self._loop.call_later(self._delay, self._go)

    async def keep(self, table: pa.Table) -> None:
        """Return when these readings (in the form READINGS) are durable.

        Raises
        ------
        NotKept
            They are not.
        """
        done: asyncio.Future[None] = self._loop.create_future()
        self.turn.tables.append(table)
        self.turn.rows += table.num_rows
        self.turn.waiting.append(done)
        self.gathered()
        await done

    def owes(self, receiver: Receiver) -> bool:
        """Whether an answer is to go there when the disk has done its work."""
        return receiver in self.turn.answers or (self._on_its_way is not None and receiver in self._on_its_way.answers)

    async def close(self) -> None:
        """Keep what is gathered and answer it."""
        while self._busy or self.turn:
            if not self._busy:
                self._go()
            await self._idle.wait()
        self._pool.shutdown()

    def _go(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._busy or not self.turn:
            return
        turn, self.turn = self.turn, Turn(strict=self._strict)
        self._busy = True
        self._on_its_way = turn
        self._idle.clear()
        self._loop.run_in_executor(self._pool, self._keep, turn).add_done_callback(lambda done: self._kept(turn, done))

    def _keep(self, turn: Turn) -> None:
        start = time.perf_counter()
        now = int(time.time())
        self._frames.append(b"".join(turn.lines), now)
        tables = turn.tables
        if len(turn.gathered):
            tables = [*tables, turn.gathered.table(now)]
        if tables:
            self._journal.append(pa.concat_tables(tables).unify_dictionaries() if len(tables) > 1 else tables[0])
        seconds = time.perf_counter() - start
        self.seconds += seconds
        self.slowest = max(self.slowest, seconds)

    def _kept(self, turn: Turn, done: asyncio.Future[None]) -> None:
        self._busy = False
        self._on_its_way = None
        error = done.exception()
        if error is None:
            self.turns += 1
            for receiver, answers in turn.answers.items():
                receiver.answer(b"".join(answers))
            for waiting in turn.waiting:
                if not waiting.done():
                    waiting.set_result(None)
            self._on_durable(turn.rows)
        else:
            behind, self.turn = self.turn, Turn(strict=self._strict)
            self._lost([*turn.waiting, *behind.waiting], error)
        if self._full:
            self._full = False
            self._on_room()
        self._idle.set()
        if self.turn:
            self._go()

    def _lost(self, waiting: list[asyncio.Future[None]], error: BaseException) -> None:
        _LOG.error("a turn could not be kept: %s", error)
        for each in waiting:
            if not each.done():
                each.set_exception(NotKept(f"not kept: {error}"))
        self._on_lost(error if isinstance(error, Exception) else RuntimeError(str(error)))
