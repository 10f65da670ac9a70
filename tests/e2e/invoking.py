"""The command as a user calls it: in this process for speed, or as a process of its own."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).parents[2]
Record = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    code: int
    out: str
    err: str

    def records(self) -> list[Record]:
        """Standard output as JSON records; a binary float in them is an error."""
        assert self.code == 0, self.err
        return exact_json(self.out)


def exact_json(text: str) -> list[Record]:
    """Parse JSON that must not hold a number with a point or an exponent."""
    found = json.loads(text, parse_float=_refuse, parse_constant=_refuse)
    assert isinstance(found, list)
    return found


def _refuse(text: str) -> NoReturn:
    raise AssertionError(f"a binary float in JSON: {text}")


def here(*tokens: object) -> Answer:
    """Run ``commonshed`` in this process."""
    from commonshed.cli import run

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run([str(token) for token in tokens])
    return Answer(code, out.getvalue(), err.getvalue())


def process(*tokens: object, cwd: Path | None = None, environment: dict[str, str] | None = None) -> Answer:
    """Run ``commonshed`` as a process of its own."""
    paths = [str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(
        [sys.executable, "-m", "commonshed", *(str(token) for token in tokens)],
        capture_output=True,
        cwd=cwd,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), **(environment or {})},
        timeout=120,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def assess(files: Sequence[Path], stations: Path, *, period: str, by: str = "station", **more: str) -> list[Record]:
    """Day records (or those of another unit of time) of files, parsed."""
    options = {"mapping": "prsa", "regime": "cn-2012", "unit_of_time": "day"} | more
    words = [word for key, value in options.items() for word in (f"--{key.replace('_', '-')}", value)]
    return here(
        "assess", "air", *files, "--stations", stations, "--period", period, "--by", by, *words, "--format", "json"
    ).records()
