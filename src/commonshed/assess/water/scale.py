"""The classes of a law of water as a scale: what each quantity must keep to be of which class."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property, lru_cache

from commonshed.errors import InputError
from commonshed.standards import Regime
from commonshed.standards.schema import Limit
from commonshed.standards.water import WaterClass, WaterMethod, WaterValue
from commonshed.units import quantity as declared
from commonshed.units import ticks_per

__all__ = ["Bounds", "Scale", "scale_of", "water_method"]


@dataclass(frozen=True)
class Bounds:
    """What one quantity must keep.

    Attributes
    ----------
    unit : str
        Of the bounds and of the value.
    per_tick : Fraction
        One tick of the quantity in that unit.
    levels : tuple of (level, lowest, highest)
        From the best class to the worst; None where that side is open.
    """

    unit: str
    per_tick: Fraction
    levels: tuple[tuple[str, Fraction | None, Fraction | None], ...] = ()

    def highest(self, level: str) -> Fraction | None:
        """The highest value a level allows; None where it names none."""
        return next((high for name, _, high in self.levels if name == level), None)

    def lowest(self, level: str) -> Fraction | None:
        """The lowest value a level allows; None where it names none."""
        return next((low for name, low, _ in self.levels if name == level), None)


@dataclass(frozen=True, eq=False)
class Scale:
    """The classes of a law on a day for one kind of water.

    Attributes
    ----------
    regime : Regime
    method : WaterMethod
    levels : tuple of str
        Classes from the best to the worst, the one of what meets no limit last.
    bounds : dict of str to Bounds
        Of every quantity with a limit of a class.
    """

    regime: Regime
    method: WaterMethod
    levels: tuple[str, ...]
    bounds: Mapping[str, Bounds]

    def bounds_of(self, quantity: str) -> Bounds:
        """What a quantity must keep; nothing, in its own unit, where the law has no limit of it."""
        return self.bounds.get(quantity) or _unbounded(quantity)

    def class_of(self, quantity: str, value: Fraction) -> str | None:
        """The class of one quantity: the best whose limits its value keeps. None where it has no limits."""
        held = self.bounds.get(quantity)
        if held is None:
            return None
        for level, low, high in held.levels:
            if (low is None or value >= low) and (high is None or value <= high):
                return level
        return self.method.worse

    def rank(self, level: str) -> int:
        """How bad a class is: 0 is the best."""
        return self.levels.index(level)

    def worst(self, levels: Iterable[str]) -> str | None:
        """The worst of some classes; None without any."""
        return max(levels, key=self.rank, default=None)

    def worse_than(self, level: str | None, than: str) -> bool:
        """Whether a class is worse than another; no class is worse than none."""
        return level is not None and self.rank(level) > self.rank(than)

    def named(self, level: str) -> WaterClass | None:
        """How a class is called."""
        return next((held for held in self.method.classes if level in held.levels), None)

    def value_kind(self, quantity: str) -> WaterValue:
        """How samples of a quantity become its value."""
        return self._kinds.get(quantity) or self._kinds.setdefault(quantity, _kind(self.method, quantity))

    @cached_property
    def _kinds(self) -> dict[str, WaterValue]:
        """By quantity: asked for once a section, quantity and period."""
        return {}

    @cached_property
    def assessed(self) -> tuple[str, ...]:
        """The quantities that make the class, in the law's order, as far as this water has limits of them."""
        return tuple(key for key in self.method.assessed if key in self.bounds)


def water_method(regime: Regime) -> WaterMethod:
    """The regime's method for water.

    Raises
    ------
    InputError
        It has none: it grades something else.
    """
    if regime.water is None:
        raise InputError(
            f"{regime.id} grades {regime.medium}, not water",
            field="regime",
            value=regime.id,
            mend="Name a law of water, such as cn-surface; commonshed standards list shows them",
        )
    return regime.water


@lru_cache(maxsize=512)
def scale_of(regime: Regime, day: date, water_body: str, water_type: str = "") -> Scale:
    """The scale of a law on a day.

    Parameters
    ----------
    regime : Regime
    day : date
        Decides which local limits are in force.
    water_body : {"river", "lake"}
    water_type : str
        Type of the water, in a law that has types; empty: limits of a type do not apply.
    """
    method = water_method(regime)
    levels = [level for held in method.classes for level in held.levels if level != method.worse]
    limits: dict[str, list[Limit]] = {}
    for limit in regime.limits(day):
        of = _kind(method, limit.quantity).of
        if limit.kind == "limit" and limit.of == of and limit.is_for(water_body, water_type):
            limits.setdefault(limit.quantity, []).append(limit)
    found = {quantity: _bounds(quantity, held, levels) for quantity, held in limits.items()}
    graded = {quantity: bounds for quantity, bounds in found.items() if bounds.levels}
    return Scale(regime, method, (*levels, method.worse), graded)


def _kind(method: WaterMethod, quantity: str) -> WaterValue:
    named = next((value for value in method.values if quantity in value.quantities), None)
    return named or next(value for value in method.values if not value.quantities)


def _bounds(quantity: str, limits: list[Limit], levels: list[str]) -> Bounds:
    """The strictest of several limits on each side, level by level, in the unit of the first."""
    unit = limits[0].unit
    of = declared(quantity)
    per_tick = 1 / ticks_per(of, unit)
    graded = []
    for level in levels:
        held = [
            (limit.sense, limit.levels[level] * ticks_per(of, limit.unit)) for limit in limits if level in limit.levels
        ]
        lows = [ticks * per_tick for sense, ticks in held if sense == "min"]
        highs = [ticks * per_tick for sense, ticks in held if sense == "max"]
        if held:
            graded.append((level, max(lows, default=None), min(highs, default=None)))
    return Bounds(unit, per_tick, tuple(graded))


@lru_cache(maxsize=256)
def _unbounded(quantity: str) -> Bounds:
    of = declared(quantity)
    return Bounds(of.unit, of.resolution)
