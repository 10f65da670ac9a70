"""The figures a city announced, beside ours: each difference with what can explain it, none tuned away."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from commonshed import datasets

__all__ = ["FIGURES", "Announced", "Compared", "announced", "compare"]

Record = Mapping[str, Any]

FIGURES = {
    "PM25_mean": ("mean", "pm25"),
    "PM10_mean": ("mean", "pm10"),
    "SO2_mean": ("mean", "so2"),
    "NO2_mean": ("mean", "no2"),
    "CO_p95": ("percentile", "co_p95"),
    "O3_8h_p90": ("percentile", "o3_8h_p90"),
    "good_days": ("days", "1 2"),
    "class_1_days": ("days", "1"),
    "class_2_days": ("days", "2"),
    "heavy_days": ("days", "5 6"),
}
"""Figures a bulletin prints: where they stand in a record of the assessment. For days, the classes they count."""


@dataclass(frozen=True)
class Announced:
    """What a city announced.

    Attributes
    ----------
    place : str
    years : mapping of year to figure to text
        As printed.
    sources : tuple of str
    status : str
        Provenance.
    """

    place: str
    years: Mapping[int, Mapping[str, str]]
    sources: tuple[str, ...]
    status: str


@dataclass(frozen=True)
class Compared:
    """One announced figure beside ours.

    Attributes
    ----------
    figure : str
        Key of `FIGURES`, in lower case.
    official : str
    ours : str or None
        None when the year is not assessed.
    indicative : str or None
        What the days there are give, when the year is not assessed.
    difference : str or None
        Ours minus announced, in the decimals of the figure.
    reasons : tuple of str
        ``same``, or what can explain the difference: ``rounding``, ``stations``, ``stations_days``, ``missing``,
        ``validation``; ``incomplete`` when ours is not assessed, ``partial`` when the readings cover a
        part of the year.
    spread : (str, str) or None
        Lowest and highest figure of single stations: how much the choice of stations can matter.
    """

    figure: str
    official: str
    ours: str | None
    indicative: str | None
    difference: str | None
    reasons: tuple[str, ...]
    spread: tuple[str, str] | None = None


def announced(place: str) -> Announced | None:
    """What a city announced, if that comes with the package.

    Parameters
    ----------
    place : str
        Code of the city.
    """
    for name in datasets.names():
        path = datasets.path(name) / "bulletin.toml"
        if not path.exists():
            continue
        # Decimal keeps a figure as it was printed: 3.20 is not 3.2.
        told = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
        if told["place"] == place:
            return _announced(told)
    return None


def compare(
    official: Mapping[str, str], city: Record, stations: Sequence[Record], *, days_of_year: int
) -> list[Compared]:
    """Set announced figures of one year beside the records of the assessment.

    Parameters
    ----------
    official : mapping of figure to text
    city : Record
        The city's record of that year under the law of the time.
    stations : sequence of Record
        The assessed stations' records of that year.
    days_of_year : int
    """
    covered = all(quantity["valid_days"] >= quantity["needed"] for quantity in city["completeness"].values())
    missing = days_of_year - city["valid_days"]
    return [
        _line(figure, text, city, stations, missing) if covered else _partial(figure, text, city)
        for figure, text in official.items()
        if figure in FIGURES
    ]


def _partial(figure: str, text: str, city: Record) -> Compared:
    """Nothing to compare: the readings cover a part of the year."""
    return Compared(figure.lower(), text, None, _value(city, figure) or _rough(city, figure), None, ("partial",))


def _line(figure: str, text: str, city: Record, stations: Sequence[Record], missing: int) -> Compared:
    value, rough = _value(city, figure), _rough(city, figure)
    if value is None:
        return Compared(figure.lower(), text, None, rough, None, ("incomplete",))
    difference = Decimal(value) - Decimal(text)
    known = sorted((own for s in stations if (own := _value(s, figure) or _rough(s, figure)) is not None), key=Decimal)
    spread = (known[0], known[-1]) if known else None
    reasons = _reasons(figure, difference, Decimal(1).scaleb(-_decimals(value)), missing)
    return Compared(figure.lower(), text, value, None, _signed(difference), reasons, spread)


def _reasons(figure: str, difference: Decimal, unit: Decimal, missing: int) -> tuple[str, ...]:
    if difference == 0:
        return ("same",)
    if FIGURES[figure][0] == "days":
        return (*(("missing",) if missing else ()), "stations_days", "validation")
    return (*(("rounding",) if abs(difference) <= unit else ()), "stations", "validation")


def _value(record: Record, figure: str) -> str | None:
    kind, key = FIGURES[figure]
    found = record.get(kind if kind != "days" else "days_by_class") or {}
    if kind == "days":
        return str(sum(found[level] for level in key.split())) if found else None
    value: str | None = found.get(key)
    return value


def _rough(record: Record, figure: str) -> str | None:
    """What the days there are give, when the law does not let them speak for the year."""
    return _value(record.get("indicative") or {}, figure)


def _announced(told: Mapping[str, Any]) -> Announced:
    years = {
        entry["year"]: {figure: str(value) for figure, value in entry.items() if figure in FIGURES}
        for entry in told["year"]
    }
    provenance = told["provenance"]
    return Announced(told["place"], years, tuple(provenance["sources"]), provenance["status"])


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])


def _signed(difference: Decimal) -> str:
    return f"{difference:+}".replace("-", "−") if difference else "0"
