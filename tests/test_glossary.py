"""One word per idea: what the code calls things stands in the glossary, in alphabetical order, in both languages."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

from commonshed.places import ROLES
from commonshed.units import quantities

GLOSSARY = (Path(__file__).resolve().parent.parent / "docs" / "glossary.md").read_text("utf-8")
DESIGN = """
shed, jurisdiction, station, section, outlet, reach, quantity, reading, qualifier, flag, role, regime,
ungoverned datastream, journal, segment, pack, block, standard, edition, layer, grade, share, grid cell, post, tenure,
duty matrix, control unit, case, task, order, compact, commitment, settlement, statement
""".replace("\n", " ")


def rows(title: str) -> list[list[str]]:
    section = GLOSSARY.split(f"\n## {title}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines[2:]]


def words() -> set[str]:
    return {word for row in rows("Words") for word in row[0].split(", ")}


@pytest.mark.parametrize("word", [word.strip() for word in DESIGN.split(",")])
def test_every_word_of_the_design_is_explained(word: str) -> None:
    assert word in words()


def test_words_stand_in_alphabetical_order_and_have_their_chinese_term() -> None:
    listed = rows("Words")
    names = [row[0].casefold() for row in listed]
    assert names == sorted(names)
    assert len(set(names)) == len(names)
    assert [row[0] for row in listed if not re.search(r"[\u4e00-\u9fff]", row[1])] == []
    assert [row[0] for row in listed if len(row) != 3 or not row[2]] == []


def test_every_quantity_stands_there_as_the_catalogue_has_it() -> None:
    listed = {row[0]: row[1:] for row in rows("Quantities")}
    catalogue = {key: [each.name_zh, each.name_en, each.unit] for key, each in quantities().items()}
    assert {key: row[:3] for key, row in listed.items()} == catalogue
    assert {key: Fraction(row[3]) for key, row in listed.items()} == {
        key: each.resolution for key, each in quantities().items()
    }


def test_every_flag_role_status_and_qualifier_stands_there() -> None:
    from commonshed.keep import rows as readings

    assert [row[0] for row in rows("Flags")] == list(readings.FLAGS)
    assert [row[0] for row in rows("Roles of a station")] == list(ROLES)
    assert words() >= set(readings.STATUSES)
    assert all(f"`{qualifier}`" in GLOSSARY for qualifier in readings.QUALIFIERS)
