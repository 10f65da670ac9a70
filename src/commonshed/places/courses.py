"""Rivers from a file of either kind, and the sections of a network put on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import shapely

from commonshed.places.lines import along, around
from commonshed.places.network import Station
from commonshed.places.riverfile import read_edges
from commonshed.places.riverlines import read_lines
from commonshed.places.rivers import Mark, Reach, Rivers

__all__ = ["NEAR", "read_rivers", "with_sections"]

NEAR = 2_000.0
"""How far beside a line, as generalised maps draw it, a section still stands on that river. [m]"""


def read_rivers(path: str | Path) -> Rivers:
    """Rivers from an edge list, or from lines on a map.

    Parameters
    ----------
    path : path
        CSV: see :func:`commonshed.places.riverfile.read_edges`. GeoJSON: see
        :func:`commonshed.places.riverlines.read_lines`. What stands beside it under the same name is read with it:
        ``NAME.marks.csv``, ``NAME.nodes.csv``, ``NAME.repairs.toml``.

    Raises
    ------
    RiverError
        Names the file, the row, the field, the value and the mend.
    """
    path = Path(path)
    return read_lines(path) if path.suffix.lower() in (".geojson", ".json") else read_edges(path)


def with_sections(rivers: Rivers, stations: Iterable[Station], *, within: float = NEAR) -> tuple[Rivers, list[str]]:
    """The same rivers with a mark for each section, and what is to be said of those that stand off them.

    Parameters
    ----------
    rivers : Rivers
    stations : iterable of Station
    within : float
        A section with a position stands on the nearest line that is no further off; of several within that, on one
        of the river that the section names. [m]

    Returns
    -------
    Rivers
    list of str
        A notice, if sections stand on no river of the network.

    Notes
    -----
    A section stands where a mark of its id says; else at the node of its id; else where its position is.
    """
    sections = [station for station in stations if station.water_body == "river"]
    marks, lines = dict(rivers.marks), _Lines.of(rivers)
    for section in sections:
        mark = marks.get(section.id) or _at_node(rivers, section) or lines.mark(section, within)
        if mark is not None:
            marks[section.id] = _named(mark, section)
    off = [lines.off(section) for section in sections if section.id not in marks]
    said = [f"on no river of the network: {', '.join(off)}; graded, but without loads and shares"] if off else []
    return replace(rivers, marks=marks), said


def _at_node(rivers: Rivers, section: Station) -> Mark | None:
    return Mark(section.id, "section", node=section.id) if section.id in rivers.nodes else None


@dataclass(frozen=True, eq=False)
class _Lines:
    """The reaches that have a line, to be found by position."""

    reaches: list[Reach]
    tree: shapely.STRtree

    @classmethod
    def of(cls, rivers: Rivers) -> _Lines:
        drawn = [reach for reach in rivers.reaches.values() if reach.line and reach.length is not None]
        return cls(drawn, shapely.STRtree([shapely.LineString(reach.line) for reach in drawn]))

    def mark(self, section: Station, within: float) -> Mark | None:
        """Where a section with a position stands."""
        if section.lon is None or section.lat is None:
            return None
        found: list[tuple[bool, float, str, float]] = []
        for k in self.tree.query(around((section.lon, section.lat), within)).tolist():
            reach = self.reaches[k]
            share, off = along(reach.line, (section.lon, section.lat))
            if off <= within:
                other = section.water not in (reach.name_en, reach.name_zh)
                found.append((other, off, reach.id, round(share * (reach.length or 0.0), 1)))
        if not found:
            return None
        _, off, id, distance = min(found)
        return Mark(section.id, "section", reach=id, distance=distance, note=f"{off:.0f} m beside the line as drawn")

    def off(self, section: Station) -> str:
        """A section that stands nowhere, and how far off the nearest line is."""
        if section.lon is None or section.lat is None or not self.reaches:
            return section.id
        nearest = self.reaches[int(self.tree.nearest(shapely.Point(section.lon, section.lat)))]
        off = along(nearest.line, (section.lon, section.lat))[1]
        return f"{section.id} ({off:.0f} m from {nearest.id})"


def _named(mark: Mark, section: Station) -> Mark:
    """The mark with what the table of sections says where the mark itself says nothing."""
    return replace(
        mark,
        name_en=mark.name_en or section.name_en,
        name_zh=mark.name_zh or section.name_zh,
        jurisdiction=mark.jurisdiction or section.jurisdiction,
    )
