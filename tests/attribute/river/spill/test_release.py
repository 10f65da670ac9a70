"""What gets into the river and what is held back: events that hold together."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from commonshed.attribute.river.spill import Interception, Release
from commonshed.errors import RiverError

Floats = NDArray[np.float64]


def test_an_instantaneous_release_is_a_jump() -> None:
    release = Release.instant("a", 5.0, start=2.0)
    assert (release.mass, release.start, release.end) == (5.0, 2.0, 2.0)
    assert release.stretches == ((7200.0, 7200.0, 5000.0),)


def test_a_pulse_is_a_ramp() -> None:
    release = Release.pulse("a", 5.0, duration=1.5, start=2.0)
    assert (release.mass, release.start, release.end) == (5.0, 2.0, 3.5)
    assert release.stretches == ((7200.0, 12600.0, 5000.0),)


def test_a_hydrograph_sums_its_rates_and_skips_hours_of_nothing() -> None:
    release = Release.hydrograph("a", [1, 2, 4, 5], [3.0, 0.0, 2.0])
    assert (release.mass, release.start, release.end) == (5.0, 1.0, 5.0)
    assert release.stretches == ((3600.0, 7200.0, 3000.0), (14400.0, 18000.0, 2000.0))


@pytest.mark.parametrize(
    "course",
    [
        ((0.0, 0.0),),
        ((0.0, 0.0), (1.0, 0.0)),
        ((1.0, 0.0), (0.0, 5.0)),
        ((0.0, 0.0), (1.0, 5.0), (2.0, 4.0)),
        ((0.0, 1.0), (1.0, 5.0)),
        ((-1.0, 0.0), (1.0, 5.0)),
        ((0.0, 0.0), (1.0, float("nan"))),
    ],
)
def test_a_release_of_nothing_or_backwards_is_refused(course: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(RiverError):
        Release("a", course)


def test_a_pulse_of_no_duration_and_rates_that_do_not_fit_are_refused() -> None:
    with pytest.raises(RiverError, match="duration"):
        Release.pulse("a", 1.0, duration=0)
    with pytest.raises(RiverError, match="do not fit"):
        Release.hydrograph("a", [0, 1], [1.0, 2.0])


def test_a_response_holds_by_the_part_of_each_step_within_its_hours() -> None:
    begins: Floats = np.arange(0, 14400, 1800, dtype=np.float64)
    ends: Floats = np.asarray(begins + 1800, dtype=np.float64)
    response = Interception("a", 0.75, 2.0, 0.8, (3.0, 3.5))
    np.testing.assert_allclose(response.held(begins, ends), [0.0, 0.4, 0.8, 0.8, 0.0, 0.0, 0.0, 0.0])
    np.testing.assert_allclose(response.let_out(begins, ends), [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0])
    np.testing.assert_allclose(response.acting(begins, ends), [0.0, 0.5, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0])


@pytest.mark.parametrize(
    ("start", "end", "fraction", "returned"),
    [(2.0, 2.0, 1.0, None), (0.0, 1.0, 1.1, None), (0.0, 1.0, -0.1, None), (0.0, 2.0, 1.0, (1.0, 3.0))],
)
def test_an_impossible_response_is_refused(
    start: float, end: float, fraction: float, returned: tuple[float, float] | None
) -> None:
    with pytest.raises(RiverError, match="the response at a"):
        Interception("a", start, end, fraction, returned)
