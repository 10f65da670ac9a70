"""Every record of the product beside the oracle, field by field: all stations, all places, all regimes, all periods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest
from tests.e2e.invoking import Record, assess
from tests.oracle import beijing, readings
from tests.oracle.days import Day
from tests.oracle.hours import grade_hour
from tests.oracle.law import LAWS, Law
from tests.oracle.periods import STATISTICS, Span, change_in_percent, multiple, rank
from tests.oracle.periods import assess as oracle_assess
from tests.oracle.rounding import as_text

from commonshed import datasets
from commonshed.assess.air import AirAssessment, Readings, air, exceedances
from commonshed.assess.air.whose import By
from commonshed.observe import read_files
from commonshed.periods import Period
from commonshed.places import network_from

WHOLE = "2013-03-01..2017-02-28"
CITY = "110000"
VALUES = ("pm25", "pm10", "so2", "no2", "co", "o3_8h", "o3_1h")
UNITS = ("month", "quarter", "year", "rolling-year")
ALL_UNITS = [
    # The phases of 2026 share all daily figures; what differs between them shows in years.
    *(("cn-2012", unit) for unit in UNITS),
    ("cn-2026@transition", "year"),
    ("cn-2026@transition", "rolling-year"),
    ("cn-2026@final", "year"),
]


@cache
def source() -> Readings:
    """The shipped readings, through the product's own reader."""
    network = network_from(stations=datasets.path("beijing", "stations.csv"))
    return Readings(read_files([beijing.parquet()], "prsa", network), network)


@cache
def assessed(regime: str, by: By, unit_of_time: str) -> AirAssessment:
    return air(source(), period=WHOLE, by=by, regime=regime, unit_of_time=unit_of_time)  # type: ignore[arg-type]


def product(regime: str, by: By, unit_of_time: str) -> list[Record]:
    return list(assessed(regime, by, unit_of_time).records())


def oracle_days(regime: str, by: By) -> dict[str, list[Day]]:
    return beijing.station_days(regime) if by == "station" else beijing.place_days(regime)


def disagreements(pairs: Iterator[tuple[str, Any, Any]]) -> list[str]:
    return [f"{where}: product {ours!r}, oracle {theirs!r}" for where, ours, theirs in pairs if ours != theirs]


def report(found: list[str]) -> str:
    return f"{len(found)} disagreements, the first:\n" + "\n".join(found[:20])


@pytest.mark.parametrize("by", ["station", "jurisdiction"])
@pytest.mark.parametrize("regime", sorted(LAWS))
def test_every_day_record_is_the_oracle_s(regime: str, by: By) -> None:
    days = oracle_days(regime, by)
    records = product(regime, by, "day")
    assert len(records) == sum(len(run) for run in days.values())
    assert {r[by] for r in records} == set(days)
    found = disagreements(_day_pairs(records, days, by, LAWS[regime]))
    assert not found, report(found)


def _day_pairs(
    records: list[Record], days: Mapping[str, list[Day]], by: str, law: Law
) -> Iterator[tuple[str, Any, Any]]:
    for record in records:
        day = days[record[by]][(date.fromisoformat(record["period"]) - readings.FIRST_DAY).days]
        where = f"{record[by]} {record['period']}"
        texts = day.texts()
        for key in VALUES:
            # HJ 633-2026: the 1-hour value of ozone is for real-time reports only.
            yield f"{where} {key}", record[key], texts[key] if key in law.daily else None
        yield f"{where} sub_indices", record["sub_indices"], day.sub_indices
        yield f"{where} aqi", record["aqi"], day.aqi
        yield f"{where} class", record["class"], day.level
        yield f"{where} primary", record["primary"], day.primary
        yield f"{where} valid", record["valid"], day.aqi is not None


@pytest.mark.parametrize("by", ["station", "jurisdiction"])
@pytest.mark.parametrize(("regime", "unit"), ALL_UNITS)
def test_every_period_record_is_the_oracle_s(regime: str, unit: str, by: By) -> None:
    records = product(regime, by, unit)
    spans = oracle_spans(regime, by, tuple(dict.fromkeys(r["period"] for r in records)))
    assert {(r[by], r["period"]) for r in records} == set(spans)
    found = disagreements(_period_pairs(records, spans, by, LAWS[regime].percentile))
    assert not found, report(found)


@cache
def oracle_spans(regime: str, by: By, periods: tuple[str, ...]) -> dict[tuple[str, str], Span]:
    stretches = {text: Period.parse(text) for text in periods}
    return {
        (place, text): oracle_assess(run, readings.FIRST_DAY, stretch.first, stretch.last, LAWS[regime])
        for place, run in oracle_days(regime, by).items()
        for text, stretch in stretches.items()
    }


def _period_pairs(
    records: list[Record], spans: Mapping[tuple[str, str], Span], by: str, percentiles: Mapping[str, int]
) -> Iterator[tuple[str, Any, Any]]:
    for record in records:
        span = spans[record[by], record["period"]]
        where = f"{record[by]} {record['period']}"
        for key in STATISTICS:
            p = f"{key}_p{percentiles[key]}"
            yield f"{where} percentile {p}", record["percentile"][p], span.percentile[key]
            if key in record["mean"]:
                yield f"{where} mean {key}", record["mean"][key], span.mean[key]
            complete = record["completeness"][key.partition("_")[0]]
            yield f"{where} completeness {key} days", complete["valid_days"], span.valid_values[key]
            yield f"{where} completeness {key} months", complete["months_short"], span.months_short[key]
            yield f"{where} completeness {key} valid", complete["valid"], span.complete[key]
        yield f"{where} valid", record["valid"], all(span.complete.values())
        yield f"{where} composite", record["composite_index"], span.composite
        yield f"{where} classes", record["days_by_class"], span.days_by_class
        yield f"{where} good", record["good_days"], span.good_days
        yield f"{where} graded", record["valid_days"], span.valid_days
        for key, days in span.days_above.items():
            yield f"{where} days above {key}", record["exceedance_days"][key], days
        yield f"{where} primary", record["days_by_primary"], span.days_by_primary
        yield f"{where} rate", record["good_day_rate"], span.good_day_rate


@pytest.mark.parametrize("regime", sorted(LAWS))
def test_attainment_and_rank_of_whole_years_are_the_oracle_s(regime: str) -> None:
    records = product(regime, "station", "year")
    spans = oracle_spans(regime, "station", tuple(dict.fromkeys(r["period"] for r in records)))
    pairs: list[tuple[str, Any, Any]] = []
    for period in dict.fromkeys(r["period"] for r in records):
        ranks = rank({place: span.composite for (place, text), span in spans.items() if text == period})
        for record in (r for r in records if r["period"] == period):
            span = spans[record["station"], period]
            where = f"{record['station']} {period}"
            pairs.append((f"{where} rank", record["rank"], ranks[record["station"]]))
            pairs.append((f"{where} overall", record["attained"]["overall"], span.overall))
            for key in STATISTICS:
                quantity = key.partition("_")[0]
                pairs.append((f"{where} attained {key}", record["attained"][quantity], span.attained[key]))
    found = disagreements(iter(pairs))
    assert not found, report(found)


@pytest.mark.parametrize("by", ["station", "jurisdiction"])
def test_changes_from_the_year_before_are_the_oracle_s(by: By) -> None:
    records: dict[str, dict[str, Record]] = {r["period"]: {} for r in product("cn-2012", by, "year")}
    for record in product("cn-2012", by, "year"):
        records[record["period"]][record[by]] = record
    spans = oracle_spans("cn-2012", by, tuple(records))
    pairs: list[tuple[str, Any, Any]] = []
    for year in ("2014", "2015", "2016"):
        for place, record in records[year].items():
            now, before = spans[place, year], spans[place, str(int(year) - 1)]
            told = record["year_on_year"]
            for key in STATISTICS:
                p = f"{key}_p{LAWS['cn-2012'].percentile[key]}"
                where = f"{place} {year}"
                pairs.append((f"{where} {key}", told[key], change_in_percent(now.mean[key], before.mean[key])))
                pairs.append((f"{where} {p}", told[p], change_in_percent(now.percentile[key], before.percentile[key])))
            pairs.append((where, told["composite_index"], change_in_percent(now.composite, before.composite)))
            pairs.append((where, told["good_days"], now.good_days - before.good_days))
    assert not (found := disagreements(iter(pairs))), report(found)


def test_the_city_s_pm25_fell_as_the_bulletin_of_2016_prints() -> None:
    (city,) = [
        r for r in product("cn-2012", "jurisdiction", "year") if (r["jurisdiction"], r["period"]) == (CITY, "2016")
    ]
    assert city["mean"]["pm25"] == "73"
    assert city["year_on_year"]["pm25"] == "-9.9"  # bulletin of 2016: 9.9 % below 2015


def test_exceedances_and_their_multiples_are_the_oracle_s() -> None:
    # GB 3095-2012, table 1, class II; the 1-hour limit of ozone beside those of the day.
    limits = {**LAWS["cn-2012"].day_limit, "o3_1h": Fraction(200)}
    told = {
        (r["station"], r["period"], r["statistic"]): (r["value"], r["multiple"])
        for r in exceedances(assessed("cn-2012", "station", "day"))
    }
    expected = {}
    for station, run in beijing.station_days("cn-2012").items():
        for i, day in enumerate(run):
            for key, limit in limits.items():
                value = day.values[key]
                if value is not None and value > limit:
                    period = (readings.FIRST_DAY + timedelta(days=i)).isoformat()
                    expected[station, period, key] = (day.texts()[key], multiple(value, limit))
    assert len(expected) > 10_000
    assert told == expected


def test_values_before_rounding_are_the_oracle_s_fractions() -> None:
    (stations,), (places,) = (assessed("cn-2012", by, "day").parts for by in ("station", "jurisdiction"))
    for part, days in ((stations, beijing.station_days("cn-2012")), (places, beijing.place_days("cn-2012"))):
        for key in VALUES:
            # One tick is 0.001 of the legal unit for each of these quantities.
            above, below = part.days.numerators[key], np.broadcast_to(part.days.denominators[key], part.days.aqi.shape)
            for row, place in enumerate(part.days.places):
                counts = zip(above[row].tolist(), below[row].tolist(), days[place], strict=True)
                for column, (numerator, denominator, day) in enumerate(counts):
                    exact = day.unrounded[key]
                    assert exact is None or Fraction(numerator, denominator) == exact * 1000, (place, column, key)


@pytest.mark.parametrize("regime", ["cn-2026@transition", "cn-2026@final"])
def test_gases_carried_to_the_state_of_2026_are_the_oracle_s(regime: str) -> None:
    days = beijing.station_days("cn-2026@transition", converted=True)
    (part,) = air(source(), period=WHOLE, by="station", regime="cn-2012", unit_of_time="day", against=regime).parts
    assert part.beside is not None
    plain = oracle_days(regime, "station")
    for graded, expected in ((part.beside.converted, days), (part.beside.as_measured, plain)):
        for row, station in enumerate(graded.places):
            for key in LAWS[regime].daily:
                decimals = 1 if key == "co" else 0
                theirs = [-1 if (v := day.values[key]) is None else int(v * 10**decimals) for day in expected[station]]
                assert graded.values[key][row].tolist() == theirs, (station, key)
            assert graded.aqi[row].tolist() == [-1 if day.aqi is None else day.aqi for day in expected[station]]


def test_the_command_says_what_the_library_says() -> None:
    for by, unit in (("jurisdiction", "year"), ("station", "month")):
        told = assess(
            [beijing.parquet()], datasets.path("beijing", "stations.csv"), period="2014..2016", by=by,
            regime="cn-2012", unit_of_time=unit,
        )  # fmt: skip
        library = {(r[by], r["period"]): r for r in product("cn-2012", by, unit)}  # type: ignore[arg-type]
        assert len(told) == {"year": 27, "month": 432}[unit]
        for record in told:
            # Ranks and figures alike; only the change from the year before may see more or fewer years.
            same = library[record[by], record["period"]]
            assert {k: v for k, v in record.items() if k != "notes"} == {k: v for k, v in same.items() if k != "notes"}


# The first hours of all, a dust storm, days with gaps, the ozone hour above 1,000, 29 February, the last hours of all.
HOURS = ["2013-03-01..2013-03-02", "2015-04-15..2015-04-16", "2014-06-01..2014-06-10", "2016-02-29", "2017-02-28"]


@pytest.mark.parametrize("period", HOURS)
@pytest.mark.parametrize("regime", ["cn-2012", "cn-2026@transition"])
def test_every_real_time_record_is_the_oracle_s(regime: str, period: str) -> None:
    law = LAWS[regime]
    records = list(air(source(), period=period, by="station", regime=regime, unit_of_time="hour").records())
    assert len(records) == 12 * 24 * Period.parse(period).days
    found = disagreements(_hour_pairs(records, law))
    assert not found, report(found)


def _hour_pairs(records: list[Record], law: Law) -> Iterator[tuple[str, Any, Any]]:
    names = {key: key if "_" in key else f"{key}_1h" for key in law.hourly}
    for record in records:
        local = datetime.fromisoformat(record["period"])
        assert local.utcoffset() == timedelta(hours=8)
        at = 24 * (local.date() - readings.FIRST_DAY).days + local.hour
        hour = grade_hour(beijing.series()[record["station"]], at, law)
        where = f"{record['station']} {record['period']}"
        for key, name in names.items():
            yield f"{where} {name}", record[name], as_text(hour.values[key], 1 if key == "co" else 0)
            yield f"{where} sub-index {name}", record["sub_indices"][name], hour.sub_indices[key]
        yield f"{where} aqi", record["aqi"], hour.aqi
        yield f"{where} class", record["class"], hour.level
        yield f"{where} primary", sorted(record["primary"]), sorted(hour.primary)


def test_rolling_years_are_named_by_twelve_months() -> None:
    first = readings.FIRST_DAY
    assert str(Period(first, first.replace(year=2014) - timedelta(days=1))) == "2013-03..2014-02"
