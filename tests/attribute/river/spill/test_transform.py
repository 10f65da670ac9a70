"""Transfer functions against analytic solutions and against finite volumes."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.validation_spill import held_flux, instantaneous

from commonshed.attribute.river.spill import Channel, Interception, Release, Sorption, Storage
from commonshed.attribute.river.spill.channel import Downstream, Spot
from commonshed.attribute.river.spill.grid import grid_of
from commonshed.attribute.river.spill.transform import transform
from commonshed.attribute.river.spill.transport import march
from commonshed.attribute.river.spill.waves import Factors

ONE = Downstream((Channel("r", "a", "b", 40_000.0, 5.0, 10.0, 20.0, decay=1e-5),))
PLAIN = Downstream((Channel("r", "a", "b", 40_000.0, 5.0, 10.0, 20.0),))

NETWORK = Downstream(
    (
        Channel("main", "A", "B", 20_000.0, 20.0, 40.0, 20.0),
        Channel("below", "B", "C", 30_000.0, 30.0, 50.0, 30.0),
        Channel("left", "C", "D", 10_000.0, 21.0, 35.0, 30.0, part=0.7),
        Channel("right", "C", "E", 5_000.0, 9.0, 22.5, 10.0, part=0.3),
    )
)
PLACES = [Spot(0, 15_000.0), Spot(1, 0.0), Spot(1, 12_000.0), Spot(2, 10_000.0), Spot(3, 5_000.0)]


def test_an_instantaneous_release_with_decay_is_exact() -> None:
    times, series = transform(
        ONE, [(Release.instant("r", 100.0), Spot(0, 8_000.0))], hours=10, watch=[Spot(0, 15_000.0)], steps=2048
    )
    exact = instantaneous(7_000.0, times[1:], mass=1e5)
    assert float(np.abs(series[0, 0, 1:] - exact).max() / exact.max()) < 1e-6


def test_a_steady_release_is_exact() -> None:
    release = Release.pulse("r", 5.0 * 3.6 * 10, duration=10)
    times, series = transform(PLAIN, [(release, Spot(0, 0.0))], hours=10, watch=[Spot(0, 6_000.0)], steps=4096)
    np.testing.assert_allclose(series[0, 0, 1:], held_flux(6_000.0, times[1:]), atol=2e-5)


@pytest.mark.parametrize(
    "release",
    [
        (Release.instant("x", 100.0), Spot(0, 0.0)),
        (Release.pulse("x", 100.0, duration=2, start=0.5), Spot(0, 1_000.0)),
        (Release.hydrograph("x", [0, 1, 2, 5], [5.0, 20.0, 3.0]), Spot(0, 4_567.0)),
    ],
)
def test_both_solvers_agree_on_a_branching_network(release: tuple[Release, Spot]) -> None:
    marched = march(grid_of(NETWORK, 50.0), [release], hours=48, watch=PLACES)
    times, series = transform(NETWORK, [release], hours=48, watch=PLACES, steps=4096)
    for place in range(len(PLACES)):
        other = np.interp(marched.times, times, series[0, place])
        assert float(np.abs(marched.series[:, place] - other).max() / other.max()) < 0.002


def test_both_solvers_meet_where_short_and_unlike_reaches_follow_each_other() -> None:
    course = Downstream(
        (
            Channel("a", "A", "B", 3_000.0, 5.0, 10.0, 50.0),
            Channel("b", "B", "C", 500.0, 8.0, 30.0, 5.0, part=0.8),
            Channel("c", "B", "D", 500.0, 1.0, 4.0, 80.0, part=0.2),
            Channel("d", "C", "E", 2_000.0, 6.0, 10.0, 60.0),
        )
    )
    release, watch = (Release.pulse("x", 10.0, duration=1), Spot(0, 0.0)), [Spot(1, 250.0), Spot(2, 400.0), Spot(3, 0)]
    times, series = transform(course, [release], hours=12, watch=watch, steps=4096)
    apart = []
    for dx in (100.0, 25.0):
        marched = march(grid_of(course, dx), [release], hours=12, watch=watch)
        others = [np.interp(marched.times, times, series[0, place]) for place in range(3)]
        apart.append(
            max(float(np.abs(marched.series[:, n] - other).max() / other.max()) for n, other in enumerate(others))
        )
    assert apart[0] < 0.08
    assert apart[1] < apart[0] / 2


def test_both_solvers_agree_on_storage_sorption_and_seeping_water() -> None:
    storage, sorption = Storage(10.0, 5e-5, decay=1e-6), Sorption(5e-5, 0.5)
    course = Downstream(
        (Channel("r", "a", "b", 40_000.0, 5.0, 10.0, 20.0, 5e-5, decay=1e-6, storage=storage, sorption=sorption),)
    )
    release, watch = (Release.pulse("r", 10.0, duration=3), Spot(0, 2_000.0)), [Spot(0, 9_000.0), Spot(0, 25_000.0)]
    marched = march(grid_of(course, 50.0), [release], hours=48, watch=watch)
    times, series = transform(course, [release], hours=48, watch=watch, steps=4096)
    for place in range(2):
        other = np.interp(marched.times, times, series[0, place])
        assert float(np.abs(marched.series[:, place] - other).max() / other.max()) < 0.005


def test_both_solvers_agree_on_a_response() -> None:
    release = (Release.pulse("x", 100.0, duration=2), Spot(0, 1_000.0))
    response = (Interception("x", 5.0, 6.5, 0.8, (20.0, 22.0)), Spot(0, 10_000.0))
    marched = march(grid_of(NETWORK, 50.0), [release], hours=48, watch=PLACES, responses=[response])
    times, series = transform(NETWORK, [release], hours=48, watch=PLACES, responses=[response], steps=4096)
    for place in range(len(PLACES)):
        other = np.interp(marched.times, times, series[0, place])
        assert float(np.abs(marched.series[:, place] - other).max() / other.max()) < 0.03


def test_each_member_is_the_run_with_its_own_hydraulics() -> None:
    factors = Factors(np.array([1.0, 1.3]), np.array([1.0, 0.5]), np.array([1.0, 2.0]))
    release, watch = (Release.instant("x", 1.0), Spot(0, 0.0)), [Spot(1, 5_000.0)]
    _, both = transform(NETWORK, [release], hours=24, watch=watch, factors=factors)
    faster = Downstream(
        tuple(
            Channel(
                c.reach,
                c.upstream,
                c.downstream,
                c.length,
                2 * c.discharge,
                c.area * 2 / 1.3,
                c.dispersion / 2,
                part=c.part,
            )
            for c in NETWORK.channels
        )
    )
    _, first = transform(NETWORK, [release], hours=24, watch=watch)
    _, second = transform(faster, [release], hours=24, watch=watch)
    np.testing.assert_allclose(both[0], first[0], atol=1e-12)
    np.testing.assert_allclose(both[1], second[0], atol=1e-12)


def test_what_passes_too_fast_for_the_steps_is_spread_and_does_not_ring() -> None:
    course = Downstream((Channel("r", "a", "b", 40_000.0, 5.0, 10.0, 0.5),))
    release = (Release.instant("r", 1.0), Spot(0, 0.0))
    _, series = transform(course, [release], hours=72, watch=[Spot(0, 500.0)], steps=1024)
    assert float(series.min()) > -1e-3 * float(series.max())
    # 1 kg in 5 m3/s: the area under the curve stays.
    assert float(series.sum()) * 72 * 3600 / 1024 * 5 == pytest.approx(1000, rel=1e-3)


def test_a_river_without_dispersion_only_shifts() -> None:
    course = Downstream((Channel("r", "a", "b", 40_000.0, 5.0, 10.0, 0.0),))
    release = (Release.pulse("r", 18.0, duration=1), Spot(0, 5_000.0))
    times, series = transform(course, [release], hours=24, watch=[Spot(0, 14_000.0)], steps=2048)
    inside = (times > 5.2 * 3600) & (times < 5.8 * 3600)
    np.testing.assert_allclose(series[0, 0, inside], 1.0, rtol=1e-3)
