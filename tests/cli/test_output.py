"""Records come out as a table, JSON, CSV or Parquet, exactly, and a file is written whole or not at all."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from commonshed.cli import run
from commonshed.cli.output import flatten, json_text, write
from commonshed.errors import InputError

RECORDS = [
    {
        "jurisdiction": "110000",
        "name": "北京市",
        "valid": True,
        "why_not": None,
        "mean": {"pm25": "73", "co": "1.1"},
        "primary": ["pm25", "o3_8h"],
        "good_days": 198,
    },
    {
        "jurisdiction": "110105",
        "name": "Chaoyang, [the district]",
        "valid": False,
        "why_not": "pm25 not assessed: 311 valid days of 324",
        "mean": {"pm25": None, "co": "1.25"},
        "primary": [],
        "good_days": 7,
    },
]


def test_json_keeps_the_records_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    write(RECORDS, format="json")
    text = capsys.readouterr().out
    assert json.loads(text) == RECORDS
    assert len(text.splitlines()) == len(RECORDS) + 2
    assert "北京市" in text


def test_an_empty_result_is_an_empty_array_and_a_table_that_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert json_text([]) == "[]"
    write([], format="table")
    assert capsys.readouterr().out == "nothing to show\n"


def test_a_binary_float_is_refused_in_every_format(tmp_path: Path) -> None:
    for suffix in ("json", "csv", "parquet", "txt"):
        with pytest.raises(TypeError, match="binary float"):
            write([{"mean": {"pm25": 72.5}}], output=tmp_path / f"a.{suffix}")
    assert list(tmp_path.iterdir()) == []


def test_csv_is_flat_and_read_back(capsys: pytest.CaptureFixture[str]) -> None:
    write(RECORDS, format="csv")
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert rows[0]["mean.pm25"] == "73"
    assert rows[0]["primary"] == "pm25;o3_8h"
    assert rows[0]["valid"] == "true"
    assert rows[1]["mean.pm25"] == ""
    assert rows[1]["name"] == "Chaoyang, [the district]"


def test_parquet_is_flat_and_keeps_lists_and_types(tmp_path: Path) -> None:
    write(RECORDS, output=tmp_path / "new" / "records.parquet")
    table = pq.read_table(tmp_path / "new" / "records.parquet")
    assert table.column("mean.co").to_pylist() == ["1.1", "1.25"]
    assert table.column("good_days").to_pylist() == [198, 7]
    assert table.column("primary").to_pylist() == [["pm25", "o3_8h"], []]


def test_parquet_on_a_terminal_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    with pytest.raises(InputError, match="Parquet is binary"):
        write(RECORDS, format="parquet")


def test_a_piped_table_is_plain_aligned_and_never_cut(capsys: pytest.CaptureFixture[str]) -> None:
    write(RECORDS, format="table", columns=["name", "mean.pm25", "why_not"], heads={"mean.pm25": "PM2.5"})
    lines = capsys.readouterr().out.splitlines()
    assert all(line == line.rstrip() for line in lines)
    head, first, second = (next(line for line in lines if word in line) for word in ("PM2.5", "北京市", "Chaoyang"))
    assert head.split() == ["name", "PM2.5", "why_not"]
    assert "[the district]" in second
    assert "pm25 not assessed: 311 valid days of 324" in second
    assert "–" in second
    # Numbers end under the head's end; a Chinese character is two columns wide.
    assert head.index("PM2.5") + len("PM2.5") == first.index("73") + len("73") + len("北京市")


def test_a_unit_in_brackets_stays_in_the_head_of_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    write([{"passed": "24.16", "primary": ["pm25", "o3_8h"]}], format="table", heads={"passed": "passed [h]"})
    out = capsys.readouterr().out
    assert "passed [h]" in out
    assert "pm25, o3_8h" in out


def test_the_suffix_of_the_file_decides_without_a_format(tmp_path: Path) -> None:
    write(RECORDS, output=tmp_path / "a.json")
    write(RECORDS, output=tmp_path / "a.csv")
    write(RECORDS, format="csv", output=tmp_path / "b.json")
    assert json.loads((tmp_path / "a.json").read_text("utf-8")) == RECORDS
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_a_failed_write_leaves_the_old_file_and_nothing_half_done(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    write(RECORDS, output=target)
    before = target.read_bytes()
    with pytest.raises(TypeError):
        write([{"pm25": object()}], output=target)
    assert target.read_bytes() == before
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_as_output_is_refused_by_the_name_that_was_given(tmp_path: Path) -> None:
    for suffix in ("csv", "json", "parquet", "txt"):
        folder = tmp_path / f"results.{suffix}"
        folder.mkdir()
        with pytest.raises(InputError, match=rf"is a folder.*given: '{folder}'.*Name the file in it") as told:
            write(RECORDS, output=folder)
        assert ".tmp" not in str(told.value)
        assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [
        ["assess", "air", "--shed", "nowhere", "--period", "2016"],
        ["ingest", "nothing.csv", "--shed", "nowhere", "--mapping", "long"],
        ["shed", "status", "--shed", "nowhere"],
        ["report", "--shed", "nowhere", "--period", "2016"],
        ["demo"],
    ],
)
def test_a_folder_as_output_is_refused_before_any_work(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*command, "-o", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert f"--output: the output is a folder and a file is to be written (given: '{tmp_path}')" in said
    assert list(tmp_path.iterdir()) == []


def test_flatten_joins_names_with_dots() -> None:
    assert flatten({"a": {"b": {"c": 1}}, "d": [2]}) == {"a.b.c": 1, "d": [2]}


def test_a_head_of_two_lines_stands_on_two_lines_and_a_strangers_word_on_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write([{"pm25": "a\nb"}], format="table", heads={"pm25": "PM2.5\n[ug/m3]"})
    shown = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert shown[1:3] == ["PM2.5", "[ug/m3]"]
    assert "a\N{REPLACEMENT CHARACTER}b" in shown
