"""``commonshed share …``, ``serve-node`` and ``publish``, as typed."""

from __future__ import annotations

import builtins
import json
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.disclose.federation.giver import HEBEI, PM25_IS_PUBLIC, giver, rule
from tests.observe.gateway.making import make_shed

from commonshed.cli import run
from commonshed.keep import Shed

OZONE = (
    '[[rules]]\nid = "ozone"\nquantities = ["o3"]\nrelease = "partner"\ndelay = "36 h"\n'
    'partners = { hebei = { use = { en = "joint forecasts", zh = "联合预报" } } }\n'
)


@pytest.fixture
def shed(tmp_path: Path) -> Path:
    return giver(tmp_path / "shed").path


@pytest.fixture
def mine(tmp_path: Path) -> str:
    path = tmp_path / "mine.toml"
    path.write_bytes(rule(PM25_IS_PUBLIC, OZONE))
    return str(path)


def told(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert run([*words, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_without_a_rule_list_says_so_and_names_an_example(shed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["share", "list", "--shed", str(shed)]) == 0
    said = capsys.readouterr()
    assert "every reading is internal" in said.err
    assert f"commonshed share set beijing --shed {shed}" in said.err


def test_a_rule_is_set_listed_and_shown(shed: Path, mine: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["share", "set", mine, "--shed", str(shed)]) == 0
    assert "entry 4 of the log, 2 rules" in capsys.readouterr().err
    dust, ozone = told(capsys, "share", "list", "--shed", str(shed))
    assert (dust["rule"], dust["release"], dust["of"], dust["delay"]) == ("fine-dust", "public", ["everywhere"], "0 s")
    assert (ozone["rule"], ozone["partners"], ozone["delay"]) == ("ozone", ["hebei"], "36 h")
    assert run(["share", "show", "--shed", str(shed)]) == 0
    assert capsys.readouterr().out == Path(mine).read_text("utf-8")


def test_check_says_who_gets_what_and_by_which_rule(shed: Path, mine: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(["share", "set", mine, "--shed", str(shed)])
    ask = ["share", "check", "--shed", str(shed), "--station", "dongsi", "--quantity", "o3"]
    found = {each["audience"]: each for each in told(capsys, *ask)}
    assert {name: each["gets"] for name, each in found.items()} == {"public": False, "hebei": True, "tianjin": False}
    assert (found["hebei"]["rule"], found["hebei"]["delay"], found["hebei"]["use"]) == (
        "ozone",
        "36 h",
        "joint forecasts",
    )
    [by_key] = told(capsys, *ask, "--for", str(HEBEI.verifier))
    assert by_key["audience"] == "hebei"
    assert run([*ask, "--for", "hebei"]) == 0
    assert "hebei gets o3 of dongsi 36 h after each reading ends, by rule ozone" in capsys.readouterr().err
    assert run([*ask, "--for", "public"]) == 0
    assert "everybody does not get o3 of dongsi: partner, by rule ozone" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["check", "--station", "dongzi", "--quantity", "o3"], "Did you mean dongsi"),
        (["check", "--station", "dongsi", "--quantity", "03"], "there is no quantity"),
        (["check", "--station", "dongsi", "--quantity", "o3", "--for", "hubei"], "there is no audience 'hubei'"),
        (["set", "beijin"], "Did you mean beijing"),
        (["set", "none.toml"], "there is no such file"),
        (["set", "beijing"], "there is no jurisdiction '110000'"),
        (["show"], "no sharing rule is in force"),
    ],
)
def test_what_cannot_be_is_refused_with_the_mend(
    shed: Path, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    assert run(["share", *words, "--shed", str(shed)]) == 2
    assert says in capsys.readouterr().err


def test_an_example_is_shown_to_begin_with(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["share", "show", "beijing"]) == 0
    assert 'kind = "sharing-rule"' in capsys.readouterr().out
    assert run(["share", "show"]) == 2
    assert "Name a shed, a file or an example: beijing" in capsys.readouterr().err


def test_publish_says_what_it_did(shed: Path, mine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["share", "set", mine, "--shed", str(shed)])
    capsys.readouterr()
    assert run(["publish", "--shed", str(shed), "--to", str(tmp_path / "tree")]) == 0
    assert "5 entries, segments: 3 part; 12 files written" in capsys.readouterr().err
    assert (tmp_path / "tree" / "checkpoint").read_bytes() == Shed.open(shed).log.path.read_bytes()
    assert run(["publish", "--shed", str(shed), "--to", str(tmp_path)]) == 2
    assert "holds something else" in capsys.readouterr().err


def test_serving_without_the_extra_names_it(
    shed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [each for each in sys.modules if each.startswith("commonshed.disclose.federation.running")]:
        monkeypatch.delitem(sys.modules, name)
    plain = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name.split(".")[0] == "uvicorn":
            raise ModuleNotFoundError(name="uvicorn")
        return plain(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    assert run(["serve-node", "--shed", str(shed)]) == 2
    assert "pip install 'commonshed[node]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("host", "why"), [("127.0.0.1", "another program listens there already"), ("192.0.2.1", "no such address")]
)
def test_a_port_that_cannot_be_had_is_told_with_the_mend(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], host: str, why: str
) -> None:
    shed = make_shed(tmp_path / "shed", devices=0).path
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for words in (["serve-node", "--port"], ["gateway", "--port"]):
            assert run([words[0], "--shed", str(shed), "--host", host, *words[1:], port]) == 2
            told = capsys.readouterr().err
            assert f"field --port: cannot listen on {host}: " in told
            assert why in told
        http = ["gateway", "--shed", str(shed), "--port", "0", "--http-host", host, "--http", port]
        assert run(http) == 2
        assert why in capsys.readouterr().err


@pytest.mark.parametrize("words", [["serve-node"], ["gateway"], ["gateway", "--http"], ["device", "simulate"]])
def test_a_number_that_is_no_port_is_refused(shed: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    option = [] if words[-1].startswith("--") else ["--port"]
    assert run([*words, *option, "65536", "--shed", str(shed)]) == 2
    assert "65535" in capsys.readouterr().err
