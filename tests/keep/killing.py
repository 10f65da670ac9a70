"""What the child processes of the tests do until they are killed."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import numpy as np
from tests.keep.making import HOUR, MARCH, hours, row, source, table

from commonshed.errors import ShedLocked
from commonshed.keep import Block, Shed, sealing
from commonshed.periods import Period

FILE_ROWS = 90
SPRING = Period.parse("2016-02..2016-06")


def context() -> ForkServerContext:
    """Processes that start in milliseconds: forked from one that has the library imported and no threads."""
    found = multiprocessing.get_context("forkserver")
    # pyarrow loads pandas on first use where it is installed: that would be most of a child's life
    found.set_forkserver_preload(["pandas", "tests.keep.killing"])
    return found


@contextmanager
def child(work: Callable[..., None], *arguments: Any) -> Iterator[tuple[Any, Connection]]:
    """A process at work, and what it reports."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = context().Process(target=work, args=(*arguments, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield process, ours
    finally:
        process.kill()
        process.join()
        ours.close()


def run_and_kill(work: Callable[..., None], *arguments: Any, after: float, acknowledged: int = 0) -> list[Any]:
    """Let a process acknowledge so much, and work a little longer, then kill −9; all that it acknowledged."""
    with child(work, *arguments) as (process, reports):
        found = [reports.recv() for _ in range(1 + acknowledged)]
        time.sleep(after)
        process.kill()
        process.join()
        try:
            while True:
                found.append(reports.recv())
        except (EOFError, OSError):
            return found[1:]


def imported(name: str) -> list[dict[str, Any]]:
    """Rows of one file: three UTC months, keys no other file has."""
    return [row(station=name, start=MARCH + i * 17 * HOUR, ticks=i) for i in range(FILE_ROWS)]


def import_files(path: Path, turn: int, reports: Connection) -> None:
    """Import one file after the other, in several packs a month; report each."""
    sealing._BUFFER_ROWS = 40
    shed = Shed.open(path)
    reports.send("ready")
    for i in range(10_000):
        name = f"f{turn}.{i}"
        rows = table(imported(name))
        shed.seal_import([rows.slice(k, 20) for k in range(0, FILE_ROWS, 20)], source=source(name))
        reports.send(name)


def append_and_seal(path: Path, turn: int, reports: Connection) -> None:
    """Append six readings at a time, report each, seal and repack now and then."""
    shed = Shed.open(path)
    dice = random.Random(turn)
    with shed.journal() as journal:
        reports.send("ready")
        for i in range(10_000):
            journal.append(hours(6, first=MARCH + 6 * i * HOUR, station=f"j{turn}"))
            reports.send((f"j{turn}", i))
            if dice.random() < 0.3:
                shed.seal(wait=5.0)
            if dice.random() < 0.05:
                shed.repack(wait=5.0)


def hold_the_lock(path: Path, reports: Connection) -> None:
    """Seal for a long time."""
    with Shed.open(path)._store.sealing():
        reports.send("ready")
        time.sleep(60)


def import_against_another(path: Path, turn: int, reports: Connection) -> None:
    """Import twenty files, trying again when another process is sealing; report how often that was."""
    shed = Shed.open(path)
    refused = 0
    for i in range(20):
        name = f"g{turn}.{i}"
        while True:
            try:
                shed.seal_import([table(imported(name))], source=source(name))
                break
            except ShedLocked:
                refused += 1
                time.sleep(0.003)
    reports.send(refused)


def lay_out(path: Path, times: int, reports: Connection) -> None:
    """Ask for blocks, compare them with the readings; report each time."""
    shed = Shed.open(path)
    reports.send("ready")
    for _ in range(times):
        references = shed.blocks(["pm25", "o3"], SPRING)
        for reference in references:
            assert_as_readings(shed, reference.load())
        reports.send(shed.size)
    reports.send("done")


def assert_as_readings(shed: Shed, block: Block) -> None:
    """A block holds what the readings say."""
    month = Period(block.first_day, block.first_day).split("month")[0]
    start = shed.zone.first_second(month.first)
    rows = shed.readings(start=start, end=start + month.days * 86_400)
    expected = Block.from_readings(rows, block.stations, month, shed.zone)
    assert_same(block, expected)


def assert_same(block: Block, expected: Block) -> None:
    """Two blocks say the same of every hour."""
    assert (block.stations, block.first_day, block.days) == (expected.stations, expected.first_day, expected.days)
    for quantity in set(block.quantities) | set(expected.quantities):
        values = [each.filled(quantity, -1) for each in (block, expected) if quantity in each.quantities]
        if len(values) == 1:
            assert (values[0] == -1).all()
        else:
            assert np.array_equal(values[0], values[1])
