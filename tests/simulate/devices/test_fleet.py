"""Made-up devices over real sockets: what is answered is counted, what is not is sent again."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator

import pytest
from tests.simulate.devices.station import Station, device

from commonshed.cli import run
from commonshed.errors import InputError, UnknownName
from commonshed.observe.hj212 import Device, Frame, clock_request, data_ack, request_ack
from commonshed.simulate.devices import FAULTS, Plan, Tally, play, simulated_devices
from commonshed.simulate.devices.fleet import playing


def played(station: Station, **changes: object) -> Tally:
    async def both() -> Tally:
        async with station:
            fields: dict[str, object] = {"devices": (device(),), "rate": 50.0, "seconds": 0.6}
            plan = Plan(port=station.port, **(fields | changes))  # type: ignore[arg-type]
            return await playing(plan)

    return asyncio.run(both())


def test_every_frame_is_sent_and_its_answer_counted() -> None:
    station = Station()
    tally = played(station, devices=simulated_devices(("Mill", "Park"), 3))
    assert tally.counts["sent"] == tally.counts["acknowledged"] == len(tally.acknowledged) == len(station.frames)
    assert tally.counts["connections"] == 3
    assert {frame.mn for frame in station.frames} == {f"SIMULATED{i:015d}" for i in (1, 2, 3)}
    assert (station.garbage, station.broken, tally.counts["resent"]) == (0, 0, 0)
    assert len(tally.delays) == tally.counts["sent"]


def test_a_frame_without_an_answer_is_sent_again_with_the_same_number() -> None:
    def forgetful(frame: Frame, n: int) -> bytes:
        return b"" if n in (0, 3) else data_ack(frame)

    station = Station(forgetful)
    tally = played(station, timeout=0.5)
    counts = Counter(frame.qn for frame in station.frames)
    first, _, third = list(dict.fromkeys(frame.qn for frame in station.frames))[:3]
    assert tally.counts["resent"] == sum(counts.values()) - len(counts) >= 2
    assert counts[first] >= 2
    assert counts[third] >= 2
    assert tally.counts["acknowledged"] == tally.counts["sent"] == len(counts)


def test_a_line_that_never_answers_is_given_up_and_tried_anew() -> None:
    station = Station(lambda *_: b"")
    tally = played(station, timeout=0.02, seconds=0.4)
    assert tally.counts["acknowledged"] == 0
    assert tally.counts["given up"] >= 1
    assert tally.counts["connections"] >= 2
    assert tally.counts["unanswered"] == 1
    assert tally.counts["unsent"] > 0
    assert len({frame.qn for frame in station.frames}) == 1


def test_a_refusal_is_told_in_words() -> None:
    tally = played(Station(lambda frame, _: request_ack(frame, 3)))
    assert tally.refusals["PW wrong"] == tally.counts["sent"]
    assert tally.counts["acknowledged"] == 0


def test_a_request_is_answered_in_between() -> None:
    def asking(frame: Frame, n: int) -> bytes:
        return data_ack(frame) + (clock_request(device(), "20260301080000000") if n == 2 else b"")

    station = Station(asking)
    tally = played(station)
    assert tally.counts["requests"] == 1
    assert {"9011", "1011", "9012"} <= set(station.commands())


def test_all_faults_together_lose_nothing_that_was_acknowledged() -> None:
    station = Station()
    faults = frozenset(FAULTS) - {"slow"}
    devices = simulated_devices(("Mill",), 12)
    tally = played(station, devices=devices, faults=faults, seconds=2.0, window=4, step=300, timeout=0.2)
    assert tally.refusals.total() == 0
    assert {name for name in faults - {"units", "password"} if not tally.counts[name]} <= {"restart", "cut", "late"}
    assert station.garbage > 0
    assert station.broken > 0
    came = {(frame.mn, frame.cn, frame.fields["DataTime"]) for frame in station.frames if "DataTime" in frame.fields}
    assert set(tally.acknowledged) <= came
    assert tally.counts["acknowledged"] >= tally.counts["sent"] - tally.counts["unanswered"]


def test_a_slow_connection_sends_no_frame() -> None:
    station = Station()
    tally = played(station, faults=frozenset({"slow"}))
    assert tally.counts["slow"] == 1
    assert tally.counts["acknowledged"] == tally.counts["sent"]


def test_nobody_listening_is_told_at_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionRefusedError):
            play(Plan(devices=(device(),), port=taken.getsockname()[1]))


def test_what_cannot_be_played_is_refused() -> None:
    one: tuple[Device, ...] = (device(),)
    with pytest.raises(UnknownName, match="garbage"):
        Plan(devices=one, faults=frozenset({"garbag"}))
    with pytest.raises(UnknownName, match="river"):
        Plan(devices=one, kind="rivers")
    with pytest.raises(InputError, match="no device"):
        Plan(devices=())
    for name in ("rate", "seconds", "window", "step"):
        with pytest.raises(InputError, match=name):
            Plan(devices=one, **{name: 0})  # type: ignore[arg-type]


@pytest.fixture
def listening() -> Iterator[Station]:
    """A station in a thread of its own."""
    station = Station()
    ready, ended = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def listen() -> None:
        loops.append(asyncio.get_running_loop())
        async with station:
            ready.set()
            await ended.wait()

    thread = threading.Thread(target=lambda: asyncio.run(listen()))
    thread.start()
    assert ready.wait(10)
    yield station
    loops[0].call_soon_threadsafe(ended.set)
    thread.join(10)


def test_the_command_plays_and_says_what_came_of_it(listening: Station, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--devices", "2", "--rate", "20", "--for", "0.5", "--faults", "again,gaps", "--format", "json"]
    assert run(["device", "simulate", *words, "--port", str(listening.port)]) == 0
    (record,) = json.loads(capsys.readouterr().out)
    assert record["sent"] == record["acknowledged"] > 10
    assert (record["devices"], record["unanswered"]) == (2, 0)
    assert float(record["delay_median_ms"]) > 0


def test_the_command_refuses_faults_nobody_knows(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["device", "simulate", "--faults", "noise"]) == 2
    assert "there is no fault 'noise'" in capsys.readouterr().err
    assert run(["device", "simulate", "--register"]) == 2
    assert "Add --shed" in capsys.readouterr().err
