"""Frames a second that the gateway acknowledges, each only when it is durable: ``python benchmarks/bench_gateway.py``.

The gateway is the real one, started from the command line, sealing as it goes; the devices are a process of their own
on the same cores. Afterwards everything is sealed and every acknowledged frame is looked for, reading by reading.

``python -m benchmarks gateway`` takes some five minutes; ``COMMONSHED_BENCH_SECONDS=10`` shortens it. Other work on the
machine takes from both: the load is told beside each figure.
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
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.gateway_client import CODES, FIRST, MN, PASSWORD, QUANTITIES, UNITS, Plan
from benchmarks.measurement import Measurement, show

from commonshed.keep import Shed
from commonshed.observe.gateway import Registration, add_device
from commonshed.observe.hj212 import Device
from commonshed.periods import Zone
from commonshed.places import Network, Station

ZONE = Zone(480)
SECONDS = float(os.environ.get("COMMONSHED_BENCH_SECONDS", "60"))
MOST_RATE = 40_000  # frames made beforehand, per second measured
CLIENT = Path(__file__).with_name("gateway_client.py")


def run() -> list[Measurement]:
    """As fast as they are answered, with fifty devices and with ten; and at the pace of the bar."""
    found = []
    for devices, window in ((50, 128), (10, 640)):
        plan = Plan(0, devices, int(MOST_RATE * SECONDS), SECONDS, window, 32, 0.0, "")
        found.append(_measured(plan, f"frames acknowledged after durable, {devices} devices", 10_000))
    plan = Plan(0, 50, int(10_000 * SECONDS), SECONDS, 10**9, 8, 10_000.0, "")
    found.append(_measured(plan, "the same at a pace of 10,000 a second", None))
    return found


def _measured(plan: Plan, what: str, asked: float | None) -> Measurement:
    said = measure(plan)
    median, most, slowest = (f"{seconds * 1000:,.0f}" for seconds in said["waited"])
    note = (
        f"{said['distinct']:,} frames of six readings in {said['seconds']:.1f} s, none lost, none doubled; answered "
        f"after {median} ms (median), {most} ms (99 %), {slowest} ms (slowest); processor time: gateway "
        f"{said['gateway']:.0f} s, sealing {said['sealer']:.0f} s, devices {said['cpu']:.0f} s; load {said['load']}"
    )
    return Measurement(what, asked, said["distinct"] / said["seconds"], "frames/s", "more", note)


def measure(plan: Plan) -> dict[str, Any]:
    """One run, checked."""
    with tempfile.TemporaryDirectory() as folder:
        shed = prepared(Path(folder) / "shed", plan.devices)
        out = Path(folder) / "acknowledged.json"
        server, port = started(shed)
        text = json.dumps({**asdict(plan), "port": port, "out": str(out)})
        client = subprocess.Popen(
            [sys.executable, str(CLIENT), text], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert client.stdout is not None
        assert client.stdin is not None
        client.stdout.readline()
        load, used = os.getloadavg()[0], cpu_of(server.pid)
        client.stdin.write("go\n")
        client.stdin.flush()
        client.wait()
        said: dict[str, Any] = json.loads(out.read_text())
        said["gateway"] = cpu_of(server.pid) - used
        said["sealer"] = sum(map(cpu_of, children_of(server.pid)))
        server.send_signal(signal.SIGTERM)
        server.communicate()
        check(shed, said["acknowledged"])
        return {**said, "load": f"{load:.1f} before, {os.getloadavg()[0]:.1f} after"}


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
    words = ["gateway", "--shed", str(shed), "--host", "127.0.0.1", "--port", "0", "--most-frames", "1000000", *more]
    server = subprocess.Popen([sys.executable, "-m", "commonshed", *words], stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    for line in server.stderr:
        if line.startswith("listening on"):
            return server, int(line.split(":")[1].split()[0])
    raise RuntimeError("the gateway did not start")


def check(shed: Path, acknowledged: dict[str, list[str]]) -> None:
    """Every acknowledged frame is there, reading by reading, and none twice."""
    opened = Shed.open(shed)
    opened.seal(wait=60)
    for i, qns in acknowledged.items():
        table = opened.readings(stations=[f"s{int(i):03d}"])
        starts, ticks = table["start"].to_numpy(), table["ticks"].to_numpy()
        names = table["quantity"].cast("string").to_numpy(zero_copy_only=False)
        sent = np.array([timegm(time.strptime(qn[:14], "%Y%m%d%H%M%S")) - 8 * 3600 for qn in qns], np.int64)
        for j in range(len(CODES)):
            rows = names == QUANTITIES[j]
            there = starts[rows]
            if len(np.unique(there)) != len(there):
                raise AssertionError(f"device {i}: a reading of {QUANTITIES[j]} is there twice")
            if lost := len(np.setdiff1d(sent, there)):
                raise AssertionError(f"device {i}: {lost} acknowledged readings of {QUANTITIES[j]} are lost")
            expected = (int(i) * 37 + (there - FIRST) * 11 + j * 101) % 2000 * 100
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
