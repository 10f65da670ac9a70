"""Declared sources: works, farms and towns whose loads somebody answers for, as a table beside the network."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from commonshed.errors import PlacesError, RiverError, UnknownName
from commonshed.periods import Period
from commonshed.places import Network, Rivers
from commonshed.places.tablefile import Row, read_table
from commonshed.units import quantity

__all__ = ["DeclaredSource", "read_sources"]

Floats = NDArray[np.float64]

_PLACE = ("mark", "node", "reach")
_NO_RIVERS = "Give the network of rivers with the stations: which reach flows into which"
_KNOWN = ("source", "quantity", "load", "spread", "sector", "jurisdiction", "distance", "name_en", "name_zh", *_PLACE)


@dataclass(frozen=True)
class DeclaredSource:
    """What somebody says they discharge.

    Attributes
    ----------
    id : str
    quantity : str
    load : float
        In a year. [t]
    node : str or None
        Where it enters; or else
    reach, distance : str and float, or None
        The reach, and how far below its upper end. [m]
    sector : str or None
        Such as ``sewage``, ``industry``, ``farming``.
    jurisdiction : str or None
        Code of the one that answers for it.
    spread : float
        Standard deviation of the logarithm of the load; 0: taken at its word.
    name_en, name_zh : str
    """

    id: str
    quantity: str
    load: float
    node: str | None = None
    reach: str | None = None
    distance: float | None = None
    sector: str | None = None
    jurisdiction: str | None = None
    spread: float = 0.0
    name_en: str = ""
    name_zh: str = ""

    def __post_init__(self) -> None:
        for name in ("load", "spread"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value >= 0):
                mend = "Write a number that is not negative"
                raise RiverError(f"source {self.id} cannot be used", field=name, value=value, mend=mend)

    def tonnes(self, period: Period) -> float:
        """Its load in a period: of each year the part of its days that lie in the period. [t]"""
        years: dict[int, int] = {}
        for part in period.split("month"):
            first, last = max(part.first, period.first), min(part.last, period.last)
            years[first.year] = years.get(first.year, 0) + (last - first).days + 1
        return self.load * float(sum(Fraction(days, 366 if calendar.isleap(y) else 365) for y, days in years.items()))

    def drawn(self, draws: int, rng: np.random.Generator) -> Floats:
        """Multiples of the load that are as likely as its spread says, (draws,); their median is 1."""
        return np.asarray(np.exp(self.spread * rng.standard_normal(draws)))


def read_sources(path: str | Path, network: Network) -> tuple[DeclaredSource, ...]:
    """Read declared sources from CSV.

    Columns: ``source``, ``quantity``, ``load`` [t/a]; where it enters: ``mark`` (an outlet of the network), or
    ``node``, or ``reach`` and ``distance`` [m]; and, if known, ``spread``, ``sector``, ``jurisdiction``, ``name_en``,
    ``name_zh``.

    Raises
    ------
    PlacesError
        Names the file, the row, the field, the value and the mend.
    """
    rivers = network.rivers
    if rivers is None:
        raise RiverError("these places have no rivers for sources to stand on", file=Path(path), mend=_NO_RIVERS)
    table = read_table(Path(path), required=[("source",), ("quantity",), ("load",), _PLACE])
    for column in table.columns:
        if column not in _KNOWN:
            mend = f"Known: {', '.join(_KNOWN)}"
            raise PlacesError("there is no such column", file=Path(path), field=column, mend=mend)
    found = [_source(row, rivers) for row in table.rows]
    _check_twice(found, Path(path))
    _check_owners(found, network, Path(path))
    return tuple(found)


def _source(row: Row, rivers: Rivers) -> DeclaredSource:
    load = row.decimal("load")
    id, of = row.text("source"), row.text("quantity")
    if id is None or of is None or load is None:
        empty = next(name for name in ("source", "quantity", "load") if row.text(name) is None)
        raise row.error("a source needs this", field=empty)
    if load < 0:
        raise row.error("a load is not negative", field="load", value=row.text("load"))
    quantity(of)
    node, reach, distance, owner = _place(row, rivers)
    return DeclaredSource(
        id,
        of,
        load,
        node,
        reach,
        distance,
        sector=row.text("sector"),
        jurisdiction=row.text("jurisdiction") or owner,
        spread=row.decimal("spread") or 0.0,
        name_en=row.text("name_en") or "",
        name_zh=row.text("name_zh") or "",
    )


def _place(row: Row, rivers: Rivers) -> tuple[str | None, str | None, float | None, str | None]:
    """Node, or reach and distance, and who answers there."""
    given = [name for name in _PLACE if row.text(name)]
    if len(given) != 1:
        mend = "Give one of mark, node, or reach with distance"
        raise row.error("the source stands nowhere, or in two places", field="mark, node, reach", mend=mend)
    kind, id = given[0], row.text(given[0]) or ""
    if id not in getattr(rivers, f"{kind}s" if kind != "reach" else "reaches"):
        raise row.error("the source stands off the network", field=kind, value=id, mend=f"Name a {kind} of the network")
    if kind == "mark":
        mark = rivers.marks[id]
        return mark.node, mark.reach, mark.distance, mark.jurisdiction
    if kind == "node":
        return id, None, None, None
    distance, length = row.decimal("distance"), rivers.reaches[id].length
    if distance is None or distance < 0 or (length is not None and distance > length):
        mend = f"The reach is {'of unknown length' if length is None else f'{length:g} m long'}"
        raise row.error(f"the source stands beyond reach {id}", field="distance", value=row.text("distance"), mend=mend)
    return None, id, distance, rivers.reaches[id].jurisdiction


def _check_twice(sources: Iterable[DeclaredSource], file: Path) -> None:
    seen: set[tuple[str, str]] = set()
    for number, source in enumerate(sources, 1):
        if (source.id, source.quantity) in seen:
            mend = "Give each its own name, or add the loads"
            raise PlacesError(
                "a source is declared twice", file=file, row=number, field="source", value=source.id, mend=mend
            )
        seen.add((source.id, source.quantity))


def _check_owners(sources: Iterable[DeclaredSource], network: Network, file: Path) -> None:
    for number, source in enumerate(sources, 1):
        if source.jurisdiction is not None and source.jurisdiction not in network.jurisdictions:
            known = network.jurisdictions
            raise UnknownName("jurisdiction", source.jurisdiction, known, file=file, row=number, field="jurisdiction")
