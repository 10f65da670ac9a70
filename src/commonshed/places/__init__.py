"""Places: who answers for which ground, where it is measured, and which jurisdiction holds a point."""

from __future__ import annotations

from functools import cache

from commonshed import datasets
from commonshed.errors import UnknownName
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
    "network_from",
    "read_jurisdictions",
    "read_stations",
    "shipped",
]


@cache
def shipped(name: str) -> Network:
    """A network that comes with the package.

    Parameters
    ----------
    name : {"beijing"}
        Sixteen districts and twelve stations; Dingling is the control site.

    Raises
    ------
    UnknownName
        No such network is shipped.
    """
    if name not in datasets.names():
        raise UnknownName("network", name, datasets.names())
    return network_from(stations=datasets.path(name, "stations.csv"), polygons=datasets.path(name, "districts.geojson"))
