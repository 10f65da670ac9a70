"""How long it takes to pull a year of Beijing from a neighbour: ``python benchmarks/bench_pull.py``.

The neighbour is another process on the loopback, asked as a stranger: every row that arrives is digested and compared
with its signed log before it is sealed into our own shed under the neighbour's name.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pyarrow.compute as pc
import pyarrow.parquet as pq
from benchmarks.measurement import Measurement, show

from commonshed import datasets
from commonshed.disclose.federation import peers
from commonshed.disclose.federation.pulling import Pulled, pull
from commonshed.disclose.federation.sharing import set_rule
from commonshed.keep import Shed
from commonshed.observe import ingest, load_mapping
from commonshed.places import shipped

ROUNDS = 3


def run() -> list[Measurement]:
    """Measure, best of three rounds: other work on the machine only ever adds."""
    with tempfile.TemporaryDirectory() as folder:
        up = _upstream(Path(folder) / "up")
        key = str(up.log.keys.verifiers[0])
        with _served(up.path) as url:
            rounds = [_round(Path(folder) / f"me{i}", url, key, up) for i in range(ROUNDS)]
    best = {name: min(each[name] for each in rounds) for name in ("first", "mirror", "again", "one day")}
    rows = int(rounds[0]["rows"])
    said = f"{rows:,} readings, 12 stations × 6 quantities hourly, 2016, from another process; best of {ROUNDS}"
    return [
        Measurement("pulling a year of Beijing: verified, taken in, cosigned", 10, best["first"], "s", "less", said),
        Measurement("… without taking it in", None, best["mirror"], "s", "less", said),
        Measurement("pulling again when nothing is new", None, best["again"], "s", "less", said),
        Measurement("pulling one correction more", None, best["one day"], "s", "less", said),
    ]


def _round(path: Path, url: str, key: str, up: Shed) -> dict[str, float]:
    mirror, whole = (_downstream(path.with_name(f"{path.name}-{name}"), url, key) for name in ("mirror", "whole"))
    found = {"mirror": _seconds(mirror, taking=False), "first": _seconds(whole), "again": _seconds(whole)}
    one = up.readings(quantities=["pm25"]).slice(0, 1).to_pylist()[0]
    key_of = {name: one[name] for name in ("station", "quantity", "start")}
    up.correct(**key_of, value=str(100 + up.size), reason="bench", author="bench")
    found["one day"] = _seconds(whole)
    whole.refresh()
    rows = whole.readings().num_rows
    if rows != up.readings().num_rows:
        raise RuntimeError(f"{rows} readings came of {up.readings().num_rows}")
    return {**found, "rows": float(rows)}


def _seconds(shed: Shed, *, taking: bool = True) -> float:
    began = time.perf_counter()
    found: Pulled = pull(shed, ["up"], taking=taking)[0]
    took = time.perf_counter() - began
    if found.problem:
        raise RuntimeError(found.problem)
    return took


def _downstream(path: Path, url: str, key: str) -> Shed:
    shed = Shed.create(path, name="downstream", zone="+08:00")
    peers.add(shed, url, key=key, name="up")
    return shed


def _upstream(path: Path) -> Shed:
    """One year of the readings that come with the package, open to everybody."""
    shed = Shed.create(path, name="upstream", zone="+08:00")
    shed.publish_network(shipped("beijing"))
    table = pq.read_table(datasets.path("beijing", "prsa_20130301-20170228.parquet"))
    year = path.with_name("2016.parquet")
    pq.write_table(table.filter(pc.equal(table["year"], 2016)), year)
    ingest(shed, [year], load_mapping("prsa"))
    rule = resources.files("commonshed.disclose.federation").joinpath("rules", "beijing.toml")
    set_rule(shed, rule.read_bytes(), rule.name)
    return shed


@contextmanager
def _served(path: Path) -> Iterator[str]:
    """A node in a process of its own."""
    words = ["-m", "commonshed", "serve-node", "--shed", str(path), "--port", "0"]
    child = subprocess.Popen([sys.executable, *words], stderr=subprocess.PIPE, text=True)
    assert child.stderr is not None
    try:
        said = child.stderr.readline()
        if not said.startswith("serving "):
            raise RuntimeError(said)
        yield said.split()[1]
    finally:
        child.terminate()
        child.wait()


if __name__ == "__main__":
    show(run())
