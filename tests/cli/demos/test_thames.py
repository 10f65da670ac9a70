"""``commonshed demo --place thames``: what the summary says, and that the whole way runs and can be run again."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from commonshed import cli, datasets
from commonshed.cli.demos.thames import class_table, headline, share_lines, total_lines
from commonshed.keep import Shed


def grade(section: str, level: str | None, *deciding: str) -> dict[str, Any]:
    return {"section": section, "name": {"en": f"River at {section}"}, "class": level, "deciding": list(deciding)}


def share(of: str, part: str, **more: Any) -> dict[str, Any]:
    load = {"tonnes": "250.951", "low": "229.292", "high": "263.206"}
    named = {"of": of, "of_name": {"en": f"Catchment of the {of} (example)"}, "share": part}
    return {**named, "low": "0.1", "high": "0.2", "known": "measured", "load": load, **more}


def test_the_headline_counts_good_sections_and_rounds_the_load() -> None:
    grades = [grade("A", "High"), grade("B", "Good"), grade("C", "Moderate"), grade("D", None)]
    assert headline(grades, [share("Thame", "0.1422")]) == (
        "In 2015 2 of 3 sections of the Thames and its tributaries were Good or better. "
        "251 t of phosphorus passed Runnymede (229 to 263)."
    )


def test_a_section_stands_under_both_laws_with_what_decided() -> None:
    first = [grade("A", "Moderate", "po4p"), grade("B", None)]
    second = [grade("B", "IV", "tp", "nh3n"), grade("A", "III", "tp")]
    head, rule, one, other = class_table({"uk-wfd-2010": first, "cn-surface": second}).splitlines()
    assert head.split() == ["section", "uk-wfd-2010", "decided", "by", "cn-surface", "decided", "by"]
    assert set(rule) == {"─"}
    assert one.split() == ["River", "at", "A", "Moderate", "po4p", "III", "tp"]
    assert other.split() == ["River", "at", "B", "–", "–", "IV", "tp,", "nh3n"]


def test_shares_fall_from_the_largest_and_end_with_what_is_unexplained() -> None:
    shares = [
        share("unexplained", "0.2115", of_name=None, known="unexplained", low=None, high=None),
        share("Coln", "0.0104"), share("Thame", "0.1422"), share("nobody", "0.0000"),
    ]  # fmt: skip
    _, *lines = share_lines(shares)
    assert [line.split("  ")[1].strip() for line in lines] == [
        "Catchment of the Thame", "Catchment of the Coln", "unexplained",
    ]  # fmt: skip
    assert re.search(r"14\.2 %   10\.0 to 20\.0 +measured", lines[0])
    assert re.search(r"21\.2 %   – to – +unexplained", lines[-1])


def test_totals_stand_to_the_penny_and_what_is_owed_is_named() -> None:
    bill: list[dict[str, Any]] = [
        {"record": "settlement", "title": {"en": "Example compact"}, "currency": "GBP"},
        {"record": "total", "party": "thame", "pays": "168444.96", "receives": "0.00", "net": "-168444.96"},
        {"record": "liability", "status": "open", "section": "TC3", "party": "cherwell", "opened": "2013"},
        {"record": "liability", "status": "restored", "section": "TC9", "party": "cole", "opened": "2012"},
    ]
    head, _, total, owed = total_lines(bill)
    assert head == "Example compact, 2015 [GBP]. An example: nobody agreed to it."
    assert total.split() == ["thame", "168,444.96", "0.00", "-168,444.96"]
    assert owed.strip() == "still to be restored to the baseline: TC3 (cherwell, since 2013)"


@pytest.mark.slow
def test_the_demo_runs_from_nothing_and_again_and_keeps_the_files_of_its_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    scenario = tmp_path / "demo" / "thames-spill.toml"
    scenario.parent.mkdir()
    text = datasets.path("thames", "spill.toml").read_text("utf-8")
    few = re.sub(r"^members = \d+", "members = 20", text, flags=re.MULTILINE)
    assert few != text
    scenario.write_text(few, "utf-8")
    said, sizes, bills = [], [], []
    for _ in range(2):
        assert cli.run(["demo", "--place", "thames"]) == 0, capsys.readouterr().err
        said.append(capsys.readouterr())
        sizes.append(Shed.open(tmp_path / "demo" / "thames").size)
        bills.append((tmp_path / "demo" / "thames-agreement.toml").read_bytes())
    first, again = said
    assert first.out == again.out
    assert sizes[0] == sizes[1]
    assert bills[0] == bills[1] == datasets.path("thames", "agreement.toml").read_bytes()
    assert scenario.read_text("utf-8") == few
    assert "171,314 from 9,130 rows" in first.err
    assert "taken in before, nothing changed" in again.err
    assert sorted(path.name for path in scenario.parent.iterdir()) == [
        "thames", "thames-agreement.toml", "thames-plan.html", "thames-spill.toml", "thames.html",
    ]  # fmt: skip
    _check_summary(first.out)
    page = (tmp_path / "demo" / "thames.html").read_text("utf-8")
    assert 'href="thames-plan.html"' in page
    _check_commands(first.out, capsys)


def _check_summary(out: str) -> None:
    assert out.startswith("In 2015 5 of 21 sections of the Thames and its tributaries were Good or better. 251 t of ")
    percents = [Decimal(text) for text in re.findall(r"(\d+\.\d) %   ", out)]
    assert abs(sum(percents, Decimal(0)) - 100) <= Decimal("0.05") * len(percents), "each is rounded"
    nets = [
        Decimal(line.split()[-1].replace(",", "")) for line in re.findall(r"^  \S+(?: +-?[\d,]+\.\d\d){3}$", out, re.M)
    ]
    assert len(nets) == 24
    assert sum(nets) == 0


def _check_commands(out: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What the demo says to type next can be typed."""
    lines = [line.split() for line in out.partition("Ask further:")[2].splitlines() if line.strip()]
    assert len(lines) == 4
    asked = {words[words.index("commonshed") + 1]: words[words.index("commonshed") + 1 :] for words in lines}
    assert list(asked) == ["assess", "attribute", "settle", "spill"]
    assert cli.run([*asked["assess"], "--format", "json"]) == 0
    rivers = json.loads(capsys.readouterr().out)
    assert {record["river"] for record in rivers} >= {"Thames", "Kennet"}
    assert cli.run([*asked["settle"], "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["period"] == "2015-07"
    assert cli.run([*asked["spill"], "--members", "0"]) == 0
    assert Path("plan.html").exists()
