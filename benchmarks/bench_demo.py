"""The stranger's first look: ``commonshed demo`` from nothing, and again."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.measurement import Measurement, show  # noqa: E402

__all__ = ["run"]


def run() -> list[Measurement]:
    """Time the demo in an empty folder, once from nothing and once more, and the command line's start."""
    with tempfile.TemporaryDirectory() as folder:
        first, again = (_seconds(["demo"], folder) for _ in range(2))
        start = min(_seconds(["--help"], folder) for _ in range(5))
    note = "2.45 M readings of 12 stations, five years, report written; imports counted"
    return [
        Measurement("commonshed demo, from nothing", 20, first, "s", "less", note),
        Measurement("commonshed demo, again", None, again, "s", "less", "the file is known, days are cached"),
        Measurement("commonshed --help", 0.5, start, "s", "less", "best of five"),
    ]


def _seconds(words: list[str], folder: str) -> float:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "commonshed", *words], cwd=folder, env=environment, check=True, capture_output=True
    )
    return time.perf_counter() - began


if __name__ == "__main__":
    show(run())
