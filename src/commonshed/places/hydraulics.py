"""How much water each reach carries, and how wide, deep and fast it is, from what is measured at sections.

Discharge is measured at some places and needed at all. Between the places it follows from balance: what a section
carries more than the sections above it came in along the way, spread by area where catchments are known, else by
length. Width and depth follow from discharge where nobody measured them, and the reach's note says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from commonshed.errors import RiverError, UnknownName
from commonshed.places.rivers import Reach, Rivers

__all__ = ["MOODY_TROUTMAN", "Geometry", "discharges", "flowing", "manning_velocity", "with_hydraulics"]

Spread = Literal["area", "length"]


@dataclass(frozen=True)
class Geometry:
    """Width and depth as powers of discharge, downstream along a river.

    Attributes
    ----------
    a, b : float
        w = a·Qᵇ. [m], Q in [m3/s]
    c, f : float
        d = c·Qᶠ. [m]
    source : str

    Notes
    -----
    Q = w·d·v, so v = Q¹⁻ᵇ⁻ᶠ/(a·c): the exponents of width, depth and velocity make 1 (Leopold and Maddock 1953, The
    hydraulic geometry of stream channels, USGS Professional Paper 252, eq. 1 to 5).
    """

    a: float
    b: float
    c: float
    f: float
    source: str

    def width(self, Q: float) -> float:
        """[m]"""
        return float(self.a * Q**self.b)

    def depth(self, Q: float) -> float:
        """[m]"""
        return float(self.c * Q**self.f)


MOODY_TROUTMAN = Geometry(
    7.2, 0.50, 0.27, 0.30, "Moody and Troutman 2002, Earth Surf. Process. Landforms 27, 1251-1266"
)
"""Rivers of all sizes, from 0.0001 to 200,000 m3/s; a single river may lie off by a factor of two or three."""


def discharges(rivers: Rivers, measured: Mapping[str, float]) -> dict[str, float]:
    """Discharge at the lower end of each reach, from what some places carry.

    Parameters
    ----------
    rivers : Rivers
    measured : mapping of mark or node to discharge
        Of one time or as means over the same time. [m3/s]

    Returns
    -------
    dict of reach to float
        [m3/s] Zero above the uppermost places of a river that nobody measures further down.

    Raises
    ------
    RiverError
        A discharge is negative or no number, or two places at one node differ.
    UnknownName
        There is no such mark or node.

    Notes
    -----
    What is measured stands; a reach's own ``discharge`` counts only in a part of the network where nothing is measured.
    A gain between places is spread over the reaches between them in proportion to the area that drains to each, where
    every node there has a catchment, else to their length (drainage-area ratio: Hirsch 1979, Water Resour. Res. 15,
    1781-1790). A loss is booked on the last reaches above the place where it shows. Below the lowest place the yield
    per area goes on where catchments are known; otherwise what flows in flows out.
    """
    cut = rivers.nodal()
    at = _at_nodes(cut, measured)
    held = _Balance(cut, at)
    for node in cut.order:
        if node in at:
            held.close(node)
    held.below()
    return {id: held.lower[_last_piece(cut, id)] for id in rivers.reaches}


def with_hydraulics(
    rivers: Rivers, measured: Mapping[str, float] | None = None, *, geometry: Geometry = MOODY_TROUTMAN
) -> Rivers:
    """The same rivers with discharge, width, depth and velocity on every reach that carries water.

    Parameters
    ----------
    rivers : Rivers
    measured : mapping of mark or node to discharge, optional
        See :func:`discharges`; without it the reaches' own discharge stands. [m3/s]
    geometry : Geometry
        For reaches whose width and depth nobody gave.

    Raises
    ------
    RiverError, UnknownName
        See :func:`discharges`.

    Notes
    -----
    A velocity that the reach has was measured or declared at some other discharge; it is kept only where no new one is
    given. With width and depth v = Q/(w·d).
    """
    found = None if not measured else discharges(rivers, measured)
    reaches = {
        id: _flowing(reach, reach.discharge if found is None else found[id], geometry, new=found is not None)
        for id, reach in rivers.reaches.items()
    }
    return replace(rivers, reaches=reaches)


def flowing(reach: Reach) -> float:
    """The discharge of a reach that has to carry something. [m3/s]

    Raises
    ------
    RiverError
        It carries no water, or nobody knows how much.
    """
    if reach.discharge is None or not reach.discharge > 0:
        raise RiverError(
            f"reach {reach.id} has no flow",
            field="discharge",
            value=reach.discharge,
            mend="Measure, declare or scale a discharge above 0 m3/s there, or leave the reach out",
        )
    return reach.discharge


def manning_velocity(depth: float, slope: float, n: float = 0.035) -> float:
    """Mean velocity of a wide channel from its slope. [m/s]

    Parameters
    ----------
    depth : float
        [m]
    slope : float
        [m/m]
    n : float
        Roughness; 0.035 is a natural stream with some stones and weeds (Chow 1959, Open-Channel Hydraulics, table 5-6).

    Notes
    -----
    v = d^(2/3)·S^(1/2)/n (Manning 1891), the hydraulic radius of a wide channel being its depth.
    """
    return float(depth ** (2 / 3) * math.sqrt(slope) / n)


def _flowing(reach: Reach, Q: float | None, geometry: Geometry, *, new: bool) -> Reach:
    if Q is None or not Q > 0:
        return replace(reach, discharge=Q, velocity=None if new else reach.velocity)
    velocity = None if new and reach.velocity is not None and reach.width and reach.depth else reach.velocity
    if velocity is not None and reach.width is not None and reach.depth is not None and not new:
        return replace(reach, discharge=Q)
    width = reach.width if reach.width is not None else geometry.width(Q)
    if velocity is not None:
        depth = reach.depth if reach.depth is not None else Q / (width * velocity)
        guessed = [] if reach.width is not None and reach.depth is not None else ["width and depth"]
    else:
        depth = reach.depth if reach.depth is not None else geometry.depth(Q)
        velocity = Q / (width * depth)
        guessed = [name for name, value in (("width", reach.width), ("depth", reach.depth)) if value is None]
    said = f"{' and '.join(guessed)} from discharge: {geometry.source}" if guessed else ""
    note = "; ".join(filter(None, (reach.note, said)))
    return replace(reach, discharge=Q, width=width, depth=depth, velocity=velocity, note=note)


def _at_nodes(rivers: Rivers, measured: Mapping[str, float]) -> dict[str, float]:
    """What each node carries, marks put to their nodes."""
    at: dict[str, float] = {}
    for id, Q in measured.items():
        node = rivers.marks[id].node if id in rivers.marks else id
        if node not in rivers.nodes:
            raise UnknownName("mark or node", id, [*rivers.marks, *rivers.nodes])
        if not (0 <= Q < math.inf):
            mend = "Give a discharge of 0 m3/s or more, or leave the place out"
            raise RiverError(f"{id} carries no such discharge", field="discharge", value=Q, mend=mend)
        assert node is not None
        if at.setdefault(node, Q) != Q:
            raise RiverError(f"two discharges are given at {node}", field="discharge", value=Q, mend="Keep one")
    return at


def _last_piece(cut: Rivers, id: str) -> str:
    k = 2
    while f"{id}/{k}" in cut.reaches:
        id_k, k = f"{id}/{k}", k + 1
    return id if k == 2 else id_k


class _Balance:
    """Discharge at both ends of each reach, settled from one measured place down to the next."""

    def __init__(self, rivers: Rivers, at: Mapping[str, float]) -> None:
        self.rivers, self.at = rivers, at
        self.lower: dict[str, float] = {}
        self.touched = {node for part in rivers.parts if part & at.keys() for node in part}
        for node in rivers.order:
            if node not in self.touched:
                for id in rivers.out_of[node]:
                    own = rivers.reaches[id].discharge
                    self.lower[id] = self._upper(id) if own is None else own

    def close(self, node: str) -> None:
        """Settle the reaches between a measured place and the places above it."""
        between = self._between(node)
        if not between:
            return
        for id in between:
            self.lower[id] = self._upper(id)
        brought = sum(self.lower[id] for id in self.rivers.into[node])
        missing = self.at[node] - brought
        if missing < 0:
            for id in self.rivers.into[node]:
                self.lower[id] *= self.at[node] / brought
            return
        weights, arriving = self._weights(between), self._arriving(between, node)
        total = sum(weights[id] * arriving[id] for id in between)
        for id in between:
            self.lower[id] = self._upper(id) + missing * weights[id] / total

    def below(self) -> None:
        """Carry on below the lowest places."""
        for node in self.rivers.order:
            if node not in self.touched:
                continue
            for id in self.rivers.out_of[node]:
                if id not in self.lower:
                    self.lower[id] = self._upper(id) * self._growth(id)

    def _upper(self, id: str) -> float:
        reach = self.rivers.reaches[id]
        Q = self.at.get(reach.upstream)
        if Q is None:
            Q = sum(self.lower.get(other, 0.0) for other in self.rivers.into[reach.upstream])
        return Q * (1.0 if reach.part is None else reach.part)

    def _between(self, node: str) -> list[str]:
        """Reaches up to the next measured places, from upstream to downstream."""
        found: set[str] = set()
        waiting = [node]
        while waiting:
            for id in self.rivers.into[waiting.pop()]:
                if id not in found and id not in self.lower:
                    found.add(id)
                    above = self.rivers.reaches[id].upstream
                    waiting += [] if above in self.at else [above]
        place = self.rivers.rank
        return sorted(found, key=lambda id: (place[self.rivers.reaches[id].upstream], id))

    def _weights(self, between: Iterable[str]) -> dict[str, float]:
        areas = {id: self._area(id) for id in between}
        known = {id: area for id, area in areas.items() if area is not None}
        if len(known) == len(areas) and sum(known.values()) > 0:
            return known
        return {id: self.rivers.reaches[id].length or 1.0 for id in between}

    def _area(self, id: str) -> float | None:
        """What drains to a reach along its way; of what reaches that meet share, its part by length. [km2]"""
        below = self.rivers.reaches[id].downstream
        meeting = [self.rivers.reaches[other] for other in self.rivers.into[below]]
        above = [self._catchment(reach.upstream) for reach in meeting]
        whole = self._catchment(below)
        if whole is None or None in above:
            return None
        lengths = {reach.id: reach.length or 1.0 for reach in meeting}
        return max(0.0, whole - sum(area or 0.0 for area in above)) * lengths[id] / sum(lengths.values())

    def _catchment(self, node: str) -> float | None:
        area = self.rivers.nodes[node].catchment
        return 0.0 if area is None and not self.rivers.into[node] else area

    def _arriving(self, between: list[str], node: str) -> dict[str, float]:
        """How much of what comes in at the lower end of a reach arrives at the measured place."""
        arriving: dict[str, float] = {}
        for id in reversed(between):
            below = self.rivers.reaches[id].downstream
            if below == node:
                arriving[id] = 1.0
                continue
            arms = (self.rivers.reaches[other] for other in self.rivers.out_of[below])
            arriving[id] = sum((arm.part or 1.0) * arriving.get(arm.id, 0.0) for arm in arms)
        return arriving

    def _growth(self, id: str) -> float:
        reach = self.rivers.reaches[id]
        above, below = (self.rivers.nodes[node].catchment for node in (reach.upstream, reach.downstream))
        alone = len(self.rivers.into[reach.downstream]) == 1 and len(self.rivers.out_of[reach.upstream]) == 1
        return max(1.0, below / above) if above and below and alone else 1.0
