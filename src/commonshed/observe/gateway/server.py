"""The gateway: listens, keeps, answers, seals, and says how it is doing."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from commonshed.errors import CannotListen, CommonshedError, InputError
from commonshed.keep import Shed
from commonshed.observe.gateway.connection import Connection
from commonshed.observe.gateway.devices import DEVICES, Registrations, load_devices
from commonshed.observe.gateway.durable import Committer, warm_up
from commonshed.observe.gateway.frames import FRAMES, FrameStore, kept_frames, sweep
from commonshed.observe.gateway.idempotency import Answers
from commonshed.observe.gateway.keys import KEYS, Key, load_keys
from commonshed.observe.gateway.limits import Doors, Limits
from commonshed.observe.gateway.metrics import read_state, write_state
from commonshed.observe.gateway.reception import Reception
from commonshed.observe.gateway.sealer import Sealer
from commonshed.observe.gateway.sessions import latest
from commonshed.observe.gateway.upkeep import request_number

if TYPE_CHECKING:
    from commonshed.observe.gateway.http import HttpServer

__all__ = ["Gateway", "Settings"]

_LOG = logging.getLogger(__name__)
_SELDOM = 30.0  # s between two looks at the places and at old frames
_LEAST_KEPT = 3600  # s
_RECOVERED = 300  # s of frames in which packets of a message may wait for the others
_BACKLOG = 512


@dataclass(frozen=True)
class Settings:
    """How a gateway is to run.

    Attributes
    ----------
    host, port : str, int
        Where devices connect; port 0 takes a free one.
    http_host, http_port : str, int or None
        Where loggers that speak HTTP connect; None: nowhere.
    strict : bool
        What breaks the standard is refused.
    keep_frames : int
        How long raw frames are kept. [s]
    seal : bool
        Seal every minute or 100,000 rows.
    seal_rows, seal_seconds : int, float
    delay : float
        How long the first frame of a turn waits for others. [s]
    state_every, tick : float
        How often the state file is written; how often clocks, patience and changed files are looked at. [s]
    limits : Limits
    """

    host: str = "0.0.0.0"
    port: int = 9212
    http_host: str = "127.0.0.1"
    http_port: int | None = None
    strict: bool = False
    keep_frames: int = 30 * 86_400
    seal: bool = True
    seal_rows: int = 100_000
    seal_seconds: float = 60.0
    delay: float = 0.004
    state_every: float = 5.0
    tick: float = 1.0
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        """Packets that wait for others are kept as raw frames alone."""
        if self.keep_frames < _LEAST_KEPT:
            raise InputError("raw frames are kept for an hour at least", field="keep_frames", value=self.keep_frames)


class Gateway:
    """Takes readings into a shed from devices that speak HJ 212 and loggers that speak HTTP.

    Use as an asynchronous context manager: it listens inside, and has kept and answered all it took afterwards.

    Parameters
    ----------
    shed : Path
    settings : Settings
    """

    def __init__(self, shed: Path, settings: Settings | None = None) -> None:
        self.path = shed
        self.settings = settings or Settings()
        self.shed = Shed.open(shed)
        self.network = self.shed.network()
        self.started = time.time()
        self.trouble: str | None = None
        self.readings = self.posted = 0
        self._connections: set[Connection] = set()
        self._doors = Doors(self.settings.limits)
        self._held = False
        self._seen = {name: _stamp(shed / name) for name in (DEVICES, KEYS)}
        self._edition: str | None = None
        self._http: HttpServer | None = None
        self.keys: dict[str, Key] = {}
        self._tasks: list[asyncio.Task[None]] = []

    # ── its life ──

    async def __aenter__(self) -> Gateway:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def port(self) -> int:
        """Where devices connect."""
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def http_port(self) -> int | None:
        """Where loggers connect; None: nowhere."""
        return None if self._http is None else self._http.port

    async def start(self) -> None:
        """Listen.

        Raises
        ------
        InputError
            A registration cannot be, or a port is taken.
        """
        settings = self.settings
        warm_up()
        registrations = load_devices(self.path)
        self.keys = load_keys(self.path)
        known = read_state(self.path).get("devices", {})
        self._journal = self.shed.journal()
        self._frames = FrameStore(self.path, keep=settings.keep_frames)
        self.committer = Committer(
            self._journal,
            self._frames,
            delay=settings.delay,
            strict=settings.strict,
            most=max(settings.limits.gathered // 4, 1),
            on_durable=self._durable,
            on_lost=self._lost,
            on_full=lambda: self._hold(on=True),
            on_room=lambda: self._hold(on=False),
        )
        self.reception = Reception(
            registrations,
            self.committer,
            doors=self._doors,
            limits=settings.limits,
            strict=settings.strict,
            known=known,
        )
        self.sealer = Sealer(self.path, rows=settings.seal_rows, seconds=settings.seal_seconds)
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(
                self._connection, settings.host, settings.port, backlog=_BACKLOG, reuse_address=True
            )
        except OSError as error:
            self._journal.close()
            raise CannotListen(error, host=settings.host, port=settings.port, field="--port") from None
        try:
            await self._start_http()
        except CommonshedError:
            self._server.close()
            self._journal.close()
            raise
        self._recover()
        if settings.seal:
            self.sealer.start()
        self._tasks = [
            asyncio.create_task(self._every(seconds, work))
            for seconds, work in (
                (settings.tick, self._upkeep),
                (settings.state_every, self._report),
                (_SELDOM, self._seldom),
            )
        ]

    async def stop(self) -> None:
        """Take nothing more; keep and answer what was taken; seal; close."""
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._http is not None:
            await self._http.stop()
        for connection in self._connections:
            connection.hold(on=True)
        await self.committer.close()
        for connection in list(self._connections):
            connection.end()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._all_gone(), 5.0)
        self._journal.close()
        self._frames.close()
        if self._http is not None:
            self.answers.close()
        if self.settings.seal:
            await self.sealer.stop()
        write_state(self.path, {**self.state(), "running": False})

    def _recover(self) -> None:
        """Packets that came before a power cut wait on for the others."""
        try:
            since = int(time.time()) - _RECOVERED
            self.reception.recover(kept_frames(self.path, start=since, holding=b";PNO="))
        except CommonshedError as error:
            _LOG.error("the frames of the last minutes cannot be read: %s", error)

    async def _start_http(self) -> None:
        if self.settings.http_port is None:
            return
        from commonshed.observe.gateway.http import HttpServer, application  # an extra

        self.answers = Answers(self.path)
        http = HttpServer(application(self))
        await http.start(self.settings.http_host, self.settings.http_port)
        self._http = http

    # ── how it is doing ──

    def state(self) -> dict[str, Any]:
        """What the state file says."""
        reception, committer = self.reception, self.committer
        return {
            "running": True,
            "started": int(self.started),
            "written": int(time.time()),
            "port": self.port if self._server.sockets else self.settings.port,
            "strict": self.settings.strict,
            "trouble": self.trouble,
            "connections": self._doors.open,
            "frames": reception.frames,
            "readings": self.readings,
            "posted": self.posted,
            "turns": committer.turns,
            "disk_milliseconds": round(committer.seconds * 1000),
            "slowest_turn_milliseconds": round(committer.slowest * 1000),
            "frame_bytes": self._frames.bytes,
            "waiting": self.sealer.waiting,
            "sealed": self.sealer.last,
            "refused": dict(reception.refused),
            "latest": latest(reception.latest),
            "devices": {mn: session.content() for mn, session in reception.sessions.items()},
        }

    # ── what connections, requests and the committer call ──

    async def keep(self, table: pa.Table) -> None:
        """Return when posted readings (in the form READINGS) are durable.

        Raises
        ------
        NotKept
            They are not.
        """
        await self.committer.keep(table)
        self.posted += table.num_rows

    def _connection(self) -> Connection:
        return Connection(
            self.reception,
            self.settings.limits,
            strict=self.settings.strict,
            opened=self._opened,
            closed=self._closed,
        )

    def _opened(self, connection: Connection) -> bool:
        reason = self._doors.refusal(connection.address)
        if reason is not None:
            self.reception.cut(connection, reason)
            return False
        self._doors.enter(connection.address)
        self._connections.add(connection)
        if self._held:
            connection.hold(on=True)
        return True

    def _closed(self, connection: Connection) -> None:
        if connection in self._connections:
            self._connections.remove(connection)
            self._doors.leave(connection.address)

    def _durable(self, rows: int) -> None:
        self.trouble = None
        self.readings += rows
        self.sealer.received(rows)

    def _lost(self, error: Exception) -> None:
        self.trouble = str(error)
        self.reception.forget()

    def _hold(self, *, on: bool) -> None:
        self._held = on
        for connection in self._connections:
            connection.hold(on=on)

    # ── what it does by itself ──

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        """Do something again and again; a failure is told and is no reason to stop the next time."""
        while True:
            try:
                await work()
            except Exception as error:
                _LOG.exception("what the gateway does by itself failed")
                self.trouble = str(error)
            await asyncio.sleep(seconds)

    async def _upkeep(self) -> None:
        now = asyncio.get_running_loop().time()
        for connection in list(self._connections) if not self._held else ():
            connection.check(now)
        self._ask(now)
        self._reload()
        if self._http is not None:
            self._http.check(now)

    async def _seldom(self) -> None:
        await asyncio.to_thread(self._see_places)
        await asyncio.to_thread(sweep, self.path / FRAMES, before=int(time.time()) - self.settings.keep_frames)

    async def _report(self) -> None:
        write_state(self.path, self.state())

    def _ask(self, now: float) -> None:
        """Send devices what is to be asked of them."""
        reception = self.reception
        for mn, session in reception.sessions.items():
            sender = session.asking_by
            if sender is None or (registration := reception.registrations.get(mn)) is None:
                continue
            zone = registration.device.zone
            session.asking.tick(now, lambda zone=zone: request_number(zone, time.time_ns() // 10**6), sender.answer)  # type: ignore[misc]

    def _reload(self) -> None:
        """See devices and keys that were added or removed."""
        for name, load in ((DEVICES, self._load_devices), (KEYS, self._load_keys)):
            stamp = _stamp(self.path / name)
            if stamp == self._seen[name]:
                continue
            self._seen[name] = stamp
            try:
                load()
            except CommonshedError as error:
                _LOG.error("who may send stays as it was: %s", error)
                self.trouble = str(error)

    def _load_devices(self) -> None:
        registrations = load_devices(self.path)
        self.reception.register(_unchanged(self.reception.registrations, registrations))

    def _load_keys(self) -> None:
        self.keys = load_keys(self.path)

    def _see_places(self) -> None:
        """See a new edition of the network."""
        try:
            self.shed.refresh()
            edition = self.shed.document("place-edition")
            if edition is not None and edition.digest != self._edition:
                self.network = self.shed.network()
                self._edition = edition.digest
        except CommonshedError as error:
            _LOG.error("the places stay as they were: %s", error)

    async def _all_gone(self) -> None:
        while self._connections:
            await asyncio.sleep(0.01)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_ino


def _unchanged(before: Registrations, now: Registrations) -> Registrations:
    """Registrations that are as they were stay the same objects: they remember the shapes of their frames."""
    return {mn: before[mn] if before.get(mn) == each else each for mn, each in now.items()}
