"""By which law: the regime somebody named, or the one in force there and then, with the local limits of the place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from commonshed.assess.layers import layers_of
from commonshed.assess.source import Source
from commonshed.assess.water.scale import water_method
from commonshed.errors import NotCovered
from commonshed.keep import Shed
from commonshed.periods import Period
from commonshed.places import Network, Station
from commonshed.standards import Edition, Regime, lineage, regime_for
from commonshed.standards import regime as regime_of

__all__ = ["by_law", "local_layers", "named_law"]


def named_law(regime: Regime | str | None) -> Regime | None:
    """The regime somebody named; None when nobody named one.

    Raises
    ------
    UnknownName
        There is no such regime.
    InputError
        It grades no water.
    """
    if regime is None:
        return None
    held = regime_of(regime) if isinstance(regime, str) else regime
    water_method(held)
    return held


def local_layers(source: Source, as_of: int | None = None) -> list[Edition]:
    """The stricter local limits for water that a shed holds."""
    return [layer for layer in layers_of(source, as_of) if layer.medium == "water"] if isinstance(source, Shed) else []


def by_law(
    sections: Sequence[Station], network: Network, unit: Period, named: Regime | None, layers: Sequence[Edition]
) -> list[tuple[Regime, list[Station]]]:
    """Sections that one law grades together in a unit of time: the one in force on its last day, unless one is named.

    Raises
    ------
    NotCovered
        No regime is named and none governs a section's place then.
    """
    found: dict[Regime, list[Station]] = {}
    for section in sections:
        place = None if section.jurisdiction is None else network.governed_as(section.jurisdiction)
        law = named or _governing(section, place, unit)
        own = tuple(layer for layer in layers if layer.issuer in lineage(place or ""))
        found.setdefault(replace(law, layers=(*law.layers, *own)) if own else law, []).append(section)
    return list(found.items())


def _governing(section: Station, place: str | None, unit: Period) -> Regime:
    if place is None:
        raise NotCovered(
            f"section {section.id} lies in no jurisdiction, so nobody can say which law governs it. "
            "Give the sections' table a jurisdiction column, or name the law: --regime cn-surface"
        )
    return regime_for(unit.last, place, "water")
