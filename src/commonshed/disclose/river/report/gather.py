"""Ask every stage once what the report of a river says, and put it as plain content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from commonshed import __version__
from commonshed.assess.water import water, water_trends
from commonshed.disclose.river.report.content import Basis, Content, EditionNote, Law, Level, Record
from commonshed.disclose.words import Both
from commonshed.errors import RiverError, ShedError, UnknownName
from commonshed.periods import Period
from commonshed.standards import Regime, digest, regime, regimes
from commonshed.standards.parts import Provenance

if TYPE_CHECKING:
    from commonshed.attribute.river.response import Response
    from commonshed.keep import Shed
    from commonshed.places import Network, Rivers
    from commonshed.settle import Agreement

__all__ = ["Question", "gather"]


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a report of a river is to show.

    Attributes
    ----------
    year : int
        The one shown.
    mouth : str
        Section whose load is shared out.
    regimes : tuple of str
        The laws to grade by, the first shown first.
    quantities : tuple of str
        Whose loads and shares are shown.
    trend : str or None
        Quantity whose trends are shown; without it the first of ``quantities``.
    river : Both or None
        What it is called; without it the water of the mouth.
    years : tuple of int
        Those of the grid of classes; without any, all years with readings.
    agreement : str, path or None
        Id or file.
    scenario : path or None
        A spill drill.
    draws : int
        Runs that make the intervals of loads and shares.
    members : int or None
        Runs of the drill's bands; without it as many as the scenario says.
    licence : Both
        Whose data these are.
    """

    year: int
    mouth: str
    regimes: tuple[str, ...] = ("cn-surface",)
    quantities: tuple[str, ...] = ("tp",)
    trend: str | None = None
    river: Both | None = None
    years: tuple[int, ...] = ()
    agreement: str | Path | None = None
    scenario: Path | None = None
    draws: int = 500
    members: int | None = None
    licence: Both | None = None


def gather(shed: Shed, question: Question, *, plan: str | None = None) -> Content:
    """Grade, estimate, share out, settle and forecast: everything a report of a river shows.

    Parameters
    ----------
    shed : Shed
        With a network that has rivers, samples of water and flows.
    question : Question
    plan : str, optional
        Name of the file of the drill's plan, beside the page.

    Raises
    ------
    RiverError
        The places have no rivers.
    UnknownName
        The mouth is no section, or a regime is not held.
    AgreementError, InputError
        The agreement or the scenario cannot be used.
    ShedError
        No section could be graded in that year.
    """
    network = shed.network()
    if network.rivers is None:
        mend = "Publish a network with rivers: commonshed init --place thames"
        raise RiverError("these places have no rivers to report on", mend=mend)
    if question.mouth not in network.stations:
        raise UnknownName("section", question.mouth, network.stations)
    laws = tuple(_law(regime(name)) for name in question.regimes)
    years = question.years or _years(shed)
    grades = _grades(shed, question, years)
    if not any(grade["class"] for (_, _, year), grade in grades.items() if year == question.year):
        mend = "Ask for a year with samples: commonshed shed status says which there are"
        raise ShedError(f"{shed.path}: no section could be graded in {question.year}. {mend}")
    order = _from_upstream(network.rivers, network)
    agreement = _agreement(shed, question)
    return Content(
        river=question.river or _river(network, question.mouth),
        year=question.year,
        years=years,
        mouth=question.mouth,
        network=network,
        sections=order,
        stem=_stem(network, question.mouth, order),
        laws=laws,
        grades=grades,
        loads={quantity: _loads(shed, question, quantity) for quantity in question.quantities},
        shares={quantity: _shares(shed, question, quantity) for quantity in question.quantities},
        trends=_trends(shed, question, years),
        agreement=agreement,
        bill=() if agreement is None else _bill(shed, question, agreement),
        response=_response(network, question),
        plan=plan,
        basis=_basis(shed, network, question),
    )


def _law(held: Regime) -> Law:
    method = held.water
    if method is None:
        raise UnknownName("regime of water", held.id, regimes("water"))
    levels = [
        Level(key, _short(key, Both.of(named.name), worst=key == method.worse), Both.of(named.name), named.colour)
        for named in method.classes
        for key in named.levels
    ]
    editions = tuple(
        EditionNote(edition.id, Both.of(edition.title), digest(edition), _statuses(edition.provenance.values()))
        for edition in held.editions
    )
    good = method.basin.good[-1] if method.basin is not None else held.level
    return Law(held.id, Both.of(held.title), tuple(levels), good or levels[0].key, editions, _unsure(held))


def _unsure(held: Regime) -> bool:
    """Whether nothing vouches for any of its limits."""
    statuses = {edition.provenance[limit.provenance].status for edition in held.editions for limit in edition.limits}
    return statuses == {"unverified"}


def _short(key: str, name: Both, *, worst: bool) -> Both:
    """A class as it stands in a cell: roman numerals and codes as they are, words by their first letter."""
    if worst and key.startswith("inferior "):
        return Both(f">{key.removeprefix('inferior ')}", f"劣{key.removeprefix('inferior ')}")
    if key.isupper() and len(key) <= 3:
        return Both(key, key)
    return Both(key[0], name.zh.removeprefix("较")[0])


def _statuses(provenance: Iterable[Provenance]) -> Mapping[str, int]:
    counted = {"verified": 0, "single-source": 0, "unverified": 0}
    for each in provenance:
        counted[each.status] += 1
    return counted


def _years(shed: Shed) -> tuple[int, ...]:
    found = shed.status()
    if found.first is None or found.last is None:
        raise ShedError(f"{shed.path}: the shed holds no readings. Take some in: commonshed ingest")
    return tuple(range(found.zone.day_of(found.first).year, found.zone.day_of(found.last).year + 1))


def _river(network: Network, mouth: str) -> Both:
    water = network.stations[mouth].water or mouth
    return Both(water, water)


def _grades(shed: Shed, question: Question, years: Sequence[int]) -> dict[tuple[str, str, int], Record]:
    span = f"{min(years)}..{max(years)}"
    return {
        (name, record["section"], int(record["period"])): record
        for name in question.regimes
        for record in water(shed, period=span, by="section", regime=name, unit_of_time="year").records()
    }


def _from_upstream(rivers: Rivers, network: Network) -> tuple[str, ...]:
    on = [mark.id for mark in rivers.of_kind("section") if mark.id in network.stations]
    sections = [station.id for station in network.stations.values() if station.water_body is not None]
    return (*on, *(id for id in sections if id not in on))


def _stem(network: Network, mouth: str, order: Sequence[str]) -> tuple[str, ...]:
    river = network.stations[mouth].water
    return tuple(id for id in order if network.stations[id].water == river)


def _loads(shed: Shed, question: Question, quantity: str) -> tuple[Record, ...]:
    from commonshed.attribute.river import loads

    return tuple(loads(shed, quantity=quantity, period=str(question.year), draws=question.draws).records())


def _shares(shed: Shed, question: Question, quantity: str) -> tuple[Record, ...]:
    from commonshed.attribute.river.shares import shares

    asked = shares(
        shed,
        quantity=quantity,
        period=str(question.year),
        sections=[question.mouth],
        by="jurisdiction",
        draws=question.draws,
    )
    return tuple(asked.records())


def _trends(shed: Shed, question: Question, years: Sequence[int]) -> dict[str, Record]:
    if len(years) < 2:
        return {}
    span = f"{min(years)}..{max(years)}"
    found = water_trends(shed, period=span, quantities=[question.trend or question.quantities[0]])
    return {record["section"]: record for record in found}


def _agreement(shed: Shed, question: Question) -> Agreement | None:
    from commonshed.settle import agreement

    return None if question.agreement is None else agreement(str(question.agreement), shed)


def _bill(shed: Shed, question: Question, agreement: Agreement) -> tuple[Record, ...]:
    from commonshed.settle import settle

    return tuple(settle(agreement, shed, period=Period.year(question.year)).records())


def _response(network: Network, question: Question) -> Response | None:
    if question.scenario is None:
        return None
    from commonshed.attribute.river.response import read_scenario, respond, set_on

    return respond(set_on(network, read_scenario(question.scenario)), members=question.members)


def _basis(shed: Shed, network: Network, question: Question) -> Basis:
    found = shed.status()
    flags: dict[str, int] = {}
    for told, count in found.flags.items():
        flag = told.partition(": ")[0]
        flags[flag] = flags.get(flag, 0) + count
    return Basis(
        version=__version__,
        written=f"{datetime.now(UTC):%Y-%m-%d}",
        shed=found.name,
        size=found.size,
        network_digest=network.digest,
        rows=found.readings,
        flags=flags,
        licence=question.licence or Both("", ""),
    )
