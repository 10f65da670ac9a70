"""The network with the water of the period in it, where losses depend on how fast it flows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from commonshed.attribute.river.loads import Load
from commonshed.periods import Period
from commonshed.places import Reach, Rivers
from commonshed.places.hydraulics import MOODY_TROUTMAN, with_hydraulics

__all__ = ["mean_flows", "with_mean_flow"]

_DAY = 86_400.0
_FIELDS = ("width", "depth", "velocity")


def mean_flows(loads: Sequence[Load], period: Period) -> dict[str, float]:
    """Mean discharge of each section in a period, from the water that passed with the load. [m3/s]"""
    return {load.section: load.volume * 1e6 / (period.days * _DAY) for load in loads if load.volume > 0}


def with_mean_flow(rivers: Rivers, measured: Mapping[str, float]) -> tuple[Rivers, tuple[str, ...]]:
    """The rivers with the discharge of the period, and width, depth and velocity where nobody gave them.

    Parameters
    ----------
    rivers : Rivers
    measured : mapping of section to mean discharge
        [m3/s]

    Returns
    -------
    (Rivers, notes)
        What was filled in, as sentences.
    """
    if not measured:
        return rivers, ()
    full = with_hydraulics(rivers, measured)
    reaches = {id: _filled(reach, full.reaches[id]) for id, reach in rivers.reaches.items()}
    slow = [reach for reach in rivers.reaches.values() if reach.velocity is None]
    sizes = [reach for reach in slow if reach.width is None or reach.depth is None]
    notes = []
    if slow:
        notes.append(f"The velocity of {len(slow)} reaches is from the mean discharge of the period.")
    if sizes:
        notes.append(f"Width or depth of {len(sizes)} of them is by {MOODY_TROUTMAN.source}.")
    return replace(rivers, reaches=reaches), tuple(notes)


def _filled(reach: Reach, full: Reach) -> Reach:
    known = {name: getattr(full, name) for name in _FIELDS if getattr(reach, name) is None}
    # Above the uppermost sections nothing is measured: what was declared stands.
    known["discharge"] = full.discharge if full.discharge else reach.discharge
    return replace(reach, **known)
