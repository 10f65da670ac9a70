"""Over figures that come out right a signer can still write what is not so: it is found, whoever has signed it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.disclose.statements.making import codes, resigned, stated

from commonshed.disclose.statements import Verdict, verify
from commonshed.errors import ProofError

Change = Callable[[dict[str, Any]], None]


def published(folder: Path, change: Change) -> Verdict:
    """What comes of a statement that the node itself has changed, signed and entered."""
    shed, statement = stated(folder / "shed")
    content = resigned(statement, shed.log.keys.signer(), change)
    shed.record("statement", "changed.json", content, said={"claim": "assess air"})
    return verify(content, shed=shed.path)


def put(field: str, **said: Any) -> Change:
    return lambda content: content[field].update(said)


def emptied(field: str) -> Change:
    return lambda content: content[field].clear()


def test_a_statement_that_says_when_it_was_made_a_second_time_agrees(tmp_path: Path) -> None:
    assert published(tmp_path, lambda content: content.update(made_at=5)).kind == "agrees"


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (put("scope", period="2024"), "scope.period"),
        (put("scope", quantities=["o3"]), "scope.quantities"),
        (put("scope", certified="yes"), "scope.certified"),
        (emptied("standards"), "standards"),
        (emptied("documents"), "documents"),
    ],
)
def test_what_stands_around_the_figures_is_made_again_and_compared(tmp_path: Path, change: Change, name: str) -> None:
    found = published(tmp_path, change)
    assert (found.kind, found.differences) == ("differs", ())
    assert [each.values["name"] for each in found.findings if each.code == "framing.other"] == [name]


@pytest.mark.parametrize(
    "asked",
    [
        {"dust_corrected": "yes"}, {"regime": None}, {"period": 2016}, {"group": 5}, {"level": {"file": "x"}},
        {"against": {"file": "../x", "digest": "0" * 64, "text": ""}},
    ],
)  # fmt: skip
def test_a_question_nobody_could_ask_has_no_answer_that_agrees(tmp_path: Path, asked: dict[str, Any]) -> None:
    found = published(tmp_path, put("parameters", **asked))
    assert (found.kind, codes(found.findings)) == ("differs", ["question.none"])
    assert next(iter(asked)) in found.findings[-1].text()


def test_a_question_without_its_period_is_none(tmp_path: Path) -> None:
    found = published(tmp_path, lambda content: content["parameters"].pop("period"))
    assert codes(found.findings) == ["question.none"]


@pytest.mark.parametrize(
    ("of", "into"),
    [
        (b'"made_at":', b'"made_at":' + b"9" * 5000),
        (b'"made_at":', b'"made_at":' + b"9" * 17),
        (b'"scope":{', b'"scope":{"z":' + b"[" * 600 + b"]" * 600 + b","),
        (b'"records":[{', b'"records":[{"z":' + b"[" * 100_000 + b"]" * 100_000 + b","),
        (b'"claim":', b'"claim":"assess water","claim":'),
    ],
)
def test_what_breaks_readers_of_json_is_no_statement(tmp_path: Path, of: bytes, into: bytes) -> None:
    shed, statement = stated(tmp_path / "shed")
    with pytest.raises(ProofError):
        verify(statement.content.replace(of, into, 1), shed=shed.path)
