"""What each point would cut is a run of the solver; the order is by what each adds."""

from __future__ import annotations

import pytest
from tests.attribute.river.response.straight_river import point, setting

from commonshed.attribute.river.response import Response, harm, respond
from commonshed.attribute.river.spill import Interception, forecast


def responded(*points: dict[str, object], **changes: object) -> Response:
    return respond(setting(point=list(points), **changes))


def peak(response: Response, id: str = "I1") -> float:
    return next(arrival.peak for arrival in response.arrivals if arrival.at == id)


def test_a_gate_shut_in_time_keeps_the_intake_clean() -> None:
    found = responded(point("G", 8000.0))
    (measure,) = found.measures
    assert (measure.standing, measure.rank) == ("in time", 1)
    # 8 km at 0.5 m/s take 4.4 h; the gate is ready after half an hour.
    assert measure.water.peak_time == pytest.approx(8000 / 0.5 / 3600, abs=0.4)
    assert measure.planned is not None
    assert measure.planned.caught == pytest.approx(1.0, abs=3e-3)
    assert peak(found) > 5
    assert found.after["I1"].peak < 0.01 * peak(found)


def test_a_point_that_stops_a_part_cuts_that_part_from_the_peak() -> None:
    found = responded(point("G", 8000.0, share=0.3))
    # A little more gets past: behind the point the water is cleaner, so more disperses across it.
    assert found.after["I1"].peak == pytest.approx(0.7 * peak(found), rel=0.03)
    assert found.after["I1"].peak >= 0.7 * peak(found) * (1 - 1e-3)


def test_two_points_one_after_the_other_multiply() -> None:
    found = responded(point("G1", 4000.0, share=0.5), point("G2", 9000.0, share=0.4))
    assert found.after["I1"].peak == pytest.approx(0.5 * 0.6 * peak(found), rel=0.04)
    assert [measure.rank for measure in found.measures] == [1, 2]


def test_the_point_that_saves_most_comes_first_wherever_it_stands() -> None:
    found = responded(point("near", 4000.0, share=0.2), point("far", 9000.0, share=0.8))
    assert [measure.point.id for measure in found.measures] == ["far", "near"]
    first, second = found.measures
    assert first.after["I1"].peak == pytest.approx(0.2 * peak(found), rel=0.04)
    assert second.after["I1"].peak == pytest.approx(0.16 * peak(found), rel=0.05)


def test_what_is_cut_is_what_the_solver_says_with_the_same_interception() -> None:
    found = responded(point("G", 8000.0, capacity=36_000.0))
    action = found.measures[0].planned
    assert action is not None
    held = found.setting
    again = forecast(
        held.rivers, held.release, hours=30, dx=200, at=["I1"], threshold=1.0,
        responses=[Interception("G", action.start, action.end, action.share)], frames=192,
    )  # fmt: skip
    assert found.after["I1"].peak == pytest.approx(again.arrival("I1").peak, rel=1e-9)


def test_points_that_can_do_nothing_have_no_place_in_the_order() -> None:
    late = point("late", 1000.0, minutes=600.0)
    side = point("side", 1000.0, reach="brook")
    behind = point("behind", 12_000.0, share=0.5)
    found = responded(late, side, behind)
    told = {measure.point.id: (measure.standing, measure.rank) for measure in found.measures}
    assert told == {"behind": ("in time", 1), "late": ("too late", None), "side": ("off the way", None)}


def test_a_spill_that_stays_below_the_threshold_needs_nobody() -> None:
    found = responded(point("G", 8000.0), release={"kind": "instant", "mass": 0.5})
    assert found.measures[0].standing == "not reached"
    assert found.measures[0].rank is None
    assert not any(arrival.reached for arrival in found.arrivals)


def test_harm_counts_how_far_intakes_are_above_the_threshold_and_never_grows_with_a_point() -> None:
    found = responded(point("G1", 4000.0, share=0.5), point("G2", 9000.0, share=0.4, capacity=20_000.0))
    before, after = harm(found.setting, found.forecast), harm(found.setting, found.with_all)
    assert before == pytest.approx(peak(found) - 1.0)
    assert after < before


def test_members_make_bands_around_the_single_run() -> None:
    found = respond(setting(point=[point("G", 8000.0)]), members=40)
    (arrival,) = [arrival for arrival in found.arrivals if arrival.at == "I1"]
    assert arrival.arrival_band is not None
    early, late = arrival.arrival_band
    assert early is not None
    assert late is not None
    assert arrival.arrival is not None
    assert early < arrival.arrival < late
    after = found.after["I1"]
    assert after.peak_band is not None
    assert arrival.peak_band is not None
    assert (after.peak_band[1] or 0) < (arrival.peak_band[0] or 0)


def test_the_same_question_has_the_same_answer() -> None:
    one, two = (responded(point("G1", 4000.0, share=0.5), point("G2", 9000.0, share=0.5)) for _ in range(2))
    assert [m.point.id for m in one.measures] == [m.point.id for m in two.measures]
    assert one.after["I1"].peak == two.after["I1"].peak


def test_micrograms_are_told_in_micrograms() -> None:
    substance = {"quantity": "phenol", "threshold": 1000.0, "unit": "ug/L", "source": "made up"}
    assert peak(responded(substance=substance)) == pytest.approx(peak(responded()), rel=1e-12)
    assert harm(responded(substance=substance).setting, responded().forecast) == pytest.approx(peak(responded()) - 1)
