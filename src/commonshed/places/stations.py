"""Reading stations from CSV, and putting each on the ground it stands on."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import cast, get_args
from unicodedata import normalize

from commonshed.errors import PlacesError
from commonshed.periods import Zone
from commonshed.places import adcode, routes
from commonshed.places.courses import read_rivers, with_sections
from commonshed.places.geojson import read_points
from commonshed.places.jurisdictions import JurisdictionFile, read_jurisdictions, with_ancestors
from commonshed.places.network import ROLES, Jurisdiction, Network, Role, Station, Survey, WaterBody
from commonshed.places.tablefile import Row, TableFile, read_table

__all__ = ["StationFile", "network_from", "read_stations"]

_LOG = logging.getLogger(__name__)

_ID = ("station", "section", "id")
_LON = ("lon", "longitude")
_LAT = ("lat", "latitude")
_JURISDICTION = ("adcode", "jurisdiction")
_DISTRICT = ("district_en", "district_zh")
_OTHER = ("name_en", "name_zh", "role", "elevation", "opened", "closed")
_WATER = ("water_body", "water", "basin", "target", "water_type")
_NOISE = ("noise_zone", "survey", "road_length")
_KNOWN = {*_ID, *_LON, *_LAT, *_JURISDICTION, *_DISTRICT, *_OTHER, *_WATER, *_NOISE}


@dataclass(frozen=True)
class StationFile:
    """What a file says of stations.

    Attributes
    ----------
    stations : dict by id
    districts : dict of code to (English name, Chinese name)
        Names of jurisdictions that the file itself gives.
    notices : tuple of str
    """

    stations: dict[str, Station]
    districts: dict[str, tuple[str, str]]
    notices: tuple[str, ...] = ()


def network_from(
    *,
    stations: str | Path | None = None,
    polygons: str | Path | None = None,
    rivers: str | Path | None = None,
    zone: str | Zone | None = None,
) -> Network:
    """One network from a file of stations and, where there are such, files of jurisdictions and of rivers.

    Parameters
    ----------
    stations : path, optional
        CSV or GeoJSON; see :func:`read_stations`. Without it nothing is measured there yet.
    polygons : path, optional
        GeoJSON or CSV; see :func:`commonshed.places.read_jurisdictions`. Without it the tree is what the stations'
        administrative codes tell.
    rivers : path, optional
        See :func:`commonshed.places.read_rivers`. A section stands at the node of its own id unless a mark says where.
    zone : str or Zone, optional
        In which days are counted. Without it +08:00 where every jurisdiction has an administrative code of China, else
        UTC, and a notice says so.

    Raises
    ------
    PlacesError
        Names the file, the row or feature, the field, the value and the mend.

    Notes
    -----
    A station whose declared jurisdiction is not the one its coordinates lie in keeps what was declared, and a warning
    names both: which of the two is wrong, the file cannot tell.
    """
    ground = JurisdictionFile({}) if polygons is None else read_jurisdictions(polygons)
    listed = StationFile({}, {}) if stations is None else read_stations(stations)
    tree = with_ancestors(_declared(ground, listed), file=None if polygons is None else Path(polygons))
    bare = Network(tree, {}, ground.polygons)
    placed, disagreements = _placed(listed, bare, Path(stations or ""))
    waters, astray = (None, []) if rivers is None else with_sections(read_rivers(rivers), placed.values())
    astray += [] if waters is None else routes.notices(waters)
    zone, spoken = _zone(zone, tree)
    notices = (*ground.notices, *listed.notices, *disagreements, *astray, *spoken)
    for notice in notices:
        _LOG.warning(notice)
    return Network(tree, placed, ground.polygons, zone, notices, waters)


def read_stations(path: str | Path, *, polygons: Network | None = None) -> StationFile:
    """Read stations from CSV, or from GeoJSON points whose properties have the same names.

    Parameters
    ----------
    path : str or Path
        Columns ``station`` (or ``section``, ``id``); then, where known, ``lon``, ``lat`` [degrees, WGS-84], ``adcode``
        (or ``jurisdiction``), ``role``, ``name_en``, ``name_zh``, ``elevation`` [m], ``opened``, ``closed``, and the
        jurisdiction's ``district_en``, ``district_zh``. Of sections: ``water_body`` (``river`` or ``lake``), ``water``,
        ``basin``, ``target``, ``water_type``. Of noise: ``noise_zone``, ``survey``, ``road_length`` [m]. Other columns
        are left out, and a notice names them.
    polygons : Network, optional
        Ground to place the stations on.

    Raises
    ------
    PlacesError
        Names the file, the row, the field, the value and the mend.
    """
    path = Path(path)
    table = read_points(path) if path.suffix.lower() in (".geojson", ".json") else read_table(path, required=[_ID])
    stations: dict[str, Station] = {}
    districts: dict[str, tuple[str, str]] = {}
    for row in table.rows:
        station = _station(row)
        if station.id in stations:
            raise row.error("this station stands here twice", field="station", value=station.id, mend="Keep one row")
        stations[station.id] = station
        if station.jurisdiction is not None:
            names = [row.text(name) for name in _DISTRICT]
            districts.setdefault(station.jurisdiction, (names[0] or "", names[1] or names[0] or ""))
    if not stations:
        raise PlacesError("there are no rows under the header", file=path)
    listed = StationFile(stations, districts, _notices(path, table))
    if polygons is None:
        return listed
    placed, disagreements = _placed(listed, polygons, path)
    return replace(listed, stations=placed, notices=(*listed.notices, *disagreements))


def _station(row: Row) -> Station:
    id = row.text(*_ID)
    if id is None:
        raise row.error("a station needs an id", field="station", mend="Write the name that the readings use")
    lon, lat = row.decimal(*_LON), row.decimal(*_LAT)
    _check_position(row, lon, lat)
    if lon is None and row.text(*_JURISDICTION, "water", "water_body") is None:
        mend = "Give lon and lat, or the adcode of its jurisdiction, or the water it lies on"
        raise row.error(f"nothing says where station {id} lies", field="lon", mend=mend)
    role = row.text("role") or "assessed"
    if role not in ROLES:
        raise row.error(
            f"station {id} has an unknown role", field="role", value=role, mend=f"Known: {', '.join(ROLES)}"
        )
    return Station(
        id,
        name_en=row.text("name_en") or id,
        name_zh=row.text("name_zh") or row.text("name_en") or id,
        lon=lon,
        lat=lat,
        jurisdiction=row.text(*_JURISDICTION),
        role=cast(Role, role),
        elevation=row.decimal("elevation"),
        opened=_day(row, "opened"),
        closed=_day(row, "closed"),
        water_body=cast("WaterBody | None", _one_of(row, "water_body", get_args(WaterBody)) or _river_if_named(row)),
        water=row.text("water"),
        basin=row.text("basin"),
        target=_class(row),
        noise_zone=row.text("noise_zone"),
        survey=cast("Survey | None", _one_of(row, "survey", get_args(Survey))),
        road_length=_length(row),
        water_type=row.text("water_type"),
    )


def _class(row: Row) -> str | None:
    """The target class; numerals of one character, as Chinese tables write them, are spelled out: Ⅲ is III."""
    said = row.text("target")
    return None if said is None else normalize("NFKC", said)


def _one_of(row: Row, name: str, known: tuple[str, ...]) -> str | None:
    text = row.text(name)
    if text is not None and text not in known:
        raise row.error("this is not known here", field=name, value=text, mend=f"Known: {', '.join(known)}")
    return text


def _river_if_named(row: Row) -> str | None:
    """A water that nobody calls a lake is a river."""
    return "river" if row.text("water") is not None else None


def _length(row: Row) -> str | None:
    """The road's length as it is written: it is a weight in a published mean."""
    length = row.decimal("road_length")
    if length is not None and length <= 0:
        raise row.error("a road has a length", field="road_length", value=length, mend="Give metres, or leave it empty")
    return row.text("road_length")


def _check_position(row: Row, lon: float | None, lat: float | None) -> None:
    if (lon is None) != (lat is None):
        field = "lon" if lon is None else "lat"
        raise row.error("half of the position is missing", field=field, mend="Give both lon and lat, or neither")
    if lon is None or lat is None:
        return
    if not -90 <= lat <= 90 and abs(lon) <= 90 and abs(lat) <= 180:
        raise row.error("longitude and latitude look swapped", field="lat", value=lat, mend="Swap lon and lat")
    for field, value, bound in (("lon", lon, 180), ("lat", lat, 90)):
        if abs(value) > bound:
            raise row.error("the station leaves the globe", field=field, value=value, mend="Give degrees in WGS-84")


def _day(row: Row, name: str) -> date | None:
    text = row.text(name)
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise row.error("this is no date", field=name, value=text, mend="Write 2013-01-31") from None


def _notices(path: Path, table: TableFile) -> tuple[str, ...]:
    said = [f"{path.name} was read as GBK, not UTF-8"] if table.encoding == "GBK" else []
    ignored = [name for name in table.columns if name and name not in _KNOWN]
    if ignored:
        said.append(f"{path.name}: these columns are not used: {', '.join(ignored)}")
    if "role" not in table.columns:
        said.append(f"{path.name} gives no roles: every station counts as assessed")
    return tuple(said)


def _declared(ground: JurisdictionFile, listed: StationFile) -> list[Jurisdiction]:
    """Jurisdictions of the polygon file, and those that only the stations name."""
    named = [
        Jurisdiction(code, name_en=english or code, name_zh=chinese or code)
        for code, (english, chinese) in listed.districts.items()
        if code not in ground.jurisdictions
    ]
    return [*ground.jurisdictions.values(), *named]


def _placed(listed: StationFile, ground: Network, file: Path) -> tuple[dict[str, Station], list[str]]:
    placed: dict[str, Station] = {}
    notices: list[str] = []
    for id, station in listed.stations.items():
        found = _found(station, ground, file)
        if station.jurisdiction is None:
            placed[id] = replace(station, jurisdiction=found)
            if found is None:
                notices.append(f"{file.name}: station {id} lies in no jurisdiction we know; it stands for itself only")
            continue
        placed[id] = station
        if found is not None and not _agree(station.jurisdiction, found, ground):
            notices.append(
                f"{file.name}: station {id} is declared in {_called(station.jurisdiction, ground)}, but "
                f"{station.lon}, {station.lat} lies in {_called(found, ground)}; kept as declared: check which is right"
            )
    return placed, notices


def _found(station: Station, ground: Network, file: Path) -> str | None:
    if station.lon is None or station.lat is None or not ground.polygons:
        return None
    found = ground.locate(station.lon, station.lat)
    if found is None and abs(station.lon) <= 90 and ground.locate(station.lat, station.lon) is not None:
        raise PlacesError(
            f"longitude and latitude of station {station.id} look swapped: the other way round it lies in "
            f"{_called(ground.locate(station.lat, station.lon) or '', ground)}",
            file=file,
            field="lon",
            value=station.lon,
            mend="Swap lon and lat",
        )
    return found


def _agree(declared: str, found: str, ground: Network) -> bool:
    """One is the other, or lies in it: a station may be declared in the city and found in its district."""
    if declared not in ground.jurisdictions:
        return False
    return declared in (found, *ground.ancestors(found)) or found in ground.ancestors(declared)


def _called(code: str, ground: Network) -> str:
    jurisdiction: Mapping[str, Jurisdiction] = ground.jurisdictions
    return f"{code} {jurisdiction[code].name_en}" if code in jurisdiction else code


def _zone(zone: str | Zone | None, tree: Mapping[str, Jurisdiction]) -> tuple[Zone, list[str]]:
    if isinstance(zone, Zone):
        return zone, []
    if zone is not None:
        return Zone.parse(zone), []
    if tree and all(adcode.is_adcode(code) for code in tree):
        return Zone(480), []
    return Zone(0), ["no zone was given for these places: days are counted in UTC"]
