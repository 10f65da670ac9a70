"""The same daily grades for other days or other places: what was not graded is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from commonshed.assess.air.days import NONE, DayGrades
from commonshed.periods import Period
from commonshed.standards import Regime

__all__ = ["covering", "nothing", "of_places", "whole"]

Change = Callable[[NDArray[Any], int], NDArray[Any]]
"""Takes an array and what stands where nothing was graded."""


def whole(array: NDArray[Any], days: DayGrades, period: Period, missing: int = NONE) -> NDArray[Any]:
    """The columns of a whole period; days outside what was graded are missing. A view where nothing is."""
    columns = days.columns(period)
    if columns.stop - columns.start == period.days:
        return array[:, columns]
    wide = np.full((array.shape[0], period.days), missing, array.dtype)
    start = (days.first_day - period.first).days + columns.start
    wide[:, start : start + columns.stop - columns.start] = array[:, columns]
    return wide


def covering(days: DayGrades, period: Period) -> DayGrades:
    """The same grades over all days of a period, and no others."""
    if days.period == period:
        return days
    changed = _changed(days, lambda array, missing: whole(array, days, period, missing))
    return replace(changed, first_day=period.first, days=period.days, factors=None)


def of_places(days: DayGrades, places: Sequence[str]) -> DayGrades:
    """The same grades of some places, in their order; a place that was not graded has none."""
    if days.places == tuple(places):
        return days
    row = {place: i for i, place in enumerate(days.places)}
    rows = np.array([row.get(place, -1) for place in places], np.intp)

    def pick(array: NDArray[Any], missing: int) -> NDArray[Any]:
        if array.shape[0] == 0:
            return np.full((rows.size, array.shape[1]), missing, array.dtype)
        picked: NDArray[Any] = array[rows]
        picked[rows < 0] = missing
        return picked

    sites = tuple(days.sites[i] if i >= 0 else 1 for i in rows.tolist())
    return replace(_changed(days, pick), places=tuple(places), sites=sites)


def nothing(regime: Regime, period: Period) -> DayGrades:
    """Grades of no place, for a period without any reading."""
    statistics = tuple(regime.statistics("day"))
    uses = [use.statistic for use in regime.index.daily] if regime.index else []

    def empty(kind: type) -> NDArray[Any]:
        return np.empty((0, period.days), kind)

    return DayGrades(
        places=(),
        of="station",
        first_day=period.first,
        days=period.days,
        regime=regime,
        statistics=statistics,
        values={s.key: empty(np.int32) for s in statistics},
        numerators={s.key: empty(np.int64) for s in statistics},
        denominators={s.key: np.ones((1, 1), np.int64) for s in statistics},
        hours={s.key: empty(np.int16) for s in statistics},
        sub_indices={key: empty(np.int16) for key in uses},
        aqi=empty(np.int16),
        level=empty(np.uint8),
        primary=empty(np.uint16),
        sites=(),
    )


def _changed(days: DayGrades, change: Change) -> DayGrades:
    one = all(array.shape == (1, 1) for array in days.denominators.values())
    return replace(
        days,
        values={key: change(array, NONE) for key, array in days.values.items()},
        numerators=_Lazily(days.numerators, lambda array: change(array, 0)),
        denominators=days.denominators if one else _Lazily(days.denominators, lambda array: change(array, 1)),
        hours={key: change(array, 0) for key, array in days.hours.items()},
        sub_indices={key: change(array, NONE) for key, array in days.sub_indices.items()},
        aqi=change(days.aqi, NONE),
        level=change(days.level, 0),
        primary=change(days.primary, 0),
    )


class _Lazily(Mapping[str, NDArray[Any]]):
    """Arrays that are changed when somebody asks: unrounded values are wide, and few ask for them."""

    def __init__(self, held: Mapping[str, NDArray[Any]], change: Callable[[NDArray[Any]], NDArray[Any]]) -> None:
        self._held, self._change = held, change

    def __getitem__(self, key: str) -> NDArray[Any]:
        return self._change(self._held[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)
