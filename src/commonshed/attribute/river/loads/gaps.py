"""Stretches of a period in which nobody looked: they are named, because an estimate bridges them unseen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

__all__ = ["Gap"]


@dataclass(frozen=True)
class Gap:
    """Days in a row without a sample, or without a flow.

    Attributes
    ----------
    of : {"concentration", "flow"}
    first, last : date
        The days without, both included.
    """

    of: Literal["concentration", "flow"]
    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1
