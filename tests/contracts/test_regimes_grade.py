"""Every regime grades the same readings by the same program as all others of its medium: no law has code of its own."""

from __future__ import annotations

import json

import pytest

from commonshed import cli
from commonshed.standards import regime, regimes

NAMES = [*regimes("air"), "cn-2012@I", "cn-2026@final", "who-2021@it1"]
HOURLY = {"pm25": "40", "pm10": "80", "so2": "10", "no2": "50", "co": "0.8", "o3": "90"}
UNITS = {"co": "mg/m3"}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """One station in Beijing's Chaoyang District with the same value every hour of March 2016, and its table."""
    folder = tmp_path_factory.mktemp("readings")
    rows = [
        f"S1,{quantity},2016-03-{day:02d}T{hour:02d}:00:00+08:00,3600,{value},{UNITS.get(quantity, 'ug/m3')}"
        for day in range(1, 32)
        for hour in range(24)
        for quantity, value in HOURLY.items()
    ]
    (folder / "readings.csv").write_text("station,quantity,start,period,value,unit\n" + "\n".join(rows) + "\n", "utf-8")
    head = "station,name_zh,lon,lat,adcode,district_zh,district_en,role"
    station = "S1,站,116.46,39.94,110105,朝阳区,Chaoyang,assessed"
    (folder / "stations.csv").write_text(f"{head}\n{station}\n", "utf-8")
    return [str(folder / "readings.csv"), "--stations", str(folder / "stations.csv"), "--mapping", "long"]


def graded(files: list[str], capsys: pytest.CaptureFixture[str], *options: str) -> list[dict[str, object]]:
    """The records of one run."""
    assert cli.run(["assess", "air", *files, *options, "--format", "json"]) == 0
    records: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return records


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "options",
    [
        ("--period", "2016-03-05", "--unit-of-time", "day"),
        ("--period", "2016", "--unit-of-time", "year", "--by", "jurisdiction"),
    ],
    ids=["day", "year"],
)
def test_every_regime_grades_days_and_years(
    name: str, options: tuple[str, ...], files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    records = graded(files, capsys, *options, "--regime", name)
    assert {record["regime"] for record in records} == {name}
    assert {tuple(record["editions"]) for record in records} == {tuple(regime(name).edition_ids)}  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [name for name in NAMES if (index := regime(name).index) and index.realtime])
def test_every_regime_with_a_real_time_index_grades_the_hour(
    name: str, files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    records = graded(files, capsys, "--period", "2016-03-05", "--unit-of-time", "hour", "--regime", name)
    assert len(records) == 24
    assert all(isinstance(record["aqi"], int) for record in records)


@pytest.mark.parametrize(
    ("name", "pm25", "index"),
    [
        ("cn-2012", "40", 57),  # (100 − 50) / (75 − 35) · 5 + 50 = 56.25
        ("cn-2026", "40", 60),  # (100 − 50) / (60 − 35) · 5 + 50
        ("us-2024", "40.0", 112),  # (150 − 101) / (55.4 − 35.5) · 4.5 + 101 = 112.08
    ],
)
def test_a_day_of_40_is_another_day_under_each_law(
    name: str, pm25: str, index: int, files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (day,) = graded(files, capsys, "--period", "2016-03-05", "--unit-of-time", "day", "--regime", name)
    assert day["pm25"] == pm25
    assert day["sub_indices"]["pm25"] == index  # type: ignore[index]


def test_without_a_name_the_law_of_the_day_and_place_grades(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (day,) = graded(files, capsys, "--period", "2016-03-05", "--unit-of-time", "day")
    assert (day["regime"], day["in_force"]) == ("cn-2012", True)


# Water: one section, a sample a month of everything any of our laws of water grades.

SAMPLES = {"bod5": "2.5", "nh3n": "0.40", "po4p": "0.100", "do": "8.0", "ph": "7.8", "tss": "20", "codmn": "3.1"}
SECTION = "section,name_zh,lon,lat,adcode,district_zh,district_en,water_body,water,water_type"


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """One section of a river in 2016, and its table."""
    folder = tmp_path_factory.mktemp("samples")
    rows = [
        f"W,{quantity},2016-{month:02d}-15T10:00:00+08:00,1,{value},{'1' if quantity == 'ph' else 'mg/L'}"
        for month in range(1, 13)
        for quantity, value in SAMPLES.items()
    ]
    (folder / "samples.csv").write_text("station,quantity,start,period,value,unit\n" + "\n".join(rows) + "\n", "utf-8")
    row = "W,断面,126.6,45.7,230102,道里区,Daoli,river,Some River,3n 7"
    (folder / "sections.csv").write_text(f"{SECTION}\n{row}\n", "utf-8")
    return [str(folder / "samples.csv"), "--stations", str(folder / "sections.csv"), "--mapping", "long"]


@pytest.mark.parametrize(
    ("name", "grade", "deciding"),
    [
        ("cn-surface", "II", ["codmn", "nh3n"]),
        ("jp-rivers", "B", ["bod5"]),
        ("uk-wfd-2010", "Good", ["po4p", "nh3n"]),
    ],
)
def test_a_year_of_samples_has_another_class_under_each_law(
    name: str, grade: str, deciding: list[str], samples: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--period", "2016", "--regime", name, "--format", "json"]
    assert cli.run(["assess", "water", *samples, *asked]) == 0
    (record,) = json.loads(capsys.readouterr().out)
    assert (record["class"], record["deciding"]) == (grade, deciding)
    assert record["editions"] == regime(name).edition_ids


def test_every_regime_of_water_is_tried_here() -> None:
    assert set(regimes("water")) == {"cn-surface", "jp-rivers", "uk-wfd-2010"}
    assert set(regimes("noise")) == {"cn-noise"}
