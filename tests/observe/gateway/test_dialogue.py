"""What the gateway asks of devices: their clock, and the hours of which nothing came. And packets of one message."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from tests.observe.gateway.making import (
    MN,
    PASSWORD,
    Line,
    frame,
    local,
    make_shed,
    running,
    some_hour,
    tell,
    until,
    values_of,
)

from commonshed.observe.gateway import read_state
from commonshed.observe.hj212 import Frame, encode

HOUR = some_hour(48)
MEANS = {"a21026": "8.1"}


def answer(asked: Frame, cn: str, cp: str) -> bytes:
    """What a device answers to a request."""
    return encode(cn=cn, mn=MN, st="91", pw=PASSWORD, qn=asked.qn, flag=4, cp=cp)


async def obey(line: Line, cn: str, *data: bytes, result: int = 1) -> Frame:
    """Wait for a request, take it, send data, say how it ended."""
    asked = await line.hear(cn)
    await line.send(answer(asked, "9011", "QnRtn=1"), *data, answer(asked, "9012", f"ExeRtn={result}"))
    return asked


def hourly(start: int) -> bytes:
    """Hourly means that start then."""
    return frame(start, cn="2061", values=MEANS, suffix="Avg")


def clock(asked: Frame, second: float) -> bytes:
    """The clock of a device, uploaded."""
    return encode(cn="1011", mn=MN, st="22", pw=PASSWORD, qn=asked.qn, flag=4, cp=f"SystemTime={local(second)}")


@pytest.mark.parametrize("allowed", [True, False])
def test_a_clock_is_asked_for_and_set_only_where_the_registration_allows_it(tmp_path: Path, allowed: bool) -> None:
    shed = make_shed(tmp_path / "shed", set_clock=allowed)

    async def story() -> None:
        async with running(shed.path) as gateway:
            line = await Line.to(gateway)
            await line.send(frame(HOUR))
            asked = await line.hear("1011")
            assert (asked.pw, asked.mn, asked.wants_answer) == (PASSWORD, MN, True)
            now = time.time()
            await line.send(
                answer(asked, "9011", "QnRtn=1"), clock(asked, now - 300), answer(asked, "9012", "ExeRtn=1")
            )
            session = gateway.reception.sessions[MN]
            await until(lambda: session.clock_offset is not None and "success" in session.asking.outcome)
            assert session.clock_offset is not None
            assert -302 <= session.clock_offset <= -298
            if allowed:
                told = (await obey(line, "1012")).fields["SystemTime"]
                assert local(now) <= told <= local(time.time())
            else:
                await line.send(frame(HOUR + 1))
                await line.acknowledged(2)
                assert not [held for held in line.waiting if held.cn == "1012"]

    tell(story())


def test_a_device_that_says_its_clock_is_off_has_it_set(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed", set_clock=True)
    notice = encode(cn="1013", mn=MN, st="22", pw=PASSWORD, qn=local(HOUR) + "001", flag=5)

    async def story() -> None:
        async with running(shed.path) as gateway:
            line = await Line.to(gateway)
            await line.send(notice)
            assert (await line.hear("9013")).qn == local(HOUR) + "001"
            await obey(line, "1011")
            await obey(line, "1012")

    tell(story())


def test_hours_that_are_missing_are_asked_for_and_taken_when_they_come(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")

    async def story() -> None:
        async with running(shed.path) as gateway:
            line = await Line.to(gateway)
            await line.send(hourly(HOUR), hourly(HOUR + 4 * 3600))
            await obey(line, "1011")
            session = gateway.reception.sessions[MN]
            assert session.gaps.hours() == 3
            asked = await obey(line, "2061", *(hourly(HOUR + i * 3600) for i in (1, 2, 3)))
            assert asked.fields == {"BeginTime": local(HOUR + 3600), "EndTime": local(HOUR + 3 * 3600)}
            await until(lambda: session.gaps.hours() == 0)
            await line.acknowledged(5)

    tell(story())
    assert [row["start"] for row in values_of(shed.path)] == [HOUR + i * 3600 for i in range(5)]
    assert read_state(shed.path)["devices"][MN]["gaps"] == []


def test_hours_a_device_does_not_have_are_given_up(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")

    async def story() -> None:
        async with running(shed.path) as gateway:
            line = await Line.to(gateway)
            await line.send(hourly(HOUR), hourly(HOUR + 2 * 3600))
            await obey(line, "1011")
            await obey(line, "2061", result=100)
            await until(lambda: gateway.reception.sessions[MN].gaps.hours() == 0)
            assert "no data" in gateway.reception.sessions[MN].asking.outcome

    tell(story())


def test_what_is_missing_is_known_to_the_next_gateway(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")

    async def first() -> None:
        async with running(shed.path) as gateway:
            line = await Line.to(gateway)
            await line.send(hourly(HOUR), hourly(HOUR + 2 * 3600))
            await line.acknowledged(2)

    async def second() -> dict[str, Any]:
        async with running(shed.path) as gateway:
            line = await Line.to(gateway)
            await line.send(hourly(HOUR + 3 * 3600))
            await line.acknowledged(1)
            return dict(gateway.state()["devices"][MN])

    tell(first())
    device = tell(second())
    assert (device["gaps"], device["last_hour"]) == ([[HOUR + 3600, HOUR + 3600]], HOUR + 3 * 3600)


def cut_in_two() -> list[bytes]:
    """A message whose text is cut in the middle of an item."""
    cp = f"DataTime={local(HOUR)};a21026-Rtd=8.1,a21026-Flag=N;a21004-Rtd=41,a21004-Flag=N"
    at = cp.index("-Rtd=41")
    parts = [cp[:at], cp[at:]]
    return [
        encode(cn="2011", mn=MN, st="22", pw=PASSWORD, qn=f"{local(HOUR)}00{i}", flag=7, pnum=2, pno=i, cp=part)
        for i, part in enumerate(parts, 1)
    ]


def test_a_message_in_packets_is_acknowledged_packet_by_packet_and_taken_whole(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")

    async def story() -> None:
        async with running(shed.path) as gateway:
            line = await Line.to(gateway)
            for i, packet in enumerate(cut_in_two(), 1):
                await line.send(packet)
                assert await line.acknowledged(1) == [f"{local(HOUR)}00{i}"]

    tell(story())
    assert [(row["quantity"], row["ticks"]) for row in values_of(shed.path)] == [("no2", 41_000), ("so2", 8_100)]


def test_a_packet_that_was_acknowledged_outlives_the_gateway(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")

    async def one(packet: bytes) -> None:
        async with running(shed.path) as gateway:
            line = await Line.to(gateway)
            await line.send(packet)
            await line.acknowledged(1)

    for packet in cut_in_two():
        tell(one(packet))
    assert [(row["quantity"], row["ticks"]) for row in values_of(shed.path)] == [("no2", 41_000), ("so2", 8_100)]
