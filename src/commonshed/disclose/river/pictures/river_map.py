"""The map of a network whose lines are known: real courses, quiet where no spill runs, with places as signs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import cos, radians

import shapely
from markupsafe import Markup

from commonshed.disclose.drawing import WIDTH, Box, Frame, label, n, picture
from commonshed.disclose.river.pictures.drawn import Drawn, listed, wide
from commonshed.disclose.river.pictures.schematic import Stop, facts_of, symbol
from commonshed.disclose.river.wording import said
from commonshed.disclose.words import Both, Words
from commonshed.places import Reach, Rivers

__all__ = ["can_be_mapped", "frame_of", "place_of", "river_map"]

_FINEST = 0.4
"""Steps of a line shorter than this are not drawn; of the picture's 360."""


def can_be_mapped(rivers: Rivers, reaches: Collection[str]) -> bool:
    """Whether the course of each of these reaches is known; else only a schematic is honest."""
    return bool(reaches) and all(len(rivers.reaches[id].line) > 1 for id in reaches)


def river_map(
    words: Words,
    rivers: Rivers,
    stops: Mapping[str, Stop],
    *,
    hot: Collection[str] = (),
    names: str | None = None,
) -> Drawn:
    """Draw a network by its lines, the window around those that a spill runs through.

    Parameters
    ----------
    words : Words
    rivers : Rivers
    stops : mapping of id of node or mark to Stop
        Those whose place is unknown are left out of the picture and named in its text.
    hot : collection of str
        Ids of the reaches in the accent; without any the window holds all.
    names : str, optional
        Ids of the elements that name and describe the picture.

    Raises
    ------
    ValueError
        No reach has a line.
    """
    shown = [rivers.reaches[id] for id in hot] or [r for r in rivers.reaches.values() if r.line]
    frame = frame_of(shown)
    quiet = [reach for reach in rivers.reaches.values() if reach.line and reach.id not in hot]
    parts = [_line(reach, frame, "water") for reach in quiet]
    parts += [_line(reach, frame, "water hot") for reach in shown if reach.id in hot]
    placed = {id: frame.at(*at) for id in stops if (at := place_of(rivers, id)) is not None}
    inside = {id: at for id, at in placed.items() if 0 <= at[0] <= WIDTH and 0 <= at[1] <= frame.height}
    parts += [symbol(stops[id].kind, *at, strong=stops[id].strong) for id, at in inside.items()]
    parts += _labels(words, stops, inside, frame.height)
    told = listed([said("map.alt"), *(_told(stops[id], id in inside) for id in stops)])
    return Drawn(picture(WIDTH, frame.height, parts, names=names, kind="map"), told, _table(rivers, stops))


def frame_of(reaches: Sequence[Reach]) -> Frame:
    """The window around some lines, with room for labels, never much higher or lower than broad."""
    points = [point for reach in reaches for point in reach.line]
    west, east = min(lon for lon, _ in points), max(lon for lon, _ in points)
    south, north = min(lat for _, lat in points), max(lat for _, lat in points)
    across = (east - west) * cos(radians((south + north) / 2))
    size = max(across, north - south, 1e-6)
    wide = max(across, 0.8 * size) * 1.24 / cos(radians((south + north) / 2))
    high = max(north - south, 0.55 * size) * 1.16
    lon, lat = (west + east) / 2, (south + north) / 2
    return Frame(lon - wide / 2, lat - high / 2, lon + wide / 2, lat + high / 2)


def place_of(rivers: Rivers, id: str) -> tuple[float, float] | None:
    """Where a node or a mark lies, along the line of its reach if it stands on one; none: nobody knows. [degrees]"""
    mark = rivers.marks.get(id)
    if mark is not None and mark.reach is not None:
        return _along(rivers.reaches[mark.reach], mark.distance or 0.0)
    node = rivers.nodes.get(id if mark is None else mark.node or "")
    if node is not None and node.lon is not None and node.lat is not None:
        return node.lon, node.lat
    return None


def _along(reach: Reach, distance: float) -> tuple[float, float] | None:
    """A distance along a line of degrees, which is squeezed to one scale both ways so that parts of it are parts."""
    if len(reach.line) < 2 or not reach.length:
        return None
    squeeze = cos(radians(sum(lat for _, lat in reach.line) / len(reach.line)))
    line = shapely.LineString([(lon * squeeze, lat) for lon, lat in reach.line])
    point = line.interpolate(min(distance / reach.length, 1.0), normalized=True)
    return point.x / squeeze, point.y


def _line(reach: Reach, frame: Frame, kind: str) -> Markup:
    drawn = shapely.LineString([frame.at(lon, lat) for lon, lat in reach.line]).simplify(_FINEST)
    seen = shapely.clip_by_rect(drawn, -20, -20, WIDTH + 20, frame.height + 20)
    lines = [line for line in getattr(seen, "geoms", [seen]) if not line.is_empty]
    d = "".join("M" + "L".join(f"{n(x)} {n(y)}" for x, y in line.coords) for line in lines)
    width = "3.2" if "hot" in kind else "1.4"
    return Markup('<path class="{}" stroke-width="{}" d="{}"/>').format(kind, width, d) if d else Markup("")


def _labels(
    words: Words, stops: Mapping[str, Stop], inside: Mapping[str, tuple[float, float]], height: float
) -> list[Markup]:
    """Each name beside its sign, on the side where it covers least; one that covers another is left to the table."""
    taken = [Box(x - 8, y - 8, x + 8, y + 8) for x, y in inside.values()]
    parts = []
    for id, (x, y) in inside.items():
        lines = [stops[id].name, *([_both(stops[id].value)] if stops[id].value is not None else [])]
        across, high = max(_width(text) for text in lines), 14.0 * len(lines)
        window = Box(0, 0, WIDTH, height)
        box, at, anchor = min(_around(x, y, across, high), key=lambda option: _cost(option[0], taken, window))
        if _cost(box, taken, window) > 0.08 * across * high:
            continue
        taken.append(box)
        kinds = ["b halo" if stops[id].strong else "p halo", "v2 halo"]
        for row, text in enumerate(lines):
            parts.append(label(words, at, box.top + 11 + 14 * row, text, kind=kinds[row], anchor=anchor))
    return parts


def _around(x: float, y: float, across: float, high: float) -> list[tuple[Box, float, str]]:
    """Where a label may stand, the best first: right, left, above, below, then further off."""
    found = []
    for rise in (0.0, -0.5 * high - 6, 0.5 * high + 6):
        top = y - high / 2 + rise
        found.append((Box(x + 11, top, x + 11 + across, top + high), x + 11, ""))
        found.append((Box(x - 11 - across, top, x - 11, top + high), x - 11, "e"))
    for top in (y - 10 - high, y + 10, y - 24 - high, y + 24):
        found.append((Box(x - across / 2, top, x + across / 2, top + high), x, "m"))
    return found


def _cost(box: Box, taken: Sequence[Box], window: Box) -> float:
    outside = (box.right - box.left) * (box.bottom - box.top) - box.overlap(window)
    return 20 * outside + sum(box.overlap(other) for other in taken)


def _width(text: Both) -> float:
    return max(wide(text.en, 12.5), wide(text.zh, 12.5))


def _both(value: Both | str | None) -> Both:
    return value if isinstance(value, Both) else Both(str(value), str(value))


def _told(stop: Stop, inside: bool) -> Both:
    return said("schematic.stop" if inside else "map.outside", name=stop.name, facts=facts_of(stop))


def _table(rivers: Rivers, stops: Mapping[str, Stop]) -> tuple[tuple[str, ...], ...]:
    rows = [("id", "name", "name_zh", "kind", "lon", "lat", "value", "detail")]
    for id, stop in stops.items():
        at = place_of(rivers, id)
        where = ("", "") if at is None else (f"{at[0]:.5f}", f"{at[1]:.5f}")
        rows.append((id, stop.name.en, stop.name.zh, stop.kind, *where, str(stop.value or ""), str(stop.detail or "")))
    return tuple(rows)
