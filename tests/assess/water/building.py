"""Small waters whose every number can be checked by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import pyarrow as pa

from commonshed.assess import Readings
from commonshed.exact import to_ticks
from commonshed.keep.rows import conform
from commonshed.periods import Zone
from commonshed.places import Jurisdiction, Network, Station
from commonshed.units import quantity, ticks_per

Sample = tuple[str, str, str, str]
"""Section, time (``2016-03-05`` or with an hour, +08:00), quantity, value in its unit (``<0.01`` below detection)."""


def section(id: str, **fields: object) -> Station:
    """A section of a river in Harbin unless told otherwise."""
    held = {"water_body": "river", "water": "Songhua", "basin": "Songhua", "jurisdiction": "230100"} | fields
    return Station(id, **held)  # type: ignore[arg-type]


def network(*sections: Station, zone: int = 480) -> Network:
    """Sections on the ground of their jurisdictions."""
    codes = {held.jurisdiction for held in sections if held.jurisdiction}
    codes |= {f"{code[:2]}0000" for code in codes}
    parents = {code: None if code.endswith("0000") else f"{code[:2]}0000" for code in codes}
    places = {code: Jurisdiction(code, parent=parent) for code, parent in parents.items()}
    return Network(places, {held.id: held for held in sections}, zone=Zone(zone))


def readings(samples: Iterable[Sample], places: Network, **columns: object) -> Readings:
    """Samples as readings of period 0 s; ``columns`` replaces whole columns."""
    rows = [_row(*sample) for sample in samples]
    names = ("station", "quantity", "start", "ticks", "qualifier")
    table: dict[str, object] = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    n = len(rows)
    table |= {"statistic": ["mean"] * n, "period": [0] * n, "flag": ["valid"] * n, "status": ["validated"] * n}
    table |= {"mapping": ["m"] * n, "origin": ["o"] * n, "recorded": [0] * n} | columns
    return Readings(conform(pa.table(table)), places)


def one(
    samples: Mapping[str, str], *, body: str | None = "river", day: str = "2016-03-05", **fields: object
) -> Readings:
    """One section S with one sample of each quantity."""
    places = network(section("S", water_body=body, **fields))
    return readings([("S", day, key, value) for key, value in samples.items()], places)


def _row(station: str, time: str, key: str, value: str) -> tuple[str, str, int, int, str]:
    qualifier = value[0] if value[0] in "<>" else "="
    stamp = datetime.fromisoformat(f"{time if 'T' in time else f'{time}T10:00'}+08:00").astimezone(UTC)
    of = quantity(key)
    ticks, exact = to_ticks(value.lstrip("<>"), ticks_per(of, of.unit))
    assert exact, f"{value} {of.unit} is no whole number of ticks"
    return station, key, int(stamp.timestamp()), ticks, qualifier
