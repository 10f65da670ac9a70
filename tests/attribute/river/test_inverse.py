"""Net loads: no gain where there is none, no loss hidden, and the truth back where the loads agree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonshed.attribute.river.inverse import NetLoads, net_loads


@st.composite
def basins(draw: st.DrawFn) -> np.ndarray:
    """Transfer from section to section of a tree with losses on every reach; 0 is the mouth."""
    size = draw(st.integers(2, 12))
    down = [0, *(draw(st.integers(0, i - 1)) for i in range(1, size))]
    kept = [1.0, *(draw(st.floats(0.05, 1)) for _ in range(1, size))]
    passing = np.zeros((size, size))
    for i in range(size):
        part, at = 1.0, i
        passing[i, i] = 1
        while at:
            part *= kept[at]
            at = down[at]
            passing[i, at] = part
    return passing


def found(passing: np.ndarray, measured: np.ndarray, noise: float = 0.1, seed: int = 0) -> NetLoads:
    rng = np.random.default_rng(seed)
    draws = measured[:, None] * rng.lognormal(0, noise, (measured.size, 20))
    return net_loads(passing, measured, passing_draws=passing, measured_draws=draws)


@settings(max_examples=100, deadline=None)
@given(basins(), st.integers(0, 2**32 - 1), st.floats(0.02, 0.5))
def test_no_gain_exceeds_the_plain_difference_and_none_is_found_where_there_is_none(
    passing: np.ndarray, seed: int, noise: float
) -> None:
    """The claim of docs/river-shares.md, proved there: 0 ≤ gain ≤ max(0, plain), whatever the noise and the weights."""
    measured = np.random.default_rng(seed).lognormal(3, 1, len(passing))
    net = found(passing, measured, noise, seed)
    slack = 1e-7 * measured.max()
    assert (net.gain >= 0).all()
    assert (net.gain <= np.maximum(net.plain, 0) + slack).all()
    assert (net.gain[net.plain < -slack] == 0).all()


@settings(max_examples=100, deadline=None)
@given(basins(), st.integers(0, 2**32 - 1))
def test_loads_that_agree_give_back_the_sources_that_made_them(passing: np.ndarray, seed: int) -> None:
    truth = np.random.default_rng(seed).lognormal(3, 1, len(passing))
    net = found(passing, passing.T @ truth)
    np.testing.assert_allclose(net.gain, truth, rtol=1e-6)
    np.testing.assert_allclose(net.plain, truth, rtol=1e-9)
    np.testing.assert_allclose(net.fitted, passing.T @ truth, rtol=1e-7)


def chain(*measured: float) -> NetLoads:
    return found(np.triu(np.ones((len(measured), len(measured)))), np.array(measured))


def test_a_net_loss_is_told_as_it_is_and_fitted_as_nothing() -> None:
    net = chain(100.0, 60.0)
    assert net.plain.tolist() == [100, pytest.approx(-40)]
    assert net.gain[1] == 0
    assert 60 < net.fitted[1] < 100
    assert (net.plain_draws[1] < 0).mean() > 0.9


def test_a_section_that_only_passes_on_what_comes_gets_exactly_nothing() -> None:
    net = chain(100.0, 100.0, 150.0)
    assert net.gain[1] == 0.0
    assert net.gain[[0, 2]].tolist() == pytest.approx([100, 50])


def test_what_is_declared_is_taken_out_before_anything_is_inferred() -> None:
    passing = np.triu(np.ones((2, 2)))
    measured = np.array([10.0, 30.0])
    draws = np.repeat(measured[:, None], 5, axis=1)
    net = net_loads(
        passing,
        measured,
        passing_draws=passing,
        measured_draws=draws,
        declared=np.array([0.0, 15.0]),
        declared_draws=np.array([[0.0] * 5, [15.0] * 5]),
    )
    assert net.gain.tolist() == pytest.approx([10, 5])
    assert net.fitted.tolist() == pytest.approx([10, 30])
    np.testing.assert_allclose(net.gain_draws, np.array([[10] * 5, [5] * 5]))


def test_every_draw_of_the_decay_has_its_own_net_loads() -> None:
    kept = np.array([0.5, 1.0])
    cube = np.array([[[1, 1], kept], [[0, 0], [1, 1]]], float)
    draws = np.array([[10.0, 10], [20, 20]])
    net = net_loads(cube[:, :, 1], np.array([10.0, 20]), passing_draws=cube, measured_draws=draws)
    np.testing.assert_allclose(net.gain_draws, [[10, 10], [15, 10]])
    np.testing.assert_allclose(net.fitted_draws, [[10, 10], [20, 20]])


def test_a_river_without_any_load_has_no_net_loads() -> None:
    assert chain(0.0, 0.0).gain.tolist() == [0, 0]


def test_a_river_that_divides_and_meets_again_is_fitted_too() -> None:
    # 0 divides by 0.4 and 0.6 to 1 and 2, which meet again at 3; the arms and the meeting gain 5, 0 and 7.
    passing = np.array([[1, 0.4, 0.6, 1], [0, 1, 0, 1], [0, 0, 1, 1], [0, 0, 0, 1]])
    truth = np.array([50.0, 5, 0, 7])
    net = found(passing, passing.T @ truth)
    np.testing.assert_allclose(net.gain, truth, rtol=1e-8, atol=1e-7)
    assert net.plain.tolist() == pytest.approx(truth.tolist(), abs=1e-9)
    lossy = found(passing, np.array([50.0, 20, 30, 40]))
    assert (lossy.gain >= 0).all()
    assert lossy.plain[3] == pytest.approx(-10)
    assert lossy.gain[3] == 0
