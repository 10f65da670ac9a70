"""What a command works on: a shed, or files with their stations, named the same way everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from commonshed.cli.output import talk
from commonshed.errors import InputError

if TYPE_CHECKING:
    from commonshed.assess import Readings
    from commonshed.keep import Shed
    from commonshed.observe import Reading

__all__ = ["FilesArgument", "Where", "opened"]

FilesArgument = Annotated[Path, Parameter(help="Files of readings, CSV or Parquet; or name a shed with --shed.")]


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
    from commonshed.observe import read_files
    from commonshed.places import network_from

    network = network_from(stations=where.stations, polygons=where.polygons, rivers=where.rivers)
    return Readings(read_files(files, where.mapping, network, report=_tell), network)


def _tell(read: Reading) -> None:
    for notice in read.notices:
        talk(f"{read.file.path.name}: {notice}")
    if read.rejects:
        talk(f"{read.file.path.name}: {len(read.rejects)} rows left out. The first: {read.rejects[0]}")
