"""``commonshed report``: one page, said where it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.disclose.shed_of_beijing import shed

from commonshed.cli import run


def test_the_page_is_written_and_its_path_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "beijing.html"
    said = ["report", "--shed", str(shed().path), "--period", "2015", "--output", str(page), "--language", "zh"]
    assert run(said) == 0
    told = capsys.readouterr()
    assert told.out == f"{page}\n"
    assert "needs no network" in told.err
    html = page.read_text("utf-8")
    assert html.startswith("<!doctype html>")
    assert "北京" in html
    assert 'lang="en"' not in html


def test_without_an_output_the_page_is_named_by_its_period(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["report", "--shed", str(shed().path), "--period", "2016", "--language", "en"]) == 0
    assert [entry.name for entry in tmp_path.iterdir()] == ["report-2016.html"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--period", "2016-03"], "whole years"),
        (["--period", "20016"], "period cannot be read"),
        (["--period", "2016", "--place", "230100"], "110108"),
        (["--period", "2016", "--against", "cn-2062"], "cn-2026"),
        (["--period", "2016", "--language", "fr"], "fr"),
    ],
)
def test_what_cannot_be_reported_is_said_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    page = tmp_path / "report.html"
    assert run(["report", "--shed", str(shed().path), "--output", str(page), *words]) == 2
    assert told in capsys.readouterr().err
    assert not page.exists()


def test_a_folder_that_is_no_shed_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", "--shed", str(tmp_path), "--period", "2016"]) == 2
    assert "no shed here" in capsys.readouterr().err


def test_without_jinja_the_missing_extra_is_named() -> None:
    code = (
        "import sys; sys.modules['jinja2'] = None; from commonshed.cli import run; "
        "sys.exit(run(['report', '--shed', 'nowhere', '--period', '2016']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "commonshed[plot]" in done.stderr
