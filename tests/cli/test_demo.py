"""``commonshed demo``: which there are, and what is refused before anything is made."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from commonshed import cli
from commonshed.cli.demo import DEMOS


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("place", "near"), [("tames", "thames"), ("bejing", "beijing"), ("Thames", "thames")])
def test_a_place_that_is_none_names_the_near_ones_and_makes_nothing(
    place: str, near: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["demo", "--place", place]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert f"there is no demo {place!r}. Did you mean {near}" in said.err
    assert list(folder.iterdir()) == []


def test_a_folder_cannot_be_the_page(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["demo", "--place", "thames", "--output", str(folder)]) == 2
    assert "the output is a folder and a file is to be written" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("place", DEMOS)
def test_every_demo_has_a_module_that_shows_it(place: str) -> None:
    assert callable(import_module(f"commonshed.cli.demos.{place}").show)


def test_the_help_names_every_demo(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["demo", "--help"]) == 0
    said = capsys.readouterr().out
    assert all(f"{place}:" in said for place in DEMOS)
