"""Frames a second that the gateway acknowledges, each only when it is durable: ``python benchmarks/bench_gateway.py``.

The gateway is the real one, started from the command line, sealing as it goes; the devices are a process of their own
on the same cores. Afterwards everything is sealed and every acknowledged frame is looked for, reading by reading.

``python -m benchmarks gateway`` takes some three minutes; ``COMMONSHED_BENCH_SECONDS=10`` shortens it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from calendar import timegm
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.gateway_client import CODES, FIRST, MN, PASSWORD, QUANTITIES, UNITS
from benchmarks.measurement import Measurement, show

from commonshed.keep import Shed
from commonshed.observe.gateway import Registration, add_device
from commonshed.observe.hj212 import Device
from commonshed.periods import Zone
from commonshed.places import Network, Station

ZONE = Zone(480)
SECONDS = float(os.environ.get("COMMONSHED_BENCH_SECONDS", "60"))
MOST_RATE = int(os.environ.get("COMMONSHED_BENCH_MOST_RATE", "30000"))
"""Frames made beforehand, per second measured."""
CLIENT = Path(__file__).with_name("gateway_client.py")
PER_UNIT = np.array([1000, 1000, 1000, 1000, 1000, 1000])  # ticks


@dataclass(frozen=True)
class Run:
    """What one run showed."""

    rate: float
    frames: int
    slowest: float
    server_cpu: float
    client_cpu: float
    sealer_cpu: float
    seconds: float
    note: str


def run() -> list[Measurement]:
    """Measure with fifty devices and with ten."""
    found = []
    for devices, window in ((50, 512), (10, 2560)):
        each = measure(devices, window, SECONDS)
        note = (
            f"{devices} connections, {each.frames:,} frames of six readings in {each.seconds:.0f} s, none lost, none doubled; "
            f"CPU s: gateway {each.server_cpu:.0f}, sealer {each.sealer_cpu:.0f}, devices {each.client_cpu:.0f}; {each.note}"
        )
        found.append(
            Measurement(
                f"frames acknowledged after durable, {devices} devices", 10_000, each.rate, "frames/s", "more", note
            )
        )
        found.append(
            Measurement(f"slowest acknowledgement, {devices} devices", None, each.slowest * 1000, "ms", "less", note="")
        )
    return found


def measure(devices: int, window: int, seconds: float) -> Run:
    """One run, checked."""
    with tempfile.TemporaryDirectory() as folder:
        shed = prepared(Path(folder) / "shed", devices)
        before = os.getloadavg()[0]
        out = Path(folder) / "acknowledged.json"
        server, port = started(shed)
        frames = int(MOST_RATE * seconds)
        client = subprocess.Popen(
            [sys.executable, str(CLIENT), str(port), str(devices), str(frames), str(seconds), str(out), str(window)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert client.stdout is not None
        assert client.stdin is not None
        client.stdout.readline()
        start = cpu_of(server.pid)
        client.stdin.write("go\n")
        client.stdin.flush()
        client.wait()
        used = cpu_of(server.pid) - start
        sealer = sum(cpu_of(child) for child in children_of(server.pid))
        server.send_signal(signal.SIGTERM)
        server.wait()
        said = json.loads(out.read_text())
        check(shed, said)
        note = f"load before {before:.1f}, after {os.getloadavg()[0]:.1f}"
        return Run(
            said["distinct"] / said["seconds"], said["distinct"], said["slowest"], used, said["cpu"], sealer,
            said["seconds"], note,
        )  # fmt: skip


def prepared(path: Path, devices: int) -> Path:
    """A shed with registered devices."""
    shed = Shed.create(path, name="bench", zone=ZONE)
    network = Network({}, {f"s{i:03d}": Station(f"s{i:03d}") for i in range(devices)}, zone=ZONE)
    shed.publish_network(network)
    for i in range(devices):
        device = Device(mn=MN.format(i), password=PASSWORD, station=f"s{i:03d}", zone=ZONE, units=UNITS)
        add_device(path, network, Registration(device))
    return path


def started(shed: Path, *more: str) -> tuple[subprocess.Popen[str], int]:
    """The gateway, and where it listens."""
    server = subprocess.Popen(
        [sys.executable, "-m", "commonshed", "gateway", "--shed", str(shed), "--host", "127.0.0.1", "--port", "0",
         "--most-frames", "1000000", *more],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert server.stderr is not None
    for line in server.stderr:
        if line.startswith("listening on"):
            return server, int(line.split(":")[1].split()[0])
    raise RuntimeError("the gateway did not start")


def check(shed: Path, said: dict[str, Any]) -> None:
    """Every acknowledged frame is there, reading by reading, and none twice."""
    opened = Shed.open(shed)
    opened.seal(wait=60)
    for i, qns in said["qns"].items():
        table = opened.readings(stations=[f"s{int(i):03d}"])
        starts = table["start"].to_numpy()
        names = table["quantity"].cast("string").to_numpy(zero_copy_only=False)
        ticks = table["ticks"].to_numpy()
        acknowledged = np.array([timegm(time.strptime(qn[:14], "%Y%m%d%H%M%S")) - 8 * 3600 for qn in qns], np.int64)
        for j in range(len(CODES)):
            rows = names == QUANTITIES[j]
            there = starts[rows]
            if len(np.unique(there)) != len(there):
                raise AssertionError(f"device {i}: a reading of {QUANTITIES[j]} is there twice")
            if not np.isin(acknowledged, there).all():
                lost = np.setdiff1d(acknowledged, there)
                raise AssertionError(f"device {i}: {len(lost)} acknowledged readings of {QUANTITIES[j]} are lost")
            k = there - FIRST
            expected = (int(i) * 37 + k * 11 + j * 101) % 2000 * 100
            if not np.array_equal(ticks[rows], expected):
                raise AssertionError(f"device {i}: a reading of {QUANTITIES[j]} is not what was sent")


def cpu_of(process: int) -> float:
    """Seconds of processor time a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children_of(process: int) -> list[int]:
    """Processes it started."""
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


if __name__ == "__main__":
    show(run())
