"""``commonshed settle`` and ``commonshed agreements``, from the command line to records."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tests.settle.drafting import FLOW, HEAD, LOAD, MISSING, PARTIES, SECTION

from commonshed import datasets
from commonshed.cli import run
from commonshed.keep import Shed

LONG = "station,quantity,start,period,value,unit"


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    readings, sections, mine = (tmp_path / name for name in ("readings.csv", "sections.csv", "mine.toml"))
    rows = ["s1,tp,2016-01-03T00:00:00Z,P1D,0.30,mg/L", "s1,flow,2016-01-03T00:00:00Z,P1D,10,m3/s"]
    readings.write_text("\n".join([LONG, *rows]) + "\n", "utf-8")
    sections.write_text("section,name_en,water_body,water\ns1,Border,river,Test\n", "utf-8")
    flow = FLOW.replace("declared", "readings").replace('"1e4 m3"', '"m3"')
    text = "\n".join([HEAD, PARTIES, SECTION, flow, LOAD, MISSING.format(month=1, action="open")])
    mine.write_text(text, "utf-8")
    return [str(mine), str(readings), "--stations", str(sections), "--mapping", "long"]


def thames() -> list[str]:
    parts = {"stations": "sections.csv", "polygons": "catchments.csv", "rivers": "rivers.csv"}
    options = [word for name, file in parts.items() for word in (f"--{name}", str(datasets.path("thames", file)))]
    return [str(datasets.path("thames", "weekly_2009-2017.parquet")), *options, "--mapping", "thames"]


def test_json_holds_heading_totals_and_lines(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["settle", *files, "--period", "2016-01..2016-02", "--format", "json"]) == 0
    said = capsys.readouterr()
    records = json.loads(said.out)
    assert [record["record"] for record in records] == ["settlement", *["total"] * 4, "line", "line"]
    # (0.30 - 0.2) g/m3 x 10 m3/s x 31 x 86,400 s = 2.6784 t x 100,000 CNY/t.
    assert (records[5]["amount"], records[5]["status"]) == ("267840.00", "due")
    assert (records[6]["amount"], records[6]["status"]) == (None, "open")
    assert "267,840.00 CNY change hands in 1 line; 1 line not due yet." in said.err


def test_the_table_leaves_out_what_costs_nothing_unless_asked(
    files: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    mine = Path(files[0])
    mine.write_text(mine.read_text("utf-8").replace('value = "0.2"', 'value = "0.5"'), "utf-8")
    assert run(["settle", *files, "--period", "2016-01"]) == 0
    assert "nothing due" not in capsys.readouterr().out
    assert run(["settle", *files, "--period", "2016-01", "--all"]) == 0
    assert "nothing due" in capsys.readouterr().out
    out = tmp_path / "lines.csv"
    assert run(["settle", *files, "--period", "2016-01", "--output", str(out)]) == 0
    (row,) = csv.DictReader(out.read_text("utf-8").splitlines())
    assert (row["status"], row["inputs.measured"], row["inputs.target"]) == ("nothing due", "0.300", "0.5")


def test_a_missing_price_is_code_2_with_file_place_and_mend(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    mine = Path(files[0])
    mine.write_text(
        mine.read_text("utf-8").replace('prices = [{ quantity = "tp"', 'prices = [{ quantity = "nh3n"'), "utf-8"
    )
    assert run(["settle", *files, "--period", "2016-01"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "rule load has no price of tp on 2016-01-01: there is none" in said.err
    assert "Add a price with quantity, value and unit" in said.err


def test_a_real_agreement_says_what_it_lacks(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["settle", "zhenjiang-taihu", *files[1:], "--period", "2016"]) == 2
    assert "cannot be settled without: target values of the sections" in capsys.readouterr().err


def test_published_shares_and_events_come_from_files(
    files: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    mine, shares, events = Path(files[0]), tmp_path / "shares.json", tmp_path / "events.toml"
    rule = LOAD + 'split = "shares"\nunexplained = "waived"\n'
    mine.write_text(mine.read_text("utf-8").replace(LOAD, rule), "utf-8")
    record = {"section": "s1", "quantity": "tp", "period": "2016", "by": "jurisdiction", "of": "up", "share": "0.75"}
    shares.write_text(json.dumps([record, record | {"of": "third", "share": "0.25"}]), "utf-8")
    given = ["--shares", str(shares), "--format", "json"]
    assert run(["settle", *files, "--period", "2016-01", *given]) == 0
    lines = [record for record in json.loads(capsys.readouterr().out) if record["record"] == "line"]
    assert {line["payer"]: line["amount"] for line in lines} == {"up": "200880.00", "third": "66960.00"}
    note = 'note = { en = "dyke", zh = "堤" }'
    events.write_text(f'[[events]]\nkind = "flood"\nsections = ["s1"]\nperiod = "2016"\n{note}\n', "utf-8")
    assert run(["settle", *files, "--period", "2016-01", *given, "--events", str(events)]) == 2
    assert (
        "a flood is declared at s1 in 2016-01, and the agreement does not say what follows" in capsys.readouterr().err
    )
    shares.write_text("{", "utf-8")
    assert run(["settle", *files, "--period", "2016-01", *given]) == 2
    assert "this is not JSON" in capsys.readouterr().err


def test_the_thames_example_is_settled_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["settle", "thames-example", *thames(), "--period", "2016-05"]) == 0
    said = capsys.readouterr()
    assert "This agreement is an example and binds nobody." in said.err
    assert "cherwell" in said.out
    assert "To restore" in said.out


def test_agreements_are_listed_and_shown_with_what_is_lacking(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["agreements", "list", "--format", "json"]) == 0
    listed = {record["id"]: record for record in json.loads(capsys.readouterr().out)}
    assert listed["thames-example"]["settles"] is True
    assert listed["xinanjiang-1"]["settles"] is False
    assert run(["agreements", "show", "zhenjiang-taihu"]) == 0
    shown = capsys.readouterr().out
    assert "LACKING. target values of the sections" in shown
    assert "single-source" in shown


def test_the_file_of_an_agreement_can_be_taken_as_a_start(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["agreements", "show", "beijing-2015", "--toml"]) == 0
    copy = tmp_path / "copy.toml"
    copy.write_text(capsys.readouterr().out, "utf-8")
    assert run(["agreements", "show", str(copy), "--format", "json"]) == 0
    (record,) = json.loads(capsys.readouterr().out)
    assert (record["id"], record["rules"][0]["rate"]) == ("beijing-2015", {"value": "30", "unit": "1e4 CNY"})


def test_an_agreement_in_a_shed_is_settled_by_its_id_and_as_it_stood(
    files: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    mine, readings, *options = files
    shed = str(tmp_path / "shed")
    assert run(["init", shed, "--zone", "UTC", *options[:2]]) == 0
    assert run(["ingest", readings, "--shed", shed, *options[2:]]) == 0
    assert run(["agreements", "add", mine, "--shed", shed]) == 0
    before = Shed.open(Path(shed)).size
    text = Path(mine).read_text("utf-8")
    Path(mine).write_text(text.replace("value = 10,", "value = 20,"), "utf-8")
    assert run(["agreements", "add", mine, "--shed", shed]) == 0
    capsys.readouterr()
    asked = ["settle", "two-counties", "--shed", shed, "--period", "2016-01", "--format", "json"]
    assert run(asked) == 0
    now = json.loads(capsys.readouterr().out)
    assert run([*asked, "--as-of", str(before)]) == 0
    then = json.loads(capsys.readouterr().out)
    assert [records[-1]["amount"] for records in (then, now)] == ["267840.00", "535680.00"]
    assert then[0]["digest"] != now[0]["digest"]
    assert run([*asked, "--as-of", "2"]) == 2
    said = capsys.readouterr().err
    assert "two-counties was put into this shed later" in said
    assert f"Ask for a state from {before} on" in said


def test_a_file_of_an_agreement_that_is_not_there_is_not_taken_for_an_id(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["settle", "nosuch.toml", *files[1:], "--period", "2016-01"]) == 2
    assert "nosuch.toml: there is no such file" in capsys.readouterr().err


def test_sums_in_a_table_have_their_thousands_set_apart(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["settle", *files, "--period", "2016-01"]) == 0
    head, row = (
        line for line in capsys.readouterr().out.splitlines() if "amount" in line or "267,840.00   due" in line
    )
    assert head.index("amount") + len("amount") == row.index("267,840.00") + len("267,840.00")
