"""Every record of the product beside the oracle, field by field: all stations, all places, all regimes, all periods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest
from tests.e2e.invoking import Record, assess
from tests.oracle import beijing, readings
from tests.oracle.days import Day
from tests.oracle.law import LAWS
from tests.oracle.periods import STATISTICS, Span, rank
from tests.oracle.periods import assess as oracle_assess

from commonshed import datasets
from commonshed.periods import Period

WHOLE = "2013-03-01..2017-02-28"
VALUES = ("pm25", "pm10", "so2", "no2", "co", "o3_8h", "o3_1h")
UNITS = ("month", "quarter", "year", "rolling-year")


@cache
def product(regime: str, by: str, unit_of_time: str) -> list[Record]:
    return assess(
        [beijing.parquet()],
        datasets.path("beijing", "stations.csv"),
        period=WHOLE,
        by=by,
        regime=regime,
        unit_of_time=unit_of_time,
    )


def oracle_days(regime: str, by: str) -> dict[str, list[Day]]:
    return beijing.station_days(regime) if by == "station" else beijing.place_days(regime)


def disagreements(pairs: Iterator[tuple[str, Any, Any]]) -> list[str]:
    return [f"{where}: product {ours!r}, oracle {theirs!r}" for where, ours, theirs in pairs if ours != theirs]


def report(found: list[str]) -> str:
    return f"{len(found)} disagreements, the first:\n" + "\n".join(found[:20])


@pytest.mark.parametrize("by", ["station", "jurisdiction"])
@pytest.mark.parametrize("regime", sorted(LAWS))
def test_every_day_record_is_the_oracle_s(regime: str, by: str) -> None:
    days = oracle_days(regime, by)
    records = product(regime, by, "day")
    assert len(records) == sum(len(run) for run in days.values())
    assert {r[by] for r in records} == set(days)
    found = disagreements(_day_pairs(records, days, by))
    assert not found, report(found)


def _day_pairs(records: list[Record], days: Mapping[str, list[Day]], by: str) -> Iterator[tuple[str, Any, Any]]:
    for record in records:
        day = days[record[by]][(date.fromisoformat(record["period"]) - readings.FIRST_DAY).days]
        where = f"{record[by]} {record['period']}"
        texts = day.texts()
        for key in VALUES:
            yield f"{where} {key}", record[key], texts[key]
        yield f"{where} sub_indices", record["sub_indices"], day.sub_indices
        yield f"{where} aqi", record["aqi"], day.aqi
        yield f"{where} class", record["class"], day.level
        yield f"{where} primary", record["primary"], day.primary
        yield f"{where} valid", record["valid"], day.aqi is not None


@pytest.mark.parametrize("by", ["station", "jurisdiction"])
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("regime", sorted(LAWS))
def test_every_period_record_is_the_oracle_s(regime: str, unit: str, by: str) -> None:
    records = product(regime, by, unit)
    spans = oracle_spans(regime, by, tuple(dict.fromkeys(r["period"] for r in records)))
    assert {(r[by], r["period"]) for r in records} == set(spans)
    found = disagreements(_period_pairs(records, spans, by, LAWS[regime].percentile))
    assert not found, report(found)


@cache
def oracle_spans(regime: str, by: str, periods: tuple[str, ...]) -> dict[tuple[str, str], Span]:
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
            complete = record["completeness"][key]
            yield f"{where} completeness {key} days", complete["valid_days"], span.valid_values[key]
            yield f"{where} completeness {key} months", _names(complete["months_short"]), span.months_short[key]
            yield f"{where} completeness {key} valid", complete["valid"], span.complete[key]
        yield f"{where} valid", record["valid"], all(span.complete.values())
        yield f"{where} composite", record["composite_index"], span.composite
        yield f"{where} classes", record["days_by_class"], span.days_by_class
        yield f"{where} good", record["good_days"], span.good_days
        yield f"{where} graded", record["valid_days"], span.valid_days
        yield f"{where} rate", record["good_day_rate"], span.good_day_rate


def _names(months: list[Any]) -> list[str]:
    return [month if isinstance(month, str) else month["month"] for month in months]


@pytest.mark.parametrize("regime", sorted(LAWS))
def test_attainment_and_rank_of_whole_years_are_the_oracle_s(regime: str) -> None:
    records = product(regime, "station", "year")
    spans = oracle_spans(regime, "station", tuple(dict.fromkeys(r["period"] for r in records)))
    pairs = []
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


def test_rolling_years_are_named_by_twelve_months() -> None:
    first = readings.FIRST_DAY
    assert str(Period(first, first.replace(year=2014) - timedelta(days=1))) == "2013-03..2014-02"
