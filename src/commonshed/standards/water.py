"""The form in which a law of surface water is written down: from samples to classes, indices and ranks.

Limits stand in the edition like those of air: one `Limit` a quantity and value (``of``), its levels the classes from
the best to the worst, ``sense`` says which side is good. pH has two, a highest and a lowest.
"""

from __future__ import annotations

from typing import Literal

from commonshed.exact import Rounding
from commonshed.standards.parts import Clause, Exact, Part, Text

__all__ = [
    "BasinRow",
    "BasinRule",
    "CityIndex",
    "MainPollutants",
    "SampleNeeds",
    "TrophicIndex",
    "TrophicLevel",
    "TrophicTerm",
    "WaterClass",
    "WaterMethod",
    "WaterValue",
]


class WaterClass(Part):
    """One class, or several that are called the same."""

    levels: tuple[str, ...]
    """Levels of the limits, or the method's ``worse``."""
    name: Text
    colour: str
    """As ``#RRGGBB``."""
    provenance: str


class WaterValue(Part):
    """How the samples of a period become the value a limit speaks of."""

    of: str
    """The ``of`` of the limits."""
    kind: Literal["mean", "hydrogen-mean", "percentile", "rank"]
    """``hydrogen-mean``: −log10 of the mean of 10^−pH. ``percentile``: interpolated at (n − 1) p / 100. ``rank``: the
    value of rank n p / 100, rounded up, in ascending order: one that was measured."""
    p: int | None = None
    quantities: tuple[str, ...] = ()
    """Only these; none: all that no other value names."""
    provenance: str


class SampleNeeds(Part):
    """How many samples a unit of time needs."""

    unit_of_time: Literal["month", "quarter", "year"]
    samples: int | None = None
    months: int | None = None
    """So many of its months need a sample."""
    clause: Clause
    provenance: str


class MainPollutants(Part):
    """Which quantities are named as those that pollute a section."""

    most: int
    worse_than: str
    """A quantity counts when it is worse than this level: ``III``."""
    first: tuple[str, ...] = ()
    """Quantities named before all others when they exceed."""
    no_multiple: tuple[str, ...] = ()
    """Quantities whose exceedance multiple is not given."""
    clause: Clause
    provenance: str


class BasinRow(Part):
    """One row of the grades of a river or basin; the first that fits applies. Shares of sections in percent."""

    good_at_least: Exact | None = None
    good_below: Exact | None = None
    worse_at_least: Exact | None = None
    worse_below: Exact | None = None
    name: Text
    colour: str
    provenance: str


class BasinRule(Part):
    """How the sections of a river, or of a basin, become its grade."""

    min_sections: int
    """With fewer, the values are averaged over the sections and graded like one."""
    good: tuple[str, ...]
    """Levels that count as good: I to III."""
    rows: tuple[BasinRow, ...]
    share_decimals: int
    share_provenance: str
    clause: Clause
    provenance: str


class WaterMethod(Part):
    """How samples become the class of a section, and sections the grade of a river."""

    assessed: tuple[str, ...]
    """Quantities that make the class."""
    worse: str
    """The class of what meets no level: ``inferior V``."""
    worse_name: Text
    values: tuple[WaterValue, ...]
    below_detection: Literal["half", "zero", "limit"]
    """What a value below detection counts as in means."""
    below_detection_provenance: str
    decimals: dict[str, int]
    """Decimals of a value, in the unit of its limits, before it is compared."""
    rounding: Rounding = "half-even"
    keep_one_digit: bool = False
    """A value that would be rounded to nought keeps one significant digit."""
    decimals_provenance: str
    single_samples: Literal["rounded", "unrounded"] = "rounded"
    """Whether the value of one sample alone is compared as it is published, or as it was measured."""
    compared_unrounded: tuple[str, ...] = ()
    """Quantities that are rounded to be published, but not to be compared."""
    compared_provenance: str | None = None
    classes: tuple[WaterClass, ...]
    needs: tuple[SampleNeeds, ...] = ()
    main_pollutants: MainPollutants | None = None
    basin: BasinRule | None = None
    multiple_decimals: int = 2
    clause: Clause
    provenance: str

    def value_of(self, quantity: str) -> WaterValue:
        """How samples of a quantity become its value: as said of it, else as said of all that is not named."""
        named = next((value for value in self.values if quantity in value.quantities), None)
        return named or next(value for value in self.values if not value.quantities)


class TrophicTerm(Part):
    """TLI_j = 10 (a + b ln c), weighed by r² / Σ r²."""

    quantity: str
    unit: str
    r2: Exact
    a: Exact
    b: Exact
    provenance: str


class TrophicLevel(Part):
    """A trophic state; the first whose upper bound is not passed applies."""

    up_to: Exact | None = None
    inclusive: bool = True
    name: Text
    provenance: str


class TrophicIndex(Part):
    """The comprehensive trophic level index of a lake."""

    terms: tuple[TrophicTerm, ...]
    levels: tuple[TrophicLevel, ...]
    decimals: int
    decimals_provenance: str
    clause: Clause
    provenance: str


class CityIndex(Part):
    """The index cities are ranked by: Σ C / S over the quantities, smaller is better."""

    level: str
    """The level whose limits are the standards S: ``III``."""
    inverse: tuple[str, ...]
    """Quantities of which more is better: S / C."""
    neutral_ph: Exact
    """pH: distance from neutral over the distance of the limit on that side."""
    below_detection: Literal["half", "zero", "limit"]
    decimals: int
    decimals_provenance: str
    weighting: Literal["by-sections"]
    """City: mean of rivers and of lakes, weighed by how many sections each has."""
    weighting_provenance: str
    clause: Clause
    provenance: str
