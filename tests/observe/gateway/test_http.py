"""Loggers that speak HTTP: real requests over loopback; 2xx means durable, and nothing is half taken."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pytest
from tests.observe.gateway.making import Line, frame, make_shed, running, some_hour, tell, until, values_of

from commonshed.errors import ShedError
from commonshed.keep import Shed
from commonshed.observe.gateway import Gateway, add_key, remove_key

HOUR = some_hour()
ARROW = "application/vnd.apache.arrow.stream"


def reading(i: int = 0, **fields: Any) -> dict[str, Any]:
    """One hourly mean."""
    said = {
        "station": "s1",
        "quantity": "pm25",
        "start": HOUR + 3600 * i,
        "period": 3600,
        "value": "35.2",
        "unit": "ug/m3",
    }
    return {**said, **fields}


def body(*readings: dict[str, Any]) -> dict[str, Any]:
    """What is posted."""
    return {"readings": list(readings)}


@pytest.fixture
def shed(tmp_path: Path) -> Shed:
    return make_shed(tmp_path / "shed")


@asynccontextmanager
async def speaking(shed: Shed, **key: Any) -> AsyncIterator[tuple[Gateway, httpx.AsyncClient]]:
    """A gateway and a logger with a key."""
    token = add_key(shed.path, shed.network(), "logger", **key)
    async with running(shed.path, http_port=0) as gateway:
        url = f"http://127.0.0.1:{gateway.http_port}"
        async with httpx.AsyncClient(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=20
        ) as client:
            yield gateway, client


def test_posted_readings_are_durable_when_the_answer_comes(shed: Shed) -> None:
    async def story() -> None:
        async with speaking(shed) as (gateway, client):
            answer = await client.post(
                "/readings", json=body(reading(), reading(1, value=7, flag="suspect", reason="x"))
            )
            assert (answer.status_code, answer.json()) == (200, {"taken": 2})
            assert (gateway.readings, gateway.posted) == (2, 2)

    tell(story())
    rows = values_of(shed.path)
    picked = [(row["start"], row["ticks"], row["flag"], row["reason"], row["mapping"], row["origin"]) for row in rows]
    assert picked == [
        (HOUR, 35_200, "valid", None, "http-intake", "key logger"),
        (HOUR + 3600, 7_000, "suspect", "x", "http-intake", "key logger"),
    ]


def test_arrow_is_taken_as_json_is(shed: Shed) -> None:
    table = pa.table(
        {
            "station": ["s1", "s2"],
            "quantity": ["pm25", "co"],
            "start": pa.array([HOUR * 1000] * 2, pa.timestamp("ms", tz="UTC")),
            "period": [3600, 3600],
            "value": pa.array([35.2, 0.7], pa.float32()),
            "unit": ["ug/m3", "mg/m3"],
        }
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)

    async def story() -> None:
        async with speaking(shed) as (_, client):
            answer = await client.post(
                "/readings", content=sink.getvalue().to_pybytes(), headers={"Content-Type": ARROW}
            )
            assert (answer.status_code, answer.json()) == (200, {"taken": 2})

    tell(story())
    assert [(row["station"], row["ticks"]) for row in values_of(shed.path)] == [("s1", 35_200), ("s2", 700)]


def test_one_fault_refuses_all_and_every_fault_is_told(shed: Shed) -> None:
    async def story() -> None:
        async with speaking(shed, stations=("s1",), quantities=("pm25",)) as (gateway, client):
            rows = [reading(), reading(1, station="s2"), reading(2, value="much"), reading(3, quantity="co")]
            answer = await client.post("/readings", json=body(*rows))
            assert answer.status_code == 422
            said = answer.json()
            assert said["taken"] == 0
            assert [(each["row"], each["field"], each["problem"]) for each in said["errors"]] == [
                (2, "station", "this key is not for this station"),
                (4, "quantity", "this key is not for this quantity"),
            ]
            answer = await client.post("/readings", json=body(rows[0], rows[2]))
            assert [(each["row"], each["field"], each["value"]) for each in answer.json()["errors"]] == [
                (2, "value", "much")
            ]
            assert gateway.readings == 0

    tell(story())
    assert values_of(shed.path) == []


def test_the_same_request_again_gets_the_same_answer_and_another_body_is_refused(shed: Shed) -> None:
    name = {"Idempotency-Key": "post-1"}

    async def story() -> None:
        async with speaking(shed) as (gateway, client):
            first = await client.post("/readings", json=body(reading()), headers=name)
            again = await client.post("/readings", json=body(reading()), headers=name)
            assert (again.status_code, again.content) == (first.status_code, first.content)
            assert "idempotency-replayed" not in first.headers
            assert again.headers["idempotency-replayed"] == "true"
            other = await client.post("/readings", json=body(reading(1)), headers=name)
            assert other.status_code == 409
            assert gateway.posted == 1

    async def after_a_restart(token: str) -> None:
        async with running(shed.path, http_port=0) as gateway:
            url = f"http://127.0.0.1:{gateway.http_port}/readings"
            async with httpx.AsyncClient(trust_env=False) as client:
                headers = {**name, "X-API-Key": token}
                assert (await client.post(url, json=body(reading(5)), headers=headers)).status_code == 200

    tell(story())
    # A key of another logger has request names of its own.
    tell(after_a_restart(add_key(shed.path, shed.network(), "other")))
    assert len(values_of(shed.path)) == 2


def test_two_of_the_same_request_at_once_are_taken_once(shed: Shed) -> None:
    async def story() -> None:
        async with speaking(shed) as (gateway, client):
            many = [
                client.post("/readings", json=body(reading()), headers={"Idempotency-Key": "same"}) for _ in range(8)
            ]
            answers = await asyncio.gather(*many)
            assert {(each.status_code, each.content) for each in answers} == {(200, b'{"taken":1}')}
            assert gateway.posted == 1

    tell(story())


def test_a_refused_request_may_be_mended_under_its_name(shed: Shed) -> None:
    name = {"Idempotency-Key": "post-1"}

    async def story() -> None:
        async with speaking(shed) as (_, client):
            assert (await client.post("/readings", json=body(reading(value="?")), headers=name)).status_code == 422
            assert (await client.post("/readings", json=body(reading()), headers=name)).status_code == 200

    tell(story())


def test_who_has_no_key_is_not_listened_to(shed: Shed) -> None:
    async def story() -> None:
        async with speaking(shed) as (gateway, client):
            wrong = await client.post("/readings", json=body(reading()), headers={"Authorization": "Bearer cs_no"})
            assert (wrong.status_code, wrong.headers["www-authenticate"]) == (401, "Bearer")
            remove_key(shed.path, "logger")
            await until(lambda: not gateway.keys)
            assert (await client.post("/readings", json=body(reading()))).status_code == 401

    tell(story())


BAD: dict[str, tuple[dict[str, str], bytes, int, str]] = {
    "no JSON": ({}, b"{", 400, "the body is no JSON"),
    "not a number": ({}, b'{"readings": [NaN]}', 400, "NaN is no number"),
    "another object": ({}, b'{"rows": []}', 400, "an object with one list"),
    "no Arrow": ({"Content-Type": ARROW}, b"ARROW1", 400, "no Arrow stream"),
    "another kind": ({"Content-Type": "text/csv"}, b"a,b", 415, "application/json"),
    "compressed": ({"Content-Encoding": "gzip"}, b"{}", 415, "not compressed"),
    "too large": ({}, b" " * ((16 << 20) + 1), 413, "in parts"),
    "a long name": ({"Idempotency-Key": "x" * 256}, b"{}", 400, "at most 255"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_body_that_cannot_be_read_is_refused_in_words(shed: Shed, fault: str) -> None:
    headers, content, status, words = BAD[fault]

    async def story() -> None:
        async with speaking(shed) as (_, client):
            answer = await client.post(
                "/readings", content=content, headers={"Content-Type": "application/json", **headers}
            )
            assert answer.status_code == status
            assert words in answer.json()["problem"]

    tell(story())


def test_a_body_without_a_length_is_cut_at_the_same_size(shed: Shed) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(300):
            yield b" " * 65536

    async def story() -> None:
        async with speaking(shed) as (gateway, client):
            try:
                answer = await client.post("/readings", content=endless(), headers={"Content-Type": "application/json"})
                assert answer.status_code == 413
            except httpx.TransportError:
                pass  # it hung up before all was sent
            assert gateway.readings == 0

    tell(story())


def test_no_readings_are_no_fault(shed: Shed) -> None:
    async def story() -> None:
        async with speaking(shed) as (_, client):
            answer = await client.post("/readings", json=body())
            assert (answer.status_code, answer.json()) == (200, {"taken": 0})

    tell(story())


def test_a_full_disk_is_said_and_may_be_tried_again(shed: Shed, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with speaking(shed) as (gateway, client):
            append = gateway._journal.append
            full = [True]

            def refuse(table: pa.Table) -> int:
                if full:
                    raise ShedError("no room left")
                return append(table)

            monkeypatch.setattr(gateway._journal, "append", refuse)
            answer = await client.post("/readings", json=body(reading()), headers={"Idempotency-Key": "a"})
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
            health = await client.get("/health")
            assert (health.status_code, health.json()["trouble"]) == (503, "no room left")
            full.clear()
            again = await client.post("/readings", json=body(reading()), headers={"Idempotency-Key": "a"})
            assert again.status_code == 200
            assert (await client.get("/health")).json() == {"status": "ok", "trouble": None}

    tell(story())
    assert len(values_of(shed.path)) == 1


def test_metrics_say_what_devices_and_loggers_did(shed: Shed) -> None:
    async def story() -> None:
        async with speaking(shed) as (gateway, client):
            line = await Line.to(gateway)
            await line.send(frame(HOUR), frame(HOUR, number="F" * 24))
            await line.acknowledged(1)
            await client.post("/readings", json=body(reading()))
            answer = await client.get("/metrics")
            assert answer.headers["content-type"].startswith("text/plain")
            lines = answer.text.splitlines()
            assert "commonshed_gateway_readings_total 7" in lines
            assert "commonshed_gateway_posted_total 1" in lines
            assert 'commonshed_gateway_refused_total{reason="unknown-mn"} 1' in lines
            assert 'commonshed_gateway_device_readings_total{mn="010000A8900016F000169DC0"} 6' in lines

    tell(story())


def test_a_number_of_json_is_taken_by_its_text(shed: Shed) -> None:
    said = json.dumps(body(reading())).replace('"35.2"', "0.1234567890123456789")

    async def story() -> None:
        async with speaking(shed) as (_, client):
            answer = await client.post("/readings", content=said, headers={"Content-Type": "application/json"})
            assert answer.status_code == 200

    tell(story())
    assert [(row["ticks"], row["raw"]) for row in values_of(shed.path)] == [(123, "0.1234567890123456789")]
