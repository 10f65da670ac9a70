"""Who answers for which ground, and where it is measured.

A network is one edition: immutable, with canonical bytes and a digest, so that a figure can name the boundaries and
the station roles it was made with.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal, get_args

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from commonshed.errors import PlacesError, UnknownName
from commonshed.periods import Zone
from commonshed.places.rivers import Mark, Reach, Rivers
from commonshed.standards import known_to_laws

__all__ = ["ROLES", "Jurisdiction", "Network", "Role", "Station", "Survey", "WaterBody"]

FORMAT = "commonshed-places/1"

Role = Literal["assessed", "control", "background", "roadside"]
"""What a station is for: only assessed stations make a jurisdiction's mean."""

ROLES: tuple[str, ...] = get_args(Role)

WaterBody = Literal["river", "lake"]
Survey = Literal["functional-zone", "area", "road"]

_BEIJING_TIME = Zone(480)

# A shared edge of two simplified polygons may overlap by rounding; more than this part of the smaller one is a fault.
_OVERLAP = 1e-6


@dataclass(frozen=True)
class Jurisdiction:
    """A government area: province, prefecture, county, or whatever stands in the tree.

    Attributes
    ----------
    code : str
        Administrative division code where there is one.
    name_en, name_zh : str
    parent : str or None
        Code of the jurisdiction above.
    label_lon, label_lat : float or None
        Where a map writes its name. [degrees, WGS-84]
    """

    code: str
    name_en: str = ""
    name_zh: str = ""
    parent: str | None = None
    label_lon: float | None = None
    label_lat: float | None = None


@dataclass(frozen=True)
class Station:
    """A place where air or noise is measured, or a section of a river or lake.

    Attributes
    ----------
    id : str
        As in readings.
    lon, lat : float or None
        [degrees, WGS-84]
    jurisdiction : str or None
        Code of the smallest jurisdiction it lies in.
    role : Role
    elevation : float or None
        [m]
    opened, closed : date or None
        First and last day of its service.
    water_body : {"river", "lake"} or None
        What a section lies on: decides some limits. None for air and noise.
    water : str or None
        Name of that river or lake: its sections are graded together.
    basin : str or None
        Name of the basin it drains to.
    target : str or None
        Class the section is to keep: ``III``.
    noise_zone : str or None
        Class of the functional zone: ``2``, ``4a``.
    survey : {"functional-zone", "area", "road"} or None
        Which noise survey it belongs to.
    road_length : str or None
        Length of the road it stands for, exact decimal text. [m]
    water_type : str or None
        Type of the water in a law that has types: ``4n``.
    """

    id: str
    name_en: str = ""
    name_zh: str = ""
    lon: float | None = None
    lat: float | None = None
    jurisdiction: str | None = None
    role: Role = "assessed"
    elevation: float | None = None
    opened: date | None = None
    closed: date | None = None
    water_body: WaterBody | None = None
    water: str | None = None
    basin: str | None = None
    target: str | None = None
    noise_zone: str | None = None
    survey: Survey | None = None
    road_length: str | None = None
    water_type: str | None = None


@dataclass(frozen=True)
class Network:
    """Jurisdictions, stations and polygons of one edition.

    Attributes
    ----------
    jurisdictions, stations : mappings by code and by id, in order of code and id
    polygons : mapping of code to polygon
        [degrees, WGS-84]
    zone : Zone
        In which days are counted here.
    notices : tuple of str
        What a reader of the files should know; no part of the edition.
    rivers : Rivers or None
        The waters between the sections: nodes, reaches, marks.

    Raises
    ------
    PlacesError
        A parent or a station's jurisdiction is missing, the tree has a cycle, siblings overlap.
    """

    jurisdictions: Mapping[str, Jurisdiction]
    stations: Mapping[str, Station]
    polygons: Mapping[str, BaseGeometry] = field(default_factory=dict)
    zone: Zone = _BEIJING_TIME
    notices: tuple[str, ...] = field(default=(), compare=False)
    rivers: Rivers | None = None

    def __post_init__(self) -> None:
        for name in ("jurisdictions", "stations", "polygons"):
            ordered = dict(sorted(getattr(self, name).items()))
            object.__setattr__(self, name, MappingProxyType(ordered))
        _check_tree(self.jurisdictions)
        _check_stations(self)
        _check_polygons(self)
        _check_rivers(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return Network.from_bytes, (self.to_bytes(),)

    def station(self, id: str) -> Station:
        """The station of that id.

        Raises
        ------
        UnknownName
            The message lists near ones.
        """
        if id not in self.stations:
            raise UnknownName("station", id, self.stations)
        return self.stations[id]

    def jurisdiction(self, code: str) -> Jurisdiction:
        """The jurisdiction of that code.

        Raises
        ------
        UnknownName
            The message lists near ones.
        """
        if code not in self.jurisdictions:
            raise UnknownName("jurisdiction", code, self.jurisdictions)
        return self.jurisdictions[code]

    def children(self, code: str) -> list[str]:
        """Codes directly below."""
        self.jurisdiction(code)
        return self._children.get(code, [])

    def ancestors(self, code: str) -> list[str]:
        """Codes above, nearest first."""
        chain: list[str] = []
        above = self.jurisdiction(code).parent
        while above is not None:
            chain.append(above)
            above = self.jurisdictions[above].parent
        return chain

    def governed_as(self, code: str) -> str:
        """The code by which laws know a place: its own, or the nearest above it that has a form they know.

        A catchment or a district with a name of its own lies under the law of the country it stands in.
        """
        chain = (code, *self.ancestors(code)) if code in self.jurisdictions else (code,)
        return next((each for each in chain if known_to_laws(each)), code)

    def assessed(self, code: str) -> list[str]:
        """Ids of the assessed stations of a jurisdiction and of all below it: those that make its mean."""
        self.jurisdiction(code)
        return [
            station.id
            for station in self.stations.values()
            if station.role == "assessed"
            and station.jurisdiction is not None
            and code in (station.jurisdiction, *self.ancestors(station.jurisdiction))
        ]

    def locate(self, lon: float, lat: float) -> str | None:
        """Code of the smallest jurisdiction whose polygon holds a point; on a shared edge the lower code.

        Parameters
        ----------
        lon, lat : float
            [degrees, WGS-84]
        """
        codes, tree = self._index
        hits = tree.query(shapely.Point(lon, lat), predicate="intersects")
        found = sorted(codes[hit] for hit in hits)
        return max(found, key=lambda code: len(self.ancestors(code))) if found else None

    def to_bytes(self) -> bytes:
        """Canonical JSON: sorted keys, no spaces, UTF-8, coordinates in their shortest decimal form."""
        document = {
            "format": FORMAT,
            "zone": str(self.zone),
            "jurisdictions": [_entry(jurisdiction) for jurisdiction in self.jurisdictions.values()],
            "stations": [_entry(station) for station in self.stations.values()],
            "polygons": {code: json.loads(shapely.to_geojson(shape)) for code, shape in self.polygons.items()},
        }
        if self.rivers is not None:
            document["rivers"] = self.rivers.document()
        text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return text.encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Network:
        """The network that :meth:`to_bytes` wrote.

        Raises
        ------
        PlacesError
            These are not such bytes.
        """
        try:
            document = json.loads(content)
            form = document.get("format") if isinstance(document, dict) else None
            if form != FORMAT:
                raise PlacesError("these are not the bytes of a network", field="format", value=form)
            stations = [Station(**_with_dates(entry)) for entry in document["stations"]]
            jurisdictions = [Jurisdiction(**entry) for entry in document["jurisdictions"]]
            polygons = {code: shapely.from_geojson(json.dumps(shape)) for code, shape in document["polygons"].items()}
            zone = Zone.parse(document["zone"])
            rivers = Rivers.of_document(document["rivers"]) if "rivers" in document else None
        except (ValueError, KeyError, TypeError, shapely.errors.GEOSException) as error:
            raise PlacesError(f"these bytes of a network are damaged: {error}") from error
        return cls({j.code: j for j in jurisdictions}, {s.id: s for s in stations}, polygons, zone, rivers=rivers)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes, in hexadecimal."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        below: dict[str, list[str]] = {}
        for jurisdiction in self.jurisdictions.values():
            if jurisdiction.parent is not None:
                below.setdefault(jurisdiction.parent, []).append(jurisdiction.code)
        return below

    @cached_property
    def _index(self) -> tuple[list[str], shapely.STRtree]:
        return list(self.polygons), shapely.STRtree(np.array(list(self.polygons.values()), dtype=object))


def _entry(part: Jurisdiction | Station) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in vars(part).items()
        if value is not None
    }


def _with_dates(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: date.fromisoformat(value) if name in ("opened", "closed") else value for name, value in entry.items()}


def _check_tree(jurisdictions: Mapping[str, Jurisdiction]) -> None:
    for code, jurisdiction in jurisdictions.items():
        if jurisdiction.parent is not None and jurisdiction.parent not in jurisdictions:
            raise PlacesError(
                f"the parent of {code} is not among the jurisdictions",
                field="parent",
                value=jurisdiction.parent,
                mend="Add the parent, or leave the field empty at the top of the tree",
            )
    for code in jurisdictions:
        path = [code]
        above = jurisdictions[code].parent
        while above is not None:
            path.append(above)
            if above in path[:-1]:
                circle = path[path.index(above) :]
                raise PlacesError(
                    f"the tree of jurisdictions has a cycle: {' → '.join(circle)}",
                    field="parent",
                    mend="One of them needs another parent",
                )
            above = jurisdictions[above].parent


def _check_stations(network: Network) -> None:
    for station in network.stations.values():
        if station.jurisdiction is not None and station.jurisdiction not in network.jurisdictions:
            raise PlacesError(
                f"station {station.id} lies in a jurisdiction nobody declared",
                field="jurisdiction",
                value=station.jurisdiction,
                mend="Correct the code, or add the jurisdiction",
            )
        if station.role not in ROLES:
            raise PlacesError(
                f"station {station.id} has an unknown role",
                field="role",
                value=station.role,
                mend=f"Known: {', '.join(ROLES)}",
            )


def _check_rivers(network: Network) -> None:
    """Whose a reach or a mark is must be somebody: what is settled later hangs on it."""
    if network.rivers is None:
        return
    parts: list[Reach | Mark] = [*network.rivers.reaches.values(), *network.rivers.marks.values()]
    for part in parts:
        if part.jurisdiction is not None and part.jurisdiction not in network.jurisdictions:
            raise PlacesError(
                f"{part.id} lies in a jurisdiction nobody declared",
                field="jurisdiction",
                value=part.jurisdiction,
                mend="Correct the code, or add the jurisdiction",
            )


def _check_polygons(network: Network) -> None:
    unknown = [code for code in network.polygons if code not in network.jurisdictions]
    if unknown:
        raise PlacesError("a polygon belongs to no jurisdiction", field="code", value=unknown[0])
    for one, other in _overlapping_pairs(network.polygons):
        above, above_other = network.jurisdictions[one].parent, network.jurisdictions[other].parent
        if above == above_other:
            raise PlacesError(
                f"the polygons of {one} and {other} overlap",
                field="geometry",
                mend="Neighbours may share an edge, not ground; take both from one source",
            )


def _overlapping_pairs(polygons: Mapping[str, BaseGeometry]) -> Iterable[tuple[str, str]]:
    codes, shapes = list(polygons), np.array(list(polygons.values()), dtype=object)
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    for i, j in zip(left.tolist(), right.tolist(), strict=True):
        if i < j:
            smaller = min(shapes[i].area, shapes[j].area)
            if shapely.intersection(shapes[i], shapes[j]).area > _OVERLAP * smaller:
                yield codes[i], codes[j]
