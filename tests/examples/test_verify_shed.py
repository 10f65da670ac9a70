"""The stranger's verifier, standard library only, agrees with ours on whole sheds and finds each kind of tampering."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.keep.making import HOUR, MARCH, hours, make_shed, row, source, table

from commonshed.cli import run
from commonshed.disclose.proofs import prove
from commonshed.keep import Shed
from commonshed.keep.log.notes import Signer
from commonshed.places import Network, Station

SCRIPT = Path(__file__).parents[2] / "examples" / "verify_shed.py"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shed with everything: places, statements, escapes in text, a correction, a repacking; and its rows as text."""
    folder = tmp_path_factory.mktemp("stranger")
    shed = make_shed(folder / "shed")
    shed.publish_network(Network({}, {name: Station(name) for name in ("东四", "dongsi")}))
    shed.record("standard", "gb.toml", b"limit = 75")
    shed.seal_import([hours(600, station="东四"), hours(300, quantity="o3")], source=source("a"))
    shed.seal_import([table([row(start=MARCH + 9 * HOUR, raw="a\tb\n\\n", reason="x\\y")])], source=source("b"))
    shed.record("statement", "march.json", b"{}")
    shed.correct(station="东四", quantity="pm25", start=MARCH + 20 * HOUR, value="7.5", reason="scale", author="Li Na")
    shed.repack()
    shed.seal()
    assert run(["shed", "rows", "--shed", str(shed.path), "-o", str(folder / "rows")]) == 0
    return folder


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return shutil.copytree(template, tmp_path / "copy")


def stranger(*words: object) -> tuple[int, str]:
    """What the verifier says, in a process that has nothing of ours."""
    command = [sys.executable, "-I", "-S", str(SCRIPT), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def flip(path: Path, at: int) -> None:
    """Change one bit."""
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def key_of(folder: Path) -> str:
    """The key of the shed in a folder."""
    return str(Shed.open(folder / "shed").log.keys.verifiers[0])


def test_it_is_short_and_imports_nothing_but_the_standard_library() -> None:
    text = SCRIPT.read_text("utf-8")
    assert len(text.splitlines()) <= 200
    imported = {
        name.partition(".")[0]
        for each in ast.walk(ast.parse(text))
        for name in (
            [alias.name for alias in each.names]
            if isinstance(each, ast.Import)
            else [each.module or ""]
            if isinstance(each, ast.ImportFrom)
            else []
        )
    }
    assert imported <= sys.stdlib_module_names


def test_a_whole_shed_is_whole_and_its_rows_are_those_of_its_log(folder: Path) -> None:
    shed = Shed.open(folder / "shed")
    code, said = stranger(
        folder / "shed", "--key", key_of(folder), "--rows", folder / "rows",
        "--reading", "东四", "pm25", MARCH + 20 * HOUR,
    )  # fmt: skip
    assert code == 0, said
    assert "nothing is wrong" in said
    assert f"{shed.size} entries" in said
    assert "3 documents" in said
    assert "[20, '=', 'valid']" in said
    assert "[7500, '=', 'valid']" in said


def spoil_checkpoint(folder: Path) -> None:
    flip(folder / "shed" / "log" / "checkpoint", 70)


def spoil_entry(folder: Path) -> None:
    for path in (folder / "shed" / "log" / "tile" / "entries").rglob("*"):
        if path.is_file():
            flip(path, 40)


def spoil_tile(folder: Path) -> None:
    for path in (folder / "shed" / "log" / "tile" / "0").rglob("*"):
        if path.is_file():
            flip(path, 3)


def spoil_pack(folder: Path) -> None:
    flip(next((folder / "shed" / "segments").rglob("*.parquet")), 300)


def lose_pack(folder: Path) -> None:
    next((folder / "shed" / "segments").rglob("*.parquet")).unlink()


def spoil_standard(folder: Path) -> None:
    flip(next((folder / "shed" / "places" / "standards").iterdir()), 3)


def lose_statement(folder: Path) -> None:
    next((folder / "shed" / "statements").iterdir()).unlink()


def change_row(folder: Path) -> None:
    path = max((folder / "rows").iterdir(), key=lambda path: path.stat().st_size)
    path.write_text(path.read_text("utf-8").replace("\t30\t", "\t31\t"), "utf-8")


def drop_row(folder: Path) -> None:
    path = max((folder / "rows").iterdir(), key=lambda path: path.stat().st_size)
    path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[:-1]), "utf-8")


def sign_with_another_key(folder: Path) -> None:
    log = Shed.open(folder / "shed").log
    forged = log.note().__class__(log.note().text).signed_by(Signer(log.origin, bytes(32)))
    log.path.write_bytes(forged.encode())


TAMPERING: dict[Callable[[Path], None], str] = {
    spoil_checkpoint: "not signed with the key",
    spoil_entry: "do not make the root",
    spoil_tile: "tile 0 is not that of the entries",
    spoil_pack: "gone or changed",
    lose_pack: "gone or changed",
    spoil_standard: "gone or changed",
    lose_statement: "gone or changed",
    change_row: "not the rows that entry",
    drop_row: "not the rows that entry",
    sign_with_another_key: "not signed with the key",
}


@pytest.mark.parametrize("tamper", TAMPERING, ids=lambda tamper: tamper.__name__)
def test_each_kind_of_tampering_is_found(folder: Path, tamper: Callable[[Path], None]) -> None:
    tamper(folder)
    code, said = stranger(folder / "shed", "--rows", folder / "rows")
    assert code == 1
    assert "WRONG" in said
    assert TAMPERING[tamper] in said


def test_another_shed_under_the_same_name_is_not_signed_with_the_key(folder: Path, tmp_path: Path) -> None:
    code, said = stranger(make_shed(tmp_path / "other").path, "--key", key_of(folder))
    assert (code, "not signed with the key" in said) == (1, True)


@pytest.mark.parametrize("hour", [9, 20, 300, 599])
def test_a_proof_of_ours_holds_for_the_stranger_too(folder: Path, hour: int) -> None:
    shed = Shed.open(folder / "shed")
    proof = prove(shed, station="东四", quantity="pm25", start=MARCH + hour * HOUR)
    (folder / "proof.json").write_bytes(proof.encode())
    code, said = stranger(folder / "proof.json", "--key", key_of(folder))
    assert code == 0, said
    assert said.count("proved: entry") == (2 if hour == 20 else 1)
    assert f"proved: nothing later among the {shed.size} entries" in said


def test_a_forged_proof_fails_for_the_stranger_too(folder: Path) -> None:
    proof = prove(Shed.open(folder / "shed"), station="东四", quantity="pm25", start=MARCH + 20 * HOUR)
    path, whole = folder / "proof.json", json.loads(proof.encode())
    first, last = whole["segments"]
    forgeries = [
        {**whole, "reading": {**whole["reading"], "station": "dongsi"}},
        {**whole, "segments": [first]},
        {**whole, "segments": [{**first, "path": last["path"]}, last]},
        {**whole, "segments": [first, {**last, "position": last["position"] - 1}]},
        {**whole, "segments": [first, {**last, "chunks": [{**last["chunks"][0], "index": 1}]}]},
        {**whole, "later": {**whole["later"], "entries": whole["later"]["entries"][:-1]}},
        {**whole, "later": {**whole["later"], "peaks": []}},
        {**whole, "checkpoint": whole["checkpoint"].replace("\n", "\n1", 1)},
        {**whole, "checkpoint": make_shed(folder / "other").log.note().encode().decode()},
        {"format": whole["format"]},
    ]
    for content in forgeries:
        path.write_text(json.dumps(content), "utf-8")
        code, said = stranger(path, "--key", key_of(folder))
        assert code == 1, (forgeries.index(content), said)
    without = {**whole, "segments": [first], "later": None}
    path.write_text(json.dumps(without), "utf-8")
    code, said = stranger(path, "--key", key_of(folder))
    assert (code, "NOT proved: nothing later" in said) == (0, True)
