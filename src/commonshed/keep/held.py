"""What a mirror holds of another node's shed: rows that were not handed over, or lie elsewhere than the log says.

A node's own shed has no such file: it holds everything its log names. In a mirror the log is whole, so that it still
verifies, and ``held.json`` says of which segments the rows are here in part, elsewhere, or not at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

from commonshed.errors import ShedDamaged
from commonshed.keep.durable import write_file
from commonshed.keep.extent import Extent, Stations

__all__ = ["EVERYTHING", "FILE", "Held", "Holding", "Withheld", "as_held", "plain_path"]

FILE = "held.json"
FORMAT = "commonshed-held/1"

_PLAIN_PART = re.compile(r"[^/\\\x00-\x1f\x7f.][^/\\\x00-\x1f\x7f]*")
_USUAL = re.compile(r"[0-9A-Za-z_-][0-9A-Za-z._-]{0,99}(?:/[0-9A-Za-z_-][0-9A-Za-z._-]{0,99}){0,7}")
_LONGEST_PART = 200  # bytes: below what file systems take


@dataclass(frozen=True)
class Holding:
    """Where the rows of one segment lie that do not lie where the log says.

    Attributes
    ----------
    state : {"whole", "part"}
        Every row of the segment, or those of some chunks.
    path : str
        Below ``segments/``.
    offset, rows : int
        First row in that file, and how many.
    digest : str
        SHA-256 of that file.
    bytes : int
        Its length.
    rows_digest : str
        Row digest of the rows that are here; for a whole segment the one in its entry.
    etag, rule, at : str, str, int
        For the next pull: how the giver named what it gave, under which sharing rule, when. [UTC s]
    """

    state: Literal["whole", "part"]
    path: str
    offset: int
    rows: int
    digest: str
    bytes: int
    rows_digest: str
    etag: str = ""
    rule: str = ""
    at: int = 0


@dataclass(frozen=True)
class Withheld:
    """Rows of a segment that its owner has and did not hand over.

    Attributes
    ----------
    position : int
        Of its entry.
    extent : Extent
        What the whole segment covers, as its owner says.
    rows : int
        How many of its rows are not here.
    """

    position: int
    extent: Extent
    rows: int


@dataclass(frozen=True)
class Held:
    """The file ``held.json``.

    Attributes
    ----------
    placed : mapping of position to Holding
    nothing : frozenset of int
        Positions of segments without a row here.
    documents : frozenset of int
        Positions of documents whose file is not here.
    """

    placed: Mapping[int, Holding] = field(default_factory=dict)
    nothing: frozenset[int] = frozenset()
    documents: frozenset[int] = frozenset()

    @classmethod
    def read(cls, folder: Path) -> Held:
        """What the mirror in a folder holds; everything where there is no such file.

        Raises
        ------
        ShedDamaged
            The file cannot be read.
        """
        path = folder / FILE
        try:
            found = json.loads(path.read_bytes())
        except FileNotFoundError:
            return EVERYTHING
        except ValueError as error:
            raise ShedDamaged(f"{path}: {error}. Pull from this peer again: commonshed peer pull") from None
        try:
            if found["format"] != FORMAT:
                raise ValueError(f"its format is {found['format']}")
            placed = {int(position): Holding(**each) for position, each in found["placed"].items()}
            return cls(placed, _numbers(found["nothing"]), _numbers(found["documents"]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ShedDamaged(f"{path}: {error!r}. Pull from this peer again: commonshed peer pull") from None

    def write(self, folder: Path) -> None:
        """Put the file in its place, durable on return."""
        write_file(folder / FILE, json.dumps(self.content(), ensure_ascii=False).encode())

    def content(self) -> dict[str, Any]:
        """As it is written."""
        return {
            "format": FORMAT,
            "placed": {str(position): _said(each) for position, each in sorted(self.placed.items())},
            "nothing": Stations.of(self.nothing).text,
            "documents": Stations.of(self.documents).text,
        }


EVERYTHING = Held()
"""Of a node's own shed."""


def plain_path(path: object) -> str:
    """A path from an entry, if it stays below the folder it is meant for.

    Raises
    ------
    ValueError
        It would lead elsewhere, or be hidden.
    """
    if isinstance(path, str) and _USUAL.fullmatch(path):  # ten times as fast, and asked for each segment
        return path
    parts = path.split("/") if isinstance(path, str) else []
    fit = all(_PLAIN_PART.fullmatch(part) and len(part.encode()) <= _LONGEST_PART for part in parts)
    if not parts or len(parts) > 8 or not fit:
        raise ValueError(f"not a path below its folder: {str(path)[:200]!r}")
    return "/".join(parts)


def as_held(extent: Extent, holding: Holding) -> Extent:
    """What is here of a segment: its owner's words about it, with the rows that are here."""
    return extent if holding.state == "whole" else replace(extent, rows=holding.rows)


def _said(holding: Holding) -> dict[str, Any]:
    return {each.name: getattr(holding, each.name) for each in fields(holding)}


def _numbers(text: str) -> frozenset[int]:
    ranges = Stations.parse(text).ranges
    if sum(high - low + 1 for low, high in ranges) > 50_000_000:
        raise ValueError("more positions than any log has")
    return frozenset(number for low, high in ranges for number in range(low, high + 1))
