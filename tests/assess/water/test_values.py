"""Values of sections: units of the law, rounding, multiples, and what others build on."""

from __future__ import annotations

from fractions import Fraction

import pytest
from tests.assess.water.building import network, one, readings, section

from commonshed.assess.water import section_values
from commonshed.errors import UnknownName

F = Fraction


def test_values_are_exact_means_and_published_as_the_method_says() -> None:
    places = network(section("A"))
    rows = [("A", "2016-03-01", "nh3n", "1.25"), ("A", "2016-03-20", "nh3n", "1.26")]
    held = section_values(readings(rows, places), "cn-surface", "2016-03")["A", "nh3n"]
    # 1.255 goes to the even 1.26, which is IV; (1.26 − 1) / 1 = 0.26.
    assert (held.mean, held.published, held.level, held.multiple) == (F("1.255"), "1.26", "IV", "0.26")
    assert (held.samples, held.below, held.unit) == (2, 0, "mg/L")


def test_a_mean_is_compared_as_published() -> None:
    places = network(section("A"))
    rows = [("A", "2016-03-01", "tp", "0.2"), ("A", "2016-03-20", "tp", "0.201")]
    held = section_values(readings(rows, places), "cn-surface", "2016-03")["A", "tp"]
    assert (held.mean, held.published, held.level) == (F("0.2005"), "0.200", "III")


@pytest.mark.parametrize(("key", "value", "published", "level"), [
    # Published with their class on the automatic network, 2020-05 to 2021-04: see docs/formats/water-records.md.
    ("codmn", "6.04", "6.0", "IV"),
    ("do", "7.46", "7.5", "II"),
    ("ph", "9.32", "9", "inferior V"),
    ("ph", "5.8", "6", "inferior V"),
])  # fmt: skip
def test_a_single_sample_is_compared_as_measured(key: str, value: str, published: str, level: str) -> None:
    held = section_values(one({key: value}), "cn-surface", "2016-03")["S", key]
    assert (held.published, held.level) == (published, level)


def test_a_mean_ph_outside_the_range_is_worse_than_five_although_it_is_published_as_nine() -> None:
    places = network(section("A"))
    rows = [("A", "2016-03-01", "ph", "9.2"), ("A", "2016-03-20", "ph", "9.4")]
    held = section_values(readings(rows, places), "cn-surface", "2016-03")["A", "ph"]
    # −log10((10^-9.2 + 10^-9.4) / 2) = 9.2887…
    assert (held.published, held.level) == ("9", "inferior V")
    assert F("9.28") < held.compared < F("9.29")


def test_half_a_detection_limit_keeps_one_digit() -> None:
    held = section_values(one({"hg": "<0.000008"}), "cn-surface", "2016-03")["S", "hg"]
    assert (held.published, held.below, held.level) == ("0.000004", 1, "I")


def test_lakes_have_limits_of_their_own() -> None:
    river, lake = (
        section_values(one({"tp": "0.06"}, body=body), "cn-surface", "2016-03") for body in ("river", "lake")
    )
    assert (river["S", "tp"].level, lake["S", "tp"].level, lake["S", "tp"].multiple) == ("II", "IV", "0.20")


def test_ph_and_oxygen_have_no_multiple() -> None:
    held = section_values(one({"ph": "9.8", "do": "1.0"}), "cn-surface", "2016-03")
    assert [held["S", key].multiple for key in ("ph", "do")] == [None, None]


def test_values_stand_in_the_unit_of_the_law() -> None:
    source = one({"po4p": "0.0515"}, water_type="4n")
    held = section_values(source, "uk-wfd-2010", "2016")["S", "po4p"]
    assert (held.unit, held.mean, held.published, held.level) == ("ug/L", F("51.5"), "52", "Good")


def test_a_percentile_is_interpolated_between_ranks() -> None:
    # Ammonia in England: 90th percentile; of 0.1 … 1.1 (n = 11) it is the tenth value.
    places = network(section("A", water_type="7"))
    rows = [("A", f"2016-{month:02d}-01", "nh3n", f"{F(month, 10).numerator / F(month, 10).denominator}")
            for month in range(1, 12)]  # fmt: skip
    held = section_values(readings(rows, places), "uk-wfd-2010", "2016")["A", "nh3n"]
    assert (held.mean, held.published, held.level) == (F(1), "1.00", "Moderate")


def test_a_quantity_without_limits_has_a_value_and_no_class() -> None:
    held = section_values(one({"temp": "11.04", "cond": "320.26"}), "cn-surface", "2016-03")
    assert [(held["S", key].published, held["S", key].level) for key in ("temp", "cond")] == [
        ("11.0", None),
        ("320.3", None),
    ]


def test_sections_and_quantities_can_be_chosen() -> None:
    places = network(section("A"), section("B"))
    rows = [(id, "2016-03-01", key, "5") for id in ("A", "B") for key in ("do", "codmn")]
    found = section_values(readings(rows, places), "cn-surface", "2016-03", ["B"], quantities=["do"])
    assert list(found) == [("B", "do")]


def test_a_section_nobody_declared_is_refused() -> None:
    with pytest.raises(UnknownName, match="there is no station 'Z'"):
        section_values(one({"do": "5"}), "cn-surface", "2016-03", ["Z"])
