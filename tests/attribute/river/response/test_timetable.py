"""Lines by the clock, and who is called in time for the earliest water."""

from __future__ import annotations

import pytest
from tests.attribute.river.response.straight_river import point, setting

from commonshed.attribute.river.response import Response, calls, respond, timetable


@pytest.fixture(scope="module")
def response() -> Response:
    told = [{"role": "works", "within": 15.0, "what": {"en": "Sample.", "zh": "采样。"}}]
    return respond(setting(point=[point("G", 8000.0, capacity=36_000.0)], call=told), members=24)


def test_everything_is_told_in_the_order_of_the_clock(response: Response) -> None:
    events = timetable(response)
    assert [event.hours for event in events] == sorted(event.hours for event in events)
    assert [event.kind for event in events[:2]] == ["spilled", "called"]
    at_intake = [event.kind for event in events if event.id == "I1"]
    assert at_intake == ["may-arrive", "arrives", "peaks", "passed", "passed-late"]
    at_gate = [event.kind for event in events if event.id == "G"]
    assert at_gate == ["ready", "acts", "stops"]


def test_who_is_ordered_comes_first_then_the_points_then_those_downstream(response: Response) -> None:
    lines = calls(response)
    assert [(line.about, line.role.en) for line in lines] == [
        ("order", "Waterworks"),
        ("act", "Keeper"),
        ("close", "Waterworks"),
        ("warn", "Down"),
    ]


def test_a_call_is_in_time_for_the_earliest_water_and_for_the_minutes_a_point_needs(response: Response) -> None:
    order, act, close, _ = calls(response)
    assert order.by == 0.25
    action = response.measures[0].planned
    assert action is not None
    assert act.by == pytest.approx(action.start - 0.5)
    (intake,) = [arrival for arrival in response.arrivals if arrival.at == "I1"]
    assert intake.arrival_band is not None
    assert close.by == intake.arrival_band[0]
    assert not close.late


def test_a_call_that_comes_after_the_water_says_so() -> None:
    late = respond(setting(called="2024-05-02T08:00:00+08:00"))
    (line,) = [line for line in calls(late) if line.about == "close"]
    assert line.late
