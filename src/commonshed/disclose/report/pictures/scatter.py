"""Two series of the same air: the hours as hexagons, the lines of equality and of best fit, and the differences."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from markupsafe import Markup
from numpy.typing import ArrayLike, NDArray

from commonshed.disclose.drawing import label, line, n, picture
from commonshed.disclose.words import Both, Words

__all__ = ["Hexagons", "difference_plot", "hexagons", "scatter"]

_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 332.0, 10.0, 298.0


@dataclass(frozen=True)
class Hexagons:
    """Points counted in hexagons of a picture's plane."""

    centres: NDArray[np.float64]
    counts: NDArray[np.int64]
    size: float
    left_out: int
    """Points outside the axes."""

    def steps(self) -> NDArray[np.int64]:
        """Ramp step 1…6 of each hexagon, even in the logarithm of its count."""
        top = np.log(max(float(self.counts.max(initial=1)), 2.0))
        steps: NDArray[np.int64] = np.minimum(1 + np.floor(np.log(self.counts) / top * 6), 6).astype(np.int64)
        return steps


@dataclass(frozen=True)
class _Axes:
    x: tuple[float, float]
    y: tuple[float, float]

    def px(self, value: float) -> float:
        return _LEFT + (value - self.x[0]) / (self.x[1] - self.x[0]) * (_RIGHT - _LEFT)

    def py(self, value: float) -> float:
        return _BOTTOM - (value - self.y[0]) / (self.y[1] - self.y[0]) * (_BOTTOM - _TOP)

    def holds(self, x: float, y: float) -> bool:
        return self.x[0] <= x <= self.x[1] and self.y[0] <= y <= self.y[1]


def hexagons(px: ArrayLike, py: ArrayLike, *, size: float = 5.0) -> Hexagons:
    """Count points of the picture's plane in hexagons with pointed tops.

    Parameters
    ----------
    size : float
        From centre to corner.
    """
    x, y = np.asarray(px, dtype=np.float64), np.asarray(py, dtype=np.float64)
    inside = (x >= _LEFT) & (x <= _RIGHT) & (y >= _TOP) & (y <= _BOTTOM)
    across, down = sqrt(3) * size, 1.5 * size
    x, y, left_out = x[inside], y[inside], int((~inside).sum())
    # Two rectangular lattices make the hexagonal one; each point goes to the nearer centre.
    one = np.stack([np.round(x / across) * across, np.round(y / (2 * down)) * 2 * down])
    two = np.stack([(np.floor(x / across) + 0.5) * across, (np.floor(y / (2 * down)) + 0.5) * 2 * down])
    nearer = ((one - (x, y)) ** 2).sum(axis=0) <= ((two - (x, y)) ** 2).sum(axis=0)
    centres, counts = np.unique(np.round(np.where(nearer, one, two), 3), axis=1, return_counts=True)
    return Hexagons(centres.T.astype(np.float64), counts.astype(np.int64), size, left_out)


def scatter(
    words: Words,
    x: ArrayLike,
    y: ArrayLike,
    *,
    top: float,
    fit: tuple[float, float],
    titles: tuple[Both, Both],
    equality: Both,
    fit_name: Both,
    names: str | None = None,
) -> Markup:
    """One series against the other, on equal axes from zero.

    Parameters
    ----------
    fit : (slope, intercept)
    """
    axes = _Axes((0, top), (0, top))
    a, b = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    slope, intercept = fit
    end = min(top, (top - intercept) / slope)
    parts = [
        *_frame(words, axes, titles, every=100),
        *_honeycomb(hexagons(_LEFT + a / top * (_RIGHT - _LEFT), _BOTTOM - b / top * (_BOTTOM - _TOP))),
        line(axes.px(0), axes.py(0), axes.px(top), axes.py(top), "equal"),
        line(axes.px(max(0, -intercept / slope)), axes.py(max(0, intercept)), axes.px(end),
             axes.py(intercept + slope * end), "fit"),
        label(words, _LEFT + 8, _TOP + 14, equality, kind="s halo"),
        label(words, _LEFT + 8, _TOP + 30, fit_name, kind="fitname halo"),
    ]  # fmt: skip
    return picture(340, 336, parts, names=names)


def difference_plot(
    words: Words,
    x: ArrayLike,
    y: ArrayLike,
    *,
    top: float,
    reach: float,
    bias: tuple[float, Both],
    limits: tuple[tuple[float, Both], tuple[float, Both]],
    titles: tuple[Both, Both],
    names: str | None = None,
) -> Markup:
    """Difference y − x against the average of both, after Bland and Altman.

    Parameters
    ----------
    reach : float
        The vertical axis runs from −reach to +reach.
    """
    a, b = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    axes = _Axes((0, top), (-reach, reach))
    px = _LEFT + (a + b) / 2 / top * (_RIGHT - _LEFT)
    py = _BOTTOM - (b - a + reach) / (2 * reach) * (_BOTTOM - _TOP)
    parts = [
        *_frame(words, axes, titles, every=100),
        *_honeycomb(hexagons(px, py)),
        line(_LEFT, axes.py(0), _RIGHT, axes.py(0), "equal"),
        line(_LEFT, axes.py(bias[0]), _RIGHT, axes.py(bias[0]), "fit"),
        label(words, _RIGHT - 2, axes.py(bias[0]) - 5, bias[1], kind="fitname halo", anchor="e"),
    ]
    for (value, name), below in zip(limits, (True, False), strict=True):
        y_line = axes.py(value)
        parts.append(line(_LEFT, y_line, _RIGHT, y_line, "limit"))
        parts.append(label(words, _RIGHT - 2, y_line + (14 if below else -5), name, kind="lim halo", anchor="e"))
    return picture(340, 336, parts, names=names)


def _frame(words: Words, axes: _Axes, titles: tuple[Both, Both], *, every: int) -> list[Markup]:
    parts = [line(_LEFT, _BOTTOM, _RIGHT, _BOTTOM, "axis"), line(_LEFT, _TOP, _LEFT, _BOTTOM, "axis")]
    for value in range(int(axes.x[0]), int(axes.x[1]) + 1, every):
        parts.append(label(words, axes.px(value), _BOTTOM + 15, str(value), kind="s", anchor="m"))
    for value in range(int(axes.y[0]), int(axes.y[1]) + 1, every):
        parts.append(label(words, _LEFT - 5, axes.py(value) + 4, str(value).replace("-", "−"), kind="s", anchor="e"))
    parts.append(label(words, _RIGHT, _BOTTOM + 32, titles[0], kind="s", anchor="e"))
    parts.append(
        Markup('<text class="s e" transform="translate(11 {}) rotate(-90)">{}</text>').format(
            n(_TOP), words.svg(titles[1])
        )
    )
    return parts


def _honeycomb(found: Hexagons) -> list[Markup]:
    if not len(found.counts):
        return []
    half, s = found.size * sqrt(3) / 2, found.size
    outline = f"l{n(half)} {n(s / 2)}v{n(s)}l{n(-half)} {n(s / 2)}l{n(-half)} {n(-s / 2)}v{n(-s)}z"
    steps = found.steps()
    return [
        Markup('<path class="r{}" d="{}"/>').format(
            step, "".join(f"M{n(x)} {n(y - s)}{outline}" for x, y in found.centres[steps == step])
        )
        for step in range(1, 7)
        if (steps == step).any()
    ]
