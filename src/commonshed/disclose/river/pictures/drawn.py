"""What every picture of a river gives back, and what several of them draw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor, log10

from markupsafe import Markup

from commonshed.disclose.drawing import WIDTH, label
from commonshed.disclose.river.wording import said
from commonshed.disclose.words import Both, Words, day_text

__all__ = ["Cells", "Drawn", "box", "listed", "ticks", "time_axis", "time_ticks", "wide"]

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


def time_ticks(hours: float, start: datetime | None = None) -> list[tuple[float, Both]]:
    """Where an axis of time is marked and what is written there.

    Parameters
    ----------
    hours : float
        Length of the axis. [h]
    start : datetime, optional
        What 0 is on the clock of the place: marks stand at round times of the day, midnights bear their date. Without
        it they tell hours after the release.
    """
    step = next((step for step in (1, 2, 3, 6, 12, 24, 48, 72, 96) if hours / step <= 6.5), 24 * ceil(hours / 24 / 6))
    if start is None:
        return [(hour, said("time.plus", n=hour)) for hour in range(0, floor(hours) + 1, step)]
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    clock = [midnight + timedelta(hours=step * i) for i in range(floor((hours + 24) / step) + 1)]
    placed = [((at - start).total_seconds() / 3600, at) for at in clock]
    return [(hour, _on_the_clock(at)) for hour, at in placed if 0 <= hour <= hours]


def _on_the_clock(at: datetime) -> Both:
    if at.hour or at.minute:
        return Both(f"{at:%H:%M}", f"{at:%H:%M}")
    return Both(day_text(at.date()).en.rsplit(" ", 1)[0], f"{at.month}月{at.day}日")


def time_axis(words: Words, marks: Sequence[tuple[float, Both]], y: float) -> list[Markup]:
    """The texts of an axis of time, those that would touch another left out.

    Parameters
    ----------
    words : Words
    marks : sequence of (x, text)
        From left to right.
    y : float
        Of the texts.
    """
    parts, free = [], 0.0
    for x, text in marks:
        half = max(wide(text.en), wide(text.zh)) / 2 + 4
        middle = min(max(x, half), WIDTH - half)
        if middle - half >= free:
            parts.append(label(words, middle, y, text, kind="s", anchor="m"))
            free = middle + half
    return parts


def wide(text: str, size: float = 11.0) -> float:
    """About how wide a text is, to keep labels apart; Chinese letters are as wide as they are high."""
    return sum(size if ord(letter) > 0x2E7F else 0.56 * size for letter in text)


def box(left: float, top: float, width: float, height: float, kind: str) -> Markup:
    """A rectangle of a class."""
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        kind, *(f"{value:.1f}".removesuffix(".0") for value in (left, top, max(width, 0.0), height))
    )


def listed(parts: Iterable[Both]) -> Both:
    """Sentences one after the other."""
    held = list(parts)
    return Both(" ".join(part.en for part in held), "".join(part.zh for part in held))
