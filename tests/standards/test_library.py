"""Editions are read whole or refused with the file and the key that is wrong."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from commonshed.errors import InputError, UnknownName
from commonshed.standards import digest, edition, editions, load_edition, source_text
from commonshed.standards.library import regime_file, slug

LAYER = Path(__file__).with_name("layer.toml")


def refusal(tmp_path: Path, old: str, new: str) -> InputError:
    """What is said of the layer after one change."""
    text = LAYER.read_text("utf-8")
    assert old in text
    file = tmp_path / "wrong.toml"
    file.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(InputError) as refused:
        load_edition(file)
    assert refused.value.file == str(file)
    return refused.value


def test_an_edition_is_found_whatever_the_case_and_punctuation() -> None:
    assert edition("gb 3095-2012") is edition("GB_3095/2012")
    assert slug("EU-2024/2881") == "eu-2024-2881"


def test_an_unknown_edition_names_near_ones() -> None:
    with pytest.raises(UnknownName, match="GB 3095-2012"):
        edition("GB 3095-1996")
    with pytest.raises(UnknownName, match="cn-2012"):
        regime_file("cn-2011")


def test_a_file_of_yours_is_read_with_its_digest() -> None:
    layer = load_edition(LAYER)
    assert layer.id == "DB11/1-2019"
    assert source_text(layer) == LAYER.read_bytes()
    assert digest(layer) == hashlib.sha256(LAYER.read_bytes()).hexdigest()


def test_an_edition_made_in_memory_has_no_digest() -> None:
    layer = load_edition(LAYER)
    with pytest.raises(InputError, match="made in memory"):
        digest(layer.model_copy(update={"id": "other"}).model_validate(layer.model_dump()))


def test_an_unknown_key_is_refused_with_file_and_key(tmp_path: Path) -> None:
    refused = refusal(tmp_path, 'of = "year"', 'of = "year"\ncolour = "red"')
    assert refused.field == "limits.0.colour"
    assert "no such key" in str(refused)


def test_a_missing_key_is_refused_with_file_and_key(tmp_path: Path) -> None:
    refused = refusal(tmp_path, 'unit = "ug/m3"\n', "")
    assert refused.field == "limits.0.unit"
    assert "needed" in str(refused)


@pytest.mark.parametrize("number", ["30.0", "3e1", "inf"])
def test_a_binary_float_is_refused_anywhere(tmp_path: Path, number: str) -> None:
    refused = refusal(tmp_path, "II = 30", f"II = {number}")
    assert refused.field == "limits.0.levels.II"
    assert "never a binary float" in str(refused)


@pytest.mark.parametrize("number", ['"thirty"', '"1/3"', '"3e1"', "true", '"nan"'])
def test_what_is_not_a_plain_decimal_is_refused(tmp_path: Path, number: str) -> None:
    refused = refusal(tmp_path, "II = 30", f"II = {number}")
    assert refused.field is not None
    assert refused.field.startswith("limits.0.levels.II")


def test_a_decimal_in_quotes_is_exact(tmp_path: Path) -> None:
    file = tmp_path / "layer.toml"
    file.write_text(LAYER.read_text("utf-8").replace("II = 30", 'II = "29.9"'), "utf-8")
    assert load_edition(file).limits[0].levels["II"] * 10 == 299


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('levels_provenance = "made_up"', 'levels_provenance = "gossip"', "provenance"),
        ("[provenance.made_up]", '[provenance.spare]\nstatus = "verified"\n[provenance.made_up]', "provenance.spare"),
        ("levels = { II = 30 }", "levels = { III = 30 }", "limits.levels"),
        ('level = "II"', 'level = "I"', "level"),
        ('of = "year"', 'of = "year"\nphase = "final"', "phase"),
    ],
)
def test_a_name_that_is_not_declared_in_the_file_is_refused(tmp_path: Path, old: str, new: str, field: str) -> None:
    assert refusal(tmp_path, old, new).field == field


def test_a_status_is_one_of_three(tmp_path: Path) -> None:
    assert refusal(tmp_path, 'status = "unverified"', 'status = "fairly sure"').field == "provenance.made_up.status"


def test_several_problems_are_counted(tmp_path: Path) -> None:
    refused = refusal(tmp_path, 'of = "year"', 'off = "year"')
    assert "1 more such problem" in str(refused)


@pytest.mark.parametrize("content", [b"schema_version = ", b"\xff\xfe\x00"])
def test_what_is_not_toml_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "layer.toml"
    file.write_bytes(content)
    with pytest.raises(InputError, match="not TOML"):
        load_edition(file)


def test_another_schema_version_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "schema_version = 1", "schema_version = 2").field == "schema_version"


def test_editions_are_read_once() -> None:
    assert all(edition(id) is held for id, held in editions().items())
