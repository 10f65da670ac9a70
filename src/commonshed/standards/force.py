"""When and where an edition is in force: stretches of days for a place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from commonshed.standards.lineage import lineage
from commonshed.standards.schema import Edition, ForceStage, Phase

__all__ = ["Stretch", "covers", "gap_to", "intersect", "stretches"]

Stretch = tuple[date, date]
"""First and last day, both included; ``date.max`` when no end is known."""


def stretches(edition: Edition, place: str, phase: str | None = None) -> list[Stretch]:
    """The stretches of days on which an edition is in force in a place, in order and apart from each other.

    Parameters
    ----------
    edition : Edition
        A guideline, which binds nobody, is in force nowhere.
    place : str
        Code of a jurisdiction.
    phase : str, optional
        Only while this phase of the edition holds; without it while any of its phases does.
    """
    if not edition.binding:
        return []
    held = _merged((s.first, s.last or date.max) for s in edition.in_force if _governs(s, edition.issuer, place))
    phases = [p for p in edition.phases if phase is None or p.key == phase]
    return intersect(held, _merged(map(_stretch, phases))) if phases else held


def intersect(left: Iterable[Stretch], right: Iterable[Stretch]) -> list[Stretch]:
    """The days in both."""
    right = list(right)
    common = [(max(a, c), min(b, d)) for a, b in left for c, d in right]
    return sorted((first, last) for first, last in common if first <= last)


def covers(held: Iterable[Stretch], first: date, last: date) -> bool:
    """Whether one stretch holds every day from first to last."""
    return any(a <= first and last <= b for a, b in held)


def gap_to(stretch: Stretch, day: date) -> int:
    """Days between a day and a stretch; 0 within it."""
    first, last = stretch
    return max((first - day).days, (day - last).days, 0)


def _governs(stage: ForceStage, issuer: str, place: str) -> bool:
    above = lineage(place)
    if issuer not in above or any(code in above for code in stage.except_places):
        return False
    return stage.places is None or any(code in above for code in stage.places)


def _stretch(phase: Phase) -> Stretch:
    return phase.first, phase.last or date.max


def _merged(held: Iterable[Stretch]) -> list[Stretch]:
    merged: list[Stretch] = []
    for first, last in sorted(held):
        if merged and (merged[-1][1] == date.max or first <= merged[-1][1] + timedelta(days=1)):
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged
