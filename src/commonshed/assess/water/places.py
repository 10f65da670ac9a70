"""Whose water it is: sections, the rivers and basins they lie on, the jurisdictions that answer for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from commonshed.assess.jurisdictions import members_of
from commonshed.assess.water.samples import SampleTable
from commonshed.errors import PlacesError
from commonshed.places import Network, Station

__all__ = ["By", "Water", "Waters", "sections_of", "waters_of"]

By = Literal["section", "river", "basin", "jurisdiction"]

_OF_WATER = ("water_body", "water", "basin", "target", "water_type")


@dataclass(frozen=True)
class Water:
    """A river, lake, basin or jurisdiction with its sections.

    Attributes
    ----------
    id : str
        Name of the water or basin, or code of the jurisdiction.
    sections : tuple of str
        Its assessed sections.
    name_en, name_zh : str
    level : int
        How deep a jurisdiction lies in the tree: only those of one level are ranked against each other.
    """

    id: str
    sections: tuple[str, ...]
    name_en: str
    name_zh: str
    level: int = 0


@dataclass(frozen=True)
class Waters:
    """Waters of one kind.

    Attributes
    ----------
    by : {"river", "basin", "jurisdiction"}
    waters : tuple of Water
    """

    by: By
    waters: tuple[Water, ...]


def sections_of(network: Network, table: SampleTable, wanted: Sequence[str] | None = None) -> list[Station]:
    """The sections among a network's stations: those that say which water they lie on, or that have samples.

    Raises
    ------
    UnknownName
        One that is wanted was not declared.
    """
    if wanted is not None:
        return [network.station(id) for id in dict.fromkeys(wanted)]
    sampled = {table.sections[number] for number in set(table.section.tolist())}
    return [
        station
        for station in network.stations.values()
        if station.id in sampled or any(getattr(station, name) is not None for name in _OF_WATER)
    ]


def waters_of(network: Network, by: By, sections: Sequence[Station]) -> Waters:
    """The rivers, basins or jurisdictions of some sections; only assessed sections count.

    Parameters
    ----------
    network : Network
    by : {"river", "basin", "jurisdiction"}
        Jurisdictions: those with an assessed section of their own, and the ones directly above them.
    sections : sequence of Station

    Raises
    ------
    PlacesError
        No assessed section says which one it belongs to.
    """
    assessed = [section for section in sections if section.role == "assessed"]
    if by == "jurisdiction":
        return Waters(by, _jurisdictions(network, assessed))
    field = "water" if by == "river" else "basin"
    groups: dict[str, list[str]] = {}
    for section in assessed:
        name = getattr(section, field)
        if name is not None:
            groups.setdefault(name, []).append(section.id)
    if not groups:
        raise PlacesError(
            f"no assessed section says which {by} it lies on",
            field=field,
            mend=f"Give the sections' table a column {field}",
        )
    return Waters(by, tuple(Water(name, tuple(ids), name, name) for name, ids in sorted(groups.items())))


def _jurisdictions(network: Network, assessed: Sequence[Station]) -> tuple[Water, ...]:
    members = members_of(network, assessed)
    if not members:
        raise PlacesError(
            "no assessed section lies in a jurisdiction", mend="Give the sections' table a column jurisdiction"
        )
    found = []
    for code, sections in members.items():
        ids = tuple(section.id for section in sections)
        held = network.jurisdiction(code)
        level = len(network.ancestors(code))
        found.append(Water(code, ids, held.name_en or code, held.name_zh or held.name_en or code, level))
    return tuple(found)
