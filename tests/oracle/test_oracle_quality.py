"""What quality control finds in the shipped data, counted again from the words of docs/formats/quality-rules.md."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

import pytest
from tests.oracle import beijing

from commonshed import datasets
from commonshed.observe import read_files
from commonshed.places import network_from

FLAT_HOURS = {"pm25": 8, "pm10": 8, "so2": 12, "no2": 8, "co": 24, "o3": 8}
FLAT_NOT_UP_TO = {"pm25": 3_000, "pm10": 6_000, "so2": 5_000, "no2": 4_000, "co": 100, "o3": 4_000}
SPIKE_ABOVE = {"pm25": 100_000, "pm10": 200_000, "so2": 100_000, "no2": 100_000, "co": 3_000, "o3": 100_000}
CAPS = {"pm25": 999_000, "pm10": 999_000, "co": 10_000}


@pytest.fixture(scope="module")
def told() -> Counter[str]:
    """Readings by reason, as the product flags them."""
    table = read_files([beijing.parquet()], "prsa", network_from(stations=datasets.path("beijing", "stations.csv")))
    assert table.num_rows == 2_454_305
    assert set(table["flag"].unique().to_pylist()) == {"valid", "suspect"}
    found: Counter[str] = Counter()
    for entry in table["reason"].value_counts().to_pylist():
        for reason in (entry["values"] or "").split("; "):
            if reason:
                found[reason.partition(":")[0]] += entry["counts"]
    return found


def test_every_kind_of_doubt_is_counted_alike(told: Counter[str]) -> None:
    counted: Counter[str] = Counter()
    for quantities in beijing.series().values():
        for quantity, hours in quantities.items():
            counted["cap"] += sum(v == CAPS.get(quantity) for v in hours if v is not None)
            for value, run in groupby(hours):
                length = sum(1 for _ in run)
                if value is not None and length >= FLAT_HOURS[quantity] and value > FLAT_NOT_UP_TO[quantity]:
                    counted["flat-line"] += length
            for before, value, after in zip(hours, hours[1:], hours[2:], strict=False):
                if before is None or value is None or after is None:
                    continue
                larger = max(before, after)
                counted["spike"] += value > 3 * larger and value - larger > SPIKE_ABOVE[quantity]
        pairs = zip(quantities["pm25"], quantities["pm10"], strict=True)
        counted["pm25-above-pm10"] += 2 * sum(a is not None and b is not None and a > b for a, b in pairs)
    assert counted == told
    # The data's own description counts 21,312 hours with PM2.5 above PM10.
    assert counted["pm25-above-pm10"] == 2 * 21_312
