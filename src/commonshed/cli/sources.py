"""What a command works on: a shed, or files with their stations, named the same way everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from commonshed.cli.output import talk
from commonshed.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

    from commonshed.assess import Readings
    from commonshed.keep import Shed
    from commonshed.observe import Reading
    from commonshed.observe.parcel import Reject

__all__ = ["FilesArgument", "Where", "opened"]

FilesArgument = Annotated[Path, Parameter(help="Files of readings, CSV or Parquet; or name a shed with --shed.")]
_KINDS = 5
"""Kinds of faults in a file that are told one by one."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Where:
    """Where readings and places are."""

    shed: Annotated[Path | None, Parameter(help="Folder of the shed, instead of files.")] = None
    as_of: Annotated[int | None, Parameter(help="What the shed knew when its log had this many entries.")] = None
    stations: Annotated[Path | None, Parameter(help="For files: table of their stations or sections.")] = None
    polygons: Annotated[Path | None, Parameter(help="For files: GeoJSON of the jurisdictions.")] = None
    rivers: Annotated[Path | None, Parameter(help="For files: the rivers between the sections, CSV or GeoJSON.")] = None
    mapping: Annotated[
        str | None,
        Parameter(help="For files: how columns become readings: prsa, openair, thames, long, or a file."),
    ] = None
    zone: Annotated[str | None, Parameter(help="For files: zone of times that carry no offset, such as +08:00.")] = None


def opened(files: tuple[Path, ...], where: Where) -> Shed | Readings:
    """The shed, or the readings of the files with their places.

    Raises
    ------
    InputError
        Neither is named, both are, or something files need is missing.
    """
    if where.shed is not None:
        if files:
            raise InputError("files and a shed are both given", mend="Give one of them")
        from commonshed.keep import Shed

        return Shed.open(where.shed)
    if not files:
        raise InputError("nothing to assess", mend="Name files of readings, or a shed with --shed")
    if where.stations is None:
        raise InputError("files need a table of their stations", mend="Add --stations FILE")
    if where.mapping is None:
        raise InputError("files need a mapping", mend="Add --mapping prsa, openair, five-cities, long or a file")
    from commonshed.assess import Readings
    from commonshed.observe import load_mapping, read_files
    from commonshed.places import network_from

    network = network_from(stations=where.stations, polygons=where.polygons, rivers=where.rivers)
    mapping = load_mapping(where.mapping, zone=where.zone)
    read: list[Reading] = []
    try:
        table = read_files(files, mapping, network, report=read.append)
    finally:
        for one in read:
            _tell(one)
    _tell_flags(table)
    return Readings(table, network)


def _tell(read: Reading) -> None:
    """What a person should know of a file that was read: each kind of fault once, with the first row of it."""
    name = read.file.path.name
    for notice in read.notices:
        talk(f"{name}: {notice}")
    kinds: dict[tuple[str, str], list[Reject]] = {}
    for reject in read.rejects:
        # The last of many says how many more there are; it is of their kind.
        kinds.setdefault((reject.field, reject.reason.split("; and ")[0]), []).append(reject)
    for alike in list(kinds.values())[:_KINDS]:
        first = alike[0]
        where = f", row {first.row}" if first.row else ""
        value = f" (given: {first.value!r})" if first.value else ""
        said = f"{name}{where}, field {first.field}: {first.reason}{value}. {first.mend}".rstrip(". ")
        count = sum(reject.count for reject in alike)
        talk(f"{said}{'' if said.endswith('?') else '.'} Left out for this: {count:,}")
    if len(kinds) > _KINDS:
        talk(f"{name}: and {len(kinds) - _KINDS} more kinds of faults; left out in all: {read.rejected:,}")


def _tell_flags(table: pa.Table) -> None:
    """Readings that are there and doubtful or not counted, by the rule that says so."""
    import pyarrow as pa
    import pyarrow.compute as pc

    doubtful = table.filter(pc.not_equal(table["flag"].cast(pa.string()), "valid"))
    kinds: dict[tuple[str, str], list[str]] = {}
    for row in doubtful.select(["flag", "reason", "station", "quantity"]).to_pylist():
        kind = row["flag"], (row["reason"] or "source").split(":")[0]
        kinds.setdefault(kind, []).append(f"{row['quantity']} at {row['station']}")
    for (flag, rule), places in kinds.items():
        talk(f"{rule}: {len(places):,} readings are {flag}, the first: {places[0]}")
