"""Measure everything we hold ourselves to: ``python -m benchmarks [NAME...]``.

Every ``benchmarks/bench_NAME.py`` has ``run() -> list[Measurement]`` and runs in a process of its own, so that one's
memory and caches are not another's. Ends with 1 when a bar is missed or a benchmark fails.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measurement import Measurement, show

HERE = Path(__file__).resolve().parent
ONE = """
import dataclasses, importlib, json, pathlib, sys
found = importlib.import_module("benchmarks." + sys.argv[1]).run()
pathlib.Path(sys.argv[2]).write_text(json.dumps([dataclasses.asdict(each) for each in found]))
"""


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all, and print one table; 0 when every bar is kept."""
    modules = sorted(path.stem for path in HERE.glob("bench_*.py") if not names or path.stem[6:] in names)
    if not modules:
        known = ", ".join(sorted(path.stem[6:] for path in HERE.glob("bench_*.py")))
        print(f"no such benchmark: {' '.join(names)}. Known: {known}", file=sys.stderr)
        return 2
    measurements: list[Measurement] = []
    failed: list[str] = []
    for module in modules:
        print(f"running {module} …", file=sys.stderr)
        found = _in_a_process_of_its_own(module)
        if found is None:
            failed.append(module)
        else:
            measurements += found
    print(_machine())
    show(measurements)
    _write_last(measurements)
    missed = [each.what for each in measurements if each.kept is False]
    for each in failed:
        print(f"{each} failed", file=sys.stderr)
    print(f"{len(measurements)} measured, {len(missed)} missed", file=sys.stderr)
    return 1 if missed or failed else 0


def _in_a_process_of_its_own(module: str) -> list[Measurement] | None:
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        done = subprocess.run([sys.executable, "-c", ONE, module, str(answer)], cwd=HERE.parent, check=False)
        if done.returncode != 0 or not answer.exists():
            return None
        return [Measurement(**each) for each in json.loads(answer.read_text("utf-8"))]


def _machine() -> str:
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.machine()}, {datetime.now(UTC):%F}"


def _write_last(measurements: list[Measurement]) -> None:
    """Leave the figures where a program can read them; the folder is not committed."""
    folder = HERE.parent / "build"
    folder.mkdir(exist_ok=True)
    text = json.dumps({"machine": _machine(), "measured": [asdict(each) for each in measurements]}, indent=1)
    (folder / "benchmarks.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
