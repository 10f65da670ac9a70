"""What changes from one law to another, limit by limit: stricter, laxer, new, gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from commonshed.errors import InputError, UnknownName
from commonshed.standards.library import edition, edition_ids, regime_ids, slug
from commonshed.standards.parts import Provenance
from commonshed.standards.regimes import regime
from commonshed.standards.schema import Edition, IndexTable, Limit
from commonshed.units import quantity, ticks_per

__all__ = ["Change", "Law", "Verdict", "changes", "laws"]

Verdict = Literal["stricter", "laxer", "same", "mixed", "new", "gone", "not comparable"]
"""``mixed``: the value is stricter but may be passed more often, or the other way round."""


@dataclass(frozen=True)
class Law:
    """One side of a comparison: editions, in one phase, at one level.

    Attributes
    ----------
    name : str
        As ``GB 3095-2026@final``.
    editions : tuple of Edition
    phase, level : str or None
    level_chosen : bool
        Whether the level was asked for by name.
    """

    name: str
    editions: tuple[Edition, ...]
    phase: str | None
    level: str | None
    level_chosen: bool = False


@dataclass(frozen=True)
class Entry:
    """One number of the law, and where it stands."""

    value: Fraction
    unit: str
    allowed: int | None
    clause: str
    provenance: Provenance


@dataclass(frozen=True)
class Change:
    """One number on both sides.

    Attributes
    ----------
    topic : {"limit", "index"}
        A limit value, or a point of an index.
    what : str
        Quantity of a limit, table of an index.
    of : str
        Average of a limit; point of an index.
    kind : str
        Kind of the limit: ``limit``, ``target`` …; empty for an index.
    level : str
        The level on both sides, or both levels where they differ: ``II → aqg``.
    old, new : Entry or None
    verdict : Verdict
    """

    topic: Literal["limit", "index"]
    what: str
    of: str
    kind: str
    level: str
    old: Entry | None
    new: Entry | None
    verdict: Verdict


def laws(text: str) -> list[Law]:
    """The laws a name stands for: one for each phase that the name leaves open.

    Parameters
    ----------
    text : str
        Id of an edition or a regime, with a phase or level after an ``@``: ``GB 3095-2026@final``, ``cn-2012@I``.

    Raises
    ------
    UnknownName
        There is no such edition, regime, phase or level.
    """
    id, *choices = text.strip().split("@")
    whole = _whole(id)
    phases = list(dict.fromkeys(phase.key for held in whole.editions for phase in held.phases))
    levels = list(dict.fromkeys(level for held in whole.editions for level in held.levels))
    for choice in choices:
        if choice in phases:
            whole = replace(whole, phase=choice)
        elif choice in levels:
            whole = replace(whole, level=choice, level_chosen=True)
        else:
            raise UnknownName(f"phase or level of {id}", choice, [*phases, *levels])
    name = f"{whole.name}@{whole.level}" if whole.level_chosen else whole.name
    if whole.phase is not None or not phases:
        return [replace(whole, name=f"{name}@{whole.phase}" if choices and whole.phase else name)]
    return [replace(whole, name=f"{name}@{phase}", phase=phase) for phase in phases]


def changes(old: Law, new: Law) -> list[Change]:
    """Every number of either law, with what became of it; those of the first law in its order, then the new ones.

    Levels of one name are compared with each other; where the laws name their levels differently, or one was asked
    for, the level that applies on each side.

    What only one of them has at all, an index or limits, is not compared.

    Raises
    ------
    InputError
        They have neither limits nor an index in common.
    """
    limits, points = (_limits(old, new), _limits(new, old)), (_index_points(old), _index_points(new))
    found = [
        *(_paired("limit", *limits) if all(limits) else []),
        *(_paired("index", *points) if all(points) else []),
    ]
    if not found:
        raise InputError(
            f"{old.name} and {new.name} do not both hold limits, nor both an index: there is nothing to compare",
            mend="Compare whole regimes, as in: commonshed standards diff cn-2012 cn-2026",
        )
    return found


def _whole(id: str) -> Law:
    if id in regime_ids():
        named = regime(id)
        return Law(id, named.editions, named.phase, named.level)
    if slug(id) not in {slug(known) for known in edition_ids()}:
        raise UnknownName("edition or regime", id, [*edition_ids(), *regime_ids()])
    held = edition(id)
    return Law(held.id, (held,), None, held.level)


Key = tuple[str, str, str, str]
"""What, of, kind, level."""


def _limits(law: Law, other: Law) -> dict[Key, Entry]:
    levels = _levels(law, other)
    return {
        (limit.quantity, limit.of, limit.kind, shown): _limit_entry(held, limit, level)
        for held in law.editions
        for limit in held.limits
        if limit.phase in (None, law.phase)
        for level, shown in levels.items()
        if level in limit.levels
    }


def _levels(law: Law, other: Law) -> dict[str, str]:
    """The levels of a law that are compared, and how each pair is shown."""
    own, others = _level_names(law), _level_names(other)
    common = [level for level in own if level in others]
    if common and not law.level_chosen and not other.level_chosen:
        return {level: level for level in common}
    if law.level is None:
        return {}
    names = sorted({law.level, other.level or law.level})
    return {law.level: " / ".join(names)}


def _level_names(law: Law) -> list[str]:
    return list(dict.fromkeys(level for held in law.editions for level in held.levels))


def _limit_entry(held: Edition, limit: Limit, level: str) -> Entry:
    clause = f"{limit.clause.document or held.id}, {limit.clause.en}"
    return Entry(limit.levels[level], limit.unit, limit.allowed_exceedances, clause, held.provenance[limit.provenance])


def _index_points(law: Law) -> dict[Key, Entry]:
    return {
        (table.key, str(point), "", ""): entry
        for held in law.editions
        if held.index is not None
        for table in held.index.tables
        for point, entry in _points(held, table)
    }


def _points(held: Edition, table: IndexTable) -> Iterator[tuple[int, Entry]]:
    clause = f"{table.clause.document or held.id}, {table.clause.en}"
    for band in table.bands:
        yield band.index[1], Entry(band.concentration[1], table.unit, None, clause, held.provenance[table.provenance])


def _paired(topic: Literal["limit", "index"], old: dict[Key, Entry], new: dict[Key, Entry]) -> list[Change]:
    return [
        Change(topic, *key, old.get(key), new.get(key), _verdict(topic, key[0], old.get(key), new.get(key)))
        for key in dict.fromkeys((*old, *new))
    ]


def _verdict(topic: str, what: str, old: Entry | None, new: Entry | None) -> Verdict:
    if old is None or new is None:
        return "new" if old is None else "gone"
    if old.unit == new.unit:
        before, after = old.value, new.value
    elif topic == "limit":
        before, after = (entry.value * ticks_per(quantity(what), entry.unit) for entry in (old, new))
    else:
        return "not comparable"
    steps = {_step(before, after)}
    if old.allowed is not None and new.allowed is not None:
        steps.add(_step(old.allowed, new.allowed))
    steps -= {"same"} if len(steps) > 1 else set()
    return steps.pop() if len(steps) == 1 else "mixed"


def _step(before: Fraction | int, after: Fraction | int) -> Verdict:
    if before == after:
        return "same"
    return "stricter" if after < before else "laxer"
