"""Trends of sections: a known trend is found, the flow is taken out, an independent implementation agrees."""

from __future__ import annotations

import math

import numpy as np
import pymannkendall
import pytest
from tests.assess.water.building import Sample, network, readings, section

from commonshed.assess import Readings
from commonshed.assess.water import flow_adjusted, water_trends
from commonshed.errors import InputError, UnknownName

YEARS = range(2009, 2017)


def series(*, trend: float, exponent: float, seed: int = 1, noise: float = 0.05) -> tuple[Readings, list[float]]:
    """Monthly samples of nitrogen that fall or rise by `trend` a year and by flow^exponent, with the season."""
    rng = np.random.default_rng(seed)
    rows: list[Sample] = []
    values = []
    for year in YEARS:
        for month in range(1, 13):
            flow = math.exp(1 + math.cos(month / 12 * 2 * math.pi) + rng.normal(0, 1.2))
            c = 3 * (1 + trend) ** (year - YEARS[0]) * flow**exponent * math.exp(rng.normal(0, noise))
            day = f"{year}-{month:02d}-11"
            rows += [("A", day, "no3n", f"{c:.6f}"), ("A", day, "flow", f"{flow:.6f}")]
            values.append(round(c, 6))
    return readings(rows, network(section("A"))), values


def test_a_trend_that_flow_hides_is_found_without_the_flow() -> None:
    plain, without = 0, 0
    for seed in range(8):
        source, _ = series(trend=-0.03, exponent=0.8, seed=seed)
        (record,) = water_trends(source, period="2009..2016", quantities=["no3n"])
        adjusted = record["flow_adjusted"]
        plain += record["seasonal_kendall"]["direction"] == "falling"
        without += adjusted["seasonal_kendall"]["direction"] == "falling"
        assert float(adjusted["slope"]["percent_per_year"]) == pytest.approx(-3, abs=0.6)
        assert float(adjusted["exponent"]) == pytest.approx(0.8, abs=0.05)
        assert (record["n"], record["samples"], adjusted["n"]) == (96, 96, 96)
    assert (plain, without) == (1, 8)


def test_without_any_trend_none_is_found() -> None:
    source, _ = series(trend=0.0, exponent=-0.4, seed=7)
    (record,) = water_trends(source, period="2009..2016", quantities=["no3n"])
    assert record["flow_adjusted"]["seasonal_kendall"]["significant"] is False
    assert float(record["flow_adjusted"]["explained"]) > 0.9


def test_the_seasonal_test_agrees_with_an_independent_implementation() -> None:
    source, values = series(trend=0.02, exponent=0.1)
    (record,) = water_trends(source, period="2009..2016", quantities=["no3n"])
    peer = pymannkendall.seasonal_test(values, period=12)
    assert record["seasonal_kendall"]["s"] == peer.s
    assert float(record["seasonal_kendall"]["z"]) == pytest.approx(peer.z, rel=1e-5)
    assert float(record["slope"]["per_year"]) == pytest.approx(peer.slope, rel=1e-5)


def test_flow_is_taken_out_by_least_squares_in_logarithms() -> None:
    flow = np.array([1.0, 2.0, 4.0, 8.0])
    fit = flow_adjusted(3 * flow**-0.5, flow)
    assert fit.exponent == pytest.approx(-0.5)
    assert fit.explained == pytest.approx(1.0)
    assert np.abs(fit.residuals).max() < 1e-12
    # By hand: ln c = 0, ln 2, 0, ln 2 against ln q = 0 … 3 ln 2: b = Σ x y / Σ x² = 1 / 5.
    assert flow_adjusted([1.0, 2.0, 1.0, 2.0], flow).exponent == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("concentration", "flow", "match"),
    [([1.0, 0.0], [1.0, 2.0], "above nought"), ([1.0, 2.0], [1.0, -2.0], "above nought"), ([1, 2], [3, 3], "equal")],
)
def test_what_has_no_logarithm_is_refused(concentration: list[float], flow: list[float], match: str) -> None:
    with pytest.raises(InputError, match=match):
        flow_adjusted(concentration, flow)


def test_samples_below_detection_are_counted() -> None:
    rows = [
        ("A", f"{year}-{month:02d}-11", "tp", "<0.01" if month % 2 else "0.02")
        for year in YEARS
        for month in range(1, 13)
    ]
    (record,) = water_trends(readings(rows, network(section("A"))), period="2009..2016")
    assert (record["below_detection"], record["median"], record["flow_adjusted"]) == (48, "0.0125", None)


def test_ph_is_not_thinned_by_water() -> None:
    rows = [
        ("A", f"{year}-{month:02d}-11", key, value)
        for year in YEARS
        for month in range(1, 13)
        for key, value in (("ph", f"7.{month:02d}"), ("flow", f"{month}"))
    ]
    (record,) = water_trends(readings(rows, network(section("A"))), period="2009..2016", quantities=["ph"])
    assert record["flow_adjusted"] is None


def test_a_trend_needs_years_and_names_that_are_known() -> None:
    source, _ = series(trend=0.0, exponent=0.0)
    with pytest.raises(InputError, match="at least 2 years"):
        list(water_trends(source, period="2016"))
    with pytest.raises(UnknownName, match="no station"):
        list(water_trends(source, period="2009..2016", sections=["Z"]))
    with pytest.raises(UnknownName, match="no quantity"):
        list(water_trends(source, period="2009..2016", quantities=["tpp"]))
