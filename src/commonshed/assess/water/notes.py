"""What a reader of a figure should know and no field says: doubtful sources, and what was taken for granted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from commonshed.assess.water.means import Hydrogen
from commonshed.assess.water.values import body_of
from commonshed.standards import Regime

if TYPE_CHECKING:
    from commonshed.assess.water.assessment import WaterPart
    from commonshed.assess.water.sections import SectionGrade

__all__ = ["notes", "notes_of_rank", "notes_of_section"]

_COUNTS_AS = {"half": "half the detection limit", "zero": "nought", "limit": "the detection limit"}


def notes(regime: Regime, sections: Sequence[SectionGrade]) -> list[str]:
    """Sentences that belong to a record of these sections."""
    return [*regime.warnings, *_below_detection(regime, sections)]


def notes_of_section(grade: SectionGrade) -> list[str]:
    """Sentences on one section."""
    return [*_body(grade), *_untyped(grade), *_target(grade), *_rounding(grade), *_few(grade)]


def notes_of_rank(part: WaterPart, at: int) -> list[str]:
    """Why a jurisdiction with an index has no rank: its index is a sum of other quantities than most have."""
    city = part.cities[at] if part.cities else None
    if city is None or city.index is None or part.ranks[at][0] is not None:
        return []
    assert part.waters is not None
    level = [water.level for water in part.waters.waters]
    ranked = next(i for i, rank in enumerate(part.ranks) if rank[0] is not None and level[i] == level[at])
    lacks = [key for key in city.missing if key not in part.cities[ranked].missing]
    besides = [key for key in part.cities[ranked].missing if key not in city.missing]
    differs = [f"lacks {', '.join(lacks)}"] if lacks else []
    differs += [f"also holds {', '.join(besides)}"] if besides else []
    return [f"not ranked: compared with the index of those ranked, this one {' and '.join(differs)}"]


def _below_detection(regime: Regime, sections: Sequence[SectionGrade]) -> Iterator[str]:
    method = regime.water
    if method is None or not any(held.below for grade in sections for held in grade.values.values()):
        return
    status = regime.status_of(method, "below_detection").status
    yield f"samples below detection count as {_COUNTS_AS[method.below_detection]} ({status})"


def _body(grade: SectionGrade) -> Iterator[str]:
    if grade.section.water_body is None:
        yield "nothing says whether this is a river or a lake: the limits of rivers were used"


def _untyped(grade: SectionGrade) -> Iterator[str]:
    """Limits that hold for types of water apply only where the section names its type."""
    bare = [key for key in grade.scale.method.assessed if key in grade.values and key not in grade.scale.bounds]
    if bare:
        kind = f"a {body_of(grade.section)} of type {grade.section.water_type}" if grade.section.water_type else "water"
        without = "" if grade.section.water_type else " without a named type"
        yield f"{', '.join(bare)}: {grade.scale.regime.id} has no limits for {kind}{without}; not graded"


def _target(grade: SectionGrade) -> Iterator[str]:
    target, known = grade.section.target, grade.scale.levels
    if target is not None and target not in known:
        yield f"the target {target} is no class of {grade.scale.regime.id}, which has {', '.join(known)}"


def _rounding(grade: SectionGrade) -> Iterator[str]:
    """Where the figure as printed would be of another class than the value that was compared."""
    for key in grade.scale.assessed:
        held = grade.values.get(key)
        if held is not None and (other := grade.scale.class_of(key, held.figure)) != held.level:
            status = grade.scale.regime.status_of(grade.scale.method, "compared").status
            yield f"{key} is compared before rounding ({status}); as published, {held.published}, it would be {other}"


def _few(grade: SectionGrade) -> Iterator[str]:
    """A quantity sampled less often than others can decide a class by chance."""
    counts = {key: grade.values[key].samples for key in grade.scale.assessed if key in grade.values}
    most = max(counts.values(), default=0)
    few = [f"{key} ({n})" for key, n in counts.items() if 2 * n < most]
    if few:
        yield f"sampled less than half as often as others ({most}): {', '.join(few)}"
    for key in counts:
        value = grade.values[key].value
        if isinstance(value, Hydrogen) and len(value.shares) > 1:
            yield "the mean pH is that of the mean hydrogen-ion concentration"
