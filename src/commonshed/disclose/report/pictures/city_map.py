"""The city's map: quiet districts, stations as dots with their value, the control site as a diamond."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any

from markupsafe import Markup

from commonshed.disclose.report.pictures.drawing import HATCH, label, n, picture
from commonshed.disclose.report.words import Both, Words

__all__ = ["Dot", "Frame", "city_map"]

_WIDTH = 360.0


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


@dataclass(frozen=True)
class Frame:
    """A window on the map. [degrees]"""

    west: float
    south: float
    east: float
    north: float

    @property
    def height(self) -> float:
        """Height of the picture, for the width all maps have, at true proportions in the middle."""
        return _WIDTH * (self.north - self.south) / ((self.east - self.west) * cos(radians(self.middle)))

    @property
    def middle(self) -> float:
        """Latitude of the middle."""
        return (self.north + self.south) / 2

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Point of the picture for a place: equirectangular, true at the middle latitude."""
        return (
            (lon - self.west) / (self.east - self.west) * _WIDTH,
            (self.north - lat) / (self.north - self.south) * self.height,
        )


def city_map(
    words: Words,
    outlines: Mapping[str, Any],
    dots: Sequence[Dot],
    frame: Frame,
    *,
    steps: Mapping[str, int] | None = None,
    district_names: Mapping[str, tuple[Both, float, float]] | None = None,
    inset: Frame | None = None,
    crowded: bool = False,
    names: str | None = None,
) -> Markup:
    """Draw districts and stations.

    Parameters
    ----------
    outlines : mapping of code to shapely polygon
    steps : mapping of code to 1…6, optional
        Step of the ramp of each district that has a figure; the others are left as land.
    inset : Frame, optional
        Drawn as a box: the part another map shows larger.
    crowded : bool
        Draw dots small and without figures where the inset shows them.
    """
    parts = [_district(outline, frame, (steps or {}).get(code)) for code, outline in outlines.items()]
    parts += [
        label(words, *frame.at(lon, lat), name, kind="place halo", anchor="m")
        for name, lon, lat in (district_names or {}).values()
        if _inside(frame, lon, lat)
    ]
    if inset is not None:
        x, y = frame.at(inset.west, inset.north)
        x2, y2 = frame.at(inset.east, inset.south)
        box = Markup('<rect class="box" x="{}" y="{}" width="{}" height="{}"/>')
        parts.append(box.format(n(x), n(y), n(x2 - x), n(y2 - y)))
    for dot in dots:
        if _inside(frame, dot.lon, dot.lat):
            small = crowded and inset is not None and _inside(inset, dot.lon, dot.lat)
            parts.append(_dot(words, dot, frame, small=small))
    return picture(_WIDTH, frame.height, parts, names=names, kind="map")


def _inside(frame: Frame, lon: float, lat: float) -> bool:
    return frame.west <= lon <= frame.east and frame.south <= lat <= frame.north


def _district(outline: Any, frame: Frame, step: int | None) -> Markup:
    polygons = getattr(outline, "geoms", [outline])
    d = "".join(
        _ring(ring.coords, frame) for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)
    )
    return Markup('<path class="land{}" d="{}"/>').format("" if step is None else f" r{step}", d)


def _ring(coordinates: Any, frame: Frame) -> str:
    points: list[str] = []
    for lon, lat in coordinates:
        x, y = frame.at(lon, lat)
        # Far outside the window only the direction of an edge matters.
        text = f"{min(max(x, -400), 800):.1f} {min(max(y, -400), 900):.1f}"
        if not points or points[-1] != text:
            points.append(text)
    return "M" + "L".join(points) + "z"


def _dot(words: Words, dot: Dot, frame: Frame, *, small: bool) -> Markup:
    x, y = frame.at(dot.lon, dot.lat)
    size = 3.5 if small else 6.5
    kind = f"dot r{dot.step}" if dot.value is not None and dot.complete else "dot open"
    fill = Markup(' fill="{}"').format(HATCH) if dot.value is None else Markup("")
    if dot.control:
        s = size + 1
        shape = Markup('<path class="{}" d="M{} {}l{} {}l{} {}l{} {}z"{}/>').format(
            kind, n(x), n(y - s), n(s), n(s), n(-s), n(s), n(-s), n(-s), fill
        )
    else:
        shape = Markup('<circle class="{}" cx="{}" cy="{}" r="{}"{}/>').format(kind, n(x), n(y), n(size), fill)
    if small:
        return shape
    value = dot.value or "–"
    if not dot.complete:
        value = f"({value})"
    text = label(words, x + size + 4, y + 4.5, value, kind="dotv halo")
    if dot.name is None:
        return shape + text
    return shape + text + label(words, x, y + size + 13, dot.name, kind="s halo", anchor="m")
