"""The form in which the rules of a compensation agreement are written down.

Every rule says who pays whom for what, by which clause, and how often it is settled. Upstream and downstream are the
parties that the sections name; a rule may name another receiver, such as a fund.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from commonshed.exact import Rounding
from commonshed.settle.money import Amount, UnitPrice
from commonshed.standards.parts import Clause, Exact, Part, Text

__all__ = [
    "Band",
    "ClassStep",
    "IndexTerm",
    "LoadPrice",
    "PIndex",
    "Pool",
    "Price",
    "Restoration",
    "Rule",
    "TwoWay",
    "UnitOfBill",
]

UnitOfBill = Literal["month", "quarter", "year"]
"""What one line of a bill covers."""


class Price(Part):
    """What a tonne of one quantity costs, from a day on until the next price."""

    quantity: str
    first: date | None = None
    """None: since the agreement began."""
    value: Exact
    unit: str
    provenance: str

    @property
    def unit_price(self) -> UnitPrice:
        """The price without quantity and day."""
        return UnitPrice(value=self.value, unit=self.unit)


class _Rule(Part):
    id: str
    title: Text
    clause: Clause
    provenance: str
    sections: tuple[str, ...] = ()
    """None: all sections of the agreement."""
    unit_of_time: UnitOfBill
    first: date | None = None
    last: date | None = None
    """Days from and until which the rule is in force; none: as long as the agreement."""


class _Paid(_Rule):
    """A rule by which the upstream party of a section pays."""

    receiver: str | None = None
    """The party that is paid instead of the downstream one, such as a fund."""
    split: Literal["owner", "shares"] = "owner"
    """``shares``: every party pays for its published share of what arrives."""
    unexplained: Literal["upstream", "in-proportion", "waived"] | None = None
    """Who pays for the part no party's share explains."""
    by_capacity: bool = False
    """Who pays, pays in proportion to its fiscal capacity."""
    rest: str | None = None
    """The party that pays what fiscal capacity takes off; none: it is waived."""


class LoadPrice(_Paid):
    """(measured - target) x volume x price, where the measured value is above the target."""

    kind: Literal["load-price"]
    quantities: tuple[str, ...]
    prices: tuple[Price, ...] = ()


class TwoWay(_Paid):
    """Upstream pays when the water is worse than the target, downstream pays when it is better.

    ``per = "load"``: (measured - target) x volume x price, in either direction; a price for better water may differ.
    ``per = "section"``: a fixed sum when any quantity misses its target, another when all are better or equal.
    """

    kind: Literal["two-way"]
    per: Literal["load", "section"]
    quantities: tuple[str, ...]
    prices: tuple[Price, ...] = ()
    rewards: tuple[Price, ...] = ()
    """Prices for water better than the target; none: the same."""
    worse: Amount | None = None
    better: Amount | None = None


class ClassStep(_Paid):
    """A sum for each class by which a quantity is worse than its section's target, summed over quantities."""

    kind: Literal["class-step"]
    quantities: tuple[str, ...]
    rate: Amount
    reduced: Amount | None = None
    """Where the water leaves no worse than it came in, and still misses the target."""
    reduced_provenance: str | None = None
    inflows: Literal["lowest", "highest"] | None = None
    """With several inflows: which of their values the outflow is held against."""
    beyond: Literal["one-class"] | None = None
    """What counts when a value is worse than the last class; none: the agreement, as we hold it, does not say."""


class IndexTerm(Part):
    """One quantity of a compensation index: k_i and C_i0."""

    quantity: str
    weight: Exact
    reference: Exact | None = None
    """None: we do not hold it, and it is lacking."""
    unit: str
    provenance: str


class Band(Part):
    """Who pays how much when the index is not above ``up_to``; the first band that fits applies."""

    up_to: Exact | None = None
    """None: whatever is above the bands before."""
    inclusive: bool = True
    payer: Literal["upstream", "downstream", "nobody"]
    amount: Amount | None = None


class PIndex(_Rule):
    """P = k0 sum k_i C_i / C_i0 of a section and what follows from it (Xin'an River)."""

    kind: Literal["p-index"]
    k0: Exact
    k0_provenance: str
    terms: tuple[IndexTerm, ...]
    decimals: int
    rounding: Rounding = "half-even"
    rounding_provenance: str
    bands: tuple[Band, ...]

    @property
    def quantities(self) -> tuple[str, ...]:
        """Those of its terms."""
        return tuple(term.quantity for term in self.terms)


class Pool(_Rule):
    """A common fund: who pays in, and who gets how much of it."""

    kind: Literal["pool"]
    fund: str
    """The party of kind ``fund`` that keeps the money."""
    total: Amount
    contributions: dict[str, Exact]
    """Weights of those who pay in."""
    distribution: dict[str, Exact] = Field(default_factory=dict)
    """Weights of those who receive."""
    by_capacity: bool = False
    """Weights of payers are multiplied by their fiscal capacity, weights of receivers divided by theirs."""
    performance: Literal["none", "targets-met"] = "none"
    """``targets-met``: of what a party could receive it gets the part of its section-months that met their targets."""
    quantities: tuple[str, ...] = ()
    """Those whose targets count."""


class Restoration(_Rule):
    """Who let a section become worse than its baseline owes its restoration until it is back, however long it takes."""

    kind: Literal["restoration"]
    quantities: tuple[str, ...]
    back_after: int = 1
    """So many units of time in a row at the baseline close it."""


Rule = Annotated[
    LoadPrice | TwoWay | ClassStep | PIndex | Pool | Restoration,
    Field(discriminator="kind"),
]
