"""GeoJSON as far as places need it: collections of features in WGS-84, points as rows of a table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from commonshed.errors import PlacesError
from commonshed.places.tablefile import Row, TableFile, read_text

__all__ = ["features", "read_points"]

_WGS84 = ("CRS84", "EPSG::4326", "EPSG:4326", "EPSG::4490", "EPSG:4490")


def features(path: Path, text: str) -> list[dict[str, Any]]:
    """The features of a GeoJSON text.

    Raises
    ------
    PlacesError
        It is no FeatureCollection in WGS-84, or an empty one.
    """
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise PlacesError(
            f"this is not JSON: {error.msg} at line {error.lineno}", file=path, mend="Is the file cut off?"
        ) from None
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise PlacesError("this is not a GeoJSON FeatureCollection", file=path, field="type")
    crs = json.dumps(document.get("crs", "CRS84"))
    if not any(name in crs for name in _WGS84):
        raise PlacesError(
            "the coordinates are not in WGS-84", file=path, field="crs", value=crs[:120], mend="Convert to EPSG:4326"
        )
    found = document.get("features")
    if not isinstance(found, list) or not found:
        raise PlacesError("there are no features", file=path, field="features")
    return found


def read_points(path: Path) -> TableFile:
    """Points as rows: their properties, with ``lon`` and ``lat`` from the geometry.

    Raises
    ------
    PlacesError
        The file cannot be used, or a feature is no point.
    """
    text, encoding = read_text(path)
    rows = []
    columns: dict[str, None] = {}
    for number, feature in enumerate(features(path, text), 1):
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        position = geometry.get("coordinates") if isinstance(geometry, dict) else None
        if not isinstance(geometry, dict) or geometry.get("type") != "Point" or not _is_position(position):
            kind = geometry.get("type") if isinstance(geometry, dict) else None
            raise PlacesError("a station needs a point", file=path, row=number, field="geometry", value=kind)
        properties = feature.get("properties") or {}
        cells = {name: "" if value is None else str(value).strip() for name, value in properties.items()}
        assert isinstance(position, list)
        rows.append(Row(path, number, {**cells, "lon": repr(position[0]), "lat": repr(position[1])}))
        columns |= dict.fromkeys(cells)
    return TableFile(tuple(columns), tuple(rows), encoding)


def _is_position(position: Any) -> bool:
    return (
        isinstance(position, list)
        and len(position) >= 2
        and all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in position[:2])
    )
