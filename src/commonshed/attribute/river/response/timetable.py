"""What happens when and who is called by when: a plan as lines in the order of the clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from commonshed.attribute.river.response.responding import Measure, Response
from commonshed.attribute.river.spill import Arrival
from commonshed.standards.parts import Text

__all__ = ["CallLine", "Event", "calls", "timetable"]

EventKind = Literal[
    "spilled", "called", "ready", "acts", "stops", "may-arrive", "arrives", "peaks", "passed", "passed-late"
]
About = Literal["order", "act", "close", "warn", "tell"]


@dataclass(frozen=True)
class Event:
    """Something that happens at an hour.

    Attributes
    ----------
    hours : float
        After the release. [h]
    kind : EventKind
    id : str
        Of the place; empty for the spill and the call.
    rank : int or None
        Of the measure.
    value : float or None
        Of a peak. [unit of the scenario]
    """

    hours: float
    kind: EventKind
    id: str = ""
    rank: int | None = None
    value: float | None = None


@dataclass(frozen=True)
class CallLine:
    """Somebody to be called, about what, and by when.

    Attributes
    ----------
    role : Text
    about : {"order", "act", "close", "warn", "tell"}
        What the scenario says; a point to act; an intake to close; a border to warn; a section or town to tell.
    id : str
        Of the place.
    by : float
        Latest hour of the call that still is in time. [h]
    late : bool
        That hour lies before the first call: it is too late already.
    what : Text or None
        In the scenario's own words.
    rank : int or None
        Of the measure.
    """

    role: Text
    about: About
    id: str
    by: float
    late: bool = False
    what: Text | None = None
    rank: int | None = None


def timetable(response: Response) -> list[Event]:
    """All that is expected and all that is to be done, by the clock; times are those when nobody acts."""
    scenario = response.setting.scenario
    events = [Event(0.0, "spilled")]
    called = (scenario.call_at - scenario.at).total_seconds() / 3600
    events.append(Event(called, "called"))
    for measure in response.measures:
        events.extend(_acting(measure))
    factor = scenario.substance.per_gram_per_cubic_metre
    for arrival in response.arrivals:
        events.extend(_passing(arrival, factor))
    return sorted(events, key=lambda event: event.hours)


def _acting(measure: Measure) -> Iterator[Event]:
    action = measure.planned
    if measure.rank is None or action is None:
        return
    yield Event(action.ready, "ready", measure.point.id, measure.rank)
    yield Event(action.start, "acts", measure.point.id, measure.rank)
    yield Event(action.end, "stops", measure.point.id, measure.rank)


def _passing(arrival: Arrival, factor: float) -> Iterator[Event]:
    if arrival.arrival_band is not None and arrival.arrival_band[0] is not None:
        yield Event(arrival.arrival_band[0], "may-arrive", arrival.at)
    if arrival.arrival is None:
        return
    yield Event(arrival.arrival, "arrives", arrival.at)
    if arrival.peak_time is not None:
        yield Event(arrival.peak_time, "peaks", arrival.at, value=arrival.peak * factor)
    if arrival.passage is not None:
        yield Event(arrival.passage, "passed", arrival.at)
    if arrival.passage_band is not None and arrival.passage_band[1] is not None:
        yield Event(arrival.passage_band[1], "passed-late", arrival.at)


def calls(response: Response) -> list[CallLine]:
    """Who is called: first what the scenario orders, then the points in their order, then whoever is downstream."""
    return [*_ordered(response), *_to_act(response), *_downstream(response)]


def _first_call(response: Response) -> float:
    scenario = response.setting.scenario
    return (scenario.call_at - scenario.at).total_seconds() / 3600


def _ordered(response: Response) -> Iterator[CallLine]:
    setting = response.setting
    for call in setting.scenario.call:
        by = _first_call(response) + call.within / 60
        yield CallLine(setting.role(call.role), "order", "", by, what=call.what)


def _to_act(response: Response) -> Iterator[CallLine]:
    called = _first_call(response)
    for measure in response.measures:
        if measure.rank is None or measure.planned is None:
            continue
        by = measure.planned.start - measure.point.minutes / 60
        for role in measure.point.calls:
            yield CallLine(
                response.setting.role(role),
                "act",
                measure.point.id,
                max(by, called),
                what=measure.point.does,
                rank=measure.rank,
            )


def _downstream(response: Response) -> Iterator[CallLine]:
    """Intakes to close, borders to warn, towns to tell, before the earliest arrival that the bands allow."""
    about: dict[str, About] = {"intake": "close", "border": "warn"}
    marks, setting = response.setting.rivers.marks, response.setting
    for arrival in response.arrivals:
        early = arrival.arrival_band[0] if arrival.arrival_band is not None else None
        by = early if early is not None else arrival.arrival
        mark = marks.get(arrival.at)
        if by is None or mark is None:
            continue
        roles = [setting.role(role) for role in mark.calls]
        if mark.kind == "border" and mark.towards is not None and not roles:
            roles = [setting.jurisdictions.get(mark.towards, Text(en=mark.towards, zh=mark.towards))]
        for role in roles:
            yield CallLine(role, about.get(mark.kind, "tell"), mark.id, by, late=by < _first_call(response))
