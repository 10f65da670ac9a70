"""Whose load it is: a bar for each source, with what is sure about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from commonshed.disclose.drawing import HATCH, WIDTH, label, line, n, picture
from commonshed.disclose.river.pictures.drawn import Cells, Drawn, box, listed, ticks
from commonshed.disclose.river.wording import said
from commonshed.disclose.words import Both, Words

__all__ = ["ShareBar", "share_bars"]

Basis = Literal["measured", "inferred", "unexplained"]

_LEFT, _RIGHT, _TOP, _ROW = 4.0, 286.0, 8.0, 40.0


@dataclass(frozen=True)
class ShareBar:
    """One share, as it was published.

    Attributes
    ----------
    name : Both
    share : str
        Part of the whole as exact text: ``0.3124``.
    low, high : str or None
        Ends of its interval.
    basis : {"measured", "inferred", "unexplained"}
        Filled, outlined, hatched.
    """

    name: Both
    share: str
    low: str | None = None
    high: str | None = None
    basis: Basis = "measured"


def share_bars(words: Words, shares: Sequence[ShareBar], *, level: int = 90, names: str | None = None) -> Drawn:
    """Draw shares as bars from zero, each with its figure and its interval as a whisker.

    Parameters
    ----------
    words : Words
    shares : sequence of ShareBar
        In the order to be shown.
    level : int
        Of the intervals. [%]
    names : str, optional
        Ids of the elements that name and describe the picture.
    """
    ends = [float(text) for bar in shares for text in (bar.share, bar.high) if text is not None]
    low = min([0.0, *(float(bar.low) for bar in shares if bar.low is not None), *(float(b.share) for b in shares)])
    top = max([*ends, 0.01])
    scale = (_RIGHT - _LEFT) / (top - low)
    zero = _LEFT - low * scale
    bottom = _TOP + _ROW * len(shares)
    parts = [line(zero + t * scale, _TOP, zero + t * scale, bottom, "grid") for t in ticks(top)]
    parts.append(line(zero, _TOP, zero, bottom, "axis"))
    for position, bar in enumerate(shares):
        parts.extend(_bar(words, bar, _TOP + position * _ROW, zero, scale))
    parts += [label(words, zero + t * scale, bottom + 14, f"{100 * t:g}%", kind="s", anchor="m") for t in ticks(top)]
    told = listed([said("shares.alt", level=level), *(_told(bar) for bar in shares)])
    return Drawn(picture(WIDTH, bottom + 20, parts, names=names), told, _table(shares))


def _bar(words: Words, bar: ShareBar, top: float, zero: float, scale: float) -> list[Markup]:
    width = float(bar.share) * scale
    left, y = min(zero, zero + width), top + 18
    parts = [label(words, _LEFT, top + 12, bar.name, kind="p halo")]
    if bar.basis == "unexplained":
        parts.append(Markup('<rect class="missing outlined" fill="{}" x="{}" y="{}" width="{}" height="14"/>').format(
            HATCH, n(left), n(y), n(abs(width))
        ))  # fmt: skip
    else:
        parts.append(box(left, y, abs(width), 14, "pillar" if bar.basis == "measured" else "pillar part"))
    ends = [zero + width]
    if bar.low is not None and bar.high is not None:
        first, last = zero + float(bar.low) * scale, zero + float(bar.high) * scale
        d = f"M{n(first)} {n(y + 3)}v8m0 -4H{n(last)}m0 -4v8"
        parts.append(Markup('<path class="whisker under" d="{0}"/><path class="whisker" d="{0}"/>').format(d))
        ends.append(last)
    parts.append(label(words, max(ends) + 6, y + 11, percent(bar.share), kind="v2 halo"))
    return parts


def percent(share: str) -> str:
    """An exact share as a percentage: ``0.3124`` is 31.24 %, with a true minus and no rounding."""
    whole, _, decimals = share.lstrip("-").partition(".")
    digits = (whole + (decimals + "00")[:2]).lstrip("0") or "0"
    rest = decimals[2:]
    return f"{'−' if share.startswith('-') else ''}{digits}{'.' + rest if rest else ''}%"


def _told(bar: ShareBar) -> Both:
    basis = said(f"shares.{bar.basis}")
    if bar.low is None or bar.high is None:
        return said("shares.told", name=bar.name, share=percent(bar.share), basis=basis)
    ends = {"low": percent(bar.low), "high": percent(bar.high)}
    return said("shares.told_band", name=bar.name, share=percent(bar.share), basis=basis, **ends)


def _table(shares: Sequence[ShareBar]) -> Cells:
    rows = [(b.name.en, b.name.zh, b.share, b.low or "", b.high or "", b.basis) for b in shares]
    return (("name", "name_zh", "share", "low", "high", "basis"), *rows)
