"""When a spill is where: from arrival to passage at each place, with the band of what may come earlier or later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from commonshed.disclose.drawing import WIDTH, label, line, n, picture
from commonshed.disclose.river.pictures.drawn import Drawn, box, listed, time_axis, time_ticks
from commonshed.disclose.river.wording import duration, figure, said
from commonshed.disclose.words import Both, Words

__all__ = ["Passage", "arrival_chart"]

_LEFT, _RIGHT, _TOP, _ROW = 4.0, 356.0, 30.0, 44.0


@dataclass(frozen=True)
class Passage:
    """The water at one place, in hours after the release.

    Attributes
    ----------
    name : Both
    arrival, peak, passed : float or None
        When the threshold is reached, when the peak passes, when the threshold is left for good. None: it is not
        reached, or has not passed when the forecast ends. [h]
    height : float
        Of the peak. [unit]
    arrival_band, passed_band : (early, late) or None
        Of the ensemble; an end of None lies beyond the forecast. [h]
    height_band : (low, high) or None
        [unit]
    reached : float or None
        Part of the members that reach the threshold, 0 to 1.

    Without arrival and without peak the water is not there when the forecast ends; with a peak it stays below.
    """

    name: Both
    arrival: float | None
    peak: float | None
    passed: float | None
    height: float
    arrival_band: tuple[float | None, float | None] | None = None
    passed_band: tuple[float | None, float | None] | None = None
    height_band: tuple[float, float] | None = None
    reached: float | None = None


def arrival_chart(
    words: Words,
    passages: Sequence[Passage],
    *,
    hours: float,
    unit: str,
    start: datetime | None = None,
    names: str | None = None,
) -> Drawn:
    """Draw arrival, peak and passage of each place on one axis of time.

    Parameters
    ----------
    words : Words
    passages : sequence of Passage
        From upstream to downstream.
    hours : float
        End of the forecast. [h]
    unit : str
        Of the heights.
    start : datetime, optional
        When it was released, on the clock of the place; without it the axis tells hours after the release.
    names : str, optional
        Ids of the elements that name and describe the picture.
    """
    scale = (_RIGHT - _LEFT) / hours
    height = _TOP + _ROW * len(passages) + 4
    parts = [*_axis(words, hours, scale, height, start)]
    for position, passage in enumerate(passages):
        parts.extend(_passage(words, passage, _TOP + position * _ROW, scale, hours, unit))
    told = listed([said("arrivals.alt", hours=figure(hours)), *(_told(passage, unit, hours) for passage in passages)])
    return Drawn(picture(WIDTH, height, parts, names=names), told, _table(passages, unit))


def _axis(words: Words, hours: float, scale: float, height: float, start: datetime | None) -> list[Markup]:
    marks = [(_LEFT + hour * scale, text) for hour, text in time_ticks(hours, start)]
    return [*(line(x, _TOP - 6, x, height - 2, "grid") for x, _ in marks), *time_axis(words, marks, _TOP - 12)]


def _passage(words: Words, passage: Passage, top: float, scale: float, hours: float, unit: str) -> list[Markup]:
    y = top + 22
    parts = [label(words, _LEFT, top + 12, passage.name, kind="p halo")]
    parts.append(label(words, _RIGHT, top + 12, _short(passage, unit, hours), kind="s halo", anchor="e"))
    band = _band(passage, hours)
    if band is not None:
        parts.append(box(_LEFT + band[0] * scale, y, (band[1] - band[0]) * scale, 12, "bandfill"))
    if passage.arrival is not None:
        end = hours if passage.passed is None else passage.passed
        parts.append(box(_LEFT + passage.arrival * scale, y + 2.5, (end - passage.arrival) * scale, 7, "slick"))
    if passage.passed is None and passage.arrival is not None:
        parts.append(_open_end(y))
    if passage.peak is not None and passage.arrival is not None:
        parts.append(_diamond(_LEFT + passage.peak * scale, y + 6))
    if passage.arrival is None:
        parts.append(line(_LEFT, y + 6, _RIGHT, y + 6, "equal"))
    return parts


def _band(passage: Passage, hours: float) -> tuple[float, float] | None:
    """From the earliest arrival to the latest passage of the ensemble."""
    if passage.arrival_band is None or passage.arrival_band[0] is None:
        return None
    late = passage.passed_band[1] if passage.passed_band is not None else passage.arrival_band[1]
    return passage.arrival_band[0], min(hours, hours if late is None else late)


def _diamond(x: float, y: float) -> Markup:
    return Markup('<path class="peakmark" d="M{} {}l5 6l-5 6l-5 -6z"/>').format(n(x), n(y - 6))


def _open_end(y: float) -> Markup:
    """Not passed yet when the forecast ends: an arrow at the edge."""
    return Markup('<path class="slick" d="M{} {}l7 6l-7 6z"/>').format(n(_RIGHT - 4), n(y))


def _short(passage: Passage, unit: str, hours: float) -> Both:
    if passage.arrival is None and passage.peak is None:
        return said("arrivals.not_yet", hours=duration(hours))
    if passage.arrival is None:
        return said("arrivals.below", height=figure(passage.height), unit=unit)
    return said("arrivals.short", arrival=duration(passage.arrival), height=figure(passage.height), unit=unit)


def _told(passage: Passage, unit: str, hours: float) -> Both:
    if passage.arrival is None and passage.peak is None:
        return said("arrivals.told_not_yet", name=passage.name, hours=duration(hours))
    if passage.arrival is None:
        return said("arrivals.told_below", name=passage.name, height=figure(passage.height), unit=unit)
    return said(
        "arrivals.told" if passage.passed is not None else "arrivals.told_open",
        name=passage.name,
        arrival=duration(passage.arrival),
        band=_band_text(passage.arrival_band),
        peak=duration(passage.peak if passage.peak is not None else passage.arrival),
        height=figure(passage.height),
        unit=unit,
        passed=duration(passage.passed or 0.0),
    )


def _band_text(band: tuple[float | None, float | None] | None) -> Both:
    if band is None or band[0] is None:
        return Both("", "")
    late = said("time.later") if band[1] is None else duration(band[1])
    return said("arrivals.band", early=duration(band[0]), late=late)


def _table(passages: Sequence[Passage], unit: str) -> tuple[tuple[str, ...], ...]:
    head: tuple[str, ...] = (
        "name",
        "name_zh",
        "arrival_h",
        "arrival_early_h",
        "arrival_late_h",
        "peak_h",
        f"peak_{unit}",
    )
    head += (f"peak_low_{unit}", f"peak_high_{unit}", "passed_h", "passed_early_h", "passed_late_h", "reached_part")
    rows = [head]
    for passage in passages:
        numbers = (passage.arrival, *(passage.arrival_band or (None, None)), passage.peak, passage.height)
        numbers += (*(passage.height_band or (None, None)), passage.passed, *(passage.passed_band or (None, None)))
        texts = ["" if value is None else f"{value:.4g}" for value in (*numbers, passage.reached)]
        rows.append((passage.name.en, passage.name.zh, *texts))
    return tuple(rows)
