"""Small grounds of unit squares, as GeoJSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Ring = list[list[float]]


def square(west: float, south: float, size: float = 1.0) -> Ring:
    """A closed ring, anticlockwise."""
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def feature(code: str | None, *rings: Ring, **properties: Any) -> dict[str, Any]:
    """A polygon with its properties."""
    named = {} if code is None else {"adcode": code}
    geometry = {"type": "Polygon", "coordinates": list(rings)}
    return {"type": "Feature", "properties": {**named, **properties}, "geometry": geometry}


def collection(path: Path, *features: Any, **more: Any) -> Path:
    """A FeatureCollection in a file."""
    document = {"type": "FeatureCollection", "features": list(features), **more}
    path.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    return path
