"""What a report needs to know of a regime, taken from its editions."""

from __future__ import annotations

from datetime import date

from commonshed.disclose.report.content import Category, EditionNote, Law, Limits
from commonshed.disclose.words import Both
from commonshed.errors import LawError
from commonshed.standards import Assessment, Index, Regime, digest, written
from commonshed.standards.parts import Part
from commonshed.standards.schema import Edition

__all__ = ["law_of", "upper_concentrations"]


def law_of(regime: Regime, day: date, *, key: str, converted: bool | None) -> Law:
    """One setting of the law switch.

    Parameters
    ----------
    regime : Regime
    day : date
        Decides the phase.
    key : str
        Name of the setting in links and tables.
    converted : bool or None
        Whether gases are converted to its reference state; None when there is nothing to convert.

    Raises
    ------
    LawError
        The regime has no index or no method for months and years, so there is nothing to report by.
    """
    held = regime.at(day)
    index, method = held.index, held.assessment
    if index is None or method is None:
        raise LawError(f"{regime.id} has no daily index or no method for years: a report needs both. Choose cn-2012")
    return Law(
        key=key,
        regime=held.id,
        name=_name(held),
        short=_switch_name(held, converted),
        plain=_switch_name(held, None),
        categories=tuple(
            Category(c.level, c.index[0], c.index[1], Both.of(c.name), c.colour.lower()) for c in index.categories
        ),
        limits=_limits(held, method, day),
        editions=tuple(_note(edition, held) for edition in (*held.editions, *held.layers)),
        converted=converted,
        percentiles={t.quantity: f"{t.statistic}_p{t.p}" for t in method.tests if t.kind == "percentile"},
        clauses=_clauses(held, index, method, day),
    )


def upper_concentrations(regime: Regime, statistic: str) -> tuple[float, ...]:
    """Highest concentration of each class but the last, by the index table of a statistic."""
    index = regime.index
    if index is None:
        return ()
    table = next(use.table for use in index.daily if use.statistic == statistic)
    bands = next(held.bands for held in index.tables if held.key == table)
    ends = [category.index[1] for category in index.categories[:-1]]
    return tuple(float(band.concentration[1]) for band in bands if band.index[1] in ends)


def _limits(regime: Regime, method: Assessment, day: date) -> dict[str, Limits]:
    daily = {s.quantity: s.limit for s in regime.statistics("day") if s.limit in ("24h", "mda8")}
    quantities = dict.fromkeys(test.quantity for test in method.tests)
    return {q: Limits(_value(regime, q, "year", day), _value(regime, q, daily.get(q), day)) for q in quantities}


def _value(regime: Regime, quantity: str, of: str | None, day: date) -> str | None:
    value = None if of is None else regime.value(quantity, of, day)
    return None if value is None else written(value)


def _clauses(regime: Regime, index: Index, method: Assessment, day: date) -> dict[str, Both]:
    parts: dict[str, Part | None] = {
        "index": index,
        "assessment": method,
        "completeness": method.completeness,
        "city": method.city,
        "composite": method.composite,
        "percentile": next((test for test in method.tests if test.kind == "percentile"), None),
        "limits": regime.limit("pm25", "year", day) or next(iter(regime.limits(day)), None),
    }
    return {name: _clause(regime, part) for name, part in parts.items()}


def _clause(regime: Regime, part: Part | None) -> Both:
    return Both("–", "–") if part is None else Both(regime.clause(part, "en"), regime.clause(part, "zh"))


def _switch_name(regime: Regime, converted: bool | None) -> Both:
    year = regime.editions[0].id.rpartition("-")[2]
    # The converted setting is the fair comparison and bears the plain name.
    en, zh = (", unconverted", "（气体未换算）") if converted is False else ("", "")
    return Both(f"{year} law{en}", f"{year}年标准{zh}")


def _name(regime: Regime) -> Both:
    """The governing editions, and the phase when there is one."""
    limits = regime.editions[0]
    phase = next((p for p in limits.phases if p.key == regime.phase), None)
    if phase is None:
        return Both(limits.id, limits.id)
    known = {"transition": Both("transition", "过渡阶段"), "final": Both("final", "全面实施阶段")}
    name = known.get(phase.key, Both(phase.key, phase.key))
    return Both(f"{limits.id} ({name.en})", f"{limits.id}（{name.zh}）")


def _note(edition: Edition, regime: Regime) -> EditionNote:
    statuses = {"verified": 0, "single-source": 0, "unverified": 0}
    for provenance in edition.provenance.values():
        statuses[provenance.status] += 1
    doubts = tuple(
        (part, provenance.status, provenance.note or "")
        for part, provenance in edition.provenance.items()
        if provenance.status != "verified"
    )
    return EditionNote(
        id=edition.id, title=Both.of(edition.title), digest=digest(edition), statuses=statuses, doubts=doubts,
        governs=edition.id in regime.governing or edition in regime.layers, complete=edition.complete,
    )  # fmt: skip
