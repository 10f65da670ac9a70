"""Finite volumes against analytic solutions, and laws that hold on any network."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.validation_spill import instantaneous_errors, ogata_banks, ogata_banks_errors, steady_errors
from hypothesis import given, settings
from hypothesis import strategies as st

from commonshed.attribute.river.spill import Channel, Interception, Release, Sorption, Storage
from commonshed.attribute.river.spill.channel import Downstream, Spot
from commonshed.attribute.river.spill.grid import grid_of
from commonshed.attribute.river.spill.transport import march


def test_an_instantaneous_release_with_decay_is_met_at_second_order() -> None:
    found = instantaneous_errors((200.0, 100.0, 50.0))
    assert found.error[1] < 0.006
    assert min(found.order) > 2.0
    assert max(found.mass) < 1e-12


def test_ogata_and_banks_is_met_at_second_order() -> None:
    found = ogata_banks_errors((200.0, 100.0, 50.0))
    assert found.error[1] < 0.0005
    assert min(found.order) > 2.0
    assert max(found.mass) < 1e-12


def test_a_steady_release_is_met_at_second_order() -> None:
    found = steady_errors((200.0, 100.0, 50.0))
    assert found.error[1] < 0.0005
    assert min(found.order) > 2.0


def test_our_ogata_and_banks_gives_a_published_value() -> None:
    # J. R. Craig's OgataBanks.xlsm (University of Waterloo), as the tests of the R package hydrorecipes quote it, to
    # their 1e-4: a spreadsheet's erfc is no better.
    assert float(ogata_banks(1.0, 1.4, u=1.0, D=0.1)) == pytest.approx(0.838457815, abs=1e-4)


def test_pure_advection_moves_a_block_without_smearing_it_much_or_overshooting() -> None:
    channel = Channel("r", "a", "b", 30_000.0, 5.0, 10.0, 0.0)
    grid = grid_of(Downstream((channel,)), 100.0)
    release = Release.pulse("r", 5.0 * 3.6 * 2, duration=2)
    found = march(grid, [(release, Spot(0, 0.0))], hours=10, frames=10)
    C = found.frames[-1]
    assert C.max() <= 1 + 1e-12
    assert C.min() >= 0
    assert (C > 0.99).sum() * 100 == pytest.approx(3_600, rel=0.4)
    assert (C > 0.01).sum() * 100 < 3_600 + 8 * 100


reach = st.tuples(st.floats(200, 8_000), st.floats(0.05, 2.0), st.floats(1, 500), st.floats(0, 300), st.floats(0, 1e-4))


@settings(max_examples=25, deadline=None)
@given(
    reaches=st.lists(reach, min_size=2, max_size=6),
    part=st.floats(0.05, 0.95),
    at=st.floats(0, 1),
    held=st.booleans(),
    duration=st.floats(0.05, 5),
)
def test_mass_is_kept_and_no_concentration_is_negative_on_any_network(
    reaches: list[tuple[float, float, float, float, float]], part: float, at: float, held: bool, duration: float
) -> None:
    channels = []
    for n, (length, u, Q, D, decay) in enumerate(reaches):
        # The second node divides, the parts meet again below: dilution, division and confluence in one.
        above, below, share = f"{n}", f"{n + 1}", 1.0
        if n == 1:
            share = part
        if n == 2:
            above, below, share = "1", "2", 1 - part
        stored = Storage(Q / u / 3, 1e-5, decay=1e-6) if n % 2 else None
        sorbed = Sorption(5e-5, 2.0) if n % 3 == 1 else None
        channels.append(Channel(f"r{n}", above, below, length, Q, Q / u, D, 1e-6 * n, share, decay, stored, sorbed))
        if n == 2:
            channels[-1] = Channel(f"r{n}", "1", "2", length, Q, Q / u, D, 0.0, share, decay)
    course = Downstream(tuple(channels))
    grid = grid_of(course, 200.0)
    releases = [
        (Release.instant("x", 3.0, start=0.3), Spot(0, at * reaches[0][0])),
        (Release.pulse("x", 2.0, duration=duration, start=0.1), Spot(0, 0.0)),
    ]
    responses = [(Interception("x", 1.0, 3.0, 0.7, (4.0, 5.0)), Spot(0, reaches[0][0] / 2))] if held else []
    found = march(grid, releases, hours=8, responses=responses, frames=16)
    assert found.balance.released == pytest.approx(1000 * (3 + 2 * min(1.0, 7.9 / duration)), rel=1e-9)
    assert found.balance.error < 1e-9
    assert found.frames.min() >= 0
    assert np.isfinite(found.frames).all()


def test_twice_the_mass_is_twice_the_concentration_to_a_last_bit() -> None:
    channel = Channel("r", "a", "b", 10_000.0, 5.0, 10.0, 15.0)
    grid = grid_of(Downstream((channel,)), 100.0)
    one, two = (
        march(grid, [(Release.instant("r", mass), Spot(0, 1000.0))], hours=4, watch=[Spot(0, 8000.0)]).series
        for mass in (1.0, 2.0)
    )
    np.testing.assert_array_equal(2 * one, two)


def test_a_release_that_goes_on_after_the_hours_counts_only_what_came() -> None:
    channel = Channel("r", "a", "b", 10_000.0, 5.0, 10.0, 15.0)
    grid = grid_of(Downstream((channel,)), 100.0)
    found = march(grid, [(Release.pulse("r", 8.0, duration=8), Spot(0, 0.0))], hours=2)
    assert found.balance.released == pytest.approx(2_000, rel=1e-12)


def test_the_centre_of_a_release_stays_where_it_is_between_cells_and_steps() -> None:
    channel = Channel("r", "a", "b", 40_000.0, 5.0, 10.0, 20.0)
    grid = grid_of(Downstream((channel,)), 100.0)
    x = grid.distances(0)
    for distance, start in ((5_000.0, 0.0), (5_033.0, 0.0), (5_033.0, 0.11), (0.0, 0.0)):
        found = march(grid, [(Release.instant("r", 1.0, start=start), Spot(0, distance))], hours=8)
        C = found.frames[-1][: len(x)]
        centre = float((C * x).sum() / C.sum())
        wall = 0.0 if distance else 20.0 / 0.5
        assert centre == pytest.approx(distance + 0.5 * 3600 * (8 - start) + wall, abs=5)


def test_a_reach_of_two_metres_costs_no_small_steps_and_shifts_nothing() -> None:
    def river(*lengths: float) -> Downstream:
        return Downstream(
            tuple(Channel(f"{n}", f"{n}", f"{n + 1}", length, 5.0, 10.0, 20.0) for n, length in enumerate(lengths))
        )

    release = (Release.instant("0", 1.0), Spot(0, 0.0))
    whole = march(grid_of(river(5_000.0, 6_002.0), 100.0), [release], hours=8, watch=[Spot(1, 5_002.0)])
    cut = march(grid_of(river(5_000.0, 2.0, 6_000.0), 100.0), [release], hours=8, watch=[Spot(2, 5_000.0)])
    assert len(cut.times) < 2.5 * len(whole.times)
    peaks = [float(found.times[found.series.argmax()]) for found in (whole, cut)]
    assert peaks[0] == pytest.approx(peaks[1], abs=120)
    assert float(whole.series.max()) == pytest.approx(float(cut.series.max()), rel=2e-3)
    assert cut.balance.error < 1e-12
