"""``commonshed assess`` as a user types it, on the made-up shore as files."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.assess.air.network import CLEAN

from commonshed.cli import run

Answer = Callable[..., tuple[int, str, str]]
LIMITS_OF_THE_DAY = {"Mill": 3, "Park": 1}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """March 2016 in the long form: the mill is three times as dirty, and the park misses a day."""
    folder = tmp_path_factory.mktemp("shore")
    stations = folder / "stations.csv"
    stations.write_text(
        "station,name_zh,lon,lat,adcode,district_zh,district_en,role\n"
        "Mill,磨坊,116.3,39.9,110108,西区,West,assessed\n"
        "Park,公园,116.4,39.9,110105,东区,East,assessed\n",
        "utf-8",
    )
    readings = folder / "readings.csv"
    with readings.open("w", encoding="utf-8", newline="") as sink:
        rows = csv.writer(sink)
        rows.writerow(["station", "quantity", "start", "period", "value", "unit"])
        for station, dirty in LIMITS_OF_THE_DAY.items():
            for quantity, value in CLEAN.items():
                unit = "mg/m3" if quantity == "co" else "ug/m3"
                for day in range(1, 32):
                    if (station, day) == ("Park", 7):
                        continue
                    for hour in range(24):
                        start = f"{date(2016, 3, day).isoformat()}T{hour:02d}:00+08:00"
                        rows.writerow([station, quantity, start, 3600, value * dirty, unit])
    return [str(readings), "--stations", str(stations), "--mapping", "long"]


@pytest.fixture
def answer(capsys: pytest.CaptureFixture[str]) -> Answer:
    """Runs a command line; gives code, standard output and standard error."""

    def call(*words: object) -> tuple[int, str, str]:
        code = run([str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def _json(text: str) -> list[dict[str, Any]]:
    def refuse(number: str) -> None:
        raise AssertionError(f"a binary float: {number}")

    found: list[dict[str, Any]] = json.loads(text, parse_float=refuse)
    return found


def test_a_month_by_station_as_json(answer: Answer, files: list[str]) -> None:
    code, out, err = answer("assess", "air", *files, "--period", "2016-03", "--format", "json")
    assert code == 0, err
    mill, park = _json(out)
    assert (mill["station"], mill["mean"]["pm25"], mill["valid_days"]) == ("Mill", "90", 31)
    # 90/35 + 180/70 + 30/60 + 90/40 + 3/4 + 240/160 beside a third of it.
    assert (mill["composite_index"], park["composite_index"], park["rank"]) == ("10.14", "3.38", 1)
    assert (park["valid_days"], park["completeness"]["pm25"]["valid_days"]) == (30, 30)
    assert err.splitlines()[-1] == (
        "2016-03 under cn-2012: 2 of 2 places can be assessed; composite index from Park 3.38 to Mill 10.14."
    )


def test_days_of_a_jurisdiction_as_csv(answer: Answer, files: list[str]) -> None:
    options = ["--period", "2016-03", "--by", "jurisdiction", "--unit-of-time", "day", "--format", "csv"]
    code, out, err = answer("assess", "air", *files, *options)
    assert code == 0, err
    rows = list(csv.DictReader(out.splitlines()))
    city = [row for row in rows if row["jurisdiction"] == "110000"]
    assert len(city) == 31
    assert (city[0]["pm25"], city[0]["sub_indices.pm25"], city[0]["primary"]) == ("60", "82", "o3")
    assert (city[6]["pm25"], city[6]["valid"]) == ("90", "true")  # only the mill: half of two sites is enough


def test_parquet_keeps_lists_and_exact_text(answer: Answer, files: list[str], tmp_path: Path) -> None:
    output = tmp_path / "march.parquet"
    code, _, err = answer("assess", "air", *files, "--period", "2016-03", "--output", output)
    assert code == 0, err
    table = pq.read_table(output)
    assert table["mean.pm25"].to_pylist() == ["90", "30"]
    assert table["editions"].to_pylist()[0] == ["GB 3095-2012", "HJ 633-2012", "HJ 663-2013"]


def test_a_table_for_reading(answer: Answer, files: list[str]) -> None:
    code, out, err = answer("assess", "air", *files, "--period", "2016-03", "--against", "cn-2026")
    assert code == 0, err
    keys, units = out.splitlines()[1:3]
    assert keys.split()[:2] == ["pm25", "pm10"]
    assert units.split()[:4] == ["station", "period", "ug/m3", "ug/m3"]
    assert "cn-2026" in units
    assert len(units) < 160


def test_a_group_is_averaged_under_its_name(answer: Answer, files: list[str]) -> None:
    options = ["--period", "2016-03", "--by", "group", "--group", "all=Mill,Park", "--format", "json"]
    code, out, err = answer("assess", "air", *files, *options)
    assert code == 0, err
    assert [(record["group"], record["mean"]["co"]) for record in _json(out)] == [("all", "2.0")]


def test_exceedances_are_listed_with_their_multiples(answer: Answer, files: list[str]) -> None:
    code, out, err = answer("assess", "exceedances", *files, "--period", "2016-03-01", "--format", "json")
    assert code == 0, err
    found = {(record["statistic"], record["multiple"]) for record in _json(out)}
    assert found == {("pm25", "0.20"), ("pm10", "0.20"), ("no2", "0.12"), ("o3_8h", "0.50"), ("o3_1h", "0.20")}
    assert err.splitlines()[-1] == "2016-03-01: 5 daily values above their limit, on 1 days of a station."


def test_a_trend_names_the_months_left_out(answer: Answer, files: list[str]) -> None:
    options = ["--period", "2014..2018", "--unit-of-time", "month", "--format", "json"]
    code, out, err = answer("assess", "trend", *files, *options)
    assert code == 0, err
    first = _json(out)[0]
    assert (first["figure"], first["n"], first["seasonal_kendall"]["direction"]) == ("pm25", 1, "none")
    assert len(first["left_out"]) == 59


def test_readings_that_are_no_hourly_means_are_told_on_standard_error(
    answer: Answer, files: list[str], tmp_path: Path
) -> None:
    text = Path(files[0]).read_text("utf-8").replace(",3600,", ",900,")
    (tmp_path / "quarters.csv").write_text(text, "utf-8")
    said = ["assess", "air", tmp_path / "quarters.csv", *files[1:], "--period", "2016-03-05", "--unit-of-time", "day"]
    code, out, err = answer(*said, "--format", "json")
    assert code == 0
    assert "0 with an index" in err
    sentence = "288 readings of period 900 s (statistic mean) in 2016-03-05 are not hourly means and are not graded"
    assert sentence in err
    assert all(sentence in record["notes"] for record in json.loads(out))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--period", "2016-13"], "2016-13"),
        (["--period", "2016", "--regime", "cn-2013"], "cn-2012"),
        (["--period", "2011"], "nearest in time is cn-2012"),
        (["--period", "2016", "--by", "group", "--group", "Mill"], "NAME=STATION,STATION"),
        (["--period", "2016", "--by", "group", "--group", "x=Mil"], "Did you mean Mill"),
        (["--period", "2016", "--level", "IX"], "no level IX"),
        (["--period", "2016", "--as-of", "3"], "no history"),
        (["--period", "2016", "--unit-of-time", "week"], "week"),
        (["--period", "2016", "--shed", "somewhere"], "files and a shed are both given"),
        (["--period", "2016-03-01", "--unit-of-time", "hour", "--regime", "who-2021"], "who-2021"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(
    answer: Answer, files: list[str], options: list[str], words: str
) -> None:
    code, out, err = answer("assess", "air", *files, *options)
    assert (code, out) == (2, "")
    assert words in err
    assert "Traceback" not in err


def test_nothing_to_assess_is_refused(answer: Answer, tmp_path: Path) -> None:
    assert answer("assess", "air", "--period", "2016")[0] == 2
    code, _, err = answer("assess", "air", "--period", "2016", "--shed", tmp_path / "none")
    assert (code, "no shed here" in err) == (2, True)
    code, _, err = answer("assess", "trend", "--period", "2016-03-01", "--shed", tmp_path / "none")
    assert code == 2
