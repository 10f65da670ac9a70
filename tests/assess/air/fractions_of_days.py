"""A tiny day grader in fractions, one cell at a time, read off the words of `Statistic`: what the kernel must equal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from commonshed.exact import round_fraction
from commonshed.standards import Regime, category, sub_index
from commonshed.standards.schema import Statistic
from commonshed.units import quantity, ticks_per

Hours = Callable[[str, int], int | None]
"""Ticks of a quantity in an hour counted from the local midnight that begins the day; None without a reading."""
ONE = Fraction(1)


@dataclass
class SlowDay:
    values: dict[str, int | None]
    sub_indices: dict[str, int | None]
    aqi: int | None
    level: int
    primary: list[str]


def grade(hours: Hours, regime: Regime, day: date, gas_factor: Fraction = ONE) -> SlowDay:
    exact = {s.key: unrounded(hours, s, regime, day, gas_factor) for s in regime.statistics("day")}
    return evaluate(exact, regime)


def unrounded(hours: Hours, s: Statistic, regime: Regime, day: date, gas_factor: Fraction) -> Fraction | None:
    """The value in the statistic's unit, or None where the rules of completeness say there is none."""
    scale = per_tick(s, regime, day) * (gas_factor if quantity(s.quantity).kind == "gas" else 1)
    if s.kind == "running-maximum":
        assert s.window_ends is not None
        first, last = s.window_ends
        windows = [_there(hours, s.quantity, range(end - s.window_hours, end)) for end in range(first, last + 1)]
        means = [Fraction(sum(w), len(w)) * scale for w in windows if len(w) >= s.min_hours]
        if not means:
            return None
        if len(means) >= (s.min_windows or 1):
            return max(means)
        limit = regime.limit(s.quantity, s.fewer_windows_above, day) if s.fewer_windows_above else None
        if limit is None or regime.level is None:
            return None
        return max(means) if rounded(max(means), s) > limit.levels[regime.level] else None
    there = _there(hours, s.quantity, range(24))
    if len(there) < s.min_hours:
        return None
    return (Fraction(sum(there), len(there)) if s.kind == "mean" else Fraction(max(there))) * scale


def per_tick(s: Statistic, regime: Regime, day: date) -> Fraction:
    of = quantity(s.quantity)
    return 1 / ticks_per(of, s.unit, regime.reference_state("gas", day) if of.kind == "gas" else None)


def rounded(value: Fraction, s: Statistic) -> Fraction:
    return Fraction(round_fraction(value, s.decimals, s.rounding), 10**s.decimals)


def evaluate(exact: dict[str, Fraction | None], regime: Regime, time: str = "day") -> SlowDay:
    statistics = {s.key: s for s in regime.statistics("day" if time == "day" else "hour")}
    values = {key: None if v is None else rounded(v, statistics[key]) for key, v in exact.items()}
    counts = {key: None if v is None else int(v * 10 ** statistics[key].decimals) for key, v in values.items()}
    index = regime.index
    if index is None:
        return SlowDay(counts, {}, None, 0, [])
    subs: dict[str, int | None] = {}
    uses = index.daily if time == "day" else index.realtime
    for use in uses:
        value = values[use.statistic]
        subs[use.statistic] = None if value is None else sub_index(index.table(use.table), value, index)
    known = {key: sub for key, sub in subs.items() if sub is not None}
    incomplete = any(values[use.statistic] is None for use in uses)
    largest = max(known.values(), default=None)
    if (
        largest is None
        or (index.missing == "all-needed" and incomplete)
        or (index.missing == "from-the-rest-above-100" and incomplete and largest <= 100)
    ):
        return SlowDay(counts, subs, None, 0, [])
    aqi = max(largest, index.minimum)
    aqi = aqi if index.maximum is None else min(aqi, index.maximum)
    named = [statistics[key].quantity for key, sub in known.items() if sub == largest]
    primary = list(dict.fromkeys(named)) if aqi > index.primary_above else []
    return SlowDay(counts, subs, aqi, category(index, aqi).level, primary)


def city(stations: Sequence[dict[str, Fraction | None]], regime: Regime) -> SlowDay:
    """The mean of the unrounded values of the valid stations, when enough of them are; then the evaluation."""
    assert regime.assessment is not None
    rule = regime.assessment.city
    share = rule.few_share if len(stations) < rule.few_sites else rule.min_share
    means: dict[str, Fraction | None] = {}
    for key in stations[0]:
        valid = [v for v in (station[key] for station in stations) if v is not None]
        enough = len(valid) >= share * len(stations) and valid
        means[key] = sum(valid, Fraction(0)) / len(valid) if enough else None
    return evaluate(means, regime)


def _there(hours: Hours, of: str, span: range) -> list[int]:
    return [value for value in (hours(of, hour) for hour in span) if value is not None]
