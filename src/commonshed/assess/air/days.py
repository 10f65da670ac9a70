"""What a natural day was like: legal daily values, sub-indices, index, class and primary quantities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from commonshed.periods import Period
from commonshed.standards.schema import Statistic

if TYPE_CHECKING:
    from commonshed.standards import Regime

__all__ = ["NONE", "DayGrades"]

NONE = -1
"""Stands where there is no value, no sub-index or no index."""


@dataclass(frozen=True, eq=False)
class DayGrades:
    """Daily values and grades, station by day or place by day.

    Every array is (n places, days). A value or index of ``NONE`` means "not assessed".

    Attributes
    ----------
    places : tuple of str, n
        Ids of stations, or codes of jurisdictions, or names of groups; ``stations`` is the same tuple.
    of : {"station", "place"}
    first_day : date
    days : int
    regime : Regime
    statistics : tuple of Statistic
        The daily statistics, in the order of the regime; their keys are the keys of the dictionaries below.
    values : dict of str to int32
        Legal daily value as it is published: rounded, an integer count of ``10**-decimals`` of the statistic's unit.
    numerators, denominators : dict of str to int64
        The same value before any rounding, in ticks: ``numerators[key] / denominators[key]`` ticks, exactly. The
        denominators are (1, 1) for stations (one for all) and (n, days) for places. 0 where there is no value.
    hours : dict of str to int16
        Valid hours of the day; of a running maximum valid windows; of a place the stations that count.
    sub_indices : dict of str to int16
        By statistic, for those of the index.
    aqi : int16
    level : uint8
        Class of the index, from 1; 0 without an index.
    primary : uint16
        Bit ``i`` set: the i-th statistic of ``regime.index.daily`` is a primary quantity.
    sites : tuple of int, n
        Stations a place has; 1 for each station.
    factors : tuple of Fraction or None
        What gases were multiplied by on each day, to stand at the regime's reference state.
    """

    places: tuple[str, ...]
    of: Literal["station", "place"]
    first_day: date
    days: int
    regime: Regime
    statistics: tuple[Statistic, ...]
    values: Mapping[str, NDArray[np.int32]]
    numerators: Mapping[str, NDArray[np.int64]]
    denominators: Mapping[str, NDArray[np.int64]]
    hours: Mapping[str, NDArray[np.int16]]
    sub_indices: Mapping[str, NDArray[np.int16]]
    aqi: NDArray[np.int16]
    level: NDArray[np.uint8]
    primary: NDArray[np.uint16]
    sites: tuple[int, ...]
    factors: tuple[Fraction, ...] | None = None

    @property
    def stations(self) -> tuple[str, ...]:
        """The same as ``places``."""
        return self.places

    @property
    def period(self) -> Period:
        """From the first to the last day."""
        return Period(self.first_day, self.first_day + timedelta(days=self.days - 1))

    def columns(self, period: Period) -> slice:
        """Where the days of a period stand in the arrays; a part that lies outside is left out."""
        start = min(max((period.first - self.first_day).days, 0), self.days)
        return slice(start, min(max((period.last - self.first_day).days + 1, start), self.days))

    def primary_quantities(self, bits: int) -> list[str]:
        """Quantities named by a cell of ``primary``, each once, in the order of the index."""
        uses = self.regime.index.daily if self.regime.index else ()
        of = {statistic.key: statistic.quantity for statistic in self.statistics}
        return list(dict.fromkeys(of[use.statistic] for i, use in enumerate(uses) if bits >> i & 1))
