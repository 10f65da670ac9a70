"""The few marks every picture is made of, as compact SVG text.

Colours are classes of the page's style sheet, so that a picture follows light, dark and print; only the class colours
of the law are written out, because they come from the standard.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, radians

from commonshed.disclose.words import Both, Words
from commonshed.errors import MissingExtra

try:
    from markupsafe import Markup
except ImportError:
    raise MissingExtra("plot", "drawing pictures") from None

__all__ = ["HATCH", "WIDTH", "Box", "Frame", "cells", "label", "line", "n", "names_of", "number", "picture"]

WIDTH = 360.0
"""Of maps and wide pictures: a phone shows it whole with 12-pixel letters, a wide page sets two beside each other."""
HATCH = "url(#hatch)"
"""The fill of what is missing; the pattern is defined once in the page."""


@dataclass(frozen=True)
class Box:
    """A rectangle of a picture, to keep labels apart."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Box) -> float:
        """The area that both cover."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(width, 0.0) * max(height, 0.0)


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
        middle = (self.north + self.south) / 2
        return WIDTH * (self.north - self.south) / ((self.east - self.west) * cos(radians(middle)))

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Point of the picture for a place: equirectangular, true at the middle latitude."""
        return (
            (lon - self.west) / (self.east - self.west) * WIDTH,
            (self.north - lat) / (self.north - self.south) * self.height,
        )

    def holds(self, lon: float, lat: float) -> bool:
        """Whether a place lies in the window."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north


def n(value: float) -> str:
    """A coordinate, one decimal at most."""
    text = f"{value:.1f}"
    return text.removesuffix(".0") if text != "-0.0" else "0"


def number(value: float, decimals: int = 0) -> str:
    """A float of ours for people, with a true minus sign."""
    text = f"{value:.{decimals}f}"
    text = text.removeprefix("-") if float(text) == 0 else text
    return text.replace("-", "−")


def picture(
    width: float, height: float, parts: Iterable[Markup], *, names: str | None = None, kind: str = ""
) -> Markup:
    """Wrap marks as one SVG element.

    Parameters
    ----------
    names : str, optional
        Ids of the elements that name and describe it; without any it is decoration for the reader of screens.
    """
    told = Markup('role="img" aria-labelledby="{}"').format(names) if names else Markup('aria-hidden="true"')
    return Markup('<svg class="{}" viewBox="0 0 {} {}" {}>{}</svg>').format(
        kind or "drawing", n(width), n(height), told, Markup("").join(parts)
    )


def label(
    words: Words,
    x: float,
    y: float,
    text: Both | str,
    *,
    kind: str = "",
    anchor: str = "",
) -> Markup:
    """A text at a point; ``anchor`` is ``m`` (middle) or ``e`` (end)."""
    names = " ".join(part for part in (kind, anchor) if part)
    attribute = Markup(' class="{}"').format(names) if names else Markup("")
    return Markup('<text x="{}" y="{}"{}>{}</text>').format(n(x), n(y), attribute, words.svg(text))


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    """A straight line."""
    return Markup('<path class="{}" d="M{} {}L{} {}"/>').format(kind, n(x1), n(y1), n(x2), n(y2))


def cells(corners: Sequence[tuple[float, float]], width: float, height: float, attributes: Markup) -> Markup:
    """Many equal rectangles as one path."""
    if not corners:
        return Markup("")
    d = "".join(f"M{n(x)} {n(y)}h{n(width)}v{n(height)}h-{n(width)}z" for x, y in corners)
    return Markup('<path {} d="{}"/>').format(attributes, d)


def names_of(figure: str) -> str:
    """Ids of the title and the text alternative of a figure, as the page gives them."""
    return f"{figure}-title {figure}-alt"
