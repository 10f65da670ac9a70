"""Local layers: a province or city may set stricter limits on top of the national ones, never laxer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from commonshed.errors import LawError, LaxerLayer
from commonshed.periods import Period
from commonshed.standards.parts import written
from commonshed.standards.schema import Edition, Limit
from commonshed.units import quantity, ticks_per

if TYPE_CHECKING:
    from commonshed.standards.regimes import Regime

__all__ = ["canonical", "check_layer", "first_day", "strictest"]

_NOT_IN_A_LAYER = (
    "thresholds",
    "statistics",
    "index",
    "assessment",
    "reference_states",
    "phases",
    "water",
    "trophic",
    "city_index",
    "noise_day",
    "noise",
)


def strictest(limits: Sequence[Limit], level: str) -> Limit:
    """The lowest of some limits of one statistic and sense, the highest of lowest allowed; the first of equal ones."""
    return limits[0] if len(limits) == 1 else min(limits, key=lambda limit: _strictness(limit, level))


def canonical(limit: Limit, level: str) -> Fraction:
    """The value of a limit as a count of its quantity's ticks, so that limits in different units compare."""
    return limit.levels[level] * ticks_per(quantity(limit.quantity), limit.unit)


def _strictness(limit: Limit, level: str) -> Fraction:
    """Smaller is stricter."""
    count = canonical(limit, level)
    return -count if limit.sense == "min" else count


def check_layer(base: Regime, layer: Edition) -> None:
    """Refuse a layer that would weaken the regime it sits on.

    Each limit is held against the one that applies on the layer's first day of force, if the regime is in force there
    and then; when the national limits tighten later, the strictest of both applies.

    Raises
    ------
    LaxerLayer
        A limit is above the one it would replace; the message shows both.
    LawError
        The layer holds something other than limits, or levels the regime does not have.
    """
    extra = [name for name in _NOT_IN_A_LAYER if getattr(layer, name)]
    if extra:
        raise LawError(
            f"layer {layer.id} holds {', '.join(extra)}: a layer holds limits only, the method stays national"
        )
    if layer.medium != base.medium:
        raise LawError(f"layer {layer.id} is of {layer.medium}, {base.id} of {base.medium}")
    known = {level for held in base.editions for level in held.levels}
    unknown = sorted(set(layer.levels) - known)
    if unknown:
        raise LawError(f"layer {layer.id} has levels {', '.join(unknown)}; {base.id} has {', '.join(sorted(known))}")
    first = first_day(layer)
    if not base.in_force(Period(first, first), layer.issuer):
        return
    for limit in layer.limits:
        for level in limit.levels:
            _check_limit(base, layer, limit, level, first)


def first_day(layer: Edition) -> date:
    """The first day of force of a layer anywhere."""
    return min(stage.first for stage in layer.in_force)


def _check_limit(base: Regime, layer: Edition, limit: Limit, level: str, first: date) -> None:
    national = [held for held in _alike(base, limit, first) if level in held.levels]
    if not national:
        return
    strict = strictest(national, level)
    if _strictness(limit, level) <= _strictness(strict, level):
        return
    raise LaxerLayer(
        f"layer {layer.id} is laxer than {base.clause(strict)}: {limit.quantity} {limit.of}, level {level}: "
        f"{_bound(limit, level)} against {_bound(strict, level)} "
        f"on {first.isoformat()}. A local limit may only be stricter"
    )


def _alike(base: Regime, limit: Limit, day: date) -> list[Limit]:
    """The limits one of a layer would replace: one for lakes, what holds in lakes; one for all waters, all of them."""
    types = limit.water_types or (None,)
    held = [
        found
        for water_type in types
        for found in base.limits_of(limit.quantity, limit.of, day, water_body=limit.water_body, water_type=water_type)
    ]
    of_sense = [found for found in held if found.sense == limit.sense]
    limits = [found for found in of_sense if found.kind == "limit"]
    return limits or [found for found in of_sense if found.kind == "target"]


def _bound(limit: Limit, level: str) -> str:
    least = "at least " if limit.sense == "min" else ""
    return f"{least}{written(limit.levels[level])} {limit.unit}"
