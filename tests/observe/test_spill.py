"""What is put aside on disk is judged as if it had stayed in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.observe.tables import prsa, prsa_row

from commonshed.observe import read, spill


def stations(folder: Path, count: int) -> Path:
    """Rows ordered by time: every station's readings are spread over the whole file."""
    values = np.random.default_rng(1).integers(5, 400, (48, count)).tolist()
    return prsa(
        folder / "a.csv",
        [
            prsa_row(h % 24, day=h // 24 + 1, station=f"S{s}", PM25=str(values[h][s]), PM10="120", NO2="33")
            for h in range(48)
            for s in range(count)
        ],
    )


def test_flags_do_not_depend_on_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = stations(tmp_path, 90)
    at_once = [row for table in read(path, "prsa", now=2_000_000_000).tables for row in table.to_pylist()]
    monkeypatch.setattr(spill, "IN_MEMORY", 1000)
    reading = read(path, "prsa", now=2_000_000_000)
    tables = list(reading.tables)
    assert len(tables) == 3  # piles of 32 stations
    in_parts = [row for table in tables for row in table.to_pylist()]
    key = ("station", "quantity", "start")
    assert sorted(in_parts, key=lambda row: [row[k] for k in key]) == at_once
    assert {"spike", "flat-line", "pm25-above-pm10"} <= set(reading.reasons)


def test_each_part_holds_whole_stations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spill, "IN_MEMORY", 1000)
    seen: set[str] = set()
    for table in read(stations(tmp_path, 90), "prsa").tables:
        here = set(table["station"].to_pylist())
        assert not here & seen
        seen |= here
    assert len(seen) == 90
