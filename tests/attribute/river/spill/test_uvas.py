"""The tracer test of Uvas Creek, 1972: what storage and sorption explain, and what is wrong without them."""

from __future__ import annotations

import pytest
from benchmarks.validation_spill import Fit, otis, transformed, uvas


@pytest.fixture(scope="module")
def fits() -> list[Fit]:
    """With storage and sorption, at 38, 281 and 433 m."""
    return uvas()


def test_with_storage_and_sorption_the_curves_fit_within_a_twentieth_of_the_injection(fits: list[Fit]) -> None:
    # 1.6 mg/L were injected above the background; what remains is 1.5, 2.4 and 3.5 % of it.
    assert [(fit.distance, fit.samples) for fit in fits] == [(38, 15), (281, 16), (433, 14)]
    assert [fit.rmse for fit in fits] == pytest.approx([0.023, 0.038, 0.056], abs=0.002)


def test_we_fit_as_otis_does(fits: list[Fit]) -> None:
    # Its users' own fits are drawn in Bencala (1983, fig. 3) and Runkel (1998, fig. 8), not tabled: so its equations
    # are solved here by its scheme, with code that shares nothing with ours.
    theirs = uvas(otis)
    for ours, other in zip(fits, theirs, strict=True):
        assert ours.rmse == pytest.approx(other.rmse, abs=0.003)
        assert ours.peak == pytest.approx(other.peak, rel=0.01)


def test_without_storage_and_sorption_the_last_peak_is_predicted_twice_as_high() -> None:
    bare = uvas(storage=False, sorption=False)[2]
    assert bare.peak / bare.observed > 2
    assert bare.rmse > 0.3


def test_sorption_explains_more_than_storage_and_neither_is_enough(fits: list[Fit]) -> None:
    only_sorption, only_storage = uvas(storage=False)[2], uvas(sorption=False)[2]
    assert fits[2].rmse < only_sorption.rmse < only_storage.rmse


def test_the_other_solver_says_nearly_the_same(fits: list[Fit]) -> None:
    for ours, other in zip(fits, uvas(transformed), strict=True):
        assert ours.rmse == pytest.approx(other.rmse, abs=0.002)
