"""Discharge between measured places follows from balance; width, depth and velocity from discharge."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.places.waters import chain, trees

from commonshed.errors import RiverError, UnknownName
from commonshed.places import Mark, Node, Reach, Rivers, discharges, flowing, shipped, with_hydraulics
from commonshed.places.hydraulics import MOODY_TROUTMAN, manning_velocity


def test_a_gain_between_two_sections_is_spread_by_length() -> None:
    """10 m3/s above, 16 below, over 1 km and 2 km: 12 after the first, 16 after the second."""
    assert discharges(chain(1000.0, 2000.0), {"n0": 10.0, "n2": 16.0}) == pytest.approx({"r1": 12.0, "r2": 16.0})


def test_with_catchments_it_is_spread_by_area() -> None:
    """100, 250 and 300 km2: three quarters of the gain come in along the first reach."""
    rivers = chain(1000.0, 2000.0)
    areas = {"n0": 100.0, "n1": 250.0, "n2": 300.0}
    known = replace(rivers, nodes={id: Node(id, catchment=area) for id, area in areas.items()})
    assert discharges(known, {"n0": 10.0, "n2": 16.0}) == pytest.approx({"r1": 14.5, "r2": 16.0})


def test_below_the_lowest_section_the_yield_per_area_goes_on() -> None:
    rivers = chain(1000.0, 2000.0)
    areas = {"n0": 50.0, "n1": 100.0, "n2": 150.0}
    known = replace(rivers, nodes={id: Node(id, catchment=area) for id, area in areas.items()})
    assert discharges(known, {"n1": 4.0}) == pytest.approx({"r1": 4.0, "r2": 6.0})


def test_without_catchments_what_flows_in_flows_out() -> None:
    assert discharges(chain(1000.0, 2000.0), {"n0": 3.0}) == {"r1": 3.0, "r2": 3.0}


def _confluence() -> Rivers:
    ends = [("a", "x"), ("b", "x"), ("x", "m")]
    return Rivers.of([Node(id) for id in "abxm"], [Reach(u + d, u, d, length=1000.0) for u, d in ends])


def test_two_tributaries_add_up_at_their_confluence() -> None:
    assert discharges(_confluence(), {"a": 2.0, "b": 5.0})["xm"] == pytest.approx(7.0)


def test_a_tributary_nobody_measures_gets_its_part_of_the_gain() -> None:
    found = discharges(_confluence(), {"a": 2.0, "m": 5.0})
    assert found == pytest.approx({"ax": 3.0, "bx": 1.0, "xm": 5.0})


def test_a_loss_is_booked_where_it_shows_and_dries_no_tributary() -> None:
    found = discharges(_confluence(), {"a": 2.0, "b": 5.0, "m": 1.0})
    assert found == pytest.approx({"ax": 2.0, "bx": 5.0, "xm": 1.0})


def test_arms_of_a_division_share_what_comes() -> None:
    arms = [Reach("in", "a", "b"), Reach("old", "b", "c", part=0.25), Reach("new", "b", "c", part=0.75)]
    rivers = Rivers.of([Node(id) for id in "abc"], arms)
    assert discharges(rivers, {"a": 8.0}) == pytest.approx({"in": 8.0, "old": 2.0, "new": 6.0})
    assert discharges(rivers, {"a": 8.0, "c": 12.0})["in"] > 8.0


def test_a_section_on_a_reach_is_where_it_stands() -> None:
    rivers = replace(chain(1000.0), marks={"S": Mark("S", "section", reach="r1", distance=400.0)})
    assert discharges(rivers, {"n0": 1.0, "S": 3.0})["r1"] == pytest.approx(3.0)


def test_declared_discharge_counts_where_nothing_is_measured() -> None:
    apart = Rivers.of(
        [Node(id) for id in "abcd"], [Reach("ab", "a", "b", discharge=9.0), Reach("cd", "c", "d", discharge=4.0)]
    )
    assert discharges(apart, {"a": 1.0}) == {"ab": 1.0, "cd": 4.0}
    assert with_hydraulics(apart).reach("ab").discharge == 9.0


@given(trees(marks=False), st.data())
def test_at_every_section_the_water_is_what_was_measured(rivers: Rivers, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.sampled_from(sorted(rivers.nodes)), min_size=1, unique=True))
    measured = {place: data.draw(st.floats(0.01, 1000)) for place in places}
    found = discharges(rivers, measured)
    assert all(Q >= 0 for Q in found.values())
    for place, Q in measured.items():
        if rivers.into[place]:
            assert math.fsum(found[id] for id in rivers.into[place]) == pytest.approx(Q)


@given(trees(marks=False), st.floats(0.5, 2.0))
def test_twice_the_water_everywhere_is_twice_the_discharge(rivers: Rivers, factor: float) -> None:
    measured = {node: 1.0 + k for k, node in enumerate(rivers.order)}
    more = discharges(rivers, {node: Q * factor for node, Q in measured.items()})
    assert more == pytest.approx({id: Q * factor for id, Q in discharges(rivers, measured).items()})


def test_width_and_depth_by_the_power_laws_and_velocity_from_both() -> None:
    """W = 7.2·100^0.5 = 72 m, d = 0.27·100^0.3 = 1.0749 m, v = 100/(72 · 1.0749) = 1.2921 m/s."""
    reach = with_hydraulics(chain(1000.0), {"n0": 100.0}).reach("r1")
    assert reach.width == pytest.approx(72.0)
    assert reach.depth == pytest.approx(1.0749, abs=1e-4)
    assert reach.velocity == pytest.approx(1.2921, abs=1e-4)
    assert "Moody and Troutman" in reach.note


def test_the_exponents_make_one_with_that_of_velocity() -> None:
    """Leopold and Maddock (1953): b + f + m = 1."""
    m = math.log(1000 / (MOODY_TROUTMAN.width(1000) * MOODY_TROUTMAN.depth(1000)) * 7.2 * 0.27) / math.log(1000)
    assert MOODY_TROUTMAN.b + MOODY_TROUTMAN.f + m == pytest.approx(1.0)


def test_what_was_measured_of_a_reach_stays() -> None:
    rivers = chain(1000.0, width=20.0, depth=2.0, velocity=0.3, discharge=12.0)
    still = with_hydraulics(rivers).reach("r1")
    assert (still.width, still.depth, still.velocity, still.discharge) == (20.0, 2.0, 0.3, 12.0)
    risen = with_hydraulics(rivers, {"n0": 24.0}).reach("r1")
    assert (risen.width, risen.depth) == (20.0, 2.0)
    assert risen.velocity == pytest.approx(0.6)
    assert risen.note == ""


def test_depth_follows_from_a_velocity_that_is_known() -> None:
    reach = with_hydraulics(chain(1000.0, velocity=0.5, width=10.0), {"n0": 10.0}).reach("r1")
    assert reach.depth == pytest.approx(2.0)


def test_a_reach_without_flow_is_an_error_that_names_it_and_the_mend() -> None:
    dry = with_hydraulics(chain(1000.0), {"n0": 0.0}).reach("r1")
    assert dry.velocity is None
    with pytest.raises(RiverError, match="reach r1 has no flow") as caught:
        flowing(dry)
    assert "above 0 m3/s" in (caught.value.mend or "")
    with pytest.raises(RiverError, match="reach r1 has no flow"):
        flowing(chain(1000.0).reach("r1"))
    assert flowing(replace(dry, discharge=2.0)) == 2.0


@pytest.mark.parametrize("Q", [-1.0, float("nan"), float("inf")])
def test_a_discharge_that_cannot_be_is_refused(Q: float) -> None:
    with pytest.raises(RiverError, match="n0 carries no such discharge"):
        discharges(chain(1000.0), {"n0": Q})


def test_an_unknown_place_is_refused_with_near_ones() -> None:
    with pytest.raises(UnknownName, match="TC99"):
        discharges(shipped("thames").rivers, {"TC99": 1.0})  # type: ignore[arg-type]


def test_two_different_discharges_at_one_node_are_refused() -> None:
    rivers = replace(chain(10.0), marks={"S": Mark("S", "section", node="n0")})
    with pytest.raises(RiverError, match="two discharges are given at n0"):
        discharges(rivers, {"S": 1.0, "n0": 2.0})


def test_velocity_from_slope_is_mannings() -> None:
    """1^(2/3) · sqrt(0.001) / 0.035 = 0.9035 m/s."""
    assert manning_velocity(1.0, 0.001) == pytest.approx(0.90351, abs=1e-5)
