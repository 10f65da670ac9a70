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
    assert "3 of 3 points are assessed" in captured.err


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


LAYER = """
schema_version = 1
id = "DB23/9-2020"
title = { en = "A made-up quieter standard", zh = "（测试用）更安静的标准" }
medium = "noise"
issuer = "230000"
dates_provenance = "made_up"
[levels]
2 = { en = "class 2", zh = "2类" }
[[in_force]]
first = 2020-01-01
provenance = "made_up"
[[limits]]
quantity = "leq"
of = "night"
unit = "dB(A)"
levels = { 2 = 45 }
clause = { en = "table 1", zh = "表 1" }
provenance = "made_up"
[provenance.made_up]
status = "unverified"
note = "made up for tests"
"""


def test_a_shed_grades_noise_by_its_stricter_local_limit(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    readings, _, stations, *_ = files
    shed = str(tmp_path / "shed")
    (tmp_path / "layer.toml").write_text(LAYER, "utf-8")
    assert cli.run(["init", shed, "--stations", stations, "--zone", "+08:00"]) == 0
    assert cli.run(["ingest", readings, "--shed", shed, "--mapping", "long"]) == 0
    asked = ["assess", "noise", "--shed", shed, "--period", "2024-03-04", "--station", "N", "--format", "json"]
    capsys.readouterr()
    assert cli.run(asked) == 0
    (before,) = json.loads(capsys.readouterr().out)
    assert cli.run(["standards", "add", str(tmp_path / "layer.toml"), "--shed", shed]) == 0
    capsys.readouterr()
    assert cli.run(asked) == 0
    (after,) = json.loads(capsys.readouterr().out)
    assert (before["night"]["limit"], before["night"]["met"]) == ("50", True)
    assert (after["night"]["limit"], after["night"]["met"]) == ("45", False)
    assert after["editions"] == [*before["editions"], "DB23/9-2020"]


def test_notes_of_a_table_are_told_beside_it(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    points = Path(files[2])
    points.write_text(points.read_text("utf-8").replace(",4a,road", ",4,road"), "utf-8")
    assert cli.run(["assess", "noise", *files, "--period", "2024-03-04"]) == 0
    assert "R, S: the law has no zone 4." in capsys.readouterr().err
