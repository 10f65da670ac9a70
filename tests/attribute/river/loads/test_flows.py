"""Flow of every day from flow of some."""

from __future__ import annotations

import numpy as np
import pytest

from commonshed.attribute.river.loads.flows import Flows


def weekly(days: int = 120) -> np.ndarray:
    measured = np.full(days, np.nan)
    measured[::7] = np.random.default_rng(0).lognormal(1, 0.6, len(measured[::7]))
    return measured


def test_flows_measured_every_day_are_taken_as_they_are() -> None:
    measured = np.array([1.0, 2.0, 0.5])
    flows = Flows.of(measured)
    assert flows.daily
    assert flows.drawn(9, np.random.default_rng(0)).tolist() == [[1.0, 2.0, 0.5]]


def test_between_gauged_days_the_flow_is_a_straight_line() -> None:
    flows = Flows.of(np.array([np.nan, 2.0, np.nan, np.nan, 8.0, np.nan]))
    assert flows.filled.tolist() == pytest.approx([2, 2, 4, 6, 8, 8])
    assert not flows.daily


def test_made_up_flows_pass_through_what_was_measured_and_stray_between() -> None:
    measured = weekly()
    known = ~np.isnan(measured)
    drawn = Flows.of(measured).drawn(400, np.random.default_rng(1))
    assert drawn.shape == (400, 120)
    assert np.array_equal(drawn[:, known], np.tile(measured[known], (400, 1)))
    spread = np.log(drawn).std(axis=0)
    assert spread[~known].min() > 0.1
    assert (drawn > 0).all()


def test_beyond_the_last_gauged_day_a_flow_strays_from_it_as_it_does_before_the_first() -> None:
    logs = np.sin(np.arange(200) / 30)
    measured = np.full(260, np.nan)
    measured[30:230:5] = np.exp(logs[::5])
    drawn = np.log(Flows.of(measured).drawn(2000, np.random.default_rng(2)))
    first, last = 30, 225
    # A day on it is near what was gauged, and further off the longer nobody looked; time may run either way.
    assert np.median(drawn[:, last + 1]) == pytest.approx(np.log(measured[last]), abs=0.1)
    spread = drawn.std(axis=0)
    assert spread[last + 1] < spread[last + 10] < spread[last + 30]
    assert spread[last + 30] == pytest.approx(spread[first - 30], rel=0.15)


def test_the_volume_of_made_up_flows_is_about_that_of_the_straight_lines() -> None:
    flows = Flows.of(weekly(364))
    volume = flows.drawn(400, np.random.default_rng(1)).sum(axis=1)
    assert float(np.median(volume)) == pytest.approx(float(flows.filled.sum()), rel=0.1)


def test_a_river_that_was_dry_whenever_gauged_is_dry() -> None:
    flows = Flows.of(np.array([0.0, np.nan, 0.0]))
    assert flows.filled.tolist() == [0, 0, 0]
    assert flows.drawn(3, np.random.default_rng(0)).tolist() == [[0, 0, 0]]


def test_a_dry_day_among_wet_ones_stays_dry() -> None:
    measured = weekly()
    measured[7] = 0.0
    drawn = Flows.of(measured).drawn(50, np.random.default_rng(0))
    assert (drawn[:, 7] == 0).all()
    assert np.isfinite(drawn).all()


def test_two_sections_meet_the_same_storms_between_gauged_days() -> None:
    river, less = weekly(364), weekly(364)
    less[[14, 70]] = np.nan
    here, there = (Flows.of(flow).drawn(300, np.random.default_rng(5)).sum(axis=1) for flow in (river, less))
    other = Flows.of(less).drawn(300, np.random.default_rng(6)).sum(axis=1)
    assert np.corrcoef(here, there)[0, 1] > 0.6
    assert abs(np.corrcoef(here, other)[0, 1]) < 0.2
