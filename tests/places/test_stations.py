"""Stations are put on their ground; what does not fit is said or refused."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from commonshed import datasets
from commonshed.errors import PlacesError
from commonshed.places import network_from, read_stations, shipped

DISTRICTS = datasets.path("beijing", "districts.geojson")

# Coordinates that the national station list gives for three stations whose district is known: they lie 1 to 4 km off,
# across a district line.
MISPLACED = """station,name_zh,lon,lat,adcode,role
Dongsi,东四,116.434,39.9522,110101,assessed
Gucheng,古城,116.225,39.9279,110107,assessed
Wanshouxigong,万寿西宫,116.366,39.8673,110102,assessed
Tiantan,天坛,116.434,39.8745,110101,assessed
"""
HEADER = "station,lon,lat,adcode,role\n"


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "stations.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_the_shipped_stations_all_lie_where_they_say_they_do() -> None:
    network = shipped("beijing")
    assert network.notices == ()
    for station in network.stations.values():
        assert station.lon is not None
        assert station.lat is not None
        assert network.locate(station.lon, station.lat) == station.jurisdiction


def test_a_declared_district_that_disagrees_with_the_coordinates_is_kept_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="commonshed.places"):
        network = network_from(stations=write(tmp_path, MISPLACED), polygons=DISTRICTS)
    said = {notice.split("station ")[1].split()[0] for notice in network.notices}
    assert said == {"Dongsi", "Gucheng", "Wanshouxigong"}
    assert network.station("Dongsi").jurisdiction == "110101"
    dongsi = next(notice for notice in network.notices if "Dongsi" in notice)
    assert "110101 Dongcheng" in dongsi
    assert "check which is right" in dongsi
    assert [record.message for record in caplog.records] == list(network.notices)


def test_columns_that_are_not_used_are_named(tmp_path: Path) -> None:
    text = "station,lon,lat,adcode,role,operator,cnemc_code\nS,116.4,39.9,110101,assessed,CNEMC,1A\n"
    network = network_from(stations=write(tmp_path, text), polygons=DISTRICTS)
    assert "these columns are not used: operator, cnemc_code" in network.notices[0]


def test_without_polygons_the_codes_tell_the_tree(tmp_path: Path) -> None:
    network = network_from(stations=write(tmp_path, MISPLACED))
    assert network.ancestors("110101") == ["110000"]
    assert network.assessed("110000") == ["Dongsi", "Gucheng", "Tiantan", "Wanshouxigong"]
    assert network.jurisdiction("110000").name_en == "Beijing"
    assert str(network.zone) == "+08:00"


def test_a_station_without_a_code_is_placed_by_its_coordinates(tmp_path: Path) -> None:
    network = network_from(stations=write(tmp_path, "station,lon,lat\nS,116.397,39.982\n"), polygons=DISTRICTS)
    assert network.station("S").jurisdiction == "110105"
    assert "every station counts as assessed" in network.notices[0]


def test_a_station_in_no_known_jurisdiction_stands_for_itself_and_days_are_utc(tmp_path: Path) -> None:
    network = network_from(stations=write(tmp_path, "station,lon,lat,role\nMY1,-0.1546,51.5225,roadside\n"))
    assert network.station("MY1").jurisdiction is None
    assert str(network.zone) == "+00:00"
    assert any("stands for itself" in notice for notice in network.notices)
    assert any("UTC" in notice for notice in network.notices)


def test_a_zone_that_is_given_holds(tmp_path: Path) -> None:
    path = write(tmp_path, "station,lon,lat,role\nS,77.2,28.6,assessed\n")
    assert str(network_from(stations=path, zone="+05:30").zone) == "+05:30"


def test_a_station_declared_in_the_city_and_found_in_its_district_is_no_disagreement(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "S,116.397,39.982,110000,assessed\n")
    assert network_from(stations=path, polygons=DISTRICTS).notices == ()


@pytest.mark.parametrize(
    ("encoding", "said"), [("utf-8", None), ("utf-8-sig", None), ("gbk", "GBK")], ids=["UTF-8", "BOM", "GBK"]
)
def test_the_usual_encodings_are_read_and_gbk_is_said(encoding: str, said: str | None, tmp_path: Path) -> None:
    network = network_from(stations=write(tmp_path, MISPLACED, encoding))
    assert network.station("Dongsi").name_zh == "东四"
    assert any("GBK" in notice for notice in network.notices) == (said is not None)


def test_stations_come_as_geojson_points_too(tmp_path: Path) -> None:
    path = tmp_path / "stations.geojson"
    point = {"type": "Point", "coordinates": [116.397, 39.982]}
    feature = {"type": "Feature", "properties": {"station": "S", "role": "control"}, "geometry": point}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    station = network_from(stations=path, polygons=DISTRICTS).station("S")
    assert (station.lon, station.lat, station.jurisdiction, station.role) == (116.397, 39.982, "110105", "control")


BROKEN = {
    "missing column": ("name,lon,lat\nS,1,2\n", ("station or section or id", "missing")),
    "semicolons": ("station;lon;lat\nS;1;2\n", ("';'", "commas")),
    "no rows": (HEADER, ("no rows",)),
    "empty": ("", ("empty",)),
    "unknown role": (HEADER + "S,116.4,39.9,110101,king\n", ("row 1", "role", "'king'", "assessed, control")),
    "no number": (HEADER + "S,east,39.9,110101,assessed\n", ("row 1", "lon", "'east'")),
    "not a number": (HEADER + "S,nan,39.9,110101,assessed\n", ("row 1", "lon")),
    "latitude 399": (HEADER + "S,116.4,399,110101,assessed\n", ("row 1", "lat", "globe")),
    "swapped, seen by range": (HEADER + "S,39.9,116.4,110101,assessed\n", ("row 1", "lat", "swapped", "Swap")),
    "twice": (HEADER + "S,1,2,A,control\nS,1,2,A,control\n", ("row 2", "'S'", "twice")),
    "no id": (HEADER + ",1,2,A,control\n", ("row 1", "needs an id")),
    "half a position": (HEADER + "S,116.4,,110101,assessed\n", ("row 1", "lat", "half")),
    "no position at all": ("station,name_zh\nS,东四\n", ("row 1", "lies")),
    "a bad date": ("station,adcode,opened\nS,110101,2013-02-30\n", ("row 1", "opened", "'2013-02-30'")),
    "ragged": (HEADER + "S,1,2,A\n", ("row 1", "4 cells", "header 5")),
    "column twice": ("station,lon,lat,lon\nS,1,2,3\n", ("lon", "twice")),
}


@pytest.mark.parametrize(("text", "words"), BROKEN.values(), ids=list(BROKEN))
def test_a_broken_file_is_refused_by_name(text: str, words: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(PlacesError) as caught:
        read_stations(write(tmp_path, text))
    for word in ("stations.csv", *words):
        assert word in str(caught.value)


def test_swapped_coordinates_within_range_are_seen_on_the_ground(tmp_path: Path) -> None:
    ground = tmp_path / "ground.geojson"
    ring = [[10.0, 50.0], [11.0, 50.0], [11.0, 51.0], [10.0, 51.0], [10.0, 50.0]]
    feature = {
        "type": "Feature",
        "properties": {"code": "A"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    ground.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    with pytest.raises(PlacesError, match=r"swapped.*lies in A"):
        network_from(stations=write(tmp_path, "station,lon,lat\nS,50.5,10.5\n"), polygons=ground)


def test_text_in_no_known_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "stations.csv"
    path.write_bytes(b"station,lon,lat\nS\xff\xff,1,2\n")
    with pytest.raises(PlacesError, match="neither UTF-8 nor GBK"):
        read_stations(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlacesError, match="no such file"):
        network_from(stations=tmp_path / "nowhere.csv")


def test_a_target_in_one_character_is_spelled_out(tmp_path: Path) -> None:
    path = write(
        tmp_path, "section,water_body,adcode,target\nS1,river,230102,Ⅲ\nS2,river,230102,劣Ⅴ\nS3,river,230102,\n"
    )
    stations = read_stations(path).stations
    assert [stations[id].target for id in ("S1", "S2", "S3")] == ["III", "劣V", None]
