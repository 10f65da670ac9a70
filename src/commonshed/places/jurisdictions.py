"""Reading jurisdictions: polygons from GeoJSON, or the tree alone from CSV."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from commonshed.errors import PlacesError
from commonshed.places import adcode
from commonshed.places.geojson import features
from commonshed.places.network import Jurisdiction
from commonshed.places.tablefile import read_table, read_text

__all__ = ["JurisdictionFile", "read_jurisdictions", "with_ancestors"]

_CODE = ("adcode", "code")
_PARENT = ("parent_adcode", "parent")


@dataclass(frozen=True)
class JurisdictionFile:
    """What a file says of jurisdictions."""

    jurisdictions: dict[str, Jurisdiction]
    polygons: dict[str, BaseGeometry] = field(default_factory=dict)
    notices: tuple[str, ...] = ()


def read_jurisdictions(path: str | Path) -> JurisdictionFile:
    """Read jurisdictions from GeoJSON (with polygons) or CSV (the tree alone).

    Parameters
    ----------
    path : str or Path
        GeoJSON: a FeatureCollection of polygons in WGS-84 with the properties ``adcode`` (or ``code``), ``name_en``,
        ``name_zh``, ``parent_adcode`` (or ``parent``), ``label_lon``, ``label_lat``. CSV: columns of the same names.

    Raises
    ------
    PlacesError
        Names the file, the row or feature, the field, the value and the mend.
    """
    path = Path(path)
    return _read_csv(path) if path.suffix.lower() == ".csv" else _read_geojson(path)


def with_ancestors(jurisdictions: Iterable[Jurisdiction], *, file: Path | None = None) -> dict[str, Jurisdiction]:
    """The same jurisdictions and, where their codes tell, those above them that were not given.

    Raises
    ------
    PlacesError
        A parent is named that was not given and that the code does not tell.
    """
    tree = {jurisdiction.code: jurisdiction for jurisdiction in jurisdictions}
    for jurisdiction in list(tree.values()):
        above = jurisdiction.parent or adcode.parent(jurisdiction.code)
        if jurisdiction.parent not in (None, *tree, *adcode.ancestors(jurisdiction.code)):
            raise PlacesError(
                f"the parent of {jurisdiction.code} is not among the jurisdictions",
                file=file,
                field="parent",
                value=jurisdiction.parent,
                mend="Add the parent to the file, or correct its code",
            )
        if jurisdiction.parent is None and above is not None:
            tree[jurisdiction.code] = _replace_parent(jurisdiction, above)
        while above is not None and above not in tree:
            known = adcode.province(above) or Jurisdiction(above, name_en=above, name_zh=above)
            above = adcode.parent(above)
            tree[known.code] = _replace_parent(known, above)
    return tree


def _replace_parent(jurisdiction: Jurisdiction, parent: str | None) -> Jurisdiction:
    return Jurisdiction(**{**vars(jurisdiction), "parent": parent})


def _read_csv(path: Path) -> JurisdictionFile:
    table = read_table(path, required=[_CODE])
    jurisdictions: dict[str, Jurisdiction] = {}
    for row in table.rows:
        code = row.text(*_CODE)
        if code is None:
            raise row.error("a jurisdiction needs a code", field="adcode", mend="Write its administrative code")
        if code in jurisdictions:
            raise row.error("this jurisdiction stands here twice", field="adcode", value=code, mend="Keep one row")
        lon, lat = row.decimal("label_lon"), row.decimal("label_lat")
        jurisdictions[code] = Jurisdiction(
            code, row.text("name_en") or code, row.text("name_zh") or code, row.text(*_PARENT), lon, lat
        )
    if not jurisdictions:
        raise PlacesError("there are no rows under the header", file=path)
    known = {*_CODE, *_PARENT, "name_en", "name_zh", "label_lon", "label_lat"}
    return JurisdictionFile(jurisdictions, notices=_notices(path, table.encoding, table.columns, known))


def _read_geojson(path: Path) -> JurisdictionFile:
    text, encoding = read_text(path)
    found = features(path, text)
    jurisdictions: dict[str, Jurisdiction] = {}
    polygons: dict[str, BaseGeometry] = {}
    for number, feature in enumerate(found, 1):
        jurisdiction = _jurisdiction(path, number, feature)
        if jurisdiction.code in jurisdictions:
            raise PlacesError(
                "this jurisdiction stands here twice",
                file=path,
                row=number,
                field="adcode",
                value=jurisdiction.code,
                mend="Keep one feature, a MultiPolygon if it has several parts",
            )
        jurisdictions[jurisdiction.code] = jurisdiction
        polygons[jurisdiction.code] = _polygon(path, number, feature)
    return JurisdictionFile(jurisdictions, polygons, _notices(path, encoding, (), set()))


def _jurisdiction(path: Path, number: int, feature: Any) -> Jurisdiction:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    properties = properties if isinstance(properties, dict) else {}
    code = _first(properties, _CODE)
    if code is None:
        raise PlacesError(
            "a jurisdiction needs a code", file=path, row=number, field="adcode", mend="Add it to the properties"
        )
    lon, lat = (_degrees(path, number, properties, name) for name in ("label_lon", "label_lat"))
    names = [_first(properties, (name, "name")) or code for name in ("name_en", "name_zh")]
    return Jurisdiction(code, names[0], names[1], _first(properties, _PARENT), lon, lat)


def _first(properties: dict[str, Any], names: Iterable[str]) -> str | None:
    return next((str(properties[name]) for name in names if properties.get(name) not in (None, "")), None)


def _degrees(path: Path, number: int, properties: dict[str, Any], name: str) -> float | None:
    value = properties.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not -180 <= value <= 180:
        raise PlacesError("this is no coordinate", file=path, row=number, field=name, value=value, mend="Use degrees")
    return float(value)


def _polygon(path: Path, number: int, feature: dict[str, Any]) -> BaseGeometry:
    where: dict[str, Any] = {"file": path, "row": number, "field": "geometry"}
    geometry = feature.get("geometry")
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise PlacesError("a jurisdiction needs a polygon", **where, value=kind, mend="Use a Polygon or a MultiPolygon")
    try:
        shape = shapely.from_geojson(json.dumps(geometry))
    except (shapely.errors.GEOSException, ValueError) as error:
        raise PlacesError(f"the polygon cannot be read: {error}", **where) from None
    west, south, east, north = shape.bounds if not shape.is_empty else (999.0, 999.0, 999.0, 999.0)
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        swapped = west >= -90 and east <= 90 and south >= -180 and north <= 180
        raise PlacesError(
            "the polygon leaves the globe",
            **where,
            value=f"{west} {south} {east} {north}",
            mend="Longitude and latitude look swapped" if swapped else "Give degrees in WGS-84, longitude first",
        )
    if not shape.is_valid:
        raise PlacesError(
            f"the polygon is not valid: {shapely.is_valid_reason(shape)}", **where, mend="Repair the ring there"
        )
    return shape


def _notices(path: Path, encoding: str, columns: Iterable[str], known: set[str]) -> tuple[str, ...]:
    said = [f"{path.name} was read as GBK, not UTF-8"] if encoding == "GBK" else []
    ignored = [name for name in columns if name and name not in known]
    return (*said, *([f"{path.name}: these columns are not used: {', '.join(ignored)}"] if ignored else []))
