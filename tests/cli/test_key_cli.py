"""``commonshed key …``, as typed."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tests.keep.making import make_shed

from commonshed.cli import run
from commonshed.keep import Shed
from commonshed.keep.log.backup import fingerprint_words, words_of
from commonshed.keep.log.cosignatures import Cosignatures, known_witnesses
from commonshed.keep.log.keys import Keys
from commonshed.keep.log.notes import Signer


@pytest.fixture
def shed(tmp_path: Path) -> Shed:
    made = make_shed(tmp_path / "shed")
    made.enter("agreement", {"name": "x", "digest": "0" * 64, "file": "x"})
    return made


def shown(shed: Shed, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["key", "show", "--shed", str(shed.path), "--format", "json"]) == 0
    [record] = json.loads(capsys.readouterr().out)
    assert isinstance(record, dict)
    return record


def test_show_tells_the_key_in_letters_words_and_numbers(shed: Shed, capsys: pytest.CaptureFixture[str]) -> None:
    [verifier] = shed.log.keys.verifiers
    record = shown(shed, capsys)
    assert record["key"] == str(verifier)
    assert record["words"] == fingerprint_words(verifier)
    assert record["words_zh"] == fingerprint_words(verifier, "zh")
    assert [len(number) for number in str(record["numbers"]).split()] == [4] * 6
    assert (record["private"], record["beside"], record["history"]) == ("here, mode 0600", [], [])
    assert record["cosigned"] == {"size": None, "known": 0, "by": []}
    assert run(["key", "show", "--shed", str(shed.path)]) == 0
    table = capsys.readouterr().out
    assert str(verifier) in table
    assert "cosigned by 0 of 0 known witnesses" in table


def test_show_tells_what_is_wrong_with_the_key_and_goes_on(shed: Shed, capsys: pytest.CaptureFixture[str]) -> None:
    path = shed.path / "keys" / "node.key"
    path.chmod(0o644)
    assert "chmod 600" in str(shown(shed, capsys)["private"])
    path.unlink()
    assert shown(shed, capsys)["private"] == "not in this copy, which can be read and not written"


def test_show_tells_of_a_rotation_that_was_cut_off_and_of_keys_from_an_old_copy(
    shed: Shed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(shed.path / "keys", tmp_path / "old")
    shed.log.keys.prepare(Signer(shed.log.origin, bytes(32)))
    assert "finish it with: commonshed key rotate" in str(shown(shed, capsys)["under_way"])
    assert run(["key", "rotate", "--shed", str(shed.path)]) == 0
    record = shown(shed, capsys)
    assert (record["under_way"], record["in_force"]) == (None, True)
    shutil.rmtree(shed.path / "keys")
    shutil.copytree(tmp_path / "old", shed.path / "keys")
    assert shown(shed, capsys)["in_force"] is False
    assert run(["key", "show", "--shed", str(shed.path)]) == 0
    assert "given up" in capsys.readouterr().out


def test_show_tells_who_cosigned(shed: Shed, capsys: pytest.CaptureFixture[str]) -> None:
    witness = Signer("commonshed/bo", bytes(32))
    folder = shed.path / "peers" / "bo" / "keys"
    folder.mkdir(parents=True)
    Keys(folder).trust([witness.verifier])
    note = shed.log.note()
    Cosignatures(shed.log, known_witnesses(shed.path)).collect(note.plus([witness.cosign(note.text, 1_700_000_000)]))
    told = {"size": 1, "known": 1, "by": [{"witness": "commonshed/bo", "at": "2023-11-14T22:13:20Z"}]}
    assert shown(shed, capsys)["cosigned"] == told
    assert run(["key", "show", "--shed", str(shed.path)]) == 0
    assert "1 of 1 entries" in capsys.readouterr().out


def test_rotate_tells_the_new_words_and_until_when_the_old_key_signs(
    shed: Shed, capsys: pytest.CaptureFixture[str]
) -> None:
    old = shed.log.keys.verifiers[0]
    assert run(["key", "rotate", "--shed", str(shed.path), "--overlap", "30d", "--reason", "three years"]) == 0
    said = capsys.readouterr()
    new = shed.log.keys.verifiers[0]
    assert new != old
    assert said.out == ""
    assert fingerprint_words(new) in said.err
    assert "the old key signs beside it until 20" in said.err
    record = shown(shed, capsys)
    [change], [beside] = record["history"], record["beside"]
    assert (change["position"], change["reason"], change["declared"]) == (1, "three years", False)
    assert (change["old"], change["new"], beside["key"]) == (str(old), str(new), str(old))
    assert beside["until"] == change["until"]
    assert run(["key", "rotate", "--shed", str(shed.path), "--overlap", "0d"]) == 0
    assert "signs beside" not in capsys.readouterr().err


@pytest.mark.parametrize("overlap", ["30", "d", "-3d", "3 weeks", "1.5d", "99999d"])
def test_an_overlap_that_is_none_is_told(shed: Shed, overlap: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["key", "rotate", "--shed", str(shed.path), f"--overlap={overlap}"]) == 2
    assert "overlap" in capsys.readouterr().err
    assert shed.log.keys.verifiers == Shed.open(shed.path).log.keys.verifiers


def test_recover_wants_a_reason_and_tells_what_neighbours_do(shed: Shed, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["key", "recover", "--shed", str(shed.path), "--reason", "lost"]) == 2
    assert "the key is there" in capsys.readouterr().err
    (shed.path / "keys" / "node.key").unlink()
    assert run(["key", "recover", "--shed", str(shed.path)]) == 2
    assert run(["key", "recover", "--shed", str(shed.path), "--reason", "lost in the fire"]) == 0
    said = capsys.readouterr().err
    assert "the old key has not signed this: it was declared lost" in said
    assert "compares the words and accepts the key" in said
    assert fingerprint_words(shed.log.keys.verifiers[0], "zh") in said
    assert run(["key", "show", "--shed", str(shed.path)]) == 0
    assert "declared lost" in capsys.readouterr().out


@pytest.mark.parametrize("more", [[], ["--language", "zh"], ["--as", "key"]])
def test_a_backup_file_brings_the_key_back(
    shed: Shed, tmp_path: Path, more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = tmp_path / "sheet.txt"
    assert run(["key", "backup", "--shed", str(shed.path), *more, "--output", str(sheet)]) == 0
    assert sheet.stat().st_mode & 0o777 == 0o600
    key = shed.path / "keys" / "node.key"
    whole = key.read_bytes()
    key.unlink()
    assert run(["key", "restore", "--shed", str(shed.path), "--file", str(sheet)]) == 0
    assert key.read_bytes() == whole
    assert run(["key", "restore", "--shed", str(shed.path), "--file", str(sheet)]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "the key is back: " in said.err
    assert "was there already" in said.err
    assert "written to" in said.err
    words = words_of(Keys(shed.path / "keys").signer().seed)
    assert not [pair for pair in pairwise(words) if " ".join(pair) in said.err]


def test_words_do_not_run_through_a_pipe(shed: Shed, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["key", "backup", "--shed", str(shed.path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "Add --output FILE: what runs through a pipe ends up in logs" in said.err


def test_a_file_that_is_no_sheet_is_told(shed: Shed, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = tmp_path / "sheet"
    sheet.write_bytes(b"\xff\xfe")
    assert run(["key", "restore", "--shed", str(shed.path), "--file", str(sheet)]) == 2
    assert "this is no text" in capsys.readouterr().err
    sheet.write_text("a few words")
    assert run(["key", "restore", "--shed", str(shed.path), "--file", str(sheet)]) == 2
    assert "a key is 24 words and these are 3" in capsys.readouterr().err
    assert run(["key", "restore", "--shed", str(shed.path), "--file", str(tmp_path / "none")]) == 2


def test_on_a_terminal_words_are_shown_and_typed_and_never_stand_on_the_command_line(shed: Shed) -> None:
    words = words_of(shed.log.keys.signer().seed, "zh")
    printed = at_a_terminal(["key", "backup", "--shed", str(shed.path), "--language", "zh"])
    assert all(f"{i + 1} {word}" in printed for i, word in enumerate(words))
    (shed.path / "keys" / "node.key").unlink()
    typed = "".join(words[:12]) + "\n" + " ".join(words[12:]) + "\n\n"
    printed = at_a_terminal(["key", "restore", "--shed", str(shed.path)], typed)
    assert "the key is back" in printed
    assert words_of(shed.log.keys.signer().seed, "zh") == words


def at_a_terminal(command: list[str], typed: str = "") -> str:
    """What a terminal shows when a command is run in it and something is typed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "commonshed", *command], stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True
    )
    os.close(theirs)
    os.write(ours, typed.encode())
    shown = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # Linux: the other end is closed
            break
        if not part:
            break
        shown += part
    os.close(ours)
    assert process.wait() == 0, shown.decode()
    return shown.decode()


def test_words_piped_in_are_read_too(shed: Shed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    words = words_of(shed.log.keys.signer().seed)
    (shed.path / "keys" / "node.key").unlink()
    (tmp_path / "typed").write_text("\n".join(words))
    with (tmp_path / "typed").open() as typed:
        monkeypatch.setattr(sys, "stdin", typed)
        assert run(["key", "restore", "--shed", str(shed.path)]) == 0
    assert shed.log.keys.there
