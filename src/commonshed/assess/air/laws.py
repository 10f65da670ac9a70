"""By which law: the regime somebody named, or the one in force there and then, with the layers of the place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from commonshed.assess.air.whose import Places
from commonshed.errors import InputError, NotCovered
from commonshed.periods import Period
from commonshed.standards import Edition, Regime, regime_for
from commonshed.standards import regime as regime_of

__all__ = ["by_law", "chosen"]


def chosen(regime: Regime | str | None, level: str | None) -> Regime | None:
    """The regime somebody named, at the level somebody asked for; None when nobody named one.

    Raises
    ------
    UnknownName
        There is no such regime.
    InputError
        It has no such level.
    """
    if regime is None:
        return None
    held = regime_of(regime) if isinstance(regime, str) else regime
    return held if level is None else _at_level(held, level)


def _at_level(regime: Regime, level: str) -> Regime:
    known = dict.fromkeys(name for edition in regime.editions for name in edition.levels)
    if level not in known:
        raise InputError(
            f"{regime.id} has no level {level}", field="level", value=level, mend=f"Known: {', '.join(known) or 'none'}"
        )
    return replace(regime, level=level)


def by_law(
    places: Places, units: Sequence[Period], named: Regime | None, level: str | None, layers: Sequence[Edition]
) -> Iterator[tuple[Regime, Places, list[Period]]]:
    """Places and units that one regime grades, together.

    Parameters
    ----------
    places : Places
    units : sequence of Period
    named : Regime or None
        Without it each unit is graded by the law in force in each place on its last day: when the unit can be assessed
        as a whole.
    level : str or None
    layers : sequence of Edition
        Stricter local editions, which go on top of the law of the places they were issued for.

    Raises
    ------
    NotCovered
        No regime is named and none governs a place then.
    """
    laws: dict[tuple[Regime, ...], list[str]] = {}
    for law in dict.fromkeys(place.law for place in places.places):
        governing = [named or _governing(unit, law, level) for unit in units]
        layered = {regime: regime.layered(layers, law) for regime in dict.fromkeys(governing)}
        laws.setdefault(tuple(layered[regime] for regime in governing), []).append(law)
    for regimes, codes in laws.items():
        of = places.only(frozenset(codes))
        for regime, run in groupby(zip(regimes, units, strict=True), key=lambda pair: pair[0]):
            yield regime, of, [unit for _, unit in run]


def _governing(unit: Period, law: str, level: str | None) -> Regime:
    if not law:
        raise NotCovered(
            "a station lies in no jurisdiction, so nobody can say which law governs it. "
            "Give the stations' table an adcode column or --polygons, or name the law: --regime cn-2012"
        )
    found = regime_for(unit.last, law)
    return found if level is None else _at_level(found, level)
