"""``commonshed attribute loads``, as typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commonshed import datasets
from commonshed.attribute.river import LoadAssessment
from commonshed.cli import run

THAMES = [
    str(datasets.path("thames", "weekly_2009-2017.parquet")), "--mapping", "thames",
    "--stations", str(datasets.path("thames", "sections.csv")),
    "--polygons", str(datasets.path("thames", "catchments.csv")),
    "--rivers", str(datasets.path("thames", "rivers.csv")),
]  # fmt: skip


def estimated(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = run(["attribute", "loads", *THAMES, "--draws", "40", *words])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_loads_are_records_of_each_section_and_method(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = estimated(
        capsys, "--period", "2016", "--quantity", "tp", "--by", "section", "--section", "TC16", "--format", "json"
    )
    assert code == 0
    records = json.loads(out)
    assert [record["method"] for record in records] == ["averaging", "ratio", "rating", "interpolation", "composite"]
    assert {record["section"] for record in records} == {"TC16"}
    # 49 samples of the Thames at Runnymede: about 0.21 mg/L in 1,800 million cubic metres
    assert all(300 < float(record["tonnes"]) < 450 for record in records)
    assert all(float(record["low"]) < float(record["tonnes"]) < float(record["high"]) for record in records)
    assert records[0]["samples"] == 49
    assert any("days with a sample" in note or "straight line" in note for note in records[0]["notes"])
    assert "2016, tp: 1 section." in err


def test_the_table_shows_tonnes_with_their_interval(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = estimated(capsys, "--period", "2015", "--quantity", "no3n", "--method", "ratio")
    assert code == 0
    assert all(head in out for head in ("section", "method", "from", "to", "samples", "days of flow"))
    assert "Thames at Runnymede" in out


def test_a_figure_beyond_its_interval_is_told_with_what_to_read_instead(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["--period", "2015", "--quantity", "tp", "--section", "TC13", "--method", "averaging"]
    _, out, err = estimated(capsys, *words)
    assert "median" in out
    assert "beyond" not in err
    (record,) = json.loads(estimated(capsys, *words, "--format", "json")[1])
    high = str(float(record["tonnes"]) - 1)
    monkeypatch.setattr(LoadAssessment, "records", lambda _: iter([{**record, "high": high}]))
    _, _, err = estimated(capsys, *words)
    assert "1 figure lies beyond its interval, which allows for what is known of a method's bias" in err
    assert "`median` is the estimate without it" in err


def test_a_quantity_without_load_and_a_year_without_samples_say_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = estimated(capsys, "--period", "2016", "--quantity", "temp")
    assert (code, "has no load" in err) == (2, True)
    code, _, err = estimated(capsys, "--period", "2019", "--quantity", "tp")
    assert code == 2
    assert "its samples are from 2009-03-02 to 2017-09-25" in err


def test_the_example_of_the_help_can_be_written_to_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    target = tmp_path / "loads.csv"
    code, _, _ = estimated(capsys, "--period", "2016-03", "--quantity", "tp", "--section", "TC1", "-o", str(target))
    assert code == 0
    assert target.read_text("utf-8").splitlines()[0].startswith("section,name.en,name.zh,quantity,period,method,tonnes")
