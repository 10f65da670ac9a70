"""The duty to restore: open from the first stretch worse than the baseline until the section is back.

Money does not close it and neither does a new officer: the party owes it, whoever holds the post. It is told again with
every bill, also with the bill of a year in which nothing was measured.
"""

from __future__ import annotations

from collections.abc import Iterable

from commonshed.periods import Period
from commonshed.settle.agreement import Section
from commonshed.settle.bill import Liability
from commonshed.settle.docket import Docket, units_between
from commonshed.settle.measured import Value
from commonshed.settle.problems import Problems
from commonshed.settle.rules import Restoration
from commonshed.standards.parts import written

__all__ = ["liabilities"]


def liabilities(rule: Restoration, docket: Docket, found: Problems) -> list[Liability]:
    """What is open at the end of the period, and what was restored within it.

    Parameters
    ----------
    rule : Restoration
    docket : Docket
        With values since the rule began, not only those of the period.
    found : Problems
        Where what is missing is noted.

    Notes
    -----
    A stretch without enough samples, in a flood, under force majeure or in dispute neither opens a liability nor closes
    one. It closes after ``back_after`` measured stretches in a row at the baseline or better.
    """
    owed: list[Liability] = []
    for section in docket.agreement.of_rule(rule):
        for of in rule.quantities:
            with found.noted(f"rules.{rule.id}"):
                owed += _history(rule, docket, section, of)
    return [one for one in owed if one.restored is None or one.restored.last >= docket.period.first]


def _history(rule: Restoration, docket: Docket, section: Section, of: str) -> Iterable[Liability]:
    """Every liability since the rule began, in order."""
    began = max(docket.agreement.began, rule.first or docket.agreement.began)
    until = docket.period.last if rule.last is None else min(rule.last, docket.period.last)
    opened: Period | None = None
    stretches = at_baseline = unmeasured = 0
    latest: tuple[Period, Value] | None = None
    for unit in units_between(began, until, rule.unit_of_time):
        value = _plain(docket, section.id, of, unit)
        stretches += opened is not None
        if value is None:
            unmeasured += opened is not None
            continue
        latest = unit, value
        worse = docket.target(section.baselines, of, unit, section).missed_by(value.figure) > 0
        if opened is None and worse:
            opened, stretches, at_baseline, unmeasured = unit, 1, 0, 0
        elif opened is not None:
            at_baseline = 0 if worse else at_baseline + 1
            if at_baseline >= rule.back_after:
                yield _liability(rule, docket, section, of, opened, unit, stretches, unmeasured, latest)
                opened = None
    if opened is not None:
        yield _liability(rule, docket, section, of, opened, None, stretches, unmeasured, latest)


def _plain(docket: Docket, section: str, of: str, unit: Period) -> Value | None:
    """The value of a stretch in which nothing stands in the way; a stand-in of an earlier one proves nothing."""
    if docket.measured.values.get((section, of, unit)) is None:
        return None
    held = docket.situation(section, of, unit)
    own = docket.measured.values[section, of, unit]
    plain = held.status == "due" and (held.value == own or "agreed_on" in held.inputs)
    return held.value if plain else None


def _liability(
    rule: Restoration,
    docket: Docket,
    section: Section,
    of: str,
    opened: Period,
    restored: Period | None,
    stretches: int,
    unmeasured: int,
    latest: tuple[Period, Value] | None,
) -> Liability:
    assert latest is not None
    when, value = latest
    baseline = docket.target(section.baselines, of, when, section)
    inputs = {
        "baseline": written(baseline.value),
        "baseline_unit": baseline.unit,
        "measured": value.text,
        "unit": value.unit,
        "measured_in": str(when),
        "unit_of_time": rule.unit_of_time,
        "not_measured_since": unmeasured,
    }
    return Liability(
        rule=rule.id,
        section=section.id,
        quantity=of,
        party=docket.upstream(section),
        opened=opened,
        status="open" if restored is None else "restored",
        restored=restored,
        stretches=stretches,
        clause=rule.clause,
        inputs=inputs,
    )
