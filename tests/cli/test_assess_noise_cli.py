"""``commonshed assess noise``: files in, days and nights out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commonshed import cli

HEAD = "station,name_zh,lon,lat,adcode,district_zh,district_en,role,noise_zone,survey,road_length"


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """A functional zone and two roads, a day and a night each."""
    rows = ["station,quantity,statistic,start,period,value,unit"]
    for station, day, night in (("N", 58.3, 47.1), ("R", 70.2, 60.0), ("S", 66.0, 57.0)):
        for hour in range(6, 30):
            start = f"2024-03-{4 + hour // 24:02d}T{hour % 24:02d}:00:00+08:00"
            rows.append(f"{station},leq,leq,{start},3600,{day if hour < 22 else night},dB(A)")
    (tmp_path / "levels.csv").write_text("\n".join(rows) + "\n", "utf-8")
    places = "126.6,45.7,230102,道里区,Daoli,assessed"
    (tmp_path / "points.csv").write_text(
        f"{HEAD}\nN,广场,{places},2,functional-zone,\nR,路,{places},4a,road,1200\nS,街,{places},4a,road,800\n", "utf-8"
    )
    return [str(tmp_path / "levels.csv"), "--stations", str(tmp_path / "points.csv"), "--mapping", "long"]


def test_points_are_graded_from_files(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["assess", "noise", *files, "--period", "2024-03-04", "--format", "json"]) == 0
    captured = capsys.readouterr()
    records = {record["station"]: record for record in json.loads(captured.out)}
    assert (records["N"]["day"]["level"], records["N"]["day"]["met"]) == ("58.3", True)
    assert (records["R"]["day"]["met"], records["R"]["night"]["excess"]) == (False, "5.0")
    assert "3 of 3 records of a station are assessed" in captured.err


def test_roads_of_a_district_have_a_grade(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--period", "2024-03-04", "--by", "jurisdiction", "--format", "json"]
    assert cli.run(["assess", "noise", *files, *asked]) == 0
    records = {(r["jurisdiction"], r["survey"]): r for r in json.loads(capsys.readouterr().out)}
    road = records["230102", "road"]
    assert (road["day"]["level"], road["day"]["grade"]) == ("68.5", 2)  # (1200 · 70.2 + 800 · 66.0) / 2000 = 68.52
    assert (road["night"]["level"], road["night"]["grade"]) == ("58.8", 2)
    assert records["230102", "functional-zone"]["night"]["share_met"] == "100.0"


@pytest.mark.parametrize("by", ["station", "jurisdiction"])
def test_a_table_shows_both_parts_of_the_day(by: str, files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["assess", "noise", *files, "--period", "2024-03-04", "--by", by]) == 0
    shown = capsys.readouterr().out
    assert "day" in shown
    assert "night" in shown


def test_a_law_of_air_is_refused_in_one_sentence(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["assess", "noise", *files, "--period", "2024-03-04", "--regime", "cn-2012"]) == 2
    assert "cn-2012 grades air, not noise" in capsys.readouterr().err
