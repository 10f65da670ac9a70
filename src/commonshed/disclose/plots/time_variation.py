"""When the air is bad: by hour of the day, day of the week and month, with how sure the means are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from commonshed.disclose.plots.style import drawing, titled
from commonshed.disclose.tokens import Scheme, tokens
from commonshed.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Cycle", "cycle", "time_variation"]

Floats = NDArray[np.float64]
By = Literal["hour", "weekday", "month"]

_NAMES = {
    "hour": [str(hour) for hour in range(24)],
    "weekday": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    "month": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
}
_TITLES = {"hour": "Hour of the day", "weekday": "Day of the week", "month": "Month"}


@dataclass(frozen=True)
class Cycle:
    """Means over one cycle of time, with a 95 % interval; NaN where nothing was measured."""

    by: By
    mean: Floats
    low: Floats
    high: Floats


def cycle(times: ArrayLike, values: ArrayLike, by: By, *, draws: int = 400, seed: int = 0) -> Cycle:
    """Mean by hour, weekday or month.

    Parameters
    ----------
    times : datetime64 array, n
        Local starts of the hours.
    values : float array, n
        NaN where there is no reading.
    draws : int
        Of the bootstrap. Whole days are drawn, because the hours of a day belong together.

    Returns
    -------
    Cycle

    References
    ----------
    Efron & Tibshirani (1993), An Introduction to the Bootstrap, section 13.3: percentile interval.
    """
    hours, x = np.asarray(times, dtype="datetime64[h]"), np.asarray(values, dtype=np.float64)
    if hours.shape != x.shape or not (~np.isnan(x)).any():
        raise InputError("a time variation needs as many values as times, and at least one reading")
    days, of_day = np.unique(hours.astype("datetime64[D]"), return_inverse=True)
    group, size = _groups(hours, by), len(_NAMES[by])
    known = ~np.isnan(x)
    cell = of_day[known] * size + group[known]
    counts = np.bincount(cell, minlength=days.size * size).reshape(days.size, size).astype(np.float64)
    sums = np.bincount(cell, weights=x[known], minlength=days.size * size).reshape(days.size, size)
    weights = np.random.default_rng(seed).multinomial(days.size, np.full(days.size, 1 / days.size), size=draws)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums.sum(axis=0) / counts.sum(axis=0)
        drawn = (weights @ sums) / (weights @ counts)
    low, high = (_quantile(drawn, q) for q in (0.025, 0.975))
    return Cycle(by, mean, low, high)


def time_variation(
    times: ArrayLike,
    values: ArrayLike,
    *,
    name: str = "",
    unit: str = "µg/m³",
    draws: int = 400,
    seed: int = 0,
    scheme: Scheme = "light",
) -> Figure:
    """Draw means by hour, weekday and month with their 95 % intervals.

    Parameters
    ----------
    times : datetime64 array, n
        Local starts of the hours.
    values : float array, n
        NaN where there is no reading. [unit]
    name : str
        Quantity and place, for the title.

    Returns
    -------
    Figure
        Three axes that share the vertical one.

    Raises
    ------
    InputError
        The arrays differ in length, or nothing was measured.
    MissingExtra
        matplotlib is not installed.
    """
    kinds: tuple[By, ...] = ("hour", "weekday", "month")
    found = [cycle(times, values, by, draws=draws, seed=seed) for by in kinds]
    colours = tokens(scheme)
    top = max(float(np.nanmax(one.high)) for one in found)
    with drawing(scheme) as module:
        figure: Figure = module.Figure(figsize=(11, 3.8), layout="constrained")
        for axes, one in zip(figure.subplots(1, 3, sharey=True), found, strict=True):
            at = np.arange(one.mean.size)
            axes.fill_between(at, one.low, one.high, color=colours["accent"], alpha=0.25, linewidth=0)
            axes.plot(at, one.mean, color=colours["accent"], marker="o", markersize=3.5)
            every = 3 if one.by == "hour" else 1
            axes.set_xticks(at[::every], _NAMES[one.by][::every])
            axes.set_ylim(0, 1.05 * top)
            axes.grid(axis="y")
            titled(axes, _TITLES[one.by], f"{name}, {unit}; band: 95 %" if name else f"{unit}; band: 95 %", scheme)
    return figure


def _groups(hours: NDArray[np.datetime64], by: By) -> NDArray[np.int64]:
    if by == "hour":
        return hours.astype(np.int64) % 24
    if by == "month":
        return hours.astype("datetime64[M]").astype(np.int64) % 12
    # 1 January 1970 was a Thursday.
    return (hours.astype("datetime64[D]").astype(np.int64) + 3) % 7


def _quantile(drawn: Floats, q: float) -> Floats:
    """Quantile over the draws; NaN for a group that was never measured."""
    measured = ~np.isnan(drawn).all(axis=0)
    out = np.full(drawn.shape[1], np.nan)
    out[measured] = np.nanquantile(drawn[:, measured], q, axis=0)
    return out
