"""Real-time index of an hour in both editions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tests.oracle.days import index_of
from tests.oracle.law import RUNNING_24H_MIN_HOURS, WINDOW_MIN_HOURS, Law
from tests.oracle.rounding import round_8170, sub_index


@dataclass
class Hour:
    """What the law says of one hour; the hour is named by its start."""

    values: dict[str, Fraction | None]
    sub_indices: dict[str, int | None]
    aqi: int | None
    level: int | None
    primary: list[str]


def grade_hour(series: Mapping[str, Sequence[int | None]], at: int, law: Law) -> Hour:
    """Grade hour number ``at`` of a station."""
    values: dict[str, Fraction | None] = {}
    for key in law.hourly:
        quantity, _, span = key.partition("_")
        length, fewest = {"8h": (8, WINDOW_MIN_HOURS), "24h": (24, RUNNING_24H_MIN_HOURS)}.get(span, (1, 1))
        valid = [v for v in series[quantity][max(0, at - length + 1) : at + 1] if v is not None]
        enough = len(valid) >= fewest
        exact = Fraction(sum(valid), len(valid)) / 1000 if enough else None
        values[key] = None if exact is None else round_8170(exact, 1 if quantity == "co" else 0)
    subs: dict[str, int | None] = {}
    for key, table in law.hourly.items():
        concentration = values[key]
        subs[key] = None if concentration is None else sub_index(law.name, table, concentration)
    aqi, level, primary = index_of(subs, law, incomplete=any(v is None for v in values.values()))
    return Hour(values, subs, aqi, level, list(dict.fromkeys(p.partition("_")[0] for p in primary)))
