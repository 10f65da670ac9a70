"""Where the made-up river runs: catchments, reaches, sections, and who discharges where.

One headwater and four tributaries, some full of fields, some of people. A section closes each catchment and one stands
below each confluence; two towns discharge on the main stem, between sections, where only a difference of loads shows
them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from commonshed.periods import Zone
from commonshed.places import Jurisdiction, Network, Station
from commonshed.places.rivers import Mark, Node, Reach, Rivers

__all__ = ["AREAS", "SECTIONS", "SOURCES", "TwinSource", "travel_days", "twin_network"]

AREAS = {"C0": 900.0, "C1": 350.0, "C2": 1200.0, "C3": 250.0, "C4": 700.0}
"""Catchments. [km2]"""
_VELOCITY = 0.45
"""[m/s]"""
_WIDTH, _DEPTH = 20.0, 1.2
"""[m]"""
_UPPER, _FOOT, _BELOW, _STEM = 25_000.0, 3_000.0, 4_000.0, 22_000.0
"""Lengths: of a catchment's river to its section, on to the confluence, to the section below, on to the next. [m]"""


@dataclass(frozen=True)
class TwinSource:
    """What enters the river at a node.

    Attributes
    ----------
    id, node : str
    jurisdiction : str
        Code.
    sector : {"works", "fields"}
    catchment : str
        Whose flow washes out the fields.
    level : float
        Of works: mean discharge [g/s]; of fields: concentration in runoff of mean flow [g/m3].
    """

    id: str
    node: str
    jurisdiction: str
    sector: str
    catchment: str
    level: float


_FIELDS = {"C0": 0.08, "C1": 0.16, "C2": 0.10, "C3": 0.06, "C4": 0.14}
"""Concentration in the runoff of a usual day. [g/m3]"""
_WORKS = {"C0": 0.4, "C1": 0.02, "C2": 1.2, "C3": 0.3, "C4": 0.1}
"""[g/s]"""

SOURCES = (
    *(TwinSource(f"{c}-fields", f"{c}-head", f"sim-{c}", "fields", c, level) for c, level in _FIELDS.items()),
    *(TwinSource(f"{c}-works", f"{c}-head", f"sim-{c}", "works", c, level) for c, level in _WORKS.items()),
    TwinSource("town-2", "town-2", "sim-town-2", "works", "C2", 0.9),
    TwinSource("town-4", "town-4", "sim-town-4", "works", "C4", 0.6),
)


def twin_network() -> Network:
    """The places, with lengths and velocities; names and codes say that they are simulated."""
    reaches = [_reach(*stretch) for stretch in _stretches()]
    nodes = dict.fromkeys(end for reach in reaches for end in (reach.upstream, reach.downstream))
    marks = [Mark(section, "section", node=f"{section.removeprefix('sim-')}-section") for section in SECTIONS]
    codes = dict.fromkeys([source.jurisdiction for source in SOURCES])
    jurisdictions = {
        code: Jurisdiction(code, f"simulated {code.removeprefix('sim-')}", f"模拟{code.removeprefix('sim-')}")
        for code in codes
    }
    stations = {
        section: Station(
            section, f"simulated {section.removeprefix('sim-')}", water_body="river", water="simulated river",
            jurisdiction=f"sim-C{section[-1]}",
        )
        for section in SECTIONS
    }  # fmt: skip
    return Network(
        jurisdictions, stations, zone=Zone(480), rivers=Rivers.of([Node(id) for id in nodes], reaches, marks)
    )


def _stretches() -> Iterator[tuple[str, str, float, str]]:
    """Upper and lower node, length [m] and owner of each reach."""
    for c in AREAS:
        yield f"{c}-head", f"{c}-section", _UPPER, f"sim-{c}"
    yield "C0-section", "meet-1", _STEM, "sim-C0"
    for number in range(1, 5):
        yield f"C{number}-section", f"meet-{number}", _FOOT, f"sim-C{number}"
        yield f"meet-{number}", f"M{number}-section", _BELOW, f"sim-C{number}"
        onward = f"meet-{number + 1}" if number < 4 else "mouth"
        if number in (1, 3):
            yield f"M{number}-section", f"town-{number + 1}", _STEM / 2, f"sim-town-{number + 1}"
            yield f"town-{number + 1}", onward, _STEM / 2, f"sim-town-{number + 1}"
        else:
            yield f"M{number}-section", onward, _STEM, f"sim-C{number}"


def _reach(upstream: str, downstream: str, length: float, owner: str) -> Reach:
    return Reach(
        f"{upstream}>{downstream}",
        upstream,
        downstream,
        name_en="simulated river",
        name_zh="模拟河流",
        length=length,
        width=_WIDTH,
        depth=_DEPTH,
        velocity=_VELOCITY,
        jurisdiction=owner,
    )


SECTIONS = {
    **{f"sim-{c}": (c,) for c in AREAS},
    **{f"sim-M{number}": tuple(list(AREAS)[: number + 1]) for number in range(1, 5)},
}
"""Which catchments drain through each section."""


def travel_days(rivers: Rivers, source: str, section: str) -> float | None:
    """How long water takes from a node to a section's node; None: it never comes there. [d]"""
    node, wanted, days = source, rivers.mark(section).node, 0.0
    while node != wanted:
        onward = rivers.out_of[node]
        if not onward:
            return None
        reach = rivers.reaches[onward[0]]
        assert reach.length is not None
        assert reach.velocity is not None
        days += reach.length / reach.velocity / 86_400
        node = reach.downstream
    return days
