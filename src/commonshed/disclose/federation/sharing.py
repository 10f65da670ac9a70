"""The sharing rule of a shed as people handle it: read, set, listed, and asked who gets what and why.

How a rule decides stands in :mod:`commonshed.keep.release`, because sealing goes by it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from commonshed.disclose.federation.audience import PUBLIC, Audience
from commonshed.errors import InputError, ShedError, UnknownName
from commonshed.keep import Document, Shed
from commonshed.keep.release import Grant, Release, Rule, Ruling, SharingRule, read_rule
from commonshed.places import Network
from commonshed.units import quantities

__all__ = ["NAME", "Answer", "ask", "audiences", "in_force", "rule_text", "set_rule", "shipped", "unknown_names"]

NAME = "sharing.toml"
"""Name under which the rule is entered: a later one takes the place of this one when its day has come."""


@dataclass(frozen=True)
class Answer:
    """Who gets the readings of a station and quantity, and by which rule.

    Attributes
    ----------
    audience : Audience
    release : {"public", "partner", "internal"}
        Their release class.
    grant : Grant or None
        None: this asker gets none of them.
    decided_by : Rule or None
        None: no rule speaks of them, so they are internal.
    overruled : tuple of Rule
        Other rules that speak of them, the next in rank first.
    """

    audience: Audience
    release: Release
    grant: Grant | None
    decided_by: Rule | None
    overruled: tuple[Rule, ...]


def in_force(shed: Shed, at: float | None = None) -> Ruling:
    """The sharing rule of a shed in force now, or at another moment. [UTC s]

    Raises
    ------
    ShedDamaged
    """
    return shed.store.ruling(time.time() if at is None else at)


def ask(shed: Shed, *, station: str, quantity: str, audience: Audience, at: float | None = None) -> Answer:
    """Who gets what, and by which rule.

    Raises
    ------
    UnknownName
        No such station is registered or published here, or nobody declared the quantity.
    """
    ruling = in_force(shed, at)
    _check_names("station", [station], _stations(shed, ruling.network), field="--station")
    _check_names("quantity", [quantity], quantities(), field="--quantity")
    rules = ruling.matching(station, quantity)
    return Answer(
        audience,
        ruling.release(station, quantity),
        ruling.grant(station, quantity, audience.partner),
        rules[0] if rules else None,
        tuple(rules[1:]),
    )


def audiences(ruling: Ruling) -> list[Audience]:
    """Everybody, and each partner the rule names."""
    return [PUBLIC, *(Audience(id) for id in (ruling.document.partners if ruling.document else ()))]


def set_rule(shed: Shed, content: bytes, file: str) -> tuple[SharingRule, Document]:
    """Enter a sharing rule into the log; from its day on it is in force.

    Raises
    ------
    InputError
        It is not in the form, or names a station, jurisdiction or quantity that is not here: a name that was misspelt
        in a rule that keeps something back would let it out.
    """
    rule = read_rule(content, file)
    network = _network(shed)
    for kind, name, known in _unknown(rule, network, _stations(shed, network)):
        raise UnknownName(kind, name, known, file=file)
    return rule, shed.record("sharing-rule", NAME, content)


def unknown_names(shed: Shed, ruling: Ruling) -> list[str]:
    """Names in the rule in force that the places in force do not hold (any more): such a rule does nothing there."""
    if ruling.document is None:
        return []
    found = _unknown(ruling.document, ruling.network, _stations(shed, ruling.network))
    return [f"{kind} {name}" for kind, name, _ in found]


def shipped() -> dict[str, str]:
    """Examples that come with the package: their names and their one line."""
    return {name: read_rule(file.read_bytes(), file.name).title.en for name, file in _shipped().items()}


def rule_text(name: str) -> tuple[bytes, str]:
    """The text of a rule in a file, or of an example that comes with the package; and what to call it in messages.

    Raises
    ------
    InputError
        There is no such file and no such example.
    """
    if name in _shipped():
        return _shipped()[name].read_bytes(), f"{name}.toml"
    if not Path(name).is_file():
        if name.endswith(".toml") or "/" in name:
            raise InputError("there is no such file", file=name, mend="Check the path, or name an example by its id")
        raise UnknownName("sharing rule", name, _shipped())
    return Path(name).read_bytes(), name


def _shipped() -> dict[str, Traversable]:
    folder = resources.files("commonshed.disclose.federation").joinpath("rules")
    files = {file.name.removesuffix(".toml"): file for file in folder.iterdir() if file.name.endswith(".toml")}
    return dict(sorted(files.items()))


def _unknown(
    rule: SharingRule, network: Network | None, stations: Iterable[str]
) -> Iterator[tuple[str, str, Iterable[str]]]:
    known = {
        "station": set(stations),
        "jurisdiction": set() if network is None else set(network.jurisdictions),
        "quantity": set(quantities()),
    }
    for each in rule.rules:
        for kind, names in (
            ("station", each.stations),
            ("jurisdiction", each.jurisdictions),
            ("quantity", each.quantities),
        ):
            for name in names:
                if name not in known[kind]:
                    yield kind, name, known[kind]


def _check_names(kind: str, names: Iterable[str], known: Iterable[str], *, field: str) -> None:
    held = set(known)
    for name in names:
        if name not in held:
            raise UnknownName(kind, name, held, field=field)


def _stations(shed: Shed, network: Network | None) -> set[str]:
    return {*shed.stations, *(() if network is None else network.stations)}


def _network(shed: Shed) -> Network | None:
    try:
        return shed.network()
    except ShedError:
        if shed.document("place-edition") is not None:
            raise
        return None
