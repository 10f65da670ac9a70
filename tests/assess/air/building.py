"""Tiny networks whose every number can be checked by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from commonshed.assess.air.days import NONE, DayGrades
from commonshed.standards import Regime, regime

Row = Sequence[int | None]


def graded(
    first_day: date,
    values: Mapping[str, Sequence[Row]],
    *,
    law: str | Regime = "cn-2012",
    places: Sequence[str] = (),
    aqi: Sequence[Row] | None = None,
    level: Sequence[Row] | None = None,
    primary: Sequence[Row] | None = None,
) -> DayGrades:
    """Daily grades from daily values as counts of the legal decimals; a statistic left out has none."""
    held = regime(law) if isinstance(law, str) else law
    statistics = tuple(held.statistics("day"))
    n, days = np.array(next(iter(values.values())), dtype=object).shape

    def array(rows: Sequence[Row] | None, kind: type, missing: int) -> np.ndarray:
        if rows is None:
            return np.full((n, days), missing, kind)
        return np.array([[missing if cell is None else cell for cell in row] for row in rows], kind)

    laid = {s.key: array(values.get(s.key), np.int32, NONE) for s in statistics}
    return DayGrades(
        places=tuple(places or (f"P{i}" for i in range(n))),
        of="station",
        first_day=first_day,
        days=days,
        regime=held,
        statistics=statistics,
        values=laid,
        numerators={key: np.where(found < 0, 0, found).astype(np.int64) for key, found in laid.items()},
        denominators={key: np.ones((1, 1), np.int64) for key in laid},
        hours={key: np.where(found < 0, 0, 24).astype(np.int16) for key, found in laid.items()},
        sub_indices={use.statistic: array(None, np.int16, NONE) for use in (held.index.daily if held.index else ())},
        aqi=array(aqi, np.int16, NONE),
        level=array(level, np.uint8, 0),
        primary=array(primary, np.uint16, 0),
        sites=(1,) * n,
    )


def every_day(days: int, **counts: int) -> dict[str, list[list[int]]]:
    """The same daily values every day, of one place."""
    return {key: [[count] * days] for key, count in counts.items()}
