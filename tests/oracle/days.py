"""Natural days: daily values with their validity, sub-indices, index, class and primary pollutants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from tests.oracle.law import (
    CITY_FEW_SHARE,
    CITY_FEW_SITES,
    CITY_MIN_SHARE,
    DAY_MIN_HOURS,
    DAY_MIN_WINDOWS,
    DECIMALS,
    GASES,
    LAWS,
    O3_1H_MIN_HOURS,
    QUANTITY_OF,
    WINDOW_ENDS,
    WINDOW_MIN_HOURS,
    Law,
)
from tests.oracle.rounding import as_text, class_of, round_8170, sub_index

Hours = Sequence[int | None]
Unrounded = dict[str, Fraction | None]
ONE = Fraction(1)


@dataclass
class Day:
    """What the law says of one station or place on one natural day."""

    unrounded: Unrounded
    values: dict[str, Fraction | None] = field(default_factory=dict)
    """Rounded by GB/T 8170, in the legal unit."""
    tenths: dict[str, int | None] = field(default_factory=dict)
    """The rounded values as counts of 0.1."""
    sub_indices: dict[str, int | None] = field(default_factory=dict)
    aqi: int | None = None
    level: int | None = None
    primary: list[str] = field(default_factory=list)
    """Quantities, in the order of the law."""
    missing: list[str] = field(default_factory=list)
    """Daily indicators without a valid value."""

    def texts(self) -> dict[str, str | None]:
        """The rounded values as printed."""
        return {key: as_text(value, DECIMALS[key]) for key, value in self.values.items()}


def daily_values(hours: Mapping[str, Hours], law: Law, gas_factor: Fraction = ONE) -> Unrounded:
    """The seven daily values of a station, not yet rounded; None where the day is not valid."""
    scale = {q: gas_factor / 1000 if q in GASES else Fraction(1, 1000) for q in hours}
    values: Unrounded = {}
    for quantity in ("pm25", "pm10", "so2", "no2", "co"):
        valid = [v for v in hours[quantity] if v is not None]
        values[quantity] = Fraction(sum(valid), len(valid)) * scale[quantity] if len(valid) >= DAY_MIN_HOURS else None
    values["o3_8h"] = maximum_8h(hours["o3"], law.day_limit["o3_8h"], scale["o3"])
    valid = [v for v in hours["o3"] if v is not None]
    values["o3_1h"] = max(valid) * scale["o3"] if len(valid) >= O3_1H_MIN_HOURS else None
    return values


def maximum_8h(hours: Hours, limit: Fraction, scale: Fraction) -> Fraction | None:
    """Largest 8-h mean of the natural day: 14 valid windows, or fewer when the (rounded) maximum exceeds the limit."""
    means: list[Fraction] = []
    for end in WINDOW_ENDS:
        valid = [v for v in hours[end - 8 : end] if v is not None]
        if len(valid) >= WINDOW_MIN_HOURS:
            means.append(Fraction(sum(valid), len(valid)))
    if not means:
        return None
    maximum = max(means) * scale
    if len(means) >= DAY_MIN_WINDOWS or round_8170(maximum, 0) > limit:
        return maximum
    return None


def evaluate(unrounded: Unrounded, law: Law) -> Day:
    """Round, look up the sub-indices, and take their maximum."""
    day = Day(unrounded)
    for key, value in unrounded.items():
        rounded = None if value is None else round_8170(value, DECIMALS[key])
        day.values[key] = rounded
        day.tenths[key] = None if rounded is None else rounded.numerator * 10 // rounded.denominator
    for key, table in law.daily.items():
        concentration = day.values[key]
        day.sub_indices[key] = None if concentration is None else sub_index(law.name, table, concentration)
        if concentration is None:
            day.missing.append(key)
    day.aqi, day.level, day.primary = index_of(day.sub_indices, law, incomplete=bool(day.missing))
    return day


def index_of(
    sub_indices: Mapping[str, int | None], law: Law, *, incomplete: bool
) -> tuple[int | None, int | None, list[str]]:
    """Index, class and primary quantities of some sub-indices."""
    known = {key: value for key, value in sub_indices.items() if value is not None}
    if not known:
        return None, None, []
    aqi = max(law.aqi_min, *known.values(), 0)
    if incomplete and law.rest_only_above is not None and aqi <= law.rest_only_above:
        return None, None, []
    largest = [QUANTITY_OF.get(key, key) for key, value in known.items() if value == aqi] if aqi > 50 else []
    return aqi, class_of(aqi), list(dict.fromkeys(largest))


def city_day(stations: Sequence[Unrounded], law: Law) -> Day:
    """Mean of the unrounded values of the assessed stations, when enough of them are valid; then the evaluation."""
    share = CITY_FEW_SHARE if len(stations) < CITY_FEW_SITES else CITY_MIN_SHARE
    mean: Unrounded = {}
    for key in DECIMALS:
        valid = [v for v in (station[key] for station in stations) if v is not None]
        mean[key] = sum(valid, Fraction(0)) / len(valid) if valid and len(valid) >= share * len(stations) else None
    return evaluate(mean, law)


def station_days(
    series: Mapping[str, Mapping[str, Hours]], law: Law, gas_factor: Fraction = ONE
) -> dict[str, list[Day]]:
    """Every natural day of every station."""
    return {
        station: [
            evaluate(daily_values({q: hours[at : at + 24] for q, hours in quantities.items()}, law, gas_factor), law)
            for at in range(0, len(quantities["o3"]), 24)
        ]
        for station, quantities in series.items()
    }


def regrade(days: Mapping[str, Sequence[Day]], law: Law) -> dict[str, list[Day]]:
    """The same daily values under another law (its 8-h limit being the same)."""
    assert all(other.day_limit["o3_8h"] == law.day_limit["o3_8h"] for other in LAWS.values())
    return {station: [evaluate(day.unrounded, law) for day in run] for station, run in days.items()}


def place_days(
    days: Mapping[str, Sequence[Day]], groups: Mapping[str, Sequence[str]], law: Law
) -> dict[str, list[Day]]:
    """Every natural day of every place."""
    return {
        place: [city_day([d.unrounded for d in row], law) for row in zip(*(days[s] for s in members), strict=True)]
        for place, members in groups.items()
    }
