"""Places: who answers for which ground, where it is measured, and which jurisdiction holds a point."""

from __future__ import annotations

from functools import cache

from commonshed import datasets
from commonshed.errors import UnknownName
from commonshed.places.courses import read_rivers
from commonshed.places.hydraulics import discharges, flowing, with_hydraulics
from commonshed.places.jurisdictions import JurisdictionFile, read_jurisdictions
from commonshed.places.network import ROLES, Jurisdiction, Network, Role, Station, Survey, WaterBody
from commonshed.places.rivers import Lake, Mark, MarkKind, Node, Reach, Rivers
from commonshed.places.stations import StationFile, network_from, read_stations

__all__ = [
    "ROLES",
    "Jurisdiction",
    "JurisdictionFile",
    "Lake",
    "Mark",
    "MarkKind",
    "Network",
    "Node",
    "Reach",
    "Rivers",
    "Role",
    "Station",
    "StationFile",
    "Survey",
    "WaterBody",
    "discharges",
    "flowing",
    "network_from",
    "read_jurisdictions",
    "read_rivers",
    "read_stations",
    "shipped",
    "with_hydraulics",
]


@cache
def shipped(name: str) -> Network:
    """A network that comes with the package.

    Parameters
    ----------
    name : {"beijing", "songhua", "thames"}
        Beijing: sixteen districts and twelve stations; Dingling is the control site. Thames: twenty-three sections,
        the rivers between them, and the catchment of each as an example jurisdiction. Songhua: the rivers of the Amur
        basin as lines, with nothing measured yet.

    Raises
    ------
    UnknownName
        No such network is shipped.
    """
    if name not in _SHIPPED:
        raise UnknownName("network", name, _SHIPPED)
    zone, files = _SHIPPED[name]
    return network_from(**{kind: datasets.path(name, file) for kind, file in files.items()}, zone=zone)


_SHIPPED: dict[str, tuple[str | None, dict[str, str]]] = {
    "songhua": ("+08:00", {"rivers": "rivers.geojson"}),
    "beijing": (None, {"stations": "stations.csv", "polygons": "districts.geojson"}),
    "thames": (
        "UTC",
        {"stations": "sections.csv", "polygons": "catchments.csv", "rivers": "rivers.csv"},
    ),
}
