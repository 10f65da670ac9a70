"""What can still be done, what each measure would save downstream, and in which order to begin.

Every cut is a run of the same solver with the point acting, never a rule of thumb. Order is by what a point adds to
those already chosen: the point that alone saves most first, then the one that with it saves most, and so on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf

from commonshed.attribute.river.response.acting import Action, Standing, act, standing
from commonshed.attribute.river.response.points import Point
from commonshed.attribute.river.response.setting import Setting
from commonshed.attribute.river.spill import Arrival, Forecast, Uncertainty, forecast

__all__ = ["Measure", "Response", "harm", "respond"]

_FRAMES = 192
"""Pictures of the whole river; the same of every run, because the solver's steps fit between them."""


@dataclass(frozen=True)
class Measure:
    """One response point, alone and in its place in the order.

    Attributes
    ----------
    point : Point
    standing : Standing
    action : Action
        When it acts if it is the only one.
    water : Arrival
        The spill at the point when nobody acts.
    alone : mapping of id to Arrival
        At each watched place below, if it is the only one.
    rank : int or None
        Place in the recommended order, from 1; none: it can do nothing.
    planned : Action or None
        When it acts as part of the order.
    after : mapping of id to Arrival
        At each watched place with this and all before it in the order.
    """

    point: Point
    standing: Standing
    action: Action
    water: Arrival
    alone: Mapping[str, Arrival] = field(default_factory=dict)
    rank: int | None = None
    planned: Action | None = None
    after: Mapping[str, Arrival] = field(default_factory=dict)


@dataclass(frozen=True)
class Response:
    """A forecast and what can be done about it.

    Attributes
    ----------
    setting : Setting
    forecast : Forecast
        When nobody acts.
    arrivals : tuple of Arrival
        At the watched places, with bands where there are members.
    measures : tuple of Measure
        In the recommended order, then those that can do nothing, in order of flow.
    with_all : Forecast
        When all that can act do, as they do in the order; with bands where there are members.
    """

    setting: Setting
    forecast: Forecast
    arrivals: tuple[Arrival, ...]
    measures: tuple[Measure, ...]
    with_all: Forecast

    @property
    def after(self) -> Mapping[str, Arrival]:
        """At each watched place when all that can act do."""
        return {arrival.at: arrival for arrival in self.with_all.arrivals}


def respond(setting: Setting, *, members: int | None = None) -> Response:
    """Forecast a spill and try what each response point would do about it.

    Parameters
    ----------
    setting : Setting
    members : int, optional
        Runs that make the bands; without it as many as the scenario says, 0 for none.

    Raises
    ------
    RiverError
        A reach below the release has no flow or length, or a point depends on a flow that nobody knows.
    """
    trial = _Trial(setting, members)
    base = trial.base
    told = {arrival.at: arrival for arrival in base.arrivals}
    measures = [_alone(trial, base, point, told[point.id]) for point in setting.points]
    ordered, actions = _in_order(trial, measures)
    arrivals = tuple(a for a in base.arrivals if a.at in setting.watched and a.distance is not None)
    with_all = trial.run(actions, members=trial.members) if actions else base
    return Response(setting, base, arrivals, tuple(ordered), with_all)


def harm(setting: Setting, result: Forecast) -> float:
    """How far above the threshold the places downstream get, summed, in multiples of the threshold.

    Intakes and towns count; where none is watched every watched place does.
    """
    threshold = setting.scenario.substance.threshold
    factor = setting.scenario.substance.per_gram_per_cubic_metre
    places = _counted(setting)
    peaks = [arrival.peak * factor for arrival in result.arrivals if arrival.at in places]
    return sum(max(0.0, peak / threshold - 1.0) for peak in peaks)


def _counted(setting: Setting) -> set[str]:
    marks = setting.rivers.marks
    at_risk = {id for id in setting.watched if id in marks and marks[id].kind in ("intake", "town")}
    return at_risk or set(setting.watched)


class _Trial:
    """Runs of the solver with points acting; runs that were made already are kept."""

    def __init__(self, setting: Setting, members: int | None) -> None:
        self.setting = setting
        self.places = tuple(dict.fromkeys([*setting.watched, *(point.id for point in setting.points)]))
        self.place_of = {point.id: position for position, point in enumerate(setting.points)}
        self.held: dict[frozenset[str], tuple[dict[str, Action], Forecast]] = {}
        self.members = setting.scenario.uncertainty.members if members is None else members
        self.base = self.run({}, members=self.members)

    def run(self, actions: Mapping[str, Action], *, members: int = 0) -> Forecast:
        """A run with points acting."""
        scenario = self.setting.scenario
        factor = scenario.substance.per_gram_per_cubic_metre
        spread = scenario.uncertainty
        acted = [action.interception for action in actions.values()]
        return forecast(
            self.setting.rivers,
            self.setting.release,
            hours=scenario.hours,
            dx=scenario.step,
            at=self.places,
            threshold=scenario.substance.threshold / factor,
            background=scenario.substance.background / factor,
            decay=scenario.substance.decay,
            responses=[each for each in acted if each is not None],
            members=members,
            uncertainty=Uncertainty(spread.velocity, spread.dispersion, spread.discharge),
            seed=spread.seed,
            frames=_FRAMES,
        )

    def together(self, ids: Iterable[str]) -> tuple[dict[str, Action], Forecast]:
        """Points acting together: each when it stops most of what those above it leave."""
        wanted = sorted(ids, key=self.place_of.__getitem__)
        key = frozenset(wanted)
        if key not in self.held:
            self.held[key] = self._try(wanted)
        return self.held[key]

    def _try(self, wanted: list[str]) -> tuple[dict[str, Action], Forecast]:
        if not wanted:
            return {}, self.base
        actions, before = self.together(wanted[:-1])
        own = self.action(wanted[-1], before)
        acting = actions | {wanted[-1]: own}
        return acting, self.run(acting)

    def action(self, id: str, before: Forecast) -> Action:
        point = self.setting.points[self.place_of[id]]
        passing = before.series[id] - before.background
        return act(self.setting, point, before.times, passing, self._around(id))

    def _around(self, id: str) -> tuple[float, float] | None:
        """Earliest arrival and latest passage at a point when nobody acts."""
        water = self.base.arrival(id)
        if water.arrival_band is None or water.arrival_band[0] is None or water.passage_band is None:
            return None
        late = water.passage_band[1]
        return water.arrival_band[0], self.setting.scenario.hours if late is None else late


def _alone(trial: _Trial, base: Forecast, point: Point, water: Arrival) -> Measure:
    if point.id not in base.series:
        nothing = Action(point, inf, inf, inf, 0.0, 0.0)
        return Measure(point, "off the way", nothing, water)
    action = trial.action(point.id, base)
    early = water.arrival_band[0] if water.arrival_band else None
    now = standing(action.ready, water.arrival, early, water.passage)
    if action.interception is None:
        return Measure(point, now, action, water)
    _, result = trial.together([point.id])
    return Measure(point, now, action, water, {arrival.at: arrival for arrival in result.arrivals})


def _in_order(trial: _Trial, measures: list[Measure]) -> tuple[list[Measure], dict[str, Action]]:
    """Choose again and again the point that leaves least harm; of equals the one that catches most."""
    left = {m.point.id: m for m in measures if m.alone and m.standing not in ("too late", "not reached")}
    chosen: list[str] = []
    ordered: list[Measure] = []
    while left:
        best = min(left, key=lambda id: _score(trial, [*chosen, id], left[id]))
        chosen.append(best)
        actions, result = trial.together(chosen)
        after = {arrival.at: arrival for arrival in result.arrivals}
        own = left.pop(best)
        ordered.append(
            Measure(own.point, own.standing, own.action, own.water, own.alone, len(chosen), actions[best], after)
        )
    able = {m.point.id for m in ordered}
    return [*ordered, *(m for m in measures if m.point.id not in able)], trial.together(chosen)[0]


def _score(trial: _Trial, ids: list[str], measure: Measure) -> tuple[float, float, float]:
    _, result = trial.together(ids)
    # Rounded, so that the last bits of a run do not decide between equals.
    return round(harm(trial.setting, result), 6), -round(measure.action.caught, 6), measure.action.ready
