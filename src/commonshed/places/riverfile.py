"""Reading rivers as people keep them in tables: a row a reach, and beside it what is known of nodes and marks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TypeVar, cast, get_args

from commonshed.errors import PlacesError, RiverError
from commonshed.places.rivers import Lake, Mark, MarkKind, Node, Reach, Rivers
from commonshed.places.tablefile import Row, TableFile, read_table

__all__ = ["beside", "in_file", "read_edges", "read_marks"]

_UPSTREAM = ("upstream", "upstream_code", "from")
_DOWNSTREAM = ("downstream", "downstream_code", "to")
_REACH = ("reach", "id")
_JURISDICTION = ("jurisdiction", "adcode")
_MEASURES = ("length", "part", "discharge", "width", "depth", "velocity", "slope", "dispersion")
_POSITIVE = {"length", "width", "depth", "dispersion"}
_SEVERAL = ";"

P = TypeVar("P")
N = TypeVar("N", Node, Reach, Mark)


def read_edges(path: str | Path, *, nodes: str | Path | None = None, marks: str | Path | None = None) -> Rivers:
    """Rivers from an edge list: one row a reach.

    Parameters
    ----------
    path : path
        CSV with ``upstream`` and ``downstream``, the ids of the nodes a reach runs between; then, where known,
        ``reach`` (else both ids with a dash), ``name_en``, ``name_zh``, ``length`` [m], ``part`` (of the flow, where
        the river divides), ``discharge`` [m3/s], ``width`` and ``depth`` [m], ``velocity`` [m/s], ``slope``,
        ``dispersion`` [m2/s], ``jurisdiction``, ``lake_area`` [km2], ``lake_volume`` [10^6 m3], ``provenance`` and
        ``note``.
    nodes : path, optional
        CSV with ``node``; ``name_en``, ``name_zh``, ``lon``, ``lat``, ``catchment`` [km2]. Without it the file
        ``NAME.nodes.csv`` beside ``NAME.csv``, if there is one. Nodes that only reaches name need no row.
    marks : path, optional
        CSV with ``mark``, ``kind`` and ``node``, or ``reach`` and ``distance`` [m]; ``name_en``, ``name_zh``,
        ``jurisdiction``, ``towards``, ``capacity`` [m3], ``minutes``, ``calls`` (separated by ``;``), ``note``. Without
        it the file ``NAME.marks.csv``, if there is one.

    Raises
    ------
    RiverError
        Names the file, the row, the field, the value and the mend; of a circle, the path.
    """
    path = Path(path)
    table = _table(path, [_UPSTREAM, _DOWNSTREAM])
    reaches = _each(table, _reach)
    named = _each(_table_or_none(beside(path, "nodes", nodes), "node"), _node)
    standing = read_marks(beside(path, "marks", marks))
    ends = dict.fromkeys(end for reach in reaches for end in (reach.upstream, reach.downstream))
    bare = [Node(end) for end in ends if end not in {node.id for node in named}]
    _refuse_lonely(path, named, ends)
    return in_file(path, lambda: Rivers.of([*named, *bare], reaches, standing))


def in_file(path: Path, made: Callable[[], P]) -> P:
    """Errors of a network say which file it came from."""
    try:
        return made()
    except PlacesError as error:
        if error.file is not None and isinstance(error, RiverError):
            raise
        raise RiverError(
            error.problem,
            file=error.file or path,
            row=error.row,
            field=error.field,
            value=error.value,
            mend=error.mend,
        ) from None


def _table(path: Path, required: list[tuple[str, ...]]) -> TableFile:
    return in_file(path, lambda: read_table(path, required=required))


def beside(path: Path, what: str, given: str | Path | None) -> Path | None:
    """The file that was named, or the one of the same name beside it, as ``rivers.marks.csv`` beside ``rivers.csv``."""
    if given is not None:
        return Path(given)
    found = path.with_suffix(f".{what}.csv")
    return found if found.is_file() else None


def read_marks(path: Path | None) -> list[Mark]:
    """What stands on the rivers, by a table; nothing without one.

    Raises
    ------
    RiverError
        Names the file, the row, the field, the value and the mend.
    """
    return _each(_table_or_none(path, "mark"), _mark)


def _table_or_none(path: Path | None, id: str) -> TableFile | None:
    return None if path is None else _table(path, [(id,)])


def _each(table: TableFile | None, read: Callable[[Row], N]) -> list[N]:
    """What the rows say, each id once."""
    found: dict[str, N] = {}
    for row in () if table is None else table.rows:
        part = in_file(row.file, partial(read, row))
        if part.id in found:
            raise _wrong(row, "this id stands here twice", "id", part.id, "Give each its own, or keep one row")
        found[part.id] = part
    return list(found.values())


def _wrong(row: Row, problem: str, field: str, value: object, mend: str) -> RiverError:
    return RiverError(problem, file=row.file, row=row.number, field=field, value=value, mend=mend)


def _reach(row: Row) -> Reach:
    upstream, downstream = _needed(row, _UPSTREAM), _needed(row, _DOWNSTREAM)
    if upstream == downstream:
        mend = "Correct one of the two ends"
        raise _wrong(row, f"{upstream} stands upstream of itself", "downstream", downstream, mend)
    return Reach(
        row.text(*_REACH) or f"{upstream}-{downstream}",
        upstream,
        downstream,
        name_en=row.text("name_en") or "",
        name_zh=row.text("name_zh") or "",
        jurisdiction=row.text(*_JURISDICTION),
        lake=_lake(row),
        note=": ".join(filter(None, (row.text("provenance"), row.text("note")))),
        **{name: _measure(row, name) for name in _MEASURES},  # type: ignore[arg-type]
    )


def _needed(row: Row, names: tuple[str, ...]) -> str:
    text = row.text(*names)
    if text is None:
        raise _wrong(row, "a reach needs both its ends", names[0], None, "Write the ids of the nodes it runs between")
    return text


def _measure(row: Row, name: str) -> float | None:
    value = row.decimal(name)
    if value is None:
        return None
    if value < 0 or (value == 0 and name in _POSITIVE):
        mend = "Give a positive number, or leave it empty if nobody knows"
        raise _wrong(row, f"no reach has this {name}", name, value, mend)
    if name == "part" and value > 1:
        raise _wrong(row, "a part of the flow is 1 at most", name, value, "Write 0.25 for a quarter")
    return value


def _lake(row: Row) -> Lake | None:
    area = row.decimal("lake_area")
    if area is None:
        return None
    if area <= 0:
        raise _wrong(row, "no lake has this area", "lake_area", area, "Give square kilometres")
    return Lake(area, row.decimal("lake_volume"))


def _node(row: Row) -> Node:
    id = row.text("node")
    if id is None:
        raise _wrong(row, "a node needs an id", "node", None, "Write the id that the reaches use")
    return Node(
        id,
        name_en=row.text("name_en") or "",
        name_zh=row.text("name_zh") or "",
        lon=row.decimal("lon"),
        lat=row.decimal("lat"),
        catchment=row.decimal("catchment"),
    )


def _mark(row: Row) -> Mark:
    id, kind = row.text("mark"), row.text("kind")
    if id is None:
        raise _wrong(row, "a mark needs an id", "mark", None, "Of a section, the id that the readings use")
    if kind not in get_args(MarkKind):
        raise _wrong(row, "there is no such kind of mark", "kind", kind, f"Known: {', '.join(get_args(MarkKind))}")
    return Mark(
        id,
        cast(MarkKind, kind),
        node=row.text("node"),
        reach=row.text("reach"),
        distance=row.decimal("distance"),
        name_en=row.text("name_en") or "",
        name_zh=row.text("name_zh") or "",
        jurisdiction=row.text(*_JURISDICTION),
        towards=row.text("towards"),
        capacity=row.decimal("capacity"),
        minutes=row.decimal("minutes"),
        calls=tuple(filter(None, (call.strip() for call in (row.text("calls") or "").split(_SEVERAL)))),
        note=row.text("note") or "",
    )


def _refuse_lonely(path: Path, nodes: list[Node], ends: Iterable[str]) -> None:
    lonely = [node.id for node in nodes if node.id not in set(ends)]
    if lonely:
        mend = "Give it a reach, or take it out"
        raise RiverError("no reach begins or ends at this node", file=path, field="node", value=lonely[0], mend=mend)
