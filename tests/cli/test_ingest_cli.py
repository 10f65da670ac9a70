"""``commonshed ingest``: what it prints, where, and with which exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.observe.tables import hours, long, prsa, prsa_row

from commonshed.cli import run


@pytest.fixture
def shed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    path = tmp_path / "shed"
    assert run(["init", str(path), "--place", "beijing"]) == 0
    capsys.readouterr()
    return path


def call(shed: Path, *words: object, mapping: str = "prsa") -> int:
    return run(["ingest", *map(str, words), "--shed", str(shed), "--mapping", mapping])


def records(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, list)
    return found


def test_records_of_each_file_go_to_standard_output(
    shed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = prsa(tmp_path / "a.csv", [*hours(["40", "-999", "999"]), prsa_row(0, month=2, day=30, PM25="5")])
    assert call(shed, path, "--format", "json") == 0
    [record] = records(capsys)
    assert record.pop("reject_file") == str(next((shed / "rejects").iterdir()))
    assert record == {
        "file": "a.csv",
        "outcome": "taken",
        "rows": 4,
        "readings": 3,
        "new": 3,
        "corrected": 0,
        "unchanged": 0,
        "reflagged": 0,
        "repeated": 0,
        "overruled": 0,
        "suspect": 1,
        "invalid": 1,
        "reasons": {"sentinel": 1, "negative": 1, "cap": 1},
        "rejected": 1,
        "notices": [],
        "error": None,
    }


def test_what_was_rejected_is_told_on_standard_error_with_the_file_of_all(
    shed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [prsa_row(i % 24, day=i // 24 + 1, PM25="bad") for i in range(30)]
    assert call(shed, prsa(tmp_path / "a.csv", [*rows, *hours(["40"], first=60)])) == 0
    captured = capsys.readouterr()
    assert "a.csv, row 1, field PM2.5: this is no number (given: 'bad')" in captured.err
    assert "and 25 more" in captured.err
    assert str(shed / "rejects") in captured.err
    assert "a.csv" in captured.out
    assert "bad" not in captured.out


def test_the_same_file_again_changes_nothing_and_says_so(
    shed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = prsa(tmp_path / "a.csv", hours(["40"]))
    assert call(shed, path) == 0
    capsys.readouterr()
    assert call(shed, path) == 0
    captured = capsys.readouterr()
    assert "taken in before; nothing changed" in captured.err
    assert "taken in before" in captured.out


def test_a_dry_run_says_so_and_writes_nothing(shed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = prsa(tmp_path / "a.csv", hours(["40"]))
    before = sorted(shed.rglob("*"))
    assert call(shed, path, "--dry-run") == 0
    captured = capsys.readouterr()
    assert "nothing was written" in captured.err
    assert "would be taken" in captured.out
    assert sorted(shed.rglob("*")) == before


def test_a_bad_file_among_good_ones_is_exit_code_2_and_the_good_ones_are_in(
    shed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = prsa(tmp_path / "good.csv", hours(["40"])), tmp_path / "bad.csv"
    bad.write_text("")
    assert call(shed, bad, good, "--format", "json") == 2
    captured = capsys.readouterr()
    assert "bad.csv: the file is empty" in captured.err
    assert [record["outcome"] for record in json.loads(captured.out)] == ["not taken", "taken"]


def test_strict_stops_at_the_bad_file(shed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = prsa(tmp_path / "good.csv", hours(["40"])), tmp_path / "bad.csv"
    bad.write_text("")
    assert call(shed, bad, good, "--strict") == 2
    captured = capsys.readouterr()
    assert "bad.csv: the file is empty" in captured.err
    assert captured.out == ""


def test_patterns_are_expanded_without_a_shell(shed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for i, station in enumerate(("Dongsi", "Shunyi")):
        prsa(tmp_path / f"PRSA_Data_{i}.csv", hours(["40"], station=station))
    assert call(shed, tmp_path / "PRSA_Data_*.csv", "--format", "json") == 0
    assert [record["new"] for record in records(capsys)] == [1, 1]


def test_zone_and_station_are_said_on_the_command_line(
    shed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = long(tmp_path / "a.csv", "Dongsi,pm25,2016-03-05T08:00,3600,5,ug/m3")
    assert call(shed, path, mapping="long") == 2
    assert "--zone" in capsys.readouterr().err
    assert call(shed, path, "--zone", "+08:00", mapping="long") == 0
    table = tmp_path / "openair.csv"
    table.write_text("date,no2\n2016-03-05 00:00,10\n")
    assert call(shed, table, "--station", "Dongsi", mapping="openair") == 0
    capsys.readouterr()
    assert call(shed, table, "--station", "Atlantis", mapping="openair") == 2
    assert "Atlantis" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere.csv"], "no such file"),
        (["*.nothing"], "no file matches"),
        ([], "no file was named"),
        (["nowhere.csv", "--mapping", "prsaa"], "prsa"),
        (["nowhere.csv", "--wait", "soon"], "soon"),
    ],
)
def test_mistyped_commands_are_exit_code_2_without_a_traceback(
    words: list[str], said: str, shed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mapping = [] if "--mapping" in words else ["--mapping", "prsa"]
    assert run(["ingest", *words, "--shed", str(shed), *mapping]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert "Traceback" not in captured.err


def test_a_shed_that_is_not_there_is_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(tmp_path / "nowhere", prsa(tmp_path / "a.csv", hours(["40"]))) == 2
    assert "commonshed init" in capsys.readouterr().err
