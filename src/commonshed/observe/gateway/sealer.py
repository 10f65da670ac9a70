"""Sealing beside the gateway: a child process, because sealing is work and an answer to a device must not wait for it.

The parent writes a line to its standard input when there is something to seal and reads a line of JSON when it is done.
The child ends when its input does, so it never outlives a gateway that was killed.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from commonshed.errors import CommonshedError, ShedLocked

__all__ = ["Sealer", "child"]

_PROGRAM = f"from {__name__} import child; child()"
_LOG = logging.getLogger(__name__)
_NICE = 10  # behind whoever reads from devices
_PATIENCE = 60.0  # s another sealer may take
_AGAIN = 5.0  # s after a failure


class Sealer:
    """Has the shed sealed every minute or every so many rows, whichever comes first.

    Parameters
    ----------
    shed : Path
    rows : int
        Waiting rows that are sealed at once.
    seconds : float
        How long a row waits at most before it is sealed. [s]
    """

    def __init__(self, shed: Path, *, rows: int = 100_000, seconds: float = 60.0) -> None:
        self.shed = shed
        self.rows = rows
        self.seconds = seconds
        self.waiting = 0
        self.sealed = 0
        self.last: Mapping[str, Any] = {}
        self._since: float | None = None
        self._more = asyncio.Event()
        self._one = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; what earlier processes left is sealed first."""
        self._since = time.monotonic() - self.seconds
        self._task = asyncio.create_task(self._run(), name="sealer")

    def received(self, rows: int) -> None:
        """So many rows are durable in the journal."""
        self.waiting += rows
        if self._since is None:
            self._since = time.monotonic()
        if self.waiting >= self.rows:
            self._more.set()

    async def stop(self) -> None:
        """Seal what is left and end the child."""
        if self._task is None:
            return
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        with suppress(OSError, CommonshedError, asyncio.IncompleteReadError):
            await self._seal()
        await self._end()

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._more.wait(), self._rest())
            self._more.clear()
            if self._since is None or (self.waiting < self.rows and self._rest() > 0):
                continue
            try:
                # A seal that has begun is waited for even when we are told to stop: its answer must not be
                # taken for the next one's.
                await asyncio.shield(self._seal())
            except (OSError, CommonshedError) as error:
                _LOG.warning("sealing failed, tried again in %s s: %s", _AGAIN, error)
                self.last = {"error": str(error)}
                await self._end()
                await asyncio.sleep(_AGAIN)

    def _rest(self) -> float:
        """Until the oldest row has waited long enough. [s]"""
        if self._since is None:
            return self.seconds
        return max(self._since + self.seconds - time.monotonic(), 0.0)

    async def _seal(self) -> None:
        async with self._one:
            await self._ask()

    async def _ask(self) -> None:
        child = await self._process()
        assert child.stdin is not None
        assert child.stdout is not None
        taken, since = self.waiting, self._since
        self._since = None
        self.waiting = 0
        child.stdin.write(b"seal\n")
        try:
            await child.stdin.drain()
            said = await child.stdout.readline()
            if not said:
                raise OSError("the sealing process ended")
            answer = json.loads(said)
            if "error" in answer:
                raise CommonshedError(answer["error"])
        except BaseException:
            self.waiting += taken
            self._since = since
            raise
        self.sealed += 1
        self.last = answer

    async def _process(self) -> asyncio.subprocess.Process:
        if self._child is None or self._child.returncode is not None:
            self._child = await asyncio.create_subprocess_exec(
                sys.executable, "-c", _PROGRAM, str(self.shed),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True,
            )  # fmt: skip
        return self._child

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        assert child.stdin is not None
        child.stdin.close()
        try:
            await asyncio.wait_for(child.wait(), _PATIENCE)
        except TimeoutError:
            child.kill()
            await child.wait()


def child() -> None:
    """Seal the shed named on the command line whenever a line comes, until no more do."""
    from commonshed.keep import Shed

    os.nice(_NICE)
    opened = Shed.open(sys.argv[1])
    for _ in sys.stdin:
        start = time.perf_counter()
        try:
            report: dict[str, Any] = asdict(opened.seal(wait=_PATIENCE))
        except ShedLocked:
            report = {"error": "another process is sealing"}
        except CommonshedError as error:
            report = {"error": str(error)}
        report["milliseconds"] = round((time.perf_counter() - start) * 1000)
        sys.stdout.write(json.dumps(report) + "\n")
        sys.stdout.flush()
