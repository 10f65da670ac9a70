"""Kill the gateway at random under load, again and again: ``python benchmarks/kill_gateway.py [KILLS] [SEED]``.

Devices send as the standard says: what is not acknowledged is sent again. After the last kill everything is sealed, and
every acknowledged frame has to be there with each of its readings, none of them twice. The sealing process runs along
and is left to die or live as it happens.
"""

from __future__ import annotations

import random
import re
import signal
import socket
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.bench_gateway import prepared, started
from benchmarks.gateway_client import FIRST, QUANTITIES, frame, tenths

from commonshed.keep import Shed

DEVICES = 8
WINDOW = 40  # frames on their way
_QN = re.compile(rb"QN=\d{8}(\d{2})(\d{2})(\d{2})\d{3};ST=91;CN=9014;")


class Sender(threading.Thread):
    """A device that sends frame after frame until told to stop, through every death of the gateway."""

    def __init__(self, number: int) -> None:
        super().__init__(daemon=True)
        self.number = number
        self.port = 0
        self.acknowledged: set[int] = set()
        self.again = self.highest = 0
        self.stopping = False

    def run(self) -> None:
        first = 0  # the first frame that is not acknowledged
        while not self.stopping:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                    first = self.send(line, first)
            except OSError:
                time.sleep(0.02)

    def send(self, line: socket.socket, first: int) -> int:
        """Send from there on until the line dies; where to go on."""
        line.settimeout(0.5)
        upcoming, rest = first, b""
        try:
            while not self.stopping:
                while upcoming < first + WINDOW:
                    line.sendall(frame(self.number, upcoming))
                    self.again += upcoming < self.highest
                    upcoming += 1
                self.highest = max(self.highest, upcoming)
                data = line.recv(65536)
                if not data:
                    break
                rest += data
                found = list(_QN.finditer(rest))
                for match in found:
                    hour, minute, second = map(int, match.groups())
                    self.acknowledged.add(((hour - 8) % 24) * 3600 + minute * 60 + second)
                rest = rest[found[-1].end() :] if found else rest
                while first in self.acknowledged:
                    first += 1
        except OSError:
            pass
        return first


@dataclass(frozen=True)
class Outcome:
    """What was there after the last kill: frames acknowledged and sent again, readings, what is wrong with them."""

    acknowledged: int
    again: int
    readings: int
    lost: int
    doubled: int
    wrong: int

    @property
    def good(self) -> bool:
        """Whether something was acknowledged, and all of it is there once and right."""
        return self.acknowledged > 0 and not (self.lost or self.doubled or self.wrong)


def killed(kills: int, *, seed: int) -> Outcome:
    """Kill a gateway so often, at random under load; then look."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = prepared(Path(folder) / "shed", DEVICES)
        senders = [Sender(i) for i in range(DEVICES)]
        for kill in range(kills):
            server, port = started(path)
            for sender in senders:
                sender.port = port
                if not sender.is_alive():
                    sender.start()
            time.sleep(chance.uniform(0.05, 1.0))
            server.send_signal(signal.SIGKILL)
            server.wait()
            assert server.stderr is not None
            server.stderr.close()
            if sys.stderr.isatty():
                print(f"\r{kill + 1} kills, {sum(len(s.acknowledged) for s in senders)} acknowledged", end="")
        for sender in senders:
            sender.stopping = True
        for sender in senders:
            sender.join()
        lost, doubled, wrong, rows = examined(path, senders)
    acknowledged = sum(len(sender.acknowledged) for sender in senders)
    return Outcome(acknowledged, sum(sender.again for sender in senders), rows, lost, doubled, wrong)


def main(kills: int = 50, seed: int = 1) -> int:
    """Kill so often and say how it went; 0 when it went well."""
    found = killed(kills, seed=seed)
    print(
        f"{kills} kills, {found.acknowledged} frames acknowledged, {found.again} sent again, "
        f"{found.readings} readings: {found.lost} lost, {found.doubled} doubled, {found.wrong} wrong"
    )
    return 0 if found.good else 1


def examined(path: Path, senders: list[Sender]) -> tuple[int, int, int, int]:
    """Acknowledged readings that are lost, readings that are there twice, readings that are not what was sent; all."""
    shed = Shed.open(path)
    shed.seal(wait=60)
    lost = doubled = wrong = rows = 0
    for sender in senders:
        there: dict[tuple[str, int], int] = {}
        for row in shed.readings(stations=[f"s{sender.number:03d}"]).to_pylist():
            key = row["quantity"], row["start"] - FIRST
            doubled += key in there
            there[key] = row["ticks"]
        rows += len(there)
        lost += sum((name, k) not in there for k in sender.acknowledged for name in QUANTITIES)
        wrong += sum(
            ticks != tenths(sender.number, k, QUANTITIES.index(name)) * 100 for (name, k), ticks in there.items()
        )
    return lost, doubled, wrong, rows


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
