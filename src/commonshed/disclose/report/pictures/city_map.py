"""The city's map: quiet districts, stations as dots with their value, the control site as a diamond."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from commonshed.disclose.drawing import HATCH, WIDTH, Box, Frame, label, n, picture
from commonshed.disclose.words import Both, Words

__all__ = ["Dot", "city_map", "outline_paths"]

_EDGE = 400.0
"""How far outside the window an outline is still followed."""


@dataclass(frozen=True)
class Dot:
    """A station: where it is, what to write beside it, and how to draw it."""

    lon: float
    lat: float
    value: str | None
    step: int
    """Step of the ramp, 1 to 6."""
    name: Both | None = None
    control: bool = False
    complete: bool = True

    @property
    def text(self) -> str:
        """Its value; in brackets when the days are too few, a dash without any."""
        if self.value is None:
            return "–"
        return self.value if self.complete else f"({self.value})"


def outline_paths(outlines: Mapping[str, Any], frame: Frame, prefix: str) -> Markup:
    """Outlines of districts in a window, to be defined once and used in many maps.

    Parameters
    ----------
    outlines : mapping of code to shapely polygon
    prefix : str
        The id of each path is the prefix and the code.
    """
    return Markup("").join(
        Markup('<path id="{}{}" d="{}"/>').format(prefix, code, _outline(outline, frame))
        for code, outline in outlines.items()
    )


def city_map(
    words: Words,
    districts: Mapping[str, str],
    dots: Sequence[Dot],
    frame: Frame,
    *,
    steps: Mapping[str, int] | None = None,
    district_names: Sequence[tuple[Both, float, float]] = (),
    inset: Frame | None = None,
    names: str | None = None,
) -> Markup:
    """Draw districts and stations.

    Parameters
    ----------
    districts : mapping of code to str
        Id of the outline of each, as `outline_paths` defines it for this frame.
    dots : sequence of Dot
    steps : mapping of code to 1…6, optional
        Step of the ramp of each district that has a figure; the others are left as land.
    district_names : sequence of (name, lon, lat)
        Left out where a station's label stands.
    inset : Frame, optional
        Drawn as a box: the part another map shows larger. Its dots are small and have no figures here.
    """
    shown = [dot for dot in dots if frame.holds(dot.lon, dot.lat)]
    small = [dot for dot in shown if inset is not None and inset.holds(dot.lon, dot.lat)]
    large = [dot for dot in shown if dot not in small]
    parts = [_district(outline, (steps or {}).get(code)) for code, outline in districts.items()]
    taken = [_around(*frame.at(dot.lon, dot.lat), 4.0 if dot in small else 8.0) for dot in shown]
    marks = [_dot(dot, frame, 3.5) for dot in small] + [_dot(dot, frame, 6.5) for dot in large]
    if inset is not None:
        corner, opposite = frame.at(inset.west, inset.north), frame.at(inset.east, inset.south)
        taken.append(Box(*corner, *opposite))
        parts.append(_rectangle(*corner, *opposite))
    texts = [_labelled(words, dot, frame, taken) for dot in large]
    for name, lon, lat in district_names:
        box = _centred(*frame.at(lon, lat), name)
        if frame.holds(lon, lat) and not any(box.overlap(other) for other in taken):
            taken.append(box)
            parts.append(label(words, *frame.at(lon, lat), name, kind="place", anchor="m"))
    return picture(WIDTH, frame.height, [*parts, *marks, *texts], names=names, kind="map")


def _district(outline: str, step: int | None) -> Markup:
    return Markup('<use href="#{}" class="land{}"/>').format(outline, "" if step is None else f" r{step}")


def _outline(outline: Any, frame: Frame) -> str:
    polygons = getattr(outline, "geoms", [outline])
    rings = (ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors))
    return "".join(_ring(ring.coords, frame) for ring in rings)


def _ring(coordinates: Any, frame: Frame) -> str:
    points: list[str] = []
    for lon, lat in coordinates:
        x, y = frame.at(lon, lat)
        # Far outside the window only the direction of an edge matters.
        text = f"{n(min(max(x, -_EDGE), WIDTH + _EDGE))} {n(min(max(y, -_EDGE), frame.height + _EDGE))}"
        if not points or points[-1] != text:
            points.append(text)
    return "M" + "L".join(points) + "z"


def _dot(dot: Dot, frame: Frame, size: float) -> Markup:
    x, y = frame.at(dot.lon, dot.lat)
    kind = f"dot r{dot.step}" if dot.value is not None and dot.complete else "dot open"
    fill = Markup(' fill="{}"').format(HATCH) if dot.value is None else Markup("")
    if dot.control:
        s = size + 1
        return Markup('<path class="{}" d="M{} {}l{} {}l{} {}l{} {}z"{}/>').format(
            kind, n(x), n(y - s), n(s), n(s), n(-s), n(s), n(-s), n(-s), fill
        )
    return Markup('<circle class="{}" cx="{}" cy="{}" r="{}"{}/>').format(kind, n(x), n(y), n(size), fill)


def _labelled(words: Words, dot: Dot, frame: Frame, taken: list[Box]) -> Markup:
    """The value (and name) of a station on the side where it covers least."""
    x, y = frame.at(dot.lon, dot.lat)
    width = max(_wide(dot.text, 8.2), _name_width(dot.name))
    height = 16.0 if dot.name is None else 30.0
    window = Box(0, 0, WIDTH, frame.height)
    boxes = [
        Box(x + 10, y - height / 2, x + 10 + width, y + height / 2),
        Box(x - 10 - width, y - height / 2, x - 10, y + height / 2),
        Box(x - width / 2, y - 10 - height, x + width / 2, y - 10),
        Box(x - width / 2, y + 10, x + width / 2, y + 10 + height),
    ]

    def cost(box: Box) -> float:
        outside = width * height - box.overlap(window)
        return 20 * outside + sum(box.overlap(other) for other in taken)

    side = min(range(4), key=lambda i: (round(cost(boxes[i])), i))
    box = boxes[side]
    taken.append(box)
    at, anchor = ((box.left, ""), (box.right, "e"), (x, "m"), (x, "m"))[side]
    value = label(words, at, box.top + 12.5, dot.text, kind="dotv halo", anchor=anchor)
    if dot.name is None:
        return value
    return value + label(words, at, box.top + 25.5, dot.name, kind="s halo", anchor=anchor)


def _around(x: float, y: float, reach: float) -> Box:
    return Box(x - reach, y - reach, x + reach, y + reach)


def _centred(x: float, y: float, name: Both) -> Box:
    half = _name_width(name) / 2
    return Box(x - half, y - 10, x + half, y + 3)


def _rectangle(left: float, top: float, right: float, bottom: float) -> Markup:
    return Markup('<rect class="box" x="{}" y="{}" width="{}" height="{}"/>').format(
        n(left), n(top), n(right - left), n(bottom - top)
    )


def _name_width(name: Both | None) -> float:
    return 0.0 if name is None else max(_wide(name.en, 6.0), _wide(name.zh, 11.0))


def _wide(text: str, each: float) -> float:
    """About how wide a text is: close enough to keep labels apart."""
    return len(text) * each
