"""Whose air it is: the stations, jurisdictions or named groups an assessment speaks of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from commonshed.assess.jurisdictions import codes_of
from commonshed.errors import InputError, PlacesError, UnknownName
from commonshed.places import Network

__all__ = ["By", "Place", "Places", "places_of"]

By = Literal["station", "jurisdiction", "group"]


@dataclass(frozen=True)
class Place:
    """Whose record it is.

    Attributes
    ----------
    id : str
        Station id, jurisdiction code or name of a group.
    by : {"station", "jurisdiction", "group"}
        The key under which the id stands in a record.
    law : str
        Jurisdiction whose law governs it; empty when nobody says where it lies.
    name_en, name_zh : str
    role : str or None
        Of a station.
    level : int
        How deep it lies in the tree: only places of one level are ranked against each other.
    """

    id: str
    by: By
    law: str
    name_en: str = ""
    name_zh: str = ""
    role: str | None = None
    level: int = 0

    def identity(self) -> dict[str, object]:
        """The fields that begin its records."""
        names = {"en": self.name_en or self.id, "zh": self.name_zh or self.name_en or self.id}
        return {self.by: self.id, "name": names} | ({"role": self.role} if self.by == "station" else {})


@dataclass(frozen=True)
class Places:
    """The places of an assessment.

    Attributes
    ----------
    by : {"station", "jurisdiction", "group"}
    places : tuple of Place
    members : dict of str to list of str, or None
        Stations of each place; None when the places are stations themselves.
    """

    by: By
    places: tuple[Place, ...]
    members: Mapping[str, Sequence[str]] | None

    def only(self, laws: frozenset[str]) -> Places:
        """Those of them that lie under some laws."""
        return Places(self.by, tuple(place for place in self.places if place.law in laws), self.members)


def places_of(network: Network, by: By, groups: Mapping[str, Sequence[str]] | None = None) -> Places:
    """The places of a network to assess.

    Parameters
    ----------
    network : Network
    by : {"station", "jurisdiction", "group"}
        Jurisdictions: those with an assessed station of their own, and the ones directly above them.
    groups : dict of str to list of str, optional
        Stations of each group.

    Raises
    ------
    PlacesError
        Jurisdictions are asked for and no assessed station lies in one.
    UnknownName
        A group names a station nobody declared.
    InputError
        Groups are asked for and none is given, or the other way round.
    """
    if (by == "group") != bool(groups):
        raise InputError(
            "groups are asked for, but none is given" if by == "group" else "groups are given, but not asked for",
            mend="Write --by group --group NAME=STATION,STATION",
        )
    if by == "station":
        return Places(by, tuple(_station(network, id) for id in network.stations), None)
    if by == "group":
        return _groups(network, groups or {})
    return _jurisdictions(network)


def _station(network: Network, id: str) -> Place:
    station = network.station(id)
    return Place(id, "station", station.jurisdiction or "", station.name_en, station.name_zh, station.role)


def _jurisdictions(network: Network) -> Places:
    codes = codes_of(network, (station for station in network.stations.values() if station.role == "assessed"))
    if not codes:
        raise PlacesError(
            "no assessed station lies in a jurisdiction",
            mend="Give the stations' table an adcode column, or --polygons",
        )
    places = []
    for code in codes:
        jurisdiction = network.jurisdiction(code)
        names = (jurisdiction.name_en, jurisdiction.name_zh)
        places.append(Place(code, "jurisdiction", code, *names, level=len(network.ancestors(code))))
    return Places("jurisdiction", tuple(places), {code: network.assessed(code) for code in codes})


def _groups(network: Network, groups: Mapping[str, Sequence[str]]) -> Places:
    for stations in groups.values():
        for id in stations:
            if id not in network.stations:
                raise UnknownName("station", id, network.stations)
    places = tuple(Place(name, "group", _common_law(network, stations), name) for name, stations in groups.items())
    return Places("group", places, dict(groups))


def _common_law(network: Network, stations: Sequence[str]) -> str:
    """The smallest jurisdiction that holds all stations of a group; empty without one."""
    chains = []
    for id in stations:
        code = network.station(id).jurisdiction
        chains.append([] if code is None else [code, *network.ancestors(code)])
    return next((code for code in chains[0] if all(code in chain for chain in chains)), "") if chains else ""
