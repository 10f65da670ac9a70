"""A local limit for water may be a floor, and may be for lakes only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonshed.errors import LawError, LaxerLayer
from commonshed.standards import Edition, admit, load_edition, regime

LAYER = load_edition(Path(__file__).with_name("water_layer.toml"))
LAW = regime("cn-surface")
DAY = date(2021, 3, 1)


def layer(*limits: Mapping[str, object], **fields: object) -> Edition:
    """The layer with other limits."""
    data = LAYER.model_dump() | {"limits": [LAYER.model_dump()["limits"][0] | limit for limit in limits]}
    return Edition.model_validate(data | fields).read_from(b"a made-up file")


def test_a_layer_of_water_sits_on_the_regime_of_water() -> None:
    assert admit(LAYER).id == "cn-surface"


def test_a_higher_floor_is_stricter_and_applies() -> None:
    law = LAW.with_layer(LAYER)
    assert law.value("do", "period", date(2019, 12, 31)) == 5
    assert law.value("do", "period", DAY) == 6
    assert law.value("do", "period", DAY, "II") == 6


def test_a_lower_floor_is_refused_with_both_values() -> None:
    with pytest.raises(LaxerLayer) as refused:
        LAW.with_layer(layer({"levels": {"III": "4.9"}}))
    assert str(refused.value) == (
        "layer DB23/1-2020 is laxer than GB 3838-2002, table 1, item 3: do period, level III: at least 4.9 mg/L "
        "against at least 5 mg/L on 2020-01-01. A local limit may only be stricter"
    )


def test_a_limit_for_lakes_leaves_rivers_alone() -> None:
    law = LAW.with_layer(LAYER)
    assert law.value("tp", "period", DAY) == 40, "without a kind of water the strictest of all"
    lake = law.limit("tp", "period", DAY, water_body="lake")
    river = law.limit("tp", "period", DAY, water_body="river")
    assert lake is not None
    assert river is not None
    assert lake.levels["III"] == 40
    assert lake.unit == "ug/L"
    assert river.levels["III"] == Fraction(1, 5)


def test_a_limit_that_would_weaken_lakes_is_refused_although_rivers_have_a_laxer_one() -> None:
    weak = {"quantity": "tp", "sense": "max", "water_body": "lake", "levels": {"III": "0.1"}}
    with pytest.raises(LaxerLayer, match=r"0\.1 mg/L against 0\.05 mg/L"):
        LAW.with_layer(layer(weak))
    assert LAW.with_layer(layer(weak | {"water_body": "river"})).layers


Sense = Literal["max", "min"]
SENSES: tuple[Sense, Sense] = ("max", "min")


@given(st.integers(0, 1400).map(lambda count: Fraction(count, 100)), st.sampled_from(SENSES))
def test_both_bounds_of_ph_are_kept_apart(value: Fraction, sense: Sense) -> None:
    made = layer({"quantity": "ph", "unit": "1", "sense": sense, "levels": {"III": value}})
    if value >= 6 if sense == "min" else value <= 9:
        law = LAW.with_layer(made)
        held = {side: law.limit("ph", "period", DAY, sense=side) for side in SENSES}
        found = {side: limit.levels["III"] for side, limit in held.items() if limit}
        assert found == {"max": Fraction(9), "min": Fraction(6)} | {sense: value}
    else:
        with pytest.raises(LaxerLayer):
            LAW.with_layer(made)


def test_a_layer_of_water_is_no_layer_of_air() -> None:
    with pytest.raises(LawError, match="is of water, cn-2012 of air"):
        regime("cn-2012").with_layer(LAYER)


def test_layers_go_to_the_places_and_the_medium_they_were_issued_for() -> None:
    assert LAW.layered([LAYER], "230102").layers == (LAYER,)
    assert LAW.layered([LAYER], "110105") is LAW
    assert regime("cn-2012").layered([layer({"quantity": "do"}, levels={"II": LAYER.title})], "230102").layers == ()


def test_a_method_is_no_part_of_a_layer() -> None:
    method = LAW.water
    with pytest.raises(LawError, match="holds water"):
        LAW.with_layer(layer({}, water=method))
