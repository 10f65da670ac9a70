"""Does the water of a section get better over the years, and is it the water or the flow?

A concentration falls when more water comes, or rises when rain washes more in. What the flow explains is taken out by
a regression in logarithms; what remains is tested like the concentration itself. Models in floating point: their
figures are given with the digits that carry meaning.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from commonshed.assess.source import Source
from commonshed.assess.trend import SeasonalKendall, seasonal_kendall
from commonshed.assess.trend_records import by_season, digits_text, rounded_text, seasonal_record, slope_record
from commonshed.assess.water.samples import BelowDetection, Samples, SampleTable, samples_between, water_quantities
from commonshed.errors import InputError
from commonshed.periods import Period
from commonshed.places import Network
from commonshed.units import quantity as declared

__all__ = ["FlowAdjusted", "flow_adjusted", "water_trends"]

Floats = NDArray[np.float64]
_FEWEST_SAMPLES = 10
_FEWEST_YEARS = 2
_YEARS_TO_CORRECT = 10


@dataclass(frozen=True, eq=False)
class FlowAdjusted:
    """Concentrations without what the flow explains of them.

    Attributes
    ----------
    residuals : float array, n samples
        ln c − (a + b ln q).
    exponent : float
        b: below nought water thins it, above nought it is washed in.
    explained : float
        Share of the variance of ln c that the flow explains, R².
    """

    residuals: Floats
    exponent: float
    explained: float


def flow_adjusted(concentration: Floats | Sequence[float], flow: Floats | Sequence[float]) -> FlowAdjusted:
    """Take the flow out of concentrations by least squares in logarithms.

    Parameters
    ----------
    concentration : float array, n samples
        Positive.
    flow : float array, n samples
        Of the same days. Positive. [m³/s]

    Raises
    ------
    InputError
        A concentration or flow is nought or less, or all flows are equal.

    Notes
    -----
    ln c = a + b ln q, the first of the forms compared by Hirsch, Slack & Smith (1982), section "flow adjustment"; the
    residuals carry the trend.

    References
    ----------
    Hirsch, Slack & Smith (1982), Techniques of trend analysis for monthly water quality data, Water Resources
    Research 18.
    """
    c, q = np.asarray(concentration, np.float64), np.asarray(flow, np.float64)
    if (c <= 0).any() or (q <= 0).any():
        raise InputError("a logarithm needs concentrations and flows above nought", mend="Leave such samples out")
    y, x = np.log(c), np.log(q)
    spread = x - x.mean()
    if not spread.any():
        raise InputError("all flows are equal: nothing can be said of what flow explains", field="flow")
    b = float(spread @ y / (spread @ spread))
    residuals = y - y.mean() - b * spread
    total = float(((y - y.mean()) ** 2).sum())
    explained = 1 - float((residuals**2).sum()) / total if total > 0 else 0.0
    return FlowAdjusted(residuals, b, explained)


def water_trends(
    source: Source,
    *,
    period: Period | str,
    quantities: Sequence[str] | None = None,
    sections: Sequence[str] | None = None,
    below: BelowDetection = "half",
    alpha: float = 0.05,
    as_of: int | None = None,
) -> Iterator[dict[str, Any]]:
    """Trends of monthly means, section by section and quantity by quantity, plain and without the flow.

    Parameters
    ----------
    source : Source
    period : Period or str
        At least two years.
    quantities, sections : sequences of str, optional
        Only these; without, every quantity of water but its flow, at every section that has samples.
    below : {"half", "zero", "limit"}
        What a sample below detection counts as. Where many are, the record says how many: a trend of detection
        limits is no trend of the water.
    alpha : float
        Two-sided level of significance.
    as_of : int, optional

    Yields
    ------
    dict
        See ``docs/formats/water-records.md``.

    Raises
    ------
    InputError
        The period is too short for a trend.
    """
    span = Period.parse(period) if isinstance(period, str) else period
    if len(span.months()) < 12 * _FEWEST_YEARS:
        raise InputError(
            f"a trend needs at least {_FEWEST_YEARS} years", field="period", value=span, mend="Ask for 2013..2016"
        )
    wanted = list(water_quantities() if quantities is None else quantities)
    for key in wanted:
        declared(key)
    network = source.network(as_of)
    for id in sections or ():
        network.station(id)
    table = samples_between(source, span, quantities=[*wanted, "flow"], sections=sections, as_of=as_of)
    held = table.within(span)
    flows = {id: _daily(table, samples) for (id, key), samples in held.items() if key == "flow"}
    for id in [id for id in network.stations if any(id == section for section, _ in held)]:
        for key in wanted:
            if (id, key) in held and len(held[id, key]) >= _FEWEST_SAMPLES:
                series = _Series(table, held[id, key], key, below)
                yield _record(network, id, key, span) | series.record(flows.get(id, {}), alpha)


@dataclass(frozen=True)
class _Series:
    """The samples of one section and quantity."""

    table: SampleTable
    samples: Samples
    quantity: str
    below: BelowDetection

    def record(self, flows: Mapping[date, float], alpha: float) -> dict[str, Any]:
        values = [float(ticks * declared(self.quantity).resolution) for ticks in self.samples.counted(self.below)]
        days = [self.table.zone.day_of(start) for start in self.samples.starts.tolist()]
        test = _seasonal(days, values, alpha)
        median = float(np.median(values))
        percent = 100 * test.slope.slope / median if median > 0 else math.nan
        return {
            "n": test.n,
            "samples": len(values),
            "below_detection": self.samples.below_count,
            "median": digits_text(median),
            "seasonal_kendall": seasonal_record(test),
            "slope": slope_record(test.slope) | {"percent_per_year": digits_text(percent)},
            "flow_adjusted": self._flow_adjusted(days, values, flows, alpha),
        }

    def _flow_adjusted(
        self, days: Sequence[date], values: Sequence[float], flows: Mapping[date, float], alpha: float
    ) -> dict[str, Any] | None:
        if self.quantity in ("ph", "temp", "eh"):
            return None  # no amounts: they are not thinned by water
        at = [i for i, day in enumerate(days) if flows.get(day, 0) > 0 and values[i] > 0]
        flow = [flows[days[i]] for i in at]
        if len(at) < _FEWEST_SAMPLES or len(set(flow)) < 2:
            return None
        fit = flow_adjusted([values[i] for i in at], flow)
        test = _seasonal([days[i] for i in at], fit.residuals.tolist(), alpha)
        slope = {
            "percent_per_year": digits_text(100 * math.expm1(test.slope.slope)),
            "low": digits_text(100 * math.expm1(test.slope.low)),
            "high": digits_text(100 * math.expm1(test.slope.high)),
            "confidence": digits_text(test.slope.confidence),
        }
        explained = rounded_text(Fraction(fit.explained), 3)
        head = {"n": test.n, "samples": len(at), "exponent": digits_text(fit.exponent), "explained": explained}
        return head | {"seasonal_kendall": seasonal_record(test), "slope": slope}


def _record(network: Network, id: str, key: str, span: Period) -> dict[str, Any]:
    section, of = network.station(id), declared(key)
    return {
        "section": id,
        "name": {"en": section.name_en or id, "zh": section.name_zh or section.name_en or id},
        "period": str(span),
        "quantity": key,
        "unit": of.unit,
    }


def _seasonal(days: Sequence[date], values: Sequence[float], alpha: float) -> SeasonalKendall:
    months: dict[Period, list[float]] = {}
    for day, value in zip(days, values, strict=True):
        months.setdefault(Period.month(day.year, day.month), []).append(value)
    means = {month: math.fsum(held) / len(held) for month, held in months.items()}
    table = by_season(means, 12)
    return seasonal_kendall(table, alpha=alpha, corrected=table.shape[0] >= _YEARS_TO_CORRECT)


def _daily(table: SampleTable, samples: Samples) -> dict[date, float]:
    """Mean flow of each day that has one. [m³/s]"""
    found: dict[date, list[float]] = {}
    resolution = declared("flow").resolution
    for start, ticks in zip(samples.starts.tolist(), samples.ticks.tolist(), strict=True):
        found.setdefault(table.zone.day_of(start), []).append(float(ticks * resolution))
    return {day: math.fsum(held) / len(held) for day, held in found.items()}
