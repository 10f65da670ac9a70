"""Readings in memory answer like a shed: chosen by quantity, station and time, without a history."""

from __future__ import annotations

import pyarrow as pa
import pytest

from commonshed.assess import Readings
from commonshed.errors import InputError
from commonshed.places import Network, Station


def readings() -> Readings:
    table = pa.table(
        {
            "station": pa.array(["a", "a", "b"]).dictionary_encode(),
            "quantity": pa.array(["tp", "flow", "tp"]).dictionary_encode(),
            "start": pa.array([0, 100, 200], pa.int64()),
            "ticks": pa.array([1, 2, 3], pa.int64()),
        }
    )
    return Readings(table, Network({}, {"a": Station("a"), "b": Station("b")}))


def ticks(table: pa.Table) -> list[int]:
    return [int(tick) for tick in table["ticks"].to_pylist()]


def test_without_a_choice_all_readings_come_in_their_order() -> None:
    assert ticks(readings().readings()) == [1, 2, 3]


def test_quantity_station_and_time_choose_together() -> None:
    source = readings()
    assert ticks(source.readings(quantities=["tp"])) == [1, 3]
    assert ticks(source.readings(stations=["a"])) == [1, 2]
    assert ticks(source.readings(quantities=["tp"], stations=["a"])) == [1]
    assert ticks(source.readings(quantities=[])) == []


def test_the_start_counts_and_the_end_does_not() -> None:
    assert ticks(readings().readings(start=100, end=200)) == [2]
    assert ticks(readings().readings(start=100, end=201)) == [2, 3]


def test_a_table_in_memory_has_no_history() -> None:
    with pytest.raises(InputError, match="files have no history"):
        readings().readings(as_of=3)
