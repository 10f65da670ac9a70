"""A province may be stricter than the nation, never laxer."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonshed.errors import LawError, LaxerLayer, NotCovered
from commonshed.standards import Edition, admit, load_edition, regime

LAYER = load_edition(Path(__file__).with_name("layer.toml"))


def changed(first: date = date(2019, 7, 1), *, limit: dict[str, object] | None = None, **fields: object) -> Edition:
    """The layer with another first day, limit or field."""
    data = LAYER.model_dump()
    (stage,), (only,) = data["in_force"], data["limits"]
    data |= {"in_force": [stage | {"first": first}], "limits": [only | (limit or {})]}
    return Edition.model_validate(data | fields).read_from(b"a made-up file")


def test_a_stricter_limit_applies_from_its_first_day_on() -> None:
    law = regime("cn-2012").with_layer(LAYER)
    assert law.value("pm25", "year", date(2019, 6, 30)) == 35
    assert law.value("pm25", "year", date(2019, 7, 1)) == 30
    assert law.value("pm25", "24h", date(2019, 7, 1)) == 75
    assert law.edition_ids[-1] == "DB11/1-2019"
    assert law != regime("cn-2012")


def test_a_layers_limit_names_its_own_clause() -> None:
    law = regime("cn-2012").with_layer(LAYER)
    limit = law.limit("pm25", "year", date(2020, 1, 1))
    assert limit is not None
    assert law.clause(limit) == "DB11/1-2019, table 1"
    assert law.status_of(limit).status == "unverified"


def test_a_laxer_limit_is_refused_with_both_values() -> None:
    with pytest.raises(LaxerLayer) as refused:
        regime("cn-2012").with_layer(changed(limit={"levels": {"II": 36}}))
    assert str(refused.value) == (
        "layer DB11/1-2019 is laxer than GB 3095-2012, table 1: pm25 year, level II: 36 ug/m3 against 35 ug/m3 "
        "on 2019-07-01. A local limit may only be stricter"
    )


def test_units_are_compared_not_numbers() -> None:
    with pytest.raises(LaxerLayer, match=r"0\.036 mg/m3 against 35 ug/m3"):
        regime("cn-2012").with_layer(changed(limit={"unit": "mg/m3", "levels": {"II": "0.036"}}))
    assert regime("cn-2012").with_layer(changed(limit={"unit": "mg/m3", "levels": {"II": "0.034"}})).layers


def test_an_equal_limit_is_not_laxer() -> None:
    law = regime("cn-2012").with_layer(changed(limit={"levels": {"II": 35}}))
    limit = law.limit("pm25", "year", date(2020, 1, 1))
    assert limit is not None
    assert law.clause(limit) == "GB 3095-2012, table 1"


def test_a_layer_older_than_a_stricter_national_law_gives_way_to_it() -> None:
    law = regime("cn-2026").with_layer(changed(limit={"levels": {"II": 33}}))
    assert law.value("pm25", "year", date(2027, 1, 1)) == 30
    assert law.value("pm25", "year", date(2031, 1, 1)) == 25


def test_a_layer_may_limit_what_the_nation_does_not() -> None:
    law = regime("cn-2012").with_layer(changed(limit={"quantity": "benzene"}))
    assert law.value("benzene", "year", date(2020, 1, 1)) == 30


@given(st.integers(1, 100))
def test_whatever_is_accepted_never_raises_a_limit(value: int) -> None:
    layer = changed(limit={"levels": {"II": value}})
    try:
        law = regime("cn-2012").with_layer(layer)
    except LaxerLayer:
        assert value > 35
    else:
        assert law.value("pm25", "year", date(2020, 1, 1)) == value <= 35


def test_admission_finds_the_regime_a_layer_sits_on() -> None:
    assert admit(LAYER).id == "cn-2012"
    assert admit(changed(date(2027, 1, 1))).id == "cn-2026"
    with pytest.raises(LaxerLayer, match="32 ug/m3 against 30 ug/m3 on 2027-01-01"):
        admit(changed(date(2027, 1, 1), limit={"levels": {"II": 32}}))
    with pytest.raises(NotCovered):
        admit(changed(issuer="nowhere"))
    with pytest.raises(LawError, match="no day on which it comes into force"):
        admit(changed(in_force=()))


def test_a_layer_holds_limits_only() -> None:
    index = regime("us-2024").index
    assert index is not None
    with pytest.raises(LawError, match="holds index: a layer holds limits only"):
        regime("cn-2012").with_layer(changed(index=index.model_dump()))


def test_a_layer_has_no_levels_of_its_own() -> None:
    with pytest.raises(LawError, match="has levels V; cn-2012 has I, II"):
        regime("cn-2012").with_layer(changed(levels={"V": {"en": "five", "zh": "五"}}))
