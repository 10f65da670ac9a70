"""The way in for loggers that speak HTTP: an answer of 2xx means durable, and nothing is ever half taken."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol
from weakref import WeakValueDictionary

import pyarrow as pa

from commonshed.errors import CannotListen, InputError, MissingExtra
from commonshed.observe.gateway.durable import NotKept
from commonshed.observe.gateway.idempotency import Answered, Answers, digest
from commonshed.observe.gateway.intake import IntakeRefused, from_arrow, from_json, readings
from commonshed.observe.gateway.keys import Key, key_of
from commonshed.observe.gateway.metrics import prometheus
from commonshed.places import Network

try:
    import uvicorn
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException
    from starlette.requests import ClientDisconnect, Request
    from starlette.responses import JSONResponse, PlainTextResponse, Response
    from starlette.routing import Route
except ImportError:
    raise MissingExtra("node", "taking readings over HTTP") from None

__all__ = ["ARROW", "Desk", "HttpServer", "application"]

ARROW = "application/vnd.apache.arrow.stream"
_JSON = "application/json"
_READERS: dict[str, Callable[[bytes], pa.Table]] = {_JSON: from_json, ARROW: from_arrow}
_MOST_BYTES = 16 << 20
_MOST_NAME = 255  # characters of an Idempotency-Key
_BODY_SECONDS = 60.0
_HEAD_SECONDS = 20.0
_AT_ONCE = 128  # connections


class Desk(Protocol):
    """What the gateway offers to this side of it."""

    answers: Answers
    keys: dict[str, Key]
    network: Network

    async def keep(self, table: pa.Table) -> None:
        """Return when readings are durable."""

    def state(self) -> dict[str, Any]:
        """How it is doing."""


def application(desk: Desk) -> Starlette:
    """The web application: ``POST /readings``, ``GET /health``, ``GET /metrics``."""
    intake = _Intake(desk)

    async def health(_: Request) -> Response:
        trouble = desk.state()["trouble"]
        return JSONResponse({"status": "trouble" if trouble else "ok", "trouble": trouble}, 503 if trouble else 200)

    async def metrics(_: Request) -> Response:
        return PlainTextResponse(prometheus(desk.state()), media_type="text/plain; version=0.0.4")

    return Starlette(
        routes=[
            Route("/readings", intake.post, methods=["POST"]),
            Route("/health", health),
            Route("/metrics", metrics),
        ],
        exception_handlers={HTTPException: _told, ClientDisconnect: _gone},
    )


class HttpServer:
    """Serves an application beside the gateway, in the same event loop."""

    def __init__(self, app: Starlette) -> None:
        self.port = 0
        self._app = app
        self._seen: dict[Any, float] = {}

    async def start(self, host: str, port: int) -> None:
        """Listen.

        Raises
        ------
        InputError
            The port is taken.
        """
        self._socket = _listening(host, port)
        self.port = int(self._socket.getsockname()[1])
        config = uvicorn.Config(
            self._app, log_config=None, access_log=False, lifespan="off", ws="none", http="h11", loop="none",
            proxy_headers=False, server_header=False, limit_concurrency=_AT_ONCE, timeout_keep_alive=30,
            timeout_graceful_shutdown=20,
        )  # fmt: skip
        self._server = _Beside(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]), name="http")
        while not self._server.started and not self._task.done():
            await asyncio.sleep(0.005)

    def check(self, now: float) -> None:
        """End connections that never came to ask anything. [monotonic s]"""
        there = set(self._server.server_state.connections)
        self._seen = {each: self._seen.get(each, now) for each in there}
        for each, since in self._seen.items():
            if getattr(each, "cycle", None) is None and now - since > _HEAD_SECONDS:
                each.transport.close()

    async def stop(self) -> None:
        """Take nothing more; what was begun is answered."""
        self._server.should_exit = True
        with suppress(asyncio.CancelledError):
            await self._task
        self._socket.close()


class _Beside(uvicorn.Server):
    """A server that leaves the signals of the process alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Intake:
    """``POST /readings``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def post(self, request: Request) -> Response:
        """Take the readings of one request."""
        key = self._key(request)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in _READERS:
            raise HTTPException(415, f"send {_JSON} or {ARROW}")
        if request.headers.get("content-encoding", "identity") != "identity":
            raise HTTPException(415, "send the body as it is, not compressed")
        name = request.headers.get("idempotency-key", "")
        if len(name) > _MOST_NAME:
            raise HTTPException(400, f"an Idempotency-Key has at most {_MOST_NAME} characters")
        body = await _body(request)
        if not name:
            return await self._take(key, kind, body)
        lock = self._locks.setdefault((key.name, name), asyncio.Lock())
        async with lock:
            return await self._once(key, kind, body, name)

    def _key(self, request: Request) -> Key:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        token = token.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")
        found = key_of(self._desk.keys, token)
        if found is None:
            raise HTTPException(401, "a key is needed: Authorization: Bearer KEY", {"WWW-Authenticate": "Bearer"})
        return found

    async def _once(self, key: Key, kind: str, body: bytes, name: str) -> Response:
        """The same request again gets the same answer."""
        this = digest(kind, body)
        before = await asyncio.to_thread(self._desk.answers.get, key.name, name)
        if before is not None and before.body != this:
            raise HTTPException(409, "this Idempotency-Key was used for another body: use a new one")
        if before is not None:
            return Response(before.content, before.status, {"Idempotency-Replayed": "true"}, _JSON)
        answer = await self._take(key, kind, body)
        if answer.status_code < 300:
            said = Answered(this, answer.status_code, bytes(answer.body).decode())
            await asyncio.to_thread(self._desk.answers.put, key.name, name, said, int(time.time()))
        return answer

    async def _take(self, key: Key, kind: str, body: bytes) -> Response:
        desk = self._desk
        try:
            # In a thread: devices are answered meanwhile.
            table = await asyncio.to_thread(_table, kind, body, key, desk.network)
        except IntakeRefused as refused:
            return JSONResponse(refused.content(), 422)
        except InputError as error:
            return JSONResponse(_content(error), 400)
        if table.num_rows:
            try:
                await desk.keep(table)
            except NotKept as error:
                return JSONResponse(
                    {"taken": 0, "problem": str(error), "mend": "Send it again"}, 503, {"Retry-After": "30"}
                )
        return JSONResponse({"taken": table.num_rows})


def _table(kind: str, body: bytes, key: Key, network: Network) -> pa.Table:
    return readings(_READERS[kind](body), key=key, network=network, recorded=int(time.time()))


async def _body(request: Request) -> bytes:
    said = request.headers.get("content-length", "")
    if said.isdigit() and int(said) > _MOST_BYTES:
        raise HTTPException(413, f"a body has at most {_MOST_BYTES} bytes: send the readings in parts")
    parts: list[bytes] = []
    held = 0
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for part in request.stream():
                held += len(part)
                if held > _MOST_BYTES:
                    raise HTTPException(413, f"a body has at most {_MOST_BYTES} bytes: send the readings in parts")
                parts.append(part)
    except TimeoutError:
        raise HTTPException(408, "the body did not come in time", {"Connection": "close"}) from None
    return b"".join(parts)


def _content(error: InputError) -> dict[str, Any]:
    value = None if error.value is None else str(error.value)
    return {"taken": 0, "problem": error.problem, "field": error.field, "value": value, "mend": error.mend}


async def _told(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"taken": 0, "problem": error.detail}, error.status_code, error.headers)


async def _gone(_: Request, __: Exception) -> Response:
    return Response(status_code=499)


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise CannotListen(error, host=host, port=port, field="--http") from None
    return listener
