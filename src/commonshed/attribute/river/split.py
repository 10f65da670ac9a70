"""The load of one section split by source, sector, jurisdiction or reach; what nobody explains stays unexplained."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.budget import Basis, Budget, Contribution
from commonshed.attribute.river.published import units_of
from commonshed.attribute.river.sources import DeclaredSource
from commonshed.attribute.river.stretches import Stretch
from commonshed.errors import RiverError

__all__ = ["BASES", "GAINS", "GROUPINGS", "UNEXPLAINED", "By", "Gains", "Part", "Split", "split", "stretch_name"]

Floats = NDArray[np.float64]

By = Literal["source", "sector", "jurisdiction", "reach"]
GROUPINGS: tuple[str, ...] = get_args(By)
Gains = Literal["unexplained", "section", "length"]
"""Whose the load of a stretch is that several jurisdictions share, with no section at their border: nobody's; that of
the one that answers for the section at its end; all of theirs, by the length of river each holds."""
GAINS: tuple[str, ...] = get_args(Gains)
BASES: tuple[Basis, ...] = get_args(Basis)
UNEXPLAINED = "unexplained"
_NO_WATER = 1e-9
"""A difference below this part of a load is of floats, not of water."""


@dataclass(frozen=True, eq=False)
class Part:
    """What is due to one source, sector, jurisdiction or reach, or to nobody we know.

    Attributes
    ----------
    of : str
        Its id, or ``unexplained``.
    tonnes : float
        As the model carries it to the section. [t]
    draws : (draws,) array
        [t]
    bases : dict of basis to float
        How much of it is measured, declared, inferred, allotted. [t]
    entered : float
        What it brings into the river, or past its own sections. [t]
    contested : tuple of Contribution
        Of stretches it shares with others and that bring something.
    """

    of: str
    tonnes: float
    draws: Floats
    bases: dict[Basis, float]
    entered: float
    contested: tuple[Contribution, ...] = ()

    @property
    def delivery(self) -> float | None:
        """Part of what it brings in that passes the section; none where it brings nothing."""
        return self.tonnes / self.entered if self.entered > 0 else None


@dataclass(frozen=True, eq=False)
class Split:
    """The load of a section in a period, by one method, and its parts.

    Attributes
    ----------
    section : str
    measured : float
        [t]
    draws : (draws,) array
        [t]
    parts : tuple of Part
        In order of id, ``unexplained`` last; always at least that.
    """

    section: str
    measured: float
    draws: Floats
    parts: tuple[Part, ...]

    @property
    def modelled(self) -> float:
        """What all known parts together make. [t]"""
        return float(sum(part.tonnes for part in self.parts))

    @property
    def lost(self) -> float:
        """What should have passed and did not: more than the stated decay was lost on the way. [t]"""
        excess = self.modelled - self.measured
        return excess if excess > _NO_WATER * self.measured else 0.0

    @cached_property
    def units(self) -> tuple[int, ...]:
        """Published share of each part in ten-thousandths; together ten thousand."""
        return tuple(units_of([part.tonnes for part in self.parts])) if self.modelled > 0 else ()

    @cached_property
    def share_draws(self) -> Floats:
        """Share of each part in each draw, (parts, draws); a draw of a river without load shares nothing out."""
        drawn = np.array([part.draws for part in self.parts])
        whole = drawn.sum(axis=0)
        return np.asarray(np.divide(drawn, whole, out=np.zeros_like(drawn), where=whole > 0))

    def basis_units(self, number: int) -> dict[Basis, int]:
        """Published share of a part by how it is known; together that of the part."""
        part = self.parts[number]
        known = [part.bases.get(basis, 0.0) for basis in BASES]
        if part.of == UNEXPLAINED or not sum(known):
            return dict.fromkeys(BASES, 0)
        return dict(zip(BASES, units_of(known, self.units[number]), strict=True))


def split(budget: Budget, section: str, by: By, *, gains: Gains = "unexplained") -> Split:
    """Split the load of a section.

    Parameters
    ----------
    budget : Budget
    section : str
        One of the budget's.
    by : {"source", "sector", "jurisdiction", "reach"}
        By sector all that no declared source accounts for stays unexplained.
    gains : {"unexplained", "section", "length"}
        By jurisdiction: whose the load of a stretch is that lies in several. Anything but ``unexplained`` is a rule
        people agreed on, not a finding, and counts as ``allotted``.

    Raises
    ------
    RiverError
        Lengths are to decide and one is not known.

    Notes
    -----
    With contributions c_i and measured load y the shares are c_i / max(y, Σ c). Where Σ c < y the difference is
    unexplained; where Σ c > y more was lost than the decay says, all bear the loss in proportion, and `Split.lost`
    tells it.
    """
    contributions = budget.contributions(section)
    groups: dict[str, list[Contribution]] = {}
    contested: dict[str, list[Contribution]] = {}
    for each in contributions:
        for key, claim in _claims(each, by, gains):
            groups.setdefault(key, []).append(claim)
        if by == "jurisdiction" and isinstance(each.of, Stretch) and len(each.of.jurisdictions) > 1:
            for key in each.of.jurisdictions:
                groups.setdefault(key, [])
                contested.setdefault(key, []).extend([each] if each.tonnes > 0 else [])
    unknown = groups.pop(UNEXPLAINED, [])
    parts = [_part(key, groups[key], contested.get(key, ()), budget) for key in sorted(groups)]
    return Split(section, budget.load(section), budget.drawn(section), (*parts, _rest(budget, section, parts, unknown)))


def _claims(each: Contribution, by: By, gains: Gains) -> list[tuple[str, Contribution]]:
    """Whose a contribution is, and how much of it."""
    if isinstance(each.of, DeclaredSource):
        return [(_key_of_source(each.of, by) or UNEXPLAINED, each)]
    match by:
        case "source":
            return [(stretch_name(each.of), each)]
        case "sector":
            return [(UNEXPLAINED, each)]
        case "reach":
            return [(each.of.reaches[0] if len(each.of.reaches) == 1 else stretch_name(each.of), each)]
    owners = each.of.jurisdictions
    if len(owners) == 1:
        return [(owners[0], each)]
    if gains == "section" and each.of.answers is not None:
        return [(each.of.answers, each.part(1.0))]
    if gains == "length" and owners:
        return [(owner, each.part(share)) for owner, share in _by_length(each.of).items()]
    return [(UNEXPLAINED, each)]


def _key_of_source(source: DeclaredSource, by: By) -> str | None:
    match by:
        case "source":
            return source.id
        case "reach":
            return source.reach or source.node
        case "sector":
            return source.sector
        case "jurisdiction":
            return source.jurisdiction


def _by_length(stretch: Stretch) -> dict[str, float]:
    lengths = {owner: length for owner, length in stretch.lengths.items() if length is not None}
    whole = sum(lengths.values())
    if len(lengths) < len(stretch.lengths) or not whole > 0:
        unknown = ", ".join(stretch.reaches)
        mend = f"Give the length of each of {unknown}, or let the load stay unexplained"
        raise RiverError(f"the stretch above {stretch.section} has no length to split by", field="length", mend=mend)
    return {owner: length / whole for owner, length in lengths.items()}


def stretch_name(stretch: Stretch) -> str:
    """How a stretch is called among sources: by the section at its lower end."""
    return f"{'basin' if stretch.uppermost else 'stretch'} above {stretch.section}"


def _part(key: str, members: Sequence[Contribution], contested: Iterable[Contribution], budget: Budget) -> Part:
    bases: dict[Basis, float] = {}
    for each in members:
        bases[each.basis] = bases.get(each.basis, 0.0) + each.tonnes
    draws = np.zeros(budget.draws.shape[1])
    for each in members:
        draws = draws + each.draws
    entered = sum(each.tonnes / each.delivery for each in members)
    return Part(key, sum(each.tonnes for each in members), draws, bases, entered, tuple(contested))


def _rest(budget: Budget, section: str, parts: Sequence[Part], unknown: Sequence[Contribution]) -> Part:
    """What is nobody's alone, and what was measured and nothing upstream makes."""
    nobody = _part(UNEXPLAINED, unknown, (), budget)
    made = sum((part.draws for part in parts), nobody.draws)
    load, known = budget.load(section), nobody.tonnes + sum(part.tonnes for part in parts)
    rest = load - known if load - known > _NO_WATER * load else 0.0
    contested = tuple(each for each in unknown if each.tonnes > 0 and isinstance(each.of, Stretch))
    draws = nobody.draws + np.maximum(budget.drawn(section) - made, 0.0)
    return Part(UNEXPLAINED, nobody.tonnes + rest, draws, {}, 0.0, contested)
