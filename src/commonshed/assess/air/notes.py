"""What a reader of a figure should know and no field says: doubtful sources, other reference states, changes of law."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from commonshed.assess.air.against import measured_state
from commonshed.periods import Period
from commonshed.standards import Regime

if TYPE_CHECKING:
    from commonshed.assess.air.whose import Places

__all__ = ["notes"]


class _Graded(Protocol):
    @property
    def regime(self) -> Regime: ...
    @property
    def places(self) -> Places: ...


def notes(part: _Graded, unit: Period, *, by_day: bool = False) -> list[str]:
    """Sentences that belong to the records of a unit of time, or of each of its days."""
    law = part.places.places[0].law if part.places.places else ""
    return [
        *part.regime.warnings,
        *(() if by_day else _composite(part.regime.at(unit.last))),
        *_reference_state(part.regime, unit, law),
        *(() if by_day else _partly_in_force(part.regime, unit, law)),
    ]


def _composite(regime: Regime) -> Iterator[str]:
    """A composite index whose formula we are not sure of says so."""
    composite = regime.assessment.composite if regime.assessment else None
    if composite is None:
        return
    weights = sum(term.weight for term in composite.terms)
    if composite.divisor == 1 and weights != len(composite.terms):
        status = regime.status_of(composite)
        reason = f" ({status.status}: {status.note})" if status.note else f" ({status.status})"
        yield f"the composite index is the weighted sum, not divided by the sum of the weights, {weights}{reason}"


def _reference_state(regime: Regime, unit: Period, law: str) -> Iterator[str]:
    wanted = regime.reference_state("gas", unit.last)
    if not law or wanted is None:
        return
    states = dict.fromkeys(measured_state(law, day, regime) for day in (unit.first, unit.last))
    other = [str(state) for state in states if state is not None and state != wanted]
    if other:
        yield (
            f"gases are graded as measured, at {' and '.join(other)}; {regime.id} counts them at {wanted}. "
            "Set one regime against the other to see them converted"
        )


def _partly_in_force(regime: Regime, unit: Period, law: str) -> Iterator[str]:
    if not law or regime.in_force(unit, law):
        return
    ends = [regime.in_force(Period(day, day), law) for day in (unit.first, unit.last)]
    if any(ends):
        first = "the first" if ends[0] else "the last"
        yield f"{regime.id} was in force in {law} on {first} day of this period, not on all of them"
