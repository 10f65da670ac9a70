"""What turns on each convention the texts leave open, counted on the twelve Beijing stations.

``python -m tests.oracle`` prints it; ``docs/validation.md`` quotes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction

from tests.oracle import beijing, readings
from tests.oracle.days import Day, Unrounded, city_day, place_days, station_days
from tests.oracle.law import CN_2012, DAY_MIN_WINDOWS, DECIMALS, WINDOW_ENDS, WINDOW_MIN_HOURS
from tests.oracle.periods import STATISTICS, Span, assess
from tests.oracle.rounding import percentile, round_8170

WHOLE_YEARS = (2014, 2015, 2016)
CITY = "110000"


def year_of(run: Sequence[Day], year: int) -> Span:
    """One calendar year of a series that begins with the data."""
    return assess(run, readings.FIRST_DAY, date(year, 1, 1), date(year, 12, 31), CN_2012)


def days_of(run: Sequence[Day], year: int) -> Sequence[Day]:
    """The days of one calendar year."""
    first, last = ((date(year, m, d) - readings.FIRST_DAY).days for m, d in ((1, 1), (12, 31)))
    return run[first : last + 1]


def moved(before: Sequence[Day], after: Sequence[Day]) -> tuple[int, int, int]:
    """Days whose values, whose index and whose class differ."""
    pairs = list(zip(before, after, strict=True))
    return (
        sum(a.values != b.values for a, b in pairs),
        sum(a.aqi != b.aqi for a, b in pairs),
        sum(a.level != b.level for a, b in pairs),
    )


def city(unrounded: Callable[[Day], Unrounded], stations: Sequence[str] = readings.CITY[CITY]) -> list[Day]:
    """The city's days from something else than the unrounded values, or from other stations."""
    days = beijing.station_days(CN_2012.name)
    return [city_day([unrounded(days[s][i]) for s in stations], CN_2012) for i in range(readings.DAYS)]


def hour_label_moves() -> tuple[int, int, int]:
    """If the hour column labelled the end of the hour: city days that change."""
    later = {
        station: {quantity: [*hours[1:], None] for quantity, hours in quantities.items()}
        for station, quantities in beijing.series().items()
    }
    shifted = place_days(station_days(later, CN_2012), readings.CITY, CN_2012)[CITY]
    return moved(beijing.place_days(CN_2012.name)[CITY], shifted)


def daily_rounding_moves() -> tuple[int, int, int]:
    """If daily values went unrounded into annual figures: figures, means and percentiles that change."""
    figures = means = percentiles = 0
    for run in beijing.station_days(CN_2012.name).values():
        for year in WHOLE_YEARS:
            for key in STATISTICS:
                pairs = [(d.values[key], d.unrounded[key]) for d in days_of(run, year)]
                rounded = [value for value, _ in pairs if value is not None]
                exact = [value for _, value in pairs if value is not None]
                figures += 1
                means += _mean(rounded, key) != _mean(exact, key)
                percentiles += _percentile(rounded, key) != _percentile(exact, key)
    return figures, means, percentiles


def _mean(values: Sequence[Fraction], key: str) -> Fraction:
    return round_8170(sum(values, Fraction(0)) / len(values), CN_2012.period_decimals[key])


def _percentile(values: Sequence[Fraction], key: str) -> Fraction:
    return round_8170(percentile(values, CN_2012.percentile[key]), CN_2012.period_decimals[key])


def ozone_exceptions() -> tuple[int, int]:
    """Station-days with fewer than 14 windows that count because the maximum exceeds the limit.

    Returns their number, and how many turn on whether the maximum is rounded before it is compared.
    """
    count = turning = 0
    limit = CN_2012.day_limit["o3_8h"]
    for quantities in beijing.series().values():
        for at in range(0, 24 * readings.DAYS, 24):
            means = list(_window_means(quantities["o3"][at : at + 24]))
            if means and len(means) < DAY_MIN_WINDOWS:
                exact, rounded = max(means) > limit, round_8170(max(means), 0) > limit
                count += rounded
                turning += exact != rounded
    return count, turning


def _window_means(hours: Sequence[int | None]) -> Iterator[Fraction]:
    for end in WINDOW_ENDS:
        valid = [v for v in hours[end - 8 : end] if v is not None]
        if len(valid) >= WINDOW_MIN_HOURS:
            yield Fraction(sum(valid), 1000 * len(valid))


def exact_halves() -> Mapping[str, int]:
    """Daily values that are exact halves, where half-even and half-up part."""
    found = dict.fromkeys(DECIMALS, 0)
    for run in beijing.station_days(CN_2012.name).values():
        for day in run:
            for key, value in day.unrounded.items():
                found[key] += value is not None and (value * 10 ** DECIMALS[key]).denominator == 2
    return found


def lines() -> Iterator[str]:
    """The whole account, as text."""
    base = beijing.place_days(CN_2012.name)[CITY]
    days = beijing.station_days(CN_2012.name)
    everything = [day for run in days.values() for day in run]
    yield f"station-days {len(everything)}, with an index {sum(d.aqi is not None for d in everything)}, "
    yield f"  of these from fewer than all sub-indices {sum(d.aqi is not None and bool(d.missing) for d in everything)}"
    yield f"daily values that are exact halves: {dict(exact_halves())}"
    yield "ozone days saved by the exception, and those that turn on rounding first: {} {}".format(*ozone_exceptions())
    yield "city days whose values, index, class change"
    yield "  with the hour labelling its end: {} {} {}".format(*hour_label_moves())
    yield "  with rounded station values: {} {} {}".format(*moved(base, city(lambda day: day.values)))
    yield "  with the control station: {} {} {}".format(
        *moved(base, city(lambda day: day.unrounded, readings.STATIONS))
    )
    yield "annual figures, means, percentiles that change with unrounded daily values: {} {} {}".format(
        *daily_rounding_moves()
    )
    for year in WHOLE_YEARS:
        span = year_of(base, year)
        yield f"city {year}: mean {span.indicative_mean} percentile {span.indicative_percentile}"
        yield f"  classes {span.days_by_class}, good {span.good_days} of {span.valid_days}, composite {span.composite}"
