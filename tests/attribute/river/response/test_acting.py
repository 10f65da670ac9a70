"""When a point acts, and how much of what passes it stops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.attribute.river.response.straight_river import point, setting, straight

from commonshed.attribute.river.response import Setting, act, set_on, standing
from commonshed.attribute.river.response.acting import hours_of_action, share_of
from commonshed.errors import RiverError

TIMES = np.linspace(0, 30, 601)


def slick(middle: float, spread: float) -> np.ndarray:
    """A cloud that passes around an hour. [mg/L]"""
    return np.exp(-((TIMES - middle) ** 2) / (2 * spread**2))


def at(**changes: object) -> Setting:
    return setting(point=[point("G", 5000.0, **changes)])


@pytest.mark.parametrize(
    ("ready", "arrival", "earliest", "passed", "told"),
    [
        (2.0, 5.0, 3.0, 9.0, "in time"),
        (4.0, 5.0, 3.0, 9.0, "likely in time"),
        (4.0, 5.0, None, 9.0, "in time"),
        (6.0, 5.0, 3.0, 9.0, "in part"),
        (6.0, 5.0, 3.0, None, "in part"),
        (9.5, 5.0, 3.0, 9.0, "too late"),
        (1.0, None, None, None, "not reached"),
    ],
)
def test_a_point_is_in_time_before_the_earliest_arrival(
    ready: float, arrival: float | None, earliest: float | None, passed: float | None, told: str
) -> None:
    assert standing(ready, arrival, earliest, passed) == told


def test_a_basin_is_full_after_its_volume_over_what_it_takes_in() -> None:
    # 36,000 m³ at 10 m³/s are 3,600 s; a gate that lets half pass needs twice as long.
    held = at(capacity=36_000.0)
    assert hours_of_action(held, held.points[0], 1.0) == 1.0
    assert hours_of_action(held, held.points[0], 0.5) == 2.0
    assert hours_of_action(at(), at().points[0], 1.0) == np.inf
    assert hours_of_action(at(hours=7.0), at(hours=7.0).points[0], 1.0) == 7.0


def test_a_pond_stops_as_much_as_it_takes_of_the_flow() -> None:
    held = at(kind="pond", flow=4.0)
    assert share_of(held, held.points[0]) == 0.4
    more = at(kind="pond", flow=40.0)
    assert share_of(more, more.points[0]) == 1.0


def test_nobody_knows_what_a_pond_takes_where_nobody_knows_the_flow() -> None:
    network = straight()
    assert network.rivers is not None
    held = at(kind="pond", flow=4.0)
    dry = set_on(network, held.scenario.model_copy(update={"water": held.scenario.water}))
    reaches = dict(dry.rivers.reaches)
    from dataclasses import replace

    reaches["middle"] = replace(reaches["middle"], discharge=None)
    without = replace(dry, rivers=replace(dry.rivers, reaches=reaches))
    with pytest.raises(RiverError, match="nobody knows how much water passes G"):
        share_of(without, without.points[0])


def test_a_gate_that_is_soon_full_shuts_while_most_passes() -> None:
    held = at(capacity=72_000.0)
    action = act(held, held.points[0], TIMES, slick(12.0, 1.5))
    assert action.end - action.start == pytest.approx(2.0)
    # The two hours around the peak hold erf(1 / (1.5 √2)) of a Gaussian cloud: 0.495.
    assert action.start == pytest.approx(11.0, abs=0.06)
    assert action.caught == pytest.approx(0.495, abs=0.002)


def test_a_point_that_lasts_acts_from_the_first_to_the_last_of_it() -> None:
    held = at(share=0.6)
    action = act(held, held.points[0], TIMES, slick(12.0, 1.5))
    assert 6.0 < action.start < 8.0
    assert 16.0 < action.end < 18.0
    assert action.caught == pytest.approx(0.6, abs=0.002)


def test_a_point_that_lasts_waits_for_the_earliest_and_the_latest_of_the_members() -> None:
    held = at()
    action = act(held, held.points[0], TIMES, slick(12.0, 1.5), (5.0, 22.0))
    assert (action.start, action.end) == (5.0, 22.0)
    short = at(hours=8.0)
    assert act(short, short.points[0], TIMES, slick(12.0, 1.5), (5.0, 22.0)).end < 17


def test_a_point_begins_no_earlier_than_it_is_ready() -> None:
    held = at(minutes=720.0)
    action = act(held, held.points[0], TIMES, slick(12.0, 1.5))
    assert action.ready == action.start == 12.0
    assert action.caught == pytest.approx(0.5, abs=0.01)


def test_a_point_that_is_ready_after_the_forecast_does_nothing() -> None:
    held = at(minutes=3000.0)
    action = act(held, held.points[0], TIMES, slick(12.0, 1.5))
    assert action.interception is None
    assert action.caught == 0


@settings(max_examples=60, deadline=None)
@given(st.floats(2, 25), st.floats(0.3, 4), st.floats(0.05, 1), st.floats(0.5, 20), st.floats(0, 600))
def test_no_point_stops_more_than_its_share_and_longer_never_stops_less(
    middle: float, spread: float, share: float, hours: float, minutes: float
) -> None:
    cloud = slick(middle, spread)
    held, longer = at(share=share, hours=hours, minutes=minutes), at(share=share, hours=1.5 * hours, minutes=minutes)
    action, more = act(held, held.points[0], TIMES, cloud), act(longer, longer.points[0], TIMES, cloud)
    assert 0 <= action.caught <= share + 1e-9
    assert action.start >= action.ready
    assert action.end - action.start <= hours + 1e-9
    assert more.caught >= action.caught - 2e-3
