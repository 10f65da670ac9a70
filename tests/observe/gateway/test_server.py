"""Devices over real sockets: what is answered is kept, what is refused is said."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path
from typing import Any

import pytest
from tests.observe.gateway.making import (
    MN,
    PASSWORD,
    STATIONS,
    Line,
    frame,
    local,
    make_shed,
    mn,
    registered,
    running,
    some_hour,
    tell,
    until,
    values_of,
)

from commonshed.errors import InputError, ShedError
from commonshed.observe.gateway import Gateway, Limits, Settings, add_device, kept_frames, read_state, remove_device
from commonshed.observe.hj212 import encode

HOUR = some_hour()


def test_what_a_device_sends_is_acknowledged_and_in_the_shed(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")

    async def story() -> None:
        async with running(shed.path) as gateway:
            line = await Line.to(gateway)
            await line.send(frame(HOUR), frame(HOUR + 60))
            assert await line.acknowledged(2) == [f"{local(HOUR)}000", f"{local(HOUR + 60)}000"]

    tell(story())
    rows = values_of(shed.path)
    assert len(rows) == 12
    pm25 = [row for row in rows if row["quantity"] == "pm25"]
    assert [(row["station"], row["statistic"], row["start"], row["ticks"], row["flag"]) for row in pm25] == [
        ("s0", "instant", HOUR, 35_000, "valid"),
        ("s0", "instant", HOUR + 60, 35_000, "valid"),
    ]


def test_frames_come_in_any_pieces_with_anything_between(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    stream = b"\r\n".join([b"noise ## and #", *(frame(HOUR + i) + b"\x00\xff##12" for i in range(20))])
    cuts = sorted(random.Random(4).sample(range(len(stream)), 40))

    async def story() -> None:
        async with running(shed.path) as gateway:
            line = await Line.to(gateway)
            for first, last in zip([0, *cuts], [*cuts, len(stream)], strict=True):
                await line.send(stream[first:last])
                await asyncio.sleep(0)
            assert await line.acknowledged(20) == [f"{local(HOUR + i)}000" for i in range(20)]
            assert gateway.reception.refused["garbage"] >= 1

    tell(story())
    assert len(values_of(shed.path)) == 120


def test_a_frame_that_comes_again_is_answered_again_and_journaled_once(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")

    async def story() -> None:
        async with running(shed.path) as gateway:
            line = await Line.to(gateway)
            await line.send(frame(HOUR), frame(HOUR))
            await line.acknowledged(2)
            again = await Line.to(gateway)
            await again.send(frame(HOUR))
            await again.acknowledged(1)
            assert (gateway.readings, gateway.reception.sessions[MN].resent) == (6, 2)

    tell(story())
    assert len(values_of(shed.path)) == 6


def test_a_device_that_wants_no_answer_gets_none_and_is_kept(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")

    async def story() -> None:
        async with running(shed.path) as gateway:
            line = await Line.to(gateway)
            await line.send(frame(HOUR, flag=4), frame(HOUR + 1))
            assert await line.acknowledged(1) == [f"{local(HOUR + 1)}000"]
            assert [held.cn for held in line.waiting if held.cn == "9014"] == []

    tell(story())
    assert len(values_of(shed.path)) == 12


REFUSED: dict[str, tuple[bytes, int]] = {
    "unknown-mn": (frame(HOUR, number="F" * 24), 4),
    "wrong-password": (frame(HOUR, pw="654321"), 3),
    "wrong-st": (frame(HOUR, st="31"), 5),
    "ahead": (frame(time.time() + 90_000), 7),
    "crc": (frame(HOUR)[:-6] + b"0000\r\n", 0),
    "form": (encode(cn="2011", mn=MN, st="22", pw=PASSWORD, qn=local(HOUR) + "000", flag=5, cp="nothing"), 0),
}


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("reason", REFUSED)
def test_what_is_refused_is_counted_with_its_reason_and_not_kept(tmp_path: Path, reason: str, strict: bool) -> None:
    shed = make_shed(tmp_path / "shed", st=("22",))
    whole, code = REFUSED[reason]

    async def story() -> dict[str, Any]:
        async with running(shed.path, strict=strict) as gateway:
            line = await Line.to(gateway)
            await line.send(whole, frame(HOUR))
            if strict and code:
                assert (await line.hear("9011")).cp == f"QnRtn={code}"
            assert await line.acknowledged(1) == [f"{local(HOUR)}000"]
            return gateway.state()

    state = tell(story())
    expected = "no-reading" if (reason, strict) == ("form", True) else reason
    if reason == "form" and not strict:
        expected = "reading"
    assert state["refused"][expected] == 1
    assert state["latest"][0]["reason"] == expected
    assert PASSWORD not in str(state)
    assert len(values_of(shed.path)) == 6


def test_strict_mode_refuses_an_edition_other_than_registered(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")

    async def story() -> None:
        async with running(shed.path, strict=True) as gateway:
            line = await Line.to(gateway)
            await line.send(frame(HOUR, flag=9))
            assert (await line.hear("9011")).cp == "QnRtn=6"
            assert gateway.reception.refused["wrong-version"] == 1

    tell(story())


def test_a_quantity_the_device_is_not_registered_for_is_left_out_and_told(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed", quantities=("pm25",))

    async def story() -> None:
        async with running(shed.path) as gateway:
            line = await Line.to(gateway)
            await line.send(frame(HOUR))
            await line.acknowledged(1)
            state = gateway.state()
            assert state["devices"][MN]["refused"] == {"reading": 5}
            assert "not registered for" in state["latest"][0]["detail"]

    tell(story())
    assert [row["quantity"] for row in values_of(shed.path)] == ["pm25"]


def test_a_notice_gets_a_notice_s_answer_and_device_states_are_kept_as_frames(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    notice = encode(cn="9015", mn=MN, st="22", pw=PASSWORD, qn=local(HOUR) + "001", flag=9)
    running_time = encode(
        cn="2021", mn=MN, st="22", pw=PASSWORD, qn=local(HOUR) + "002", flag=5, cp=f"DataTime={local(HOUR)};SB1-RS=1"
    )

    async def story() -> None:
        async with running(shed.path) as gateway:
            line = await Line.to(gateway)
            await line.send(notice, running_time)
            assert (await line.hear("9013")).qn == local(HOUR) + "001"
            assert (await line.hear("9014")).qn == local(HOUR) + "002"

    tell(story())
    kept = [each.whole for each in kept_frames(shed.path)]
    assert [b"CN=9015" in kept[0], b"SB1-RS=1" in kept[1]] == [True, True]
    assert all(b"PW=******" in whole and PASSWORD.encode() not in whole for whole in kept)
    assert values_of(shed.path) == []


def test_ending_keeps_and_answers_what_was_gathered(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")

    async def story() -> None:
        async with running(shed.path, delay=3600.0) as gateway:
            line = await Line.to(gateway)
            await line.send(*(frame(HOUR + i) for i in range(50)))
            await until(lambda: gateway.reception.frames == 50)
            assert gateway.committer.turns == 0
        assert len(await line.acknowledged(50)) == 50
        await line.ended()

    tell(story())
    assert len(values_of(shed.path)) == 300
    assert read_state(shed.path)["running"] is False


def test_a_disk_that_refuses_is_not_acknowledged_and_nothing_behind_it_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shed = make_shed(tmp_path / "shed")

    async def story() -> None:
        async with running(shed.path) as gateway:
            append = gateway._journal.append
            failures = [ShedError("no room left"), ShedError("no room left")]

            def full(table: Any) -> int:
                if failures:
                    raise failures.pop()
                return append(table)

            monkeypatch.setattr(gateway._journal, "append", full)
            line = await Line.to(gateway)
            await line.send(frame(HOUR))
            await until(lambda: len(failures) == 1)
            await line.send(frame(HOUR))  # as a device does that hears nothing: once more lost
            await until(lambda: not failures)
            assert gateway.trouble == "no room left"
            await line.send(frame(HOUR))
            assert len(await line.acknowledged(1)) == 1
            assert gateway.readings == 6
            assert gateway.state()["trouble"] is None
            assert not [held for held in line.waiting if held.cn == "9014"]

    tell(story())
    assert len(values_of(shed.path)) == 6


def test_devices_come_and_go_while_the_gateway_runs(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    network = shed.network()

    async def story() -> None:
        async with running(shed.path) as gateway:
            line = await Line.to(gateway)
            add_device(shed.path, network, registered("NEW", station="s3"))
            remove_device(shed.path, MN)
            await until(lambda: list(gateway.reception.registrations) == ["NEW"])
            await line.send(frame(HOUR), frame(HOUR, number="NEW"))
            await line.acknowledged(1)
            assert gateway.reception.refused == {"unknown-mn": 1}

    tell(story())
    assert {row["station"] for row in values_of(shed.path)} == {"s3"}


def test_a_file_of_devices_that_breaks_while_the_gateway_runs_changes_nothing(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")

    async def story() -> None:
        async with running(shed.path) as gateway:
            (shed.path / "gateway/devices.toml").write_text("[devices\n")
            await until(lambda: gateway.trouble is not None)
            line = await Line.to(gateway)
            await line.send(frame(HOUR))
            await line.acknowledged(1)

    tell(story())


def test_many_devices_over_many_connections_are_each_answered(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed", devices=20)

    async def one(gateway: Gateway, i: int) -> list[str]:
        line = await Line.to(gateway)
        await line.send(*(frame(HOUR + k, number=mn(i)) for k in range(30)))
        return await line.acknowledged(30)

    async def story() -> None:
        async with running(shed.path) as gateway:
            answered = await asyncio.gather(*(one(gateway, i) for i in range(20)))
            assert all(qns == [f"{local(HOUR + k)}000" for k in range(30)] for qns in answered)
            assert gateway.committer.turns < 600  # many frames share one sync

    tell(story())
    rows = values_of(shed.path)
    # Two devices stand at each station and say the same: their readings are one.
    assert len(rows) == 10 * 30 * 6
    assert {row["station"] for row in rows} == set(STATIONS)


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")

    async def story() -> None:
        async with running(shed.path) as gateway:
            with pytest.raises(InputError, match="Choose another port"):
                await Gateway(shed.path, Settings(host="127.0.0.1", port=gateway.port)).start()

    tell(story())


def test_more_frames_than_are_to_be_held_make_senders_wait_and_none_is_lost(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")

    async def story() -> None:
        async with running(shed.path, limits=Limits(gathered=40)) as gateway:
            line = await Line.to(gateway)
            await line.send(*(frame(HOUR + i) for i in range(500)))
            assert len(await line.acknowledged(500)) == 500

    tell(story())
    assert len(values_of(shed.path)) == 3000


def test_the_gateway_seals_by_itself_in_a_process_beside(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")

    async def story() -> None:
        async with running(shed.path, seal=True, seal_rows=12) as gateway:
            await until(lambda: gateway.sealer.sealed == 1)  # what earlier processes left
            line = await Line.to(gateway)
            await line.send(frame(HOUR), frame(HOUR + 1))
            await line.acknowledged(2)
            await until(lambda: gateway.sealer.sealed == 2)
            assert gateway.sealer.last["new"] == 12
            await line.send(frame(HOUR + 2))
            await line.acknowledged(1)

    tell(story())
    shed.refresh()
    assert shed.readings().num_rows == 18  # the last ones when it ended
