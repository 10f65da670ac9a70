"""How a scenario names a place on the network, and how its numbers and sources are written."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from commonshed.standards.parts import Part, Text

__all__ = ["NotNegative", "Positive", "Source", "Spot", "UpToOne"]

Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
UpToOne = Annotated[float, Field(gt=0, le=1)]


def _written_once(value: object) -> object:
    return {"en": value, "zh": value} if isinstance(value, str) else value


Source = Annotated[Text, BeforeValidator(_written_once)]
"""Where something is from: in both languages, or once for both."""


class Spot(Part):
    """Where on the network: a node, a mark, or a distance below the upper end of a reach.

    Attributes
    ----------
    node, mark, reach : str or None
        One of them.
    distance : float or None
        With ``reach``. [m]
    """

    node: str | None = None
    mark: str | None = None
    reach: str | None = None
    distance: NotNegative | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Spot:
        if sum(place is not None for place in (self.node, self.mark, self.reach)) != 1:
            raise ValueError("a place is a node, a mark, or a reach with a distance: give one of them")
        if (self.reach is None) != (self.distance is None):
            raise ValueError("a place on a reach is the reach and the distance below its upper end, in metres")
        return self
