"""A method was wrong: what was said stays, is shown as superseded, and what takes its place is recomputed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.disclose.statements.making import codes, edited, resigned, stated

from commonshed.disclose.statements import CLAIMS, Statement, computing, state, verify
from commonshed.disclose.statements.computing import Computed
from commonshed.disclose.statements.errata import Erratum, publish
from commonshed.disclose.statements.telling import lines
from commonshed.errors import InputError, ProofError
from commonshed.keep import Shed

Fix = Callable[[], None]
REASON = "Days were counted twice."


@pytest.fixture
def made(tmp_path: Path) -> tuple[Shed, Statement]:
    return stated(tmp_path / "shed")


@pytest.fixture
def fix(monkeypatch: pytest.MonkeyPatch) -> Fix:
    """The next release: version 2 of the method says one day fewer."""

    def corrected(shed: Shed, asked: Any, as_of: int) -> Computed:
        found = computing.air(shed, asked, as_of)
        return Computed([{**record, "valid_days": record["valid_days"] - 1} for record in found.records], found.regimes)

    claim = replace(CLAIMS["assess air"], version=2, compute=corrected)
    return lambda: monkeypatch.setitem(CLAIMS, "assess air", claim)


def test_an_erratum_states_anew_what_the_wrong_version_stated(made: tuple[Shed, Statement], fix: Fix) -> None:
    shed, old = made
    fix()
    done = publish(shed, method="assess.air", before=1, after=2, reason=REASON)
    ((before, after),) = done.restated
    assert (before.digest, done.left) == (old.digest, ())
    assert (after.statement.supersedes, after.statement.erratum) == (old.digest, done.document.digest)
    assert after.statement.as_of.size == old.as_of.size, "what moved, moved by the method alone"
    assert [record["valid_days"] for record in after.statement.records] == [30, 30]
    assert verify(after.statement.content, shed=shed.path).kind == "agrees"


def test_the_old_one_is_superseded_never_forged_and_says_why(made: tuple[Shed, Statement], fix: Fix) -> None:
    shed, old = made
    fix()
    publish(shed, method="assess.air", before=1, after=2, reason=REASON)
    found = verify(old.content, shed=shed.path)
    assert (found.kind, found.stands, codes(found.findings)) == ("superseded", True, [])
    assert REASON in "\n".join(lines(found))
    assert REASON in "\n".join(lines(found, "zh"))
    assert {(each.record, each.path, each.stated, each.found) for each in found.by_erratum} == {
        ("Mill, 2016-03", "valid_days", 31, 30),
        ("Park, 2016-03", "valid_days", 31, 30),
    }
    assert found.successor is not None
    assert found.successor.kind == "agrees"


def test_one_changed_after_it_was_superseded_is_forged(made: tuple[Shed, Statement], fix: Fix) -> None:
    shed, old = made
    fix()
    publish(shed, method="assess.air", before=1, after=2, reason=REASON)
    found = verify(edited(old, lambda said: said["result"]["records"].pop()), shed=shed.path)
    assert found.kind == "forged"


def test_a_superseded_statement_whose_successor_does_not_hold_does_not_stand(
    made: tuple[Shed, Statement], fix: Fix
) -> None:
    shed, old = made
    fix()

    def wrong(said: dict[str, Any]) -> None:
        from commonshed.disclose.statements.canonical import digest

        said["method"] = CLAIMS["assess air"].content()
        said["supersedes"] = old.digest
        said["result"]["digest"] = digest(said["result"]["records"])

    content = resigned(old, shed.log.keys.signer(), wrong)
    shed.record("statement", "successor.json", content, said={"supersedes": old.digest})
    found = verify(old.content, shed=shed.path)
    assert (found.kind, found.stands) == ("superseded", False)
    assert found.successor is not None
    assert found.successor.kind == "differs"


def test_publishing_it_again_changes_nothing(made: tuple[Shed, Statement], fix: Fix) -> None:
    shed, _ = made
    fix()
    first = publish(shed, method="assess.air", before=1, after=2, reason=REASON)
    size = Shed.open(shed.path).size
    again = publish(shed, method="assess.air", before=1, after=2, reason=REASON)
    assert (again.document, again.restated) == (first.document, ())
    assert Shed.open(shed.path).size == size


def test_stating_the_question_afterwards_finds_the_corrected_answer(made: tuple[Shed, Statement], fix: Fix) -> None:
    shed, old = made
    fix()
    ((_, after),) = publish(shed, method="assess.air", before=1, after=2, reason=REASON).restated
    again = state(shed, "assess air", old.parameters)
    assert (again.already, again.document) == (True, after.document)


def test_what_cannot_be_stated_anew_is_told(made: tuple[Shed, Statement], monkeypatch: pytest.MonkeyPatch) -> None:
    shed, old = made

    def refused(shed: Shed, asked: Any, as_of: int) -> Computed:
        del shed, asked, as_of
        raise InputError("there is no such place any more")

    monkeypatch.setitem(CLAIMS, "assess air", replace(CLAIMS["assess air"], version=2, compute=refused))
    done = publish(shed, method="assess.air", before=1, after=2, reason=REASON)
    assert [(held.digest, why) for held, why in done.left] == [(old.digest, "there is no such place any more")]
    found = verify(old.content, shed=shed.path)
    assert (found.kind, codes(found.findings)) == ("not-verifiable", ["method.other"])


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"method": "assess.fire"}, "no such method"),
        ({"after": 3}, "by version 2"),
        ({"before": 2}, "only grows"),
        ({"before": 0}, "only grows"),
        ({"reason": " "}, "what was wrong"),
    ],
)
def test_an_erratum_of_nothing_is_refused(
    made: tuple[Shed, Statement], fix: Fix, asked: dict[str, Any], words: str
) -> None:
    fix()
    with pytest.raises(InputError, match=words):
        publish(made[0], **{"method": "assess.air", "before": 1, "after": 2, "reason": REASON, **asked})


def test_an_erratum_is_signed_and_names_what_it_supersedes(made: tuple[Shed, Statement], fix: Fix) -> None:
    shed, old = made
    fix()
    document = publish(shed, method="assess.air", before=1, after=2, reason=REASON).document
    content = shed.document_bytes(document)
    said = Erratum.parse(content)
    assert (said.statements, said.check_signature()) == ([old.digest], shed.log.keys.signer().verifier)
    changed = json.loads(content) | {"reason": "Nothing happened."}
    with pytest.raises(ProofError, match="changed after they were signed"):
        Erratum.parse(json.dumps(changed).encode()).check_signature()
