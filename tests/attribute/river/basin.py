"""A small basin with loads that are said, so that what follows from them can be worked by hand.

Two brooks meet; below the meeting a town; then the mouth::

    a (A) ──┐
            m ── t (town, T) ── e
    b (B) ──┘
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.budget import Budget, budget
from commonshed.attribute.river.decay import NONE, Decay
from commonshed.attribute.river.sources import DeclaredSource
from commonshed.periods import Period
from commonshed.places import Jurisdiction, Mark, Network, Node, Reach, Rivers

YEAR = Period.year(2015)
HOUR = 3600.0


@dataclass(frozen=True, eq=False)
class Said:
    """A load of a section that is simply said."""

    section: str
    tonnes: float
    draws: NDArray[np.float64]


def rivers(*, town: str | None = "T", foot: str | None = "T") -> Rivers:
    """The basin; each reach takes an hour of travel per kilometre. ``foot``: whose the lower ends of the brooks are."""

    def reach(id: str, km: float, owner: str | None) -> Reach:
        return Reach(id, id[0], id[1], length=km * 1000, velocity=1000 / HOUR, jurisdiction=owner)

    reaches = [
        Reach("sa", "s", "a", length=2000.0, velocity=1000 / HOUR, jurisdiction="A"),
        Reach("rb", "r", "b", length=2000.0, velocity=1000 / HOUR, jurisdiction="B"),
        reach("am", 1, foot),
        reach("bm", 3, foot),
        reach("mt", 4, town),
        reach("te", 4, town),
    ]
    marks = [Mark(id.upper(), "section", node=id) for id in "abe"]
    return Rivers.of([Node(id) for id in "srabmte"], reaches, marks)


def network(basin: Rivers | None = None) -> Network:
    """The basin with its jurisdictions."""
    names = {"A": ("Aton", "甲"), "B": ("Beton", "乙"), "T": ("Town", "镇")}
    own = {code: Jurisdiction(code, *name) for code, name in names.items()}
    return Network(own, {}, rivers=basin or rivers())


def fitted(
    loads: Mapping[str, float],
    *,
    basin: Rivers | None = None,
    declared: tuple[DeclaredSource, ...] = (),
    decay: Decay = NONE,
    noise: float = 0.0,
    draws: int = 50,
) -> Budget:
    """The budget of these loads; draws are lognormal about each."""
    rng = np.random.default_rng(7)
    said = [Said(id, tonnes, tonnes * np.exp(noise * rng.standard_normal(draws))) for id, tonnes in loads.items()]
    return budget(basin or rivers(), said, period=YEAR, declared=declared, decay=decay)
