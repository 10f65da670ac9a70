"""Asking another node over HTTP as one asks a stranger: a limit on the size and the time of every answer.

What comes back is bytes nobody has checked yet. An answer is never taken packed (so it cannot unfold into more than was
counted), never followed elsewhere, and never waited for beyond the slowest pace we put up with.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import IO
from urllib.parse import quote

import httpx

from commonshed.errors import InputError, PeerError

__all__ = [
    "Client",
    "Fetched",
    "Limits",
    "Malformed",
    "NotGiven",
    "NotNow",
    "Oversized",
    "TooSlow",
    "Unreachable",
    "checked_url",
]

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30

_MOST_TRIES = 1000  # for one answer that breaks off again and again, a little further each time
_LONGEST_WAIT = 86_400.0  # s that a node may ask us to wait

Authorize = Callable[[str, str], Mapping[str, str]]
"""Headers that say who asks, from the method and the path below the node's address, with its query."""


@dataclass(frozen=True)
class Limits:
    """How long we wait and how much we take.

    Attributes
    ----------
    connect, quiet : float
        To reach the node; without a single byte. [s]
    grace : float
        Before the pace of an answer counts. [s]
    slowest : int
        Pace below which an answer is given up. [B/s]
    longest : float
        For one answer, however large. [s]
    tries : int
        In a row, without a byte in between.
    pause, longest_pause : float
        Before the second try, doubled each time; the longest. [s]
    note, description, sharing, bundle, document, pack, entries : int
        Of one answer: a checkpoint; ``node.json``; a page of ``sharing.json``; 256 entries; a document; a pack or the
        rows of a segment; the entries of one pull together. [B]
    rows : int
        Of one segment.
    check : float
        For looking through one pack. [s]
    """

    connect: float = 10.0
    quiet: float = 30.0
    grace: float = 30.0
    slowest: int = 2048
    longest: float = 3600.0
    tries: int = 5
    pause: float = 0.5
    longest_pause: float = 30.0
    note: int = 64 * KIB
    description: int = 256 * KIB
    sharing: int = 16 * MIB
    bundle: int = 256 * (65_535 + 2)
    document: int = 64 * MIB
    pack: int = 2 * GIB
    entries: int = GIB
    rows: int = 4_000_000
    check: float = 600.0


class Unreachable(PeerError):
    """No answer, or one that broke off."""


class TooSlow(Unreachable):
    """It took the question and kept us waiting."""


class Oversized(PeerError):
    """An answer larger than anything honest would be."""


class Malformed(PeerError):
    """An answer that is not what was agreed."""


class NotNow(PeerError):
    """The node asks us to come back later.

    Attributes
    ----------
    seconds : float
        How much later.
    """

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class NotGiven(PeerError):
    """The node does not give us this: not there, or not ours to have.

    Attributes
    ----------
    status : int
        As HTTP has it.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Fetched:
    """A file that was fetched, or that has not changed.

    Attributes
    ----------
    etag : str
        How the giver named it; empty where it did not.
    changed : bool
        False: it is what we have already.
    resumed : bool
        Part of it came with an earlier try.
    """

    etag: str
    changed: bool
    resumed: bool


class Client:
    """One node's address, asked over one connection at a time.

    Parameters
    ----------
    url : str
        Below which its files stand.
    authorize : callable, optional
        Headers that say who asks; without it we are the public.
    """

    def __init__(self, url: str, *, authorize: Authorize | None = None, limits: Limits | None = None) -> None:
        self.url = checked_url(url)
        self.limits = limits or Limits()
        self._authorize = authorize or (lambda _method, _path: {})
        self._runner = asyncio.Runner()
        self._dice = random.Random()
        self._gap = 0.0
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(self.limits.quiet, connect=self.limits.connect),
            follow_redirects=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "commonshed", "Cache-Control": "no-cache"},
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the connection go."""
        try:
            self._runner.run(self._http.aclose())
        finally:
            self._runner.close()

    def get(self, path: str, *, limit: int) -> bytes:
        """A small answer, whole.

        Raises
        ------
        Unreachable, TooSlow, Oversized, Malformed, NotNow, NotGiven
        """
        sink = _Memory()
        self._persist(path, sink, {}, limit)
        return bytes(sink.content)

    def fetch(self, path: str, part: Path, *, limit: int, known: str = "") -> Fetched:
        """A file, going on where an earlier try broke off: in this process, or in one that was killed.

        Parameters
        ----------
        part : Path
            Where it is put; what lies there already is the beginning of it, of the version named in the file beside it.
        limit : int
            Its length, where that is known, else the most it may have. [B]
        known : str
            Name of a version that we have elsewhere.

        Raises
        ------
        Unreachable, TooSlow, Oversized, Malformed, NotNow, NotGiven
        """
        part.parent.mkdir(parents=True, exist_ok=True)
        with part.open("ab") as file:
            sink = _File(file, part.with_name(f"{part.name}.etag"))
            begun = sink.held
            self._persist(path, sink, {"If-None-Match": known} if known else {}, limit)
            file.flush()
            os.fsync(file.fileno())
        return Fetched(sink.etag, sink.changed, begun > 0 and sink.kept)

    def _persist(self, path: str, sink: _Sink, headers: Mapping[str, str], limit: int) -> None:
        failures = slow = 0
        for _ in range(_MOST_TRIES):
            before = sink.held
            try:
                self._runner.run(self._once(path, sink, headers, limit))
                return
            except NotNow as later:
                self._gap = min(max(2 * self._gap, 0.05), self.limits.longest_pause)
                failures += 1
                if failures >= self.limits.tries or later.seconds > self.limits.longest_pause:
                    raise
                time.sleep(later.seconds)
            except TooSlow:
                slow += 1  # once may be the way to it
                if slow > 1:
                    raise
            except (Unreachable, Malformed):
                failures = 1 if sink.held > before and sink.resumable else failures + 1
                if failures >= self.limits.tries:
                    raise
                time.sleep(self._pause(failures))
        raise Unreachable(f"{self.url}: {path} broke off again and again")

    def _pause(self, failures: int) -> float:
        longest = min(self.limits.pause * 2.0 ** (failures - 1), self.limits.longest_pause)
        return float(longest * self._dice.uniform(0.5, 1.0))

    async def _once(self, path: str, sink: _Sink, headers: Mapping[str, str], limit: int) -> None:
        if self._gap:
            await asyncio.sleep(self._gap)
        target = f"/{quote(path, safe='/?=&.-_~')}"
        url = httpx.URL(f"{self.url}{target}")
        asked = {**headers, **sink.range(), **self._authorize("GET", target)}
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(self.limits.connect + self.limits.grace) as deadline:
                async with self._http.stream("GET", url, headers=asked) as answer:
                    if not await self._welcome(answer, path, sink):
                        return
                    await self._receive(answer, path, sink, limit, began, deadline)
        except TimeoutError:
            raise TooSlow(f"{self.url}: {path} comes slower than {self.limits.slowest} bytes a second") from None
        except httpx.ConnectTimeout:
            raise Unreachable(f"{self.url}: no connection within {self.limits.connect:g} s") from None
        except httpx.ReadTimeout:
            raise TooSlow(f"{self.url}: {path}: not a byte within {self.limits.quiet:g} s") from None
        except httpx.RemoteProtocolError as error:
            if "disconnected" in str(error) or "closed connection" in str(error):
                raise Unreachable(f"{self.url}: {path} broke off ({error})") from None
            raise Malformed(f"{self.url}: {path}: this is no HTTP ({error})") from None
        except (httpx.TransportError, OSError) as error:
            raise Unreachable(f"{self.url}: {path}: out of reach ({str(error) or type(error).__name__})") from None

    async def _welcome(self, answer: httpx.Response, path: str, sink: _Sink) -> bool:
        """Whether a body is to be taken; raises where the status says otherwise."""
        status = answer.status_code
        if status == 304:
            sink.unchanged()
            return False
        if status in (200, 206):
            packed = answer.headers.get("content-encoding", "identity")
            if packed != "identity":
                raise Malformed(f"{self.url}: {path} came packed ({packed}), though we asked for it plain")
            sink.begin(answer)
            return True
        if status == 416:
            sink.restart()
            raise Unreachable(f"{self.url}: {path} changed while it was fetched")
        if status in (429, 503):
            seconds = _retry_after(answer.headers.get("retry-after", ""), self.limits.pause)
            raise NotNow(f"{self.url}: asked too often; it wants us to wait {seconds:.0f} s", seconds)
        if status in (401, 403, 404, 410):
            raise NotGiven(f"{self.url}: {path}: {status} {await _problem(answer)}".rstrip(), status)
        if status >= 500:
            raise Unreachable(f"{self.url}: {path}: the node has a fault of its own ({status})")
        if 300 <= status < 400:
            raise Malformed(
                f"{self.url}: {path} is said to be elsewhere; we do not follow. Add the peer by that address"
            )
        raise Malformed(f"{self.url}: {path}: an answer of status {status}")

    async def _receive(
        self, answer: httpx.Response, path: str, sink: _Sink, limit: int, began: float, deadline: asyncio.Timeout
    ) -> None:
        length = answer.headers.get("content-length", "")
        if length.isdigit() and sink.held + int(length) > limit:
            raise Oversized(f"{self.url}: {path} is said to have {sink.held + int(length)} bytes; {limit} are the most")
        received = 0
        async for piece in answer.aiter_raw():
            received += len(piece)
            if sink.held + len(piece) > limit:
                raise Oversized(f"{self.url}: {path} has more than {limit} bytes")
            sink.take(piece)
            allowed = self.limits.connect + self.limits.grace + received / self.limits.slowest
            deadline.reschedule(began + min(allowed, self.limits.longest))
        self._gap = self._gap / 2 if self._gap > 0.01 else 0.0


class _Sink:
    """Where the bytes of an answer go."""

    held = 0
    resumable = False

    def range(self) -> dict[str, str]:
        """What to ask for."""
        return {}

    def begin(self, answer: httpx.Response) -> None:
        """A body comes."""
        raise NotImplementedError

    def take(self, piece: bytes) -> None:
        """Some of it."""
        raise NotImplementedError

    def restart(self) -> None:
        """Forget what came."""

    def unchanged(self) -> None:
        """There is no body: we have it."""


class _Memory(_Sink):
    def __init__(self) -> None:
        self.content = bytearray()

    def begin(self, answer: httpx.Response) -> None:
        if answer.status_code == 206:
            raise Malformed(f"{answer.url}: a part came where the whole was asked for")
        self.content.clear()
        self.held = 0

    def take(self, piece: bytes) -> None:
        self.content += piece
        self.held += len(piece)


class _File(_Sink):
    resumable = True

    def __init__(self, file: IO[bytes], version: Path) -> None:
        self.file = file
        self.version = version
        self.etag = version.read_text("utf-8", "replace") if version.exists() else ""
        self.held = file.tell()
        self.changed = True
        self.kept = bool(self.held)
        if not self.etag:
            self.restart()

    def range(self) -> dict[str, str]:
        if not self.held or not self.etag:
            return {}
        return {"Range": f"bytes={self.held}-", "If-Range": self.etag}

    def begin(self, answer: httpx.Response) -> None:
        if answer.status_code == 206:
            said = answer.headers.get("content-range", "")
            if not said.startswith(f"bytes {self.held}-"):
                self.restart()
                raise Malformed(f"{answer.url}: another part came ({said[:80]!r}) than was asked for")
        else:
            self.restart()
            self.etag = answer.headers.get("etag", "")[:200]
            self.version.write_text(self.etag, "utf-8")

    def take(self, piece: bytes) -> None:
        self.file.write(piece)
        self.held += len(piece)

    def restart(self) -> None:
        self.file.truncate(0)
        self.file.seek(0)
        self.held, self.kept = 0, False

    def unchanged(self) -> None:
        self.changed = False


def checked_url(url: str) -> str:
    """The address of a node, without a slash at its end.

    Raises
    ------
    InputError
        It is none.
    """
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise InputError(f"no address of a node ({error})", value=url, mend="Write https://node.example.org") from None
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.query or parsed.fragment or parsed.userinfo:
        raise InputError("no address of a node", value=url, mend="Write https://node.example.org, nothing behind it")
    return url.rstrip("/")


def _retry_after(text: str, otherwise: float) -> float:
    if text.isdigit():
        return min(float(text), _LONGEST_WAIT)
    try:
        seconds: float = parsedate_to_datetime(text).timestamp() - time.time()
        return min(max(seconds, otherwise), _LONGEST_WAIT)
    except (ValueError, TypeError, OverflowError):
        return otherwise


async def _problem(answer: httpx.Response) -> str:
    """What the node says is wrong, a line of it."""
    content = b""
    async for piece in answer.aiter_raw():
        content += piece
        if len(content) > 8 * KIB:
            return ""
    try:
        said = json.loads(content)
        text = f"{said['problem']}. {said.get('mend', '')}"
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return ""
    return "".join(each if each.isprintable() else " " for each in text)[:300]
