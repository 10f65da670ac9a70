"""Twelve months of one quantity, with the limit as a line that says its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from commonshed.disclose.drawing import HATCH, label, line, n, picture
from commonshed.disclose.words import Both, Words, month_text

__all__ = ["Bar", "bars", "months"]

_WIDTH, _HEIGHT = 340.0, 190.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 2.0, 281.0, 18.0, 168.0
_LABEL = 287.0


@dataclass(frozen=True)
class Bar:
    """One bar: a figure as the record writes it, and whether its period is complete enough to be assessed."""

    name: Both
    value: str | None
    complete: bool = True


def bars(
    words: Words,
    series: Sequence[Bar],
    *,
    limit: tuple[str, Both] | None = None,
    top: float | None = None,
    names: str | None = None,
) -> Markup:
    """Bars from zero, each with its figure.

    Parameters
    ----------
    series : sequence of Bar
        An incomplete one is drawn as an outline, a missing one hatched.
    limit : (value, label), optional
    top : float, optional
        Upper end of the axis, to share it between small multiples.
    """
    highest = max([float(b.value) for b in series if b.value is not None] + [float(limit[0]) if limit else 0.0, 1e-9])
    scale = (_BOTTOM - _TOP) / (top or highest)
    step = (_RIGHT - _LEFT) / len(series)
    width = min(step * 0.78, 46)
    parts: list[Markup] = []
    values: list[Markup] = []
    for position, bar in enumerate(series):
        middle = _LEFT + (position + 0.5) * step
        parts.append(_bar(bar, middle, width, scale))
        if bar.value is not None:
            y = _BOTTOM - float(bar.value) * scale - 4
            kind = "v halo" if len(bar.value) * 6 < step + 4 else "v small halo"
            values.append(label(words, middle, y, bar.value, kind=kind, anchor="m"))
        values.append(label(words, middle, _BOTTOM + 15, _short(bar.name, len(series)), kind="s", anchor="m"))
    parts.append(line(_LEFT, _BOTTOM, _RIGHT, _BOTTOM, "axis"))
    if limit is not None:
        y = _BOTTOM - float(limit[0]) * scale
        parts.append(line(_LEFT, y, _RIGHT, y, "limit"))
        values.append(label(words, _LABEL, y + 4, limit[1], kind="lim"))
    parts += values
    return picture(_WIDTH, _HEIGHT, parts, names=names)


def months(values: Sequence[tuple[str | None, bool]]) -> list[Bar]:
    """Twelve bars, January to December, from (figure, complete)."""
    return [Bar(month_text(month), value, complete) for month, (value, complete) in enumerate(values, start=1)]


def _bar(bar: Bar, middle: float, width: float, scale: float) -> Markup:
    left = middle - width / 2
    if bar.value is None:
        return Markup('<rect class="missing" fill="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
            HATCH, n(left), n(_TOP), n(width), n(_BOTTOM - _TOP)
        )
    height = float(bar.value) * scale
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        "pillar" if bar.complete else "pillar part", n(left), n(_BOTTOM - height), n(width), n(height)
    )


def _short(name: Both, count: int) -> Both:
    # Twelve English month names do not fit side by side on a phone; their first letters do.
    return Both(name.en[:1], name.zh.removesuffix("月")) if count == 12 else name
