"""The story in the handbook, run as it stands: every command in its order, nodes on loopback, and what they print."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from commonshed import datasets

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "story-of-trust.md").read_text("utf-8")
CODES = {"commonshed peer pull": (0, 2), "commonshed verify ": (0, 3)}
"""Commands whose second call is meant to end with another code."""

_BLOCK = re.compile(r"```(sh|text)\n(.*?)```", re.DOTALL)


@dataclass
class Told:
    """What the story printed, command by command."""

    folder: Path
    printed: dict[str, list[str]] = field(default_factory=dict)

    def of(self, beginning: str, nth: int = 0) -> str:
        found = [text for command, texts in self.printed.items() if command.startswith(beginning) for text in texts]
        return found[nth]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("story")
    shutil.copy(datasets.path("thames", "weekly_2009-2017.parquet"), folder)
    shutil.copy(ROOT / "examples" / "verify_shed.py", folder)
    told = Told(folder)
    with contextlib.ExitStack() as nodes, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        for line in commands():
            command = line.replace(":8301", f":{port}").replace("--port 8301", f"--port {port}")
            if command.startswith("commonshed serve-node"):
                nodes.close()  # the node before it leaves the network
                nodes.enter_context(node(command, folder, port))
            else:
                told.printed.setdefault(line, []).append(run(command, folder, allowed(line, told)))
        yield told


def commands() -> list[str]:
    return [line for kind, text in _BLOCK.findall(PAGE) if kind == "sh" for line in text.splitlines() if line]


def allowed(line: str, told: Told) -> int:
    codes = next((codes for beginning, codes in CODES.items() if line.startswith(beginning)), (0,))
    before = sum(len(texts) for command, texts in told.printed.items() if command.split()[:3] == line.split()[:3])
    return codes[min(before, len(codes) - 1)]


def environment(folder: Path) -> dict[str, str]:
    """With ``commonshed`` and ``python`` as a user has them on the path."""
    programs = folder / "bin"
    if not programs.exists():
        programs.mkdir()
        (programs / "python").symlink_to(sys.executable)
        (programs / "commonshed").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m commonshed "$@"\n')
        (programs / "commonshed").chmod(0o755)
    paths = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT / "src")}
    return {**os.environ, **paths, "COLUMNS": "240"}


def run(command: str, folder: Path, code: int) -> str:
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment(folder), capture_output=True, text=True, check=False
    )
    assert done.returncode == code, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@contextlib.contextmanager
def node(command: str, folder: Path, port: int) -> Iterator[None]:
    served = subprocess.Popen(
        ["bash", "-c", f"exec {command}"], cwd=folder, env=environment(folder),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            assert served.poll() is None, f"{command} ended by itself"
            time.sleep(0.1)
        yield
    finally:
        served.terminate()
        served.wait(timeout=30)


def plain(text: str) -> str:
    """Without what differs from run to run: runs of blanks, byte counts, times of the clock."""
    return re.sub(r"\s+", " ", text).strip()


def test_every_line_that_the_page_shows_was_printed(told: Told) -> None:
    printed = plain("\n".join(text for texts in told.printed.values() for text in texts))
    shown = [line for kind, text in _BLOCK.findall(PAGE) if kind == "text" for line in text.splitlines()]
    tables = ("peer ", "upstream ")  # of these some columns are left out on the page
    missing = [line for line in shown if not line.strip().startswith(tables) and plain(line) not in printed]
    assert missing == []


def test_the_neighbour_holds_takes_and_settles_what_upstream_published(told: Told) -> None:
    pulled = plain(told.of("commonshed peer pull"))
    assert re.search(r"upstream good 114 103 \d+ 0 171314 0 yes", pulled)
    assert told.of("commonshed verify ").startswith("AGREES.")
    assert "-22,869.64" in told.of("commonshed settle thames-example --shed downstream")


def test_the_forged_shed_agrees_with_itself_and_owes_half(told: Told) -> None:
    assert "all as the log says" in told.of("commonshed shed status --shed forged")
    assert "-2,935.00" in told.of("commonshed settle thames-example --shed forged")


def test_the_next_pull_shows_the_evidence_with_the_sample_and_both_values(told: Told) -> None:
    assert "upstream caught" in plain(told.of("commonshed peer pull", 1))
    evidence = plain(told.of("commonshed peer evidence"))
    assert "fork yes 81 TC18 tp 2015-07-06T13:20+00:00: 0.380000 mg/L → 0.050000 mg/L" in evidence


def test_the_reporter_and_the_court_are_not_fooled(told: Told) -> None:
    assert told.of("commonshed verify ", 1).startswith("NOT OF THIS LOG.")
    assert "0.380000 mg/L" in told.of("commonshed verify-proof")


def test_a_strangers_verifier_agrees_with_the_mirror_and_with_the_proof(told: Told) -> None:
    assert told.of("python verify_shed.py downstream").rstrip().endswith("nothing is wrong")
    proof = told.of("python verify_shed.py proof.json")
    assert "380000 x 0.000001, valid" in proof
    assert "nothing later among the 114 entries signed changes it" in proof


def test_the_stranger_needs_two_hundred_lines_and_the_standard_library(told: Told) -> None:
    text = (told.folder / "verify_shed.py").read_text("utf-8")
    assert len(text.splitlines()) <= 200
    imported = set(re.findall(r"^(?:import|from) (\w+)", text, flags=re.MULTILINE))
    assert imported <= set(sys.stdlib_module_names)
