"""Which regime governs a medium in a place on a day, and which one a local layer sits on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from commonshed.errors import LawError, NotCovered
from commonshed.periods import Period
from commonshed.standards.force import gap_to
from commonshed.standards.layers import check_layer, first_day
from commonshed.standards.lineage import lineage
from commonshed.standards.regimes import Regime, regime, regimes
from commonshed.standards.schema import Edition

__all__ = ["admit", "regime_for"]


def regime_for(day: date, place: str, medium: str = "air") -> Regime:
    """The regime that governs a medium in a place on a day.

    Parameters
    ----------
    day : date
    place : str
        Code of a jurisdiction: an adcode, or an ISO 3166 code.
    medium : str
        ``air``, ``water`` or ``noise``: each has laws of its own.

    Raises
    ------
    NotCovered
        None that we hold does; the message names the nearest in time and says how to grade by it all the same.
    """
    for held in regimes(medium).values():
        if held.in_force(Period(day, day), place):
            return held
    raise NotCovered(_not_covered(day, place, medium))


def admit(layer: Edition) -> Regime:
    """The regime a local layer sits on, once it has been held against it.

    Parameters
    ----------
    layer : Edition
        Issued by the jurisdiction it is for, such as ``110000``.

    Raises
    ------
    LaxerLayer
        One of its limits is above the one it would replace; the message shows both values.
    LawError
        It holds something other than limits, or levels the regime does not have.
    NotCovered
        No regime governs its issuer on its first day of force.
    """
    if not layer.in_force:
        raise LawError(f"layer {layer.id} says no day on which it comes into force: add [[in_force]] with first")
    base = regime_for(first_day(layer), layer.issuer, layer.medium)
    check_layer(base, layer)
    return base


def _not_covered(day: date, place: str, medium: str) -> str:
    known = regimes(medium)
    near = min(((gap_to(s, day), held.id, s) for held in known.values() for s in held.stretches(place)), default=None)
    what = "" if medium == "air" else f"{medium} in "
    lead = f"no regime we hold governs {what}{place} on {day.isoformat()}"
    if near is None:
        here = " > ".join(reversed(lineage(place)))
        return f"{lead}, nor on any other day ({here}). Name one to grade by it all the same: {', '.join(known)}"
    _, id, (first, last) = near
    span = f"from {first.isoformat()}" + (f" to {last.isoformat()}" if last != date.max else "")
    sentences = [
        f"{lead}. The nearest in time is {id}, in force there {span}",
        *_open_lists(regime(id), day, place),
        f"Name it to grade by it all the same: --regime {id}",
    ]
    return ". ".join(sentences)


def _open_lists(near: Regime, day: date, place: str) -> Iterator[str]:
    """What is left open by stages whose list of places we do not hold in full."""
    for held in near.editions:
        stages = [
            f"{stage.stage.en} (from {stage.first.isoformat()})"
            for stage in held.in_force
            if not stage.complete and stage.stage and stage.first <= day <= (stage.last or date.max)
        ]
        if held.id in near.governing and held.issuer in lineage(place) and stages:
            lists = "; ".join(stages)
            yield f"{held.id} came into force in stages, and we do not hold the full list of places of {lists}"
            return
