"""Every limit of GB 3838-2002, table 1, at and around it, against a table typed a second time."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from tests.assess.water.table_of_classes import ASSESSED, AT_MOST, CLASSES, DO_AT_LEAST, PH, TN_LAKE, TP, WORSE

from commonshed.assess.water.scale import Scale, scale_of, water_method
from commonshed.errors import InputError
from commonshed.standards import regime
from commonshed.units import quantity

F = Fraction
DAY = date(2016, 3, 31)


def scale(body: str = "river") -> Scale:
    return scale_of(regime("cn-surface"), DAY, body)


def tables() -> list[tuple[str, str, tuple[str, ...]]]:
    held: list[tuple[str, str, tuple[str, ...]]] = [(key, "river", limits) for key, limits in AT_MOST.items()]
    held += [(key, "lake", limits) for key, limits in AT_MOST.items()]
    return held + [("tp", body, limits) for body, limits in TP.items()] + [("tn", "lake", TN_LAKE)]


@pytest.mark.parametrize(("key", "body", "limits"), tables())
def test_a_value_at_its_limit_keeps_the_class_and_one_tick_more_does_not(
    key: str, body: str, limits: tuple[str, ...]
) -> None:
    tick = quantity(key).resolution
    for i, limit in enumerate(limits):
        first_with_it = CLASSES[limits.index(limit)]
        looser = [name for name, other in zip(CLASSES, limits, strict=True) if F(other) > F(limit)]
        assert scale(body).class_of(key, F(limit)) == first_with_it, (CLASSES[i], limit)
        assert scale(body).class_of(key, F(limit) - tick) == (first_with_it if i else "I")
        assert scale(body).class_of(key, F(limit) + tick) == (looser[0] if looser else WORSE)


def test_oxygen_must_not_be_below_its_limit() -> None:
    for i, limit in enumerate(DO_AT_LEAST):
        below = CLASSES[i + 1] if i < 4 else WORSE
        assert scale().class_of("do", F(limit)) == CLASSES[i]
        assert scale().class_of("do", F(limit) - F(1, 10_000)) == below
        assert scale().class_of("do", F(limit) + F(1, 10_000)) == CLASSES[i]


def test_ph_within_its_range_is_class_one_and_outside_worse_than_five() -> None:
    low, high = map(F, PH)
    tick = F(1, 1000)
    assert [scale().class_of("ph", value) for value in (low, high, F("7.2"))] == ["I", "I", "I"]
    assert [scale().class_of("ph", value) for value in (low - tick, high + tick)] == [WORSE, WORSE]


def test_nitrogen_has_limits_in_lakes_only_and_makes_no_class() -> None:
    assert scale("river").class_of("tn", F(9)) is None
    assert scale("lake").class_of("tn", F(9)) == WORSE
    assert "tn" not in scale("lake").assessed


def test_the_assessed_quantities_are_those_of_the_method_in_the_order_of_the_table() -> None:
    assert scale().assessed == ASSESSED
    assert len(ASSESSED) == 21


def test_items_of_drinking_water_sources_are_no_classes() -> None:
    assert scale().class_of("so4", F(400)) is None
    assert scale().bounds_of("so4").unit == "mg/L"


def test_classes_run_from_the_best_to_what_meets_none() -> None:
    assert scale().levels == (*CLASSES, WORSE)
    assert scale().worst(["II", WORSE, "V"]) == WORSE
    assert scale().worst([]) is None
    assert not scale().worse_than("III", "III")


def test_a_law_of_air_grades_no_water() -> None:
    with pytest.raises(InputError, match="cn-2012 grades air, not water"):
        water_method(regime("cn-2012"))


def test_a_law_with_types_has_limits_for_the_type_of_the_water() -> None:
    # UK Directions of 2010, soluble reactive phosphorus: type 2n 20/40/150/500, types 3n and 4n 50/120/250/1000 µg/L.
    law = regime("uk-wfd-2010")
    upland, lowland = scale_of(law, DAY, "river", "2n"), scale_of(law, DAY, "river", "4n")
    assert [upland.class_of("po4p", F(value)) for value in (20, 21, 501)] == ["High", "Good", "Bad"]
    assert [lowland.class_of("po4p", F(value)) for value in (50, 51, 1001)] == ["High", "Good", "Bad"]
    assert scale_of(law, DAY, "river").class_of("po4p", F(20)) is None
