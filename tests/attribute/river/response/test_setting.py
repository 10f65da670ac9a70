"""A scenario set on a river: the water of that day, and what stands along the way."""

from __future__ import annotations

import pytest
from tests.attribute.river.response.straight_river import point, scenario, setting, straight

from commonshed.attribute.river.response import set_on
from commonshed.errors import InputError, RiverError, UnknownName
from commonshed.places import Mark, Network, Rivers


def test_the_border_of_a_tributary_that_carries_nothing_is_not_watched() -> None:
    assert setting().watched == ("S1", "I1", "B-border")


def test_only_what_is_asked_for_is_watched() -> None:
    held = set_on(straight(), scenario(), at=("I1", "mouth"))
    assert held.watched == ("I1", "mouth")
    with pytest.raises(UnknownName, match="I1"):
        set_on(straight(), scenario(), at=("I7",))


def test_discharge_follows_the_factor_and_a_reach_of_its_own_does_not() -> None:
    water = {"flow": 2.0, "reach": [{"id": "lower", "discharge": 55.0}]}
    reaches = setting(water=water).rivers.reaches
    assert reaches["middle"].discharge == 20
    assert reaches["lower"].discharge == 55


def test_what_is_measured_that_day_fills_the_network_by_balance() -> None:
    reaches = setting(water={"discharge": {"A": 6.0, "B": 18.0}}).rivers.reaches
    assert reaches["lower"].discharge == 18
    assert reaches["middle"].discharge is not None
    assert reaches["brook"].discharge is not None
    assert reaches["middle"].discharge + reaches["brook"].discharge == pytest.approx(18)
    # 20 m wide and 1 m deep: the velocity follows.
    assert reaches["middle"].velocity == pytest.approx(reaches["middle"].discharge / 20)


def test_a_point_of_the_network_that_says_how_long_it_needs_can_act() -> None:
    network = straight()
    assert network.rivers is not None
    gate = Mark("old-gate", "gate", reach="middle", distance=5000, capacity=72_000, minutes=20, calls=("keeper",))
    rivers = Rivers.of(network.rivers.nodes.values(), network.rivers.reaches.values(), [gate])
    (found,) = set_on(rivers, scenario(watch=[])).points
    assert (found.id, found.share, found.capacity, found.minutes) == ("old-gate", 1.0, 72_000, 20)


def test_discharge_at_a_mark_is_that_of_its_reach() -> None:
    held = setting(point=[point("G", 1000.0)])
    assert held.discharge("G") == 10
    assert held.discharge("B") == 20
    assert held.discharge("mouth") == 20


@pytest.mark.parametrize(
    ("changes", "error", "told"),
    [
        ({"place": {"node": "Z", "name": {"en": "z", "zh": "z"}}}, UnknownName, "node"),
        ({"point": [point("G", 1000.0, reach="nowhere")]}, UnknownName, "reach"),
        ({"point": [point("G", 999_999.0)]}, RiverError, "beyond reach middle"),
        ({"water": {"reach": [{"id": "nowhere"}]}}, UnknownName, "reach"),
        ({"water": {"discharge": {"nowhere": 3.0}}}, UnknownName, "mark or node"),
    ],
)
def test_a_place_that_is_not_on_the_network_is_named(changes: dict[str, object], error: type, told: str) -> None:
    with pytest.raises(error, match=told):
        setting(**changes)


def test_a_network_without_rivers_is_refused() -> None:
    with pytest.raises(InputError, match="has no rivers"):
        set_on(Network({}, {}), scenario())


def test_names_are_those_of_the_scenario_then_of_the_network_then_ids() -> None:
    held = setting()
    assert [held.name(id).zh for id in ("I1", "S1", "mouth")] == ["取水口", "一号断面", "mouth"]
    assert held.role("keeper").en == "Keeper"
    assert held.role("somebody").en == "somebody"
