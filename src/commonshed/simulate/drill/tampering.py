"""What a node could do to its own past: change one reading in a copy of a shed, and sign everything anew with its key.

For drills and tests only. The key holder can always do this; that nobody else is fooled is what the log is for.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import rfc8785

from commonshed.errors import InputError, ShedError
from commonshed.exact import to_ticks
from commonshed.keep import Shed
from commonshed.keep.durable import disk_errors
from commonshed.keep.packs import Packs
from commonshed.keep.rows import conform, ordered_digest
from commonshed.keep.shed import log_of
from commonshed.units import quantity as declared

__all__ = ["MARK", "Edit", "copy_for_drill", "edit_quietly", "position_of", "sign_anew", "ticks_of"]

MARK = "DRILL"
"""A file that says a shed is a copy made for a drill; nothing else is ever edited."""


@dataclass(frozen=True)
class Edit:
    """One reading that was changed where it lies.

    Attributes
    ----------
    position : int
        Of the segment.
    station, quantity : str
    start : int
        [UTC s]
    before, after : int
        [ticks]
    path : str
        The pack as it is now, below ``segments/``.
    """

    position: int
    station: str
    quantity: str
    start: int
    before: int
    after: int
    path: str


def copy_for_drill(shed: Path, to: Path) -> Shed:
    """Copy a shed, key and all, and mark the copy as one that a drill may spoil.

    Raises
    ------
    ShedNotFound
        There is no shed in that folder.
    ShedError
        There is something at that place already, the place is in the shed itself, or a file cannot be read or written;
        nothing is left there.
    """
    Shed.open(shed)
    if to.exists():
        raise ShedError(f"{to} is there already. Name a folder that is not")
    if to.resolve().is_relative_to(shed.resolve()):
        raise ShedError(f"{to} is in the shed that is to be copied. Name a folder beside it")
    try:
        _copy(shed, to)
    except BaseException as error:
        shutil.rmtree(to, ignore_errors=True)
        if isinstance(error, shutil.Error):
            whose, _, why = error.args[0][0]
            raise ShedError(f"{whose}: cannot be copied ({why}). A copy needs every file, the key as well") from None
        raise
    return Shed.open(to)


def _copy(shed: Path, to: Path) -> None:
    with disk_errors(to):
        shutil.copytree(shed, to, ignore=shutil.ignore_patterns("blocks", "*.lock", "*.tmp"))
        (to / "blocks").mkdir(exist_ok=True)
        (to / MARK).write_text("A copy made for a drill. Its readings may have been changed on purpose.\n", "utf-8")


def edit_quietly(path: Path, *, station: str, quantity: str, start: int, value: int) -> Edit:
    """Change one reading in its pack, and leave the log as it is: what somebody with access to the disk can do.

    Parameters
    ----------
    path : Path
        A copy made by `copy_for_drill`.
    start : int
        [UTC s]
    value : int
        What it is to be. [ticks]

    Raises
    ------
    InputError
        There is no such reading, or the folder is no copy made for a drill.
    """
    _refuse_unmarked(path)
    shed = Shed.open(path)
    position = position_of(shed, station, quantity, start)
    pack = _packs(shed)[position]
    table = pq.read_table(path / "segments" / pack["path"])
    rows = _rows(table, station, quantity, start)
    before = int(table["ticks"][rows[0]].as_py())
    ticks = table["ticks"].to_numpy().copy()
    ticks[rows] = value
    changed = table.set_column(table.schema.get_field_index("ticks"), table.schema.field("ticks"), pa.array(ticks))
    pq.write_table(changed, path / "segments" / pack["path"], compression="zstd", compression_level=1)
    shutil.rmtree(path / "blocks", ignore_errors=True)
    (path / "blocks").mkdir()
    return Edit(position, station, quantity, start, before, value, pack["path"])


def sign_anew(path: Path, edit: Edit) -> None:
    """Make the log say that the edited pack was always so, and sign it with the node's own key.

    Raises
    ------
    InputError
        The folder is no copy made for a drill.
    """
    _refuse_unmarked(path)
    shed = Shed.open(path)
    texts = [shed.log.entry_bytes(position) for position in range(shed.size)]
    table = pq.read_table(path / "segments" / edit.path)
    location = Packs(path / "segments").write(int(edit.path[:4]) * 12 + int(edit.path[5:7]) - 1, table)
    (path / "segments" / edit.path).unlink()
    for position, text in enumerate(texts):
        said = json.loads(text)
        if said.get("pack", {}).get("path") == edit.path:
            said["pack"] |= {"path": location.path, "digest": location.digest, "bytes": location.bytes}
            said["digest"] = _digest(table, said)
            texts[position] = rfc8785.dumps(said)
    shutil.rmtree(path / "log" / "tile")
    shutil.rmtree(path / "log" / "cosigned", ignore_errors=True)
    shed.log.create()
    log_of(path, shed.node).append_texts(texts)


def position_of(shed: Shed, station: str, quantity: str, start: int) -> int:
    """Entry of the segment that holds the row which counts.

    Raises
    ------
    InputError
        There is no such reading.
    """
    found = shed.readings(stations=[station], quantities=[quantity], start=start, end=start + 1, history=True)
    if not found.num_rows:
        raise InputError(f"there is no reading of {quantity} at {station} then", value=shed.zone.text(start))
    return int(found["position"][found.num_rows - 1].as_py())


def _refuse_unmarked(path: Path) -> None:
    if not (path / MARK).exists():
        raise InputError("only a copy made for a drill may be edited", value=path, mend="Copy the shed first")


def _packs(shed: Shed) -> dict[int, dict[str, Any]]:
    """The pack of each segment.

    Raises
    ------
    ShedError
        The shed was repacked.
    """
    if any(entry.kind == "repacking" for entry in shed.entries):
        raise ShedError(f"{shed.path} was repacked. A drill needs a shed that was not")
    return {entry.position: dict(entry.content["pack"]) for entry in shed.entries if entry.kind == "segment"}


def _rows(table: pa.Table, station: str, quantity: str, start: int) -> Sequence[int]:
    chosen = (
        (table["station"].cast(pa.string()).to_numpy(zero_copy_only=False) == station)
        & (table["quantity"].cast(pa.string()).to_numpy(zero_copy_only=False) == quantity)
        & (table["start"].to_numpy() == start)
    )
    return [int(row) for row in np.flatnonzero(chosen)]


def _digest(table: pa.Table, said: dict[str, Any]) -> str:
    return ordered_digest(conform(table.slice(said["pack"]["offset"], said["rows"])))


def ticks_of(quantity: str, value: str) -> int:
    """A value in the quantity's own unit as ticks."""
    return to_ticks(value, Fraction(1) / declared(quantity).resolution)[0]
