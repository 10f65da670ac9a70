"""``commonshed attribute shares``, as typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commonshed import datasets
from commonshed.cli import run

THAMES = [
    str(datasets.path("thames", "weekly_2009-2017.parquet")), "--mapping", "thames",
    "--stations", str(datasets.path("thames", "sections.csv")),
    "--polygons", str(datasets.path("thames", "catchments.csv")),
    "--rivers", str(datasets.path("thames", "rivers.csv")),
    "--period", "2016", "--quantity", "tp", "--section", "TC16", "--draws", "40",
]  # fmt: skip


def shared(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = run(["attribute", "shares", *THAMES, *words])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_shares_are_records_that_sum_to_one_with_the_unexplained_last(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = shared(capsys, "--by", "jurisdiction", "--format", "json")
    assert code == 0
    records = json.loads(out)
    assert records[-1]["of"] == "unexplained"
    assert sum(int(record["share"].replace(".", "")) for record in records) == 10_000
    assert "Loads by the method composite" in err
    assert "nothing is lost on the way" in err


def test_the_table_shows_share_interval_and_how_it_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = shared(capsys, "--gains", "section", "--method", "ratio")
    assert code == 0
    assert all(head in out for head in ("share", "from", "to", "at most", "known by", "if removed, t"))
    assert "Catchment of the Loddon (example)" in out
    assert "allotted" in out
    rows = [line.split() for line in out.splitlines() if line.split()[:1] == ["TC16"]]
    shares = [next(float(cell) for cell in row if cell.startswith("0.")) for row in rows]
    assert shares[:-1] == sorted(shares[:-1], reverse=True)
    assert rows[-1][1] == "unexplained"


def test_declared_sources_and_losses_are_given_as_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sources.csv"
    path.write_text("source,quantity,load,node,sector\nworks,tp,20,cherwell-mouth,sewage\n", encoding="utf-8")
    words = ["--sources", str(path), "--by", "sector", "--uptake", "0.05", "--spread", "0.3", "--format", "json"]
    code, out, err = shared(capsys, *words)
    assert code == 0
    works, rest = json.loads(out)
    assert (works["of"], works["known"], rest["of"]) == ("sewage", "declared", "unexplained")
    assert float(works["if_removed"]["tonnes"]) == pytest.approx(20 * float(works["delivery"]), rel=1e-3)
    assert "uptake 0.05 m/d, spread 0.3" in err


def test_what_cannot_be_shared_out_is_told_with_the_mend(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, said in (
        (["--section", "TC99"], "there is no section on the network 'TC99'"),
        (["--uptake", "-1"], "a loss is a number that is not negative"),
        (["--sources", str(tmp_path / "none.csv")], "there is no such file"),
    ):
        code, out, err = shared(capsys, *words)
        assert (code, out) == (2, "")
        assert said in err
