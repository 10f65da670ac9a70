"""Does air or water get better over the years? Three answers, each with what it can and cannot say.

`spearman` is the regulation's own test of annual values, exact. `theil_sen` and `seasonal_kendall` are additions of
ours for how fast, and for months; they use floats. Their published tolerance is `TOLERANCE` relative to the figures
of an independent implementation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "EXACT_UP_TO",
    "TOLERANCE",
    "Direction",
    "SeasonalKendall",
    "Slope",
    "Spearman",
    "seasonal_kendall",
    "spearman",
    "spearman_critical_value",
    "theil_sen",
]

Direction = Literal["rising", "falling", "none"]
Floats = NDArray[np.float64]

TOLERANCE = 1e-9
"""Relative agreement the tests ask of slopes and test statistics against an independent implementation."""
EXACT_UP_TO = 12
"""Up to this many values the distribution of Spearman's coefficient is enumerated exactly."""
_FEWEST = 5
"""With four values even a perfect order has a two-sided probability of 2/24, above 5 %."""


@dataclass(frozen=True)
class Spearman:
    """Rank correlation of values with time.

    Attributes
    ----------
    n : int
        How many values.
    coefficient : Fraction or None
        1 − 6 Σd² / (n³ − n), d the difference of ranks; equal values share their mean rank.
    p_value : Fraction or float or None
        Two-sided: the share of all orders of these values that lie at least as far from no correlation. Exact
        (Fraction) up to `EXACT_UP_TO` values, an Edgeworth series (float) above.
    critical_value : Fraction or None
        Smallest attainable coefficient that is significant for n values without ties.
    significant : bool
    direction : {"rising", "falling", "none"}
        ``none`` when not significant.
    why_not : str or None
        Why nothing can be significant.
    """

    n: int
    coefficient: Fraction | None
    p_value: Fraction | float | None
    critical_value: Fraction | None
    significant: bool
    direction: Direction
    why_not: str | None = None


@dataclass(frozen=True)
class Slope:
    """Theil–Sen slope.

    Attributes
    ----------
    n : int
    slope : float
        Median of the slopes between all pairs. [unit of the values per unit of the times]
    low, high : float
        Ends of the confidence interval; NaN where the sample is too small for one.
    confidence : float
    """

    n: int
    slope: float
    low: float
    high: float
    confidence: float


@dataclass(frozen=True)
class SeasonalKendall:
    """Mann–Kendall test within each season, summed over seasons.

    Attributes
    ----------
    n : int
        How many values.
    s : int
        Rises minus falls.
    variance : float
    z : float
        With continuity correction.
    p_value : float
        Two-sided.
    slope : Slope
        Median of the slopes within seasons. [unit of the values per year]
    significant : bool
    direction : {"rising", "falling", "none"}
    corrected : bool
        Whether the variance allows for seasons that move together.
    """

    n: int
    s: int
    variance: float
    z: float
    p_value: float
    slope: Slope
    significant: bool
    direction: Direction
    corrected: bool


def spearman(values: Sequence[Fraction | int], *, alpha: Fraction = Fraction(5, 100)) -> Spearman:
    """Test whether values in order of time rise or fall, by ranks.

    Parameters
    ----------
    values : sequence of exact numbers
        Annual values in order of time; years that are not assessed are left out by the caller.
    alpha : Fraction
        Two-sided level of significance.

    Returns
    -------
    Spearman

    Notes
    -----
    Tables that begin 0.900 for n = 5 are one-sided: 5 of the 120 orders of five values reach 0.9. Two-sided at 5 %,
    five values must be in perfect order.

    References
    ----------
    HJ 663-2013 names the test; that it is two-sided at 5 % is unverified. Best & Roberts (1975), Algorithm AS 89, The
    upper tail probabilities of Spearman's rho, Applied Statistics 24.
    """
    n = len(values)
    if n < 2 or len(set(values)) == 1:
        why = f"{n} {'value' if n == 1 else 'values'}" if n < 2 else "all values are equal"
        return Spearman(n, None, None, None, False, "none", f"no rank correlation: {why}")
    doubled = _doubled_ranks(values)
    # Ranks are doubled so that mean ranks stay integers: d is doubled and d² fourfold.
    d2 = Fraction(sum((2 * (i + 1) - rank) ** 2 for i, rank in enumerate(doubled)), 4)
    coefficient = 1 - 6 * d2 / (n**3 - n)
    p_value = _two_sided(doubled)
    if n < _FEWEST:
        why = f"{n} values cannot be significant at {float(alpha):.0%} two-sided: at least {_FEWEST} are needed"
        return Spearman(n, coefficient, p_value, None, False, "none", why)
    significant = p_value <= alpha
    direction: Direction = "none" if not significant else "rising" if coefficient > 0 else "falling"
    return Spearman(n, coefficient, p_value, spearman_critical_value(n, alpha), significant, direction)


@cache
def spearman_critical_value(n: int, alpha: Fraction = Fraction(5, 100)) -> Fraction | None:
    """Smallest attainable |coefficient| of n values without ties whose two-sided probability is at most alpha."""
    largest = (n**3 - n) // 3  # of Σd², which is even without ties
    identity = tuple(range(2, 2 * n + 1, 2))
    low, high = 0, largest // 4  # Σd² = 2k; the probability falls as k falls from the middle
    if _tail(identity, 0) > alpha:
        return None
    while low < high:
        middle = (low + high + 1) // 2
        if _tail(identity, 2 * middle) <= alpha:
            low = middle
        else:
            high = middle - 1
    return 1 - Fraction(12 * low, n**3 - n)


def theil_sen(times: Floats | Sequence[float], values: Floats | Sequence[float], *, confidence: float = 0.95) -> Slope:
    """Median slope between all pairs, with the interval that Kendall's test does not reject.

    Parameters
    ----------
    times, values : float arrays
        NaN values are left out.
    confidence : float
        Two-sided.

    Returns
    -------
    Slope

    References
    ----------
    Sen (1968), Estimates of the regression coefficient based on Kendall's tau, JASA 63. Gilbert (1987), Statistical
    methods for environmental pollution monitoring, section 16.5: C = Z √Var(S), the interval runs from the
    (N − C)/2-th to the ((N + C)/2 + 1)-th smallest of the N slopes, interpolated between neighbours.
    """
    t, x = _without_gaps(times, values)
    slopes = _pair_slopes(t, x)
    return _slope(slopes, _variance(x), x.size, confidence)


def seasonal_kendall(
    values: Floats, *, confidence: float = 0.95, alpha: float = 0.05, corrected: bool = False
) -> SeasonalKendall:
    """Test for a trend over years that every season may follow at its own level.

    Parameters
    ----------
    values : float array, years × seasons
        One row a year, one column a season (12 months, 4 quarters); NaN where there is no value.
    confidence : float
        Of the interval of the slope.
    alpha : float
        Two-sided level of significance.
    corrected : bool
        Add the covariances between seasons to the variance: months of one year are seldom independent. Needs about
        ten years to be of use.

    Returns
    -------
    SeasonalKendall

    References
    ----------
    Hirsch, Slack & Smith (1982), Techniques of trend analysis for monthly water quality data, Water Resources
    Research 18. Hirsch & Slack (1984), A nonparametric trend test for seasonal data with serial dependence, ibid. 20.
    """
    years = np.arange(values.shape[0], dtype=np.float64)
    columns = [_without_gaps(years, values[:, season]) for season in range(values.shape[1])]
    s = sum(_kendall_s(x) for _, x in columns)
    own = sum(_variance(x) for _, x in columns)
    variance = own + (_covariance(values) if corrected else 0.0)
    n = sum(x.size for _, x in columns)
    slopes = np.concatenate([_pair_slopes(t, x) for t, x in columns])
    z = 0.0 if s == 0 or variance <= 0 else (s - math.copysign(1, s)) / math.sqrt(variance)
    p_value = 2 * NormalDist().cdf(-abs(z))
    significant = p_value <= alpha
    direction: Direction = "none" if not significant else "rising" if s > 0 else "falling"
    slope = _slope(slopes, variance, n, confidence)
    return SeasonalKendall(n, s, variance, z, p_value, slope, significant, direction, corrected)


def _doubled_ranks(values: Sequence[Fraction | int]) -> tuple[int, ...]:
    ordered = sorted(values)
    first = {value: ordered.index(value) + 1 for value in set(values)}
    return tuple(2 * first[value] + ordered.count(value) - 1 for value in values)


def _two_sided(doubled: tuple[int, ...]) -> Fraction | float:
    d2 = Fraction(sum((2 * (i + 1) - rank) ** 2 for i, rank in enumerate(doubled)), 4)
    return _tail(tuple(sorted(doubled)), d2)


def _tail(doubled: tuple[int, ...], d2: Fraction | int) -> Fraction | float:
    """Two-sided probability of a Σd² at least as far from its mean as this one."""
    n = len(doubled)
    if n > EXACT_UP_TO:
        return _edgeworth(n, float(d2))
    products, counts = _product_distribution(doubled)
    # Σd² falls as Σ time · rank rises: Σd² = Σt² + Σr² − 2 Σtr. In doubled ranks P = Σ t · 2r.
    squares = Fraction(sum(4 * (i + 1) ** 2 + rank**2 for i, rank in enumerate(doubled)), 4)
    observed = squares - d2  # = Σ t · 2r
    mean = Fraction((n + 1) * sum(doubled), 2)
    far = abs(observed - mean)
    extreme = sum(int(c) for p, c in zip(products, counts, strict=True) if abs(p - mean) >= far)
    return Fraction(extreme, math.factorial(n))


@cache
def _product_distribution(doubled: tuple[int, ...]) -> tuple[list[int], list[int]]:
    """How many of the n! orders give each Σ time · doubled rank.

    Orders are built one moment at a time; what matters of the past is which ranks are used up, so the table runs over
    subsets: 2ⁿ polynomials instead of n! orders.
    """
    n = len(doubled)
    size = sum((i + 1) * rank for i, rank in enumerate(doubled)) + 1
    table: dict[int, NDArray[np.int64]] = {0: np.eye(1, size, dtype=np.int64)[0]}
    for time in range(1, n + 1):
        following: dict[int, NDArray[np.int64]] = {}
        for used, counts in table.items():
            for j, rank in enumerate(doubled):
                if used >> j & 1:
                    continue
                step = time * rank
                target = following.setdefault(used | 1 << j, np.zeros(size, np.int64))
                target[step:] += counts[: size - step]
        table = following
    counts = table[2**n - 1]
    products = np.flatnonzero(counts)
    return products.tolist(), counts[products].tolist()


def _edgeworth(n: int, d2: float) -> float:
    b = 1 / n
    # Continuity: attainable Σd² are even, the distribution is cut half-way between neighbours.
    distance = abs(6 * d2 / (n**3 - n) - 1) - 6 / (n**3 - n)
    x = max(distance, 0.0) * math.sqrt(n - 1)
    y = x * x
    inner = 0.0072 - 0.0831 * b + y * b * (0.0131 - 4.6e-4 * y)
    middle = -0.0758 + b * (0.1033 + 0.3932 * b) - y * b * (0.0879 + 0.0151 * b - y * inner)
    correction = x * b * (0.2274 + b * (0.2531 + 0.1745 * b) + y * middle)
    upper = correction * math.exp(-y / 2) + NormalDist().cdf(-x)
    return min(1.0, max(0.0, 2 * upper))


def _without_gaps(times: Floats | Sequence[float], values: Floats | Sequence[float]) -> tuple[Floats, Floats]:
    t, x = np.asarray(times, np.float64), np.asarray(values, np.float64)
    there = ~np.isnan(x)
    return t[there], x[there]


def _pair_slopes(t: Floats, x: Floats) -> Floats:
    i, j = np.triu_indices(x.size, 1)
    slopes: Floats = (x[j] - x[i]) / (t[j] - t[i])
    return slopes


def _kendall_s(x: Floats) -> int:
    i, j = np.triu_indices(x.size, 1)
    return int(np.sign(x[j] - x[i]).sum())


def _variance(x: Floats) -> float:
    """Variance of Kendall's S with the correction for ties."""
    ties = np.unique(x, return_counts=True)[1].astype(np.int64)
    n = x.size
    return (n * (n - 1) * (2 * n + 5) - int((ties * (ties - 1) * (2 * ties + 5)).sum())) / 18


def _covariance(values: Floats) -> float:
    """Sum of the covariances of S over all ordered pairs of different seasons."""
    years, seasons = values.shape
    i, j = np.triu_indices(years, 1)
    signs = np.nan_to_num(np.sign(values[j] - values[i]))
    ranks = np.column_stack([_mean_ranks(values[:, season]) for season in range(seasons)])
    counts = (~np.isnan(values)).sum(axis=0)
    k = signs.T @ signs
    r = ranks.T @ ranks
    cov = (k + 4 * r - years * np.outer(counts + 1, counts + 1)) / 3
    return float(cov.sum() - np.trace(cov))


def _mean_ranks(column: Floats) -> Floats:
    """Ranks with ties shared; a missing value takes the middle rank (Dietz & Killeen 1981)."""
    there = ~np.isnan(column)
    x = column[there]
    result = np.full(column.size, (x.size + 1) / 2)
    result[there] = (x[:, None] > x).sum(axis=1) + ((x[:, None] == x).sum(axis=1) + 1) / 2
    return result


def _slope(slopes: Floats, variance: float, n: int, confidence: float) -> Slope:
    if slopes.size == 0:
        return Slope(n, math.nan, math.nan, math.nan, confidence)
    ordered = np.sort(slopes)
    spread = NormalDist().inv_cdf((1 + confidence) / 2) * math.sqrt(max(variance, 0.0))
    low = _order_statistic(ordered, (slopes.size - spread) / 2)
    high = _order_statistic(ordered, (slopes.size + spread) / 2 + 1)
    return Slope(n, float(np.median(ordered)), low, high, confidence)


def _order_statistic(ordered: Floats, position: float) -> float:
    """The value at a position counted from 1, interpolated; NaN outside the sample."""
    if not 1 <= position <= ordered.size:
        return math.nan
    return float(np.interp(position, np.arange(1, ordered.size + 1), ordered))
