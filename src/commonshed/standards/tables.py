"""The law laid out in rows for people: every number with its unit, its clause and how sure we are of it.

Each function gives records (mappings of text) that a command prints and a report may set. Keys are column heads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from commonshed.standards.compare import Change, Entry
from commonshed.standards.library import digest
from commonshed.standards.parts import Clause, Text, written
from commonshed.standards.regimes import Regime
from commonshed.standards.schema import Edition, IndexTable, Limit
from commonshed.standards.vocabulary import name_of
from commonshed.standards.wording import allowance, how, index_rules, needs, quantity_name, what_is_asked

__all__ = [
    "assessment_rows",
    "category_rows",
    "change_rows",
    "edition_rows",
    "force_rows",
    "governing_row",
    "index_rows",
    "index_rule_rows",
    "level_rows",
    "limit_rows",
    "note_rows",
    "phase_rows",
    "provenance_rows",
    "reference_rows",
    "regime_rows",
    "statistic_rows",
    "threshold_rows",
    "without_empty",
]

Row = dict[str, str | int | None]

_SIDES = {"max": None, "min": "at least"}

_LEAST_SURE_FIRST = ("unverified", "single-source", "verified")


def edition_rows(editions: Sequence[Edition]) -> list[Row]:
    """One row an edition: what it is, when it is in force, how sure we are of its blocks."""
    return [
        {
            "id": held.id,
            "medium": held.medium,
            "title": held.title.en,
            "title_zh": held.title.zh,
            "issuer": held.issuer,
            "from": _first(held),
            "to": _last(held),
            "status": _standing(held),
            **_sureness(held),
            "digest": digest(held)[:12],
        }
        for held in editions
    ]


def regime_rows(regimes: Sequence[Regime]) -> list[Row]:
    """One row a regime: its editions and phases."""
    return [
        {
            "id": held.id,
            "medium": held.medium,
            "title": held.title.en,
            "title_zh": held.title.zh,
            "editions": " + ".join(held.edition_ids),
            "phases": ", ".join(_phases(held)) or None,
            "level": held.level,
        }
        for held in regimes
    ]


def force_rows(editions: Sequence[Edition]) -> list[Row]:
    """When and where: one row a stage."""
    return [
        {
            "edition": held.id,
            "from": stage.first.isoformat(),
            "to": _day(stage.last),
            "where": _where(held, stage.places, stage.except_places),
            "list of places": None if stage.complete else "list of places not complete",
            "stage": stage.stage.en if stage.stage else None,
            "how sure": _status(held, stage.provenance),
        }
        for held in editions
        for stage in held.in_force
    ]


def phase_rows(editions: Sequence[Edition]) -> list[Row]:
    """One row a phase."""
    return [
        {
            "edition": held.id,
            "phase": phase.key,
            "from": phase.first.isoformat(),
            "to": _day(phase.last),
            "title": phase.title.en,
            "title_zh": phase.title.zh,
            "how sure": _status(held, phase.provenance),
        }
        for held in editions
        for phase in held.phases
    ]


def reference_rows(editions: Sequence[Edition]) -> list[Row]:
    """At which temperature and pressure concentrations are reported."""
    return [
        {
            "of": rule.kind,
            "from": rule.first.isoformat(),
            "temperature, K": "as sampled" if rule.temperature is None else written(rule.temperature),
            "pressure, hPa": "as sampled" if rule.pressure is None else written(rule.pressure),
            "clause": _clause(held, rule.clause),
            "how sure": _status(held, rule.provenance),
        }
        for held in editions
        for rule in held.reference_states
    ]


def limit_rows(editions: Sequence[Edition], phase: str | None = None) -> list[Row]:
    """One row a limit, one column a level.

    Parameters
    ----------
    editions : sequence of Edition
    phase : str, optional
        Only the limits of this phase and those of every phase.
    """
    return [
        {
            "quantity": quantity_name(limit.quantity),
            "average": name_of("averages", limit.of).en,
            "kind": None if limit.kind == "limit" else name_of("kinds", limit.kind).en,
            "side": _SIDES[limit.sense],
            "water": _water(limit),
            "phase": limit.phase,
            **{level: written(limit.levels[level]) if level in limit.levels else None for level in held.levels},
            "unit": limit.unit,
            "may be passed": allowance(limit.allowed_exceedances, limit.averaged_years),
            "applies": limit.applies.en if limit.applies else None,
            "clause": _clause(held, limit.clause),
            "how sure": _status(held, limit.provenance),
        }
        for held in editions
        for limit in held.limits
        if phase is None or limit.phase in (None, phase)
    ]


def level_rows(editions: Sequence[Edition]) -> list[Row]:
    """What the levels of the limits mean; the one that applies unless another is asked for is marked."""
    return [
        {
            "level": f"{level} (applies)" if level == held.level else level,
            "means": text.en,
            "means_zh": text.zh,
            "how sure": _status(held, held.levels_provenance or held.dates_provenance),
        }
        for held in editions
        for level, text in held.levels.items()
    ]


def threshold_rows(editions: Sequence[Edition]) -> list[Row]:
    """When the public is informed and warned."""
    return [
        {
            "quantity": quantity_name(threshold.quantity),
            "average": name_of("averages", threshold.of).en,
            "threshold": threshold.kind,
            "value": written(threshold.value),
            "unit": threshold.unit,
            "clause": _clause(held, threshold.clause),
            "how sure": _status(held, threshold.provenance),
        }
        for held in editions
        for threshold in held.thresholds
    ]


def statistic_rows(editions: Sequence[Edition], time: Literal["day", "hour"]) -> list[Row]:
    """How hourly readings become the values that are graded."""
    return [
        {
            "key": statistic.key,
            "how": how(statistic),
            "needs": needs(statistic),
            "unit": statistic.unit,
            "decimals": statistic.decimals,
            "rounding": name_of("roundings", statistic.rounding).en,
            "clause": _clause(held, statistic.clause),
            "how sure": _status(held, statistic.provenance),
            "rounding: how sure": _status(held, statistic.rounding_provenance),
        }
        for held in editions
        for statistic in held.statistics
        if statistic.time == time
    ]


def index_rows(editions: Sequence[Edition]) -> list[Row]:
    """The bands of an index: one row a table, one column a stretch of the index."""
    return [
        {
            "table": table.key,
            **{column: _band(table, column) for column in _columns(held)},
            "above": table.above,
            "unit": table.unit,
            "clause": _clause(held, table.clause),
            "how sure": _status(held, table.provenance),
            "above: how sure": _status(held, table.above_provenance),
        }
        for held in editions
        if held.index is not None
        for table in held.index.tables
    ]


def index_rule_rows(editions: Sequence[Edition]) -> list[Row]:
    """How sub-indices become an index, and what it is made from."""
    return [
        {"of": of, "rule": rule, "clause": _clause(held, held.index.clause), "how sure": _status(held, key)}
        for held in editions
        if held.index is not None
        for of, rule, key in index_rules(held.index)
    ]


def category_rows(editions: Sequence[Edition]) -> list[Row]:
    """The classes of an index."""
    return [
        {
            "class": category.level,
            "index": f"{category.index[0]}–{category.index[1]}",
            "name": category.name.en,
            "name_zh": category.name.zh,
            "colour": category.colour,
            "how sure": _status(held, category.provenance),
        }
        for held in editions
        if held.index is not None
        for category in held.index.categories
    ]


def assessment_rows(editions: Sequence[Edition], phase: str | None = None) -> list[Row]:
    """What a year is asked: the tests of attainment, completeness, the rule for places, the composite index.

    Parameters
    ----------
    editions : sequence of Edition
    phase : str, optional
        Only what is asked in this phase and in every phase.
    """
    return [
        {"of": of, "phase": when, "asked": text, "clause": _clause(held, clause), "how sure": _status(held, key)}
        for held in editions
        if held.assessment is not None
        for of, when, text, clause, key in what_is_asked(held.assessment)
        if phase is None or when in (None, phase)
    ]


def provenance_rows(editions: Sequence[Edition]) -> list[Row]:
    """Where what we hold comes from, the least sure first."""
    rows: list[Row] = [
        {
            "edition": held.id,
            "block": key,
            "how sure": name_of("statuses", block.status).en,
            "sources": "; ".join(block.sources) or None,
            "note": block.note,
        }
        for held in editions
        for key, block in sorted(held.provenance.items(), key=lambda item: _LEAST_SURE_FIRST.index(item[1].status))
    ]
    return rows


def note_rows(editions: Sequence[Edition]) -> list[Row]:
    """What was amended, and what the law says that no typed entry holds."""
    rows: list[Row] = []
    for held in editions:
        for change in held.amendments:
            when = f"amended from {change.first.isoformat()}, issued {change.issued.isoformat()}"
            rows.append(_note_row(held, when, change.effect, change.provenance))
        rows += [_note_row(held, None, note, note.provenance) for note in held.notes]
    return rows


def governing_row(held: Regime, day: date, place: str) -> Row:
    """Which regime governs a place on a day, in which phase and since when."""
    first, last = next(stretch for stretch in held.stretches(place) if stretch[0] <= day <= stretch[1])
    return {
        "place": place,
        "medium": held.medium,
        "date": day.isoformat(),
        "regime": held.id,
        "phase": held.at(day).phase,
        "title": held.title.en,
        "title_zh": held.title.zh,
        "editions": " + ".join(held.edition_ids),
        "from": first.isoformat(),
        "to": None if last == date.max else last.isoformat(),
    }


def change_rows(changes: Sequence[Change]) -> list[Row]:
    """One row a number that stands on either side of a comparison."""
    return [_change_row(change) for change in changes]


def without_empty(rows: Sequence[Mapping[str, object]]) -> list[str]:
    """The columns in which some row says something."""
    names = dict.fromkeys(name for row in rows for name in row)
    return [name for name in names if any(row.get(name) is not None for row in rows)]


def _note_row(held: Edition, when: str | None, text: Text, key: str) -> Row:
    return {"edition": held.id, "when": when, "text": text.en, "text_zh": text.zh, "how sure": _status(held, key)}


def _change_row(change: Change) -> Row:
    standing = change.new or change.old
    assert standing is not None
    return {
        "what": f"index: {change.what}" if change.topic == "index" else quantity_name(change.what),
        "of": f"index {change.of}" if change.topic == "index" else _average(change.of),
        "kind": None if change.kind in ("", "limit") else name_of("kinds", change.kind).en,
        "side": _SIDES[change.sense],
        "water": change.water or None,
        "level": change.level or None,
        "old": _entry(change.old, standing),
        "new": _entry(change.new, standing),
        "unit": standing.unit,
        "change": change.verdict,
        "clause": standing.clause,
        "how sure": _weaker(change.old, change.new),
    }


def _average(of: str) -> str:
    """The name of an average, or of both where they differ."""
    return " / ".join(name_of("averages", each).en for each in of.split(" / "))


def _water(limit: Limit) -> str | None:
    said = [*([limit.water_body] if limit.water_body else []), *limit.water_types]
    return " ".join(said) or None


def _entry(entry: Entry | None, standing: Entry) -> str | None:
    if entry is None:
        return None
    unit = f" {entry.unit}" if entry.unit != standing.unit else ""
    allowed = f" ({allowance(entry.allowed)})" if entry.allowed is not None else ""
    return f"{written(entry.value)}{unit}{allowed}"


def _weaker(*entries: Entry | None) -> str:
    statuses = {entry.provenance.status for entry in entries if entry is not None}
    return name_of("statuses", next(status for status in _LEAST_SURE_FIRST if status in statuses)).en


def _first(held: Edition) -> str:
    return min(stage.first for stage in held.in_force).isoformat()


def _last(held: Edition) -> str | None:
    ends = [stage.last for stage in held.in_force]
    return None if None in ends else max(end for end in ends if end is not None).isoformat()


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _standing(held: Edition) -> str | None:
    said = [*([] if held.binding else ["guideline"]), *([] if held.complete else ["held in part"])]
    return ", ".join(said) or None


def _sureness(held: Edition) -> dict[str, int]:
    counted = Counter[str](block.status for block in held.provenance.values())
    return {name_of("statuses", status).en: counted[status] for status in reversed(_LEAST_SURE_FIRST)}


def _phases(held: Regime) -> list[str]:
    if held.phase is not None:
        return [held.phase]
    return list(dict.fromkeys(phase.key for edition in held.editions for phase in edition.phases))


def _where(held: Edition, places: tuple[str, ...] | None, except_places: tuple[str, ...]) -> str:
    if places is None:
        return held.issuer + (f" except {' '.join(except_places)}" if except_places else "")
    return " ".join(places) or "list not held"


def _status(held: Edition, key: str) -> str:
    return name_of("statuses", held.provenance[key].status).en


def _clause(held: Edition, clause: Clause) -> str:
    return f"{clause.document or held.id}, {clause.en}"


def _columns(held: Edition) -> list[str]:
    assert held.index is not None
    stretches = {band.index for table in held.index.tables for band in table.bands}
    return [f"{low}–{high}" for low, high in sorted(stretches)]


def _band(table: IndexTable, column: str) -> str | None:
    for band in table.bands:
        if f"{band.index[0]}–{band.index[1]}" == column:
            return f"{written(band.concentration[0])}–{written(band.concentration[1])}"
    return None
