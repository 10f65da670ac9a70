"""``commonshed prove``, ``verify-proof`` and ``shed rows`` as typed."""

from __future__ import annotations

import hashlib
import json
import shutil
import tomllib
from importlib import resources
from pathlib import Path
from string import Formatter

import pytest
from tests.keep.making import HOUR, MARCH, hours, make_shed, source

from commonshed.cli import run
from commonshed.keep import Shed
from commonshed.keep.merkle import merkle_root


@pytest.fixture
def shed(tmp_path: Path) -> Shed:
    made = make_shed(tmp_path / "shed")
    made.seal_import([hours(300, first=MARCH + 8 * HOUR)], source=source("a"))
    return made


def prove(shed: Shed, output: Path, *more: str) -> int:
    """A proof of ten o'clock."""
    asked = ["--station", "dongsi", "--quantity", "pm25", "--start", "2016-03-01T10:00"]
    return run(["prove", "--shed", str(shed.path), *asked, "-o", str(output), *more])


def test_a_proof_is_written_and_checked_with_the_key_that_was_printed(
    shed: Shed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = tmp_path / "proof.json"
    assert prove(shed, proof) == 0
    key = capsys.readouterr().out.strip()
    assert key == str(shed.log.keys.verifiers[0])
    assert run(["verify-proof", str(proof), "--key", key]) == 0
    said = capsys.readouterr().out
    assert "PROVED: station dongsi, PM2.5 (pm25), mean of 1 hour from 2016-03-01 10:00 (UTC+08:00): 0.002 ug/m3" in said
    assert "NOT proved: that the instrument measured rightly" in said
    assert run(["verify-proof", str(proof), "--shed", str(shed.path), "--format", "json"]) == 0
    [record] = json.loads(capsys.readouterr().out)
    assert (record["value"], record["unit"], record["counts"], record["size"]) == ("0.002", "ug/m3", "proved", 2)


def test_a_forged_proof_or_none_ends_with_two_and_says_which_step(
    shed: Shed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = tmp_path / "proof.json"
    prove(shed, proof)
    key = capsys.readouterr().out.strip()
    proof.write_text(proof.read_text().replace("\\t2\\t", "\\t3\\t"))
    assert run(["verify-proof", str(proof), "--key", key]) == 2
    assert "chunk 0 is not shown to be in entry 1" in capsys.readouterr().err
    assert run(["verify-proof", str(proof)]) == 2
    assert "none is given" in capsys.readouterr().err
    assert run(["verify-proof", str(proof), "--key", "nonsense"]) == 2
    assert "no verifier key" in capsys.readouterr().err
    assert prove(shed, proof, "--length", "60") == 2
    assert "no such reading is kept" in capsys.readouterr().err


def test_rows_are_written_as_they_are_digested(shed: Shed, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["shed", "rows", "--shed", str(shed.path), "-o", str(tmp_path / "rows")]) == 0
    assert "1 segments written" in capsys.readouterr().err
    text = (tmp_path / "rows" / "1.txt").read_bytes()
    parts = [b"commonshed-rows/1\t" + part for part in text.split(b"commonshed-rows/1\t")[1:]]
    assert [part.count(b"\n") - 1 for part in parts] == [256, 44]
    assert (
        merkle_root([hashlib.sha256(b"\0" + part).digest() for part in parts]).hex()
        == shed.entries[1].content["digest"]
    )
    assert run(["shed", "rows", "--shed", str(shed.path), "--segment", "0", "-o", str(tmp_path / "rows")]) == 2
    assert "no segment of which every row" in capsys.readouterr().err


def test_a_shed_vouches_for_proofs_from_before_and_after_a_change_of_key(
    shed: Shed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    assert prove(shed, before) == 0
    assert run(["key", "rotate", "--shed", str(shed.path), "--overlap", "0d"]) == 0
    assert prove(shed, after) == 0
    capsys.readouterr()
    for proof in (before, after):
        assert run(["verify-proof", str(proof), "--shed", str(shed.path)]) == 0
        assert "PROVED: station dongsi" in capsys.readouterr().out


def test_a_proof_is_held_against_the_mirror_of_its_node_and_against_no_other(
    shed: Shed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof, neighbour = tmp_path / "proof.json", make_shed(tmp_path / "neighbour")
    assert prove(shed, proof) == 0
    assert run(["verify-proof", str(proof), "--shed", str(neighbour.path)]) == 2
    assert "neither" in capsys.readouterr().err
    mirror = neighbour.path / "peers" / "upstream"
    shutil.copytree(shed.path, mirror)
    (mirror / "keys" / "node.key").unlink()
    for held in (neighbour.path, mirror):
        assert run(["verify-proof", str(proof), "--shed", str(held)]) == 0


def test_what_is_wrong_with_a_proof_is_said_with_the_name_of_its_file(
    shed: Shed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torn = tmp_path / "torn.json"
    torn.write_text('{"checkpoint"')
    for file, problem in ((torn, "no proof"), (tmp_path / "gone.json", "no such file"), (tmp_path, "a folder")):
        assert run(["verify-proof", str(file), "--shed", str(shed.path)]) == 2
        told = capsys.readouterr().err
        assert told.startswith(f"commonshed: {file}: ")
        assert problem in told


def test_in_chinese_a_proof_says_the_same(shed: Shed, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    proof = tmp_path / "proof.json"
    assert prove(shed, proof) == 0
    capsys.readouterr()
    assert run(["verify-proof", str(proof), "--shed", str(shed.path), "--lang", "zh"]) == 0
    said = capsys.readouterr().out.strip().split("\n\n")
    assert said[0] == (
        "已证明：监测点位 dongsi，细颗粒物（pm25），自 2016-03-01 10:00 (UTC+08:00) 起 1 小时的平均值：0.002 ug/m3。"
    )
    assert said[1] == "该监测数据标识为有效，状态为初步。"
    assert [each[:3] for each in said[4:]] == ["同时证", "未证明", "未证明"]
    sentences = tomllib.loads(resources.files("commonshed.disclose.proofs").joinpath("texts.toml").read_text("utf-8"))
    for each in sentences.values():
        assert {field for _, field, _, _ in Formatter().parse(each["en"])} == {
            field for _, field, _, _ in Formatter().parse(each["zh"])
        }
