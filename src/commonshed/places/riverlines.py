"""Rivers from lines on a map: ends that meet become nodes, and water flows to the declared mouth.

The order in which a line was digitised says nothing of where its water flows. Once every system of lines knows its
mouth, each line that lies on no ring has one direction left: the one that leads there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from commonshed.errors import RiverError
from commonshed.places.geojson import features
from commonshed.places.lines import Line, Point, distance, length
from commonshed.places.meeting import Piece, pieces
from commonshed.places.repairs import Drawn, Repairs, read_repairs, repaired
from commonshed.places.riverfile import beside, in_file, read_marks
from commonshed.places.rivers import Lake, Node, Reach, Rivers
from commonshed.places.tablefile import read_text

__all__ = ["read_lines"]


def read_lines(path: str | Path, *, repairs: str | Path | None = None, marks: str | Path | None = None) -> Rivers:
    """Rivers from GeoJSON lines in WGS-84.

    Parameters
    ----------
    path : path
        A FeatureCollection of LineString and MultiLineString; names in the properties ``name_en`` (else ``name``) and
        ``name_zh``.
    repairs : path, optional
        TOML; see ``docs/formats/rivers.md``. Without it the file ``NAME.repairs.toml`` beside ``NAME.geojson``, if
        there is one.
    marks : path, optional
        CSV of what stands on the reaches; without it ``NAME.marks.csv``, if there is one.

    Raises
    ------
    RiverError
        A repair does not meet what it was made for, a system of rivers has no declared mouth, lines form a ring. The
        message names the lines.
    """
    path = Path(path)
    named = path.with_suffix(".repairs.toml") if repairs is None else Path(repairs)
    own = read_repairs(named, path) if repairs is not None or named.is_file() else Repairs()
    lines = in_file(path, lambda: _drawn(path))
    standing = read_marks(beside(path, "marks", marks))
    return in_file(named if own.mouth else path, lambda: _network(lines, own, standing))


def _network(lines: list[Drawn], repairs: Repairs, standing: list[Any]) -> Rivers:
    mended = repaired(lines, repairs)
    flowing = _directed(pieces(mended, repairs), repairs)
    stretches = _dissolved(flowing)
    nodes, reaches = _named(stretches)
    return Rivers.of(nodes, _stretched(reaches, repairs), standing)


# ---- reading


def _drawn(path: Path) -> list[Drawn]:
    text, _ = read_text(path)
    found: list[Drawn] = []
    for number, feature in enumerate(features(path, text), 1):
        geometry = feature.get("geometry") or {}
        kind, coordinates = geometry.get("type"), geometry.get("coordinates")
        if kind not in ("LineString", "MultiLineString"):
            mend = "Keep lines only in this file"
            raise RiverError("a river needs a line", file=path, row=number, field="geometry", value=kind, mend=mend)
        parts: list[Any] = [coordinates] if kind == "LineString" else list(coordinates or ())
        properties = feature.get("properties") or {}
        name = str(properties.get("name_en") or properties.get("name") or "")
        chinese = str(properties.get("name_zh") or name)
        found += [Drawn(f"{number}.{k}", _points(path, number, part), name, chinese) for k, part in enumerate(parts, 1)]
    return found


def _points(path: Path, number: int, coordinates: Any) -> Line:
    try:
        points = tuple((float(position[0]), float(position[1])) for position in coordinates)
    except (TypeError, ValueError, IndexError):
        points = ()
    distinct = tuple(point for k, point in enumerate(points) if k == 0 or point != points[k - 1])
    if len(distinct) < 2:
        mend = "Give it two points or more, or take it out"
        raise RiverError("this line has no length", file=path, row=number, field="geometry", mend=mend)
    for lon, lat in distinct:
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            mend = "Give degrees in WGS-84, longitude first"
            raise RiverError("the line leaves the globe", file=path, row=number, value=f"{lon}, {lat}", mend=mend)
    return distinct


# ---- which way the water flows


def _directed(found: list[Piece], repairs: Repairs) -> list[Piece]:
    """The pieces, each from upstream to downstream."""
    around: dict[Point, list[Piece]] = {}
    for piece in found:
        for end in piece.ends:
            around.setdefault(end, []).append(piece)
    flows = {flow.line: flow for flow in repairs.flow}
    rings = _rings(around)
    undeclared = sorted({piece.line.id for piece in rings if piece.line.id not in flows})
    if undeclared:
        mend = "Drop one of them, or declare in [[flow]] which way each flows"
        raise RiverError(f"lines {', '.join(undeclared)} form a ring", field="flow", mend=mend)
    directed = {id(piece): _as_declared(piece, flows) for piece in rings}
    left = set(around)
    for mouth in (_mouth(around, declared.at, repairs) for declared in repairs.mouth):
        if mouth not in left:
            mend = "Keep one mouth of each system of rivers"
            raise RiverError("this system of rivers has two mouths", field="mouth.at", value=mouth, mend=mend)
        waiting = [mouth]
        left.discard(mouth)
        while waiting:
            here = waiting.pop()
            for piece in around[here]:
                other = piece.ends[0] if piece.ends[1] == here else piece.ends[1]
                directed.setdefault(id(piece), piece if piece.ends[1] == here else piece.turned())
                if other in left:
                    left.discard(other)
                    waiting.append(other)
    if left:
        _refuse_without_mouth(around, left)
    return [directed[id(piece)] for piece in found]


def _rings(around: Mapping[Point, list[Piece]]) -> list[Piece]:
    """The pieces that are left when loose ends are taken away again and again."""
    alive = {id(piece): piece for pieces_here in around.values() for piece in pieces_here}
    degree = {node: sum(1 if p.ends[0] != p.ends[1] else 2 for p in here) for node, here in around.items()}
    loose = [node for node, count in degree.items() if count == 1]
    while loose:
        node = loose.pop()
        for piece in around[node]:
            if alive.pop(id(piece), None) is None:
                continue
            for end in piece.ends:
                degree[end] -= 1
                if degree[end] == 1:
                    loose.append(end)
    return list(alive.values())


def _as_declared(piece: Piece, flows: Mapping[str, Any]) -> Piece:
    flow = flows[piece.line.id]
    nearer = distance(piece.ends[1], flow.towards) <= distance(piece.ends[0], flow.towards)
    return replace(piece if nearer else piece.turned(), part=flow.part)


def _mouth(around: Mapping[Point, list[Piece]], at: Point, repairs: Repairs) -> Point:
    nearest = min(around, key=lambda node: distance(node, at))
    if distance(nearest, at) > max(1.0, repairs.tolerance):
        mend = f"The nearest end of a line is {nearest[0]}, {nearest[1]}"
        raise RiverError("no river ends at this mouth", field="mouth.at", value=f"{at[0]}, {at[1]}", mend=mend)
    return nearest


def _refuse_without_mouth(around: Mapping[Point, list[Piece]], left: set[Point]) -> None:
    start = next(node for node in around if node in left)
    system, waiting = {start}, [start]
    while waiting:
        for piece in around[waiting.pop()]:
            fresh = set(piece.ends) - system
            system |= fresh
            waiting += fresh
    lines = dict.fromkeys(piece.line.id for node in around if node in system for piece in around[node])
    names = dict.fromkeys(piece.line.name_en for node in around if node in system for piece in around[node])
    ends = [f"{lon}, {lat}" for lon, lat in system if len(around[lon, lat]) == 1]
    raise RiverError(
        f"nothing says where the water of {' and '.join(filter(None, names)) or 'these lines'} goes "
        f"(lines {', '.join(lines)}): it meets no river with a mouth",
        field="mouth",
        mend=f"Declare its mouth in [[mouth]], or join it to another line in [[join]]; loose ends: {'; '.join(ends)}",
    )


# ---- reaches and their names


def _dissolved(flowing: list[Piece]) -> list[Piece]:
    """Pieces of one river that follow one another without anything between, as one."""
    into, out_of = _around(flowing)

    def follows(piece: Piece) -> Piece | None:
        before, after = into[piece.ends[1]], out_of.get(piece.ends[1], [])
        if len(before) == len(after) == 1 and piece.alike(after[0]):
            return after[0]
        return None

    followed = {id(follows(piece)) for piece in flowing if follows(piece) is not None}
    found = []
    for piece in flowing:
        if id(piece) in followed:
            continue
        whole, after = piece, follows(piece)
        while after is not None:
            whole, after = whole.and_then(after), follows(after)
        found.append(whole)
    return found


def _around(flowing: list[Piece]) -> tuple[dict[Point, list[Piece]], dict[Point, list[Piece]]]:
    """The pieces that end at each point, and those that begin there."""
    into: dict[Point, list[Piece]] = {}
    out_of: dict[Point, list[Piece]] = {}
    for piece in flowing:
        into.setdefault(piece.ends[1], []).append(piece)
        out_of.setdefault(piece.ends[0], []).append(piece)
    return into, out_of


def _named(stretches: list[Piece]) -> tuple[list[Node], list[Reach]]:
    into, out_of = _around(stretches)
    ids: dict[Point, str] = {}
    taken: Counter[str] = Counter()
    for at in dict.fromkeys(end for piece in stretches for end in piece.ends):
        name = _node_name(into.get(at, []), out_of.get(at, []))
        taken[name] += 1
        ids[at] = name if taken[name] == 1 else f"{name}-{taken[name]}"
    nodes = [_node(id, at, into.get(at, []), out_of.get(at, [])) for at, id in ids.items()]
    plain = [_reach(str(k), piece, ids) for k, piece in enumerate(stretches)]
    order = Rivers.of(nodes, plain).rank
    numbers: dict[str, int] = {}
    reaches = []
    for reach in sorted(plain, key=lambda reach: (order[reach.upstream], reach.downstream, int(reach.id))):
        river = _slug(reach.name_en)
        numbers[river] = numbers.get(river, 0) + 1
        reaches.append(replace(reach, id=f"{river}-{numbers[river]}"))
    return nodes, reaches


def _node_name(into: list[Piece], out_of: list[Piece]) -> str:
    above = sorted({_slug(piece.line.name_en) for piece in into})
    below = sorted({_slug(piece.line.name_en) for piece in out_of})
    if not above:
        return f"{'-'.join(below)}-source"
    if not below:
        return f"{'-'.join(above)}-mouth"
    return "+".join(above) if len(into) > 1 else "-".join(dict.fromkeys([*above, *below]))


def _node(id: str, at: Point, into: list[Piece], out_of: list[Piece]) -> Node:
    above = list(dict.fromkeys((piece.line.name_en, piece.line.name_zh) for piece in into))
    below = list(dict.fromkeys((piece.line.name_en, piece.line.name_zh) for piece in out_of))
    if not above:
        english, chinese = f"Source of the {below[0][0]}", f"{below[0][1]}源头"
    elif not below:
        english, chinese = f"Mouth of the {above[0][0]}", f"{above[0][1]}河口"
    else:
        tributaries = [name for name in above if name not in below] or above
        english = f"Mouth of the {' and the '.join(name[0] for name in tributaries)}"
        chinese = f"{'、'.join(name[1] for name in tributaries)}汇入处"
    return Node(id, english, chinese, at[0], at[1])


def _reach(id: str, piece: Piece, ids: Mapping[Point, str]) -> Reach:
    said = f"drawn as line {' and '.join(piece.drawn)}, {length(piece.points) / 1000:.1f} km on a sphere"
    lake = piece.line.lake
    if lake is not None:
        said += f"; lake {lake.provenance}: {lake.why}"
    notes = dict.fromkeys(said for note in piece.notes for said in note.split("; ") if said)
    return Reach(
        id,
        ids[piece.ends[0]],
        ids[piece.ends[1]],
        name_en=piece.line.name_en,
        name_zh=piece.line.name_zh,
        length=round(length(piece.points), 1),  # sines differ in their last bit from machine to machine
        part=piece.part,
        lake=None if lake is None else Lake(lake.area, lake.volume),
        line=piece.points,
        note="; ".join((said, *notes)),
    )


def _stretched(reaches: list[Reach], repairs: Repairs) -> Iterable[Reach]:
    """Lengths of rivers that are drawn too short, each of its reaches in proportion."""
    real = {wanted.river: wanted for wanted in repairs.length}
    drawn: dict[str, float] = {}
    for reach in reaches:
        drawn[reach.name_en] = drawn.get(reach.name_en, 0.0) + (reach.length or 0.0)
    for river in real:
        if river not in drawn:
            mend = f"There are {', '.join(sorted(drawn))}"
            raise RiverError("a length is declared of a river that is not there", field="river", value=river, mend=mend)
    for reach in reaches:
        wanted = real.get(reach.name_en)
        if wanted is None or reach.length is None:
            yield reach
            continue
        said = f"length stretched from {drawn[reach.name_en] / 1000:.0f} to {wanted.length / 1000:.0f} km of river"
        note = f"{reach.note}; {said}, {wanted.provenance}: {wanted.why}"
        yield replace(reach, length=round(reach.length * wanted.length / drawn[reach.name_en], 1), note=note)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower().replace("'", "").replace("’", "")).strip("-") or "river"
