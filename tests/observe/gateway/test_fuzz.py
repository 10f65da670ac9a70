"""Whatever a registered device sends, with a right check sum and all, breaks nothing and delays no other."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.observe.gateway.making import MN, PASSWORD, Line, frame, local, make_shed, mn, running, some_hour, tell

from commonshed.observe.gateway import Limits
from commonshed.observe.hj212.frame import whole_frame

HOUR = some_hour()
NUMBERS = st.sampled_from(["", "0", "-1", "1e9", "9" * 30, "0.1", "7.5", "NaN", "٣", "--", "<3", "1,2", "%s", "\\n"])
NAMES = st.sampled_from(
    [
        *("DataTime", "SystemTime", "PolId", "QnRtn", "ExeRtn", "SB1-RS", "LA-Data", "Leq-Rtd", "w01018-Cou"),
        *("a34004-Rtd", "a34004-Avg", "a34004-SampleTime", "a21026-Flag", "a21026-EFlag"),
        *("a34004", "-", "=", "%s-Rtd", "温度-Rtd"),
    ]
)
TIMES = st.sampled_from([local(HOUR), local(HOUR + 1800), "20260230000000", "2026", "99991231235959", "0" * 14])
ITEMS = st.tuples(NAMES, st.one_of(NUMBERS, TIMES)).map("=".join)
CP = st.tuples(st.sampled_from([";", ",", ";;"]), st.lists(ITEMS, max_size=8)).map(
    lambda drawn: drawn[0].join(drawn[1])
)
FIELDS = {
    "QN": st.one_of(TIMES.map(lambda text: text + "000"), st.sampled_from(["", "x", "１" * 17])),
    "ST": st.sampled_from(["22", "91", "", "ZZ"]),
    "CN": st.sampled_from(
        ["2011", "2051", "2061", "2031", "1011", "1013", "9011", "9012", "9013", "9014", "9015", "2021", "3019", "0"]
    ),
    "PW": st.just(PASSWORD),
    "MN": st.just(MN),
    "Flag": st.sampled_from(["5", "4", "7", "9", "1", "", "255", "999"]),
    "PNUM": st.sampled_from(["", "", "", "2", "99", "0"]),
    "PNO": st.sampled_from(["", "", "", "1", "2", "3"]),
}
SEGMENTS = st.tuples(st.fixed_dictionaries(FIELDS), CP).map(
    lambda drawn: (
        ";".join(f"{name}={value}" for name, value in drawn[0].items() if value) + f";CP=&&{drawn[1]}&&"
    ).encode()
)


@pytest.mark.parametrize("strict", [False, True])
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_nothing_a_device_may_say_breaks_the_gateway(
    tmp_path_factory: pytest.TempPathFactory, strict: bool, data: st.DataObject
) -> None:
    folder: Path = tmp_path_factory.mktemp("fuzz")
    shed = make_shed(folder / "shed", devices=2, set_clock=True)
    frames = [whole_frame(segment) for segment in data.draw(st.lists(SEGMENTS, min_size=20, max_size=60))]
    broken: list[dict[str, Any]] = []

    async def story() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: broken.append(context))
        async with running(shed.path, strict=strict, limits=Limits(refusals=10**6)) as gateway:
            line, other = await Line.to(gateway), await Line.to(gateway)
            await line.send(*frames, frame(HOUR))
            await other.send(frame(HOUR, number=mn(1)))
            assert await other.acknowledged(1) == [f"{local(HOUR)}000"]
            while (await line.hear("9014")).qn != f"{local(HOUR)}000" or gateway.reception.frames < 2:
                pass
            assert gateway.trouble is None

    tell(story())
    assert broken == []
    shed.seal()
