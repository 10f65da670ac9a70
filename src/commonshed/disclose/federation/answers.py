"""Answers of a node: bytes, an open file in whole or in part, or a refusal in words."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Mapping

from commonshed.disclose.federation.giving import Given
from commonshed.errors import MissingExtra

try:
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send
except ImportError:
    raise MissingExtra("node", "serving a node") from None

__all__ = ["BINARY", "FOREVER", "FRESH", "JSON", "PARQUET", "PRIVATE", "TEXT", "BytesAnswer", "FileAnswer", "refusal"]

JSON, TEXT, BINARY = "application/json", "text/plain; charset=utf-8", "application/octet-stream"
PARQUET = "application/vnd.apache.parquet"

FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
FRESH = {"Cache-Control": "no-cache"}
PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}
"""Who may keep an answer: everybody for good; everybody who asks again whether it still holds; the asker alone."""

_PIECE = 1 << 18
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class BytesAnswer(Response):
    """Bytes with an ETag; nothing where the asker has them already."""

    def __init__(self, content: bytes, kind: str, headers: Mapping[str, str]) -> None:
        super().__init__(content, media_type=kind, headers=dict(headers))
        self.etag = f'"{hashlib.sha256(content).hexdigest()[:40]}"'
        self.headers["ETag"] = self.etag

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        if _has(_header(scope, b"if-none-match"), self.etag):
            await _send_head(send, 304, {**dict(self.headers), "content-length": ""})
            await send({"type": "http.response.body", "body": b""})
            return
        await super().__call__(scope, receive, send)


class FileAnswer(Response):
    """An open file, closed when it was sent; ``Range``, ``If-Range``, ``If-None-Match`` and HEAD as HTTP has them.

    Parameters
    ----------
    stall : float
        How long an asker may take none of it. [s]

    References
    ----------
    RFC 9110, sections 13 and 14. Of several ranges none is taken: the whole is sent, which 14.2 allows.
    """

    def __init__(self, given: Given, kind: str, headers: Mapping[str, str], *, stall: float) -> None:
        self.given = given
        self.stall = stall
        self.status_code = 200
        self.background = None
        self.etag = f'"{given.etag}"'
        self.said = {**headers, "Content-Type": kind, "ETag": self.etag, "Accept-Ranges": "bytes"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send it."""
        with self.given.file:
            if _has(_header(scope, b"if-none-match"), self.etag):
                await _send_head(send, 304, self.said)
                await send({"type": "http.response.body", "body": b""})
                return
            status, low, high = self._asked(scope)
            if status == 416:
                said = {**self.said, "Content-Range": f"bytes */{self.given.bytes}", "Content-Length": "0"}
            elif status == 206:
                said = {**self.said, "Content-Range": f"bytes {low}-{high - 1}/{self.given.bytes}"}
            else:
                said = self.said
            await _send_head(send, status, {"Content-Length": str(high - low), **said})
            await self._body(send, low, low if scope["method"] == "HEAD" or status == 416 else high)

    def _asked(self, scope: Scope) -> tuple[int, int, int]:
        """Status, first byte, and the one behind the last."""
        size = self.given.bytes
        only_if = _header(scope, b"if-range")
        match = _RANGE.fullmatch(_header(scope, b"range"))
        if match is None or not (match[1] or match[2]) or (only_if and only_if != self.etag):
            return 200, 0, size
        if not match[1]:
            low, high = max(size - int(match[2]), 0), size
        else:
            low, high = int(match[1]), min(int(match[2]) + 1, size) if match[2] else size
            if match[2] and int(match[2]) < int(match[1]):
                return 200, 0, size
        return (206, low, high) if low < high else (416, 0, 0)

    async def _body(self, send: Send, low: int, high: int) -> None:
        if low >= high:
            await send({"type": "http.response.body", "body": b""})
            return
        self.given.file.seek(low)
        while low < high:
            piece = await run_in_threadpool(self.given.file.read, min(_PIECE, high - low))
            if not piece:
                return  # shorter than it was: the connection is closed on the asker, who sees that bytes are missing
            low += len(piece)
            message = {"type": "http.response.body", "body": piece, "more_body": low < high}
            try:
                await asyncio.wait_for(send(message), self.stall)
            except TimeoutError:
                return


def refusal(status: int, problem: str, mend: str, headers: Mapping[str, str] | None = None) -> Response:
    """What is wrong and what to do, as JSON."""
    content = json.dumps({"problem": problem, "mend": mend}, ensure_ascii=False).encode() + b"\n"
    return Response(content, status, media_type=JSON, headers={"Cache-Control": "no-store", **(headers or {})})


async def _send_head(send: Send, status: int, headers: Mapping[str, str]) -> None:
    said = [(name.lower().encode(), value.encode()) for name, value in headers.items() if value]
    await send({"type": "http.response.start", "status": status, "headers": said})


def _header(scope: Scope, name: bytes) -> str:
    return ", ".join(value.decode("latin-1") for key, value in scope["headers"] if key == name)


def _has(asked: str, etag: str) -> bool:
    """Whether the asker's list of versions names this one."""
    return asked.strip() == "*" or etag in [each.strip().removeprefix("W/") for each in asked.split(",")]
