"""How many days a period needs before it can be assessed, and what is said when it has fewer.

Missing data is a result: a period with too few days is *not assessed*, with the clause that makes it so, and its
figures stay visible as indicative ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from commonshed.periods import Period
from commonshed.standards.schema import Completeness

__all__ = ["Need", "Shortfall", "need", "shortfall", "sufficient"]


@dataclass(frozen=True)
class Need:
    """What a period needs.

    Attributes
    ----------
    days : int or None
        Fewest valid days of the whole period; None when the regulation has no rule for such a period.
    months : tuple of ((year, month), int)
        Fewest valid days of each of its months, where the rule looks at months.
    clause : str
    """

    days: int | None
    months: tuple[tuple[tuple[int, int], int], ...]
    clause: str


@dataclass(frozen=True)
class Shortfall:
    """How one quantity of one place stands against the need of one period.

    Attributes
    ----------
    valid_days : int
    needed : int or None
    months_short : tuple of (month as text, its valid days, its need)
    valid : bool
    why_not : str or None
        The sentence, without its subject: "311 valid days of 324 (HJ 663-2013, clause …)".
    """

    valid_days: int
    needed: int | None
    months_short: tuple[tuple[str, int, int], ...]
    valid: bool
    why_not: str | None


def need(period: Period, rule: Completeness, clause: str) -> Need:
    """What a period needs under a rule; ``clause`` names it in sentences.

    The regulations speak of months and years. Ours, for the rest: a quarter, and any other run of whole months, needs
    each of its months, and the annual number for each twelve of them; a rolling year is held to the rule of a year;
    any other stretch has no rule and is never assessed.
    """
    if rule.year_share is not None:
        return Need(ceil(rule.year_share * period.days), (), clause)
    if period.unit == "day":
        return Need(1, (), clause)
    each_month = tuple((month, days) for month in period.months() if (days := _month_need(month, rule)) is not None)
    whole_months = each_month and sum(Period.month(*month).days for month in period.months()) == period.days
    if period.unit in ("year", "rolling-year") and rule.year_days is not None:
        return Need(rule.year_days, each_month if rule.every_month else (), clause)
    if not whole_months:
        return Need(None, (), clause)
    least = sum(days for _, days in each_month)
    return Need(max(least, (rule.year_days or 0) * (len(each_month) // 12)), each_month, clause)


def _month_need(month: tuple[int, int], rule: Completeness) -> int | None:
    if month[1] == 2 and rule.february_days is not None:
        return rule.february_days
    return rule.month_days


def sufficient(
    valid_days: NDArray[np.integer], by_month: NDArray[np.integer], months: Sequence[tuple[int, int]], needed: Need
) -> NDArray[np.bool_]:
    """Whether each place has the days a period needs.

    Parameters
    ----------
    valid_days : int array, n places
    by_month : int array, n places × months
    months : sequence of (year, month)
        Of the columns of ``by_month``.
    needed : Need

    Returns
    -------
    bool array, n places
    """
    if needed.days is None:
        return np.zeros(valid_days.shape, bool)
    enough = valid_days >= needed.days
    if needed.months:
        least = np.array([dict(needed.months).get(month, 0) for month in months])
        enough &= (by_month >= least).all(axis=1)
    return enough


def shortfall(valid_days: int, by_month: Sequence[int], months: Sequence[tuple[int, int]], needed: Need) -> Shortfall:
    """How one quantity of one place stands, with the sentence that says why it is not assessed."""
    least = dict(needed.months)
    short = tuple(
        (f"{month[0]:04d}-{month[1]:02d}", days, least[month])
        for month, days in zip(months, by_month, strict=True)
        if days < least.get(month, 0)
    )
    too_few = needed.days is None or valid_days < needed.days
    if not too_few and not short:
        return Shortfall(valid_days, needed.days, (), True, None)
    return Shortfall(valid_days, needed.days, short, False, _sentence(valid_days, needed, short))


def _sentence(valid_days: int, needed: Need, short: tuple[tuple[str, int, int], ...]) -> str:
    if needed.days is None:
        return f"the regulation has no rule for a stretch that is not whole months ({needed.clause})"
    parts = []
    if valid_days < needed.days:
        parts.append(f"{valid_days} valid days of {needed.days}")
    if short:
        parts.append(", ".join(f"{month} has {days} valid days of {least}" for month, days, least in short))
    return f"{'; '.join(parts)} ({needed.clause})"
