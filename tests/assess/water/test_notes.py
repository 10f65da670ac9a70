"""What a record says beside its figures."""

from __future__ import annotations

from tests.assess.water.building import network, one, readings, section

from commonshed.assess import Readings
from commonshed.assess.water import water


def notes(source: Readings, regime: str = "cn-surface", period: str = "2016-03") -> list[str]:
    return list(next(water(source, period=period, regime=regime).records())["notes"])


def test_half_a_detection_limit_is_told_with_how_sure_that_is() -> None:
    assert notes(one({"tp": "<0.01"})) == ["samples below detection count as half the detection limit (unverified)"]
    assert notes(one({"tp": "0.01"})) == []


def test_a_section_that_does_not_say_its_water_is_taken_for_a_river() -> None:
    (said,) = notes(one({"do": "8"}, body=None))
    assert said.startswith("nothing says whether this is a river or a lake")


def test_a_class_that_rests_on_what_was_measured_is_told() -> None:
    (said,) = notes(one({"ph": "9.2"}))
    assert said == "ph is compared before rounding (single-source); as published, 9, it would be I"


def test_a_target_no_class_of_the_law_is_told() -> None:
    said = notes(one({"po4p": "0.03"}, water_type="4n", target="III"), "uk-wfd-2010")
    assert any(sentence.startswith("the target III is no class of uk-wfd-2010") for sentence in said)


def test_limits_for_other_types_of_water_are_told() -> None:
    said = notes(one({"po4p": "0.03", "nh3n": "0.2"}, water_type="4n"), "uk-wfd-2010")
    assert "nh3n: uk-wfd-2010 has no limits for a river of type 4n; not graded" in said


def test_quantities_sampled_seldom_are_told() -> None:
    rows = [("A", f"2016-03-{day:02d}", "do", "8") for day in (1, 8, 15)] + [("A", "2016-03-01", "hg", "0.002")]
    said = notes(readings(rows, network(section("A"))))
    assert said == ["sampled less than half as often as others (3): hg (1)"]


def test_a_mean_ph_says_what_it_is_a_mean_of() -> None:
    rows = [("A", "2016-03-01", "ph", "7"), ("A", "2016-03-02", "ph", "8")]
    assert notes(readings(rows, network(section("A")))) == [
        "the mean pH is that of the mean hydrogen-ion concentration"
    ]


def test_readings_that_are_no_means_are_told() -> None:
    rows = [("A", "2016-03-01", "do", "8"), ("A", "2016-03-01", "do", "9")]
    source = readings(rows, network(section("A")), statistic=["mean", "max"])
    assert notes(source) == ["1 readings of do are no means (statistic max) and are not graded"]


def test_samples_of_sections_nobody_declared_are_told() -> None:
    source = readings([("A", "2016-03-01", "do", "8"), ("Z", "2016-03-01", "do", "9")], network(section("A")))
    assert notes(source) == ["samples of sections nobody declared are not graded: Z"]
