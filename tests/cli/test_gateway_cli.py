"""``commonshed gateway …`` and ``commonshed device add | list | remove | frames``, as typed."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.observe.gateway.making import MN, PASSWORD, frame, local, make_shed, some_hour

from commonshed.cli import run
from commonshed.keep import Shed
from commonshed.observe.gateway import load_devices, load_keys
from commonshed.observe.gateway.keys import key_of

HOUR = some_hour()


@contextmanager
def gateway(shed: Path, *words: str) -> Iterator[tuple[int, list[str]]]:
    """The gateway as a process, until it is told to end; its port and what it says."""
    process = subprocess.Popen(
        [sys.executable, "-m", "commonshed", "gateway", "--shed", str(shed), "--port", "0", "--no-seal", *words],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said = [process.stderr.readline()]
    listening = threading.Thread(target=lambda: said.extend(process.stderr or ()))
    try:
        yield int(said[0].split(":")[1].split()[0]), said
    finally:
        listening.start()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        listening.join()
        process.stderr.close()


def exchange(port: int, whole: bytes) -> bytes:
    """Send a frame; the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(whole)
        said = b""
        while b"CN=9014" not in said:
            said += line.recv(4096)
        return said


def test_a_gateway_runs_until_it_is_told_to_end_and_says_what_it_did(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shed = make_shed(tmp_path / "shed")
    with gateway(shed.path, "--host", "127.0.0.1", "--http", "0") as (port, said):
        assert f"QN={local(HOUR)}000".encode() in exchange(port, frame(HOUR))
        with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
            line.sendall(frame(HOUR, number="F" * 24))
    assert said[0] == f"listening on 127.0.0.1:{port} for 1 devices\n"
    assert said[1].startswith("listening on http://127.0.0.1:")
    assert said[-1] == "1 frames taken, 6 readings kept\n"
    assert run(["shed", "seal", "--shed", str(shed.path)]) == 0
    assert "6 new" in capsys.readouterr().err

    assert run(["gateway", "status", "--shed", str(shed.path)]) == 0
    told = capsys.readouterr()
    assert "not running" in told.err
    assert "unknown-mn: 1; no device of this MN is registered. commonshed device add MN." in told.err
    assert MN in told.out
    assert run(["gateway", "status", "--shed", str(shed.path), "--format", "json"]) == 0
    (record,) = json.loads(capsys.readouterr().out)
    assert (record["frames"], record["readings"], record["devices"][0]["mn"]) == (1, 6, MN)
    assert run(["gateway", "status", "--shed", str(shed.path), "--format", "csv"]) == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("mn,connected,last_frame")

    assert run(["device", "frames", "--shed", str(shed.path), "--mn", MN, "--cn", "2011", "--format", "json"]) == 0
    (kept,) = json.loads(capsys.readouterr().out)
    assert PASSWORD not in kept["frame"]
    assert f"DataTime={local(HOUR)}" in kept["frame"]
    later = ["--from", "2100-01-01T00:00"]
    assert run(["device", "frames", "--shed", str(shed.path), *later, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_a_shed_where_no_gateway_ran_has_no_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shed = make_shed(tmp_path / "shed")
    assert run(["gateway", "status", "--shed", str(shed.path)]) == 2
    assert "no gateway ever ran here" in capsys.readouterr().err


@pytest.mark.parametrize("length", ["30", "d", "0d", "-1d", "2w"])
def test_a_time_to_keep_frames_has_a_unit(tmp_path: Path, capsys: pytest.CaptureFixture[str], length: str) -> None:
    shed = make_shed(tmp_path / "shed")
    assert run(["gateway", "--shed", str(shed.path), f"--keep-frames={length}"]) == 2
    assert "Write 30d or 12h" in capsys.readouterr().err


def test_devices_are_registered_listed_and_removed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shed = make_shed(tmp_path / "shed", devices=0)
    add = ["device", "add", MN, "--shed", str(shed.path), "--station", "s3"]
    more = ["--unit", "a34004=ug/m3", "--unit", "a34002=ug/m3", "--quantities", "pm25,pm10", "--st", "22"]
    assert run([*add, *more, "--set-clock", "--no-backfill", "--note", "roof"]) == 0
    password = capsys.readouterr().out.strip()
    held = load_devices(shed.path)[MN]
    assert (held.device.password, len(password), held.device.zone) == (password, 6, shed.zone)
    assert held.device.units == {"a34004": "ug/m3", "a34002": "ug/m3"}
    assert (held.device.quantities, held.device.st) == (("pm25", "pm10"), ("22",))
    assert (held.set_clock, held.backfill, held.note) == (True, False, "roof")

    assert run(add) == 2
    assert "say --replace" in capsys.readouterr().err
    assert run([*add, "--replace", "--password", "654321"]) == 0
    assert capsys.readouterr().out == ""
    assert run(["device", "list", "--shed", str(shed.path), "--format", "json"]) == 0
    listed = capsys.readouterr().out
    assert "654321" not in listed
    assert json.loads(listed)[0]["station"] == "s3"
    assert run(["device", "remove", MN, "--shed", str(shed.path)]) == 0
    assert load_devices(shed.path) == {}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--station", "s99"], "there is no station 's99'"),
        (["--station", "s1", "--unit", "a34004"], "Write a34004=ug/m3"),
        (["--station", "s1", "--zone", "Beijing"], "no such zone"),
        (["--station", "s1", "--minute-interval", "7"], "minute interval"),
    ],
)
def test_a_device_that_cannot_be_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    shed = make_shed(tmp_path / "shed", devices=0)
    assert run(["device", "add", MN, "--shed", str(shed.path), *words]) == 2
    assert told in capsys.readouterr().err


def test_keys_are_shown_once_listed_without_themselves_and_taken_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shed = make_shed(tmp_path / "shed")
    path = str(shed.path)
    assert run(["gateway", "key", "add", "logger-3", "--shed", path, "--stations", "s1, s2"]) == 0
    token = capsys.readouterr().out.strip()
    found = key_of(load_keys(shed.path), token)
    assert found is not None
    assert found.stations == ("s1", "s2")
    assert run(["gateway", "key", "list", "--shed", path, "--format", "json"]) == 0
    listed = capsys.readouterr().out
    assert token not in listed
    assert json.loads(listed)[0]["stations"] == ["s1", "s2"]
    assert run(["gateway", "key", "remove", "logger-3", "--shed", path]) == 0
    assert load_keys(shed.path) == {}
    assert run(["gateway", "key", "remove", "logger-3", "--shed", path]) == 2


def test_a_gateway_needs_a_shed_with_places(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Shed.create(tmp_path / "bare", name="bare", zone="+08:00")
    assert run(["gateway", "--shed", str(tmp_path / "bare")]) == 2
    assert "no places are published here yet" in capsys.readouterr().err


def test_made_up_devices_are_registered_only_when_they_can_be_played(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shed = make_shed(tmp_path / "shed", devices=0)
    simulate = ["device", "simulate", "--shed", str(shed.path), "--register", "--devices", "2"]
    assert run([*simulate, "--faults", "nonsense"]) == 2
    assert load_devices(shed.path) == {}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
    capsys.readouterr()
    assert run(["device", "simulate", "--port", port]) == 2
    assert "nobody listens there" in capsys.readouterr().err
