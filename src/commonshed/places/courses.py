"""Rivers from a file of either kind, and the sections of a network put on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from commonshed.places.network import Station
from commonshed.places.riverfile import read_edges
from commonshed.places.rivers import Mark, Rivers

__all__ = ["read_rivers", "with_sections"]


def read_rivers(path: str | Path) -> Rivers:
    """Rivers from an edge list.

    Parameters
    ----------
    path : path
        CSV; see :func:`commonshed.places.riverfile.read_edges`.

    Raises
    ------
    RiverError
        Names the file, the row, the field, the value and the mend.
    """
    return read_edges(path)


def with_sections(rivers: Rivers, stations: Iterable[Station]) -> tuple[Rivers, list[str]]:
    """The same rivers with a mark for each section that has a node of its own id, and what stands off them.

    Returns
    -------
    Rivers
    list of str
        A notice, if sections stand on no river of the network.
    """
    sections = [station for station in stations if station.water_body == "river"]
    marks = dict(rivers.marks)
    for section in sections:
        if section.id not in marks and section.id in rivers.nodes:
            marks[section.id] = Mark(section.id, "section", node=section.id)
        if section.id in marks:
            marks[section.id] = _named(marks[section.id], section)
    off = [section.id for section in sections if section.id not in marks]
    said = [f"on no river of the network: {', '.join(off)}; graded, but without loads and shares"] if off else []
    return replace(rivers, marks=marks), said


def _named(mark: Mark, section: Station) -> Mark:
    """The mark with what the table of sections says where the mark itself says nothing."""
    return replace(
        mark,
        name_en=mark.name_en or section.name_en,
        name_zh=mark.name_zh or section.name_zh,
        jurisdiction=mark.jurisdiction or section.jurisdiction,
    )
