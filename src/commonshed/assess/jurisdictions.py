"""Which jurisdictions have a record, and whose stations make it: the same for air, water and noise."""

from __future__ import annotations

from collections.abc import Iterable

from commonshed.places import Network, Station

__all__ = ["codes_of", "members_of"]


def codes_of(network: Network, stations: Iterable[Station]) -> list[str]:
    """The jurisdictions with one of these stations of their own, and the ones directly above them, in order."""
    own = {station.jurisdiction for station in stations if station.jurisdiction is not None}
    return sorted({*own, *(above for code in own if (above := network.jurisdiction(code).parent) is not None)})


def members_of(network: Network, stations: Iterable[Station]) -> dict[str, list[Station]]:
    """These stations by jurisdiction: each counts for its own and for those above it that have a record."""
    counted = [station for station in stations if station.jurisdiction is not None]
    members: dict[str, list[Station]] = {code: [] for code in codes_of(network, counted)}
    for station in counted:
        code = station.jurisdiction or ""
        for held in (code, *network.ancestors(code)):
            if held in members:
                members[held].append(station)
    return members
