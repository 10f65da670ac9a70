"""Where the air is going: monthly figures and the line through them that outliers cannot tilt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from commonshed.assess.air import Slope, seasonal_kendall
from commonshed.disclose.plots.style import drawing, titled
from commonshed.disclose.tokens import Scheme, tokens
from commonshed.errors import InputError
from commonshed.periods import Period

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["trend"]


def trend(
    months: Sequence[Period | str],
    values: Sequence[float | str | None],
    *,
    name: str = "",
    unit: str = "µg/m³",
    scheme: Scheme = "light",
) -> Figure:
    """Draw monthly figures with the seasonal Theil–Sen slope and its 95 % interval.

    Parameters
    ----------
    months : sequence of Period or str, n
        Calendar months.
    values : sequence of float, str or None, n
        Figures of the records, as they are; None for a month that is not assessed, which is left out of the slope and
        marked on the axis. [unit]
    name : str
        Quantity and place, for the title.

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        A period is not a month, or fewer than two years have values.
    MissingExtra
        matplotlib is not installed.
    """
    spans = [Period.parse(month) if isinstance(month, str) else month for month in months]
    if any(span.unit != "month" for span in spans) or len(spans) != len(values):
        raise InputError("a trend is drawn from calendar months, each with a figure or None")
    x = np.array([span.first.year + (span.first.month - 0.5) / 12 for span in spans])
    y = np.array([np.nan if value is None else float(value) for value in values])
    if len({span.first.year for span, value in zip(spans, y, strict=True) if not np.isnan(value)}) < 2:
        raise InputError("a trend needs months of at least two years")
    found = seasonal_kendall(_by_month(spans, y))
    colours = tokens(scheme)
    middle, level = float(np.nanmedian(x[~np.isnan(y)])), float(np.nanmedian(y))
    with drawing(scheme) as module:
        figure: Figure = module.Figure(figsize=(9, 4.2), layout="constrained")
        axes = figure.subplots()
        axes.plot(x, y, color=colours["mark"], linewidth=0.8, marker="o", markersize=3.5, label="month")
        missing = x[np.isnan(y)]
        axes.plot(
            missing, np.zeros_like(missing), linestyle="", marker="x", color=colours["warn"], label="not assessed"
        )
        ends = np.array([x.min(), x.max()])
        axes.plot(
            ends, level + found.slope.slope * (ends - middle), color=colours["accent"], linewidth=2.2, label="slope"
        )
        lines = [level + slope * (ends - middle) for slope in (found.slope.low, found.slope.high)]
        axes.fill_between(ends, np.minimum(*lines), np.maximum(*lines), color=colours["accent"], alpha=0.2, linewidth=0)
        axes.set_ylim(bottom=0)
        axes.grid(axis="y")
        titled(axes, _finding(found.slope, unit), _below(name, found.p_value), scheme)
    return figure


def _by_month(spans: Sequence[Period], values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[
    tuple[int, ...], np.dtype[np.float64]
]:  # fmt: skip
    first = min(span.first.year for span in spans)
    table = np.full((max(span.first.year for span in spans) - first + 1, 12), np.nan)
    for span, value in zip(spans, values, strict=True):
        table[span.first.year - first, span.first.month - 1] = value
    return table


def _finding(slope: Slope, unit: str) -> str:
    return f"{slope.slope:+.1f} {unit} a year ({slope.low:+.1f} to {slope.high:+.1f})".replace("-", "−")


def _below(name: str, p_value: float) -> str:
    lead = f"{name}, by month" if name else "By month"
    return f"{lead}; seasonal Theil–Sen slope with its 95 % interval; seasonal Kendall p = {p_value:.3f}"
