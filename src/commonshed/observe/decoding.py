"""From the columns of a batch to readings, by a mapping; what cannot be one is rejected with its reason."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from commonshed.errors import InputError, ReadingsError, UnknownName
from commonshed.exact import round_fraction
from commonshed.observe.files import Batch, Ragged
from commonshed.observe.mapping import Column, Mapping, seconds
from commonshed.observe.numbers import Converted, convert, shortest_texts
from commonshed.observe.parcel import FLAGS, QUALIFIERS, Parcel, Reject, Vocabulary
from commonshed.observe.quality.rules import Before, Future, Rules, Sentinel, UnknownStation
from commonshed.observe.times import PROBLEMS, Times, distinct_texts, times_from_column, times_from_parts
from commonshed.periods import Zone
from commonshed.units import quantities as catalogue
from commonshed.units import quantity, ticks_per

__all__ = ["Decoder"]

TOLD = 1000
"""Rejects of one kind that are told one by one; the rest of them is told as a number."""

_DAY = 86_400
_SAY_HOW_LONG = "Write it in the column of periods, such as PT1H"
_NO_NUMBER = "this is no number"
_TRUE = ("true", "1", "yes", "y", "t", "<")
_TOO_LONG = 2**31 - 1

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass
class Decoder:
    """Turns batches of one file into parcels.

    Attributes
    ----------
    mapping : Mapping
    rules : Rules
    words : Vocabulary
    stations : collection of str or None
        The stations there are; none: every station is taken.
    columns : sequence of str
        Of the file.
    now : int
        Readings that end later are refused. [UTC s]
    rejects : list of Reject
        Grows.
    """

    mapping: Mapping
    rules: Rules
    words: Vocabulary
    stations: Collection[str] | None
    columns: Sequence[str]
    now: int = field(default_factory=lambda: int(time.time()))
    rejects: list[Reject] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._seen_columns: set[str] = set()
        self._alike: Counter[tuple[str, str, str, str]] = Counter()
        self._factors: dict[tuple[str, str], tuple[Fraction, int] | InputError] = {}

    def needed(self) -> list[str]:
        """The columns to read.

        Raises
        ------
        ReadingsError
            One that must be there is missing.
        """
        mapping, there = self.mapping, set(self.columns)
        time_columns = list(filter(None, [mapping.time.column, mapping.time.clock, *self._parts()]))
        must = [*time_columns, *([mapping.station.column] if mapping.station.column else [])]
        may: list[str] = []
        if mapping.fields is None:
            must += [name for column in mapping.columns if not column.optional for name in _read_for(column)]
            used = [column for column in mapping.columns if column.optional and column.name in there]
            may = [name for column in used for name in _read_for(column) if name in there]
        else:
            fields = mapping.fields
            must += [fields.quantity, fields.value, fields.unit]
            may = [name for name in (fields.period, fields.statistic, fields.qualifier, fields.flag) if name in there]
        for name in must:
            if name not in there:
                raise self._missing_column(name)
        if mapping.fields is None and not may and not any(not column.optional for column in mapping.columns):
            names = ", ".join(column.name for column in mapping.columns)
            raise ReadingsError("none of the mapping's value columns is there", value=names, mend=self._header())
        return list(dict.fromkeys([*must, *may]))

    def decode(self, batch: Batch) -> Iterator[Parcel]:
        """The readings of a batch."""
        blank = self._blank(batch)
        if blank is not None:
            batch = Batch(batch.rows[~blank], {n: c.filter(pa.array(~blank)) for n, c in batch.columns.items()})
        if not len(batch.rows):
            return
        usable = np.ones(len(batch.rows), bool)
        station, usable = self._stations(batch, usable)
        times = self._times(batch)
        usable = self._with_time(batch, times, usable)
        if self.mapping.fields is None:
            yield from self._wide(batch, station, times.seconds, usable)
        else:
            yield from self._long(batch, station, times.seconds, usable)

    def finish(self, ragged: Sequence[Ragged]) -> None:
        """Note rows that do not fit the header, and how many rejects of a kind were not told one by one."""
        for each in ragged:
            reason = f"the row has {each.cells} cells, the header {each.expected}"
            self._note(each.row, "", "", reason, "Put a cell that holds the separator in double quotes")
        for (name, value, reason, mend), count in self._alike.items():
            if count > TOLD:
                more = f"{reason}; and {count - TOLD:,} more like this"
                self.rejects.append(Reject(0, name, value, more, mend, count - TOLD))

    # ---- what every layout has

    def _parts(self) -> list[str | None]:
        parts = self.mapping.time.parts
        return [] if parts is None else [parts.year, parts.month, parts.day, parts.hour]

    def _missing_column(self, name: str) -> ReadingsError:
        mend = self._header()
        if name == self.mapping.station.column and self.mapping.fields is None:
            mend = f"Say which station the file is about: --station ID. {mend}"
        return ReadingsError("a column is missing", field=name, mend=mend)

    def _header(self) -> str:
        there = ", ".join(self.columns[:20])
        apart = next((mark for mark in (";", "\t", "|", ",") if len(self.columns) == 1 and mark in there), None)
        if apart:
            return f"The header looks separated by {apart!r}; this mapping expects {self.mapping.delimiter!r}"
        return f"The mapping {self.mapping.id} needs it; the file has: {there}"

    def _blank(self, batch: Batch) -> Bools | None:
        """Rows with nothing in them: blank lines between or after the data."""
        blank: Bools | None = None
        for column in batch.columns.values():
            if not pa.types.is_dictionary(column.type):
                return None
            texts, index = distinct_texts(column)
            empty = np.array([not text for text in texts], bool)
            if not empty.any():
                return None
            here = empty[index]
            blank = here if blank is None else blank & here
            if not blank.any():
                return None
        return blank

    def _stations(self, batch: Batch, usable: Bools) -> tuple[NDArray[np.int32], Bools]:
        field = self.mapping.station
        if field.fixed is not None:
            self._known_or_fail(field.fixed)
            return np.full(len(usable), self.words.stations.place(field.fixed), np.int32), usable
        if field.column is None:
            return np.zeros(len(usable), np.int32), usable
        texts, index = distinct_texts(batch.columns[field.column])
        known = np.array([bool(text) and (self.stations is None or text in self.stations) for text in texts], bool)
        rule = self.rules.one("unknown-station")
        assert isinstance(rule, UnknownStation)
        for i in np.flatnonzero(~known[index]).tolist():
            text = texts[index[i]]
            problem = f"{rule.key}: {rule.reason.en}" if text else "the station is missing"
            self._reject(batch, i, field.column, text, problem, rule.mend)
        places = np.array(
            [self.words.stations.place(text) if good else 0 for text, good in zip(texts, known, strict=True)], np.int32
        )
        return places[index], usable & known[index]

    def _known_or_fail(self, station: str) -> None:
        if self.stations is not None and station not in self.stations:
            raise UnknownName("station", station, self.stations)

    def _times(self, batch: Batch) -> Times:
        field = self.mapping.time
        if field.column is not None:
            clock = None if field.clock is None else batch.columns[field.clock]
            times = times_from_column(batch.columns[field.column], field, clock)
        else:
            times = times_from_parts([batch.columns[name] for name in self._parts() if name], field)
        if field.label == "end" and self.mapping.period is not None:
            return Times(times.seconds - seconds(self.mapping.period), times.problem)
        return times

    def _with_time(self, batch: Batch, times: Times, usable: Bools) -> Bools:
        for i in np.flatnonzero((times.problem > 0) & usable).tolist():
            problem, mend = PROBLEMS[int(times.problem[i])]
            self._reject(batch, i, *self._time_said(batch, i), problem, mend)
        usable = usable & (times.problem == 0)
        length = seconds(self.mapping.period) if self.mapping.period is not None else 0
        for rule in self.rules.rules:
            if isinstance(rule, Before):
                first = int(datetime(rule.first.year, rule.first.month, rule.first.day, tzinfo=UTC).timestamp())
                wrong = usable & (times.seconds < first)
            elif isinstance(rule, Future):
                wrong = usable & (times.seconds + length > self.now)
            else:
                continue
            for i in np.flatnonzero(wrong).tolist():
                self._reject(batch, i, *self._time_said(batch, i), f"{rule.key}: {rule.reason.en}", rule.mend)
            usable = usable & ~wrong
        return usable

    def _time_said(self, batch: Batch, i: int) -> tuple[str, str]:
        time = self.mapping.time
        names = [name for name in (time.column, time.clock, *self._parts()) if name]
        return "+".join(names), "-".join(_cell(batch.columns[name], i) for name in names)

    def _reject(self, batch: Batch, i: int, field: str, value: str, reason: str, mend: str = "") -> None:
        self._note(int(batch.rows[i]), field, value, reason, mend)

    def _note(self, row: int, field: str, value: str, reason: str, mend: str) -> None:
        # A file of another network has millions of rows that are alike: each station, each kind of fault is one kind.
        alike = (field, value if field == self.mapping.station.column else "", reason, mend)
        self._alike[alike] += 1
        if self._alike[alike] <= TOLD:
            self.rejects.append(Reject(row, field, value, reason, mend))

    # ---- wide

    def _wide(self, batch: Batch, station: NDArray[np.int32], start: Ints, usable: Bools) -> Iterator[Parcel]:
        assert self.mapping.period is not None
        period = seconds(self.mapping.period)
        for column in self.mapping.columns:
            if column.name not in batch.columns:
                continue
            of = station
            if column.station is not None:
                if not self._column_station_known(column):
                    continue
                of = np.full(len(usable), self.words.stations.place(column.station), np.int32)
            factor = ticks_per(quantity(column.quantity), column.unit, self.mapping.state)
            values = batch.columns[column.name]
            converted = self._converted(values, factor, column.name)
            good = usable & converted.given
            self._reject_unreadable(batch, column.name, values, good & ~converted.readable)
            good &= converted.readable
            from_, length = (_midnight(start, self.mapping), _DAY) if column.daily else (start, period)
            if column.daily:
                good = self._ended(batch, from_ + length, good)
            if not good.any():
                continue
            n = len(usable)
            whole = Parcel(
                row=batch.rows,
                station=of,
                quantity=np.full(n, self.words.quantities.place(column.quantity), np.int16),
                statistic=np.full(n, self.words.statistics.place(column.statistic), np.int16),
                start=from_,
                period=np.full(n, length, np.int32),
                ticks=converted.ticks,
                qualifier=np.maximum(converted.qualifier, self._below(batch, column)),
                flag=np.zeros(n, np.uint8),
                reasons=np.zeros(n, np.uint32),
                raw=self._raw(values, good & ~converted.exact),
            )
            parcel = whole if good.all() else whole.take(good)
            self._mark_sentinels(parcel, column.quantity, factor)
            yield parcel

    def _below(self, batch: Batch, column: Column) -> NDArray[np.uint8]:
        """The qualifier that the column beside this one tells."""
        if column.below is None or column.below not in batch.columns:
            return np.zeros(len(batch.rows), np.uint8)
        said = batch.columns[column.below]
        if pa.types.is_boolean(said.type):
            below = said.fill_null(False).to_numpy(zero_copy_only=False)
        else:
            texts, index = distinct_texts(said)
            below = np.array([text.lower() in _TRUE for text in texts], bool)[index]
        return np.where(below, QUALIFIERS.index("<"), 0).astype(np.uint8)

    def _column_station_known(self, column: Column) -> bool:
        assert column.station is not None
        known = self.stations is None or column.station in self.stations
        if not known and column.name not in self._seen_columns:
            rule = self.rules.one("unknown-station")
            assert isinstance(rule, UnknownStation)
            reason = f"{rule.key}: {rule.reason.en}; the whole column is left out"
            self.rejects.append(Reject(0, column.name, column.station, reason, rule.mend))
        self._seen_columns.add(column.name)
        return known

    def _converted(self, values: pa.Array, factor: Fraction, name: str) -> Converted:
        try:
            return convert(values, factor, missing=self.mapping.missing, decimal_mark=self.mapping.decimal_mark)
        except TypeError as error:
            raise ReadingsError(str(error), field=name, mend="Store numbers or text") from None

    def _reject_unreadable(self, batch: Batch, name: str, values: pa.Array, wrong: Bools) -> None:
        for i in np.flatnonzero(wrong).tolist():
            self._reject(batch, i, name, _cell(values, i), _NO_NUMBER, "Write a decimal number, or leave it empty")

    def _raw(self, values: pa.Array, inexact: Bools) -> NDArray[np.int32]:
        """The text as received where ticks do not render it."""
        raw = np.full(len(inexact), -1, np.int32)
        rows = np.flatnonzero(inexact)
        if rows.size:
            texts, index = distinct_texts(shortest_texts(values.take(pa.array(rows))))
            raw[rows] = np.array(self.words.raw.places(texts), np.int32)[index]
        return raw

    def _mark_sentinels(self, parcel: Parcel, name: str, factor: Fraction) -> None:
        medium = quantity(name).medium
        for rule in self.rules.rules:
            if isinstance(rule, Sentinel) and self.rules.medium(rule) in (None, medium):
                codes = [round_fraction(Fraction(value) * factor, 0) for value in rule.values]
                found = np.isin(parcel.ticks, codes)
                if found.any():
                    parcel.reasons[found] |= np.uint32(self.rules.bit(rule))
                    parcel.flag[found] = FLAGS.index(rule.flag)

    # ---- long

    def _long(self, batch: Batch, station: NDArray[np.int32], start: Ints, usable: Bools) -> Iterator[Parcel]:
        fields = self.mapping.fields
        assert fields is not None
        period, usable = self._lengths(batch, usable)
        usable = self._ended(batch, start + period, usable)
        statistic, usable = self._distinct(batch, fields.statistic, usable, self._statistic, default="mean")
        qualifier, usable = self._distinct(batch, fields.qualifier, usable, _qualifier, default="=")
        flag, usable = self._distinct(batch, fields.flag, usable, _flag, default="valid")
        units, unit = distinct_texts(batch.columns[fields.unit])
        quantities, named = distinct_texts(batch.columns[fields.quantity])
        pairs = named * len(units) + unit
        values = batch.columns[fields.value]
        for pair in np.unique(pairs[usable]).tolist():
            rows = np.flatnonzero(usable & (pairs == pair))
            factor = self._factor(quantities[pair // len(units)], units[pair % len(units)])
            if isinstance(factor, InputError):
                field = fields.quantity if isinstance(factor, UnknownName) else fields.unit
                for i in rows.tolist():
                    said = _cell(batch.columns[field], i)
                    self._reject(batch, i, field, said, factor.problem, factor.mend or "")
                continue
            per_unit, place = factor
            some = values.take(pa.array(rows))
            converted = self._converted(some, per_unit, fields.value)
            wrong = np.zeros(len(usable), bool)
            wrong[rows] = ~converted.readable
            self._reject_unreadable(batch, fields.value, values, wrong)
            good = converted.given & converted.readable
            parcel = Parcel(
                row=batch.rows[rows],
                station=station[rows],
                quantity=np.full(len(rows), place, np.int16),
                statistic=statistic[rows].astype(np.int16),
                start=start[rows],
                period=period[rows].astype(np.int32),
                ticks=converted.ticks,
                qualifier=np.maximum(qualifier[rows].astype(np.uint8), converted.qualifier),
                flag=flag[rows].astype(np.uint8),
                reasons=np.where(flag[rows] > 0, self.rules.bit(self.rules.one("declared")), 0).astype(np.uint32),
                raw=self._raw(some, good & ~converted.exact),
            ).take(good)
            self._mark_sentinels(parcel, quantities[pair // len(units)], per_unit)
            if len(parcel):
                yield parcel

    def _lengths(self, batch: Batch, usable: Bools) -> tuple[Ints, Bools]:
        """How long each reading lasts; a sample of water without a length is one of its instant, as samples are."""
        fields = self.mapping.fields
        assert fields is not None
        length, usable = self._distinct(batch, fields.period, usable, _length, default="0")
        if fields.period in batch.columns:
            texts, index = distinct_texts(batch.columns[fields.period])
            untold = np.isin(index, [i for i, text in enumerate(texts) if not text]) & usable
        else:
            untold = usable
        names, named = distinct_texts(batch.columns[fields.quantity])
        lasting = untold & np.isin(named, [i for i, name in enumerate(names) if _lasts(name)])
        for i in np.flatnonzero(lasting).tolist():
            self._reject(batch, i, fields.period, "", "nothing says how long this reading lasts", _SAY_HOW_LONG)
        return length, usable & ~lasting

    def _distinct(
        self, batch: Batch, name: str, usable: Bools, read: Callable[[str], int], default: str | None = None
    ) -> tuple[Ints, Bools]:
        """A column of few distinct texts as numbers; texts that cannot be read are rejected."""
        if name not in batch.columns:
            assert default is not None
            return np.full(len(usable), read(default), np.int64), usable
        texts, index = distinct_texts(batch.columns[name])
        numbers = np.zeros(len(texts), np.int64)
        wrong: dict[int, str] = {}
        for i, text in enumerate(texts):
            try:
                numbers[i] = read(text or default or "")
            except ValueError as error:
                wrong[i] = str(error)
        if wrong:
            bad = np.isin(index, list(wrong)) & usable
            for i in np.flatnonzero(bad).tolist():
                self._reject(batch, i, name, texts[index[i]], wrong[int(index[i])])
            usable = usable & ~bad
        return numbers[index], usable

    def _ended(self, batch: Batch, end: Ints, usable: Bools) -> Bools:
        rule = self.rules.one("future")
        assert isinstance(rule, Future)
        wrong = usable & (end > self.now)
        for i in np.flatnonzero(wrong).tolist():
            self._reject(batch, i, *self._time_said(batch, i), f"{rule.key}: {rule.reason.en}", rule.mend)
        return usable & ~wrong

    def _statistic(self, text: str) -> int:
        return self.words.statistics.place(text)

    def _factor(self, name: str, unit: str) -> tuple[Fraction, int] | InputError:
        if (name, unit) not in self._factors:
            try:
                factor = ticks_per(quantity(name), unit, self.mapping.state)
                self._factors[name, unit] = (factor, self.words.quantities.place(name))
            except InputError as error:
                self._factors[name, unit] = error
        return self._factors[name, unit]


def _read_for(column: Column) -> list[str]:
    return [column.name] if column.below is None else [column.name, column.below]


def _midnight(start: Ints, mapping: Mapping) -> Ints:
    """Where the natural day of each start begins."""
    offset = Zone.parse(mapping.time.zone or "UTC").minutes * 60
    return start - (start + offset) % _DAY


def _cell(column: pa.Array, i: int) -> str:
    value: Any = column[i].as_py()
    return "" if value is None else str(value)


def _lasts(name: str) -> bool:
    """Whether a reading is of a stretch of time: of air and noise it is, of water it may be of an instant."""
    held = catalogue().get(name)
    return held is not None and held.medium != "water"


def _length(text: str) -> int:
    length = seconds(text)
    if length > _TOO_LONG:
        raise ValueError(f"{text!r} is too long for one reading")
    return length


def _qualifier(text: str) -> int:
    if text not in QUALIFIERS:
        raise ValueError(f"there is no qualifier {text!r}; known: {' '.join(QUALIFIERS)}")
    return QUALIFIERS.index(text)


def _flag(text: str) -> int:
    if text.lower() not in FLAGS:
        raise ValueError(f"there is no flag {text!r}; known: {', '.join(FLAGS)}")
    return FLAGS.index(text.lower())
