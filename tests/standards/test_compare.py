"""What changed from one law to another."""

from __future__ import annotations

from collections import Counter

import pytest

from commonshed.errors import InputError, UnknownName
from commonshed.standards.compare import Change, changes, laws
from commonshed.standards.parts import written


def between(old: str, new: str) -> dict[tuple[str, str, str, str], Change]:
    """Every change between two laws that leave no phase open."""
    (before,), (after,) = laws(old), laws(new)
    return {(c.what, c.of, c.kind, c.level): c for c in changes(before, after)}


def test_the_transition_of_2026_tightened_particulate_matter_of_class_two_only() -> None:
    found = between("GB 3095-2012", "GB 3095-2026@transition")
    stricter = {key: (c.old, c.new) for key, c in found.items() if c.verdict == "stricter"}
    tightened = {key: (written(old.value), written(new.value)) for key, (old, new) in stricter.items() if old and new}
    assert tightened == {
        ("pm10", "year", "limit", "II"): ("70", "60"),
        ("pm10", "24h", "limit", "II"): ("150", "120"),
        ("pm25", "year", "limit", "II"): ("35", "30"),
        ("pm25", "24h", "limit", "II"): ("75", "60"),
    }
    assert Counter(c.verdict for c in found.values()) == {"same": 42, "stricter": 4}


def test_a_law_with_phases_stands_for_each_of_them() -> None:
    assert [law.name for law in laws("GB 3095-2026")] == ["GB 3095-2026@transition", "GB 3095-2026@final"]
    assert [law.name for law in laws("GB 3095-2026@final")] == ["GB 3095-2026@final"]
    assert [law.name for law in laws("eu-2030")] == ["eu-2030"]
    assert [law.name for law in laws("cn-2012@I")] == ["cn-2012@I"]


def test_an_index_is_compared_point_by_point() -> None:
    found = between("HJ 633-2012", "HJ 633-2026")
    assert {key[:2]: c.verdict for key, c in found.items() if c.verdict != "same"} == {
        ("pm10_24h", "100"): "stricter",
        ("pm25_24h", "100"): "stricter",
    }


def test_a_comparison_read_backwards_is_its_mirror() -> None:
    mirror = {"stricter": "laxer", "laxer": "stricter", "new": "gone", "gone": "new"}
    for old, new in (("cn-2012", "eu-2030"), ("cn-2012", "who-2021"), ("GB 3095-2012", "GB 3095-2026@final")):
        there, back = between(old, new), between(new, old)
        assert there.keys() == back.keys()
        assert all(back[key].verdict == mirror.get(c.verdict, c.verdict) for key, c in there.items())


def test_a_law_is_the_same_as_itself() -> None:
    for id in ("cn-2012", "cn-2026@final", "eu-2026", "us-2024", "who-2021"):
        assert {c.verdict for c in between(id, id).values()} == {"same"}


def test_levels_of_other_names_are_the_ones_that_apply() -> None:
    found = between("cn-2012", "who-2021")
    pm25 = found["pm25", "year", "limit", "II / aqg"]
    assert pm25.old is not None
    assert pm25.new is not None
    assert (written(pm25.old.value), written(pm25.new.value), pm25.verdict) == ("35", "5", "stricter")


def test_a_stricter_value_that_may_be_passed_more_often_is_mixed() -> None:
    """SO2 of the day: 125 on 3 days until 2029, 50 on 18 days from 2030."""
    assert between("eu-2026", "eu-2030")["so2", "24h", "limit", "value"].verdict == "mixed"
    assert between("eu-2026", "eu-2030")["no2", "1h", "limit", "value"].verdict == "stricter"  # 200, 18 times then 3


def test_units_are_compared_not_numbers() -> None:
    """Benzo[a]pyrene of the year: 0.001 ug/m3 in China, 1 ng/m3 in Europe."""
    assert between("GB 3095-2012", "eu-2030")["bap", "year", "limit", "II / value"].verdict == "same"


def test_an_index_in_other_units_is_not_compared() -> None:
    found = between("HJ 633-2012", "US-EPA-AQI-2024")
    assert found["o3_8h", "50", "", ""].verdict == "not comparable"
    assert found["pm25_24h", "50", "", ""].verdict == "stricter"  # 35 against 9.0


def test_laws_with_nothing_in_common_are_refused() -> None:
    (limits,), (method,) = laws("GB 3095-2012"), laws("HJ 663-2013")
    with pytest.raises(InputError, match="nothing to compare"):
        changes(limits, method)


@pytest.mark.parametrize("text", ["GB 3095-1996", "cn-2012@final", "GB 3095-2026@III"])
def test_a_law_that_is_not_there_is_refused(text: str) -> None:
    with pytest.raises(UnknownName):
        laws(text)


def test_floors_and_kinds_of_water_are_compared_apart() -> None:
    (first,), (third,) = laws("GB 3838-2002@I"), laws("GB 3838-2002@III")
    found = {(c.what, c.sense, c.water): c.verdict for c in changes(first, third)}
    assert found["do", "min", ""] == "laxer", "a lower floor is laxer"
    assert found["ph", "max", ""] == found["ph", "min", ""] == "same"
    assert found["tp", "max", "river"] == found["tp", "max", "lake"] == "laxer"
    assert ("tn", "max", "river") not in found


def test_water_laws_of_different_averages_stand_side_by_side_without_a_verdict() -> None:
    (chinese,), (japanese,) = laws("cn-surface"), laws("jp-rivers")
    found = {(c.what, c.sense, c.water): c for c in changes(chinese, japanese)}
    oxygen = found["do", "min", "river"]
    assert oxygen.old is not None
    assert oxygen.new is not None
    assert oxygen.of == "24h / period"
    assert oxygen.old.value == oxygen.new.value == 5
    assert oxygen.verdict == "not comparable"
    assert found["do", "min", "lake"].verdict == "gone"
    assert {c.verdict for c in changes(japanese, chinese)} == {"not comparable", "new", "gone"}
