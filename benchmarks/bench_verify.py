"""How fast a whole shed is verified and one reading proved: Beijing, 2013 to 2017, as the demonstration makes it."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measurement import Measurement, show

from commonshed import datasets
from commonshed.disclose.proofs import Proof, prove, verify
from commonshed.keep import Shed
from commonshed.keep.checking import check
from commonshed.keep.chunks import write_chunks
from commonshed.keep.log.notes import Verifier
from commonshed.observe import ingest
from commonshed.places import shipped

ROOT = Path(__file__).resolve().parent.parent
MILLION = 1_000_000
ROUNDS = 5
READINGS = 50

__all__ = ["run"]


def run() -> list[Measurement]:
    """Measure, best of several rounds: other work on the machine only ever adds."""
    with tempfile.TemporaryDirectory() as folder:
        shed = beijing(Path(folder) / "beijing")
        return [*_checked(shed), *_proved(shed), *_stranger(shed, Path(folder))]


def beijing(path: Path) -> Shed:
    """The shed of the demonstration, without its report."""
    shed = Shed.create(path, name="Beijing", zone="+08:00")
    shed.publish_network(shipped("beijing"))
    ingest(shed, datasets.path("beijing", "prsa_20130301-20170228.parquet"), "prsa", strict=True)
    return shed


def _checked(shed: Shed) -> list[Measurement]:
    rows = check(shed.path).require().rows
    said = f"{rows / MILLION:.2f} M readings, files, rows, entries and tiles; best of {ROUNDS}"
    wall, core = [], []
    for _ in range(ROUNDS):
        began, spent = time.perf_counter(), time.process_time()
        check(shed.path).require()
        wall.append(time.perf_counter() - began)
        core.append(time.process_time() - spent)
    return [
        Measurement("the whole Beijing shed verified", 5, min(wall), "s", "less", said),
        Measurement("verifying it, per core", MILLION, rows / min(core), "rows/s", "more", said),
    ]


def _proved(shed: Shed) -> list[Measurement]:
    opened = Shed.open(shed.path)
    table = opened.readings(quantities=["pm25", "o3"], stations=["Dongsi", "Tiantan", "Wanliu"])
    dice = random.Random(2)
    picked = [table.slice(dice.randrange(table.num_rows), 1).to_pylist()[0] for _ in range(READINGS)]
    key = opened.log.keys.verifiers[0]
    proving, verifying, length = [], [], []
    for row in picked:
        asked = {name: row[name] for name in ("station", "quantity", "start")}
        proof = prove(opened, **asked)
        proving.append(min(_milliseconds(partial(prove, opened, **asked)) for _ in range(3)))
        content = proof.encode()
        verifying.append(min(_milliseconds(partial(_verified, content, key)) for _ in range(3)))
        length.append(len(content))
    said = (
        f"median of {READINGS} random readings, each the best of 3; proofs of {sorted(length)[READINGS // 2]:,} bytes"
    )
    return [
        Measurement("one reading of it proved, shed open", 20, sorted(proving)[READINGS // 2], "ms", "less", said),
        Measurement("the slowest of these proofs", None, max(proving), "ms", "less", said),
        Measurement("a proof checked, without the shed", None, sorted(verifying)[READINGS // 2], "ms", "less", said),
    ]


def _verified(content: bytes, key: Verifier) -> None:
    verify(Proof.decode(content), key)


def _stranger(shed: Shed, folder: Path) -> list[Measurement]:
    rows = folder / "rows"
    rows.mkdir()
    written = _milliseconds(lambda: _write_rows(shed, rows)) / 1000
    command = [sys.executable, "-I", str(ROOT / "examples" / "verify_shed.py"), str(shed.path), "--rows", str(rows)]
    seconds = min(_milliseconds(lambda: subprocess.run(command, check=True, capture_output=True)) for _ in range(2))
    said = "pure Python, standard library only; packs, log and the text of every row"
    return [
        Measurement("all rows of it written as text", None, written, "s", "less", "commonshed shed rows"),
        Measurement("the stranger's verifier over it", None, seconds / 1000, "s", "less", said),
    ]


def _write_rows(shed: Shed, folder: Path) -> None:
    for entry in shed.entries:
        if entry.kind == "segment":
            write_chunks(folder / f"{entry.position}.txt", shed.chunks(entry.position))


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    show(run())
