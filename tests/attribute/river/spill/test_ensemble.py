"""Bands of a forecast: drawn with a seed, wide where the river is unknown, nothing where it is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from commonshed.attribute.river.spill import Forecast, Release, Uncertainty, forecast
from commonshed.attribute.river.spill.ensemble import draw
from commonshed.errors import RiverError
from commonshed.places.rivers import Mark, Node, Reach, Rivers

RIVERS = Rivers.of(
    [Node("A"), Node("B")],
    [Reach("r", "A", "B", length=60_000.0, discharge=20.0, velocity=0.5, dispersion=30.0)],
    [Mark("near", "intake", reach="r", distance=9_000.0), Mark("far", "intake", reach="r", distance=50_000.0)],
)


def told(uncertainty: Uncertainty | None = None, **asked: object) -> Forecast:
    """A forecast with members."""
    settings: dict[str, object] = {"hours": 48, "members": 60, "seed": 1} | asked
    return forecast(RIVERS, Release.instant("A", 100.0), uncertainty=uncertainty, **settings)  # type: ignore[arg-type]


def test_draws_have_median_one_and_the_spread_asked_for() -> None:
    factors = draw(Uncertainty(0.2, 0.5, 0.1), 1000, 3)
    for values, deviation in ((factors.velocity, 0.2), (factors.dispersion, 0.5), (factors.discharge, 0.1)):
        assert float(np.median(values)) == pytest.approx(1.0, abs=0.01)
        assert float(np.log(values).std()) == pytest.approx(deviation, rel=0.01)
    assert abs(float(np.corrcoef(factors.velocity, factors.dispersion)[0, 1])) < 0.1


def test_one_seed_is_one_forecast_and_another_is_another() -> None:
    one, same, other = told(), told(), told(seed=2)
    assert one.records() == same.records()
    assert one.records() != other.records()


def test_a_river_that_is_known_has_bands_of_no_width() -> None:
    arrival = told(Uncertainty(0.0, 0.0, 0.0), members=5).arrival("far")
    assert arrival.arrival_band is not None
    assert arrival.peak_band is not None
    low, high = arrival.arrival_band
    assert low == high
    # The members go by the other solver: they meet the marched figure within a cell.
    assert low == pytest.approx(arrival.arrival, abs=0.06)
    assert arrival.peak_band[0] == pytest.approx(arrival.peak, rel=0.005)


def test_bands_of_arrival_grow_with_distance_and_hold_the_forecast() -> None:
    widths = []
    for place in ("near", "far"):
        arrival = told().arrival(place)
        assert arrival.arrival is not None
        assert arrival.arrival_band is not None
        low, high = arrival.arrival_band
        assert low is not None
        assert high is not None
        assert low < arrival.arrival < high
        widths.append(high - low)
    assert widths[1] > 2 * widths[0]


def test_uncertain_velocity_alone_gives_the_band_worked_by_hand() -> None:
    arrival = told(Uncertainty(0.15, 0.0), members=400, hours=60, threshold=0.05).arrival("far")
    assert arrival.peak_time_band is not None
    # The peak's hour goes as 1/u: from e^(-1.645 · 0.15) to e^(+1.645 · 0.15) times 27.7 h.
    assert arrival.peak_time_band[0] == pytest.approx(27.7 * math.exp(-1.645 * 0.15), rel=0.02)
    assert arrival.peak_time_band[1] == pytest.approx(27.7 * math.exp(1.645 * 0.15), rel=0.02)


def test_members_that_never_reach_the_threshold_leave_the_band_open_and_count() -> None:
    plain = told(members=0).arrival("far").peak
    arrival = told(threshold=plain).arrival("far")
    assert arrival.likelihood is not None
    assert 0.2 < arrival.likelihood < 0.8
    assert arrival.arrival_band is not None
    assert arrival.arrival_band[0] is not None
    assert arrival.arrival_band[1] is None


def test_fuller_rivers_dilute_and_run_no_faster() -> None:
    arrival = told(Uncertainty(0.0, 0.0, 0.3), members=200).arrival("far")
    assert arrival.peak_time_band is not None
    assert arrival.peak_band is not None
    assert arrival.peak_time_band[0] == arrival.peak_time_band[1]
    low, high = arrival.peak_band
    assert high is not None
    assert low is not None
    assert high / low == pytest.approx(math.exp(2 * 1.645 * 0.3), rel=0.05)


def test_bands_of_concentration_stand_in_order_at_every_time() -> None:
    bands = told().bands("near")
    assert bands.times.shape == bands.low.shape
    assert (bands.low <= bands.middle).all()
    assert (bands.middle <= bands.high).all()


def test_without_members_there_are_no_bands() -> None:
    plain = told(members=0)
    assert plain.arrival("near").arrival_band is None
    with pytest.raises(KeyError, match="no members"):
        plain.bands("near")


def test_an_uncertainty_below_nothing_is_refused() -> None:
    with pytest.raises(RiverError, match="velocity"):
        Uncertainty(velocity=-0.1)
