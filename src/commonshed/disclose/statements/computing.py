"""From the parameters of a statement to its figures: one library call for each claim, without any cache.

Parameters are those of the command line, as plain JSON: what is not said is absent, a binary float is text, and a file
that was given with the question is part of the question, with its whole text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from commonshed.disclose.statements.canonical import plain, read
from commonshed.errors import InputError
from commonshed.keep import Shed
from commonshed.places import Network
from commonshed.standards import Regime

__all__ = [
    "Computed",
    "Parameters",
    "air",
    "every_station",
    "exceedances",
    "groups_of",
    "loads",
    "noise",
    "settlement",
    "shares",
    "stations_of_air",
    "trend",
    "water",
    "water_trend",
]

Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Computed:
    """Figures, and the laws they were made by.

    Attributes
    ----------
    records : list of dict
        Plain JSON.
    regimes : tuple of Regime
    """

    records: list[dict[str, Any]]
    regimes: tuple[Regime, ...] = ()


def every_station(network: Network, asked: Parameters) -> Sequence[str] | None:
    """The questions themselves say which stations they are of."""
    del network, asked
    return None


def stations_of_air(network: Network, asked: Parameters) -> Sequence[str] | None:
    """Stations whose readings can reach a figure of air: blocks hold their neighbours, too."""
    if asked.get("by") == "group":
        return sorted({id for members in groups_of(asked).values() for id in members})
    if asked.get("by") == "jurisdiction":
        return [id for id, station in network.stations.items() if station.role == "assessed"]
    return None


def air(shed: Shed, asked: Parameters, as_of: int) -> Computed:
    """``assess air``."""
    found = _assessed(shed, asked, as_of)
    return _computed(found.records(), _regimes_of_air(found))


def exceedances(shed: Shed, asked: Parameters, as_of: int) -> Computed:
    """``assess exceedances``."""
    from commonshed.assess.air import exceedances as listed

    found = _assessed(shed, asked, as_of)
    return _computed(listed(found), _regimes_of_air(found))


def trend(shed: Shed, asked: Parameters, as_of: int) -> Computed:
    """``assess trend``."""
    from commonshed.assess.air import trend_records

    found = _assessed(shed, asked, as_of)
    return _computed(trend_records(found, indicative=asked.get("indicative", False)), _regimes_of_air(found))


def water(shed: Shed, asked: Parameters, as_of: int) -> Computed:
    """``assess water``."""
    from commonshed.assess.water import water as assess

    found = assess(
        shed,
        period=asked["period"],
        by=asked.get("by", "section"),
        regime=asked.get("regime"),
        unit_of_time=asked.get("unit_of_time"),
        sections=asked.get("section"),
        as_of=as_of,
    )
    return _computed(found.records(), [part.regime for part in found.parts])


def water_trend(shed: Shed, asked: Parameters, as_of: int) -> Computed:
    """``assess water-trend``: no law."""
    from commonshed.assess.water import water_trends

    found = water_trends(
        shed,
        period=asked["period"],
        quantities=asked.get("quantity"),
        sections=asked.get("section"),
        as_of=as_of,
    )
    return _computed(found, ())


def noise(shed: Shed, asked: Parameters, as_of: int) -> Computed:
    """``assess noise``."""
    from commonshed.assess.noise import noise as assess
    from commonshed.standards import regime

    found = assess(
        shed,
        period=asked["period"],
        by=asked.get("by", "station"),
        regime=asked.get("regime"),
        unit_of_time=asked.get("unit_of_time"),
        stations=asked.get("station"),
        as_of=as_of,
    )
    records = list(found.records())
    return _computed(records, [regime(name) for name in dict.fromkeys(record["regime"] for record in records)])


def loads(shed: Shed, asked: Parameters, as_of: int) -> Computed:
    """``attribute loads``: no law."""
    from commonshed.attribute.river import METHODS
    from commonshed.attribute.river import loads as estimated

    found = estimated(
        shed,
        quantity=asked["quantity"],
        period=asked["period"],
        sections=asked.get("section"),
        methods=asked.get("method") or METHODS,
        draws=asked["draws"],
        seed=asked["seed"],
        as_of=as_of,
    )
    return _computed(found.records(), ())


def shares(shed: Shed, asked: Parameters, as_of: int) -> Computed:
    """``attribute shares``: no law."""
    from commonshed.attribute.river import Decay, read_sources
    from commonshed.attribute.river import shares as shared_out

    network = shed.network(as_of)
    with _file(asked.get("sources")) as sources:
        declared = () if sources is None else read_sources(sources, network)
    found = shared_out(
        shed,
        quantity=asked["quantity"],
        period=asked["period"],
        sections=asked.get("section"),
        by=asked.get("by", "jurisdiction"),
        among=asked.get("among"),
        gains=asked.get("gains", "unexplained"),
        decay=Decay(
            rate=float(asked["decay"]),
            uptake=float(asked["uptake"]),
            settling=float(asked["settling"]),
            lake=asked["lake"],
            spread=float(asked["spread"]),
        ),
        declared=declared,
        method=asked.get("method"),
        draws=asked["draws"],
        seed=asked["seed"],
        as_of=as_of,
    )
    return _computed(found.records(), ())


def settlement(shed: Shed, asked: Parameters, as_of: int) -> Computed:
    """``settle``, on shares that were published where the agreement needs any."""
    from commonshed.settle import agreement as held
    from commonshed.settle import load_events
    from commonshed.settle import settle as settled
    from commonshed.standards import regime

    one = held(asked["agreement"], shed, as_of)
    with _file(asked.get("events")) as events:
        happened = () if events is None else load_events(events)
    bill = settled(
        one, shed, period=asked["period"], as_of=as_of, shares=_published_shares(asked.get("shares")), events=happened
    )
    # The statement says itself of which state it is; the heading would say it a second time.
    return _computed(replace(bill, as_of=None).records(), [regime(one.regime)])


def groups_of(asked: Parameters) -> dict[str, list[str]]:
    """Groups of stations from ``NAME=STATION,STATION``.

    Raises
    ------
    InputError
        One cannot be read.
    """
    groups = {}
    for text in asked.get("group", ()):
        name, _, stations = text.partition("=")
        members = [station.strip() for station in stations.split(",") if station.strip()]
        if not name.strip() or not members:
            raise InputError("a group cannot be read", field="group", value=text, mend="Write NAME=STATION,STATION")
        groups[name.strip()] = members
    return groups


def _assessed(shed: Shed, asked: Parameters, as_of: int) -> Any:
    from commonshed.assess.air import air as assess

    return assess(
        shed,
        period=asked["period"],
        by=asked.get("by", "station"),
        regime=asked.get("regime"),
        unit_of_time=asked.get("unit_of_time"),
        against=asked.get("against"),
        groups=groups_of(asked),
        level=asked.get("level"),
        as_of=as_of,
    )


def _regimes_of_air(found: Any) -> list[Regime]:
    own = [part.regime for part in (*found.parts, *found.hours)]
    return own + [part.beside.regime for part in found.parts if part.beside is not None]


def _computed(records: Iterable[Mapping[str, Any]], regimes: Iterable[Regime]) -> Computed:
    return Computed(plain(list(records)), tuple(dict.fromkeys(regimes)))


def _published_shares(given: Parameters | None) -> Any:
    """Shares from a file that was given: records, or a statement of them."""
    if given is None:
        return None
    from commonshed.settle import shares_of_records

    found = read(given["text"].encode())
    return shares_of_records(found["result"]["records"] if isinstance(found, dict) and "result" in found else found)


@contextmanager
def _file(given: Parameters | None) -> Iterator[Path | None]:
    """A file that was given with the question, for readers that take a path."""
    if given is None:
        yield None
        return
    with TemporaryDirectory(prefix="commonshed-") as folder:
        path = Path(folder) / Path(given["file"]).name
        path.write_bytes(given["text"].encode())
        yield path
