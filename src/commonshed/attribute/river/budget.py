"""The budget of a network: what was measured at its sections, what was declared, and what must have come between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.decay import NONE, Decay
from commonshed.attribute.river.inverse import NetLoads, net_loads
from commonshed.attribute.river.sources import DeclaredSource
from commonshed.attribute.river.stretches import Stretch, stretches
from commonshed.attribute.river.transfer import transfer
from commonshed.errors import RiverError
from commonshed.periods import Period
from commonshed.places import Mark, Rivers

__all__ = ["Basis", "Budget", "Contribution", "Measured", "budget"]

Floats = NDArray[np.float64]
Basis = Literal["measured", "declared", "inferred", "allotted"]
"""How a contribution is known: its whole basin passes a measured section; somebody declared it; it is what is left
between measured sections; it is what is left among several, given to one by a rule."""


class Measured(Protocol):
    """A load measured at a section. A `Load` is one."""

    @property
    def section(self) -> str:
        """Id of the section."""
        ...

    @property
    def tonnes(self) -> float:
        """[t]"""
        ...

    @property
    def draws(self) -> Floats:
        """Equally likely values of it, (draws,). [t]"""
        ...


@dataclass(frozen=True, eq=False)
class Contribution:
    """What one stretch or declared source brings to a section.

    Attributes
    ----------
    of : Stretch or DeclaredSource
    basis : Basis
    tonnes : float
        As the model carries it there. [t]
    draws : (draws,) array
        [t]
    delivery : float
        Part of what it brings into the river, or past its own section, that passes the section asked for.
    """

    of: Stretch | DeclaredSource
    basis: Basis
    tonnes: float
    draws: Floats
    delivery: float

    def part(self, share: float) -> Contribution:
        """A part of it, allotted by a rule."""
        return replace(self, basis="allotted", tonnes=self.tonnes * share, draws=self.draws * share)


@dataclass(frozen=True, eq=False)
class Budget:
    """Loads of a network that fit together.

    Attributes
    ----------
    sections : tuple of Mark
        Those with a measured load.
    stretches : tuple of Stretch
        Above each section, in the same order.
    declared : tuple of DeclaredSource
    decay : Decay
    measured, draws : (sections,) and (sections, draws) array
        [t]
    given, given_draws : (declared,) and (declared, draws) array
        [t]
    passing : (sections, sections) array
        Transfer from section to section.
    bringing : (declared, sections) array
        Transfer from declared source to section.
    passing_draws, bringing_draws : the same, or with an axis of draws where the decay is uncertain
    net : NetLoads
    """

    sections: tuple[Mark, ...]
    stretches: tuple[Stretch, ...]
    declared: tuple[DeclaredSource, ...]
    decay: Decay
    measured: Floats
    draws: Floats
    given: Floats
    given_draws: Floats
    passing: Floats
    bringing: Floats
    passing_draws: Floats
    bringing_draws: Floats
    net: NetLoads

    @cached_property
    def number(self) -> dict[str, int]:
        """Number of each section."""
        return {section.id: at for at, section in enumerate(self.sections)}

    def load(self, section: str) -> float:
        """Measured at a section. [t]"""
        return float(self.measured[self.number[section]])

    def drawn(self, section: str) -> Floats:
        """Its draws, (draws,). [t]"""
        return np.asarray(self.draws[self.number[section]])

    def contributions(self, section: str) -> tuple[Contribution, ...]:
        """What each stretch and each declared source upstream brings to a section.

        A stretch that lies upstream is there even if it brings nothing.
        """
        j = self.number[section]
        of_stretches = (
            Contribution(
                stretch,
                "measured" if stretch.uppermost else "inferred",
                float(self.passing[i, j] * self.net.gain[i]),
                self.passing_draws[i, j] * self.net.gain_draws[i],
                float(self.passing[i, j]),
            )
            for i, stretch in enumerate(self.stretches)
            if self.passing[i, j] > 0
        )
        of_declared = (
            Contribution(
                source,
                "declared",
                float(self.bringing[k, j] * self.given[k]),
                self.bringing_draws[k, j] * self.given_draws[k],
                float(self.bringing[k, j]),
            )
            for k, source in enumerate(self.declared)
            if self.bringing[k, j] > 0
        )
        return *of_stretches, *of_declared


def budget(
    rivers: Rivers,
    measured: Sequence[Measured],
    *,
    period: Period,
    declared: Sequence[DeclaredSource] = (),
    decay: Decay = NONE,
    seed: int = 0,
) -> Budget:
    """Fit the loads of a network together.

    Parameters
    ----------
    rivers : Rivers
        Each section is a mark of kind ``section``.
    measured : sequence of Measured
        One for each section, in any order; all with as many draws.
    period : Period
        What declared sources bring in it.
    declared : sequence of DeclaredSource
        Of the quantity asked about.
    decay : Decay
    seed : int
        For the draws of decay and declared loads.

    Raises
    ------
    RiverError
        A section stands off the network, two stand at one point, a reach says too little for the decay.
    """
    known = {load.section: load for load in measured}
    sections = tuple(_mark(rivers, id) for id in sorted(known))
    loads = np.array([known[section.id].tonnes for section in sections], float)
    count = min((known[section.id].draws.size for section in sections), default=0)
    draws = np.array([known[section.id].draws[:count] for section in sections], float).reshape(len(sections), count)
    # A stream of its own, so that one more declared source does not move the draws of the decay.
    decay_rng, given_rng = (np.random.default_rng([seed, stream]) for stream in (1, 2))
    found = transfer(rivers, sections, sources=declared, decay=decay)
    _check_apart(found.course.point, sections)
    passing, bringing = found.to_sections(sections), found.to_sections(declared)
    passing_draws, bringing_draws = passing, bringing
    if decay.loses and decay.spread and count:
        drawn = transfer(rivers, sections, sources=declared, decay=decay, factors=decay.factors(count, decay_rng))
        passing_draws, bringing_draws = drawn.to_sections(sections), drawn.to_sections(declared)
    given = np.array([source.tonnes(period) for source in declared])
    multiples = np.array([source.drawn(count, given_rng) for source in declared]).reshape(len(declared), count)
    given_draws = multiples * given[:, None]
    net = net_loads(
        passing,
        loads,
        passing_draws=passing_draws,
        measured_draws=draws,
        declared=bringing.T @ given,
        declared_draws=_brought(bringing_draws, given_draws),
    )
    return Budget(
        sections,
        stretches(found.course, sections),
        tuple(declared),
        decay,
        loads,
        draws,
        given,
        given_draws,
        passing,
        bringing,
        passing_draws,
        bringing_draws,
        net,
    )


def _mark(rivers: Rivers, id: str) -> Mark:
    mark = rivers.marks.get(id)
    if mark is None or mark.kind != "section":
        mend = "Add it as a mark of kind section, with its node or its reach and distance"
        raise RiverError(f"section {id} stands off the network", field="section", value=id, mend=mend)
    return mark


class _At(Protocol):
    def __call__(self, standing: Mark) -> int: ...


def _check_apart(point: _At, sections: Sequence[Mark]) -> None:
    seen: dict[int, str] = {}
    for section in sections:
        other = seen.setdefault(point(section), section.id)
        if other != section.id:
            mend = "Nothing can come in between: name one of them with --section, or leave one out"
            raise RiverError(f"sections {other} and {section.id} stand at one point", field="section", mend=mend)


def _brought(bringing: Floats, given: Floats) -> Floats:
    if bringing.ndim == 2:
        return np.asarray(bringing.T @ given)
    return np.asarray(np.einsum("kjb,kb->jb", bringing, given))
