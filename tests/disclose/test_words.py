"""Every sentence exists in both languages and can be filled in."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from string import Formatter

import pytest

import commonshed.disclose.report as report
from commonshed.disclose.words import Both, Words, day_text, join, texts
from commonshed.errors import InputError, UnknownName

HERE = Path(report.__file__).parent
SOURCES = [
    path
    for path in [*HERE.rglob("*"), *HERE.parent.glob("*.py"), *HERE.parent.glob("templates/*")]
    if path.suffix in (".py", ".html") and path.is_file()
]


def test_both_languages_hold_the_same_sentences() -> None:
    assert list(texts("en")) == list(texts("zh"))


def test_a_sentence_asks_for_nothing_in_chinese_that_it_does_not_get_in_english() -> None:
    def blanks(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    # English may leave a blank out (a distance that reads better elsewhere), Chinese may not ask for another.
    odd = {key for key, en in texts("en").items() if not blanks(texts("zh")[key]) <= blanks(en) | {"clause"}}
    assert odd == set()


def test_chinese_is_chinese_and_english_is_english() -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    same = {"ui.figure_plain", "embassy.r", "ranking.term", "map.one", "months.one", "months.alt", "why.part"}
    names = {key for key in texts("zh") if key.startswith("quantity.")}
    assert {key for key, zh in texts("zh").items() if not chinese.search(zh)} <= same | names
    assert {key for key, en in texts("en").items() if chinese.search(en)} == set()


def test_every_sentence_is_used_and_every_one_used_exists() -> None:
    code = "\n".join(path.read_text("utf-8") for path in SOURCES)
    named = set(re.findall(r"(?:say|text|both)\(\s*\"([a-z_]+\.[a-zA-Z0-9_-]+)\"[,)]", code))
    assert named <= set(texts("en"))
    # Some keys are put together: "verdict." and the verdict, f"head.{mode}_above".
    prefixes = [*re.findall(r"\"([a-z_]+\.(?:[a-z]+_)?)\" ~", code), *re.findall(r"f\"([a-z_]+\.(?:[a-z]+_)*)\{", code)]
    unused = {key for key in texts("en") if f'"{key}"' not in code and not key.startswith(tuple(prefixes))}
    assert unused == set()


def test_a_sentence_stands_in_the_page_once_a_language() -> None:
    html = Words(["en", "zh"]).say("ui.year")
    assert html == '<span lang="en">Year</span><span lang="zh-Hans">年份</span>'
    assert Words(["zh"]).say("ui.year") == "年份"


def test_what_is_filled_in_is_escaped() -> None:
    shown = Words(["en"]).say("ui.title", city=Both("<b>Beijing</b>", "北京"), period="2016")
    assert "<b>" not in shown
    assert "&lt;b&gt;" in shown


def test_dates_and_lists_are_written_as_people_write_them() -> None:
    assert day_text(date(2016, 3, 5)) == Both("5 Mar 2016", "2016年3月5日")
    assert join(["PM2.5", "PM10", "O₃"]) == Both("PM2.5, PM10 and O₃", "PM2.5、PM10和O₃")
    assert join(["PM2.5"]) == Both("PM2.5", "PM2.5")
    assert join([]) == Both("", "")


def test_an_unknown_sentence_is_named() -> None:
    with pytest.raises(UnknownName, match="no text in en"):
        Words(["en"]).say("ui.yaer")


def test_a_report_without_a_language_is_refused() -> None:
    with pytest.raises(InputError, match="needs a language"):
        Words([])
