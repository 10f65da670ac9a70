"""Readings out of frames, many at a time.

What is done for each frame is little: its values are appended to lists. What can be done for thousands of readings at
once waits for :meth:`Gathered.table`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from commonshed.errors import FrameError
from commonshed.exact import divide
from commonshed.keep.rows import FLAGS, QUALIFIERS, READINGS
from commonshed.observe.hj212.checks import first_second, limits_of
from commonshed.observe.hj212.device import Device
from commonshed.observe.hj212.frame import Frame, moment, pairs
from commonshed.observe.hj212.packets import stands_alone
from commonshed.observe.hj212.protocol import protocol
from commonshed.observe.hj212.shapes import Refusal, Series, Shape, made_of
from commonshed.observe.numbers import LARGEST, convert
from commonshed.periods import Zone

__all__ = ["MAPPING", "Gathered", "Told"]

MAPPING = "hj212-2017"

_SHAPES = 64
"""Shapes remembered of one device; real ones have three or four."""
_TIMES = 4096
_LONGEST_TIME = 17
_EDITION_2025 = 2
_NANO = 10**9
_SAFE = 2**62
_NUMBERS = re.compile(r"(?:-?\d+(?:\.\d*)?,)*\Z", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?\Z", re.ASCII)
_MISSING = frozenset({"", "-", "--", "NA", "N/A", "NaN", "nan", "NULL", "null", "None"})
_SUSPECT, _INVALID = FLAGS.index("suspect"), FLAGS.index("invalid")

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Told:
    """What became of one frame."""

    taken: int
    refused: tuple[Refusal, ...] = ()


@dataclass(frozen=True, eq=False)
class _Prepared:
    """A shape, and what is the same for every frame of it."""

    shape: Shape
    ids: NDArray[np.int32]
    told: Told
    period: int


class _AllSeries:
    """Every series met by this process, as columns; there are few, however many devices send them."""

    def __init__(self) -> None:
        self.held: list[Series] = []
        self._places: dict[tuple[object, ...], int] = {}
        self._columns: dict[str, Any] = {}

    def places(self, series: tuple[Series, ...]) -> NDArray[np.int32]:
        return np.array([self._place(each) for each in series], np.int32)

    def _place(self, each: Series) -> int:
        key = (each.quantity, each.statistic, each.period, each.per_unit, each.doubt, each.doubt_below)
        place = self._places.setdefault(key, len(self.held))
        if place == len(self.held):
            self.held.append(each)
        return place


_ALL = _AllSeries()


@dataclass
class Gathered:
    """Readings of frames that are to be kept together.

    Parameters
    ----------
    strict : bool
        What HJ 212-2017 does not have is refused: times with milliseconds, aggregates that do not begin a period.
    """

    strict: bool = False
    _texts: list[str] = field(default_factory=list)
    _flags: list[str] = field(default_factory=list)
    _prepared: list[_Prepared] = field(default_factory=list)
    _starts: list[int] = field(default_factory=list)
    _devices: list[int] = field(default_factory=list)
    _known: dict[str, tuple[int, str]] = field(default_factory=dict)
    _marks: dict[int, str] = field(default_factory=dict)
    _misfits: set[int] = field(default_factory=set)
    _rows: int = 0

    def __len__(self) -> int:
        """Readings taken."""
        return self._rows

    def add(self, frame: Frame, device: Device, *, latest: int | None = None) -> Told:
        """Take the readings of one frame.

        Parameters
        ----------
        frame : Frame
            Another than 2011, 2051, 2061 and 2031 has no readings. Packets that are not whole by themselves have gone
            through :class:`commonshed.observe.hj212.packets.Packets` before.
        device : Device
            Whose frame it is.
        latest : int, optional
            Readings that start later are refused. [UTC s]
        """
        if frame.cn not in protocol().periods:
            return Told(0)
        if (frame.pnum or 0) > 1 and not stands_alone(frame):
            mend = "Put the packets together first"
            return Told(0, (Refusal("PNO", str(frame.pno), "this packet is not whole by itself", mend),))
        try:
            prepared, values = _read(frame, device)
        except FrameError as error:
            mend = protocol().facts["edition_2025"]["encrypted"] if frame.version == _EDITION_2025 else error.mend or ""
            return Told(0, (Refusal(error.field or "CP", str(error.value or ""), error.problem, mend),))
        shape = prepared.shape
        if shape.time < 0:
            return Told(0, (*shape.refused, Refusal("DataTime", "", "there is no time", "Send DataTime")))
        start = _seconds(values[shape.time], device.zone)
        if problem := self._time_problem(values[shape.time], start, latest):
            return Told(0, (problem,))
        assert start is not None
        values.append("")
        texts = shape.values(values)
        told = prepared.told
        if not _NUMBERS.match(",".join([*texts, ""])) or max(map(len, texts), default=0) > shape.longest:
            texts, told = _one_by_one(texts, prepared)
        if prepared.period and (start + device.zone.minutes * 60) % prepared.period:
            if self.strict:
                return Told(0, (_misfit(values[shape.time], frame.cn),))
            self._misfits.update(range(len(self._texts), len(self._texts) + len(texts)))
        for mark in shape.marked:
            self._mark(mark, values, shape)
        self._texts += texts
        self._flags += shape.flags(values)
        self._prepared.append(prepared)
        self._starts.append(start)
        self._devices.append(self._known.setdefault(device.mn, (len(self._known), device.station))[0])
        self._rows += told.taken
        return told

    def _time_problem(self, text: str, start: int | None, latest: int | None) -> Refusal | None:
        if start is None or (self.strict and len(text) != 14):
            return Refusal("DataTime", text[:40], "this is no time", "Write YYYYMMDDhhmmss")
        if start < first_second():
            return Refusal(
                "DataTime", text, "the time lies before anything was measured", "Set the clock of the device"
            )
        if latest is not None and start > latest:
            return Refusal("DataTime", text, "the time lies in the future", "Set the clock of the device")
        return None

    def _mark(self, mark: tuple[int, int, int], values: list[str], shape: Shape) -> None:
        series, eflag, sampled = mark
        told = []
        if eflag >= 0 and values[eflag] not in ("", "0"):
            told.append(f"device flag {values[eflag][:40]}")
        if sampled >= 0 and values[sampled] not in ("", values[shape.time]):
            told.append(f"sampled at {values[sampled][:17]} by the device's clock")
        if told:
            self._marks[len(self._texts) + series] = "; ".join(told)

    def table(self, recorded: int) -> pa.Table:
        """The readings in the form :data:`commonshed.keep.rows.READINGS`, in the order they came.

        Parameters
        ----------
        recorded : int
            When they were received. [UTC s]
        """
        if not self._texts:
            return READINGS.empty_table()
        ids = np.concatenate([prepared.ids for prepared in self._prepared])
        counts = np.fromiter((len(prepared.ids) for prepared in self._prepared), np.int64, len(self._prepared))
        used, place = np.unique(ids, return_inverse=True)
        series = [_ALL.held[i] for i in used.tolist()]
        texts = pa.array(self._texts, pa.string())
        ticks, exact, given = _ticks(texts, series, place)
        devices = np.repeat(np.array(self._devices, np.int32), counts)
        marks = self._judged(series, place, ticks)
        n = len(texts)
        columns = {
            "station": _named(devices, [station for _, station in self._known.values()]),
            "quantity": _by_series(series, place, "quantity"),
            "statistic": _by_series(series, place, "statistic"),
            "start": pa.array(np.repeat(np.array(self._starts, np.int64), counts)),
            "period": pa.array(np.array([each.period for each in series], np.int32)[place]),
            "ticks": pa.array(ticks),
            "qualifier": _named(marks.qualifier, list(QUALIFIERS)),
            "flag": _named(marks.flag, list(FLAGS)),
            "status": _same("provisional", n),
            "reason": marks.reason,
            "raw": pa.nulls(n, pa.string()) if exact.all() else pa.compute.if_else(pa.array(exact), None, texts),
            "mapping": _same(MAPPING, n),
            "origin": _named(devices, [f"device {mn}" for mn in self._known]),
            "recorded": pa.repeat(pa.scalar(recorded, pa.int64()), n),
            "author": pa.nulls(n, READINGS.field("author").type),
        }
        table = pa.Table.from_arrays([columns[name] for name in READINGS.names], schema=READINGS)
        return table if given.all() else table.filter(pa.array(given)).combine_chunks()

    def _judged(self, series: list[Series], place: Ints, ticks: Ints) -> _Judged:
        """Flags, qualifiers and reasons."""
        letters = pa.array(self._flags, pa.string()).dictionary_encode()
        letter = letters.indices.to_numpy()
        kinds = [_flagged(text) for text in letters.dictionary.to_pylist()]
        flag = np.array([kind[0] for kind in kinds], np.int32)[letter]
        qualifier = np.array([kind[1] for kind in kinds], np.int32)[letter]
        texts = [[kind[2]] if kind[2] else [] for kind in kinds]
        doubts = np.array([bool(each.doubt) for each in series])
        bounds = np.array([LARGEST if each.doubt_below is None else int(each.doubt_below) for each in series], np.int64)
        doubted = doubts[place] & (np.abs(ticks) < bounds[place]) if doubts.any() else np.zeros(len(ticks), bool)
        limits = [limits_of(each.quantity, each.per_unit) for each in series]
        beyond = ticks < np.array([each.low for each in limits], np.int64)[place]
        beyond |= ticks >= np.array([each.high for each in limits], np.int64)[place]
        odd = sorted({*self._marks, *self._misfits, *np.flatnonzero(doubted | beyond).tolist()})
        reason = np.arange(len(kinds))[letter]
        places: dict[str, int] = {}
        for row in odd:
            said = list(texts[letter[row]])
            if doubted[row]:
                said.append(series[place[row]].doubt)
            if row in self._misfits:
                said.append("the time does not begin a period")
            if row in self._misfits:
                flag[row] = max(flag[row], _SUSPECT)
            if doubted[row]:
                flag[row] = _INVALID  # in the wrong unit it would pull a mean down a thousandfold
            for worse, rule in limits[place[row]].judge(int(ticks[row])) if beyond[row] else ():
                flag[row] = max(flag[row], worse)
                said.append(rule)
            said += [self._marks[row]] if row in self._marks else []
            reason[row] = len(kinds) + places.setdefault("; ".join(said), len(places))
        names = ["; ".join(each) for each in texts] + list(places)
        silent = np.array([not name for name in names])[reason]
        return _Judged(flag, qualifier, _reasons(reason, names, silent))


@dataclass(frozen=True, eq=False)
class _Judged:
    flag: NDArray[np.int32]
    qualifier: NDArray[np.int32]
    reason: pa.Array


def _read(frame: Frame, device: Device) -> tuple[_Prepared, list[str]]:
    """The shape of a frame and its values."""
    parts = frame.cp.replace(";", ",").replace("=", ",").split(",")
    names, values = tuple(parts[::2]), parts[1::2]
    prepared = device.shapes.get((frame.cn, names))
    if prepared is not None and len(names) == len(values) and prepared.shape.template % tuple(values) == frame.cp:
        return prepared, values
    return _read_exactly(frame, device)


def _read_exactly(frame: Frame, device: Device) -> tuple[_Prepared, list[str]]:
    found = pairs(frame.cp)
    names, values = [name for name, _ in found], [value for _, value in found]
    separators = "".join(mark for mark in frame.cp if mark in ";,")
    regular = len(separators) == len(names) - 1
    key = (frame.cn, tuple(names)) if regular else (frame.cn, tuple(names), "irregular")
    prepared: _Prepared | None = device.shapes.get(key)
    if prepared is None:
        shape = made_of(names, separators if regular else "," * (len(names) - 1), frame.cn, device)
        told = Told(len(shape.series), shape.refused)
        period = shape.series[0].period if shape.series else 0
        prepared = _Prepared(shape, _ALL.places(shape.series), told, period)
        if len(device.shapes) >= _SHAPES:
            device.shapes.clear()
        device.shapes[key] = prepared
    return prepared, values


def _one_by_one(texts: tuple[str, ...], prepared: _Prepared) -> tuple[tuple[str, ...], Told]:
    """Texts of the readings, empty where there is none; and what is told of them."""
    kept = []
    refused = list(prepared.told.refused)
    for text, series in zip(texts, prepared.shape.series, strict=True):
        if text in _MISSING:
            kept.append("")
        elif not _NUMBER.match(text):
            refused.append(Refusal(series.field, text[:40], "this is no number"))
            kept.append("")
        elif abs(Decimal(text)) * series.per_unit.numerator >= LARGEST * series.per_unit.denominator:
            refused.append(Refusal(series.field, text[:40], "no instrument shows so large a number"))
            kept.append("")
        else:
            kept.append(text)
    return tuple(kept), Told(sum(map(bool, kept)), tuple(refused))


def _misfit(text: str, command: str) -> Refusal:
    mend = "DataTime of aggregates is the start of their period"
    return Refusal("DataTime", text, f"the time does not begin a period of {command}", mend)


_seen: dict[tuple[str, int], int | None] = {}


def _seconds(text: str, zone: Zone) -> int | None:
    """The instant that local time stands for; None: it is no time. [UTC s]"""
    if len(text) > _LONGEST_TIME:
        return None
    key = text, zone.minutes
    if key not in _seen:
        if len(_seen) >= _TIMES:
            _seen.clear()
        found = moment(text)
        _seen[key] = (
            None
            if found is None
            else zone.first_second(found.date()) + found.hour * 3600 + found.minute * 60 + found.second
        )
    return _seen[key]


def _ticks(texts: pa.Array, series: list[Series], place: Ints) -> tuple[Ints, Bools, Bools]:
    """Ticks, whether they are what the text says, and whether there is a number at all."""
    converted = convert(texts, Fraction(_NANO))
    scales = [each.per_unit / _NANO for each in series]
    num = np.array([scale.numerator for scale in scales], np.int64)[place]
    den = np.array([scale.denominator for scale in scales], np.int64)[place]
    whole = converted.readable & converted.exact
    whole &= np.abs(converted.ticks) < (_SAFE - den) // (2 * num)
    products = np.where(whole, converted.ticks, 0) * num
    ticks, exact = divide(products, den), products % den == 0
    given = converted.given.copy()
    for i in np.unique(place[given & ~whole]).tolist():
        rows = np.flatnonzero(given & ~whole & (place == i))
        some = convert(texts.take(pa.array(rows)), series[i].per_unit)
        ticks[rows], exact[rows], given[rows] = some.ticks, some.exact, some.readable
    return ticks, exact, given


def _flagged(letter: str) -> tuple[int, int, str]:
    """Flag, qualifier and reason that a data flag stands for; no letter: nothing was said against the reading."""
    if not letter:
        return 0, 0, ""
    held = protocol().flags.get(letter) or protocol().flags.get(letter.upper())
    if held is None:
        return _SUSPECT, 0, f"the standard has no data flag {letter[:20]}"
    return FLAGS.index(held.flag), QUALIFIERS.index(held.qualifier), f"{letter}: {held.reason}" if held.reason else ""


def _by_series(series: list[Series], place: Ints, name: str) -> pa.Array:
    texts = [getattr(each, name) for each in series]
    names = list(dict.fromkeys(texts))
    return _named(np.array([names.index(text) for text in texts], np.int32)[place], names)


def _named(codes: NDArray[np.int32], names: list[str]) -> pa.Array:
    distinct = list(dict.fromkeys(names))
    if len(distinct) < len(names):
        codes = np.array([distinct.index(name) for name in names], np.int32)[codes]
    return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(distinct, pa.string()))


def _same(text: str, n: int) -> pa.Array:
    return _named(np.zeros(n, np.int32), [text])


def _reasons(codes: Ints, names: list[str], silent: Bools) -> pa.Array:
    if silent.all():
        return pa.nulls(len(codes), READINGS.field("reason").type)
    used, place = np.unique(np.where(silent, -1, codes), return_inverse=True)
    texts = [names[i] if i >= 0 else "" for i in used.tolist()]
    return pa.DictionaryArray.from_arrays(pa.array(place.astype(np.int32), mask=silent), pa.array(texts, pa.string()))
