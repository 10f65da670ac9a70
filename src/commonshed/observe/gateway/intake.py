"""What a logger posts, as readings: every row is looked at, and either all are taken or each fault is told.

JSON and Arrow become the same plain columns first. Numbers are taken by their text, so that no binary float comes
between what the logger wrote and what is kept.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from commonshed.errors import CommonshedError, InputError
from commonshed.keep.rows import FLAGS, QUALIFIERS, READINGS
from commonshed.observe.gateway.arrow_heads import heads
from commonshed.observe.gateway.keys import Key
from commonshed.observe.mapping import seconds
from commonshed.observe.numbers import convert, shortest_texts
from commonshed.places import Network
from commonshed.units import quantities, quantity, ticks_per

__all__ = ["FIELDS", "MAPPING", "MOST_ROWS", "Fault", "IntakeRefused", "from_arrow", "from_json", "readings"]

MAPPING = "http-intake"
FIELDS = ("station", "quantity", "statistic", "start", "period", "value", "unit", "flag", "reason")
_NEEDED = ("station", "quantity", "start", "period", "value", "unit")
_ORDINARY = {"statistic": "mean", "flag": "valid"}
_MOST_FAULTS = 100
_LONGEST = 366 * 86_400  # s a reading may be long
_LATEST = 3600  # s a reading may start behind the moment it arrives: clocks differ
_SURROGATE = re.compile("[\ud800-\udfff]")
_LONGEST_REASON = 500  # characters
MOST_ROWS = 200_000
"""Of one body."""

_STATISTIC = re.compile(r"[a-z][a-z0-9-]{0,31}")

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with one row."""

    row: int
    field: str
    value: str
    problem: str
    mend: str


class IntakeRefused(CommonshedError):
    """Nothing of what was posted was taken; ``faults`` says why, row by row."""

    def __init__(self, faults: Sequence[Fault], more: int = 0) -> None:
        self.faults = tuple(faults)
        self.more = more
        super().__init__(f"{len(faults) + more} faults; nothing was taken")

    def content(self) -> dict[str, Any]:
        """As JSON says it."""
        return {"taken": 0, "errors": [asdict(fault) for fault in self.faults], "more_errors": self.more}


class _Number(str):
    """A number of JSON by its text."""

    __slots__ = ()


def from_json(body: bytes) -> pa.Table:
    """The rows of ``{"readings": [{…}, …]}`` as columns of text.

    Raises
    ------
    InputError
        The body is no such JSON.
    IntakeRefused
        A row is no reading: a field is missing, unknown, or of another kind.
    """
    if body.count(b"{") > 2 * MOST_ROWS:
        raise _too_many(body.count(b"{"))
    try:
        said = json.loads(
            body, parse_float=_Number, parse_int=_Number, parse_constant=_no_number, object_pairs_hook=_once_each
        )
    except (ValueError, RecursionError) as error:
        raise InputError(f"the body is no JSON: {error}", mend='Send {"readings": [{"station": …}]}') from None
    rows = said.get("readings") if isinstance(said, dict) and set(said) == {"readings"} else None
    if not isinstance(rows, list):
        raise InputError("the body has to be an object with one list", mend='Send {"readings": [{"station": …}]}')
    if len(rows) > MOST_ROWS:
        raise _too_many(len(rows))
    faults = _Faults()
    for i, row in enumerate(rows, 1):
        _check_row(i, row, faults)
    faults.tell()
    return pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in FIELDS})


def from_arrow(body: bytes) -> pa.Table:
    """The rows of an Arrow stream as columns of text.

    Raises
    ------
    InputError
        The body is no Arrow stream, or lacks a column.
    """
    try:
        found = list(heads(body))
        if any(head.packed for head in found):
            raise InputError("the buffers of the stream are compressed", mend="Send them as they are")
        if any(not 0 <= head.rows <= MOST_ROWS for head in found) or sum(head.rows for head in found) > 2 * MOST_ROWS:
            raise _too_many(max(head.rows for head in found))
        with pa.ipc.open_stream(body) as stream:
            table = stream.read_all()
            table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(f"the body is no Arrow stream: {error}") from None
    columns = {}
    for name in table.column_names:
        if name not in FIELDS:
            raise InputError("a column nobody declared", field=name, mend=f"Known: {', '.join(FIELDS)}")
        columns[name] = _text(table[name].combine_chunks(), name)
    for name in FIELDS:
        if name not in columns:
            if name in _NEEDED:
                raise InputError("a column is missing", field=name, mend=f"Needed: {', '.join(_NEEDED)}")
            columns[name] = pa.nulls(table.num_rows, pa.string())
    return pa.table({name: columns[name] for name in FIELDS})


def readings(rows: pa.Table, *, key: Key, network: Network, recorded: int) -> pa.Table:
    """Posted rows as readings in the form :data:`commonshed.keep.rows.READINGS`.

    Parameters
    ----------
    rows : pa.Table, n
        Columns of text, see :data:`FIELDS`.
    key : Key
        Whose they are; it may not be for every station and quantity.
    network : Network
    recorded : int
        [UTC s]

    Raises
    ------
    IntakeRefused
        Something is wrong with a row. Nothing is taken.
    """
    faults = _Faults()
    texts = {name: _filled(rows[name], name) for name in FIELDS}
    for name in _NEEDED:
        _each_distinct(texts[name], name, _given, faults)
    _each_distinct(texts["station"], "station", lambda name: _allowed_station(name, key, network), faults)
    _each_distinct(texts["quantity"], "quantity", lambda name: _allowed_quantity(name, key), faults)
    _each_distinct(texts["statistic"], "statistic", _known_statistic, faults)
    _each_distinct(texts["flag"], "flag", _known_flag, faults)
    _each_distinct(texts["reason"], "reason", _plain_reason, faults)
    starts = _each_distinct(texts["start"], "start", lambda text: _start(text, recorded), faults)
    periods = _each_distinct(texts["period"], "period", _period, faults)
    faults.tell()
    ticks, qualifier, raw = _values(texts, faults)
    faults.tell()
    table = _table(texts, starts, periods, ticks, qualifier, raw, key.name, recorded)
    _refuse_doubles(table, faults)
    return table


class _Faults:
    """What is wrong, up to a number that a person reads."""

    def __init__(self) -> None:
        self.found: list[Fault] = []
        self.more = 0

    def add(self, rows: Iterable[int], field: str, value: object, problem: str, mend: str) -> None:
        for row in rows:
            if len(self.found) < _MOST_FAULTS:
                self.found.append(Fault(row, _told(field), _told(value), problem, mend))
            else:
                self.more += 1

    def tell(self) -> None:
        if self.found:
            raise IntakeRefused(sorted(self.found, key=lambda fault: fault.row), self.more)


def _told(value: object) -> str:
    """A stranger's words, as they can be sent back."""
    return str(value)[:120].encode("utf-8", "backslashreplace").decode()


def _too_many(count: int) -> InputError:
    mend = f"Send at most {MOST_ROWS} at a time"
    return InputError("too many readings in one body", field="readings", value=count, mend=mend)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice[:80]!r} is said twice of one thing")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _check_row(i: int, row: Any, faults: _Faults) -> None:
    if not isinstance(row, dict):
        faults.add([i], "", row, "this is no reading", 'Write {"station": …, "quantity": …}')
        return
    for name, value in row.items():
        if name not in FIELDS:
            faults.add([i], name, value, "a field nobody declared", f"Known: {', '.join(FIELDS)}")
        elif not (value is None or isinstance(value, str)):
            faults.add([i], name, value, "this is neither text nor a number", "Write it as text")
        elif value is not None and not _whole(value):
            faults.add([i], name, value, "this holds half a character", "Write it in UTF-8")
        elif isinstance(value, _Number) and name in ("station", "quantity", "statistic", "unit", "flag", "reason"):
            faults.add([i], name, value, "this is a number where a name is meant", f'Write "{value}"')
    for name in _NEEDED:
        if row.get(name) is None:
            faults.add([i], name, "", "a field is missing", f"Needed: {', '.join(_NEEDED)}")


def _whole(text: str) -> bool:
    return text.isascii() or not _SURROGATE.search(text)


def _text(array: pa.Array, name: str) -> pa.Array:
    try:
        if pa.types.is_floating(array.type):
            return shortest_texts(array)
        if pa.types.is_timestamp(array.type):
            if array.type.tz is None:
                raise InputError("times have no zone", field=name, mend="Send timestamps with a zone, or text with one")
            return array.cast(pa.timestamp("s")).cast(pa.int64()).cast(pa.string())
        return array.cast(pa.string())
    except (pa.ArrowException, ValueError) as error:
        raise InputError(f"a column cannot be read: {error}", field=name, mend="Send text or numbers") from None


def _filled(column: pa.ChunkedArray, name: str) -> pa.DictionaryArray:
    """A column of text as codes; what is not said is ordinary, or empty."""
    return column.combine_chunks().fill_null(_ORDINARY.get(name, "")).dictionary_encode()


def _each_distinct(
    column: pa.DictionaryArray, field: str, read: Callable[[str], Any], faults: _Faults
) -> NDArray[np.int64]:
    """What each distinct text means, row by row; the rows of those that mean nothing are told."""
    codes = column.indices.to_numpy()
    found = np.zeros(len(column.dictionary), np.int64)
    for code, text in enumerate(column.dictionary.to_pylist()):
        try:
            found[code] = read(text) or 0
        except CommonshedError as error:
            problem, mend = (error.problem, error.mend or "") if isinstance(error, InputError) else (str(error), "")
            faults.add((np.flatnonzero(codes == code) + 1).tolist(), field, text, problem, mend)
    return found[codes] if len(found) else np.zeros(len(codes), np.int64)


def _given(text: str) -> None:
    if not text.strip():
        raise InputError("a field is missing", mend=f"Needed: {', '.join(_NEEDED)}")


def _allowed_station(name: str, key: Key, network: Network) -> None:
    if name.strip() and key.stations is not None and name not in key.stations:
        raise InputError("this key is not for this station", mend=f"It is for {', '.join(key.stations)}")
    if name.strip():
        network.station(name)


def _allowed_quantity(name: str, key: Key) -> None:
    if name.strip() and key.quantities is not None and name not in key.quantities:
        raise InputError("this key is not for this quantity", mend=f"It is for {', '.join(key.quantities)}")
    if name.strip():
        quantity(name)


def _known_statistic(name: str) -> None:
    if not _STATISTIC.fullmatch(name):
        raise InputError("this is no statistic", mend="mean, min, max, sum, instant, leq …")


def _known_flag(name: str) -> None:
    if name not in FLAGS:
        raise InputError("this is no flag", mend=f"Known: {', '.join(FLAGS)}")


def _plain_reason(text: str) -> None:
    if len(text) > _LONGEST_REASON or not text.isprintable():
        raise InputError("this is no reason people can read", mend=f"One line, at most {_LONGEST_REASON} characters")


def _start(text: str, recorded: int) -> int:
    if not text:
        return 0
    try:
        second = int(text) if re.fullmatch(r"\d{1,11}", text) else _instant(text)
    except ValueError:
        raise InputError("no such time", mend="Write 2026-03-05T08:00+08:00, or UTC seconds since 1970") from None
    if second > recorded + _LATEST:
        raise InputError("this is in the future", mend="Set the clock of the logger; a reading has its start")
    return second


def _instant(text: str) -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise InputError("a time without a zone", mend="Write 2026-03-05T08:00+08:00")
    if moment.microsecond:
        raise InputError("a reading starts at a whole second", mend="Leave the fraction out")
    return int(moment.timestamp())


def _period(text: str) -> int:
    if not text:
        return 0
    try:
        length = seconds(text)
    except ValueError:
        length = -1
    if not 0 <= length <= _LONGEST:
        raise InputError("this is no length of a reading", mend="Write seconds: 3600, or PT1H; 0 for an instant")
    return length


def _values(
    texts: dict[str, pa.DictionaryArray], faults: _Faults
) -> tuple[NDArray[np.int64], NDArray[np.uint8], pa.Array]:
    """Ticks, qualifiers, and the text as received where ticks do not say it. One conversion a quantity and unit."""
    of, unit = texts["quantity"], texts["unit"]
    pairs = of.indices.to_numpy().astype(np.int64) * max(len(unit.dictionary), 1) + unit.indices.to_numpy()
    ticks = np.zeros(len(pairs), np.int64)
    qualifier = np.zeros(len(pairs), np.uint8)
    exact = np.ones(len(pairs), bool)
    value = texts["value"].cast(pa.string())
    invalid = pc.equal(texts["flag"].cast(pa.string()), "invalid").to_numpy(zero_copy_only=False)
    for pair in np.unique(pairs).tolist():
        rows = np.flatnonzero(pairs == pair)
        name, spelled = (
            of.dictionary[pair // len(unit.dictionary)].as_py(),
            unit.dictionary[pair % len(unit.dictionary)].as_py(),
        )
        try:
            per_unit = ticks_per(quantity(name), spelled)
        except InputError as error:
            faults.add((rows + 1).tolist(), "unit", spelled, error.problem, error.mend or "")
            continue
        done = convert(value.take(pa.array(rows)), per_unit, missing=())
        ticks[rows], qualifier[rows], exact[rows] = done.ticks, done.qualifier, done.exact
        _tell_values(rows, value, done.readable, "this is no number", 'Write a decimal: "35.2"', faults)
        if quantities()[name].kind != "other":
            positive = ~done.readable | (done.ticks >= 0) | invalid[rows]
            mend = "Send it with the flag invalid and a reason, or leave it out"
            _tell_values(rows, value, positive, "a concentration is not negative", mend, faults)
    return ticks, qualifier, pc.if_else(pa.array(exact), pa.scalar(None, pa.string()), value)


def _tell_values(
    rows: NDArray[np.int64], value: pa.Array, right: Bools, problem: str, mend: str, faults: _Faults
) -> None:
    for row in rows[~right].tolist():
        faults.add([row + 1], "value", value[row], problem, mend)


def _table(
    texts: dict[str, pa.DictionaryArray],
    starts: NDArray[np.int64],
    periods: NDArray[np.int64],
    ticks: NDArray[np.int64],
    qualifier: NDArray[np.uint8],
    raw: pa.Array,
    name: str,
    recorded: int,
) -> pa.Table:
    n = len(ticks)
    reason = texts["reason"].cast(pa.string())
    columns = {
        "station": texts["station"],
        "quantity": texts["quantity"],
        "statistic": texts["statistic"],
        "start": pa.array(starts),
        "period": pa.array(periods.astype(np.int32)),
        "ticks": pa.array(ticks),
        "qualifier": pa.DictionaryArray.from_arrays(pa.array(qualifier.astype(np.int32)), pa.array(QUALIFIERS)),
        "flag": texts["flag"],
        "status": _same("provisional", n),
        "reason": pc.if_else(pc.equal(reason, ""), pa.scalar(None, pa.string()), reason).dictionary_encode(),
        "raw": raw,
        "mapping": _same(MAPPING, n),
        "origin": _same(f"key {name}", n),
        "recorded": pa.array(np.full(n, recorded)),
        "author": pa.nulls(n, READINGS.field("author").type),
    }
    return pa.Table.from_arrays([columns[field.name] for field in READINGS], schema=READINGS)


def _same(name: str, n: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, np.int32)), pa.array([name]))


def _refuse_doubles(table: pa.Table, faults: _Faults) -> None:
    """One key twice in one body: nobody can say which of the two was meant."""
    keys = list(
        zip(*(table[name].to_pylist() for name in ("station", "quantity", "statistic", "start", "period")), strict=True)
    )
    if len(set(keys)) == len(keys):
        return
    counts = Counter(keys)
    rows = [i + 1 for i, key in enumerate(keys) if counts[key] > 1]
    faults.add(rows, "start", "", "one reading is given more than once", "Send each once")
    faults.tell()
