"""``commonshed state``, ``verify`` and ``erratum`` as a user types them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.disclose.statements.making import MARCH, shore, small_river, stated

from commonshed.cli import run
from commonshed.disclose.statements import CLAIMS, Statement

Answer = Callable[..., tuple[int, str, str]]


@pytest.fixture
def answer(capsys: pytest.CaptureFixture[str]) -> Answer:
    """Runs a command line; gives code, standard output and standard error."""

    def call(*words: object) -> tuple[int, str, str]:
        code = run([str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_the_command_that_answers_is_the_command_that_states(answer: Answer, tmp_path: Path) -> None:
    shed = shore(tmp_path / "shed")
    question = ["assess", "air", "--shed", shed.path, "--period", "2016-03", "--by", "jurisdiction", "--level", "I"]
    code, out, err = answer("state", *question)
    assert code == 0, err
    statement = Statement.parse(Path(out.strip()).read_bytes())
    assert statement.parameters == {"period": "2016-03", "by": "jurisdiction", "level": "I"}
    assert f"stated as entry {shed.size + 4} of the log" in err
    code, shown, _ = answer(*question, "--format", "json")
    assert json.loads(shown) == statement.records

    code, again, err = answer("state", *question)
    assert (code, again) == (0, out)
    assert "nothing was changed" in err


def test_options_of_state_and_of_the_question_go_together(answer: Answer, tmp_path: Path) -> None:
    shed = shore(tmp_path / "shed")
    page = tmp_path / "page.html"
    words = ["--page", page, "assess", "air", "--period=2016-03", "--shed", shed.path, "--group", "us=Park", "--by"]
    code, out, err = answer("state", *words, "group", "--url", "https://air.example.org/march.json")
    assert code == 0, err
    statement = Statement.parse(Path(out.strip()).read_bytes())
    assert statement.parameters["group"] == ["us=Park"]
    assert statement.digest in page.read_text("utf-8")
    assert "https://air.example.org/march.json" in page.read_text("utf-8")


def test_a_file_that_is_part_of_the_question_stands_in_the_statement(answer: Answer, tmp_path: Path) -> None:
    shutil.copytree(small_river(), tmp_path / "shed")
    events = tmp_path / "events.toml"
    events.write_text("events = []\n", "utf-8")
    asked = ["settle", "two-counties", "--shed", tmp_path / "shed", "--period", "2016-03", "--events", events]
    code, out, err = answer("state", *asked)
    assert code == 0, err
    statement = Statement.parse(Path(out.strip()).read_bytes())
    assert statement.parameters["events"]["text"] == "events = []\n"
    assert statement.parameters["agreement"] == "two-counties"
    events.unlink()
    assert answer("verify", out.strip(), "--shed", tmp_path / "shed")[0] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["assess", "air", "readings.csv", "--mapping", "long", "--period", "2016"], "Take them into a shed"),
        (["assess", "air", "--period", "2016"], "Take them into a shed"),
        (["assess", "air", "--shed", "S"], "--period"),
        (["assess", "air", "--shed", "S", "--period", "2016", "--colour", "red"], "--colour"),
        (["spill", "thames"], "cannot be stated"),
        (["ingest", "x.csv"], "cannot be stated"),
        (["burn"], "no such command"),
        ([], "no question"),
        (["assess", "air", "--shed", "S", "--period", "2016"], "no shed"),
        (["assess", "air", "--shed", "S", "--period", "2016", "--url", "https://x"], "--page"),
    ],
)  # fmt: skip
def test_what_cannot_be_stated_is_refused_in_a_sentence(answer: Answer, words: list[str], said: str) -> None:
    code, out, err = answer("state", *words)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_a_verdict_in_words_of_both_languages_and_for_machines(answer: Answer, tmp_path: Path) -> None:
    shed, statement = stated(tmp_path / "shed")
    file = next((shed.path / "statements").glob("*.json"))
    code, out, err = answer("verify", file, "--shed", shed.path)
    assert (code, err) == (0, "")
    assert out.startswith("AGREES. ")
    assert "✗" not in out
    code, out, _ = answer("verify", file, "--shed", shed.path, "--lang", "zh")
    assert (code, out.startswith("一致。")) == (0, True)
    code, out, _ = answer("verify", file, "--shed", shed.path, "--format", "json")
    told = json.loads(out, parse_float=pytest.fail)
    assert (code, told["verdict"], told["statement"]) == (0, "agrees", statement.digest)


def test_only_what_stands_ends_with_nought(answer: Answer, tmp_path: Path) -> None:
    shed, statement = stated(tmp_path / "shed")
    file = next((shed.path / "statements").glob("*.json"))
    code, out, _ = answer("verify", file)
    assert (code, out.startswith("NOT VERIFIABLE BY YOU.")) == (3, True)
    code, out, _ = answer("verify", file, "--key", str(statement.key))
    assert (code, "--key" in out) == (3, True)
    forged = tmp_path / "forged.json"
    forged.write_bytes(file.read_bytes().replace(b'"pm25":"90"', b'"pm25":"30"'))
    code, out, _ = answer("verify", forged, "--shed", shed.path)
    assert (code, out.startswith("FORGED.")) == (3, True)
    pack = next((shed.path / "segments" / "2016-03").glob("*.parquet"))
    pack.write_bytes(pack.read_bytes()[:-1])
    code, out, err = answer("verify", file, "--shed", shed.path)
    assert (code, f"segments/2016-03/{pack.name}" in out) == (3, True)
    assert "Traceback" not in out + err


def test_what_is_no_statement_is_refused_in_a_sentence(answer: Answer, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[]", "utf-8")
    code, out, err = answer("verify", tmp_path / "x.json")
    assert (code, out, "no statement" in err) == (2, "", True)
    code, _, err = answer("verify", tmp_path / "none.json")
    assert (code, "no such file" in err) == (2, True)
    code, _, err = answer("verify", tmp_path / "x.json", "--key", "nonsense")
    assert (code, "verifier key" in err) == (2, True)


def test_what_has_changed_since_is_told_reading_by_reading(answer: Answer, tmp_path: Path) -> None:
    shed, _ = stated(tmp_path / "shed")
    file = next((shed.path / "statements").glob("*.json"))
    correct = ["--station", "Park", "--quantity", "pm25", "--start", "2016-03-05T08:00", "--value", "9000"]
    answer("shed", "correct", "--shed", shed.path, *correct, "--reason", "logbook", "--author", "Li Na")
    code, out, _ = answer("verify", file, "--shed", shed.path)
    assert code == 0
    assert "Changed since:" in out
    assert "pm25 at Park, 2016-03-05T08:00+08:00: 30 ug/m3 (suspect) became 9000 ug/m3" in out
    assert "Park, 2016-03: mean.pm25 is stated as 30, and would be 42 today" in out


def test_an_erratum_states_anew(answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shed, _ = stated(tmp_path / "shed")
    file = next((shed.path / "statements").glob("*.json"))
    asked: list[Any] = ["erratum", "--shed", shed.path, "--method", "assess.air", "--from", "1", "--to", "2"]
    code, _, err = answer(*asked, "--reason", "Days were counted twice.")
    assert (code, "computes assess.air by version 1" in err) == (2, True)
    monkeypatch.setitem(CLAIMS, "assess air", replace(CLAIMS["assess air"], version=2))
    code, out, err = answer(*asked, "--reason", "Days were counted twice.", "--format", "json")
    assert code == 0, err
    (record,) = json.loads(out)
    assert (record["claim"], record["same_figures"]) == ("assess air", True)
    code, out, _ = answer("verify", file, "--shed", shed.path)
    assert (code, out.startswith("SUPERSEDED.")) == (0, True)
    assert "Days were counted twice." in out


def test_a_page_of_somebody_elses_statement(answer: Answer, tmp_path: Path) -> None:
    shed, _ = stated(tmp_path / "shed")
    file = next((shed.path / "statements").glob("*.json"))
    code, _, err = answer("verify", file, "--page", tmp_path / "page.html")
    assert (code, (tmp_path / "page.html").exists()) == (3, True)
    assert "print it on A4" in err
    assert MARCH["period"] in (tmp_path / "page.html").read_text("utf-8")


def test_a_page_is_never_put_over_what_a_shed_keeps(answer: Answer, tmp_path: Path) -> None:
    shed = shore(tmp_path / "shed")
    _, out, _ = answer("state", "assess", "air", "--shed", shed.path, "--period", "2016-03")
    statement = Path(out.strip())
    before = statement.read_bytes()
    for place in (statement, shed.path / "shed.toml", shed.path / "log" / "page.html"):
        code, _, err = answer("verify", statement, "--shed", shed.path, "--page", place)
        assert code == 2
        assert f"field --page: this is where the shed {shed.path.resolve()} keeps what is its own" in err
    assert statement.read_bytes() == before
    assert answer("verify", statement, "--shed", shed.path, "--page", shed.path / "page.html")[0] == 0


def test_what_is_no_statement_is_told_with_its_name(answer: Answer, tmp_path: Path) -> None:
    other = tmp_path / "page.html"
    other.write_text("<!doctype html>")
    code, _, err = answer("verify", other)
    assert code == 2
    assert f"{other}: this is no statement, or not all of one: this is not JSON" in err


def test_in_chinese_the_verdict_names_the_question_in_words(answer: Answer, tmp_path: Path) -> None:
    shed = shore(tmp_path / "shed")
    _, out, _ = answer("state", "assess", "air", "--shed", shed.path, "--period", "2016-03")
    code, told, _ = answer("verify", out.strip(), "--shed", shed.path, "--lang", "zh")
    assert code == 0
    assert told.startswith("一致。根据监测数据重新计算，本结论（空气质量评价，2016-03）")
