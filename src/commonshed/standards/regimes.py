"""Regimes: the editions that grade together."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cache, cached_property
from typing import Literal

from commonshed.errors import UnknownName
from commonshed.periods import Period
from commonshed.standards.force import Stretch, covers, intersect, stretches
from commonshed.standards.layers import check_layer, strictest
from commonshed.standards.library import digest, edition, regime_file, regime_ids
from commonshed.standards.lineage import lineage
from commonshed.standards.noise import NoiseDay, NoiseMethod
from commonshed.standards.parts import Part, Provenance, Text
from commonshed.standards.schema import Assessment, Edition, Index, Limit, Statistic
from commonshed.standards.water import CityIndex, TrophicIndex, WaterMethod
from commonshed.units import ReferenceState

__all__ = ["Regime", "regime", "regimes"]


@dataclass(frozen=True, eq=False)
class Regime:
    """Editions that grade together.

    Two regimes are equal when they hold the same texts, byte for byte, and stand in the same phase and level.

    Attributes
    ----------
    id : str
        As it is named: ``cn-2012``, ``cn-2026@final``.
    title : Text
    editions : tuple of Edition
        Limits, then index, then method.
    governing : frozenset of str
        Ids of the editions that must be in force for the regime to be.
    phase : str or None
        The phase it stays in; none: the day decides.
    level : str or None
        The level of the limits: ``II``.
    layers : tuple of Edition
        Stricter local editions on top.
    """

    id: str
    title: Text
    editions: tuple[Edition, ...]
    governing: frozenset[str]
    phase: str | None = None
    level: str | None = None
    layers: tuple[Edition, ...] = ()
    note: Text | None = None

    @property
    def edition_ids(self) -> list[str]:
        """Ids of the editions, the layers last."""
        return [held.id for held in (*self.editions, *self.layers)]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should know of the editions that are held in part."""
        return tuple(f"{held.id}: {held.warning}" for held in self.editions if not held.complete and held.warning)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the digests of the editions, the phase and the level: two equal ones grade alike."""
        texts = [digest(held) for held in (*self.editions, *self.layers)]
        said = "\n".join([self.id, *texts, f"phase {self.phase}", f"level {self.level}"])
        return hashlib.sha256(said.encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Regime) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    # When and where.

    def in_force(self, period: Period, place: str) -> bool:
        """Whether every governing edition is in force in a place on every day of a period.

        A guideline binds nobody and is in force nowhere.
        """
        return covers(self.stretches(place), period.first, period.last)

    def stretches(self, place: str) -> list[Stretch]:
        """The stretches of days on which the whole regime is in force in a place."""
        if place not in self._stretches:
            held: list[Stretch] = [(date.min, date.max)]
            for governing in self.editions:
                if governing.id in self.governing:
                    held = intersect(held, stretches(governing, place, self.phase))
            self._stretches[place] = held
        return self._stretches[place]

    @cached_property
    def _stretches(self) -> dict[str, list[Stretch]]:
        """By place: a year of results asks for the same few places thousands of times."""
        return {}

    def at(self, day: date) -> Regime:
        """The regime in the phase that holds on a day: before the first phase the first, after the last the last.

        A regime that already stands in a phase stays in it, and so does one without phases.
        """
        if self.phase is not None:
            return self
        phase = next((p for held in self.editions if (p := held.phase_on(day))), None)
        if phase is None:
            return self
        if phase not in self._phased:
            self._phased[phase] = replace(self, phase=phase)
        return self._phased[phase]

    @cached_property
    def _phased(self) -> dict[str, Regime]:
        """This regime in each phase asked for so far: made once, since each learns where its parts stand."""
        return {}

    # Limits.

    def limit(
        self,
        quantity: str,
        of: str,
        day: date,
        level: str | None = None,
        *,
        sense: Literal["max", "min"] | None = None,
        water_body: str | None = None,
        water_type: str | None = None,
    ) -> Limit | None:
        """The limit of one statistic of one quantity on a day: the strictest of the editions and layers.

        Parameters
        ----------
        quantity, of : str
            As ``pm25`` and ``year``.
        day : date
            Decides the phase, unless the regime stands in one, and which layers are in force.
        level : str, optional
            The regime's own level unless another is asked for.
        sense : {"max", "min"}, optional
            The highest or the lowest that is allowed; unless asked for the highest, and where there is none the lowest.
        water_body, water_type : str, optional
            Only limits for this water; without, the strictest of all waters.

        Returns
        -------
        Limit or None
            Where the law has only a target value, the target. None when there is none of that level.
        """
        wanted = level or self.level
        if wanted is None:
            return None
        held = self.limits_of(quantity, of, day, water_body=water_body, water_type=water_type)
        for kind in ("limit", "target"):
            for side in ("max", "min") if sense is None else (sense,):
                alike = [at for at in held if (at.kind, at.sense) == (kind, side) and wanted in at.levels]
                if alike:
                    return strictest(alike, wanted)
        return None

    def limits_of(
        self, quantity: str, of: str, day: date, *, water_body: str | None = None, water_type: str | None = None
    ) -> list[Limit]:
        """Every limit of one statistic of one quantity on a day: a value of a level keeps all that have this level.

        Parameters
        ----------
        quantity, of : str
        day : date
        water_body, water_type : str, optional
            Only limits for this water; without, those of all waters.
        """
        return [
            limit
            for limit in self.limits(day)
            if (limit.quantity, limit.of) == (quantity, of) and limit.is_for(water_body, water_type)
        ]

    def value(self, quantity: str, of: str, day: date, level: str | None = None) -> Fraction | None:
        """The number of a limit, in the limit's unit: see ``limit``."""
        held = self.limit(quantity, of, day, level)
        return None if held is None else held.levels[level or self.level or ""]

    def limits(self, day: date) -> list[Limit]:
        """Every limit that holds on a day, those of the layers in force last."""
        phases = tuple(base.phase_on(day) for base in self.editions)
        if phases not in self._limits_in:
            found = [limit for base in self.editions for limit in base.limits if self._holds(base, limit, day)]
            self._limits_in[phases] = tuple(found)
        held = list(self._limits_in[phases])
        layers = [layer for layer in self.layers if covers(stretches(layer, layer.issuer), day, day)]
        return held + [limit for layer in layers for limit in layer.limits if self._holds(layer, limit, day)]

    @cached_property
    def _limits_in(self) -> dict[tuple[str | None, ...], tuple[Limit, ...]]:
        """Limits of the editions by the phase each stands in: asked for once a day, they change once in years."""
        return {}

    def _holds(self, held: Edition, limit: Limit, day: date) -> bool:
        phases = {phase.key for phase in held.phases}
        phase = self.phase if self.phase in phases else held.phase_on(day)
        return limit.phase is None or limit.phase == phase

    def with_layer(self, layer: Edition) -> Regime:
        """This regime with a stricter local edition on top; of several limits the strictest applies.

        Raises
        ------
        LaxerLayer
            One of its limits is above the one it would replace on its first day; the message shows both values.
        LawError
            The layer holds something other than limits, or levels the regime does not have.

        Notes
        -----
        A layer older than the regime was held against the law of its own day (see ``check_layer``) and is accepted
        here; where the regime is stricter by now, the regime's limit applies.
        """
        check_layer(self, layer)
        return replace(self, layers=(*self.layers, layer))

    def layered(self, layers: Sequence[Edition], place: str) -> Regime:
        """This regime with those of some local editions that were issued for a place, or for what it lies in.

        A layer was held against the law of its time when it came in. Under another regime some of its limits may be
        the laxer ones: then they change nothing. Layers of another medium, or with levels this regime does not have,
        are left out.
        """
        known = {level for held in self.editions for level in held.levels}
        own = tuple(
            layer
            for layer in layers
            if layer.medium == self.medium and layer.issuer in lineage(place) and known >= set(layer.levels)
        )
        return replace(self, layers=(*self.layers, *own)) if own else self

    # Method.

    def statistics(self, time: Literal["day", "hour"] = "day") -> list[Statistic]:
        """How hourly readings become the values this regime grades."""
        return [held for base in self.editions for held in base.statistics if held.time == time]

    @property
    def medium(self) -> str:
        """What it grades: ``air``, ``water`` or ``noise``."""
        return self.editions[0].medium

    @property
    def water(self) -> WaterMethod | None:
        """How samples become a section's class, if the regime grades water."""
        return next((held.water for held in self.editions if held.water), None)

    @property
    def trophic(self) -> TrophicIndex | None:
        """The trophic index of lakes, if the regime has one."""
        return next((held.trophic for held in self.editions if held.trophic), None)

    @property
    def city_index(self) -> CityIndex | None:
        """The index cities are ranked by for their water, if the regime has one."""
        return next((held.city_index for held in self.editions if held.city_index), None)

    @property
    def noise_day(self) -> NoiseDay | None:
        """Into which parts a day falls, if the regime grades noise."""
        return next((held.noise_day for held in self.editions if held.noise_day), None)

    @property
    def noise(self) -> NoiseMethod | None:
        """How sound levels become grades, if the regime grades noise."""
        return next((held.noise for held in self.editions if held.noise), None)

    @property
    def index(self) -> Index | None:
        """The air quality index, if the regime has one."""
        return next((held.index for held in self.editions if held.index), None)

    @cached_property
    def assessment(self) -> Assessment | None:
        """The method for months and years, in the regime's phase; without one, in the first: call ``at`` before."""
        base = next((held for held in self.editions if held.assessment), None)
        if base is None or base.assessment is None:
            return None
        phases = [phase.key for phase in base.phases]
        phase = self.phase if self.phase in phases else next(iter(phases), None)
        return _in_phase(base.assessment, phase)

    def reference_state(self, kind: Literal["gas", "particulate"], day: date) -> ReferenceState | None:
        """The state at which concentrations are reported on a day.

        Returns
        -------
        ReferenceState or None
            None: the actual state while sampling, or the regime does not say. Before the first rule the first holds.
        """
        rules = [rule for held in self.editions for rule in held.reference_states if rule.kind == kind]
        begun = [rule for rule in rules if rule.first <= day] or rules[:1]
        if not begun or begun[-1].temperature is None:
            return None
        pressure = begun[-1].pressure
        return (
            ReferenceState(begun[-1].temperature)
            if pressure is None
            else ReferenceState(begun[-1].temperature, pressure)
        )

    # Where it is written, and how sure we are.

    def edition_of(self, part: Part) -> Edition:
        """The edition a part stands in.

        Raises
        ------
        KeyError
            The part is not of this regime.
        """
        held = self._origins.get(id(part))
        if held is not None:
            return held
        # A part narrowed to a phase is a copy: know it by what it cites.
        alike = [h for h in (*self.editions, *self.layers) for p in h.parts() if _cites_as(p, part)]
        if not alike:
            raise KeyError(f"{type(part).__name__} is not a part of {self.id}")
        return alike[0]

    def clause(self, part: Part, language: str = "en") -> str:
        """Where a part is written, for a sentence: ``HJ 663-2013, clause 6 (data statistics)``."""
        held = self.edition_of(part)
        clause = getattr(part, "clause", None)
        if clause is None:
            return held.id
        document = clause.document or held.id
        return f"{document}，{clause.zh}" if language.startswith("zh") else f"{document}, {clause.en}"

    def status_of(self, part: Part, aspect: str = "") -> Provenance:
        """How sure we are of a part.

        Parameters
        ----------
        part : Part
            Of one of the editions.
        aspect : str, optional
            One of the part's further provenances: ``rounding`` of a statistic, ``daily_values`` of an assessment.
        """
        key = getattr(part, f"{aspect}_provenance" if aspect else "provenance")
        return self.edition_of(part).provenance[key]

    @cached_property
    def _origins(self) -> dict[int, Edition]:
        return {id(part): held for held in (*self.editions, *self.layers) for part in held.parts()}


def _in_phase(method: Assessment, phase: str | None) -> Assessment:
    tests = tuple(test for test in method.tests if test.phase in (None, phase))
    composite = method.composite
    if composite is not None:
        terms = tuple(term for term in composite.terms if term.phase in (None, phase))
        composite = composite if terms == composite.terms else composite.model_copy(update={"terms": terms})
    if tests == method.tests and composite is method.composite:
        return method
    return method.model_copy(update={"tests": tests, "composite": composite})


def _cites_as(left: Part, right: Part) -> bool:
    return type(left) is type(right) and all(
        getattr(left, name, None) == getattr(right, name, None) for name in ("clause", "provenance")
    )


@cache
def regime(text: str) -> Regime:
    """A regime by its name, with a phase or a level after an ``@``.

    >>> regime("cn-2012").level, regime("cn-2012@I").level
    ('II', 'I')

    Raises
    ------
    UnknownName
        There is no such regime, or it has no such phase or level; the message lists near ones.
    """
    id, *choices = text.strip().split("@")
    declared = regime_file(id)
    editions = tuple(edition(use.id) for use in declared.editions)
    made = Regime(
        id=text.strip(),
        title=declared.title,
        editions=editions,
        governing=frozenset(use.id for use in declared.editions if use.governs),
        phase=declared.phase,
        level=declared.level,
        note=declared.note,
    )
    for choice in choices:
        made = _chosen(made, choice)
    return made


def _chosen(made: Regime, choice: str) -> Regime:
    phases = list(dict.fromkeys(phase.key for held in made.editions for phase in held.phases))
    levels = list(dict.fromkeys(level for held in made.editions for level in held.levels))
    if choice in phases:
        return replace(made, phase=choice)
    if choice in levels:
        return replace(made, level=choice)
    raise UnknownName(f"phase or level of {made.id.partition('@')[0]}", choice, [*phases, *levels])


def regimes(medium: str | None = None) -> dict[str, Regime]:
    """Every regime we hold, by id; of one medium, if one is named."""
    held = {id: regime(id) for id in regime_ids()}
    return {id: law for id, law in held.items() if medium in (None, law.medium)}
