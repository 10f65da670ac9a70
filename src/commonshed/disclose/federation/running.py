"""A node that runs by itself: the application behind uvicorn, ended cleanly by Ctrl-C or SIGTERM. Extra ``node``."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from commonshed.disclose.federation.giving import Giving
from commonshed.disclose.federation.serving import ServingLimits, node_app
from commonshed.errors import CannotListen, MissingExtra
from commonshed.keep import Shed

try:
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol
except ImportError:
    raise MissingExtra("node", "serving a node") from None

__all__ = ["run_node"]

_HEAD = 15.0  # s in which an asker has to have said what it asks
_MOST_CONNECTIONS = 512
_LONGEST_HEAD = 16_384  # bytes
_BACKLOG = 512
_GRACE = 10  # s that answers under way are given at the end


def run_node(
    shed: Path,
    *,
    host: str,
    port: int,
    limits: ServingLimits | None = None,
    proxies: str | None = None,
    started: Callable[[int], None] | None = None,
) -> None:
    """Serve a shed until the process is told to end.

    Parameters
    ----------
    shed : Path
    host : str
    port : int
        0 takes a free one.
    limits : ServingLimits, optional
    proxies : str, optional
        Addresses of proxies whose word on the asker's address we take, with commas between; without it nobody's.
    started : callable, optional
        Called with the port when askers can connect.

    Raises
    ------
    CannotListen
        The port is taken, or the address is none of this machine.
    """
    listener = _listening(host, port)
    config = uvicorn.Config(
        node_app(Giving(Shed.open(shed)), limits=limits),
        http=_Protocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=proxies is not None,
        forwarded_allow_ips=proxies or "",
        limit_concurrency=_MOST_CONNECTIONS,
        h11_max_incomplete_event_size=_LONGEST_HEAD,
        timeout_keep_alive=int(_HEAD),
        timeout_graceful_shutdown=_GRACE,
    )
    with listener:
        _Server(config, started or (lambda _: None)).run(sockets=[listener])


def _listening(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)  # here, not later: two processes may bind one port, only one may listen
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise CannotListen(error, host=host, port=port, field="--port") from None
    return listener


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, started: Callable[[int], None]) -> None:
        super().__init__(config)
        self._tell = started

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """End, and end at once when told so twice; the signal is not raised again: the process ends as if done."""
        self.force_exit = self.should_exit
        self.should_exit = True

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup(sockets)  # type: ignore[arg-type]
        if self.started:
            self._tell(self.servers[0].sockets[0].getsockname()[1])


class _Protocol(H11Protocol):
    """Cuts a connection on which no whole request comes in time: it would cost its sender next to nothing."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        super().connection_lost(exc)

    def _expect(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(_HEAD, self._cut)

    def _cut(self) -> None:
        answering = self.cycle is not None and not self.cycle.response_complete
        if not answering and not self.transport.is_closing():
            self.transport.close()
