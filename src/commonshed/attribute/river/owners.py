"""Whose each reach, section and source is, among those who are asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from commonshed.attribute.river.sources import DeclaredSource
from commonshed.errors import RiverError
from commonshed.places import Mark, Network, Reach, Rivers

__all__ = ["owned_rivers", "owned_sources"]

Owner = Callable[[str | None], str | None]


def owned_rivers(network: Network, among: Sequence[str] | None = None) -> Rivers:
    """The rivers of a network, each reach and section given to one of the jurisdictions asked about.

    Parameters
    ----------
    network : Network
        A section whose mark names no jurisdiction is that of the one it lies in.
    among : sequence of str, optional
        Codes, such as those of prefectures: what is of a county in one of them is the prefecture's. What lies in none
        of them keeps its own jurisdiction. Without it everything does.

    Raises
    ------
    RiverError
        The places have no rivers.
    UnknownName
        No such jurisdiction.
    """
    if network.rivers is None:
        mend = "Give the network of rivers with the stations: which reach flows into which"
        raise RiverError("these places have no rivers, and without them nothing is upstream", mend=mend)
    owner = _owner(network, among)
    rivers = network.rivers

    def of_mark(mark: Mark) -> Mark:
        station = network.stations.get(mark.id)
        own = mark.jurisdiction or (station.jurisdiction if station is not None else None)
        return replace(mark, jurisdiction=owner(own))

    def of_reach(reach: Reach) -> Reach:
        return reach if among is None else replace(reach, jurisdiction=owner(reach.jurisdiction))

    reaches = [of_reach(reach) for reach in rivers.reaches.values()]
    return Rivers.of(rivers.nodes.values(), reaches, [of_mark(mark) for mark in rivers.marks.values()])


def owned_sources(
    declared: Iterable[DeclaredSource], network: Network, among: Sequence[str] | None = None
) -> list[DeclaredSource]:
    """Declared sources given to one of the jurisdictions asked about, by the same rule."""
    owner = _owner(network, among)
    return [replace(source, jurisdiction=owner(source.jurisdiction)) for source in declared]


def _owner(network: Network, among: Sequence[str] | None) -> Owner:
    if among is None:
        return lambda code: code
    asked = {network.jurisdiction(code).code for code in among}

    def owner(code: str | None) -> str | None:
        if code is None or code not in network.jurisdictions:
            return code
        return next((each for each in (code, *network.ancestors(code)) if each in asked), code)

    return owner
