"""Keeps ``blocks/`` what the log says, a slab of stations and a local month at a time.

A block's file name carries its version, a digest over everything that made it: the stations, and one after another
the segments with readings of its slab and month. So nobody has to be trusted to have marked a block as stale: a block
is up to date exactly when the file named by the log's segments is there. A file comes into its place whole; several
processes that build the same block put the same content under the same name. New segments are laid over the block that
the earlier ones made, which makes one more day cost one day.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from commonshed.errors import InputError, ShedDamaged
from commonshed.keep.block import SLAB, Block, BlockRef, block_key, read_block, write_block
from commonshed.keep.contents import Segment
from commonshed.keep.rows import codes
from commonshed.keep.store import Question, Store
from commonshed.periods import Period, Zone
from commonshed.units import quantities as declared
from commonshed.units import quantity as declared_quantity

__all__ = ["Layout", "laid_over"]

logger = logging.getLogger(__name__)

_FORMAT = "commonshed-layout/2"
_COLUMNS = ("station", "quantity", "statistic", "start", "period", "ticks", "flag", "recorded")
_HOUR = 3600
_INT32_MAX = 2**31 - 1


@dataclass(frozen=True)
class _Plan:
    """One block as the log wants it: versions of it after each of its segments."""

    medium: str
    month: Period
    slab: int
    stations: tuple[str, ...]
    segments: tuple[Segment, ...]
    versions: tuple[str, ...]

    @property
    def key(self) -> str:
        return block_key(self.medium, self.month.first, self.slab)

    @property
    def version(self) -> str:
        return self.versions[-1]


class Layout:
    """The blocks of a shed."""

    def __init__(self, store: Store, zone: Zone) -> None:
        self.store = store
        self.zone = zone
        self.folder = store.path / "blocks"
        self._building = threading.Lock()

    def blocks(self, quantities: Sequence[str], period: Period, as_of: int | None) -> list[BlockRef]:
        """Blocks of the months of a period, brought up to date; built in memory for an earlier log."""
        media = {declared_quantity(quantity).medium for quantity in quantities}
        if len(media) != 1:
            raise InputError("blocks hold quantities of one medium", value=", ".join(quantities))
        plans = self._plans(media.pop(), period, as_of)
        if as_of is not None:
            return [self._in_memory(plan) for plan in plans]
        self._bring_up_to_date(plans)
        return [self._reference(plan) for plan in plans]

    def count(self) -> tuple[int, int]:
        """How many blocks the readings make, and how many are not laid out."""
        extents = [segment.extent for segment in list(self.store.contents.segments.values())]
        if not extents:
            return 0, 0
        first, last = min(extent.first for extent in extents), max(extent.last for extent in extents)
        period = Period(self.zone.day_of(first), self.zone.day_of(last))
        plans = [plan for medium in _media() for plan in self._plans(medium, period, None)]
        return len(plans), sum(not self._path(plan, plan.version).exists() for plan in plans)

    # ── what the log wants ──

    def _plans(self, medium: str, period: Period, as_of: int | None) -> list[_Plan]:
        names = self.store.contents.registered(as_of)
        return [
            plan
            for year, month in period.months()
            for plan in self._month_plans(medium, Period.month(year, month), names, as_of)
        ]

    def _month_plans(self, medium: str, month: Period, names: list[str], as_of: int | None) -> Iterator[_Plan]:
        start, end = self._seconds(month)
        wanted = _media().get(medium, [])
        by_slab: dict[int, list[Segment]] = defaultdict(list)
        for segment in self.store.select(Question(quantities=wanted, start=start, end=end, as_of=as_of)):
            for slab in segment.extent.stations.slabs(SLAB):
                by_slab[slab].append(segment)
        for slab, segments in sorted(by_slab.items()):
            stations = tuple(names[slab * SLAB : (slab + 1) * SLAB])
            versions = _versions(medium, month, self.zone, stations, segments)
            yield _Plan(medium, month, slab, stations, tuple(segments), versions)

    def _seconds(self, month: Period) -> tuple[int, int]:
        start = self.zone.first_second(month.first)
        return start, start + month.days * 86_400

    # ── bringing blocks up to date ──

    def _bring_up_to_date(self, plans: Sequence[_Plan]) -> None:
        stale: dict[date, list[_Plan]] = defaultdict(list)
        for plan in plans:
            if not self._path(plan, plan.version).exists():
                stale[plan.month.first].append(plan)
        if stale:
            with self._building:  # several threads of a server may ask for the same block
                for month_plans in stale.values():
                    self._build_month(month_plans)

    def _build_month(self, plans: Sequence[_Plan]) -> None:
        """Blocks of one month; those that need rows of the same segments share one reading of them."""
        alike: dict[tuple[int, ...], list[tuple[_Plan, int]]] = defaultdict(list)
        for plan in plans:
            base = self._base(plan)
            alike[tuple(segment.position for segment in plan.segments[base:])].append((plan, base))
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for group in alike.values():
                plan, base = group[0]
                rows = self._rows(plan, plan.segments[base:])
                list(pool.map(partial(self._build, rows=rows), *zip(*group, strict=True)))

    def _build(self, plan: _Plan, base: int, rows: pa.Table) -> None:
        path = self._path(plan, plan.version)
        try:
            write_block(path, self._lay_over(plan, base, rows) if base else self._laid_out(plan, rows))
        except OSError as error:
            logger.warning("%s cannot be written and is laid out in memory at each use: %s", path, error)
        else:
            _remove_others(path)

    def _base(self, plan: _Plan) -> int:
        """How many of its segments a block on the disk holds already, so that only the others are laid over it."""
        phases = {segment.extent.phase for segment in plan.segments}
        if len(phases) > 1 or None in phases:
            return 0  # two readings may share an hour of the grid: only all rows together tell which one stands there
        held = _versions_held(self._path(plan, plan.version))
        return next((i + 1 for i in reversed(range(len(plan.versions) - 1)) if plan.versions[i] in held), 0)

    def _rows(self, plan: _Plan, segments: Sequence[Segment]) -> pa.Table:
        start, end = self._seconds(plan.month)
        question = Question(_media()[plan.medium], None, start, end)
        rows = self.store.rows_among(segments, question, _COLUMNS)
        hourly = pc.and_(pc.equal(rows["statistic"], "mean"), pc.equal(rows["period"], _HOUR))
        return rows if pc.all(hourly).as_py() else rows.filter(hourly).combine_chunks()

    def _laid_out(self, plan: _Plan, rows: pa.Table) -> Block:
        return Block.from_readings(rows, plan.stations, plan.month, self.zone)

    def _lay_over(self, plan: _Plan, base: int, rows: pa.Table) -> Block:
        try:
            below = read_block(self._path(plan, plan.versions[base - 1]))
        except (ShedDamaged, FileNotFoundError):
            return self._whole(plan)
        return laid_over(below, rows)

    def _whole(self, plan: _Plan) -> Block:
        return self._laid_out(plan, self._rows(plan, plan.segments))

    # ── handing blocks out ──

    def _reference(self, plan: _Plan) -> BlockRef:
        path = self._path(plan, plan.version)

        def load(quantities: Sequence[str] | None) -> Block:
            try:
                return read_block(path, quantities)
            except FileNotFoundError:  # the log has grown, and another process has brought the block up to date
                return self._whole(plan)
            except ShedDamaged:
                path.unlink(missing_ok=True)
                return self._whole(plan)

        return BlockRef(plan.key, plan.version, plan.stations, plan.month.first, plan.month.days, load)

    def _in_memory(self, plan: _Plan) -> BlockRef:
        def load(_: Sequence[str] | None) -> Block:
            return self._whole(plan)

        return BlockRef(plan.key, plan.version, plan.stations, plan.month.first, plan.month.days, load)

    def _path(self, plan: _Plan, version: str) -> Path:
        return self.folder / f"{plan.key}-{version}.parquet"


def laid_over(below: Block, rows: pa.Table) -> Block:
    """A block with later readings in it: what they say takes the place of what stood there, even that it is invalid.

    Parameters
    ----------
    below : Block
    rows : pa.Table
        Hourly means, no key twice, that start as far into the hour as those of the block.
    """
    hours = (rows["start"].to_numpy() - below.zone.first_second(below.first_day)) // _HOUR
    station = _positions(rows["station"], below.stations)
    inside = (station >= 0) & (hours >= 0) & (hours < below.days * 24)
    ticks = rows["ticks"].to_numpy()
    counts = (np.array(pc.not_equal(rows["flag"], "invalid"))) & (ticks >= 0)
    quantity, names = codes(rows["quantity"])
    laid, valid = dict(below.ticks), dict(below.valid)
    for number in np.unique(quantity[inside]).tolist():
        picked = inside & (quantity == number)
        cells = station[picked], hours[picked]
        grid, mask = _opened(below, names[number], int(ticks[picked].max()))
        grid[cells] = np.where(counts[picked], ticks[picked], 0)
        mask[cells] = counts[picked]
        laid[names[number]] = grid
        valid[names[number]] = np.packbits(mask, axis=1, bitorder="little")
    return Block(below.stations, below.first_day, below.days, below.zone, laid, valid)


def _opened(block: Block, quantity: str, largest: int) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Ticks and mask of a quantity, to be written on; empty where the block does not hold it."""
    shape = (len(block.stations), block.days * 24)
    if quantity not in block.ticks:
        return np.zeros(shape, np.int32 if largest <= _INT32_MAX else np.int64), np.zeros(shape, bool)
    ticks = block.ticks[quantity]
    wide = largest > _INT32_MAX or ticks.dtype == np.int64
    return np.array(ticks, np.int64 if wide else np.int32), np.array(block.mask(quantity))


def _positions(column: pa.ChunkedArray, stations: Sequence[str]) -> NDArray[np.int64]:
    numbers, names = codes(column)
    place = {name: i for i, name in enumerate(stations)}
    of_code = np.array([place.get(name, -1) for name in names], np.int64)
    return of_code[numbers] if len(of_code) else numbers.astype(np.int64)


@cache
def _media() -> dict[str, list[str]]:
    media: dict[str, list[str]] = defaultdict(list)
    for quantity in declared().values():
        media[quantity.medium].append(quantity.id)
    return media


def _versions(
    medium: str, month: Period, zone: Zone, stations: Sequence[str], segments: Sequence[Segment]
) -> tuple[str, ...]:
    digest = hashlib.sha256("\n".join((_FORMAT, medium, str(month), str(zone), *stations)).encode())
    versions = []
    for segment in segments:
        digest.update(f"\n{segment.position} {segment.digest}".encode())
        versions.append(digest.hexdigest()[:16])
    return tuple(versions)


def _versions_held(path: Path) -> set[str]:
    slab = path.name.partition("-")[0]
    return {found.stem.partition("-")[2] for found in path.parent.glob(f"{slab}-*.parquet")}


def _remove_others(path: Path) -> None:
    """Versions that this one follows."""
    slab = path.name.partition("-")[0]
    for found in path.parent.glob(f"{slab}-*.parquet"):
        if found != path:
            found.unlink(missing_ok=True)
