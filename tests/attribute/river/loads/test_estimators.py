"""Estimators: worked examples of others, cases one can do by hand, and laws that hold for any river."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from commonshed.attribute.river.loads.estimators import (
    ESTIMATORS,
    TONNES,
    Sampling,
    averaging,
    beale,
    between,
    composite,
    interpolation,
)
from commonshed.attribute.river.loads.rating import Rating
from commonshed.attribute.river.loads.terms import Terms

Floats = NDArray[np.float64]

FIRST = date(2016, 1, 1)


def sampling(days: list[int], flow: Floats, c: Floats | None = None) -> Sampling:
    numbers = np.array(days)
    rating = None
    if c is not None:
        rating = Rating.chosen(c, numbers, flow, Terms.of(flow, numbers, FIRST))
    return Sampling(numbers, flow, 0, flow.size - 1, rating)


def test_beale_agrees_with_the_example_of_the_r_package_funtimes() -> None:
    # funtimes (CRAN), vignette "Beale's estimator and sample size calculation", section 2: ten flows, six loads;
    # its function beales(), run as a program of its own, gives 399.175645592.
    flow = np.array([60, 50, 90, 100, 80, 90, 100, 90, 80, 70], float)
    loads = {0: 33, 1: 22, 2: 44, 3: 48, 5: 44, 6: 49, 9: 36}
    c = np.array([load / flow[day] for day, load in loads.items()])
    assert float(beale(c, sampling(list(loads), flow))) / TONNES == pytest.approx(399.175645592, rel=1e-11)


def test_beale_agrees_with_the_printed_stratum_of_autobeale() -> None:
    # AutoBeale manual (R. P. Richards), page 7: atrazine in the Maumee, 1983-01-01 to 05-02. 122 days, six samples,
    # mean flow of the stratum 192.301 m3/s; biased estimate 5.9 kg/day, unbiased 6.2.
    sampled = np.array([744.290, 582.980, 735.800, 138.670, 276.208, 945.220])
    kilograms = np.array([6.366, 0.0, 16.593, 2.947, 2.983, 76.359])
    days = np.array([93, 100, 106, 113, 120, 121])
    flow = np.full(122, (192.301 * 122 - sampled.sum()) / 116)
    flow[days] = sampled
    c = kilograms / 86.4 / sampled
    of = sampling(days.tolist(), flow)
    assert round(float(beale(c, of)) * 1000 / 122, 1) == 6.2
    assert kilograms.mean() == pytest.approx(17.5, abs=0.05)
    assert kilograms.mean() * 192.301 / sampled.mean() == pytest.approx(5.9, abs=0.05)


def test_averaging_is_the_mean_flux_of_the_samples_times_all_days() -> None:
    flow = np.array([2.0, 9.0, 4.0, 9.0])
    # (1 g/m3 × 2 m3/s + 3 × 4) / 2 = 7 g/s for four days
    assert float(averaging(np.array([1.0, 3.0]), sampling([0, 2], flow))) == pytest.approx(7 * 4 * 0.0864)


def test_interpolation_draws_a_line_between_samples_and_is_level_beyond_them() -> None:
    flow = np.array([1.0, 1.0, 2.0, 4.0, 1.0])
    # concentrations by hand: 1, 1, 2, 3, 3
    of = sampling([1, 3], flow)
    assert float(interpolation(np.array([1.0, 3.0]), of)) == pytest.approx((1 + 1 + 4 + 12 + 3) * 0.0864)
    assert between(np.array([1.0, 3.0]), np.array([1, 3]), 5).tolist() == [1, 1, 2, 3, 3]


def test_only_samples_of_the_period_are_averaged_while_lines_reach_beyond_it() -> None:
    flow = np.ones(5)
    of = Sampling(np.array([0, 2, 4]), flow, 1, 3)
    c = np.array([10.0, 2.0, 4.0])
    assert float(averaging(c, of)) == pytest.approx(2 * 3 * 0.0864)
    assert float(interpolation(c, of)) == pytest.approx((6 + 2 + 3) * 0.0864)


series = st.lists(
    st.tuples(st.floats(0.01, 5.0), st.floats(0.1, 300.0)), min_size=8, max_size=60
).map(lambda pairs: np.array(pairs).T)  # fmt: skip


@given(series)
@settings(deadline=None, max_examples=40)
def test_a_river_sampled_every_day_leaves_nothing_to_estimate(river: Floats) -> None:
    c, flow = river
    of = sampling(list(range(flow.size)), flow, c)
    truth = float((c * flow).sum()) * TONNES
    for estimator in (averaging, beale, interpolation, composite):
        assert float(estimator(c, of)) == pytest.approx(truth, rel=1e-9)


@given(series, st.floats(0.01, 100.0))
@settings(deadline=None, max_examples=40)
def test_water_so_many_times_as_dirty_carries_so_many_times_the_load(river: Floats, times: float) -> None:
    c, flow = river
    days = list(range(0, flow.size, 2)) if flow.size >= 16 else list(range(flow.size))
    of = sampling(days, flow, c[days])
    for estimator in ESTIMATORS.values():
        once, more = float(estimator(c[days], of)), float(estimator(times * c[days], of))
        assert more == pytest.approx(times * once, rel=1e-8)


@given(series, st.floats(0.01, 5.0))
@settings(deadline=None, max_examples=40)
def test_water_that_never_changes_carries_its_concentration_times_the_volume(river: Floats, c: float) -> None:
    flow = river[1]
    days = list(range(0, flow.size, 3)) if flow.size >= 24 else list(range(flow.size))
    same = np.full(len(days), c)
    of = sampling(days, flow, same)
    for name in ("ratio", "rating", "interpolation", "composite"):
        assert float(ESTIMATORS[name](same, of)) == pytest.approx(c * float(flow.sum()) * TONNES, rel=1e-6)


def test_many_sets_of_samples_are_estimated_as_one_after_the_other() -> None:
    rng = np.random.default_rng(1)
    flow = rng.lognormal(1, 0.8, 90)
    days = list(range(3, 90, 7))
    sets = rng.lognormal(-1, 0.5, (4, len(days)))
    of = sampling(days, flow, sets[0])
    for estimator in ESTIMATORS.values():
        together = estimator(sets, of)
        assert together == pytest.approx([float(estimator(one, of)) for one in sets], rel=1e-12)
