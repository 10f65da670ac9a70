"""Formulas of dispersion and travel time against figures worked by hand and the misprints that circulate."""

from __future__ import annotations

import math

import pytest

from commonshed.attribute.river.spill import (
    fischer_1975,
    jobson_1996,
    jobson_unit_peak,
    jobson_velocity,
    kashefipour_falconer_2002,
    mixing_length,
    seo_cheong_1998,
    shear_velocity,
)
from commonshed.errors import RiverError

RIVER = {"width": 60.0, "depth": 2.0, "velocity": 0.5, "shear_velocity": 0.05}


def test_fischer_by_hand() -> None:
    # 0.011 · 0.25 · 3600 / (2 · 0.05)
    assert fischer_1975(**RIVER) == pytest.approx(99.0, rel=1e-12)


def test_seo_and_cheong_by_hand() -> None:
    # 5.915 · 2 · 0.05 · 30^0.62 · 10^1.428, with ln 30 = 3.401197 and ln 10 = 2.302585
    by_hand = 5.915 * 0.1 * math.exp(0.62 * 3.401197) * math.exp(1.428 * 2.302585)
    assert seo_cheong_1998(**RIVER) == pytest.approx(by_hand, rel=1e-6)
    assert seo_cheong_1998(**RIVER) == pytest.approx(130.54, rel=1e-3)


def test_seo_and_cheong_is_not_the_transposition_that_circulates() -> None:
    factor = seo_cheong_1998(width=1.0, depth=1.0, velocity=1.0, shear_velocity=1.0)
    assert factor == pytest.approx(5.915, rel=1e-12)
    assert factor != pytest.approx(5.195, rel=1e-2)


def test_kashefipour_and_falconer_by_hand() -> None:
    # (7.428 + 1.775 · 30^0.62 · 0.1^0.572) · 2 · 0.5 · 10 at W/H = 30; 10.612 · 2 · 0.5 · 10 above 50
    by_hand = (7.428 + 1.775 * math.exp(0.62 * 3.401197) * math.exp(-0.572 * 2.302585)) * 10
    assert kashefipour_falconer_2002(**RIVER) == pytest.approx(by_hand, rel=1e-6)
    assert kashefipour_falconer_2002(**RIVER | {"width": 120.0}) == pytest.approx(106.12, rel=1e-12)


def test_shear_velocity_from_slope_and_from_velocity_agree_with_mannings_slope() -> None:
    assert shear_velocity(2.0, slope=1e-4) == pytest.approx(math.sqrt(9.81 * 2e-4), rel=1e-12)
    slope = (0.035 * 0.5) ** 2 / 2.0 ** (4 / 3)
    assert shear_velocity(2.0, velocity=0.5) == pytest.approx(shear_velocity(2.0, slope=slope), rel=1e-12)


# A drainage area of 1,000 km2, a mean discharge of 10 m3/s, now 5 m3/s:
# D'a = (1e9)^1.25 · √9.8 / 10 = 1.7783e11 · 3.1305 / 10 = 5.567e10, Q'a = 0.5, Q/Da = 5e-9.
FLOW = {"discharge": 5.0, "mean_discharge": 10.0, "drainage_area": 1000.0}


def velocity(*, slope: float | None = None, fastest: bool = False) -> float:
    """Jobson's, of the river above."""
    return jobson_velocity(discharge=5.0, mean_discharge=10.0, drainage_area=1000.0, slope=slope, fastest=fastest)


def test_jobsons_velocities_by_hand() -> None:
    # ln D'a = ln 5.567e10 = 24.7428
    without = math.exp(0.821 * 24.7428) * 0.5**-0.465 * 5e-9
    with_slope = math.exp(0.919 * 24.7428) * 0.5**-0.469 * 0.001**0.159 * 5e-9
    assert velocity() == pytest.approx(0.020 + 0.051 * without, rel=1e-4)
    assert velocity(fastest=True) == pytest.approx(0.2 + 0.093 * without, rel=1e-4)
    assert velocity(slope=0.001) == pytest.approx(0.094 + 0.0143 * with_slope, rel=1e-4)
    assert velocity(slope=0.001, fastest=True) == pytest.approx(0.25 + 0.02 * with_slope, rel=1e-4)


def test_jobsons_power_of_drainage_area_is_positive() -> None:
    # With D'a^-0.919, as a circulating code has it, velocity would be its constant, 0.094 m/s, in every river.
    assert velocity(slope=0.001) > 0.2


def test_jobsons_unit_peak_has_the_second_power_within_the_exponent() -> None:
    assert jobson_unit_peak(10.0, 1.0) == pytest.approx(857 * 10**-0.76, rel=1e-12)
    assert jobson_unit_peak(1.0, 0.2) == pytest.approx(857, rel=1e-12)
    assert jobson_unit_peak(10.0, 0.5) == pytest.approx(857 * 10 ** (-0.76 * 0.5**-0.079), rel=1e-12)


def test_a_jobson_cloud_keeps_its_parts_together() -> None:
    cloud = jobson_1996(distance=20_000.0, mass=50.0, **FLOW)
    assert cloud.peak_time == pytest.approx(20_000 / cloud.velocity / 3600, rel=1e-12)
    assert cloud.leading == pytest.approx(0.89 * cloud.peak_time, rel=1e-12)
    assert cloud.earliest < cloud.leading < cloud.peak_time < cloud.passage
    assert cloud.peak == pytest.approx(jobson_unit_peak(cloud.peak_time, 0.5) * 50 / 5 / 1000, rel=1e-12)


def test_a_jobson_cloud_holds_about_its_mass() -> None:
    # A triangle from leading edge over the peak to the tail at a tenth of it holds about the mass (eq. 19 says so).
    cloud = jobson_1996(distance=20_000.0, mass=50.0, **FLOW)
    held = cloud.peak / 2 * (cloud.passage - cloud.leading) * 3600 * 5 / 1000
    assert held == pytest.approx(50, rel=0.01)


@pytest.mark.parametrize("name", list(RIVER))
def test_a_formula_without_one_of_its_values_names_it(name: str) -> None:
    for formula in (fischer_1975, seo_cheong_1998, kashefipour_falconer_2002):
        with pytest.raises(RiverError, match=name.replace("_", " ")):
            formula(**RIVER | {name: 0.0})


def test_a_shear_velocity_from_nothing_is_refused() -> None:
    with pytest.raises(RiverError, match="slope or a velocity"):
        shear_velocity(2.0)
    with pytest.raises(RiverError, match="drainage area"):
        jobson_velocity(discharge=1.0, mean_discharge=1.0, drainage_area=0.0)


def test_a_river_is_mixed_from_bank_to_bank_after_fischers_length() -> None:
    # 0.4 · 0.5 · 3600 / (0.6 · 2 · 0.05)
    assert mixing_length(**RIVER) == pytest.approx(12_000, rel=1e-12)
