"""``commonshed standards`` for a person at a terminal and for a program."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from commonshed import cli
from commonshed.keep import Shed
from commonshed.standards import digest, edition, editions, regimes

LAYER = Path(__file__).parents[1] / "standards" / "layer.toml"


def said(capsys: pytest.CaptureFixture[str], *tokens: str) -> str:
    """What a command that works writes to standard output."""
    assert cli.run(["standards", *tokens]) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *tokens: str) -> str:
    """What a command that refuses says on standard error; nothing on standard output."""
    assert cli.run(["standards", *tokens]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def test_list_shows_every_edition_and_regime_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, "list")
    named = [(held.id, held.title) for held in editions().values()] + [
        (law.id, law.title) for law in regimes().values()
    ]
    for id, title in named:
        assert id in out
        assert title.en in out
        assert title.zh in out
    assert "single-source" in out


def test_list_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    records = json.loads(said(capsys, "list", "--format", "json"))
    assert {r["id"] for r in records if r["kind"] == "edition"} == set(editions())
    assert {r["id"] for r in records if r["kind"] == "regime"} == set(regimes())


def test_show_puts_unit_clause_and_certainty_beside_each_limit(capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, "show", "GB 3095-2026@final")
    line = next(line for line in out.splitlines() if re.match(r" PM2.5 +annual mean", line))
    quantity, average, phase, class_1, class_2, unit, _, clause, sure = re.split(r"\s{2,}", line.strip())
    assert (quantity, average, phase, class_1, class_2) == ("PM2.5", "annual mean", "final", "10", "25")
    assert (unit, clause, sure) == ("ug/m3", "GB 3095-2026, table 1", "verified")
    assert "环境空气质量标准" in out
    limits = out.partition("\nLimits\n")[2].partition("\nFrom hours")[0]
    assert "final" in limits
    assert "transition" not in limits


def test_show_warns_of_what_is_held_in_part(capsys: pytest.CaptureFixture[str]) -> None:
    assert "HELD IN PART" in said(capsys, "show", "HJ 663-2026")
    assert "HELD IN PART" in said(capsys, "show", "cn-2026")
    assert "a guideline: binds nobody" in said(capsys, "show", "who-2021")


def test_show_for_programs_is_the_whole_text_with_exact_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    record = json.loads(said(capsys, "show", "WHO-AQG-2021", "--format", "json"))
    assert record["digest"] == digest(edition("WHO-AQG-2021"))
    assert record["limits"][1]["levels"] == {"it1": "75", "it2": "50", "it3": "37.5", "it4": "25", "aqg": "15"}
    whole = json.loads(said(capsys, "show", "cn-2012", "--format", "json"))
    assert [held["id"] for held in whole["editions"]] == ["GB 3095-2012", "HJ 633-2012", "HJ 663-2013"]


def test_show_as_a_table_of_limits(capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, "show", "GB 3095-2012", "--format", "csv").splitlines()
    assert lines[0].startswith("quantity,average,")
    assert len(lines) == 1 + 23


def test_diff_says_what_became_stricter(capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, "diff", "GB 3095-2012", "GB 3095-2026")
    assert "GB 3095-2012 → GB 3095-2026@transition: 42 same, 4 stricter" in out
    assert "GB 3095-2012 → GB 3095-2026@final: 28 same, 18 stricter" in out
    assert not re.search(r" same +GB", out)
    assert re.search(r" same +GB", said(capsys, "diff", "GB 3095-2012", "GB 3095-2026@final", "--all"))


def test_diff_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    records = json.loads(said(capsys, "diff", "HJ 633-2012", "HJ 633-2026", "--format", "json"))
    assert [(r["what"], r["of"], r["old"], r["new"], r["change"]) for r in records] == [
        ("index: pm10_24h", "index 100", "150", "120", "stricter"),
        ("index: pm25_24h", "index 100", "75", "60", "stricter"),
    ]


def test_which_names_the_regime(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("which", "--date", "2016-03-05", "--place", "110105", "--format", "json")
    (record,) = json.loads(said(capsys, *asked, "--medium", "air"))
    assert record == {
        "place": "110105",
        "medium": "air",
        "date": "2016-03-05",
        "regime": "cn-2012",
        "phase": None,
        "title": "China, standards of 2012",
        "title_zh": "中国，2012年标准体系",
        "editions": "GB 3095-2012 + HJ 633-2012 + HJ 663-2013",
        "from": "2013-01-01",
        "to": "2026-02-28",
    }


def test_which_names_the_law_of_every_medium_and_says_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["standards", "which", "--date", "2012-06-01", "--place", "110105"]) == 0
    captured = capsys.readouterr()
    assert "cn-surface" in captured.out
    assert "The nearest in time is cn-2012" in captured.err
    assert "governs noise in 110105 on 2012-06-01" in captured.err


def test_the_list_can_be_of_one_medium(capsys: pytest.CaptureFixture[str]) -> None:
    records = json.loads(said(capsys, "list", "--medium", "noise", "--format", "json"))
    assert [record["id"] for record in records] == ["GB 3096-2008", "HJ 640-2012", "cn-noise"]


def test_show_has_the_rules_of_water(capsys: pytest.CaptureFixture[str]) -> None:
    shown = said(capsys, "show", "cn-surface")
    for part in ("a sample in 8 of its months", "at least", "重度污染", "river", "lake"):
        assert part in shown


def test_which_says_on_the_side_that_a_standard_is_held_in_part(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["standards", "which", "--date", "2027-01-01", "--place", "230102"]) == 0
    captured = capsys.readouterr()
    assert "cn-2026" in captured.out
    assert captured.err.startswith("HJ 663-2026: The text of this standard could not be read")


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        (("show", "GB 3095-1996"), "there is no edition or regime 'GB 3095-1996'"),
        (("diff", "cn-2012", "cn-2026@late"), "there is no phase or level of cn-2026 'late'"),
        (("diff", "GB 3095-2012", "HJ 663-2013"), "nothing to compare"),
        (("which", "--date", "2001-01-01", "--place", "110105"), "nearest in time is cn-2012"),
        (("which", "--date", "2012-01-01", "--place", "110105", "--medium", "air"), "nearest in time is cn-2012"),
        (("which", "--date", "2012-13-01", "--place", "110105"), "2012-13-01"),
    ],
)
def test_what_cannot_be_answered_is_code_2_and_one_sentence(
    tokens: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in refused(capsys, *tokens)


def test_a_stricter_layer_goes_into_a_shed_and_a_laxer_one_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Shed.create(tmp_path / "shed", name="test", zone="+08:00")
    assert cli.run(["standards", "add", str(LAYER), "--shed", str(tmp_path / "shed")]) == 0
    assert "DB11/1-2019 now lies on top of cn-2012 for 110000" in capsys.readouterr().err
    shed = Shed.open(tmp_path / "shed")
    assert [shed.document_bytes(held) for held in shed.documents("layer")] == [LAYER.read_bytes()]

    laxer = tmp_path / "laxer.toml"
    laxer.write_text(LAYER.read_text("utf-8").replace("II = 30", "II = 40"), "utf-8")
    assert "40 ug/m3 against 35 ug/m3" in refused(capsys, "add", str(laxer), "--shed", str(tmp_path / "shed"))
    assert len(Shed.open(tmp_path / "shed").documents("layer")) == 1
