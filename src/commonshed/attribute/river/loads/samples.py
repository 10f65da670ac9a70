"""From readings to days: what was sampled, what flowed, and on which days nobody looked.

Loads are reckoned by natural days of the place. Samples of one day become their mean, and so do flows; a sample that
stands for several days stands at the middle one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from commonshed.assess import Source
from commonshed.errors import InputError, RiverError
from commonshed.periods import Period, Zone
from commonshed.units import Quantity, ticks_per
from commonshed.units import quantity as quantity_of

__all__ = ["FLOW", "Days", "concentration", "read_days"]

FLOW = "flow"
_DAY = 86_400
_MARGIN = 31
"""Days before and after the period whose readings are asked for too: a composite may begin before it. [d]"""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Days:
    """One section, day by day.

    Attributes
    ----------
    section, quantity : str
    learned : Period
        Its N days: the period, and days around it to learn from.
    period : Period
        Whose load is asked for.
    concentration : (N,) array
        Mean of the day's samples; below detection half the limit. NaN: no sample. [g/m3]
    limit : (N,) array
        Limit of detection where the day's samples are all below it, else NaN. [g/m3]
    flow : (N,) array
        Mean of the day; NaN: not measured. [m3/s]
    """

    section: str
    quantity: str
    learned: Period
    period: Period
    concentration: Floats
    limit: Floats
    flow: Floats

    @property
    def within(self) -> tuple[int, int]:
        """Numbers of the first and last day of the period."""
        first = (self.period.first - self.learned.first).days
        return first, first + self.period.days - 1

    @property
    def sampled(self) -> NDArray[np.int64]:
        """Numbers of the days with a sample."""
        return np.flatnonzero(~np.isnan(self.concentration))

    @property
    def gauged(self) -> NDArray[np.int64]:
        """Numbers of the days with a flow."""
        return np.flatnonzero(~np.isnan(self.flow))

    @property
    def below(self) -> NDArray[np.int64]:
        """Numbers of the days whose samples are all below detection."""
        return np.flatnonzero(~np.isnan(self.limit))


def concentration(id: str) -> Quantity:
    """The quantity of that id, if it is one whose mass can be reckoned.

    Raises
    ------
    UnknownName
        Nobody declared it.
    InputError
        It is no mass in a volume of water: a temperature has no load.
    """
    found = quantity_of(id)
    if found.medium != "water" or not found.unit.endswith(("g/L", "g/m3")):
        mend = "Ask for a concentration in water, such as tp, tn, nh3n or cod"
        raise InputError(f"{id} is measured in {found.unit} and has no load", field="quantity", value=id, mend=mend)
    return found


def read_days(
    source: Source,
    quantity: str,
    learned: Period,
    period: Period,
    *,
    sections: Sequence[str] | None = None,
    as_of: int | None = None,
) -> list[Days]:
    """The days of each section that has a sample of a quantity in a period, or of the sections asked for.

    Parameters
    ----------
    source : Source
    quantity : str
    learned : Period
        Days to read, the period among them.
    period : Period
    sections : sequence of str, optional
    as_of : int, optional

    Notes
    -----
    Readings flagged invalid do not count, suspect ones do.

    Raises
    ------
    UnknownName
        A section or the quantity is not declared.
    InputError
        The quantity has no load, or no section has a sample in the period.
    RiverError
        A flow is below zero.
    """
    of = concentration(quantity)
    network = source.network(as_of)
    for section in sections or ():
        network.station(section)
    zone = network.zone
    start, end = (zone.first_second(day) for day in (learned.first, learned.last))
    table = source.readings(
        quantities=[quantity, FLOW],
        stations=None if sections is None else list(sections),
        start=start - _MARGIN * _DAY,
        end=end + _DAY,
        as_of=as_of,
    )
    rows = _Rows.of(table, zone, learned)
    asked = list(dict.fromkeys(sections)) if sections is not None else rows.sections_with(quantity, learned, period)
    if not asked:
        mend = _when(source, quantity, zone, as_of)
        raise InputError(f"no section has a sample of {quantity} in {period}", field="period", mend=mend)
    per_gram, per_flow = (float(ticks_per(of, "g/m3")), float(ticks_per(quantity_of(FLOW), "m3/s")))
    return [
        Days(section, quantity, learned, period, *_series(rows, section, quantity, learned.days, per_gram, per_flow))
        for section in asked
    ]


def _when(source: Source, quantity: str, zone: Zone, as_of: int | None) -> str:
    starts = source.readings(quantities=[quantity], as_of=as_of)["start"].to_numpy()
    if not starts.size:
        return "Ask for a quantity that was measured: these readings hold none of it"
    first, last = (zone.day_of(int(second)) for second in (starts.min(), starts.max()))
    return f"Ask for a period that was sampled: its samples are from {first} to {last}"


@dataclass(frozen=True, eq=False)
class _Rows:
    """Valid means of the period as arrays; of readings with one key the last counts."""

    section: NDArray[np.str_]
    quantity: NDArray[np.str_]
    day: NDArray[np.int64]
    ticks: Floats
    below: Flags

    @classmethod
    def of(cls, table: pa.Table, zone: Zone, period: Period) -> _Rows:
        usable = pc.and_(
            pc.equal(table["statistic"].cast(pa.string()), "mean"),
            pc.not_equal(table["flag"].cast(pa.string()), "invalid"),
        )
        table = _last_of_each_key(table.filter(usable))
        middle = table["start"].to_numpy() + table["period"].to_numpy().astype(np.int64) // 2
        day = (middle - zone.first_second(period.first)) // _DAY
        inside = (day >= 0) & (day < period.days)
        section, quantity, qualifier = (
            np.asarray(table[name].cast(pa.string()).to_numpy(zero_copy_only=False), dtype=np.str_)
            for name in ("station", "quantity", "qualifier")
        )
        ticks = table["ticks"].to_numpy().astype(np.float64)
        return cls(section[inside], quantity[inside], day[inside], ticks[inside], qualifier[inside] == "<")

    def sections_with(self, quantity: str, learned: Period, period: Period) -> list[str]:
        """Those with a sample in the period."""
        day = self.day - (period.first - learned.first).days
        rows = (self.quantity == quantity) & (day >= 0) & (day < period.days)
        return sorted(set(self.section[rows].tolist()))


def _last_of_each_key(table: pa.Table) -> pa.Table:
    keys = ["station", "quantity", "start", "period"]
    numbered = table.append_column("_row", pa.array(np.arange(table.num_rows)))
    last = numbered.unify_dictionaries().group_by(keys).aggregate([("_row", "max")])["_row_max"].to_numpy()
    return table.take(pa.array(np.sort(last)))


def _series(
    rows: _Rows, section: str, quantity: str, days: int, per_gram: float, per_flow: float
) -> tuple[Floats, Floats, Floats]:
    """Concentration, limit of detection and flow of every day."""
    here = rows.section == section
    sampled = here & (rows.quantity == quantity)
    gauged = here & (rows.quantity == FLOW)
    day, below = rows.day[sampled], rows.below[sampled]
    value = rows.ticks[sampled] / per_gram
    means = _by_day(day, np.where(below, value / 2, value), days)
    all_below = _by_day(day, below.astype(np.float64), days) == 1
    limit = np.where(all_below, _by_day(day, value, days), np.nan)
    flow = _by_day(rows.day[gauged], rows.ticks[gauged] / per_flow, days)
    if np.any(flow < 0):
        mend = "Flag that reading as invalid, or correct it"
        raise RiverError(f"section {section} has a flow below zero", value=float(np.nanmin(flow)), mend=mend)
    return means, limit, flow


def _by_day(day: NDArray[np.int64], value: Floats, days: int) -> Floats:
    count = np.bincount(day, minlength=days).astype(np.float64)
    count[count == 0] = np.nan
    mean: Floats = np.bincount(day, weights=value, minlength=days) / count
    return mean
