"""Loads of every section of a source, by every method, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np

from commonshed.assess import Source
from commonshed.attribute.river.loads.samples import read_days
from commonshed.attribute.river.loads.section import METHODS, Load, Method, learned_from, loads_of
from commonshed.errors import UnknownName
from commonshed.periods import Period

__all__ = ["LoadAssessment", "loads"]


@dataclass(frozen=True, eq=False)
class LoadAssessment:
    """Loads of one quantity in one period.

    Attributes
    ----------
    quantity : str
    period : Period
    loads : tuple of Load
        By section, then in the order of `METHODS`.
    names : mapping of section to (English, Chinese)
    """

    quantity: str
    period: Period
    loads: tuple[Load, ...]
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def of(self, section: str, method: Method) -> Load:
        """The load of a section by a method."""
        return next(load for load in self.loads if (load.section, load.method) == (section, method))

    def records(self) -> Iterator[dict[str, Any]]:
        """A record for each section and method: text, whole numbers, lists.

        Tonnes, volumes and concentrations are rounded once, to four significant digits.
        """
        for load in self.loads:
            en, zh = self.names.get(load.section, ("", ""))
            yield {
                "section": load.section,
                "name": {"en": en, "zh": zh},
                "quantity": load.quantity,
                "period": str(load.period),
                "method": load.method,
                "tonnes": published(load.tonnes),
                "median": published(load.median),
                "low": published(load.low),
                "high": published(load.high),
                "confidence": "0.90",
                "volume": published(load.volume),
                "mean_concentration": published(load.tonnes / load.volume if load.volume else np.nan),
                "samples": load.samples,
                "below_detection": load.below_detection,
                "flow_days": load.flow_days,
                "days": load.period.days,
                "gaps": [str(gap) for gap in load.gaps],
                "notes": list(load.notes),
                "why_not": load.why_not,
            }


def published(value: float) -> str | None:
    """A figure of a model as text, to four significant digits; None where there is none."""
    if not np.isfinite(value):
        return None
    return f"{Decimal(f'{value:.3e}'):f}"


def loads(
    source: Source,
    *,
    quantity: str,
    period: str | Period,
    sections: Sequence[str] | None = None,
    methods: Sequence[str] = METHODS,
    draws: int = 1000,
    seed: int = 0,
    as_of: int | None = None,
) -> LoadAssessment:
    """Estimate what passed each section, by several methods, each with its interval.

    Parameters
    ----------
    source : Source
        Readings of the quantity, mean of any length or instantaneous, and of ``flow``.
    quantity : str
        A concentration in water.
    period : str or Period
    sections : sequence of str, optional
        Without it every section that has a sample of the quantity in the period.
    methods : sequence of str
        Some of `METHODS`.
    draws : int
        Size of the bootstrap.
    seed : int
        The same seed gives the same draws, whichever sections and methods are asked for.
    as_of : int, optional
        What a shed knew when its log had this many entries.

    Returns
    -------
    LoadAssessment

    Raises
    ------
    UnknownName
        The quantity, a section or a method is not declared.
    InputError
        The quantity has no load, or nothing was sampled in the period.
    RiverError
        A flow is below zero.

    Notes
    -----
    Of a period shorter than a year the rating curve and the persistence of its residuals are learned from the calendar
    years it lies in.
    """
    for method in methods:
        if method not in METHODS:
            raise UnknownName("method", method, METHODS)
    wanted = Period.parse(period) if isinstance(period, str) else period
    found = read_days(source, quantity, learned_from(wanted), wanted, sections=sections, as_of=as_of)
    ordered = [method for method in METHODS if method in methods]
    stations = source.network(as_of).stations
    return LoadAssessment(
        quantity,
        wanted,
        tuple(load for days in found for load in loads_of(days, ordered, draws=draws, seed=seed)),
        {of.section: (stations[of.section].name_en, stations[of.section].name_zh) for of in found},
    )
