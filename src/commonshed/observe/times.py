"""From what a file says of time to the second at which a reading starts, and why not where it cannot be told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from commonshed.observe.mapping import TimeField
from commonshed.periods import Zone

__all__ = ["PROBLEMS", "Times", "distinct_texts", "times_from_column", "times_from_parts"]

PROBLEMS = {
    1: ("the time is missing", "Fill it in"),
    2: ("this is no time", "Write 2016-03-05T08:00+08:00, or declare the format in the mapping"),
    3: ("there is no such day or hour", "Check month, day and hour"),
    4: ("the time has no zone", "Add the offset, or state the zone: --zone +08:00"),
    5: ("hour 24 belongs to labels that mean the end of the hour", "Write hour 0 of the next day, or declare the end"),
    6: ("the time is not a whole second", "Round it to the second"),
}
"""What can be wrong with a time, by code: the problem and the mend. 0 is nothing."""

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?)?)?\s*(Z|z|[+-]\d\d(?::?\d\d)?)?\Z"
)
_OFFSET = r"([Zz]|[+-]\d{2}(:?\d{2})?)$"
_ARROW_ISO = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}(:\d{2}(:\d{2})?)?)?(Z|[+-]\d{2}(:?\d{2})?)?$"

Ints = NDArray[np.int64]
Codes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Times:
    """What a column says, n rows.

    Attributes
    ----------
    seconds : int64 array, n
        UTC, since 1970. Undefined where there is a problem.
    problem : uint8 array, n
        See :data:`PROBLEMS`.
    """

    seconds: Ints
    problem: Codes


def distinct_texts(column: pa.Array) -> tuple[list[str], NDArray[np.int64]]:
    """The distinct texts of a column and which of them each row holds; null is the empty text."""
    encoded = column if pa.types.is_dictionary(column.type) else column.cast(pa.string()).dictionary_encode()
    texts = [(text or "").strip() for text in encoded.dictionary.to_pylist()]
    if encoded.null_count:
        texts.append("")
        return texts, encoded.indices.fill_null(len(texts) - 1).to_numpy(zero_copy_only=False).astype(np.int64)
    return texts, encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)


def times_from_parts(parts: Sequence[pa.Array], field: TimeField) -> Times:
    """Seconds from year, month, day and, unless the reading is of a day, hour.

    Parameters
    ----------
    parts : three or four arrays, n
        Integers or text.
    field : TimeField
    """
    numbers, problems = zip(*(_integers(part) for part in parts), strict=True)
    problem = np.maximum.reduce(problems)
    year, month, day = numbers[:3]
    hour = numbers[3] if len(numbers) == 4 else np.zeros_like(year)
    last_hour = 24 if field.label == "end" else 23
    whole = (year >= 1) & (year <= 9999) & (month >= 1) & (month <= 12) & (day >= 1) & (hour >= 0)
    days, month_days = _civil(np.where(whole, year, 2000), np.where(whole, month, 1), np.where(whole, day, 1))
    impossible = ~whole | (day > month_days) | (hour > last_hour)
    problem = np.where((problem == 0) & impossible, 3, problem)
    problem = np.where((problem == 3) & whole & (day <= month_days) & (hour == 24), 5, problem)
    offset = Zone.parse(field.zone or "UTC").minutes * 60
    times = Times(days * 86_400 + hour * 3600 - offset, problem.astype(np.uint8))
    return _by_summer_clocks(times, np.ones(len(problem), bool), field) if field.summer_time else times


def times_from_column(column: pa.Array, field: TimeField, clock: pa.Array | None = None) -> Times:
    """Seconds from one column: text in ISO 8601 or a declared pattern, timestamps, dates, or seconds since 1970.

    Parameters
    ----------
    column : array, n
    field : TimeField
    clock : array, n, optional
        Time of day, where the column holds the date alone.
    """
    if clock is not None:
        column = _with_clock(column, clock, field)
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _from_timestamps(column, field)
    if field.format == "epoch":
        numbers, problem = _integers(column)
        return Times(numbers, problem)
    texts, index = distinct_texts(column)
    distinct = _from_iso(texts, field) if field.format == "iso" else _one_by_one(texts, field)
    if field.summer_time:
        distinct = _by_summer_clocks(distinct, _naive(texts, field), field)
    return Times(distinct.seconds[index], distinct.problem[index])


def _with_clock(column: pa.Array, clock: pa.Array, field: TimeField) -> pa.Array:
    """Date and time of day as one text; a time of day that is missing leaves nothing to read."""
    dates = _texts(column)
    if field.format == "iso":
        dates = pc.utf8_slice_codeunits(dates, 0, 10)
    clocks = pc.utf8_trim_whitespace(_texts(clock))
    clocks = pc.if_else(pc.equal(clocks, ""), pa.scalar(field.clock_missing, pa.string()), clocks)
    return pc.binary_join_element_wise(dates, clocks, " ")


def _texts(column: pa.Array) -> pa.Array:
    plain = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    return plain.cast(pa.string()).fill_null("")


def _naive(texts: list[str], field: TimeField) -> NDArray[np.bool_]:
    """Which texts bring no offset of their own."""
    if field.format != "iso":
        return np.full(len(texts), "%z" not in field.format)
    offset = pc.match_substring_regex(pc.utf8_slice_codeunits(pa.array(texts, pa.string()), 10), _OFFSET)
    naive: NDArray[np.bool_] = ~offset.to_numpy(zero_copy_only=False)
    return naive


def _by_summer_clocks(times: Times, naive: NDArray[np.bool_], field: TimeField) -> Times:
    """Times read in standard time as what the clocks of the zone showed; of an hour that came twice, the first."""
    assert field.zone is not None
    zone, standard = ZoneInfo(field.zone), Zone.parse(field.zone).minutes * 60
    seconds = times.seconds.copy()
    for i in np.flatnonzero(naive & (times.problem == 0)).tolist():
        shown = datetime(1970, 1, 1) + timedelta(seconds=int(seconds[i]) + standard)
        seconds[i] = int(shown.replace(tzinfo=zone).timestamp())
    return Times(seconds, times.problem)


def _integers(column: pa.Array) -> tuple[Ints, Codes]:
    if pa.types.is_integer(column.type):
        missing = column.is_null().to_numpy(zero_copy_only=False)
        return column.fill_null(0).cast(pa.int64()).to_numpy(), missing.astype(np.uint8)
    if pa.types.is_floating(column.type):  # a column of integers with gaps, as pandas writes it
        values = column.to_numpy(zero_copy_only=False)
        missing = np.isnan(values)
        whole = ~missing & (np.abs(values) < 2**53) & (np.rint(values) == values)
        return np.where(whole, values, 0).astype(np.int64), np.where(missing, 1, np.where(whole, 0, 2)).astype(np.uint8)
    texts, index = distinct_texts(column)
    numbers, problems = np.zeros(len(texts), np.int64), np.zeros(len(texts), np.uint8)
    for i, text in enumerate(texts):
        if text in ("", "NA"):
            problems[i] = 1
        elif re.fullmatch(r"-?\d{1,15}(\.0*)?", text):
            numbers[i] = int(text.partition(".")[0])
        else:
            problems[i] = 2
    return numbers[index], problems[index]


def _civil(year: Ints, month: Ints, day: Ints) -> tuple[Ints, Ints]:
    """Days since 1970 of a Gregorian date, and how many days its month has."""
    months = (year - 1970) * 12 + month - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    after = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return first + day - 1, after - first


def _from_timestamps(column: pa.Array, field: TimeField) -> Times:
    zoned = pa.types.is_timestamp(column.type) and column.type.tz is not None
    missing = column.is_null().to_numpy(zero_copy_only=False)
    problem = missing.astype(np.uint8)
    try:
        whole = column.cast(pa.timestamp("s"))
    except pa.ArrowInvalid:
        whole = column.cast(pa.timestamp("s"), safe=False)
        uneven = pc.not_equal(whole.cast(column.type), column).fill_null(False).to_numpy(zero_copy_only=False)
        problem[uneven] = 6
    seconds = whole.cast(pa.int64()).fill_null(0).to_numpy()
    if zoned:
        return Times(seconds, problem)
    if field.zone is None:
        return Times(seconds, np.where(problem == 0, 4, problem).astype(np.uint8))
    times = Times(seconds - Zone.parse(field.zone).minutes * 60, problem)
    return _by_summer_clocks(times, np.ones(len(problem), bool), field) if field.summer_time else times


def _from_iso(texts: list[str], field: TimeField) -> Times:
    """All at once where Arrow reads every text, otherwise one by one to say what is wrong."""
    array = pa.array(texts, pa.string())
    if not pc.all(pc.match_substring_regex(array, _ARROW_ISO)).as_py():
        return _one_by_one(texts, field)
    # The day's own dashes look like an offset in a bare date: look behind the day only.
    zoned = pc.match_substring_regex(pc.utf8_slice_codeunits(array, 10), _OFFSET)
    try:
        seconds = np.zeros(len(texts), np.int64)
        for mask, kind, offset in (
            (zoned, pa.timestamp("s", "UTC"), 0),
            (pc.invert(zoned), pa.timestamp("s"), Zone.parse(field.zone or "UTC").minutes * 60),
        ):
            rows = mask.to_numpy(zero_copy_only=False)
            seconds[rows] = array.filter(mask).cast(kind).cast(pa.int64()).to_numpy() - offset
    except pa.ArrowInvalid:
        return _one_by_one(texts, field)
    problem = np.zeros(len(texts), np.uint8)
    if field.zone is None:
        problem[~zoned.to_numpy(zero_copy_only=False)] = 4
    return Times(seconds, problem)


def _one_by_one(texts: list[str], field: TimeField) -> Times:
    read = _read_iso if field.format == "iso" else _read_pattern
    zone = None if field.zone is None else Zone.parse(field.zone)
    results = [read(text, field, zone) for text in texts]
    return Times(
        np.array([seconds for seconds, _ in results], np.int64), np.array([code for _, code in results], np.uint8)
    )


def _read_iso(text: str, field: TimeField, zone: Zone | None) -> tuple[int, int]:
    if text in ("", "NA"):
        return 0, 1
    match = _ISO.match(text)
    if match is None:
        return 0, 2
    year, month, day, hour, minute, second = (int(group or 0) for group in match.groups()[:6])
    midnight = hour == 24 and minute == second == 0
    if midnight and field.label != "end":
        return 0, 5
    if int(match[7] or 0):
        return 0, 6
    try:
        local = datetime(year, month, day, 0 if midnight else hour, minute, second, tzinfo=UTC)
    except ValueError:
        return 0, 3
    seconds = int((local + timedelta(days=midnight)).timestamp())
    if match[8]:
        return seconds - _offset(match[8]), 0
    return (0, 4) if zone is None else (seconds - zone.minutes * 60, 0)


def _offset(text: str) -> int:
    if text in "Zz":
        return 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    size = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return -size if text[0] == "-" else size


def _read_pattern(text: str, field: TimeField, zone: Zone | None) -> tuple[int, int]:
    if text in ("", "NA"):
        return 0, 1
    try:
        time = datetime.strptime(text, field.format)
    except ValueError:
        return 0, 2
    if time.microsecond:
        return 0, 6
    if time.tzinfo is None:
        if zone is None:
            return 0, 4
        time = time.replace(tzinfo=timezone(timedelta(minutes=zone.minutes)))
    return int(time.timestamp()), 0
