"""The map of a network when nobody gave coordinates: which water meets which, and what stands along it.

It says of itself that it is not to scale; sides and angles mean nothing, only the order from top to bottom does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from markupsafe import Markup

from commonshed.disclose.drawing import WIDTH, label, line, n, picture
from commonshed.disclose.river.pictures.drawn import Drawn, listed
from commonshed.disclose.river.pictures.layout import Course, Layout, Row, lay_out
from commonshed.disclose.river.wording import said
from commonshed.disclose.tokens import ink_on
from commonshed.disclose.words import Both, Words
from commonshed.places import Rivers

__all__ = ["Stop", "facts_of", "schematic", "symbol"]

_LANE, _LEFT, _TOP = 18.0, 14.0, 12.0
_HEIGHTS = {"head": 12.0, "join": 12.0, "gap": 20.0, "arm": 22.0}
_PLAIN, _DETAILED = 25.0, 38.0


@dataclass(frozen=True)
class Stop:
    """What is written at a node or mark.

    Attributes
    ----------
    name : Both
    kind : str
        ``section``, ``intake``, ``border``, ``town``, ``gate``, ``weir``, ``bridge``, ``pond``, ``outlet``, ``spill``,
        ``joins`` (a water that is not shown further up).
    detail : Both or None
        Second line.
    chip : (text, colour) or None
        A class of the law in its own colour; the text stands in it.
    value : Both or str or None
        At the right end of the first line.
    strong : bool
        Stands out: the place a reader looks for.
    """

    name: Both
    kind: str = "section"
    detail: Both | None = None
    chip: tuple[Both | str, str] | None = None
    value: Both | str | None = None
    strong: bool = False


def schematic(
    words: Words,
    rivers: Rivers,
    stops: Mapping[str, Stop],
    *,
    hot: Collection[str] = (),
    stem: Sequence[str] = (),
    names: str | None = None,
) -> Drawn:
    """Draw a network from its topology, the main stem down the page.

    Parameters
    ----------
    words : Words
    rivers : Rivers
    stops : mapping of id of node or mark to Stop
        What has a row; the others are passed through.
    hot : collection of str
        Ids of the reaches to be drawn in the accent: those a spill runs through.
    stem : sequence of str
        Nodes of the water that is to run straight, where the network alone would choose another.
    names : str, optional
        Ids of the elements that name and describe the picture.
    """
    layout = lay_out(rivers, stops, stem=stem)
    middles, height = _heights(layout.rows, stops)
    courses = sorted(layout.courses, key=lambda course: course.reach in hot)
    parts = [_course(course, middles, rivers, "water hot" if course.reach in hot else "water") for course in courses]
    for row, y in zip(layout.rows, middles, strict=True):
        parts.extend(_row(words, row, y, stops, rivers))
    table = _table(layout, stops, rivers)
    return Drawn(picture(WIDTH, height, parts, names=names, kind="drawing schematic"), _told(layout, stops), table)


def _heights(rows: Iterable[Row], stops: Mapping[str, Stop]) -> tuple[list[float], float]:
    """The middle of each row's mark, and the height of all."""
    middles, y = [], _TOP
    for row in rows:
        middles.append(y)
        stop = stops.get(row.id) if row.kind == "place" else None
        y += _HEIGHTS.get(row.kind, _DETAILED if stop is not None and stop.detail is not None else _PLAIN)
    return middles, y + 2


def _x(lane: int) -> float:
    return _LEFT + lane * _LANE


def _course(course: Course, middles: Sequence[float], rivers: Rivers, kind: str) -> Markup:
    begin, end = middles[course.first], middles[course.last]
    x, into = _x(course.lane), _x(course.into)
    d = f"M{n(x)} {n(begin)}"
    if course.join is not None:
        bend = middles[course.join]
        d += f"V{n(bend - 6)}C{n(x)} {n(bend + 3)} {n(into)} {n(bend - 3)} {n(into)} {n(bend + 6)}"
    d += f"V{n(max(end, middles[course.join] + 6 if course.join is not None else end))}"
    return Markup('<path class="{}" stroke-width="{}" d="{}"/>').format(kind, n(_thick(course.reach, rivers)), d)


def _thick(reach: str, rivers: Rivers) -> float:
    """Broader where more water flows, if the network knows how much."""
    flows = [r.discharge for r in rivers.reaches.values() if r.discharge is not None]
    own = rivers.reaches[reach].discharge
    if own is None or len(flows) < 2:
        return 3.0
    return 2.0 + 4.0 * sqrt(own / max(flows))


def _row(words: Words, row: Row, y: float, stops: Mapping[str, Stop], rivers: Rivers) -> list[Markup]:
    x = _x(row.lane)
    if row.kind == "head":
        return [Markup('<circle class="head" cx="{}" cy="{}" r="3"/>').format(n(x), n(y))]
    if row.kind == "arm":
        above = rivers.reaches[row.id].upstream
        name = stops[above].name if above in stops else Both(above, above)
        return [label(words, x + 12, y + 4, said("schematic.arm", place=name), kind="s")]
    if row.kind != "place":
        return []
    return [symbol(stops[row.id].kind, x, y, strong=stops[row.id].strong), *_written(words, stops[row.id], x, y)]


def _written(words: Words, stop: Stop, x: float, y: float) -> list[Markup]:
    kind = "b" if stop.strong else "s" if stop.kind == "joins" else "p"
    parts = [label(words, x + 13, y + 4, stop.name, kind=kind)]
    if stop.detail is not None:
        parts.append(label(words, x + 13, y + 19, stop.detail, kind="s"))
    right = WIDTH - 1
    if stop.chip is not None:
        parts.append(_chip(words, stop.chip, right, y))
        right -= 40
    if stop.value is not None:
        parts.append(label(words, right, y + 4, stop.value, kind="v2", anchor="e"))
    return parts


def _chip(words: Words, chip: tuple[Both | str, str], right: float, y: float) -> Markup:
    text, colour = chip
    return Markup(
        '<rect class="chipbox" x="{}" y="{}" width="34" height="18" rx="3" fill="{}"/>'
        '<text class="m chiptext" x="{}" y="{}" style="fill:{}">{}</text>'
    ).format(n(right - 34), n(y - 9), colour, n(right - 17), n(y + 4.3), ink_on(colour), words.svg(text))


def symbol(kind: str, x: float, y: float, *, strong: bool = False) -> Markup:
    """The sign of a kind of place; its label says the kind in words too.

    Parameters
    ----------
    kind : str
        As in `Stop`.
    x, y : float
        Its middle.
    """
    shapes = {
        "spill": f"M{n(x)} {n(y - 8)}l8 14h-16z",
        "intake": f"M{n(x)} {n(y - 7)}c4 5 5.5 7 5.5 9a5.5 5.5 0 0 1-11 0c0-2 1.5-4 5.5-9z",
        "town": f"M{n(x - 5.5)} {n(y - 5.5)}h11v11h-11z",
        "gate": f"M{n(x - 8)} {n(y - 5)}h16v10h-16z",
        "weir": f"M{n(x - 8)} {n(y + 4)}l4-8h8l4 8z",
        "bridge": f"M{n(x - 8)} {n(y + 5)}v-9h16v9h-4a4 4 0 0 0-8 0z",
        "pond": f"M{n(x - 8)} {n(y)}a8 5.5 0 0 1 16 0a8 5.5 0 0 1-16 0z",
        "outlet": f"M{n(x - 6)} {n(y - 6)}l12 6l-12 6z",
    }
    if kind == "joins":
        return Markup('<circle class="joinmark" cx="{}" cy="{}" r="3"/>').format(n(x), n(y))
    if kind == "border":
        return line(x - 9, y, x + 9, y, "borderline")
    if kind in shapes:
        drawn = "spot" if kind == "spill" else "taken" if kind in ("intake", "town", "outlet") else "act"
        return Markup('<path class="sign {}" d="{}"/>').format(drawn, shapes[kind])
    return Markup('<circle class="sign stop{}" cx="{}" cy="{}" r="{}"/>').format(
        " strong" if strong else "", n(x), n(y), "6" if strong else "5"
    )


def _told(layout: Layout, stops: Mapping[str, Stop]) -> Both:
    """Every place from upstream to downstream, tributaries before the water they join."""
    parts = [said("schematic.alt")]
    for row in layout.rows:
        if row.kind == "place":
            stop = stops[row.id]
            key = "schematic.stop" if row.lane == 0 else "schematic.tributary"
            parts.append(said(key, name=stop.name, facts=facts_of(stop)))
    return listed(parts)


def facts_of(stop: Stop) -> Both:
    """What is written at a place, as the end of a sentence."""
    told = (stop.chip[0] if stop.chip else None, stop.value, stop.detail)
    facts = [v if isinstance(v, Both) else Both(v, v) for v in told if v is not None]
    if not facts:
        return Both("", "")
    return Both(": " + ", ".join(fact.en for fact in facts), "：" + "，".join(fact.zh for fact in facts))


def _table(layout: Layout, stops: Mapping[str, Stop], rivers: Rivers) -> tuple[tuple[str, ...], ...]:
    rows = [("id", "name", "name_zh", "kind", "flows_to", "value", "detail")]
    for row in layout.rows:
        if row.kind == "place":
            stop = stops[row.id]
            facts = (str(stop.value or (stop.chip or ("",))[0]), str(stop.detail or ""))
            rows.append((row.id, stop.name.en, stop.name.zh, stop.kind, _flows_to(row.id, rivers), *facts))
    return tuple(rows)


def _flows_to(id: str, rivers: Rivers) -> str:
    """The next nodes downstream of a node or a mark."""
    mark = rivers.marks.get(id)
    if mark is not None and mark.reach is not None:
        return rivers.reaches[mark.reach].downstream
    node = id if mark is None else mark.node or id
    return " ".join(rivers.reaches[reach].downstream for reach in rivers.out_of[node])
