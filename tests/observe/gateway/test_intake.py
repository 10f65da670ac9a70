"""Rows of a logger become readings exactly, or each fault is told with its row, field, value and mend."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonshed.errors import InputError
from commonshed.observe.gateway.intake import FIELDS, Fault, IntakeRefused, from_arrow, from_json, readings
from commonshed.observe.gateway.keys import Key
from commonshed.periods import Zone
from commonshed.places import Network, Station

NOW = 1_772_000_000
HOUR = NOW // 3600 * 3600 - 3600
NETWORK = Network({}, {"s1": Station("s1"), "s2": Station("s2")}, zone=Zone(480))
KEY = Key("logger", "0" * 64)


def row(**fields: Any) -> dict[str, Any]:
    """One row; what is not said is ordinary."""
    said = {"station": "s1", "quantity": "pm25", "start": HOUR, "period": 3600, "value": "35.2", "unit": "ug/m3"}
    return {**said, **fields}


def taken(*rows: dict[str, Any], key: Key = KEY) -> list[dict[str, Any]]:
    """What becomes of rows."""
    table = from_json(json.dumps({"readings": rows}).encode())
    return readings(table, key=key, network=NETWORK, recorded=NOW).to_pylist()  # type: ignore[no-any-return]


def faults(*rows: dict[str, Any]) -> tuple[Fault, ...]:
    """What is wrong with rows."""
    with pytest.raises(IntakeRefused) as caught:
        taken(*rows)
    return caught.value.faults


def test_units_are_converted_exactly_and_times_are_instants() -> None:
    found = taken(
        row(quantity="co", value="0.7", unit="mg/m3", start="2026-02-25T08:00+08:00", period="PT1H"),
        row(quantity="pm10", value="70500", unit="ng/m3"),
        row(quantity="nh3n", value="<0.025", unit="mg/L", statistic="instant", period=0),
    )
    picked = [(each["quantity"], each["start"], each["period"], each["ticks"], each["qualifier"]) for each in found]
    assert picked == [
        ("co", 1_771_977_600, 3600, 700, "="),
        ("pm10", HOUR, 3600, 70_500, "="),
        ("nh3n", HOUR, 0, 25_000, "<"),
    ]


@given(st.decimals(min_value=0, max_value=10**6, places=5))
def test_a_value_is_the_nearest_tick_and_keeps_its_text_where_that_is_not_all(value: Decimal) -> None:
    for written in (str(value), f'"{value}"'):
        said = json.dumps({"readings": [row(value="@")]}).replace('"@"', written)
        table = from_json(said.encode())
        found = readings(table, key=KEY, network=NETWORK, recorded=NOW).to_pylist()[0]
        ticks = (value * 1000).to_integral_value()  # half-even
        assert found["ticks"] == ticks
        assert found["raw"] == (None if value * 1000 == ticks else str(value))


FAULTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a station nobody knows": ({"station": "s9"}, "station", "there is no station 's9'"),
    "no station": ({"station": None}, "station", "a field is missing"),
    "an empty station": ({"station": " "}, "station", "a field is missing"),
    "a quantity nobody knows": ({"quantity": "pm3"}, "quantity", "there is no quantity 'pm3'"),
    "a number for a name": ({"quantity": 25}, "quantity", "this is a number where a name is meant"),
    "no such statistic": ({"statistic": "the mean"}, "statistic", "this is no statistic"),
    "no such flag": ({"flag": "good"}, "flag", "this is no flag"),
    "no time": ({"start": "yesterday"}, "start", "no such time"),
    "a time without a zone": ({"start": "2026-02-25T08:00"}, "start", "a time without a zone"),
    "a time between seconds": ({"start": "2026-02-25T08:00:00.5+08:00"}, "start", "a reading starts at a whole second"),
    "the future": ({"start": NOW + 7200}, "start", "this is in the future"),
    "no length": ({"period": "an hour"}, "period", "this is no length of a reading"),
    "too long": ({"period": 400 * 86_400}, "period", "this is no length of a reading"),
    "no number": ({"value": "n/a"}, "value", "this is no number"),
    "no value": ({"value": None}, "value", "a field is missing"),
    "a list": ({"value": [1]}, "value", "this is neither text nor a number"),
    "truth": ({"value": True}, "value", "this is neither text nor a number"),
    "below nothing": ({"value": "-1"}, "value", "a concentration is not negative"),
    "another unit": ({"unit": "mg/L"}, "unit", "pm25 is not measured in 'mg/L'"),
    "an unknown field": ({"colour": "red"}, "colour", "a field nobody declared"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_its_row_field_and_mend(name: str) -> None:
    changed, field, problem = FAULTS[name]
    found = faults(row(), row(start=HOUR - 3600) | changed)
    assert [(each.row, each.field, each.problem) for each in found] == [(2, field, problem)]
    assert found[0].mend


def test_a_reading_that_is_there_twice_is_refused() -> None:
    assert [each.row for each in faults(row(), row(start=HOUR - 3600), row(value="36"))] == [1, 3]


def test_a_negative_value_may_be_sent_as_invalid() -> None:
    found = taken(row(value="-1", flag="invalid", reason="drift"))[0]
    assert (found["ticks"], found["flag"], found["reason"]) == (-1000, "invalid", "drift")


def test_a_key_is_for_its_stations_and_quantities() -> None:
    key = Key("logger", "0" * 64, ("s2",), ("co",))
    with pytest.raises(IntakeRefused) as caught:
        taken(row(), key=key)
    assert [(each.field, each.mend) for each in caught.value.faults] == [
        ("station", "It is for s2"),
        ("quantity", "It is for co"),
    ]


def test_only_the_first_hundred_faults_are_told() -> None:
    with pytest.raises(IntakeRefused) as caught:
        taken(*(row(start=HOUR - 3600 * i, value="?") for i in range(130)))
    assert (len(caught.value.faults), caught.value.more) == (100, 30)
    assert caught.value.content()["more_errors"] == 30


def stream(table: pa.Table) -> bytes:
    """A table as an Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def columns(**changed: Any) -> dict[str, Any]:
    """Columns of one reading."""
    return {name: [value] for name, value in {**row(), **changed}.items()}


def test_arrow_columns_of_any_fitting_type_mean_the_same() -> None:
    plain = from_arrow(stream(pa.table(columns())))
    for changed in (
        {"value": pa.array([35.2])},
        {"value": pa.array([Decimal("35.2")])},
        {"value": pa.array([35.2], pa.float32())},
        {"start": pa.array([HOUR * 10**6], pa.timestamp("us", tz="Asia/Shanghai"))},
        {"period": pa.array([3600], pa.int16())},
        {"station": pa.array(["s1"]).dictionary_encode()},
        {"station": pa.array(["s1"], pa.large_string())},
    ):
        assert from_arrow(stream(pa.table({**columns(), **changed}))).equals(plain), changed
    assert plain.column_names == list(FIELDS)


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "unknown column": ({"colour": ["red"]}, "a column nobody declared"),
    "times without a zone": ({"start": pa.array([HOUR], pa.timestamp("s"))}, "times have no zone"),
    "lists": ({"value": pa.array([[1.0]])}, "a column cannot be read"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_arrow_columns_that_cannot_be_read_are_refused(name: str) -> None:
    changed, problem = BROKEN[name]
    with pytest.raises(InputError, match=problem):
        from_arrow(stream(pa.table({**columns(), **changed})))


def test_an_arrow_stream_without_a_needed_column_is_refused() -> None:
    table = pa.table(columns()).drop_columns(["unit"])
    with pytest.raises(InputError, match="a column is missing"):
        from_arrow(stream(table))


@given(st.binary(max_size=300))
def test_no_bytes_break_the_readers(body: bytes) -> None:
    for read in (from_json, from_arrow):
        with pytest.raises((InputError, IntakeRefused)):
            read(body)
