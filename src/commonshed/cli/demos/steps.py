"""What every demonstration does: timed steps, a shed made and filled once, a word on how to ask further."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from commonshed.cli.output import talk

if TYPE_CHECKING:
    from commonshed.keep import Shed

__all__ = ["ask_further", "page_beside", "prepared", "step"]


@contextmanager
def step(what: str, *, spin: bool = False) -> Iterator[list[str]]:
    """Say what was done when it is done, with how long it took and the notes that were put into the list.

    Parameters
    ----------
    spin : bool
        Show meanwhile, at a terminal, that something is done: for what has no progress bar of its own.
    """
    notes: list[str] = []
    began = time.perf_counter()
    with _spinning(what) if spin and sys.stderr.isatty() else nullcontext():
        yield notes
    talk(f"{time.perf_counter() - began:5.1f} s  {what}{': ' if notes else ''}{'; '.join(notes)}")


@contextmanager
def _spinning(what: str) -> Iterator[None]:
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


def prepared(folder: Path, *, place: str, name: str, zone: str, readings: str, mapping: str) -> Shed:
    """The shed of a demonstration with its readings; made the first time, opened afterwards."""
    with step(f"opening the shed {folder}"):
        shed = _shed(folder, place, name, zone)
    with step("taking in the readings") as note:
        note.append(_taken_in(shed, place, readings, mapping))
    return shed


def _shed(folder: Path, place: str, name: str, zone: str) -> Shed:
    from commonshed.disclose.federation.sharing import rule_text, set_rule
    from commonshed.errors import ShedNotFound
    from commonshed.keep import Shed
    from commonshed.places import shipped

    try:
        opened = Shed.open(folder)
    except ShedNotFound:
        opened = Shed.create(folder, name=name, zone=zone)
    opened.publish_network(shipped(place))
    set_rule(opened, *rule_text(place))  # before the readings: what is sealed goes by it
    return opened


def _taken_in(shed: Shed, place: str, readings: str, mapping: str) -> str:
    from commonshed import datasets
    from commonshed.observe import ingest

    (file,) = ingest(shed, datasets.path(place, readings), mapping, strict=True).files
    if file.already:
        return "taken in before, nothing changed"
    return f"{file.readings:,} from {file.rows:,} rows, {file.flags['suspect']:,} suspect, {file.rejected:,} rejected"


def page_beside(folder: Path, name: str | None = None) -> Path:
    """Where a page of a shed goes when nobody says: beside its folder."""
    return folder.parent / f"{name or folder.name}.html"


def ask_further(page: Path | None, commands: Sequence[str]) -> None:
    """Say where the page is and what to type next, as this program is called from here."""
    if page is not None:
        print(f"\nThe report: {page.resolve()}")
    said = _program()
    print("\nAsk further:")
    for command in commands:
        print(f"  {said} {command}")


def _program() -> str:
    """How this program is called from here: after ``make demo`` it is not on the path."""
    if shutil.which("commonshed"):
        return "commonshed"
    called = Path(sys.argv[0])
    here = Path.cwd()
    if called.name == "commonshed":
        return str(called.relative_to(here) if called.is_relative_to(here) else called)
    return f"{Path(sys.executable).name} -m commonshed"
