"""What every picture of a river gives back, and the width all share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, log10

from markupsafe import Markup

from commonshed.disclose.report.words import Both

__all__ = ["WIDTH", "Cells", "Drawn", "box", "hour_ticks", "listed", "ticks"]

WIDTH = 360.0
"""Of every picture: a phone shows it whole with 12-pixel letters, a wide page sets two beside each other."""

Cells = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Drawn:
    """A picture, what it says to those who do not see it, and the numbers it was drawn from.

    Attributes
    ----------
    svg : Markup
    alt : Both
        The same in sentences, with its numbers.
    table : rows of text, the first the head
        What the link to the data gives.
    """

    svg: Markup
    alt: Both
    table: Cells


def ticks(top: float, wanted: int = 5) -> list[float]:
    """Round values from 0 to at most ``top``, about as many as wanted.

    >>> ticks(96), ticks(0.7)
    ([0.0, 20.0, 40.0, 60.0, 80.0], [0.0, 0.2, 0.4, 0.6])
    """
    if top <= 0:
        return [0.0]
    raw = top / wanted
    power = 10.0 ** floor(log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if raw <= factor * power * (1 + 1e-9))
    return [round(i * step, 10) for i in range(floor(top / step + 1e-9) + 1)]


def hour_ticks(top: float) -> list[int]:
    """Hours at which an axis of time is marked: whole, and as people count them."""
    step = next((step for step in (1, 2, 3, 6, 12, 24, 48, 72, 96) if top / step <= 6.5), 24 * ceil(top / 24 / 6))
    return list(range(0, floor(top) + 1, step))


def box(left: float, top: float, width: float, height: float, kind: str) -> Markup:
    """A rectangle of a class."""
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        kind, *(f"{value:.1f}".removesuffix(".0") for value in (left, top, max(width, 0.0), height))
    )


def listed(parts: Iterable[Both]) -> Both:
    """Sentences one after the other."""
    held = list(parts)
    return Both(" ".join(part.en for part in held), "".join(part.zh for part in held))
