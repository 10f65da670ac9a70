"""Change single bits of a shed and see what the full check makes of each: ``python benchmarks/bit_flips.py``.

Every change that touches readings, standards, the log or statements has to be found, and found where it is: in its file
and, where it changes rows, in its chunk. Caches and what is not sealed yet are counted apart. A bit of a cache must not
change a published figure: they are assessed again after each.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pyarrow as pa

from commonshed.assess.air import air
from commonshed.errors import CommonshedError
from commonshed.keep import READINGS, Shed, Source
from commonshed.keep.checking import check
from commonshed.keep.problems import CheckReport
from commonshed.places import Network, Station

__all__ = ["CLASSES", "GUARDED", "Outcome", "class_of", "flips", "main", "make_shed", "try_all"]

FIRST = 1456761600  # 2016-03-01T00:00+08:00
HOUR = 3600
FLIPS = 1000

CLASSES = {
    "segments": "readings",
    "places": "standards and places",
    "statements": "statements",
    "log": "log",
    "keys": "keys",
    "shed.toml": "description",
    "blocks": "caches",
    "journal": "journal",
    "sealer.lock": "lock",
}
GUARDED = ("readings", "standards and places", "statements", "log", "keys")
"""Classes of which no change may stay unseen."""


@dataclass(frozen=True)
class Outcome:
    """What came of one changed bit.

    Attributes
    ----------
    file : str
        Below the shed.
    kind : str
        Its class.
    byte, bit : int
    found : bool
        The check says that something is wrong, or notes it.
    located : bool
        It names the file.
    chunk : bool
        It names the chunk, or the rows that cannot be read any more.
    rows : bool
        The file holds rows.
    figure : bool
        For caches: what is published is the same as before.
    """

    file: str
    kind: str
    byte: int
    bit: int
    found: bool
    located: bool
    chunk: bool
    rows: bool
    figure: bool = True


def make_shed(path: Path, *, hours: int = 600, stations: int = 4) -> Shed:
    """A shed with everything in it: places, standards, readings, a correction, statements, a journal, caches."""
    shed = Shed.create(path, name="flips", zone="+08:00")
    names = [f"station{number}" for number in range(stations)]
    shed.publish_network(Network({}, {name: Station(name) for name in names}))
    shed.record("standard", "gb.toml", b"limit = 75\n" * 40)
    shed.record("mapping", "long.toml", b"column = 1\n" * 20)
    dice = random.Random(4)
    for part, quantities in enumerate((("pm25", "pm10", "so2"), ("no2", "co", "o3"))):
        rows = [_series(name, quantity, hours, dice) for name in names for quantity in quantities]
        shed.seal_import(rows, source=Source(f"part {part}", f"digest {part}"))
    shed.record("statement", "march.json", b'{"claim": "assess air", "mean": "35"}' * 10)
    shed.record("erratum", "march.json", b'{"claim": "assess air", "mean": "36"}' * 10)
    shed.correct(station=names[0], quantity="o3", start=FIRST + HOUR, flag="invalid", reason="logbook", author="Li Na")
    with shed.journal() as journal:
        journal.append(_series("waiting", "pm25", 20, dice))
    figure(shed)
    return shed


def figure(shed: Shed) -> str:
    """What would be published: means and days of a month."""
    return str(list(air(shed, period="2016-03", by="station", unit_of_time="day", regime="cn-2012").records()))


def _series(station: str, quantity: str, hours: int, dice: random.Random) -> pa.Table:
    said = {"statistic": "mean", "period": HOUR, "qualifier": "=", "flag": "valid", "status": "provisional"}
    whence = {"mapping": "long", "origin": "made up", "recorded": 1_700_000_000}
    rows = [
        {**said, **whence, "station": station, "quantity": quantity, "start": FIRST + i * HOUR, "ticks": ticks}
        for i, ticks in enumerate(dice.choices(range(1000, 90_000, 500), k=hours))
    ]
    return pa.Table.from_pylist(rows, READINGS)


def class_of(file: str) -> str:
    """Class of a file of a shed."""
    return CLASSES[file.partition("/")[0]]


def flips(shed: Path, count: int, seed: int, *, each: int = 0) -> Iterator[tuple[str, int, int]]:
    """File, byte and bit of random changes; by the bytes of the files, or so many of each class.

    Parameters
    ----------
    each : int
        Changes of each class, on top of ``count`` over all bytes.
    """
    dice = random.Random(seed)
    sizes = {
        path.relative_to(shed).as_posix(): path.stat().st_size
        for path in sorted(shed.rglob("*"))
        if path.is_file() and path.stat().st_size
    }
    by_class: dict[str, list[str]] = defaultdict(list)
    for file in sizes:
        by_class[class_of(file)].append(file)
    chosen = dice.choices(list(sizes), weights=list(sizes.values()), k=count) if count else []
    chosen += [dice.choice(files) for files in by_class.values() for _ in range(each)]
    for file in chosen:
        yield file, dice.randrange(sizes[file]), dice.randrange(8)


def try_all(
    shed: Path, changes: Sequence[tuple[str, int, int]], *, told: Callable[[int], None] | None = None
) -> list[Outcome]:
    """Make each change, check, and undo it."""
    published = figure(Shed.open(shed))
    assert check(shed).whole
    outcomes = []
    for number, (file, byte, bit) in enumerate(changes):
        with _changed(shed, file, byte, bit):
            same = True
            if class_of(file) == "caches":
                same = figure(Shed.open(shed)) == published
            outcomes.append(_outcome(check(shed), file, byte, bit, same))
        if told is not None:
            told(number + 1)
    return outcomes


@contextmanager
def _changed(shed: Path, file: str, byte: int, bit: int) -> Iterator[None]:
    path = shed / file
    whole = path.read_bytes()
    content = bytearray(whole)
    content[byte] ^= 1 << bit
    path.write_bytes(content)
    try:
        yield
    finally:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(whole)


def _outcome(report: CheckReport, file: str, byte: int, bit: int, figure_stands: bool) -> Outcome:
    said = [*report.problems, *report.notes]
    here = [problem for problem in said if problem.file == file]
    return Outcome(
        file=file,
        kind=class_of(file),
        byte=byte,
        bit=bit,
        found=bool(said),
        located=bool(here),
        chunk=any(problem.chunk is not None or problem.rows is not None for problem in said),
        rows=file.endswith(".parquet") and file.startswith("segments/"),
        figure=figure_stands,
    )


def main(count: int = FLIPS, seed: int = 1) -> int:
    """Try so many changes and print a table; 1 when a change of what is guarded stays unseen or without a place."""
    from rich.console import Console
    from rich.progress import Progress

    with tempfile.TemporaryDirectory() as folder:
        shed = make_shed(Path(folder) / "shed", hours=1500, stations=8).path
        changes = list(flips(shed, count * 2 // 5, seed, each=count * 3 // 5 // len(CLASSES)))
        changes += list(flips(shed, count - len(changes), seed + 1))
        console = Console(stderr=True)
        with Progress(console=console, disable=not console.is_terminal) as bar:
            task = bar.add_task("changing bits", total=len(changes))
            outcomes = try_all(shed, changes, told=lambda done: bar.update(task, completed=done))
        shutil.rmtree(shed)
    _show(outcomes)
    return 1 if missed(outcomes) else 0


def missed(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Changes that should have been found in their place and were not, and figures that changed with a cache."""
    return [
        each
        for each in outcomes
        if (each.kind in GUARDED and not (each.found and each.located))
        or (each.rows and not each.found)
        or not each.figure
    ]


def _show(outcomes: Sequence[Outcome]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in (
        "class",
        "changed",
        "found",
        "file named",
        "in packs",
        "rows still right",
        "chunk named",
        "figures kept",
    ):
        table.add_column(head, justify="left" if head == "class" else "right")
    kinds = Counter(each.kind for each in outcomes)
    for kind in CLASSES.values():
        of = [each for each in outcomes if each.kind == kind]
        packs = [each for each in of if each.rows]
        named = sum(each.chunk for each in packs)
        table.add_row(
            kind, str(kinds[kind]), str(sum(each.found for each in of)), str(sum(each.located for each in of)),
            str(len(packs)), str(len(packs) - named), str(named), str(sum(each.figure for each in of)),
        )  # fmt: skip
    Console(width=140).print(table)
    for each in missed(outcomes):
        print(f"MISSED: {each}")
    print(f"{len(outcomes)} single bits changed, {len(missed(outcomes))} missed")


if __name__ == "__main__":
    try:
        sys.exit(main(*map(int, sys.argv[1:])))
    except CommonshedError as error:
        sys.exit(str(error))
