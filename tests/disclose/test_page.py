"""The frame of a page: its files come from nowhere else, its switches need no script, it is written whole or not."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from commonshed.disclose.page import csv_link, csv_text, hides, style, write_page
from commonshed.disclose.words import Words
from commonshed.errors import InputError, ShedError


def test_numbers_of_a_figure_leave_nothing_empty_and_quote_what_holds_a_comma() -> None:
    rows: list[list[object]] = [["name", "value"], ["Thame, upper", 0.5], ["Cherwell", None]]
    assert csv_text(rows) == 'name,value\n"Thame, upper",0.5\nCherwell,\n'
    assert csv_link([["a", "总磷"]]) == "data:text/csv;charset=utf-8,a,%E6%80%BB%E7%A3%B7%0A"


def test_a_language_that_is_not_chosen_is_hidden_without_a_script() -> None:
    assert 'html:has(#language-en:checked) body [lang="zh-Hans"]:not(label){display:none}' in style(Words(("en", "zh")))
    assert "language-" not in style(Words(("zh",))).rpartition("\n@media print")[0].partition("*/")[2]
    assert hides("law-1", "[data-law]") == "html:has(#law-1:checked) [data-law]{display:none}"


def test_paper_is_light_and_a_page_adds_its_own_rules_last() -> None:
    dress = style(Words(("en",)), ".river{color:red}", printed="@page{size:A4}")
    assert dress.splitlines()[-2] == ".river{color:red}"
    assert dress.splitlines()[-1].startswith("@media print{:root{color-scheme:light;--")
    assert dress.endswith("}@page{size:A4}")


def test_a_page_is_written_whole_and_never_into_a_folder(tmp_path: Path) -> None:
    assert write_page("<!doctype html>", tmp_path / "new" / "page.html").read_text("utf-8") == "<!doctype html>"
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["page.html"]
    with pytest.raises(InputError, match="Name the file in it"):
        write_page("", tmp_path)


def test_a_page_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ShedError, match="no room left on the disk"):
        write_page("<p>", tmp_path / "page.html")
    assert list(tmp_path.iterdir()) == []
