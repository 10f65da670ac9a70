"""How long residuals last: the likelihood against a dense one, and what is drawn from it."""

from __future__ import annotations

import numpy as np
import pytest

from commonshed.attribute.river.loads.persistence import Persistence, walks


def test_the_filter_gives_the_likelihood_of_the_dense_normal_distribution() -> None:
    rng = np.random.default_rng(0)
    days = np.array([0, 3, 4, 11, 30, 31])
    x = rng.standard_normal(6)
    residuals = rng.standard_normal(6)
    found = Persistence.of(residuals, days, 1, x)
    dense = []
    for time, nugget, slope, variance in zip(found.time, found.nugget, found.slope, found.variance, strict=True):
        apart = np.abs(days[:, None] - days[None, :])
        spread = np.exp(slope * x)
        K = ((1 - nugget) * np.exp(-apart / time) + nugget * np.eye(6)) * np.outer(spread, spread)
        squares = residuals @ np.linalg.solve(K, residuals)
        assert variance == pytest.approx(squares / 5, rel=1e-9)
        dense.append(-(5 * np.log(squares / 5) + np.linalg.slogdet(K)[1]) / 2)
    probability = np.exp(np.array(dense) - max(dense))
    assert found.probability == pytest.approx(probability / probability.sum(), rel=1e-9)


def test_residuals_without_memory_are_told_from_those_that_last() -> None:
    rng = np.random.default_rng(2)
    days = np.arange(0, 1400, 7)
    fading = walks(np.array([60.0]), 1400, rng)[0][days]
    noise = rng.standard_normal(days.size)
    found = [Persistence.of(each, days, 1) for each in (fading, noise)]
    # correlation from one week to the next: exp(-7/60) = 0.89 of what lasts, nothing of what does not
    lasting, passing = (float((each.probability * (1 - each.nugget) * np.exp(-7 / each.time)).sum()) for each in found)
    assert lasting == pytest.approx(np.exp(-7 / 60), abs=0.06)
    assert passing < 0.2


def test_spread_that_grows_with_flow_is_seen() -> None:
    rng = np.random.default_rng(3)
    x = rng.standard_normal(300)
    found = Persistence.of(np.exp(0.6 * x) * rng.standard_normal(300), np.arange(0, 2100, 7), 1, x)
    assert float((found.slope * found.probability).sum()) == pytest.approx(0.6, abs=0.1)


def test_sums_of_residuals_spread_as_the_dense_covariance_says() -> None:
    rng = np.random.default_rng(6)
    days, x, rows = np.array([1, 2, 9, 30]), rng.standard_normal(4), rng.standard_normal((3, 4))
    found = Persistence.of(rng.standard_normal(4), days, 1, x)
    at = int(np.argmax(found.probability))
    apart = np.abs(days[:, None] - days[None, :])
    K = (1 - found.nugget[at]) * np.exp(-apart / found.time[at]) + found.nugget[at] * np.eye(4)
    K *= np.outer(*2 * [np.exp(found.slope[at] * x)])
    assert found.spread_by(rows, days, x) == pytest.approx(rows @ K @ rows.T, rel=1e-9)


def test_walks_fade_as_fast_as_they_are_told() -> None:
    found = walks(np.full(4000, 5.0), 12, np.random.default_rng(1))
    assert found.shape == (4000, 12)
    assert float(found.var()) == pytest.approx(1, abs=0.05)
    assert float((found[:, 0] * found[:, 5]).mean()) == pytest.approx(np.exp(-1), abs=0.05)


def test_what_is_drawn_has_the_variance_of_the_residuals() -> None:
    rng = np.random.default_rng(4)
    found = Persistence.of(0.3 * rng.standard_normal(200), np.arange(0, 1400, 7), 1)
    how = found.drawn(4000, rng)
    assert float(np.median(np.hypot(how.lasting, how.passing))) == pytest.approx(0.3, rel=0.15)
