"""A node for tests: the folder of a shed over HTTP, which tells the truth until it is told to lie."""

from __future__ import annotations

import http.server
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from commonshed.disclose.federation import peers
from commonshed.disclose.federation.client import Limits
from commonshed.keep import Shed

QUICK = Limits(connect=5.0, quiet=10.0, grace=10.0, slowest=1024, tries=3, pause=0.01, longest_pause=0.05)
"""Patience of tests: short between tries, long for an answer, for the machine may be busy."""

IMPATIENT = replace(QUICK, connect=0.3, quiet=0.4, grace=0.4, slowest=4096)
"""Patience with who means to keep us waiting."""

Lie = Callable[["Answer"], None]


class Answer:
    """What is about to be sent; a lie changes it."""

    def __init__(self, path: str, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.path = path
        self.status = status
        self.body = body
        self.headers = headers
        self.pause = 0.0  # s between two bytes
        self.cut: int | None = None  # bytes after which the connection breaks


class Node:
    """A shed served as plain files.

    Attributes
    ----------
    shed : Shed
        What is served; may be exchanged for another.
    asked : list of (path, headers)
    lies : dict of pattern to what is done to the answers of such paths
    """

    def __init__(self, shed: Shed) -> None:
        self.shed = shed
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.lies: dict[str, Lie] = {}
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def key(self) -> str:
        return str(self.shed.log.keys.verifiers[0])

    def paths(self, pattern: str) -> list[str]:
        """What was asked for, of some kind."""
        return [path for path, _ in self.asked if re.search(pattern, path)]

    def answer(self, path: str, headers: dict[str, str]) -> Answer:
        self.asked.append((path, headers))
        found = self._honest(path.partition("?")[0].lstrip("/"), headers)
        found.path = path
        for pattern, lie in list(self.lies.items()):
            if re.search(pattern, path):
                lie(found)
        return found

    def _honest(self, path: str, headers: dict[str, str]) -> Answer:
        if path == "node.json":
            return Answer(path, 200, json.dumps(self.description()).encode(), {})
        below = f"log/{path}" if path.startswith(("checkpoint", "tile/")) else path
        file = self.shed.path / below
        if path.startswith("seen/"):
            return self._seen(path)
        if not file.is_file():
            return Answer(path, 404, b"", {})
        body = file.read_bytes()
        etag = f'"{path}-{len(body)}"'
        first = re.fullmatch(r"bytes=(\d+)-", headers.get("range", ""))
        if first is not None and headers.get("if-range") == etag:
            at = int(first[1])
            said = {"ETag": etag, "Content-Range": f"bytes {at}-{len(body) - 1}/{len(body)}"}
            return Answer(path, 206, body[at:], said)
        return Answer(path, 200, body, {"ETag": etag})

    def _seen(self, path: str) -> Answer:
        for peer in peers.known(self.shed):
            note = peer.folder(self.shed) / "seen.note"
            if peer.key_id == path.partition("/")[2] and note.exists():
                return Answer(path, 200, note.read_bytes(), {})
        return Answer(path, 404, b"", {})

    def description(self) -> dict[str, Any]:
        shed = self.shed
        keys = [str(key) for key in shed.log.keys.verifiers]
        said = {"name": shed.name, "node": shed.node, "zone": str(shed.zone), "origin": shed.log.origin, "keys": keys}
        return {"format": "commonshed-node/1", **said, "time": int(time.time())}


@contextmanager
def serving(shed: Shed) -> Iterator[Node]:
    """A node that answers on a port of its own."""
    node = Node(shed)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            answer = node.answer(self.path, {name.lower(): value for name, value in self.headers.items()})
            try:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in answer.headers:
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                _send(self, answer)
            except OSError:
                self.close_connection = True

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    node.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield node
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _send(handler: http.server.BaseHTTPRequestHandler, answer: Answer) -> None:
    body = answer.body if answer.cut is None else answer.body[: answer.cut]
    if answer.pause:
        for i in range(len(body)):
            handler.wfile.write(body[i : i + 1])
            handler.wfile.flush()
            time.sleep(answer.pause)
    else:
        handler.wfile.write(body)
    if answer.cut is not None:
        handler.wfile.flush()
        handler.close_connection = True


def at(path: Path) -> Shed:
    """The shed in a folder, read anew."""
    return Shed.open(path)
