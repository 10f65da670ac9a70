"""One measuring point over a period: the level of its days and nights, and how often they kept their limit."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import lcm

from commonshed.assess.noise.levels import energetic_mean, published_level
from commonshed.assess.noise.sounds import PartOfDay, Sounds
from commonshed.exact import decimal_text, round_fraction
from commonshed.periods import Period
from commonshed.places import Station
from commonshed.standards import Regime
from commonshed.standards.noise import DayPart, NoiseMethod, NoiseSurvey

__all__ = ["DayLevel", "PointLevel", "point_level"]


@dataclass(frozen=True)
class DayLevel:
    """One part of one day at one point.

    Attributes
    ----------
    day : date
    count : int
        Published level, as the count of a decimal place.
    met : bool or None
        Whether the limit was kept; None without a limit.
    """

    day: date
    count: int
    met: bool | None


@dataclass(frozen=True, eq=False)
class PointLevel:
    """One part of the day at one point over a period.

    Attributes
    ----------
    station : Station
    part : DayPart
    method : NoiseMethod
    limit : Fraction or None
        Of its zone. [dB]
    days : tuple of DayLevel
        Those with hours enough.
    short : tuple of (day, hours)
        Days with too few hours.
    level : int or None
        Mean energy of the days, as the count of a decimal place; None without a day.
    peak : int or None
        Highest maximum. [count of a decimal place]
    peak_limit : Fraction or None
        [dB]
    """

    station: Station
    part: DayPart
    method: NoiseMethod
    limit: Fraction | None
    days: tuple[DayLevel, ...]
    short: tuple[tuple[date, int], ...]
    level: int | None
    peak: int | None
    peak_limit: Fraction | None

    @property
    def met(self) -> int:
        """Days that kept the limit."""
        return sum(day.met is True for day in self.days)

    @property
    def judged(self) -> int:
        """Days that were held against a limit."""
        return sum(day.met is not None for day in self.days)

    def keeps(self) -> bool | None:
        """Whether the level of the period is within the limit."""
        if self.limit is None or self.level is None:
            return None
        return _within(self.level, self.limit, self.method)

    def keeps_peak(self) -> bool | None:
        """Whether no sudden noise passed the limit by more than it may; None where nothing was measured or asked."""
        if self.peak is None or self.peak_limit is None:
            return None
        return _within(self.peak, self.peak_limit, self.method)

    def text(self, count: int | None) -> str | None:
        """A level as it is published."""
        return None if count is None else decimal_text(count, self.method.decimals)

    def excess(self) -> str | None:
        """How far the level is above the limit. [dB]"""
        if self.limit is None or self.level is None or self.keeps():
            return None
        above = Fraction(self.level, 10**self.method.decimals) - self.limit
        return decimal_text(round_fraction(above, self.method.decimals), self.method.decimals)


def _method_of(regime: Regime, survey: str | None) -> tuple[NoiseMethod, NoiseSurvey | None]:
    """The regime's method, and its rules for a survey; a point of no survey has none of its own."""
    assert regime.noise is not None
    return regime.noise, regime.noise.survey(survey) if survey else None


def point_level(sounds: Sounds, station: Station, part: DayPart, regime: Regime, period: Period) -> PointLevel:
    """The level of one part of the day at one point over a period.

    Notes
    -----
    Each day is held against the limit by itself. The level of the period is that of the mean energy of its days, each
    counting alike whatever its hours.
    """
    method, survey = _method_of(regime, station.survey)
    needed = survey.min_hours.get(part.key, 1) if survey else 1
    limit = _limit(regime, part, station, period)
    days: list[DayLevel] = []
    short: list[tuple[date, int]] = []
    held: list[PartOfDay] = []
    peaks: list[int] = []
    for day, heard in sounds.within(station.id, part.key, period):
        if heard.peak is not None:
            peaks.append(heard.peak)
        if heard.hours < needed:
            short.append((day, heard.hours))
            continue
        count = energetic_mean(heard.weights, method.decimals, method.rounding)
        days.append(DayLevel(day, count, None if limit is None else _within(count, limit, method)))
        held.append(heard)
    return PointLevel(
        station,
        part,
        method,
        limit,
        tuple(days),
        tuple(short),
        _mean_of(held, method),
        published_level(max(peaks), method.decimals, method.rounding) if peaks else None,
        _peak_limit(regime, part, limit),
    )


def _mean_of(days: list[PartOfDay], method: NoiseMethod) -> int | None:
    if not days:
        return None
    totals = [sum(day.weights.values()) for day in days]
    common = lcm(*totals)
    weights: Counter[int] = Counter()
    for day, total in zip(days, totals, strict=True):
        for ticks, seconds in day.weights.items():
            weights[ticks] += seconds * (common // total)
    return energetic_mean(weights, method.decimals, method.rounding)


def _limit(regime: Regime, part: DayPart, station: Station, period: Period) -> Fraction | None:
    if station.noise_zone is None:
        return None
    return regime.value("leq", part.key, period.last, station.noise_zone)


def _peak_limit(regime: Regime, part: DayPart, limit: Fraction | None) -> Fraction | None:
    rule = regime.noise_day.night_peak if regime.noise_day else None
    if rule is None or limit is None or part.key != "night":
        return None
    return limit + rule.above


def _within(count: int, limit: Fraction, method: NoiseMethod) -> bool:
    return Fraction(count, 10**method.decimals) <= limit
