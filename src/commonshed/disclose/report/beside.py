"""What others say of the same air, gathered for the report: the city's bulletin and the embassy's monitor."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from commonshed.disclose.agreement import Agreement, agreement, agreement_by_bin, class_agreement
from commonshed.disclose.bulletin import Announced, Compared, announced, compare
from commonshed.disclose.embassy import Monitor, Neighbours, daily_means, kilometres, neighbours
from commonshed.disclose.report.content import City, Comparison, Graded, HourLabels
from commonshed.disclose.report.laws import upper_concentrations
from commonshed.disclose.words import Both
from commonshed.periods import Period
from commonshed.standards import Regime
from commonshed.units import quantity

if TYPE_CHECKING:
    from commonshed.keep import Shed

__all__ = ["bulletin_lines", "comparisons", "hour_labels"]

Floats = NDArray[np.float64]


def bulletin_lines(
    place: str, city: City, graded: Mapping[int, Graded]
) -> tuple[Announced | None, dict[int, tuple[Compared, ...]]]:
    """Announced figures beside ours, by year; none where the city announced nothing we hold."""
    told = announced(place)
    if told is None:
        return None, {}
    roles = {mark.id: mark.role for mark in city.stations}
    lines = {}
    for year, g in graded.items():
        if year in told.years:
            stations = [record for record in g.stations if roles[record["station"]] == "assessed"]
            lines[year] = tuple(compare(told.years[year], g.city, stations, days_of_year=Period.year(year).days))
    return told, lines


def comparisons(
    place: str, city: City, regimes: Mapping[str, Regime]
) -> tuple[tuple[Comparison, ...], tuple[date, date] | None]:
    """Each official monitor beside the embassy's, over all the hours both have."""
    found = neighbours(place)
    if found is None:
        return (), None
    pairs = tuple(_comparison(found, monitor, city, regimes) for monitor in found.official)
    spans = [found.span(monitor) for monitor in found.official]
    return pairs, (min(first for first, _ in spans), max(last for _, last in spans))


def _comparison(found: Neighbours, monitor: Monitor, city: City, regimes: Mapping[str, Regime]) -> Comparison:
    x, y = monitor.values, found.embassy.values
    days = daily_means(x, y)
    bounds = {key: upper_concentrations(regime, "pm25") for key, regime in regimes.items()}
    edges = [0.0, *next(iter(bounds.values())), 350.0]
    official_days, embassy_days = (np.rint(series) for series in days)
    both = ~np.isnan(x + y)
    return Comparison(
        site=monitor.column,
        name=Both(monitor.name_en, monitor.name_zh),
        kilometres=_distance(found, monitor, city),
        hours=agreement(x, y),
        days=agreement(*days),
        by_year=_by_year(found.years[both], x[both], y[both]),
        bins=tuple(agreement_by_bin(x, y, edges)),
        classes={
            key: tuple(map(tuple, class_agreement(official_days, embassy_days, upper).tolist()))
            for key, upper in bounds.items()
        },
        official=x[both],
        embassy=y[both],
    )


def _by_year(years: NDArray[np.int64], x: Floats, y: Floats) -> dict[int, Agreement]:
    counted = zip(*np.unique(years, return_counts=True), strict=True)
    return {int(year): agreement(x[years == year], y[years == year]) for year, n in counted if n > 2}


def _distance(found: Neighbours, monitor: Monitor, city: City) -> float | None:
    mark = next((mark for mark in city.stations if mark.id == monitor.station), None)
    if mark is None or mark.lon is None or mark.lat is None or found.embassy.lon is None or found.embassy.lat is None:
        return None
    return kilometres(mark.lon, mark.lat, found.embassy.lon, found.embassy.lat)


def hour_labels(shed: Shed, place: str, *, reach: int = 2) -> tuple[HourLabels, ...]:
    """Whether the shed and the published file label the same hour of the same monitor alike.

    Parameters
    ----------
    reach : int
        Shifts from −reach to +reach hours are tried.
    """
    found = neighbours(place)
    if found is None:
        return ()
    named = [monitor for monitor in found.official if monitor.station is not None]
    return tuple(label for monitor in named if (label := _label(shed, found, monitor, reach)) is not None)


def _label(shed: Shed, found: Neighbours, monitor: Monitor, reach: int) -> HourLabels | None:
    ours = _hours(shed, found, str(monitor.station))
    shares: dict[int, tuple[float, int]] = {}
    for shift in range(-reach, reach + 1):
        moved = np.roll(ours, -shift)
        both = ~np.isnan(moved + monitor.values)
        if both.any():
            shares[shift] = (float((moved[both] == monitor.values[both]).mean()), int(both.sum()))
    if not shares:
        return None
    best = max(shares, key=lambda shift: shares[shift][0])
    share, pairs = shares[best]
    return HourLabels(str(monitor.station), Both(monitor.name_en, monitor.name_zh), best, pairs, share, shares[0][0])


def _hours(shed: Shed, found: Neighbours, station: str) -> Floats:
    """The shed's readings of a station on the hours of the published file, by their labels. [µg/m³]"""
    first = shed.zone.first_second(found.first.date()) + found.first.hour * 3600
    count = len(found.embassy.values)
    rows = shed.readings(quantities=["pm25"], stations=[station], start=first, end=first + count * 3600)
    values = np.full(count, np.nan)
    at = (rows["start"].to_numpy() - first) // 3600
    values[at] = rows["ticks"].to_numpy() * float(quantity("pm25").resolution)
    # Readings come as whole ticks; only the published file's own decimals are compared.
    return np.round(values, 3)
