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
    sense : {"max", "min"}
        Whether the value is the highest or the lowest that is allowed.
    water : str
        The kind or the types of water it is for; empty: all.
    old, new : Entry or None
    verdict : Verdict
    """

    topic: Literal["limit", "index"]
    what: str
    of: str
    kind: str
    level: str
    sense: Literal["max", "min"]
    water: str
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
    limits, points = _side_by_side(_limits(old, new), _limits(new, old)), (_index_points(old), _index_points(new))
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


Key = tuple[str, str, str, str, Literal["max", "min"], str]
"""What, of, kind, level, sense, water."""


def _limits(law: Law, other: Law) -> dict[Key, Entry]:
    levels = _levels(law, other)
    apart = {limit.quantity for side in (law, other) for limit in _held(side) if limit.water_body}
    return {
        (limit.quantity, limit.of, limit.kind, shown, limit.sense, water): _limit_entry(held, limit, level)
        for held in law.editions
        for limit in held.limits
        if limit.phase in (None, law.phase)
        for level, shown in levels.items()
        if level in limit.levels
        for water in _waters(limit, apart=limit.quantity in apart)
    }


def _held(law: Law) -> Iterator[Limit]:
    return (limit for held in law.editions for limit in held.limits)


def _waters(limit: Limit, *, apart: bool) -> list[str]:
    """The waters a limit is compared for: each kind by itself where one of the laws tells them apart."""
    bodies = [limit.water_body] if limit.water_body else ["river", "lake"] if apart else []
    types = " ".join(limit.water_types)
    return [f"{body} {types}".strip() for body in bodies] or [types]


def _side_by_side(old: dict[Key, Entry], new: dict[Key, Entry]) -> tuple[dict[Key, Entry], dict[Key, Entry]]:
    """Limits of water that speak of different averages stand beside each other all the same, and are not compared."""
    averages = [_averages(side) for side in (old, new)]
    apart = {
        what: " / ".join(sorted((*averages[0][what], *averages[1][what])))
        for what in averages[0].keys() & averages[1].keys()
        if quantity(what).medium == "water"
        and len(averages[0][what]) == len(averages[1][what]) == 1
        and averages[0][what] != averages[1][what]
    }
    first, second = ({(k[0], apart.get(k[0], k[1]), *k[2:]): e for k, e in side.items()} for side in (old, new))
    return first, second


def _averages(limits: dict[Key, Entry]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for what, of, *_ in limits:
        found.setdefault(what, set()).add(of)
    return found


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
        (table.key, str(point), "", "", "max", ""): entry
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
        Change(topic, *key, old.get(key), new.get(key), _verdict(topic, key, old.get(key), new.get(key)))
        for key in dict.fromkeys((*old, *new))
    ]


def _verdict(topic: str, key: Key, old: Entry | None, new: Entry | None) -> Verdict:
    what, of, _, _, sense, _ = key
    if old is None or new is None:
        return "new" if old is None else "gone"
    if " / " in of:
        return "not comparable"
    if old.unit == new.unit:
        before, after = old.value, new.value
    elif topic == "limit":
        before, after = (entry.value * ticks_per(quantity(what), entry.unit) for entry in (old, new))
    else:
        return "not comparable"
    steps = {_step(before, after) if sense == "max" else _step(after, before)}
    if old.allowed is not None and new.allowed is not None:
        steps.add(_step(old.allowed, new.allowed))
    steps -= {"same"} if len(steps) > 1 else set()
    return steps.pop() if len(steps) == 1 else "mixed"


def _step(before: Fraction | int, after: Fraction | int) -> Verdict:
    if before == after:
        return "same"
    return "stricter" if after < before else "laxer"
