"""A statement comes from a file or over HTTP, with a limit on how much and how long."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from commonshed.disclose.statements.fetching import fetch
from commonshed.errors import InputError, PeerError

CONTENT = b'{"format":"commonshed-statement/1"}'


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/loop":
            self.send_response(302)
            self.send_header("Location", "/loop")
            self.end_headers()
            return
        if self.path == "/moved":
            self.send_response(301)
            self.send_header("Location", "/statement.json")
            self.end_headers()
            return
        if self.path == "/none":
            self.send_error(404)
            return
        self.send_response(200)
        if self.path == "/cut":
            self.send_header("Content-Length", "1000")
        self.end_headers()
        if self.path == "/endless":
            self.endless()
        elif self.path == "/drop-by-drop":
            self.endless(b" ", 0.02)
        else:
            self.wfile.write(CONTENT)

    def endless(self, piece: bytes = b" " * 65_536, pause: float = 0.0) -> None:
        try:
            while True:
                self.wfile.write(piece)
                time.sleep(pause)
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:
        del format, args


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    serving = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{serving.server_address[1]}"
    serving.shutdown()
    serving.server_close()


def test_a_file_and_an_address_give_the_same_bytes(server: str, tmp_path: Path) -> None:
    (tmp_path / "statement.json").write_bytes(CONTENT)
    assert fetch(str(tmp_path / "statement.json")) == CONTENT
    assert fetch(f"{server}/statement.json") == CONTENT
    assert fetch(f"{server}/moved") == CONTENT


@pytest.mark.parametrize(
    ("path", "words"),
    [("/none", "404"), ("/endless", "more than"), ("/loop", "cannot be read"), ("/cut", "cannot be read")],
)
def test_an_answer_that_is_none_is_refused_in_a_sentence(server: str, path: str, words: str) -> None:
    with pytest.raises(PeerError, match=words):
        fetch(server + path, largest=1_000_000)


def test_an_address_nobody_answers_is_refused_in_a_sentence() -> None:
    with pytest.raises(PeerError, match="cannot be read"):
        fetch("http://127.0.0.1:1/statement.json")


def test_a_file_that_is_none_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        fetch(str(tmp_path / "none.json"))
    with pytest.raises(InputError, match="a folder"):
        fetch(str(tmp_path))
    (tmp_path / "large.json").write_bytes(b" " * 11)
    with pytest.raises(InputError, match="too large"):
        fetch(str(tmp_path / "large.json"), largest=10)


def test_an_answer_that_comes_drop_by_drop_is_given_up(server: str) -> None:
    with pytest.raises(PeerError, match=r"longer than 0\.1 s"):
        fetch(f"{server}/drop-by-drop", longest=0.1)
