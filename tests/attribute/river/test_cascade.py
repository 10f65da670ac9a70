"""The walk along the river against least squares with a matrix, and against SciPy's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonshed.attribute.river.cascade import Cascade
from commonshed.attribute.river.nnls import nnls

scipy_optimize = pytest.importorskip("scipy.optimize")


def basin(rng: np.random.Generator, size: int, *, reach: int = 5) -> np.ndarray:
    """Transfer from section to section of a random forest in random order."""
    passing = np.eye(size)
    for i in range(1, size):
        if rng.random() < 0.9:
            passing[i] += rng.uniform(0.3, 1) * passing[max(0, i - 1 - int(rng.integers(0, reach)))]
    shuffled = rng.permutation(size)
    return passing[np.ix_(shuffled, shuffled)]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 25), st.integers(0, 2**32 - 1), st.floats(0.02, 1))
def test_the_walk_finds_what_least_squares_with_a_matrix_find(size: int, seed: int, noise: float) -> None:
    rng = np.random.default_rng(seed)
    passing = basin(rng, size)
    truth = np.where(rng.random(size) < 0.3, 0, rng.lognormal(0, 1, size))
    own = (passing.T @ truth)[:, None] * rng.lognormal(0, noise, (size, 4)) + 1e-6
    sigma = rng.uniform(0.2, 1, size)
    cascade = Cascade.of(passing)
    assert cascade is not None
    got = cascade.gains(cascade.steps(passing[:, :, None]), own, sigma)
    expected = nnls(passing.T / sigma[:, None], (own / sigma[:, None]).T).T
    np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-8 * own.max())
    for k in range(4):
        by_scipy, _ = scipy_optimize.nnls(passing.T / sigma[:, None], own[:, k] / sigma)
        np.testing.assert_allclose(got[:, k], by_scipy, rtol=1e-6, atol=1e-7 * own.max())


def test_plain_differences_are_those_of_the_inverse_matrix() -> None:
    rng = np.random.default_rng(5)
    passing, own = basin(rng, 12), rng.lognormal(0, 1, (12, 3))
    cascade = Cascade.of(passing)
    assert cascade is not None
    plain = cascade.plain(cascade.steps(passing[:, :, None]), own)
    np.testing.assert_allclose(plain, np.linalg.solve(passing.T, own), rtol=1e-10)


def test_a_river_that_divides_between_sections_is_no_cascade() -> None:
    # 0 divides to 1 and 2, which meet again at 3.
    passing = np.array([[1, 0.4, 0.6, 1], [0, 1, 0, 1], [0, 0, 1, 1], [0, 0, 0, 1]])
    assert Cascade.of(passing) is None
    # With a section where the arms meet and none on them it is one.
    assert Cascade.of(passing[np.ix_([0, 3], [0, 3])]) is not None


def test_steps_may_differ_from_draw_to_draw() -> None:
    passing = np.array([[[1.0, 1.0], [0.5, 1.0]], [[0.0, 0.0], [1.0, 1.0]]])
    cascade = Cascade.of(passing[:, :, 0])
    assert cascade is not None
    gains = cascade.gains(cascade.steps(passing), np.array([[10.0, 10.0], [20.0, 20.0]]), np.ones(2))
    assert gains.tolist() == [[10, 10], [15, 10]]
