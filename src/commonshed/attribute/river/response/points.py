"""What stands along the river in a scenario: where something can be done, what must be warned, who is called."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import model_validator

from commonshed.attribute.river.response.spots import NotNegative, Positive, Source, Spot, UpToOne
from commonshed.standards.parts import Part, Text

__all__ = ["POINTS", "WATCHED", "Call", "Point", "PointKind", "Watched", "WatchedKind"]

PointKind = Literal["gate", "weir", "bridge", "pond"]
WatchedKind = Literal["section", "intake", "border", "town"]

POINTS: tuple[PointKind, ...] = get_args(PointKind)
"""Kinds of marks at which something can be done."""
WATCHED: tuple[WatchedKind, ...] = get_args(WatchedKind)
"""Kinds of marks that are watched."""


class Point(Spot):
    """Where something can be done: a gate, weir, bridge or pond, and what.

    Attributes
    ----------
    id : str
        Of a mark of the network, which then needs no place here; or a new one.
    kind : str
    name : Text
    minutes : float
        From the call until it acts. [min]
    share : float or None
        Part of what passes that it stops; a gate that closes stops all of it.
    flow : float or None
        Of a pond: how much water it can take in; its share is then flow over discharge. [m3/s]
    capacity : float or None
        How much water it can hold. [m3]
    hours : float or None
        How long it can act. [h]
    calls : tuple of str
        Roles, in order.
    does : Text or None
        The order in words: "close both gates".
    source : Text
        Where capacity and minutes are from.
    """

    id: str
    kind: PointKind
    name: Text
    minutes: NotNegative
    share: UpToOne | None = None
    flow: Positive | None = None
    capacity: Positive | None = None
    hours: Positive | None = None
    calls: tuple[str, ...] = ()
    does: Text | None = None
    source: Source = Text(en="", zh="")

    @model_validator(mode="after")
    def _does_something(self) -> Point:
        if (self.share is None) == (self.flow is None):
            raise ValueError("say what it does: the share of what passes that it stops, or the flow it can take in")
        return self


class Watched(Spot):
    """What must be warned or is looked at: an intake, a border, a section, a town that the network does not have."""

    id: str
    kind: WatchedKind
    name: Text
    calls: tuple[str, ...] = ()
    jurisdiction: str | None = None
    towards: str | None = None
    source: Source = Text(en="", zh="")


class Call(Part):
    """Somebody called whatever the points do.

    Attributes
    ----------
    role : str
        Key of ``roles``.
    within : float
        Minutes after the call. [min]
    what : Text
    """

    role: str
    within: NotNegative = 0.0
    what: Text
