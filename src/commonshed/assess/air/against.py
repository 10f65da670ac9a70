"""Old air under a new law: any result beside another regime, gases converted and, in a second column, as measured.

A gas is counted per volume at a reference state, and the state changed: the same air has another number. Before a
result is set beside a regime that counts at another state, its gases are multiplied by an exact rational. Particulate
matter is counted at the state while sampling, which nobody recorded: it stands as measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache

from commonshed.errors import NotCovered
from commonshed.periods import Period
from commonshed.standards import Regime, regime_for
from commonshed.units import ReferenceState, gas_factor

__all__ = ["Conversion", "measured_state"]


@dataclass(frozen=True)
class Conversion:
    """What gases are multiplied by to stand at another regime's reference state.

    Attributes
    ----------
    measured_under : Regime
        Whose state applies where no law of the place is known.
    wanted : Regime
    law : str
        Jurisdiction of the place.
    """

    measured_under: Regime
    wanted: Regime
    law: str

    def factor(self, day: date) -> Fraction:
        """The factor of a day; 1 where either side names no state."""
        return _factor(measured_state(self.law, day, self.measured_under), self.wanted.reference_state("gas", day))

    def factors(self, period: Period) -> list[Fraction]:
        """The different factors of a period, in order of time."""
        return list(dict.fromkeys(self.factor(day) for day in period.each_day()))

    def why(self, period: Period) -> str:
        """The sentence that says what was converted, and what could not be."""
        return f"{self._gases(period)} {_PARTICULATE}"

    def _gases(self, period: Period) -> str:
        wanted = self.wanted.reference_state("gas", period.last)
        if wanted is None:
            return f"Gases stand as measured: {self.wanted.id} names no reference state for them."
        by_state: dict[ReferenceState | None, None] = dict.fromkeys(
            measured_state(self.law, day, self.measured_under) for day in period.each_day()
        )
        parts = []
        for state in by_state:
            if state is None:
                parts.append("stand as measured where no reference state is known")
            elif state == wanted:
                parts.append(f"stand as measured, at {wanted}")
            else:
                parts.append(f"measured at {state} are multiplied by {_factor(state, wanted)} to stand at {wanted}")
        return f"Gases {'; those '.join(parts)}."


_PARTICULATE = (
    "Particulate matter is counted at the state of the air while sampling, which is not recorded: "
    "it cannot be converted and stands as measured."
)


@cache
def _factor(measured: ReferenceState | None, wanted: ReferenceState | None) -> Fraction:
    return Fraction(1) if measured is None or wanted is None else gas_factor(measured, wanted)


@cache
def measured_state(law: str, day: date, otherwise: Regime) -> ReferenceState | None:
    """The state gases were reported at in a place on a day: that of the law in force there and then.

    Where no law we hold was in force, the regime they are graded by decides.
    """
    try:
        governing = regime_for(day, law) if law else otherwise
    except NotCovered:
        governing = otherwise
    return governing.reference_state("gas", day) or otherwise.reference_state("gas", day)
