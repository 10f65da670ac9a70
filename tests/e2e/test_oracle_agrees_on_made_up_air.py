"""Made-up air beside the oracle: gaps around every threshold, values on every breakpoint, exact halves everywhere.

Real air seldom has 19 or 20 hours, 13 or 14 windows, ozone above 800 or a value on a breakpoint; this has little else.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date

import pyarrow as pa
import pytest
from tests.oracle import readings
from tests.oracle.days import Day, place_days, station_days
from tests.oracle.law import CN_2012, GASES_OLD_TO_NEW, LAWS, Law

from commonshed import datasets
from commonshed.assess.air import Readings, air
from commonshed.assess.air.whose import By
from commonshed.periods import Zone
from commonshed.places import network_from

FIRST, DAYS = date(2016, 2, 1), 60  # over the end of a leap February
# Concentrations in ticks (0.001 of the legal unit) that stand on or beside a breakpoint or a limit.
EDGES = {
    "pm25": [0, 35, 36, 60, 75, 115, 150, 250, 350, 500, 501, 999],
    "pm10": [0, 50, 120, 150, 250, 350, 420, 500, 600, 601, 999],
    "so2": [0, 50, 150, 475, 800, 801, 1600, 2100, 2620, 2621, 5000],
    "no2": [0, 40, 80, 180, 280, 565, 750, 940, 941, 3000],
    "co": [0, 2, 4, 14, 24, 36, 48, 60, 61, 140],
    "o3": [0, 100, 160, 161, 200, 215, 265, 300, 400, 800, 801, 1000, 1200, 1201, 1400],
}
STEPS = (0, 0, 500, 250, 50, 1, -1, -500, 499, 501)
"""Beside an edge by so many ticks: halves, tenths of CO, the last tick."""


def made_up(seed: int) -> dict[str, dict[str, readings.Series]]:
    """Hours of every station: whole days on an edge, days of two values, and gaps of every length."""
    chance = random.Random(seed)
    return {
        station: {q: [v for _ in range(DAYS) for v in _day(chance, q)] for q in readings.COLUMNS}
        for station in readings.STATIONS
    }


def _day(chance: random.Random, quantity: str) -> list[int | None]:
    def value() -> int:
        return max(0, chance.choice(EDGES[quantity]) * 1000 + chance.choice(STEPS))

    kind = chance.random()
    if kind < 0.3:
        hours: list[int | None] = [value()] * 24
    elif kind < 0.6:
        one, two = value(), value()
        hours = [*([one] * 12), *([two] * 12)]
    else:
        hours = [value() for _ in range(24)]
    gap = chance.choice([0, 0, 3, 4, 5, 6, 7, 8, 10, 17, 23, 24])
    if chance.random() < 0.5:  # in one piece, where windows suffer
        start = chance.randrange(24 - gap + 1)
        hours[start : start + gap] = [None] * gap
    else:
        for hour in chance.sample(range(24), gap):
            hours[hour] = None
    return hours


def source(series: dict[str, dict[str, readings.Series]]) -> Readings:
    """The same hours as the product's readings."""
    rows = [
        (station, quantity, Zone(480).first_second(FIRST) + 3600 * i, ticks)
        for station, quantities in series.items()
        for quantity, hours in quantities.items()
        for i, ticks in enumerate(hours)
        if ticks is not None
    ]
    random.Random(0).shuffle(rows)
    station, quantity, start, ticks = zip(*rows, strict=True)
    table = pa.table(
        {
            "station": pa.array(station).dictionary_encode(),
            "quantity": pa.array(quantity).dictionary_encode(),
            "statistic": pa.array(["mean"] * len(rows)).dictionary_encode(),
            "start": pa.array(start, pa.int64()),
            "period": pa.array([3600] * len(rows), pa.int32()),
            "ticks": pa.array(ticks, pa.int64()),
            "flag": pa.array(["valid"] * len(rows)).dictionary_encode(),
            "recorded": pa.array([0] * len(rows), pa.int64()),
        }
    )
    return Readings(table, network_from(stations=datasets.path("beijing", "stations.csv")))


def differences(records: Iterator[dict[str, object]], days: dict[str, list[Day]], by: str, law: Law) -> list[str]:
    """Records that are not the oracle's."""
    found = []
    for record in records:
        day = days[str(record[by])][(date.fromisoformat(str(record["period"])) - FIRST).days]
        ours = ({key: record[key] for key in law.daily}, record["sub_indices"], record["aqi"], record["primary"])
        texts = day.texts()
        theirs = ({key: texts[key] for key in law.daily}, day.sub_indices, day.aqi, day.primary)
        if ours != theirs or record["class"] != day.level:
            found.append(f"{record[by]} {record['period']}: product {ours}, oracle {theirs}")
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_made_up_days_are_graded_as_the_oracle_grades_them(seed: int) -> None:
    series = made_up(seed)
    product = source(series)
    groups = readings.CITY | readings.DISTRICTS
    for law in LAWS.values():
        stations = station_days(series, law)
        both: tuple[tuple[By, dict[str, list[Day]]], ...] = (
            ("station", stations),
            ("jurisdiction", place_days(stations, groups, law)),
        )
        for by, days in both:
            told = air(product, period="2016-02..2016-03", by=by, regime=law.name, unit_of_time="day")
            assert not (found := differences(told.records(), days, by, law)), "\n".join(found[:10])


def test_made_up_gases_are_carried_to_the_new_state_before_anything_is_rounded() -> None:
    series = made_up(3)
    law = LAWS["cn-2026@transition"]
    days = station_days(series, law, GASES_OLD_TO_NEW)
    places = place_days(days, readings.CITY | readings.DISTRICTS, law)
    both: tuple[tuple[By, dict[str, list[Day]]], ...] = (("station", days), ("jurisdiction", places))
    for by, expected in both:
        told = air(
            source(series), period="2016-02..2016-03", by=by, regime=CN_2012.name, unit_of_time="day", against=law.name
        )
        beside = ({**r, **r["against"]["converted"]} for r in told.records())
        assert not (found := differences(beside, expected, by, law)), "\n".join(found[:10])


def test_made_up_air_reaches_every_corner() -> None:
    days = [day for run in station_days(made_up(1), CN_2012).values() for day in run]
    assert any(day.values["o3_8h"] is not None and day.sub_indices["o3_8h"] is None for day in days)
    assert any(day.values["o3_8h"] is not None and day.values["o3_1h"] is None for day in days)
    assert {day.level for day in days} == {None, 1, 2, 3, 4, 5, 6}
    assert any(len(day.primary) > 1 for day in days)
    assert sum((v := day.unrounded["pm25"]) is not None and v.denominator == 2 for day in days) > 10
