"""What was spilled and on what water: the substance, its release, the river of that day and how unsure it is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from commonshed.attribute.river.response.spots import NotNegative, Positive, Source, Spot
from commonshed.standards.parts import Part, Text
from commonshed.units import quantity

__all__ = ["ReachWater", "Released", "Spilled", "Substance", "Uncertainty", "Water"]


class Spilled(Spot):
    """Where it was spilled.

    Attributes
    ----------
    name : Text
        The place in words: "lorry park above the road bridge".
    """

    name: Text


class Substance(Part):
    """What was spilled and what the law or the waterworks tolerate of it.

    Attributes
    ----------
    quantity : str or None
        Id in the catalogue; or else
    name : Text or None
    unit : {"mg/L", "ug/L"}
        Of everything the forecast tells.
    threshold : float
        From which the water counts as reached. [unit]
    source : Text
        Where the threshold is from: document and clause.
    background : float
        In the water before the spill; arrival is when spill and background reach the threshold. [unit]
    decay : float
        First-order rate. [1/d]
    """

    quantity: str | None = None
    name: Text | None = None
    unit: Literal["mg/L", "ug/L"] = "mg/L"
    threshold: Positive
    source: Source
    background: NotNegative = 0.0
    decay: NotNegative = 0.0

    @model_validator(mode="after")
    def _named(self) -> Substance:
        if (self.quantity is None) == (self.name is None):
            raise ValueError("give the quantity of the catalogue, or the name of the substance")
        if self.background >= self.threshold:
            raise ValueError("the background alone reaches the threshold: nothing would arrive")
        return self

    @property
    def called(self) -> Text:
        """Its name in both languages."""
        if self.name is not None:
            return self.name
        held = quantity(self.quantity or "")
        return Text(en=held.name_en, zh=held.name_zh)

    @property
    def per_gram_per_cubic_metre(self) -> float:
        """What 1 g/m³ is in its unit."""
        return 1.0 if self.unit == "mg/L" else 1000.0


class Released(Part):
    """How it came into the water.

    Attributes
    ----------
    kind : {"instant", "pulse", "hydrograph"}
    mass : float or None
        All of it, at once or evenly over ``hours``. [kg]
    hours : float or None
        Duration of a pulse. [h]
    curve : tuple of (hours, kilograms an hour)
        Of a hydrograph: from each hour after the spill on, this rate, until the next; the last rate is 0.
    """

    kind: Literal["instant", "pulse", "hydrograph"] = "instant"
    mass: Positive | None = None
    hours: Positive | None = None
    curve: tuple[tuple[NotNegative, NotNegative], ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Released:
        needs = {"instant": (True, False, False), "pulse": (True, True, False), "hydrograph": (False, False, True)}
        if (self.mass is not None, self.hours is not None, bool(self.curve)) != needs[self.kind]:
            raise ValueError("an instant release has a mass, a pulse a mass and hours, a hydrograph a curve")
        if self.curve:
            self._check_curve()
        return self

    def _check_curve(self) -> None:
        hours = [hour for hour, _ in self.curve]
        if sorted(set(hours)) != hours:
            raise ValueError("the hours of the curve must rise")
        if self.curve[-1][1] != 0 or not any(rate for _, rate in self.curve):
            raise ValueError("the curve must end with the rate 0 and be above 0 before")

    @property
    def kilograms(self) -> float:
        """All that is released. [kg]"""
        if self.mass is not None:
            return self.mass
        steps = zip(self.curve, self.curve[1:], strict=False)
        return sum(rate * (end - begin) for (begin, rate), (end, _) in steps)


class ReachWater(Part):
    """Hydraulics of one reach on that day, in place of the network's; units as in the network."""

    id: str
    discharge: Positive | None = None
    width: Positive | None = None
    depth: Positive | None = None
    velocity: Positive | None = None
    slope: Positive | None = None
    dispersion: Positive | None = None


class Water(Part):
    """What the river does on that day.

    Attributes
    ----------
    discharge : dict of mark or node to float
        What is measured at some places that day; between them it follows from balance. Without it the discharges of
        the network stand. [m3/s]
    flow : float
        Every one of these times this.
    reach : tuple of ReachWater
        Single reaches, in place of what follows.
    source : Text
    """

    discharge: dict[str, NotNegative] = Field(default_factory=dict)
    flow: Positive = 1.0
    reach: tuple[ReachWater, ...] = ()
    source: Source = Text(en="", zh="")


class Uncertainty(Part):
    """How far velocity, dispersion and discharge may be off.

    Attributes
    ----------
    velocity, dispersion, discharge : float
        Standard deviation of the natural logarithm: 0.15 is about 15 %.
    members : int
        Runs that make the bands; 0 for none.
    seed : int
    source : Text
    """

    velocity: NotNegative = 0.15
    dispersion: NotNegative = 0.55
    discharge: NotNegative = 0.0
    members: Annotated[int, Field(ge=0)] = 200
    seed: int = 0
    source: Source = Text(en="", zh="")
