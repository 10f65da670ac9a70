"""Ours against SciPy's, an implementation of another algorithm (Lawson & Hanson)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonshed.attribute.river.nnls import nnls

scipy_optimize = pytest.importorskip("scipy.optimize")


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 12), st.integers(0, 8), st.integers(0, 2**32 - 1))
def test_every_side_gets_what_lawson_and_hanson_find(n: int, more: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    a = rng.standard_normal((n + more, n)) * 10.0 ** rng.uniform(-2, 2, n)
    sides = rng.standard_normal((5, n + more))
    got = nnls(a, sides)
    for side, x in zip(sides, got, strict=True):
        expected, norm = scipy_optimize.nnls(a, side)
        assert (x >= 0).all()
        assert np.linalg.norm(a @ x - side) == pytest.approx(norm, rel=1e-7, abs=1e-9)
        np.testing.assert_allclose(x, expected, rtol=1e-4, atol=1e-6 * max(1.0, np.abs(expected).max()))


def test_each_side_may_have_a_matrix_of_its_own() -> None:
    rng = np.random.default_rng(1)
    a, sides = rng.standard_normal((7, 6, 4)), rng.standard_normal((7, 6))
    got = nnls(a, sides)
    for k in range(7):
        np.testing.assert_allclose(got[k], scipy_optimize.nnls(a[k], sides[k])[0], rtol=1e-9, atol=1e-12)


def test_what_is_bound_is_zero_exactly_and_nothing_gives_nothing() -> None:
    chain = np.tril(np.ones((3, 3)))
    assert nnls(chain, np.array([[10.0, 10.0, 5.0]])).tolist() == [[pytest.approx(25 / 3), 0.0, 0.0]]
    assert nnls(chain, np.zeros((2, 3))).tolist() == [[0.0] * 3] * 2
    assert nnls(np.zeros((0, 0)), np.zeros((2, 0))).shape == (2, 0)


def test_a_thousand_draws_of_a_network_are_solved_together() -> None:
    rng = np.random.default_rng(2)
    chain = np.tril(np.ones((25, 25)))
    truth = np.where(rng.random(25) < 0.4, 0, rng.lognormal(0, 1, 25))
    sides = chain @ truth * rng.lognormal(0, 0.2, (1000, 25))
    got = nnls(chain, sides)
    for k in range(0, 1000, 97):
        np.testing.assert_allclose(got[k], scipy_optimize.nnls(chain, sides[k])[0], rtol=1e-8, atol=1e-9)
