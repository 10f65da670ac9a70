"""What a natural day was like: legal daily values, sub-indices, index, class and primary quantities."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from commonshed.assess.air.cache import grades_digest, keep_grades, kept_grades
from commonshed.assess.air.index import NONE, primary_quantities
from commonshed.assess.air.kernel import BlockGrades, Exact, grade_block
from commonshed.assess.air.plan import GasFactor, Plan, Term, plan, terms_of_days
from commonshed.assess.air.windows import common_denominator
from commonshed.compute import Executor, Local
from commonshed.errors import InputError
from commonshed.keep.block import BlockRef
from commonshed.periods import Period
from commonshed.standards import Regime
from commonshed.standards.schema import Statistic

__all__ = ["NONE", "DayGrades", "grade_days"]

logger = logging.getLogger(__name__)

_INT64 = 2**63 - 1

_ONE_AT_A_TIME = threading.Lock()
"""Threads read and write blocks side by side, and do the arithmetic in turn: its many small steps would only queue for
the interpreter's lock, which costs more than it gains."""


@dataclass(frozen=True, eq=False)
class DayGrades:
    """Daily values and grades, station by day or place by day.

    Every array is (n places, days). A value or index of ``NONE`` means "not assessed".

    Attributes
    ----------
    places : tuple of str, n
        Ids of stations, or codes of jurisdictions, or names of groups; ``stations`` is the same tuple.
    of : {"station", "place"}
    first_day : date
    days : int
    regime : Regime
    statistics : tuple of Statistic
        The daily statistics, in the order of the regime; their keys are the keys of the dictionaries below.
    values : dict of str to int32
        Legal daily value as it is published: rounded, an integer count of ``10**-decimals`` of the statistic's unit.
    numerators, denominators : dict of str to int64
        The same value before any rounding: ``numerators[key] / denominators[key]`` ticks, exactly. The denominators
        are (1, 1) for stations (one for all) and (n, days) for places. 0 where there is no value. Made when asked for.
    hours : dict of str to int16
        Valid hours of the day; of a running maximum valid windows; of a place the stations that count.
    sub_indices : dict of str to int16
        By statistic, for those of the index.
    aqi : int16
    level : uint8
        Class of the index, from 1; 0 without an index.
    primary : uint16
        Bit ``i`` set: the i-th statistic of ``regime.index.daily`` is a primary quantity.
    sites : tuple of int, n
        Stations a place has; 1 for each station.
    factors : tuple of Fraction or None
        What gases were multiplied by on each day, to stand at the regime's reference state.
    """

    places: tuple[str, ...]
    of: Literal["station", "place"]
    first_day: date
    days: int
    regime: Regime
    statistics: tuple[Statistic, ...]
    values: Mapping[str, NDArray[np.int32]]
    numerators: Mapping[str, NDArray[np.int64]]
    denominators: Mapping[str, NDArray[np.int64]]
    hours: Mapping[str, NDArray[np.int16]]
    sub_indices: Mapping[str, NDArray[np.int16]]
    aqi: NDArray[np.int16]
    level: NDArray[np.uint8]
    primary: NDArray[np.uint16]
    sites: tuple[int, ...]
    factors: tuple[Fraction, ...] | None = None

    @property
    def stations(self) -> tuple[str, ...]:
        """The same as ``places``."""
        return self.places

    @property
    def period(self) -> Period:
        """From the first to the last day."""
        return Period(self.first_day, self.first_day + timedelta(days=self.days - 1))

    def columns(self, period: Period) -> slice:
        """Where the days of a period stand in the arrays; a part that lies outside is left out."""
        start = min(max((period.first - self.first_day).days, 0), self.days)
        return slice(start, min(max((period.last - self.first_day).days + 1, start), self.days))

    def table(self) -> pa.Table:
        """One row a place and day, null where nothing is assessed.

        Columns ``station`` (or ``jurisdiction``), ``day``, the published values by key of the statistic (counts of its
        last decimal), ``<key>_sub_index``, ``aqi``, ``level`` and ``primary`` (bits, see above).
        """
        n = len(self.places)
        codes = np.repeat(np.arange(n, dtype=np.int32), self.days)
        first = (self.first_day - date(1970, 1, 1)).days
        day = np.tile(np.arange(first, first + self.days, dtype=np.int32), n)
        columns = {
            "station" if self.of == "station" else "jurisdiction": pa.DictionaryArray.from_arrays(
                _column(codes), pa.array(self.places, pa.string())
            ),
            "day": _column(day).cast(pa.date32()),
            **{key: _column(values, NONE) for key, values in self.values.items()},
            **{f"{key}_sub_index": _column(found, NONE) for key, found in self.sub_indices.items()},
            "aqi": _column(self.aqi, NONE),
            "level": _column(self.level, 0),
            "primary": _column(self.primary),
        }
        return pa.table(columns)

    def primary_quantities(self, bits: int) -> list[str]:
        """Quantities named by a cell of ``primary``, each once, in the order of the index."""
        uses = self.regime.index.daily if self.regime.index else ()
        return primary_quantities(bits, uses, self.statistics)


def grade_days(
    blocks: Sequence[BlockRef],
    regime: Regime,
    *,
    executor: Executor | None = None,
    cache: Path | None = None,
    gas_factor: GasFactor | None = None,
) -> DayGrades:
    """Grade every natural day of every station of some blocks.

    Parameters
    ----------
    blocks : sequence of BlockRef
        In any order; whole months. A station or day without a block has no valid hours.
    regime : Regime
    executor : Executor, optional
        By default the threads of this machine.
    cache : Path, optional
        Folder of grades made before; a block whose version and law are the same is not graded again. What is there
        and cannot be read is made anew.
    gas_factor : callable of a day, optional
        What gases are multiplied by, to stand at another reference state than they were measured at.

    Returns
    -------
    DayGrades, from the first to the last day of any block

    Raises
    ------
    InputError
        There are no blocks.
    LawError
        The regime does not say how a day is graded.
    """
    if not blocks:
        raise InputError("there are no readings to grade", mend="Check the period, the stations and the quantities")
    compiled = plan(regime, "day")
    grade = partial(_grade, compiled, Neighbours(blocks), cache, gas_factor)
    made = (executor or Local()).map(grade, list(blocks), label="grading days")
    return _joined(compiled, blocks, made, gas_factor)


def _column(array: NDArray[Any], missing: int | None = None) -> pa.Array:
    """An Arrow array over the same memory."""
    flat = np.ascontiguousarray(array).reshape(-1)
    bitmap = None if missing is None else pa.py_buffer(np.packbits(flat != missing, bitorder="little"))
    return pa.Array.from_buffers(pa.from_numpy_dtype(flat.dtype), flat.size, [bitmap, pa.py_buffer(flat)])


def _grade(
    compiled: Plan,
    neighbours: Neighbours,
    cache: Path | None,
    gas_factor: GasFactor | None,
    ref: BlockRef,
) -> BlockGrades:
    beside = neighbours.of(ref, compiled)
    terms = terms_of_days(compiled, ref.first_day, ref.days, gas_factor)
    digests = grades_digest(compiled, terms, ref, beside) if cache is not None else None
    if cache is None or digests is None:
        return _graded(compiled, terms, ref, beside)
    law, digest = digests
    path = cache / f"{ref.key}-{law[:16]}.arrow"
    kept = kept_grades(path, digest, compiled, ref)
    if kept is not None:
        return kept
    made = _graded(compiled, terms, ref, beside)
    try:
        keep_grades(path, digest, made, compiled)
    except OSError as error:
        logger.warning("%s cannot be written and is made again at each use: %s", path, error)
    return made


def _graded(
    compiled: Plan,
    terms: Sequence[tuple[slice, tuple[Term, ...]]],
    ref: BlockRef,
    beside: tuple[BlockRef | None, BlockRef | None],
) -> BlockGrades:
    previous, following = (other.load(compiled.reaching) if other else None for other in beside)
    block = ref.load(compiled.quantities)
    with _ONE_AT_A_TIME:
        return grade_block(block, compiled, terms, previous=previous, following=following)


class Neighbours:
    """Which block of the same slab ends where another begins."""

    def __init__(self, blocks: Sequence[BlockRef]) -> None:
        self._beginning = {(ref.slab, ref.first_day): ref for ref in blocks}
        self._ending = {(ref.slab, ref.last_day): ref for ref in blocks}

    def of(self, ref: BlockRef, compiled: Plan) -> tuple[BlockRef | None, BlockRef | None]:
        """The blocks before and after one, where the plan's windows reach into them."""
        before = self._ending.get((ref.slab, ref.first_day - timedelta(days=1))) if compiled.before else None
        after = self._beginning.get((ref.slab, ref.last_day + timedelta(days=1))) if compiled.after else None
        return before, after


def _joined(
    compiled: Plan, blocks: Sequence[BlockRef], made: Iterator[BlockGrades], gas_factor: GasFactor | None
) -> DayGrades:
    """Put blocks side by side: stations in the order of their slabs, days in order of time."""
    first = min(ref.first_day for ref in blocks)
    days = (max(ref.last_day for ref in blocks) - first).days + 1
    stations = stations_of(blocks)
    cells = {(ref.slab, ref.first_day): len(ref.stations) * ref.days for ref in blocks}
    dense = len(cells) == len(blocks) and sum(cells.values()) == len(stations) * days
    whole = _Whole(compiled, (len(stations), days), dense=dense)
    for ref, part in zip(blocks, made, strict=True):
        rows = rows_of(stations, ref.stations)
        start = (ref.first_day - first).days
        whole.place(part, rows, slice(start, start + ref.days))
    factors = None
    if gas_factor is not None:
        factors = tuple(gas_factor(first + timedelta(days=i)) for i in range(days))
    return whole.grades(stations, first, factors)


def stations_of(blocks: Sequence[BlockRef]) -> tuple[str, ...]:
    """Each station once; the longest list of a slab last in time has them all, for stations are only added."""
    ordered = sorted(blocks, key=lambda ref: (ref.slab, -len(ref.stations), ref.first_day))
    lists = dict.fromkeys(ref.stations for ref in ordered)  # the months of a slab mostly have the same
    return tuple(dict.fromkeys(chain.from_iterable(lists)))


def rows_of(stations: Sequence[str], some: Sequence[str]) -> Any:
    """Rows of some stations: a slice when they follow each other, which copies faster."""
    first = stations.index(some[0]) if some else 0
    if tuple(stations[first : first + len(some)]) == tuple(some):
        return slice(first, first + len(some))
    row = {station: i for i, station in enumerate(stations)}
    return np.array([row[station] for station in some], np.intp)


class _Whole:
    """Arrays of all stations and days, filled block by block."""

    def __init__(self, compiled: Plan, shape: tuple[int, int], *, dense: bool) -> None:
        self.compiled = compiled
        self.shape = shape
        self._dense = dense
        k, graded = len(compiled.statistics), len(compiled.index.keys) if compiled.index else 0
        self.values = self._full((k, *shape), NONE, np.int32)
        self.exact: list[tuple[Any, slice, Exact]] = []
        self.sub_indices = self._full((graded, *shape), NONE, np.int16)
        # without an index nothing is placed into these
        self.aqi = np.full(shape, NONE, np.int16)
        self.level = np.zeros(shape, np.uint8)
        self.primary = np.zeros(shape, np.uint16)

    def _full(self, shape: tuple[int, ...], fill: int, dtype: Any) -> NDArray[Any]:
        return np.empty(shape, dtype) if self._dense else np.full(shape, fill, dtype)

    def place(self, part: BlockGrades, rows: Any, days: slice) -> None:
        self.values[:, rows, days] = part.values
        self.exact.append((rows, days, part.exact))
        if part.index is not None:
            self.sub_indices[:, rows, days] = part.index.sub_indices
            self.aqi[rows, days] = part.index.aqi
            self.level[rows, days] = part.index.level
            self.primary[rows, days] = part.index.primary

    def grades(self, stations: tuple[str, ...], first: date, factors: tuple[Fraction, ...] | None) -> DayGrades:
        statistics = self.compiled.statistics
        keys = [statistic.key for statistic in statistics]
        values = dict(zip(keys, self.values, strict=True))
        numerators = _Numerators(statistics, values, self.exact)
        graded = self.compiled.index.keys if self.compiled.index else ()
        return DayGrades(
            places=stations,
            of="station",
            first_day=first,
            days=self.shape[1],
            regime=self.compiled.regime,
            statistics=statistics,
            values=values,
            numerators=numerators,
            denominators={key: np.full((1, 1), numerators.common(key), np.int64) for key in keys},
            hours=_Counted(keys, self.shape, self.exact),
            sub_indices=dict(zip(graded, self.sub_indices, strict=True)),
            aqi=self.aqi,
            level=self.level,
            primary=self.primary,
            sites=(1,) * len(stations),
            factors=factors,
        )


Parts = Sequence[tuple[Any, slice, Exact]]
"""What stands in which rows and days, (statistics, stations, days)."""


class _Counted(Mapping[str, NDArray[np.int16]]):
    """Valid hours or windows, put together when they are asked for."""

    def __init__(self, keys: Sequence[str], shape: tuple[int, int], parts: Parts) -> None:
        self._row = {key: i for i, key in enumerate(keys)}
        self._shape, self._parts = shape, parts
        self._made: dict[str, NDArray[np.int16]] = {}

    def __getitem__(self, key: str) -> NDArray[np.int16]:
        if key not in self._made:
            i = self._row[key]
            whole = np.zeros(self._shape, np.int16)
            for rows, days, exact in self._parts:
                whole[rows, days] = exact.hours[i]
            self._made[key] = whole
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._row)

    def __len__(self) -> int:
        return len(self._row)


class _Numerators(Mapping[str, NDArray[np.int64]]):
    """Unrounded values over one denominator for all stations and days, made when they are asked for."""

    def __init__(self, statistics: Sequence[Statistic], values: Mapping[str, NDArray[np.int32]], parts: Parts) -> None:
        self._of = {statistic.key: (i, statistic) for i, statistic in enumerate(statistics)}
        self._values, self._parts = values, parts

    def __getitem__(self, key: str) -> NDArray[np.int64]:
        i, statistic = self._of[key]
        common, factors = self._scale(key)
        values = self._values[key]
        whole = np.zeros(values.shape, np.int64)
        for rows, days, exact in self._parts:
            if statistic.kind != "mean":
                whole[rows, days] = exact.sums[i]
                continue
            if int(exact.sums[i].max(initial=0)) * common // statistic.min_hours > _INT64:
                raise InputError("readings are too large to be averaged exactly over places", field=key)
            whole[rows, days] = exact.sums[i] * factors[exact.hours[i]]
        whole[values == NONE] = 0
        return whole

    def __iter__(self) -> Iterator[str]:
        return iter(self._of)

    def __len__(self) -> int:
        return len(self._of)

    def common(self, key: str) -> int:
        """The denominator."""
        return self._scale(key)[0]

    def _scale(self, key: str) -> tuple[int, NDArray[np.int64]]:
        statistic = self._of[key][1]
        if statistic.kind == "maximum":
            return 1, np.ones(25, np.int64)
        return common_denominator(statistic.min_hours, 24 if statistic.kind == "mean" else statistic.window_hours)
