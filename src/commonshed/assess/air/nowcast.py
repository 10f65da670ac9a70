"""NowCast: the last hours averaged, the newer the heavier, and the more so the faster the air changes.

Its weights are powers of a ratio of two readings, so the mean is a rational number of some hundred digits. A binary
floating-point value only says which hours lie so far from where rounding turns that they need no second look; every
other hour is decided with whole numbers.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from commonshed.exact import round_fraction
from commonshed.standards.schema import Statistic

__all__ = ["nowcast", "weighted_mean"]

_NONE = -1
_MARGIN = 1e-6
"""Far above the error of a sum of a dozen positive floats, which is about 1e-14 of its size."""
_TRUSTED = 1e7
"""Largest value whose error is surely below the margin."""


def weighted_mean(hours: list[int | None], floor: Fraction) -> Fraction | None:
    """NowCast of some hours, the newest first, in the unit they have.

    >>> weighted_mean([50, 40, None, 20], Fraction(1, 2))
    Fraction(580, 13)

    Notes
    -----
    With w = max(min / max, floor): the sum of wⁱ · c(i) over the sum of wⁱ, i = 0 for the newest hour, over the hours
    there are.

    References
    ----------
    EPA-454/B-24-002, NowCast for particulate matter.
    """
    there = [(i, value) for i, value in enumerate(hours) if value is not None]
    if not there:
        return None
    largest = max(value for _, value in there)
    w = max(Fraction(min(value for _, value in there), largest), floor) if largest else Fraction(1)
    return sum((w**i * value for i, value in there), Fraction(0)) / sum((w**i for i, _ in there), Fraction(0))


def nowcast(
    ticks: NDArray[Any], present: NDArray[np.uint8], statistic: Statistic, factor: Fraction
) -> NDArray[np.int32]:
    """Published NowCast of each hour that has a whole window of hours before it, (rows, width − window + 1).

    Parameters
    ----------
    ticks : integer array, (rows, width)
        Zero where no reading counts.
    present : uint8 array, (rows, width)
    statistic : Statistic
    factor : Fraction
        Counts of the published value's last decimal in one tick.
    """
    window = statistic.window_hours
    # the newest hour first
    values = np.lib.stride_tricks.sliding_window_view(ticks, window, axis=1)[..., ::-1]
    there = np.lib.stride_tricks.sliding_window_view(present, window, axis=1)[..., ::-1].astype(np.bool_)
    needed, newest = statistic.min_recent or (0, 1)
    enough = (there.sum(axis=-1) >= max(statistic.min_hours, 1)) & (there[..., :newest].sum(axis=-1) >= needed)
    floor = statistic.weight_floor or Fraction(0)
    found = np.full(enough.shape, _NONE, np.int32)
    found[enough] = _published(values[enough], there[enough], floor, factor, statistic)
    return found


def _published(
    values: NDArray[Any], there: NDArray[np.bool_], floor: Fraction, factor: Fraction, statistic: Statistic
) -> NDArray[np.int32]:
    near = _approximate(values, there, float(floor)) * float(factor)
    shift = 0.0 if statistic.rounding in ("down", "up") else 0.5
    turned = near + shift
    sure = (np.abs(turned - np.rint(turned)) > _MARGIN) & (near < _TRUSTED)
    settled = np.where(sure, np.ceil(near) if statistic.rounding == "up" else np.floor(turned), 0)
    published = settled.astype(np.int32)
    for i in np.flatnonzero(~sure):
        hours = [int(value) if held else None for value, held in zip(values[i], there[i], strict=True)]
        exact = weighted_mean(hours, floor)
        assert exact is not None
        published[i] = round_fraction(exact * factor, 0, statistic.rounding)
    return published


def _approximate(values: NDArray[Any], there: NDArray[np.bool_], floor: float) -> NDArray[np.float64]:
    largest = values.max(axis=1, where=there, initial=0).astype(np.float64)
    least = values.min(axis=1, where=there, initial=np.iinfo(values.dtype).max).astype(np.float64)
    ratio = np.divide(least, largest, out=np.ones_like(largest), where=largest > 0)
    weights = np.maximum(ratio, floor)[:, None] ** np.arange(values.shape[1]) * there
    mean: NDArray[np.float64] = (weights * values).sum(axis=1) / weights.sum(axis=1)
    return mean
