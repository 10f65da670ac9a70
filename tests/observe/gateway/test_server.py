"""Devices over real sockets: what is answered is kept, what is refused is said."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.observe.gateway.making import Line, frame, make_shed, running, some_hour, values_of


def test_what_a_device_sends_is_acknowledged_and_in_the_shed(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    hour = some_hour()

    async def story() -> None:
        async with running(shed.path) as gateway:
            line = await Line.to(gateway)
            await line.send(frame(hour), frame(hour + 60))
            qns = await line.acknowledged(2)
            assert [qn[8:14] for qn in qns] == [frame(hour)[17:23].decode(), frame(hour + 60)[17:23].decode()]
            await line.close()

    asyncio.run(story())
    rows = values_of(shed.path)
    assert len(rows) == 12
    pm25 = [row for row in rows if row["quantity"] == "pm25"]
    assert [(row["station"], row["statistic"], row["start"], row["ticks"], row["flag"]) for row in pm25] == [
        ("s0", "instant", hour, 35_000, "valid"),
        ("s0", "instant", hour + 60, 35_000, "valid"),
    ]
