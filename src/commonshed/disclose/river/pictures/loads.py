"""What several estimators make of the same samples: side by side, because no one of them is the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from commonshed.disclose.drawing import WIDTH, label, line, n, picture
from commonshed.disclose.river.pictures.drawn import Cells, Drawn, listed, ticks
from commonshed.disclose.river.wording import said
from commonshed.disclose.words import Both, Words

__all__ = ["Estimate", "Loaded", "load_chart"]

_LEFT, _RIGHT, _TOP, _HEAD, _LINE = 106.0, 312.0, 10.0, 28.0, 17.0


@dataclass(frozen=True)
class Estimate:
    """One estimator's load, as it was published.

    Attributes
    ----------
    method : Both
    value : str or None
        None: it could not be made. [unit]
    low, high : str or None
        Ends of its interval. [unit]
    """

    method: Both
    value: str | None
    low: str | None = None
    high: str | None = None


@dataclass(frozen=True)
class Loaded:
    """One section's loads, and a word on its samples."""

    name: Both
    estimates: tuple[Estimate, ...]
    note: Both | None = None


def load_chart(words: Words, loads: Sequence[Loaded], *, unit: str, level: int = 90, names: str | None = None) -> Drawn:
    """Draw each section's estimates as dots with whiskers on one axis from zero.

    Parameters
    ----------
    words : Words
    loads : sequence of Loaded
    unit : str
        ``t``, ``t/a``.
    level : int
        Of the intervals. [%]
    names : str, optional
        Ids of the elements that name and describe the picture.
    """
    told = [text for load in loads for e in load.estimates for text in (e.value, e.high) if text is not None]
    top = max([*(float(text) for text in told), 1e-9])
    scale = (_RIGHT - _LEFT) / top
    parts: list[Markup] = []
    y = _TOP
    for load in loads:
        parts.append(label(words, 2, y + 12, load.name, kind="b"))
        if load.note is not None:
            parts.append(label(words, WIDTH - 2, y + 12, load.note, kind="s", anchor="e"))
        y += _HEAD
        for estimate in load.estimates:
            parts.extend(_estimate(words, estimate, y, scale))
            y += _LINE
        y += 8
    grid = [line(_LEFT + t * scale, _TOP + 18, _LEFT + t * scale, y - 4, "grid") for t in ticks(top, 4)]
    parts += [
        label(words, _LEFT + t * scale, y + 10, f"{t:,g} {unit}" if i == 0 else f"{t:,g}", kind="s", anchor="m")
        for i, t in enumerate(ticks(top, 4))
    ]
    alt = listed([said("loads.alt", unit=unit, level=level), *(_told(load, unit) for load in loads)])
    return Drawn(picture(WIDTH, y + 16, [*grid, *parts], names=names), alt, _table(loads, unit))


def _estimate(words: Words, estimate: Estimate, y: float, scale: float) -> list[Markup]:
    parts = [label(words, _LEFT - 8, y + 4, estimate.method, kind="s", anchor="e")]
    if estimate.value is None:
        return [*parts, label(words, _LEFT + 4, y + 4, said("loads.none"), kind="s")]
    x = _LEFT + float(estimate.value) * scale
    right = x
    if estimate.low is not None and estimate.high is not None:
        right = _LEFT + float(estimate.high) * scale
        d = f"M{n(_LEFT + float(estimate.low) * scale)} {n(y)}H{n(right)}"
        parts.append(Markup('<path class="span" d="{}"/>').format(d))
    parts.append(Markup('<circle class="estimate" cx="{}" cy="{}" r="4"/>').format(n(x), n(y)))
    parts.append(label(words, max(right, x + 4) + 5, y + 4, f"{Decimal(estimate.value):,f}", kind="v halo"))
    return parts


def _told(load: Loaded, unit: str) -> Both:
    parts = []
    for e in load.estimates:
        key = "loads.told_none" if e.value is None else "loads.told" if e.low is None else "loads.told_band"
        parts.append(said(key, method=e.method, value=e.value, low=e.low, high=e.high, unit=unit))
    joined = Both("; ".join(part.en for part in parts), "；".join(part.zh for part in parts))
    return said("loads.section", name=load.name, estimates=joined)


def _table(loads: Sequence[Loaded], unit: str) -> Cells:
    head = ("name", "name_zh", "method", f"value_{unit}", f"low_{unit}", f"high_{unit}")
    rows = [
        (load.name.en, load.name.zh, e.method.en, e.value or "", e.low or "", e.high or "")
        for load in loads
        for e in load.estimates
    ]
    return (head, *rows)
