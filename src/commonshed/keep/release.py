"""The sharing rule: who may have which readings, as the node that made them decides.

``docs/formats/sharing.md`` explains the document. Of the rules that speak of a station and a quantity one decides, all
by itself: the most specific one, and of equally specific ones the later. Where none speaks, readings are internal.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import AwareDatetime, BeforeValidator, Field, model_validator

from commonshed.errors import InputError, ProofError, ShedDamaged, UnknownName
from commonshed.keep.contents import Document
from commonshed.keep.extent import Extent
from commonshed.keep.log.notes import ED25519, Verifier
from commonshed.keep.rows import codes
from commonshed.places import Network
from commonshed.standards.forms import Form, filled
from commonshed.standards.parts import Part, Provenance, Text

__all__ = [
    "CLASSES",
    "UNSHARED",
    "Grant",
    "Partner",
    "Release",
    "Rule",
    "Ruling",
    "Rulings",
    "SharingRule",
    "Spread",
    "by_release",
    "checked_content",
    "read_rule",
]

Release = Literal["public", "partner", "internal"]
"""Who may have a reading: everybody, named partners, nobody outside."""

CLASSES: tuple[Release, ...] = get_args(Release)

FORM = Form("a sharing rule", "a number of a sharing rule", "docs/formats/sharing.md")
_DELAY = re.compile(r"(\d{1,6}) ?(s|min|h|d)")
_UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
_STATION = 1 << 20  # rank of a rule that names the station: above any depth of jurisdictions


def _delay(value: object) -> object:
    match = _DELAY.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"a delay is a whole number and s, min, h or d, such as 24 h; not {value!r}")
    return int(match[1]) * _UNITS[match[2]]


Delay = Annotated[int, BeforeValidator(_delay)]
"""Seconds that pass between the end of a reading and the moment it may go out; ``24 h`` in the file."""


class Partner(Part):
    """Another node that is named in the rule.

    Attributes
    ----------
    name : Text
    key : str
        Verifier key of the node: with it its requests are signed.
    """

    name: Text
    key: str

    @model_validator(mode="after")
    def _is_a_node_key(self) -> Partner:
        try:
            if Verifier.parse(self.key).kind != ED25519:
                raise ValueError("this is the key of a witness; write the node's own")
        except ProofError as error:
            raise ValueError(str(error)) from None
        return self


class PartnerTerms(Part):
    """What holds for one partner instead of what holds for everybody."""

    delay: Delay | None = None
    use: Text | None = None


class Rule(Part):
    """Who may have some readings.

    Attributes
    ----------
    id : str
    stations, jurisdictions : tuple of str
        Of these stations, and of those in these jurisdictions and all below; neither: everywhere.
    quantities : tuple of str
        Of these quantities; empty: of all.
    release : {"public", "partner", "internal"}
    partners : mapping of partner to its terms
        Who may have them; of public ones: who has them on other terms.
    delay : int
        From the end of a reading to the moment it may go out. [s]
    use : Text or None
        What the receiver may use them for, in words that are shown to it.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    release: Release
    stations: tuple[str, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    quantities: tuple[str, ...] = ()
    partners: dict[str, PartnerTerms] = Field(default_factory=dict)
    delay: Delay = 0
    use: Text | None = None

    @model_validator(mode="after")
    def _adds_up(self) -> Rule:
        if self.release == "partner" and not self.partners:
            raise ValueError("release to partners needs partners: partners = { hebei = {} }")
        if self.release == "internal" and (self.partners or self.delay or self.use):
            raise ValueError("what is internal goes to nobody: partners, delay and use have no place here")
        return self


class SharingRule(Part):
    """The document.

    Attributes
    ----------
    in_force_from : datetime
        From this moment on; until then the document before it stays in force.
    partners : mapping of id to Partner
    rules : tuple of Rule
    """

    kind: Literal["sharing-rule"]
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    title: Text
    in_force_from: AwareDatetime
    provenance: Provenance
    partners: dict[str, Partner] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _names_are_declared(self) -> SharingRule:
        ids = [rule.id for rule in self.rules]
        if twice := next((id for id in ids if ids.count(id) > 1), None):
            raise ValueError(f"two rules are called {twice!r}")
        if "public" in self.partners:
            raise ValueError("a partner cannot be called public: everybody is")
        keys = [partner.key for partner in self.partners.values()]
        if len(set(keys)) < len(keys):
            raise ValueError("two partners have the same key")
        for rule in self.rules:
            for name in rule.partners.keys() - self.partners.keys():
                raise ValueError(str(UnknownName("partner", name, self.partners)))
        return self

    @property
    def begins(self) -> float:
        """[UTC s]"""
        return self.in_force_from.timestamp()


@dataclass(frozen=True)
class Grant:
    """Readings of one station and quantity may go to one asker.

    Attributes
    ----------
    rule : Rule
        That says so.
    delay : int
        [s]
    use : Text or None
    """

    rule: Rule
    delay: int
    use: Text | None


@dataclass(frozen=True)
class Ruling:
    """A sharing rule on the places of this node: the answer for any station and quantity.

    Attributes
    ----------
    document : SharingRule or None
        None: nothing is shared.
    digest : str or None
        Of the document.
    network : Network or None
    """

    document: SharingRule | None = None
    digest: str | None = None
    network: Network | None = None
    _found: dict[tuple[str, str], Rule | None] = field(default_factory=dict, compare=False, repr=False)

    def rule_for(self, station: str, quantity: str) -> Rule | None:
        """The rule that decides, or None: internal."""
        key = (station, quantity)
        if key not in self._found:
            self._found[key] = next(iter(self.matching(station, quantity)), None)
        return self._found[key]

    def matching(self, station: str, quantity: str) -> list[Rule]:
        """Every rule that speaks of a station and quantity, the one that decides first."""
        if self.document is None:
            return []
        ranked = [
            ((place, bool(rule.quantities), number), rule)
            for number, rule in enumerate(self.document.rules)
            if (place := self._place_rank(rule, station)) is not None
            and (not rule.quantities or quantity in rule.quantities)
        ]
        return [rule for _, rule in sorted(ranked, key=lambda each: each[0], reverse=True)]

    def release(self, station: str, quantity: str) -> Release:
        """The release class of readings of a station and quantity."""
        rule = self.rule_for(station, quantity)
        return "internal" if rule is None else rule.release

    def grant(self, station: str, quantity: str, partner: str | None) -> Grant | None:
        """On which terms an asker may have such readings, or None: not at all.

        Parameters
        ----------
        partner : str or None
            Id of the partner that asks; None: the public.
        """
        rule = self.rule_for(station, quantity)
        terms = None if rule is None or partner is None else rule.partners.get(partner)
        if rule is None or rule.release == "internal" or (terms is None and rule.release == "partner"):
            return None
        if terms is None:
            return Grant(rule, rule.delay, rule.use)
        return Grant(rule, rule.delay if terms.delay is None else terms.delay, terms.use or rule.use)

    def partner_of(self, key: Verifier) -> str | None:
        """The partner whose key this is."""
        return self._partners.get(key)

    @cached_property
    def _partners(self) -> Mapping[Verifier, str]:
        declared = {} if self.document is None else self.document.partners
        return {Verifier.parse(partner.key): id for id, partner in declared.items()}

    @cached_property
    def _chains(self) -> Mapping[str, Sequence[str]]:
        """Jurisdictions a station lies in, the smallest first."""
        if self.network is None:
            return {}
        held = {id: station.jurisdiction for id, station in self.network.stations.items()}
        return {id: (code, *self.network.ancestors(code)) for id, code in held.items() if code is not None}

    def _place_rank(self, rule: Rule, station: str) -> int | None:
        """How closely a rule names the place of a station; None: not at all."""
        if station in rule.stations:
            return _STATION
        chain = self._chains.get(station, ())
        ranks = [len(chain) - depth for depth, code in enumerate(chain) if code in rule.jurisdictions]
        return max(ranks, default=None if rule.stations or rule.jurisdictions else 0)


class Spread:
    """A number per station and quantity, and between which of them a segment lies, by what its entry says.

    Parameters
    ----------
    of : callable
        The number of a station and quantity.
    """

    def __init__(self, of: Callable[[str, str], int]) -> None:
        self.of = of
        self._columns: dict[str, NDArray[np.int64]] = {}

    def span(self, stations: Sequence[str], extent: Extent) -> tuple[int, int]:
        """Smallest and largest over every station with every quantity; the segment need not hold all of these.

        Parameters
        ----------
        stations : sequence of str
            In the order of their registration.
        """
        parts = [
            self._column(quantity, stations)[low : high + 1]
            for quantity in extent.quantities
            for low, high in extent.stations.ranges
        ]
        return min(int(part.min()) for part in parts), max(int(part.max()) for part in parts)

    def _column(self, quantity: str, stations: Sequence[str]) -> NDArray[np.int64]:
        held = self._columns.get(quantity)
        if held is None or len(held) < len(stations):
            held = self._columns[quantity] = np.array([self.of(station, quantity) for station in stations], np.int64)
        return held


UNSHARED = Ruling()
"""Where there is no sharing rule everything is internal."""


def by_release(ordered: pa.Table, ruling: Ruling) -> list[tuple[Release, NDArray[np.bool_] | None]]:
    """Release classes of readings in canonical order, each with its rows; None: all."""
    if ruling.document is None:
        return [("internal", None)]
    station, stations = codes(ordered["station"])
    quantity, quantities = codes(ordered["quantity"])
    change = (station[1:] != station[:-1]) | (quantity[1:] != quantity[:-1])
    first = np.append(0, np.flatnonzero(change) + 1)
    pairs = zip(station[first].tolist(), quantity[first].tolist(), strict=True)
    found = np.array([CLASSES.index(ruling.release(stations[one], quantities[other])) for one, other in pairs])
    classes = np.unique(found).tolist()
    if len(classes) == 1:
        return [(CLASSES[classes[0]], None)]
    rows = np.repeat(found, np.diff(np.append(first, ordered.num_rows)))
    return [(CLASSES[each], rows == each) for each in classes]


def read_rule(content: bytes, file: str) -> SharingRule:
    """A sharing rule from the bytes of its file.

    Raises
    ------
    InputError
        It is not in the form; a key nobody declared is named with the nearest that is.
    """
    with suppress(tomllib.TOMLDecodeError, UnicodeDecodeError):  # the form says it better
        _refuse_unknown_keys(SharingRule, tomllib.loads(content.decode("utf-8")), file)
    return filled(SharingRule, content, file, FORM)


class Rulings:
    """Finds the sharing rule in force, and remembers what it has read: documents are known by their digest.

    Parameters
    ----------
    folder : Path
        ``places/`` of the shed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._parsed: dict[str, SharingRule] = {}
        self._last: tuple[Ruling, str | None] = (UNSHARED, None)

    def at(self, moment: float, *, rules: Sequence[Document], editions: Sequence[Document]) -> Ruling:
        """The rule in force: the last one entered that had begun by then.

        Parameters
        ----------
        moment : float
            [UTC s]
        rules, editions : sequences of Document
            Every sharing rule and place edition of the shed, in the order they were entered.

        Raises
        ------
        ShedDamaged
            A document is gone, not what was entered, or no sharing rule.
        """
        for document in reversed(rules):
            rule = self._rule(document)
            if rule.begins <= moment:
                return self._ruling(rule, document.digest, editions[-1] if editions else None)
        return UNSHARED

    def _rule(self, document: Document) -> SharingRule:
        if document.digest not in self._parsed:
            try:
                self._parsed[document.digest] = read_rule(checked_content(self.folder, document), document.path)
            except InputError as error:
                raise ShedDamaged(f"{error}. It was entered all the same: set a sharing rule anew") from None
        return self._parsed[document.digest]

    def _ruling(self, rule: SharingRule, digest: str, edition: Document | None) -> Ruling:
        held, held_edition = self._last
        named = None if edition is None else edition.digest
        if held.digest == digest and held_edition == named:
            return held
        network = held.network if named == held_edition else None
        if edition is not None and network is None:
            network = Network.from_bytes(checked_content(self.folder, edition))
        found = Ruling(rule, digest, network)
        self._last = found, named
        return found


def checked_content(folder: Path, document: Document) -> bytes:
    """Bytes of a document below ``places/``, compared with its digest.

    Raises
    ------
    ShedDamaged
        The file is gone or not what was entered.
    """
    path = folder / document.path
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ShedDamaged(f"{path}: gone; entry {document.position} of the log names it. Put back a copy") from None
    if hashlib.sha256(content).hexdigest() != document.digest:
        raise ShedDamaged(f"{path}: not what entry {document.position} of the log says. Put back a copy")
    return content


def _refuse_unknown_keys(model: type[Part], data: Mapping[str, Any], file: str, at: str = "") -> None:
    for key in data:
        if key not in model.model_fields:
            raise UnknownName(f"key of {FORM.name}", key, model.model_fields, file=file, field=at or None)
    for key, inner, value in _inner(model, data):
        _refuse_unknown_keys(inner, value, file, f"{at}.{key}".lstrip("."))


def _inner(model: type[Part], data: Mapping[str, Any]) -> Iterator[tuple[str, type[Part], Mapping[str, Any]]]:
    """Tables within a table, each with the model it has to fit."""
    nested: dict[tuple[type[Part], str], type[Part]] = {
        (SharingRule, "partners"): Partner,
        (SharingRule, "rules"): Rule,
        (Rule, "partners"): PartnerTerms,
    }
    for (owner, key), inner in nested.items():
        held = data.get(key) if owner is model else None
        each = held.items() if isinstance(held, dict) else enumerate(held) if isinstance(held, list) else ()
        for name, value in each:
            if isinstance(value, dict):
                yield f"{key}.{name}", inner, value
