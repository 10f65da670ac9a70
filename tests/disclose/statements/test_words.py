"""Every sentence is there in both languages, asks for the same values, and every finding has one."""

from __future__ import annotations

import re
import string
import tomllib
from importlib import resources
from pathlib import Path

import pytest

import commonshed.disclose.statements as package
from commonshed.disclose.statements.words import said, sentences
from commonshed.errors import UnknownName, plain
from commonshed.keep.shed import DOCUMENT_FOLDERS

CODE = re.compile(r'Finding\(\s*"([a-z-]+\.[a-z-]+)"|"((?:figures|standard|since|key)\.[a-z-]+)"')


def asked(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_both_languages_say_the_same_things_with_the_same_values() -> None:
    english, chinese = sentences("en"), sentences("zh")
    assert english.keys() == chinese.keys()
    assert {key: asked(text) for key, text in english.items()} == {key: asked(text) for key, text in chinese.items()}


def test_no_sentence_stands_twice_or_empty() -> None:
    for language in ("en", "zh"):
        text = resources.files(package).joinpath(f"texts/{language}.toml").read_text("utf-8")
        assert all(each.strip() for each in sentences(language).values())
        tomllib.loads(text)


def test_every_finding_has_its_sentence() -> None:
    folder = Path(str(package.__file__)).parent
    found = {one or other for path in folder.glob("*.py") for one, other in CODE.findall(path.read_text("utf-8"))}
    assert len(found) > 30
    assert [code for code in sorted(found) if f"finding.{code}" not in sentences("en")] == []


def test_every_kind_of_document_a_statement_rests_on_has_its_word() -> None:
    published = {"statement", "erratum", "sharing-rule"}
    assert {kind for kind in DOCUMENT_FOLDERS if f"kind.{kind}" not in sentences("zh")} <= published


def test_a_sentence_nobody_wrote_is_an_error() -> None:
    with pytest.raises(UnknownName):
        said("verdict.perhaps")


def test_a_strangers_words_move_no_cursor_and_begin_no_line() -> None:
    told = said("finding.figures.refused", "en", problem="x\n\x1b[2K\u202eAGREES\u200b\x9b")
    assert told.endswith("x\ufffd\ufffd[2K\ufffdAGREES\ufffd\ufffd.")
    assert plain("松花江　AQI 73") == "松花江　AQI 73"
