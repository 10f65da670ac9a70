"""How fast the log takes entries, opens and proves: ``python benchmarks/bench_log.py``."""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measurement import Measurement, show

from commonshed.keep import Shed
from commonshed.keep.log import Log
from commonshed.keep.merkle import leaf_hash, verify_inclusion
from commonshed.keep.shed import log_of
from commonshed.periods import Zone

ENTRIES = 100_000
SINGLE = 1_000
BATCH = 100
PROOFS = 300
ROUNDS = 3

Said = tuple[str, Mapping[str, Any]]


def run() -> list[Measurement]:
    """Measure, best of three rounds: other work on the machine only ever adds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shed"
        shed = Shed.create(path, name="bench", zone=Zone(480))
        said = "entries of segments, some 480 bytes; best of three rounds"
        single = max(_appending(shed.log, SINGLE, 1) for _ in range(ROUNDS))
        batches = max(_appending(shed.log, 10 * SINGLE, BATCH) for _ in range(ROUNDS))
        sync = min(_sync(Path(folder)) for _ in range(ROUNDS))
        while shed.log.size < ENTRIES:
            shed.log.append(_entries(shed.log.size, min(2_000, ENTRIES - shed.log.size)))
        opened = min(_seconds(lambda: Shed.open(path)) for _ in range(ROUNDS))
        read = min(_seconds(lambda: log_of(path, shed.node).refresh()) for _ in range(ROUNDS))
        log = log_of(path, shed.node)
        log.refresh()
        proved = min(_proving(log, lambda: log.inclusion(random.randrange(log.size))) for _ in range(ROUNDS))
        consistent = min(_proving(log, lambda: log.consistency(random.randrange(log.size))) for _ in range(ROUNDS))
        verified = min(_verifying(log) for _ in range(ROUNDS))
    files = f"log of {ENTRIES:,} entries, tiles read from files; best of three rounds"
    return [
        Measurement("log: entries appended one at a time, each durable", 1_000, single, "entries/s", "more", said),
        Measurement(f"log: entries appended {BATCH} at a time", 5_000, batches, "entries/s", "more", said),
        Measurement("one sync of some 700 bytes on this disk", None, sync * 1e6, "µs", "less", "for comparison"),
        Measurement(f"opening a shed with {ENTRIES:,} entries, an entry", 15, opened / ENTRIES * 1e6, "µs", "less",
                    "every entry read, hashed, compared with the signed root and understood"),
        Measurement("reading and verifying the log alone, an entry", None, read / ENTRIES * 1e6, "µs", "less", files),
        Measurement("inclusion proof of one entry", 1, proved * 1e3, "ms", "less", files),
        Measurement("consistency proof from any earlier size", 1, consistent * 1e3, "ms", "less", files),
        Measurement("verifying an inclusion proof", None, verified * 1e6, "µs", "less", files),
    ]  # fmt: skip


def _entries(first: int, count: int) -> list[Said]:
    return [("segment", _segment(number)) for number in range(first, first + count)]


def _segment(number: int) -> dict[str, Any]:
    """What sealing a minute of a city enters."""
    start = 1_456_761_600 + 3600 * number
    digest = f"{number:064x}"
    pack = {"path": f"2016-03/{number:016x}.parquet", "offset": 0, "digest": digest, "bytes": 12_345}
    return {
        "cause": "journal", "journals": {f"1234-{number:020d}": number}, "rows": 100, "first": start, "last": start,
        "stations": "0-11", "quantities": {"pm25": 50, "o3": 50}, "flags": {"valid": 100}, "distinct": True,
        "replaced": 0, "phase": 0, "digest": digest, "pack": pack,
    }  # fmt: skip


def _appending(log: Log, count: int, batch: int) -> float:
    """Entries a second."""

    def append() -> None:
        for _ in range(count // batch):
            log.append(_entries(log.size, batch))

    return count / _seconds(append)


def _sync(folder: Path) -> float:
    with (folder / "scratch").open("wb", buffering=0) as file:

        def sync() -> None:
            for _ in range(SINGLE):
                file.write(bytes(700))
                os.fsync(file.fileno())

        return _seconds(sync) / SINGLE


def _proving(log: Log, prove: Callable[[], object]) -> float:
    log.tiles = type(log.tiles)(log.folder)  # which remembers none

    def proofs() -> None:
        for _ in range(PROOFS):
            prove()

    return _seconds(proofs) / PROOFS


def _verifying(log: Log) -> float:
    position = log.size // 3
    leaf, proof, root = leaf_hash(log.entry_bytes(position)), log.inclusion(position), log.checkpoint().root

    def verify() -> None:
        for _ in range(PROOFS):
            verify_inclusion(leaf, position, log.size, proof, root)

    return _seconds(verify) / PROOFS


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    show(run())
