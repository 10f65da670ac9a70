"""``commonshed peer …``, as typed, against a node on a real socket."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.disclose.federation.lying import QUICK, Node, serving
from tests.keep.making import HOUR, MARCH, hours, make_shed, source

from commonshed.cli import run
from commonshed.disclose.federation import pulling
from commonshed.disclose.federation.checking import Checker
from commonshed.keep import Shed
from commonshed.simulate.drill.tampering import copy_for_drill, edit_quietly, sign_anew


@pytest.fixture(scope="module")
def checker() -> Iterator[Checker]:
    with Checker(seconds=60) as found:
        yield found


@pytest.fixture(autouse=True)
def quick(checker: Checker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulling, "Checker", lambda **_: contextlib.nullcontext(checker))
    monkeypatch.setattr(pulling, "Limits", lambda: QUICK)


@pytest.fixture
def up(tmp_path: Path) -> Shed:
    made = make_shed(tmp_path / "up")
    made.seal_import([hours(60, first=MARCH + 24 * HOUR)], source=source("a"))
    return made


@pytest.fixture
def node(up: Shed) -> Iterator[Node]:
    with serving(up) as found:
        yield found


@pytest.fixture
def me(tmp_path: Path) -> str:
    return str(make_shed(tmp_path / "me").path)


@pytest.fixture
def peered(me: str, node: Node, capsys: pytest.CaptureFixture[str]) -> str:
    assert run(["peer", "add", node.url, "--key", node.key, "--name", "up", "--shed", me]) == 0
    capsys.readouterr()
    return me


def told(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> list[dict[str, Any]]:
    """What a command says in JSON."""
    capsys.readouterr()
    assert run([*words, "--format", "json"]) == code
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, list)
    return found


def test_add_compares_the_key_and_says_what_comes_next(
    me: str, node: Node, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    other = str(make_shed(tmp_path / "other").log.keys.verifiers[0])
    assert run(["peer", "add", node.url, "--key", other, "--shed", me]) == 2
    assert "Ask its owner which one is right" in capsys.readouterr().err
    assert run(["peer", "add", node.url, "--key", node.key, "--promised", "soon", "--shed", me]) == 2
    assert "Write 30min, 2h or 1d" in capsys.readouterr().err
    assert run(["peer", "add", node.url, "--key", node.key, "--promised", "2h", "--shed", me]) == 0
    assert "is now the peer test. Pull from it: commonshed peer pull test" in capsys.readouterr().err
    assert told(capsys, "peer", "status", "--shed", me)[0]["state"] == "new"


def test_an_address_that_is_none_is_told(me: str, node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    for url in ("upstream", "ftp://x", "http://", "http://a/?b", "http://user:secret@a"):
        assert run(["peer", "add", url, "--key", node.key, "--shed", me]) == 2
        assert "no address of a node" in capsys.readouterr().err


def test_pull_says_what_came_and_status_how_it_stands(peered: str, capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = told(capsys, "peer", "pull", "--shed", peered)
    wanted = {"peer": "up", "state": "good", "entries": 2, "segments": 1, "new": 60, "corrected": 0, "withheld": 0}
    assert {name: found[name] for name in wanted} == wanted
    assert (found["cosigned"], found["problem"], found["left"]) == (True, None, {})
    (status,) = told(capsys, "peer", "status", "up", "--shed", peered)
    assert (status["state"], status["means"], status["size"], status["mirrored"]) == (
        "good",
        "verified to the end",
        2,
        2,
    )
    assert run(["peer", "status", "--shed", peered]) == 0
    assert "good" in capsys.readouterr().out


def test_no_take_leaves_it_at_the_mirror(peered: str, capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = told(capsys, "peer", "pull", "up", "--no-take", "--shed", peered)
    assert found["new"] is None
    assert Shed.open(peered).readings().num_rows == 0


def test_a_peer_that_is_away_makes_the_command_fail_with_a_reason(
    peered: str, node: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    node.lies["."] = lambda answer: setattr(answer, "status", 500)
    assert run(["peer", "pull", "--shed", peered]) == 2
    said = capsys.readouterr()
    assert "the node has a fault of its own (500)" in said.err
    assert "out of reach" in said.out
    assert run(["peer", "pull", "--shed", peered]) == 2
    assert "not before" in capsys.readouterr().err


def test_a_changed_hour_is_shown_cleared_and_the_peer_removed(
    peered: str, up: Shed, node: Node, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["peer", "pull", "--shed", peered])
    drill = copy_for_drill(up.path, tmp_path / "drill")
    sign_anew(drill.path, edit_quietly(drill.path, station="dongsi", quantity="pm25", start=MARCH + 30 * HOUR, value=9))
    node.shed = Shed.open(drill.path)
    assert run(["peer", "pull", "--shed", peered]) == 2
    assert "fork: it signed two different logs of 2 entries" in capsys.readouterr().err
    (evidence,) = told(capsys, "peer", "evidence", "--shed", peered)
    assert (evidence["peer"], evidence["kind"], evidence["proven"], evidence["entry"]) == ("up", "fork", True, 1)
    assert evidence["changed"] == "dongsi pm25 2016-03-02T06:00+08:00: 0.006 ug/m3 → 0.009 ug/m3"
    assert Shed.open(peered).entries[evidence["entered_at"]].content["digest"] == evidence["digest"]
    (status,) = told(capsys, "peer", "status", "--shed", peered)
    assert (status["state"], status["evidence"], status["proven"]) == ("caught", 1, 1)
    assert run(["peer", "clear", "up", "--reason", "looked at it", "--shed", peered]) == 0
    assert run(["peer", "remove", "up", "--reason", "it lies", "--shed", peered]) == 0
    assert "its mirror and the evidence are in" in capsys.readouterr().err
    assert told(capsys, "peer", "status", "--shed", peered) == []
    assert Shed.open(peered).readings().num_rows == 60


def test_where_there_is_nothing_the_command_says_so(me: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["peer", "pull", "--shed", me]) == 0
    assert "there are no peers" in capsys.readouterr().err
    assert run(["peer", "evidence", "--shed", me]) == 0
    assert "there is no evidence of anything" in capsys.readouterr().err
    for words in (["pull", "up"], ["status", "up"], ["evidence", "up"], ["clear", "up", "--reason", "r"]):
        assert run(["peer", *words, "--shed", me]) == 2
        assert "there is no peer 'up'" in capsys.readouterr().err


def test_a_station_claimed_by_two_is_told(peered: str, capsys: pytest.CaptureFixture[str]) -> None:
    Shed.open(peered).seal_import([hours(3)], source=source("own"))
    assert run(["peer", "pull", "--shed", peered]) == 0
    assert "up: dongsi is claimed by two; its readings are those of this node" in capsys.readouterr().err
    assert run(["peer", "status", "--shed", peered]) == 0
    assert "dongsi is claimed by two" in capsys.readouterr().err


def test_a_new_key_is_accepted_by_hand(
    peered: str, up: Shed, node: Node, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from commonshed.keep.log.renewal import recover

    run(["peer", "pull", "--shed", peered])
    copy = Shed.open(shutil.copytree(up.path, tmp_path / "copy"))
    (copy.path / "keys" / "node.key").unlink()
    recover(copy, reason="the disk burnt")
    node.shed = Shed.open(copy.path)
    assert run(["peer", "pull", "--shed", peered]) == 2
    assert "commonshed peer accept-key" in capsys.readouterr().err
    assert run(["peer", "accept-key", "up", node.key, "--reason", "call", "--shed", peered]) == 0
    assert "is believed under" in capsys.readouterr().err
    assert run(["peer", "pull", "up", "--shed", peered]) == 0
