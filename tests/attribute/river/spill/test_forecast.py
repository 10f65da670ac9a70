"""A spill on a small network: where it goes, when, and that none of it is lost."""

from __future__ import annotations

import numpy as np
import pytest

from commonshed.attribute.river.spill import Interception, Release, forecast
from commonshed.errors import RiverError, UnknownName
from commonshed.places.rivers import Lake, Mark, Node, Reach, Rivers


def network(**of_main: object) -> Rivers:
    """A main river with one tributary, which divides below."""
    main = {"length": 20_000.0, "discharge": 20.0, "velocity": 0.5, "dispersion": 20.0} | of_main
    return Rivers.of(
        [Node(id) for id in "ABCDEF"],
        [
            Reach("main", "A", "B", **main),  # type: ignore[arg-type]
            Reach("tributary", "F", "B", length=9_000.0, discharge=10.0, velocity=0.5, dispersion=10.0),
            Reach("below", "B", "C", length=30_000.0, discharge=30.0, velocity=0.6, dispersion=30.0),
            Reach("left", "C", "D", length=10_000.0, part=0.7, discharge=21.0, velocity=0.6, dispersion=30.0),
            Reach("right", "C", "E", length=5_000.0, part=0.3, discharge=9.0, velocity=0.4, dispersion=10.0),
        ],
        [
            Mark("gate", "gate", reach="main", distance=10_000.0),
            Mark("confluence", "section", node="B"),
            Mark("intake", "intake", reach="below", distance=12_000.0),
            Mark("elsewhere", "section", reach="tributary", distance=5_000.0),
        ],
    )


def test_the_cloud_comes_with_the_water_at_each_place() -> None:
    told = forecast(network(), Release.instant("A", 100.0), hours=48)
    # Travel times by hand: 20 km at 0.5 m/s, 12 and 30 km at 0.6, then 10 km at 0.6 or 5 km at 0.4.
    hours = {"gate": 5.56, "confluence": 11.11, "intake": 16.67, "D": 29.63, "E": 28.47}
    for at, hour in hours.items():
        assert told.arrival(at).peak_time == pytest.approx(hour, abs=0.1)
    assert [each.at for each in told.arrivals] == ["gate", "confluence", "intake", "E", "D"]
    assert told.arrival("intake").distance == 32_000


def test_no_mass_is_lost_where_rivers_meet_divide_and_end() -> None:
    told = forecast(network(), Release.pulse("main", 100.0, duration=2, distance=1_000.0), hours=48)
    assert told.balance.released == pytest.approx(100_000, rel=1e-12)
    assert told.balance.error < 1e-12
    assert told.balance.left == pytest.approx(100_000, rel=1e-6)


def test_a_tributary_dilutes_by_its_share_of_the_flow() -> None:
    steady = Release.pulse("A", 72.0 * 40, duration=40)
    told = forecast(network(), steady, hours=40, at=["gate", "intake", "D"])
    above = 72_000 / 3600 / 20
    assert told.arrival("gate").peak == pytest.approx(above, rel=1e-9)
    assert told.arrival("intake").peak == pytest.approx(above * 20 / 30, rel=1e-9)
    assert told.arrival("D").peak == pytest.approx(above * 20 / 30, rel=1e-9)


def test_water_taken_at_a_node_takes_its_part_along() -> None:
    rivers = network(discharge=40.0, velocity=1.0)
    told = forecast(rivers, Release.instant("A", 100.0), hours=48, at=["gate", "intake"])
    assert told.balance.taken == pytest.approx(25_000, rel=1e-4)
    assert told.balance.error < 1e-12


def test_a_response_holds_its_part_while_it_acts() -> None:
    plain = forecast(network(), Release.instant("A", 100.0), hours=48)
    held = forecast(network(), Release.instant("A", 100.0), hours=48, responses=[Interception("gate", 0, 48)])
    half = forecast(network(), Release.instant("A", 100.0), hours=48, responses=[Interception("gate", 0, 48, 0.5)])
    assert held.arrival("intake").peak == 0
    assert not held.arrival("intake").reached
    assert held.balance.held + held.balance.stored == pytest.approx(100_000, rel=1e-9)
    assert half.arrival("intake").peak == pytest.approx(plain.arrival("intake").peak / 2, rel=1e-2)
    assert {held.balance.error < 1e-12, half.balance.error < 1e-12} == {True}


def test_what_was_held_goes_on_when_it_is_let_out() -> None:
    response = Interception("gate", 4, 8, 1.0, (20, 24))
    told = forecast(network(), Release.instant("A", 100.0), hours=60, responses=[response])
    assert told.arrival("gate").peak_time is not None
    assert told.arrival("intake").peak_time == pytest.approx(22 + 22_000 / 3600 / 0.55, abs=2.5)
    assert told.balance.held == pytest.approx(0, abs=1e-6)
    assert told.balance.error < 1e-12


def test_a_place_upstream_or_aside_is_told_to_be_so() -> None:
    told = forecast(network(), Release.instant("gate", 100.0), hours=24, at=["elsewhere", "A", "intake"])
    assert told.arrival("elsewhere").note == "not downstream of the release"
    assert told.arrival("A").distance is None
    assert told.arrival("intake").distance == 22_000
    assert told.arrivals[0].at == "intake"


def test_a_cloud_that_is_still_there_has_no_end() -> None:
    told = forecast(network(), Release.instant("A", 100.0), hours=17, at=["intake", "D"])
    assert told.arrival("intake").passage is None
    assert told.arrival("intake").note == "still there at the end of the forecast"
    assert (told.arrival("D").arrival, told.arrival("D").note) == (None, "not reached within the forecast")


def test_a_place_above_where_the_river_is_mixed_says_so() -> None:
    told = forecast(network(width=60.0, depth=2.0, slope=1.274e-4), Release.instant("A", 1.0), hours=40)
    # Fischer's length at u* = 0.05 m/s is 12 km: the gate at 10 km lies above, the confluence at 20 km below.
    assert "12.0 km" in told.arrival("gate").note
    assert told.arrival("confluence").note == ""


def test_records_hold_text_and_no_binary_float() -> None:
    record = forecast(network(), Release.instant("A", 100.0), hours=48, threshold=0.01).records()[0]
    assert record["at"] == "gate"
    assert record["threshold_mg_l"] == "0.01000"
    assert not [value for value in record.values() if isinstance(value, float)]


def test_the_profile_runs_from_the_release_to_the_place() -> None:
    told = forecast(network(), Release.instant("main", 100.0, distance=5_000.0), hours=48, frames=48)
    profile = told.profile("intake")
    assert profile.concentration.shape == (49, len(profile.distances))
    assert profile.distances[0] == pytest.approx(50)
    assert profile.distances[-1] == pytest.approx(26_950)
    assert profile.places == ((5_000.0, "gate"), (15_000.0, "confluence"), (27_000.0, "intake"))
    # After 4 h at 0.5 m/s the cloud stands 7.2 km below its release.
    assert profile.distances[profile.concentration[4].argmax()] == pytest.approx(7_200, abs=150)


@pytest.mark.parametrize("flow", [0.0, None, -3.0])
def test_a_reach_without_flow_is_named_with_its_mend(flow: float | None) -> None:
    with pytest.raises(RiverError, match=r"reach main has no flow.*Measure, declare or scale a discharge"):
        forecast(network(discharge=flow), Release.instant("A", 1.0), hours=24)


def test_only_reaches_below_the_release_need_flow() -> None:
    told = forecast(network(discharge=None), Release.instant("B", 1.0), hours=24)
    assert told.balance.error < 1e-12


def test_a_release_at_an_unknown_place_names_the_near_ones() -> None:
    with pytest.raises(UnknownName, match="gate"):
        forecast(network(), Release.instant("gat", 1.0), hours=24)


def test_a_release_at_the_mouth_goes_nowhere_and_says_so() -> None:
    with pytest.raises(RiverError, match="nothing flows on"):
        forecast(network(), Release.instant("D", 1.0), hours=24)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"hours": 0}, "hours above 0"),
        ({"hours": 24, "dx": -1.0}, "dx above 0"),
        ({"hours": 24, "threshold": 0.1, "background": 0.2}, "always exceeded"),
        ({"hours": 24, "decay": -1.0}, "decay is below 0"),
    ],
)
def test_what_cannot_be_asked_is_refused(asked: dict[str, float], words: str) -> None:
    with pytest.raises(RiverError, match=words):
        forecast(network(), Release.instant("A", 1.0), **asked)  # type: ignore[arg-type]


def test_concentrations_are_never_negative() -> None:
    told = forecast(network(dispersion=0.0), Release.instant("A", 100.0), hours=30)
    assert min(float(series.min()) for series in told.series.values()) >= 0
    assert float(told.profile().concentration.min()) >= 0
    assert np.isfinite(told.profile().concentration).all()


def test_what_nobody_measured_follows_from_discharge_and_is_said_to() -> None:
    told = forecast(network(velocity=None, dispersion=None), Release.instant("A", 100.0), hours=60, at=["gate"])
    reach = told.rivers.reach("main")
    assert "Moody and Troutman" in reach.note
    # Their w = 7.2 Q^0.5 and d = 0.27 Q^0.3 at 20 m3/s: 32.2 m, 0.663 m, so 0.937 m/s, and 10 km in 2.97 h.
    assert told.arrival("gate").peak_time == pytest.approx(2.97, abs=0.15)


def test_a_lake_is_passed_in_its_volume_over_its_discharge() -> None:
    lake = Reach("lake", "A", "B", length=5_000.0, discharge=20.0, velocity=0.5, lake=Lake(3.0, 3.6))
    below = Reach("below", "B", "C", length=2_000.0, discharge=20.0, velocity=0.5, dispersion=5.0)
    rivers = Rivers.of([Node("A"), Node("B"), Node("C")], [lake, below])
    told = forecast(rivers, Release.instant("A", 100.0), hours=400, frames=20)
    series, times = told.series["C"], told.times
    # 3.6 million m3 at 20 m3/s are 50 h, and 2 km of river another; so long it takes on average.
    assert float((series * times).sum() / series.sum()) == pytest.approx(51.1, rel=0.03)


def test_a_release_that_begins_after_the_end_is_refused() -> None:
    with pytest.raises(RiverError, match="begins after the forecast ends"):
        forecast(network(), Release.instant("A", 1.0, start=24.0), hours=24)
    with pytest.raises(RiverError, match="nothing is released"):
        forecast(network(), [], hours=24)


def test_a_mark_above_the_release_on_its_own_reach_is_not_downstream() -> None:
    told = forecast(network(), Release.instant("main", 1.0, distance=15_000.0), hours=24)
    assert told.arrival("gate").note == "not downstream of the release"
    assert told.arrival("gate").distance is None
    assert told.arrivals[0].at == "confluence"


def test_a_response_where_it_is_released_holds_what_is_released() -> None:
    response = Interception("A", 0.0, 24.0, 0.9)
    told = forecast(network(), Release.instant("A", 100.0), hours=48, responses=[response])
    assert told.balance.held == pytest.approx(90_000, rel=1e-2)
    assert told.balance.error < 1e-12


def test_several_releases_add_up_at_every_place() -> None:
    one, two = Release.instant("A", 100.0), Release.pulse("main", 50.0, duration=3, distance=8_000.0)
    both = forecast(network(), [one, two], hours=48, at=["confluence", "intake"])
    parts = [forecast(network(), each, hours=48, at=["confluence", "intake"]) for each in (one, two)]
    for place in ("confluence", "intake"):
        apart = np.sum([np.interp(both.times, part.times, part.series[place]) for part in parts], axis=0)
        # The limiter sees steepness, not sums: equal but for its traces.
        np.testing.assert_allclose(both.series[place], apart, atol=0.01 * float(apart.max()))


def test_a_place_the_cloud_does_not_reach_has_neither_arrival_nor_peak_in_any_member() -> None:
    told = forecast(network(), Release.instant("A", 100.0), hours=12, at=["D"], members=30)
    far = told.arrival("D")
    # 60 km at 0.5 m/s take 30 h; a hundredth of a solver's last digits is no arrival.
    assert (far.arrival, far.peak_time, far.peak) == (None, None, 0.0)
    assert far.arrival_band == far.peak_time_band == (None, None)
    assert far.peak_band == (0.0, 0.0)
    assert far.likelihood == 0.0
