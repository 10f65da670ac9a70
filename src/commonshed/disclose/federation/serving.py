"""A node over HTTP: an application that hands out what the sharing rule gives each asker.

It stands by itself behind any ASGI server, or mounted below a path of a larger one. What an asker sends is looked at
with suspicion: no request has a body, a path is compared with what the log names and never with the disk, and everybody
is answered only so often. Needs the extra ``node``.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from commonshed.disclose.federation import answers
from commonshed.disclose.federation.answers import BytesAnswer, FileAnswer, refusal
from commonshed.disclose.federation.audience import Audience, audience_of
from commonshed.disclose.federation.giving import Given, Giving, NotHere, NotYours
from commonshed.disclose.federation.logfiles import log_file, node_description, seen
from commonshed.disclose.federation.pace import Pace, Paces, network_of
from commonshed.disclose.federation.signing import SCHEME
from commonshed.errors import CommonshedError, MissingExtra, ProofError

try:
    from anyio import CapacityLimiter, to_thread
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route
except ImportError:
    raise MissingExtra("node", "serving a node") from None

__all__ = ["ServingLimits", "node_app"]

logger = logging.getLogger(__name__)

_SIGN = (
    "Sign the method, the path with its query, the time and the origin of our log with your node key, or ask unsigned"
)

Handler = Callable[[Request, Audience], Response]


@dataclass(frozen=True)
class ServingLimits:
    """What a node puts up with.

    Attributes
    ----------
    partner, address : Pace
        Of a partner the sharing rule names; of everybody else, by address.
    target : int
        Length of a path with its query. [B]
    makers : int
        Requests for rows that are worked on at once; the others wait in line, and nobody else behind them.
    line : int
        How many may wait there.
    stall : float
        How long an asker may take nothing of its answer. [s]
    """

    partner: Pace = field(default_factory=lambda: Pace(burst=4000, rate=400.0))
    address: Pace = field(default_factory=Pace)
    target: int = 2048
    makers: int = 2
    line: int = 200
    stall: float = 60.0


def node_app(giving: Giving, *, limits: ServingLimits | None = None) -> Starlette:
    """The application.

    Parameters
    ----------
    giving : Giving
        What is handed out.
    limits : ServingLimits, optional
    """
    return _Node(giving, limits or ServingLimits()).app


class _Node:
    def __init__(self, giving: Giving, limits: ServingLimits) -> None:
        self.giving = giving
        self.shed = giving.shed
        self.limits = limits
        self._partners = Paces(limits.partner)
        self._addresses = Paces(limits.address)
        self._makers: CapacityLimiter | None = None
        self.app = Starlette(
            routes=[
                self._route("/node.json", self._description),
                self._route("/checkpoint", self._checkpoint),
                self._route("/tile/{path:path}", self._tile),
                self._route("/places/{path:path}", self._document),
                self._route("/statements/{path:path}", self._document),
                self._route("/sharing.json", self._sharing, made=True),
                self._route("/segments/{path:path}", self._pack, made=True),
                self._route("/rows/{name}", self._rows, made=True),
                self._route("/leaves/{name}", self._leaves, made=True),
                self._route("/seen/{key_id}", self._seen),
                self._route("/{path:path}", self._nothing),
            ],
            exception_handlers={HTTPException: _told, Exception: _our_fault},
        )

    # ── what is answered ──

    def _description(self, _: Request, __: Audience) -> Response:
        return BytesAnswer(node_description(self.shed, int(self.giving.clock())), answers.JSON, answers.FRESH)

    def _checkpoint(self, _: Request, __: Audience) -> Response:
        return BytesAnswer(self.shed.log.note().encode(), answers.TEXT, answers.FRESH)

    def _tile(self, request: Request, _: Audience) -> Response:
        content = log_file(self.shed.log, f"tile/{request.path_params['path']}")
        return BytesAnswer(content, answers.BINARY, answers.FOREVER)

    def _document(self, request: Request, _: Audience) -> Response:
        given = self.giving.document(request.path_params["path"], below=_path(request).split("/")[1])
        return self._file(given, answers.BINARY, answers.FOREVER)

    def _sharing(self, request: Request, audience: Audience) -> Response:
        first, last = (_number(request.query_params.get(name)) for name in ("from", "to"))
        offer = self.giving.offer(audience, first or 0, last)
        content = json.dumps(offer.content(), ensure_ascii=False).encode() + b"\n"
        return BytesAnswer(content, answers.JSON, answers.PRIVATE)

    def _pack(self, request: Request, audience: Audience) -> Response:
        return self._file(self.giving.pack(audience, request.path_params["path"]), answers.PARQUET, answers.PRIVATE)

    def _rows(self, request: Request, audience: Audience) -> Response:
        stem, dot, suffix = request.path_params["name"].partition(".")
        if dot + suffix != ".parquet":
            raise NotHere("rows of a segment are called by its position: rows/17.parquet")
        return self._file(self.giving.rows(audience, _position(stem)), answers.PARQUET, answers.PRIVATE)

    def _leaves(self, request: Request, audience: Audience) -> Response:
        given = self.giving.leaves(audience, _position(request.path_params["name"]))
        return self._file(given, answers.BINARY, answers.PRIVATE)

    def _seen(self, request: Request, _: Audience) -> Response:
        return BytesAnswer(seen(self.shed.path, request.path_params["key_id"]), answers.TEXT, answers.FRESH)

    def _nothing(self, request: Request, _: Audience) -> Response:
        raise NotHere(f"a node has no {_path(request)[:80]}")

    def _file(self, given: Given, kind: str, headers: Mapping[str, str]) -> Response:
        return FileAnswer(given, kind, headers, stall=self.limits.stall)

    # ── who is answered, and how often ──

    def _route(self, path: str, handler: Handler, *, made: bool = False) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                _check_form(request, self.limits)
                audience = await to_thread.run_sync(self._admitted, request)
                return await self._worked(handler, request, audience, made=made)
            except _Refused as refused:
                return refused.answer
            except CommonshedError as error:
                logger.error("%s: %s", _path(request)[:200], error)
                return refusal(500, "this node has a fault of its own", "Tell its operator; ask another time")
            except NotYours as error:
                return refusal(403, str(error), "Ask for what sharing.json offers you, or ask the node for more")
            except NotHere as error:
                return refusal(404, str(error), "Read the checkpoint and sharing.json again: what is where may change")

        return Route(path, endpoint, methods=["GET"])

    async def _worked(self, handler: Handler, request: Request, audience: Audience, *, made: bool) -> Response:
        if not made:
            return await to_thread.run_sync(handler, request, audience)
        if self._makers is None:
            self._makers = CapacityLimiter(self.limits.makers)
        if self._makers.statistics().tasks_waiting >= self.limits.line:
            raise _Refused(503, "too many ask for rows at once", "Ask again in a moment", {"Retry-After": "2"})
        return await to_thread.run_sync(handler, request, audience, limiter=self._makers)

    def _admitted(self, request: Request) -> Audience:
        ruling = self.giving.refresh()
        header = request.headers.get("authorization")
        address = network_of(request.client.host if request.client else None)
        _in_pace(self._addresses, address, take=header is None)
        try:
            audience = audience_of(
                header, ruling, method=request.method, target=_target(request), origin=self.shed.log.origin,
                now=self.giving.clock(),
            )  # fmt: skip
        except ProofError as error:
            _in_pace(self._addresses, address)
            raise _Refused(401, str(error), _SIGN, {"WWW-Authenticate": SCHEME}) from None
        if audience.partner is not None:
            _in_pace(self._partners, audience.partner)
        elif header is not None:
            _in_pace(self._addresses, address)
        return audience


class _Refused(Exception):
    def __init__(self, status: int, problem: str, mend: str, headers: Mapping[str, str]) -> None:
        self.answer = refusal(status, problem, mend, headers)


def _in_pace(paces: Paces, asker: str, *, take: bool = True) -> None:
    if seconds := paces.wait(asker, take=take):
        mend = f"Ask again in {seconds} s, and less often"
        raise _Refused(429, "asked too often", mend, {"Retry-After": str(seconds)})


def _check_form(request: Request, limits: ServingLimits) -> None:
    if len(_target(request)) > limits.target:
        raise _Refused(414, f"a path here has at most {limits.target} bytes", "Ask for something shorter", {})
    if request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers:
        mend = "Ask without a body"
        raise _Refused(413, "nothing is taken in here", mend, {"Connection": "close"})


def _path(request: Request) -> str:
    """The path below the address of the node, decoded."""
    path: str = request.scope["path"]
    return path.removeprefix(request.scope.get("root_path", ""))


def _target(request: Request) -> str:
    """The path below the address of the node with its query, as it was sent."""
    raw = request.scope.get("raw_path") or request.scope["path"].encode()
    query = request.scope["query_string"]
    path = raw.decode("latin-1").removeprefix(request.scope.get("root_path", ""))
    return f"{path}?{query.decode('latin-1')}" if query else path


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    return _position(text)


def _position(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise NotHere(f"{text[:40]!r} is no position of an entry")
    return int(text)


async def _told(_: Request, error: Exception) -> Response:
    """What the framework refuses by itself: a method, a path."""
    assert isinstance(error, HTTPException)
    mend = "A node is asked with GET or HEAD" if error.status_code == 405 else "See the description of a node"
    return refusal(error.status_code, error.detail, mend, dict(error.headers or {}))


async def _our_fault(request: Request, error: Exception) -> Response:
    logger.error("%s", _path(request)[:200], exc_info=error)
    return refusal(500, "this node has a fault of its own", "Tell its operator; ask another time")
