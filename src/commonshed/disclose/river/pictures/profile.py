"""The river as a spill moves down it: where along the way it is, hour by hour.

Two views of one field. `profile_over_time` shows all of it, distance down the page as in the schematic and time to the
right as in the arrival chart; `profiles` shows the river at some hours, each a line over the distance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from commonshed.disclose.drawing import WIDTH, label, line, n, picture
from commonshed.disclose.river.pictures.drawn import Drawn, box, listed, ticks, time_axis, time_ticks, wide
from commonshed.disclose.river.wording import duration, figure, said
from commonshed.disclose.words import Both, Words

__all__ = ["Along", "Field", "profile_over_time", "profiles"]

Floats = NDArray[np.float64]

_LEFT, _RIGHT, _TOP, _BOTTOM = 34.0, 356.0, 30.0, 300.0
_COLUMNS, _ROWS = 92, 90
_STEPS = (1.0, 3.0, 10.0, 30.0, 100.0)
"""Upper ends of the ramp's steps but the last, as multiples of the threshold."""


@dataclass(frozen=True)
class Along:
    """A place on the way.

    Attributes
    ----------
    name : Both
    distance : float
        From the release. [km]
    """

    name: Both
    distance: float


@dataclass(frozen=True)
class Field:
    """Concentration along one way down the river over time.

    Attributes
    ----------
    hours : float array (t,)
        After the release, rising. [h]
    distances : float array (x,)
        From the release, rising. [km]
    values : float array (t, x)
        [unit]
    unit : str
    threshold : float
        [unit]
    """

    hours: Floats
    distances: Floats
    values: Floats
    unit: str
    threshold: float


def profile_over_time(
    words: Words, field: Field, places: Sequence[Along] = (), *, start: datetime | None = None, names: str | None = None
) -> Drawn:
    """Draw the whole field: time to the right, distance downward, darker where there is more.

    Parameters
    ----------
    words : Words
    field : Field
    places : sequence of Along
        Drawn as lines across with their names.
    start : datetime, optional
        When it was released, on the clock of the place.
    names : str, optional
        Ids of the elements that name and describe the picture.

    Notes
    -----
    Below the threshold nothing is filled; above it the steps of the ramp end at 3, 10, 30 and 100 times the threshold.
    A cell of the picture shows the highest value within it, so that no short peak is lost to drawing.
    """
    end, far = float(field.hours[-1]), float(field.distances[-1])
    steps = _stepped(field)
    width, height = (_RIGHT - _LEFT) / steps.shape[0], (_BOTTOM - _TOP) / steps.shape[1]
    parts = [_cells(steps, step, width, height) for step in range(1, 6)]
    parts.extend(_time_axis(words, end, start))
    parts.extend(_way_axis(words, far))
    parts.extend(_places(words, places, far))
    key, below = _key(words, field, int(steps.max()))
    parts.extend(key)
    told = listed([said("profile.alt", threshold=figure(field.threshold), unit=field.unit), *_front(field)])
    return Drawn(picture(WIDTH, _BOTTOM + below, parts, names=names), told, _table(field))


def profiles(
    words: Words,
    field: Field,
    at_hours: Sequence[float],
    places: Sequence[Along] = (),
    *,
    names: str | None = None,
) -> Drawn:
    """Draw the river at some hours, one below the other on one scale.

    Parameters
    ----------
    words : Words
    field : Field
    at_hours : sequence of float
        [h]
    places : sequence of Along
        Drawn as faint lines through all.
    names : str, optional
        Ids of the elements that name and describe the picture.
    """
    rows = [int(np.abs(field.hours - hour).argmin()) for hour in at_hours]
    top, far = float(field.values[rows].max()), float(field.distances[-1])
    step, bottom = 54.0, 10 + 54.0 * len(rows)
    left = 46.0
    parts = [line(_x(p.distance, far, left), 12, _x(p.distance, far, left), bottom, "grid") for p in places]
    for position, row in enumerate(rows):
        base = 10 + step * (position + 1) - 6
        parts.extend(_ridge(words, field, row, base, left=left, top=top))
    for km in ticks(far):
        parts.append(label(words, _x(km, far, left), bottom + 13, f"{km:g}", kind="s", anchor="m"))
    parts.append(label(words, WIDTH - 2, bottom + 28, said("profile.way"), kind="s", anchor="e"))
    told = listed([said("profile.ridges"), *(_peak_told(field, row) for row in rows)])
    return Drawn(picture(WIDTH, bottom + 34, parts, names=names), told, _table(field, rows))


def _stepped(field: Field) -> NDArray[np.int64]:
    """Step of the ramp of each cell of the picture, 0 below the threshold."""
    columns = np.minimum((field.hours / field.hours[-1] * _COLUMNS).astype(int), _COLUMNS - 1)
    rows = np.minimum((field.distances / field.distances[-1] * _ROWS).astype(int), _ROWS - 1)
    highest = np.zeros((_COLUMNS, _ROWS))
    np.maximum.at(highest, (columns[:, None], rows[None, :]), field.values)
    _fill_gaps(highest, columns, rows)
    return np.searchsorted(np.array(_STEPS) * field.threshold, highest, side="right").astype(np.int64)


def _fill_gaps(highest: Floats, columns: NDArray[np.int64], rows: NDArray[np.int64]) -> None:
    """Where the field is coarser than the picture, a cell shows the value that holds there."""
    for own, axis in ((columns, 0), (rows, 1)):
        count = highest.shape[axis]
        latest = np.searchsorted(own, np.arange(count), side="right") - 1
        source = own[np.clip(latest, 0, len(own) - 1)]
        highest[:] = np.take(highest, source, axis=axis)


def _cells(steps: NDArray[np.int64], step: int, width: float, height: float) -> Markup:
    """All cells of one step as one path, runs of them joined along the time."""
    d = []
    for row in range(steps.shape[1]):
        hit = np.flatnonzero(np.diff(np.concatenate([[0], steps[:, row] == step, [0]]).astype(int)))
        for begin, end in hit.reshape(-1, 2):
            x, y = _LEFT + begin * width, _TOP + row * height
            d.append(f"M{n(x)} {n(y)}h{n((end - begin) * width)}v{n(height)}H{n(x)}z")
    return Markup('<path class="r{}" d="{}"/>').format(step + 1, "".join(d)) if d else Markup("")


def _time_axis(words: Words, end: float, start: datetime | None) -> list[Markup]:
    marks = [(_LEFT + hour / end * (_RIGHT - _LEFT), text) for hour, text in time_ticks(end, start)]
    parts = [line(_LEFT, _TOP, _RIGHT, _TOP, "axis"), *(line(x, _TOP - 4, x, _TOP, "axis") for x, _ in marks)]
    return [*parts, *time_axis(words, marks, _TOP - 10)]


def _key(words: Words, field: Field, shown: int) -> tuple[list[Markup], float]:
    """What the steps mean, under the picture, and how high that is."""
    x, y = _LEFT, _BOTTOM + 12.0
    parts = []
    for step in range(shown):
        low = figure(_STEPS[step] * field.threshold)
        text = f"≥ {low} {field.unit}" if step == shown - 1 else f"{low}–{figure(_STEPS[step + 1] * field.threshold)}"
        if x + 20 + wide(text) > WIDTH:
            x, y = _LEFT, y + 18
        parts.append(box(x, y, 14, 11, f"r{step + 2}"))
        parts.append(label(words, x + 18, y + 9.5, Both(text, text), kind="s"))
        x += 30 + wide(text)
    return parts, y + 18 - _BOTTOM if shown else 8.0


def _way_axis(words: Words, far: float) -> list[Markup]:
    parts = [line(_LEFT, _TOP, _LEFT, _BOTTOM, "axis")]
    for km in ticks(far):
        y = _TOP + km / far * (_BOTTOM - _TOP)
        text = said("profile.km", n=f"{km:g}") if km == 0 else f"{km:g}"
        parts.append(label(words, _LEFT - 5, y + 4, text, kind="s", anchor="e"))
    return parts


def _places(words: Words, places: Sequence[Along], far: float) -> list[Markup]:
    """Lines across and names at the right end, moved apart where they would meet."""
    parts, lowest = [], _TOP + 2.0
    for place in sorted(places, key=lambda place: place.distance):
        if not 0 <= place.distance <= far:
            continue
        y = _TOP + place.distance / far * (_BOTTOM - _TOP)
        parts.append(line(_LEFT, y, _RIGHT, y, "way"))
        lowest = max(y - 3, lowest + 13)
        parts.append(label(words, _RIGHT - 2, lowest, place.name, kind="s halo", anchor="e"))
    return parts


def _x(distance: float, far: float, left: float) -> float:
    return left + distance / far * (WIDTH - 6 - left)


def _ridge(words: Words, field: Field, row: int, base: float, *, left: float, top: float) -> list[Markup]:
    far = float(field.distances[-1])
    scale = 34.0 / top if top > 0 else 0.0
    values = field.values[row]
    every = max(1, len(values) // 300)
    points = [(_x(float(d), far, left), base - float(v) * scale) for d, v in
              zip(field.distances[::every], _highest(values, every), strict=True)]  # fmt: skip
    d = (
        f"M{n(points[0][0])} {n(base)}"
        + "".join(f"L{n(x)} {n(y)}" for x, y in points)
        + f"L{n(points[-1][0])} {n(base)}z"
    )
    parts = [Markup('<path class="ridge" d="{}"/>').format(d), line(left, base, WIDTH - 6, base, "axis")]
    hour = said("time.plus", n=f"{field.hours[row]:.0f}")
    parts.append(label(words, left - 6, base, hour, kind="s", anchor="e"))
    peak = int(values.argmax())
    if values[peak] >= field.threshold:
        x = min(max(_x(float(field.distances[peak]), far, left), left + 34), WIDTH - 40)
        text = f"{figure(float(values[peak]))} {field.unit}"
        parts.append(label(words, x, base - float(values[peak]) * scale - 4, text, kind="v2 halo", anchor="m"))
    return parts


def _highest(values: Floats, every: int) -> Floats:
    padded = np.concatenate([values, np.full(-len(values) % every, values[-1])])
    found: Floats = padded.reshape(-1, every).max(axis=1)
    return found


def _front(field: Field) -> list[Both]:
    """Where water at or above the threshold is, at four times."""
    rows = sorted({int(part * (len(field.hours) - 1)) for part in (0.25, 0.5, 0.75, 1.0)})
    return [_extent_told(field, row) for row in rows]


def _extent_told(field: Field, row: int) -> Both:
    above = field.distances[field.values[row] >= field.threshold]
    hour = duration(float(field.hours[row]))
    if not len(above):
        return said("profile.nowhere", hour=hour)
    return said("profile.extent", hour=hour, near=figure(float(above[0])), far=figure(float(above[-1])))


def _peak_told(field: Field, row: int) -> Both:
    peak = int(field.values[row].argmax())
    height = figure(float(field.values[row, peak]))
    at = figure(float(field.distances[peak]))
    return said("profile.peak", hour=duration(float(field.hours[row])), height=height, unit=field.unit, km=at)


def _table(field: Field, rows: Sequence[int] | None = None) -> tuple[tuple[str, ...], ...]:
    """Hours down, kilometres across, thinned to what a person can read."""
    chosen = list(rows) if rows is not None else _thinned(len(field.hours), 97)
    across = _thinned(len(field.distances), 101)
    head = ("hours", *(f"{field.distances[i]:.6g} km" for i in across))
    return (head, *((f"{field.hours[r]:.6g}", *(f"{field.values[r, i]:.4g}" for i in across)) for r in chosen))


def _thinned(count: int, most: int) -> list[int]:
    return sorted({round(i) for i in np.linspace(0, count - 1, min(count, most))})
