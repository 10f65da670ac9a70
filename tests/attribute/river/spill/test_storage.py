"""Storage and sorption: exact steps, kept mass, and the same thing in the Laplace domain."""

from __future__ import annotations

import numpy as np
import pytest

from commonshed.attribute.river.spill import Sorption, Storage
from commonshed.attribute.river.spill.storage import exchange_matrix, hold_up, propagator
from commonshed.errors import RiverError

STORAGE, SORPTION = Storage(3.0, 2e-4), Sorption(5e-5, 2.0)


@pytest.mark.parametrize("seconds", [0.1, 60.0, 3600.0, 1e6])
def test_a_step_is_the_matrix_exponential(seconds: float) -> None:
    linalg = pytest.importorskip("scipy.linalg")
    M = exchange_matrix(10.0, 1e-5, Storage(3.0, 2e-4, uptake=1.0, decay=1e-6), SORPTION)
    np.testing.assert_allclose(propagator(M, seconds), linalg.expm(M * seconds), rtol=1e-9, atol=1e-14)


def test_a_step_has_no_negative_entry_and_keeps_mass() -> None:
    M = exchange_matrix(10.0, 0.0, STORAGE, SORPTION)
    step = propagator(M, 500.0)
    volumes = np.array([10.0, 3.0, 10.0])
    assert step.min() >= 0
    np.testing.assert_allclose(volumes @ step, volumes, rtol=1e-12)


def test_water_storage_and_bed_come_to_rest_at_their_equilibrium() -> None:
    step = propagator(exchange_matrix(10.0, 0.0, STORAGE, SORPTION), 1e9)
    water, stored, bed = step @ np.array([1.0, 0.0, 0.0])
    # 10 of water, 3 of storage, and a bed that holds twice what the water holds: 10 / (10 + 3 + 20).
    assert (water, stored, bed) == pytest.approx((10 / 33, 10 / 33, 20 / 33), rel=1e-9)


def test_nothing_to_exchange_is_no_change() -> None:
    np.testing.assert_array_equal(propagator(np.zeros((3, 3)), 100.0), np.eye(3))


def test_hold_up_is_the_matrix_with_storage_and_bed_eliminated() -> None:
    s = np.array([1e-5 + 2e-4j, 3e-6 - 1e-3j])
    storage = Storage(3.0, 2e-4, uptake=1e-3, decay=1e-6)
    M = exchange_matrix(10.0, 1e-5, storage, SORPTION)
    for each, θ in zip(s, hold_up(s, np.array(10.0), 1e-5, storage, SORPTION), strict=True):
        by_matrix = 1 / np.linalg.inv(each * np.eye(3) - M)[0, 0]
        assert θ == pytest.approx(by_matrix, rel=1e-9)


@pytest.mark.parametrize(("area", "exchange"), [(-1.0, 1e-5), (1.0, float("nan")), (0.0, 1e-5)])
def test_an_impossible_storage_is_refused(area: float, exchange: float) -> None:
    with pytest.raises(RiverError, match="storage"):
        Storage(area, exchange)


def test_an_impossible_sorption_is_refused() -> None:
    with pytest.raises(RiverError, match="sorption: capacity"):
        Sorption(1e-5, -2.0)
