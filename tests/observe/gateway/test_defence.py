"""Senders that would starve the others are told and cut, and the others do not notice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.observe.gateway.making import MN, Line, frame, make_shed, mn, running, some_hour, tell, until

from commonshed.observe.gateway import Gateway, Limits

HOUR = some_hour()


async def _other_device_is_served(gateway: Gateway) -> None:
    line = await Line.to(gateway)
    await line.send(frame(HOUR, number=mn(1)))
    await line.acknowledged(1)


def test_a_flood_is_cut(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed", devices=2)

    async def story() -> None:
        async with running(shed.path, limits=Limits(frames_per_second=1.0, burst=20.0)) as gateway:
            line = await Line.to(gateway)
            await line.send(*(frame(HOUR + i) for i in range(100)))
            await line.ended()
            assert gateway.reception.sessions[MN].frames == 20
            assert gateway.reception.refused["flood"] >= 1
            await _other_device_is_served(gateway)

    tell(story())


SENT: dict[str, list[bytes]] = {
    "no frame at all": [],
    "a frame that never ends": [frame(HOUR)[:100]],
    "a frame, then one that never ends": [frame(HOUR), frame(HOUR + 1)[:100]],
    "frames of nobody": [frame(HOUR, number="F" * 24)],
}


@pytest.mark.parametrize("sent", SENT)
def test_who_sends_no_whole_frame_in_time_is_cut(tmp_path: Path, sent: str) -> None:
    shed = make_shed(tmp_path / "shed", devices=2)

    async def story() -> None:
        async with running(shed.path, limits=Limits(first_frame=0.2)) as gateway:
            line = await Line.to(gateway)
            await line.send(*SENT[sent])
            await line.ended()
            assert gateway.reception.refused["slow"] == 1
            await _other_device_is_served(gateway)

    tell(story())


def test_who_says_nothing_for_too_long_is_cut(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")

    async def story() -> None:
        async with running(shed.path, limits=Limits(idle=0.2)) as gateway:
            line = await Line.to(gateway)
            await line.send(frame(HOUR))
            await line.ended()
            assert gateway.reception.refused == {"idle": 1}
            assert gateway.state()["devices"][MN]["connected"] is False

    tell(story())


CUT: dict[str, tuple[bytes, Limits]] = {
    "garbage": (b"no frame at all " * 100, Limits(stray_bytes=1000)),
    "refusals": (frame(HOUR, pw="654321") * 20, Limits(refusals=5)),
}


@pytest.mark.parametrize("reason", CUT)
def test_what_leads_nowhere_is_cut(tmp_path: Path, reason: str) -> None:
    shed = make_shed(tmp_path / "shed", devices=2)
    sent, limits = CUT[reason]

    async def story() -> None:
        async with running(shed.path, limits=limits) as gateway:
            line = await Line.to(gateway)
            await line.send(sent)
            await line.ended()
            assert gateway.reception.refused[reason] >= 1
            await _other_device_is_served(gateway)

    tell(story())


def test_too_many_wrong_passwords_close_the_ear_for_this_device_from_there(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed", devices=2)

    async def story() -> None:
        async with running(shed.path, limits=Limits(wrong_passwords=3, refusals=100)) as gateway:
            line = await Line.to(gateway)
            await line.send(frame(HOUR, pw="000000") * 3, frame(HOUR), frame(HOUR, number=mn(1)))
            await line.acknowledged(1)
            assert gateway.reception.refused == {"wrong-password": 3, "guessing": 1}

    tell(story())


@pytest.mark.parametrize(
    ("limits", "reason"),
    [(Limits(connections=2), "too-many-connections"), (Limits(per_address=2), "too-many-connections-of-address")],
)
def test_only_so_many_may_be_in_at_a_time(tmp_path: Path, limits: Any, reason: str) -> None:
    shed = make_shed(tmp_path / "shed")

    async def story() -> None:
        async with running(shed.path, limits=limits) as gateway:
            first, second, third = [await Line.to(gateway) for _ in range(3)]
            with pytest.raises(ConnectionError):
                await third.hear()
            assert gateway.reception.refused == {reason: 1}
            await second.close()
            await until(lambda: gateway.state()["connections"] == 1)
            fourth = await Line.to(gateway)
            for i, line in enumerate((first, fourth)):
                await line.send(frame(HOUR + i))
                await line.acknowledged(1)

    tell(story())


def test_who_does_not_take_its_answers_is_cut(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")

    async def story() -> None:
        async with running(shed.path, limits=Limits(unsent=10_000, burst=1e6, frames_per_second=1e6)) as gateway:
            line = await Line.to(gateway, room=4096)
            line.writer.transport.pause_reading()  # type: ignore[attr-defined]
            at = 0
            while not gateway.reception.refused["unsent"]:
                line.writer.write(b"".join(frame(HOUR + at + i) for i in range(500)))
                at += 500
                await until(lambda: gateway.reception.refused["unsent"] or gateway.reception.frames >= at)  # noqa: B023

    tell(story())


def test_a_device_that_hangs_up_its_sending_side_still_gets_its_answers(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")

    async def story() -> None:
        async with running(shed.path, delay=0.1) as gateway:
            line = await Line.to(gateway)
            await line.send(frame(HOUR))
            line.writer.write_eof()
            await line.acknowledged(1)
            await line.ended()

    tell(story())
