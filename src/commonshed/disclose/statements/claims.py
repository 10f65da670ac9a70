"""What can be stated: every assessment, attribution and settlement, each with its method and the version of it.

A bug fix that moves a published figure raises the version here and is published as an erratum; see
``docs/decisions/0014-an-erratum-supersedes-and-hides-nothing.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from commonshed.disclose.statements import computing
from commonshed.disclose.statements.computing import Computed, Parameters
from commonshed.errors import InputError
from commonshed.keep import Shed
from commonshed.places import Network

__all__ = ["CANNOT", "CLAIMS", "Claim", "Tolerance", "claim_of", "of_method"]


@dataclass(frozen=True)
class Tolerance:
    """How far a recomputed figure of a model may lie from the published one: either bound is enough.

    Attributes
    ----------
    absolute : str
        In the figure's own unit, as a decimal number.
    relative : str
        Of the larger of the two.
    """

    absolute: str = "0"
    relative: str = "0"

    def holds(self, stated: Fraction, found: Fraction) -> bool:
        """Whether two figures are the same within it."""
        apart = abs(stated - found)
        return apart <= Fraction(self.absolute) or apart <= Fraction(self.relative) * max(abs(stated), abs(found))

    def content(self) -> dict[str, str]:
        """As a statement carries it."""
        said = {"absolute": self.absolute, "relative": self.relative}
        return {name: bound for name, bound in said.items() if Fraction(bound)}


@dataclass(frozen=True)
class Claim:
    """One kind of statement.

    Attributes
    ----------
    name : str
        Words of the command that answers it: ``assess air``.
    method : str
        Name of the method, by which errata call it.
    version : int
        Of the method; raised when a fix moves a figure.
    library : str
        ``module:function`` that answers it.
    medium : {"air", "water", "noise"}
    reads : tuple of str
        Quantities it is made of; empty: those of its law, or the one it is asked for.
    parameters : tuple of str
        What it can be asked, as the command line names it, with underscores.
    keys : tuple of str
        Fields that tell one of its records from the others.
    shown : tuple of str
        Fields, with dots, that a printed page shows of a record; the file holds all.
    compute : callable of (shed, parameters, as-of size)
    stations : callable of (network, parameters)
        Stations whose readings can reach its figures; None: of all.
    tolerance : mapping of pattern to Tolerance
        By path of the figure, ``*`` for any run of characters. Empty: every figure is exact.
    """

    name: str
    method: str
    version: int
    library: str
    medium: Literal["air", "water", "noise"]
    parameters: tuple[str, ...]
    keys: tuple[str, ...]
    shown: tuple[str, ...]
    compute: Callable[[Shed, Parameters, int], Computed]
    reads: tuple[str, ...] = ()
    stations: Callable[[Network, Parameters], Sequence[str] | None] = field(default=computing.every_station)
    tolerance: Mapping[str, Tolerance] = field(default_factory=dict)

    @property
    def exact(self) -> bool:
        """Whether every figure must agree bit for bit."""
        return not self.tolerance

    def content(self) -> dict[str, Any]:
        """The method as a statement carries it."""
        bounds = {path: bound.content() for path, bound in self.tolerance.items()}
        return {"name": self.method, "version": self.version, "exact": self.exact, "tolerance": bounds}


_OF_AIR = ("period", "by", "unit_of_time", "regime", "level", "group")
_PLACE = ("station", "jurisdiction", "group")
_LAST_DIGIT_OF_SIX = Tolerance(relative="0.00001")
_OF_FOUR_DECIMALS = Tolerance(absolute="0.0001")
_TREND = {"*.z": _LAST_DIGIT_OF_SIX, "*.p_value": _OF_FOUR_DECIMALS, "slope.*": _LAST_DIGIT_OF_SIX}
_LOAD = Tolerance(relative="0.001")
_BOUND = Tolerance(relative="0.005")
_SHARE = Tolerance(absolute="0.0002")
_TONNES = Tolerance(absolute="0.001", relative="0.001")

_ALL = (
    Claim(
        name="assess air",
        method="assess.air",
        version=1,
        library="commonshed.assess.air:air",
        medium="air",
        parameters=(*_OF_AIR, "against"),
        keys=(*_PLACE, "period"),
        shown=("period", "mean.pm25", "mean.pm10", "mean.so2", "mean.no2", "percentile.co_p95", "percentile.o3_8h_p90",
               "aqi", "class", "good_days", "valid_days", "composite_index", "rank"),
        compute=computing.air,
        stations=computing.stations_of_air,
    ),
    Claim(
        name="assess exceedances",
        method="assess.exceedances",
        version=1,
        library="commonshed.assess.air:exceedances",
        medium="air",
        parameters=_OF_AIR,
        keys=(*_PLACE, "period", "statistic"),
        shown=("period", "statistic", "value", "limit", "unit", "multiple", "clause"),
        compute=computing.exceedances,
        stations=computing.stations_of_air,
    ),
    Claim(
        name="assess trend",
        method="assess.trend",
        version=1,
        library="commonshed.assess.air:trend_records",
        medium="air",
        parameters=(*_OF_AIR, "indicative"),
        keys=(*_PLACE, "figure"),
        shown=("figure", "unit", "n", "spearman.direction", "seasonal_kendall.direction", "seasonal_kendall.p_value",
               "slope.per_year", "slope.low", "slope.high"),
        compute=computing.trend,
        stations=computing.stations_of_air,
        tolerance={**_TREND, "spearman.p_value": Tolerance(absolute="0.0005")},
    ),
    Claim(
        name="assess water",
        method="assess.water",
        version=1,
        library="commonshed.assess.water:water",
        medium="water",
        parameters=("period", "by", "unit_of_time", "regime", "section"),
        keys=("section", "river", "basin", "jurisdiction", "period"),
        shown=("period", "class", "grade.en", "target", "deciding", "main_pollutants", "sections", "excellent_rate",
               "inferior_rate", "cwqi", "rank"),
        compute=computing.water,
    ),
    Claim(
        name="assess water-trend",
        method="assess.water-trend",
        version=1,
        library="commonshed.assess.water:water_trends",
        medium="water",
        parameters=("period", "quantity", "section"),
        keys=("section", "quantity"),
        shown=("quantity", "n", "median", "unit", "seasonal_kendall.direction", "slope.percent_per_year",
               "seasonal_kendall.p_value"),
        compute=computing.water_trend,
        tolerance={
            **_TREND,
            "median": _LAST_DIGIT_OF_SIX,
            "*slope.*": _LAST_DIGIT_OF_SIX,
            "flow_adjusted.exponent": _LAST_DIGIT_OF_SIX,
            "flow_adjusted.explained": Tolerance(absolute="0.001"),
        },
    ),
    Claim(
        name="assess noise",
        method="assess.noise",
        version=1,
        library="commonshed.assess.noise:noise",
        medium="noise",
        parameters=("period", "by", "unit_of_time", "regime", "station"),
        keys=("station", "jurisdiction", "period", "survey"),
        shown=("period", "zone", "survey", "day.level", "day.limit", "day.met", "night.level", "night.limit",
               "night.met", "day.grade", "night.grade"),
        compute=computing.noise,
        reads=("leq",),
    ),
    Claim(
        name="attribute loads",
        method="attribute.loads",
        version=1,
        library="commonshed.attribute.river:loads",
        medium="water",
        parameters=("period", "quantity", "section", "method", "by", "draws", "seed"),
        keys=("section", "method"),
        shown=("method", "tonnes", "low", "high", "volume", "mean_concentration", "samples", "flow_days"),
        compute=computing.loads,
        tolerance={
            "tonnes": _LOAD, "median": _BOUND, "low": _BOUND, "high": _BOUND, "volume": _LOAD,
            "mean_concentration": _LOAD,
        },
    ),
    Claim(
        name="attribute shares",
        method="attribute.shares",
        version=1,
        library="commonshed.attribute.river:shares",
        medium="water",
        parameters=("period", "quantity", "section", "by", "among", "gains", "sources", "decay", "uptake", "settling",
                    "lake", "spread", "method", "draws", "seed"),
        keys=("section", "of"),
        shown=("of", "share", "low", "high", "at_most", "known", "contribution.tonnes"),
        compute=computing.shares,
        tolerance={
            "share": _SHARE, "at_most": _SHARE, "delivery": _SHARE, "basis.*": _SHARE, "by_method.*": _SHARE,
            "low": Tolerance(absolute="0.002"), "high": Tolerance(absolute="0.002"),
            "*.tonnes": _TONNES, "*.low": _BOUND, "*.high": _BOUND, "load.modelled": _TONNES, "load.lost": _TONNES,
        },
    ),
    Claim(
        name="settle",
        method="settle",
        version=1,
        library="commonshed.settle:settle",
        medium="water",
        parameters=("agreement", "period", "shares", "events"),
        keys=("record", "party", "rule", "section", "quantity", "period", "payer", "receiver"),
        shown=("record", "party", "pays", "receives", "rule", "section", "quantity", "period", "payer", "receiver",
               "amount", "currency", "status"),
        compute=computing.settlement,
    ),
)  # fmt: skip

CLAIMS: dict[str, Claim] = {claim.name: claim for claim in _ALL}
"""Every claim, by the words of its command."""

CANNOT = {
    "spill": "a spill is a forecast made from a scenario, and nothing it rests on is in the log of a shed. "
    "Keep the scenario's file and the plan; every page of it says what it was made with",
    "report": "a report shows many figures of several questions. State the questions: commonshed state assess air …",
    "report-river": "a report shows many figures of several questions. State the questions: "
    "commonshed state attribute shares …",
}
"""Commands that answer something and cannot be stated, and why."""


def claim_of(name: str) -> Claim:
    """A claim by the words of its command.

    Raises
    ------
    InputError
        It cannot be stated; the message says why, and what can.
    """
    if name in CLAIMS:
        return CLAIMS[name]
    why = CANNOT.get(name, "it says nothing about readings")
    raise InputError(f"`commonshed {name}` cannot be stated: {why}", mend=f"What can be stated: {', '.join(CLAIMS)}")


def of_method(method: str) -> Claim:
    """A claim by the name of its method.

    Raises
    ------
    InputError
        There is no such method.
    """
    found = next((claim for claim in CLAIMS.values() if claim.method == method), None)
    if found is None:
        known = ", ".join(claim.method for claim in CLAIMS.values())
        raise InputError("there is no such method", field="--method", value=method, mend=f"Known: {known}")
    return found
