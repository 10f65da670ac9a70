"""How well two series of the same air agree, and by how much they differ.

Two instruments of two owners at two places never agree exactly; the question is whether what one says of the day, the
year and the class would be said by the other. These are statistics of our own in binary floating point: no law defines
them and no legal figure is made from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from commonshed.errors import InputError

__all__ = ["Agreement", "Bin", "agreement", "agreement_by_bin", "class_agreement", "deming"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Agreement:
    """Agreement of pairs (x, y); differences are y − x in the unit of the series.

    Attributes
    ----------
    n : int
        Pairs in which both are present.
    mean_x, mean_y : float
    bias : float
        Mean of y − x.
    relative_bias : float
        Bias as a share of the mean of x.
    mae, rmse : float
        Mean absolute and root mean square difference.
    correlation : float
        Pearson's r.
    slope, intercept : float
        Deming regression of y on x with equal error variances: neither series is taken for the truth.
    lower, upper : float
        Limits of agreement: bias ± 1.96 standard deviations of the differences (n − 1).
    """

    n: int
    mean_x: float
    mean_y: float
    bias: float
    relative_bias: float
    mae: float
    rmse: float
    correlation: float
    slope: float
    intercept: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Bin:
    """Agreement of the pairs whose average lies in ``low`` ≤ (x + y)/2 < ``high``."""

    low: float
    high: float | None
    n: int
    bias: float | None
    mae: float | None


def agreement(x: ArrayLike, y: ArrayLike) -> Agreement:
    """Compare two series pair by pair.

    Parameters
    ----------
    x, y : array-like, n
        Same unit, same times; NaN where there is no reading. Pairs with a NaN are left out.

    Raises
    ------
    InputError
        The series differ in length, or fewer than three pairs are complete, or a series does not vary.

    References
    ----------
    Bland & Altman (1986), Statistical methods for assessing agreement between two methods of clinical measurement,
    Lancet i, 307–310. Deming (1943), Statistical adjustment of data.
    """
    a, b = _pairs(x, y)
    difference = b - a
    bias = float(difference.mean())
    spread = 1.96 * float(difference.std(ddof=1))
    slope, intercept = deming(a, b)
    return Agreement(
        n=len(a),
        mean_x=float(a.mean()),
        mean_y=float(b.mean()),
        bias=bias,
        relative_bias=bias / float(a.mean()),
        mae=float(np.abs(difference).mean()),
        rmse=float(np.sqrt((difference**2).mean())),
        correlation=float(np.corrcoef(a, b)[0, 1]),
        slope=slope,
        intercept=intercept,
        lower=bias - spread,
        upper=bias + spread,
    )


def deming(x: ArrayLike, y: ArrayLike, *, ratio: float = 1.0) -> tuple[float, float]:
    """Slope and intercept of the line through pairs that both carry error.

    Parameters
    ----------
    x, y : array-like, n
    ratio : float
        Variance of the errors of y over that of the errors of x.

    Notes
    -----
    slope = (s_yy − δ s_xx + √((s_yy − δ s_xx)² + 4 δ s_xy²)) / (2 s_xy)

    References
    ----------
    Deming (1943); Linnet (1993), Evaluation of regression procedures for methods comparison studies, Clin. Chem. 39.
    """
    a, b = _pairs(x, y)
    covariance = np.cov(a, b)
    s_xx, s_xy, s_yy = covariance[0, 0], covariance[0, 1], covariance[1, 1]
    if s_xy == 0:
        raise InputError("no line fits two series that do not vary together")
    lead = s_yy - ratio * s_xx
    slope = float((lead + np.sqrt(lead**2 + 4 * ratio * s_xy**2)) / (2 * s_xy))
    return slope, float(b.mean() - slope * a.mean())


def agreement_by_bin(x: ArrayLike, y: ArrayLike, edges: Sequence[float]) -> list[Bin]:
    """Bias and mean absolute difference by concentration.

    Pairs are sorted by their average: sorting by one of the two would make the other look biased at both ends.

    Parameters
    ----------
    x, y : array-like, n
    edges : sequence of float
        Ascending lower ends; the last bin is open upward.
    """
    a, b = _pairs(x, y)
    average, difference = (a + b) / 2, b - a
    bins = []
    for low, high in zip(edges, [*edges[1:], None], strict=True):
        here = difference[(average >= low) & (average < (np.inf if high is None else high))]
        bias, mae = (float(here.mean()), float(np.abs(here).mean())) if len(here) else (None, None)
        bins.append(Bin(low, high, len(here), bias, mae))
    return bins


def class_agreement(x: ArrayLike, y: ArrayLike, upper: Sequence[float]) -> NDArray[np.int64]:
    """Count pairs by the class of x (row) and the class of y (column).

    Parameters
    ----------
    x, y : array-like, n
        Values as rounded for classing.
    upper : sequence of float, k − 1
        Highest value of each class but the last.

    Returns
    -------
    integer array, k × k
    """
    a, b = _pairs(x, y)
    classes = len(upper) + 1
    row, column = (np.searchsorted(np.asarray(upper, dtype=np.float64), v, side="left") for v in (a, b))
    return np.bincount(row * classes + column, minlength=classes * classes).reshape(classes, classes).astype(np.int64)


def _pairs(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    a, b = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1:
        raise InputError("two series to compare must be equally long", value=f"{a.shape} and {b.shape}")
    both = ~(np.isnan(a) | np.isnan(b))
    if both.sum() < 3:
        raise InputError("agreement needs at least three times at which both series have a value")
    return a[both], b[both]
