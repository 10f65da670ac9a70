"""What was measured, in the only form rules take it: published figures, by section, quantity and stretch of time.

A line of a bill must be recomputable from what stands in it. So rules never see more digits than the line shows: values
as the law's method publishes them, volumes rounded as the agreement says, shares as published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from commonshed.periods import Period
from commonshed.settle.agreement import canonical

__all__ = ["UNEXPLAINED", "Measured", "ShareOf", "Value", "Volume"]

UNEXPLAINED = "unexplained"
"""The name of the part no source explains, among shares."""

ShareOf = Mapping[tuple[str, str, str], Mapping[str, Decimal]]
"""Published shares by (section, quantity, period): by code of a jurisdiction, and ``unexplained``; together one."""


@dataclass(frozen=True)
class Value:
    """A value of one quantity at one section, as published.

    Attributes
    ----------
    quantity : str
    text : str
        Exact decimal text. [unit]
    unit : str
        Any unit of the quantity, such as that of the law's limits.
    samples : int
        How many samples it is made of.
    below : int
        How many of them were below detection.
    level : str or None
        Its class by the law, where the law has a limit.
    """

    quantity: str
    text: str
    unit: str
    samples: int
    below: int = 0
    level: str | None = None

    @property
    def figure(self) -> Fraction:
        """In the canonical unit of the quantity."""
        return canonical(Fraction(self.text), self.unit, self.quantity)


@dataclass(frozen=True)
class Volume:
    """The water that passed a section.

    Attributes
    ----------
    text : str
        Exact decimal text, negative where it flowed back. [unit]
    unit : str
        ``m3`` or ``1e4 m3``.
    readings : int
        How many readings of flow it is made of; 0: declared.
    largest : Fraction or None
        The largest of them. [m3/s]
    how : str
        How it was made, as a sentence.
    """

    text: str
    unit: str
    readings: int = 0
    largest: Fraction | None = None
    how: str = ""

    @property
    def cubic_metres(self) -> Fraction:
        """[m3]"""
        return Fraction(self.text) * (10_000 if self.unit == "1e4 m3" else 1)


@dataclass(frozen=True)
class Measured:
    """All that the rules of an agreement may look at.

    Attributes
    ----------
    values : mapping of (section, quantity, stretch) to Value
        What is absent was not measured.
    volumes : mapping of (section, stretch) to Volume
    levels : tuple of str
        Classes of the law from the best to what meets none.
    shares : ShareOf
    owners : mapping of section to code of a jurisdiction
        Where each section lies, by the network.
    above : mapping of code to codes
        The jurisdictions above each, nearest first.
    """

    values: Mapping[tuple[str, str, Period], Value]
    volumes: Mapping[tuple[str, Period], Volume] = field(default_factory=dict)
    levels: tuple[str, ...] = ()
    shares: ShareOf = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)
    above: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
