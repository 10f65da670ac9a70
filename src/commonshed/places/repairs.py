"""Repairs of river lines, declared in a file: what was found, what is made of it, and why.

Published lines have gaps, stubs and wrong names. None of that is mended in code: a repair names a line, says what it
expects to find there and why it is changed, and is refused where it finds something else.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from commonshed.errors import RiverError
from commonshed.places.lines import Line, Point, distance

__all__ = ["Drawn", "Repairs", "read_repairs", "repaired"]

Provenance = Literal["verified", "single-source", "unverified"]


@dataclass(frozen=True)
class Drawn:
    """A line as drawn.

    Attributes
    ----------
    id : str
        Number of its feature in the file and of its part in the feature, from 1: ``3.1``.
    points : Line
        In the order of the file, which says nothing of where the water flows.
    name_en, name_zh : str
    lake : Lakes or None
        Standing water along it.
    note : str
        What was repaired.
    """

    id: str
    points: Line
    name_en: str = ""
    name_zh: str = ""
    lake: Lakes | None = None
    note: str = ""

    @property
    def ends(self) -> tuple[Point, Point]:
        """First and last point."""
        return self.points[0], self.points[-1]

    def noted(self, said: str) -> str:
        """The note with more said."""
        return "; ".join(filter(None, (self.note, said)))


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Repair(_Part):
    why: str = Field(min_length=1)


class Name(_Repair):
    """Lines that carry a wrong name, or none in one of the languages."""

    lines: tuple[str, ...]
    was: str
    en: str
    zh: str


class Drop(_Repair):
    """A line that is no water."""

    line: str


class Cut(_Repair):
    """A stub that goes beyond the point where two lines meet."""

    line: str
    at: Point
    drop: Literal["start", "end"]


class Join(_Repair):
    """A gap between the end of a line and another line: two parts of a river, or a tributary and its mouth."""

    line: str
    to: str
    within: float = Field(gt=0)
    """The gap is not wider than this. [m]"""
    at: Point | None = None
    """Vertex of the other line; none: the nearest one."""


class Split(_Repair):
    """A vertex that becomes a node."""

    line: str
    at: Point


class Mouth(_Repair):
    """Where a system of rivers ends: all water flows there."""

    at: Point


class Flow(_Repair):
    """Which way a line of a ring flows, and how much takes it: only there can topology not tell."""

    line: str
    towards: Point
    part: float | None = Field(default=None, ge=0, le=1)


class Length(_Repair):
    """Real length of a river that is drawn too short, from its uppermost point here to its lowest. [m]"""

    river: str
    length: float = Field(gt=0)
    provenance: Provenance


class Lakes(_Repair):
    """Standing water along a line."""

    line: str
    area: float = Field(gt=0)
    volume: float | None = Field(default=None, gt=0)
    provenance: Provenance


class Repairs(_Part):
    """All repairs of one file.

    Attributes
    ----------
    sha256 : str or None
        Of the file they are for; another is refused.
    tolerance : float
        Ends that lie closer to another line's vertex are the same place. [m]
    """

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    tolerance: float = Field(default=1.0, ge=0)
    name: tuple[Name, ...] = ()
    drop: tuple[Drop, ...] = ()
    cut: tuple[Cut, ...] = ()
    join: tuple[Join, ...] = ()
    split: tuple[Split, ...] = ()
    mouth: tuple[Mouth, ...] = ()
    flow: tuple[Flow, ...] = ()
    length: tuple[Length, ...] = ()
    lake: tuple[Lakes, ...] = ()


def read_repairs(path: Path, lines_file: Path) -> Repairs:
    """The repairs that stand in a file, if they are for that file of lines.

    Raises
    ------
    RiverError
        The file is no TOML of this form, or it is for other lines.
    """
    try:
        repairs = Repairs.model_validate(tomllib.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        raise RiverError("there is no such file", file=path, mend="Check the path") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RiverError(f"this is not TOML: {error}", file=path) from None
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(step) for step in first["loc"])
        mend = "Keys are listed in docs/formats/rivers.md"
        raise RiverError(f"these repairs cannot be used: {first['msg']}", file=path, field=field, mend=mend) from None
    found = hashlib.sha256(lines_file.read_bytes()).hexdigest()
    if repairs.sha256 not in (None, found):
        mend = f"Look at each repair again, then write sha256 = '{found}'"
        raise RiverError("these repairs are for another file of lines", file=path, field="sha256", mend=mend)
    return repairs


def repaired(lines: Iterable[Drawn], repairs: Repairs) -> dict[str, Drawn]:
    """The lines after names, drops, cuts, joins and lakes, in that order.

    Raises
    ------
    RiverError
        A repair finds something else than it expects: no such line, another name, no such vertex, a wider gap.
    """
    bench = _Bench({line.id: line for line in lines})
    for name in repairs.name:
        bench.name(name)
    for drop in repairs.drop:
        del bench.lines[bench.line(drop.line).id]
    for cut in repairs.cut:
        bench.cut(cut)
    for join in repairs.join:
        bench.join(join)
    for split in repairs.split:
        bench.vertex(split.line, split.at)
    for lake in repairs.lake:
        bench.lines[lake.line] = replace(bench.line(lake.line), lake=lake)
    return bench.lines


@dataclass
class _Bench:
    lines: dict[str, Drawn]

    def line(self, id: str) -> Drawn:
        if id not in self.lines:
            mend = f"There are {', '.join(list(self.lines)[:20])}"
            raise RiverError("a repair names a line that is not there", field="line", value=id, mend=mend)
        return self.lines[id]

    def name(self, repair: Name) -> None:
        for id in repair.lines:
            line = self.line(id)
            if line.name_en != repair.was:
                mend = "Look at the file again: this repair was made for another state of it"
                problem = f"line {id} is called {line.name_en!r}, not {repair.was!r}"
                raise RiverError(problem, field="name.was", value=repair.was, mend=mend)
            said = line.note if repair.was == repair.en else line.noted(f"named {repair.was} in the source")
            self.lines[id] = replace(line, name_en=repair.en, name_zh=repair.zh, note=said)

    def cut(self, repair: Cut) -> None:
        line = self.line(repair.line)
        k = self.vertex(repair.line, repair.at)
        kept = line.points[k:] if repair.drop == "start" else line.points[: k + 1]
        if len(kept) < 2:
            mend = "Cut at a vertex inside the line, or drop the line"
            raise RiverError(f"nothing would be left of line {line.id}", field="cut.at", value=repair.at, mend=mend)
        self.lines[line.id] = replace(line, points=kept)

    def join(self, repair: Join) -> None:
        line, other = self.line(repair.line), self.line(repair.to)
        aims = other.points if repair.at is None else (other.points[self.vertex(repair.to, repair.at)],)
        gap, first, aim = min((distance(end, aim), end == line.points[0], aim) for end in line.ends for aim in aims)
        if gap > repair.within:
            mend = f"It is {gap:.0f} m: look at it again, then raise `within`"
            problem = f"the gap between lines {line.id} and {other.id} is wider than the repair expects"
            raise RiverError(problem, field="join.within", value=repair.within, mend=mend)
        points = line.points if not gap else (aim, *line.points) if first else (*line.points, aim)
        self.lines[line.id] = replace(line, points=points, note=line.noted(f"a gap of {gap:.0f} m closed"))

    def vertex(self, id: str, at: Point) -> int:
        """Which point of a line that is."""
        points = self.line(id).points
        k = min(range(len(points)), key=lambda k: distance(points[k], at))
        if distance(points[k], at) > 1:
            lon, lat = points[k]
            mend = f"The nearest one is {lon}, {lat}"
            raise RiverError(f"line {id} has no such vertex", field="at", value=f"{at[0]}, {at[1]}", mend=mend)
        return k
