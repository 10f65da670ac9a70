"""A network for tests: passes bytes on between two ports, and cuts connections at random."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Cutting:
    """What lies between an asker and a node.

    Attributes
    ----------
    port : int
    often : float
        Share of connections that are cut after some of the answer has passed.
    most : int
        Bytes of an answer that pass at most before a cut.
    cuts : int
        So far.
    """

    def __init__(self, seed: int, to: int) -> None:
        self.dice = random.Random(seed)
        self.to = to
        self.often = 0.0
        self.most = 6000
        self.cuts = 0
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def serve(self, listening: socket.socket) -> None:
        """Take connections until the socket is closed."""
        while True:
            try:
                asker, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(asker,), daemon=True).start()

    def _pass_on(self, asker: socket.socket) -> None:
        left = self.dice.randrange(self.most) if self.dice.random() < self.often else None
        with suppress(OSError), asker, socket.create_connection(("127.0.0.1", self.to)) as node:
            threading.Thread(target=self._back, args=(asker, node), daemon=True).start()
            while piece := node.recv(1 << 16):
                if left is not None and len(piece) >= left:
                    asker.sendall(piece[:left])
                    self.cuts += 1
                    asker.shutdown(socket.SHUT_RDWR)
                    return
                left = None if left is None else left - len(piece)
                asker.sendall(piece)

    def _back(self, asker: socket.socket, node: socket.socket) -> None:
        with suppress(OSError):
            while piece := asker.recv(1 << 16):
                node.sendall(piece)
            node.shutdown(socket.SHUT_WR)


@contextmanager
def cutting(seed: int, to: int) -> Iterator[Cutting]:
    """A port that leads to another, for a while."""
    found = Cutting(seed, to)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        found.port = listening.getsockname()[1]
        thread = threading.Thread(target=found.serve, args=(listening,), daemon=True)
        thread.start()
        yield found
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()
