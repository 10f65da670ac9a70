"""The question as a user asks it: by section, river, basin, jurisdiction; by month and year; by which law."""

from __future__ import annotations

from itertools import product

import pytest
from tests.assess.water.building import Sample, network, one, readings, section

from commonshed.assess import Readings
from commonshed.assess.water import water
from commonshed.errors import InputError, NotCovered, PlacesError, UnknownName

CITIES = {"A": "230100", "B": "230100", "C": "230200", "D": "230200"}


def region(rows: list[Sample]) -> Readings:
    """Four sections in two cities of one province, on two rivers of one basin."""
    held = [section(id, jurisdiction=code, water="Songhua" if id in "AB" else "Nen") for id, code in CITIES.items()]
    return readings(rows, network(*held))


def yearly(year: int, oxygen: dict[str, str]) -> list[Sample]:
    return [(id, f"{year}-{month:02d}-05", "do", value) for id, value in oxygen.items() for month in range(1, 13)]


def test_a_section_record_says_what_the_issue_asks() -> None:
    source = one({"ph": "7.8", "do": "5.4", "nh3n": "1.26"}, target="III")
    (record,) = water(source, period="2016-03", regime="cn-surface").records()
    wanted = {"section": "S", "period": "2016-03", "regime": "cn-surface", "valid": True, "why_not": None}
    wanted |= {"class": "IV", "deciding": ["nh3n"], "main_pollutants": ["nh3n"], "in_force": True}
    wanted |= {"values": {"ph": "8", "do": "5.4", "nh3n": "1.26"}, "multiples": {"nh3n": "0.26"}, "target_met": False}
    wanted |= {"editions": ["GB 3838-2002", "Huanban 2011-22", "CWQI-2017"], "samples": {"ph": 1, "do": 1, "nh3n": 1}}
    assert {key: record[key] for key in wanted} == wanted
    assert record["status"] == {"en": "lightly polluted", "zh": "轻度污染"}
    assert "indicative" in record


def test_without_a_named_law_the_one_in_force_grades() -> None:
    (record,) = water(one({"do": "5.4"}), period="2016-03").records()
    assert (record["regime"], record["in_force"]) == ("cn-surface", True)


def test_a_law_that_was_not_in_force_grades_only_when_it_is_named() -> None:
    early = one({"do": "5.4"}, day="2005-03-05")
    with pytest.raises(NotCovered, match="The nearest in time is cn-surface"):
        water(early, period="2005-03")
    (record,) = water(early, period="2005-03", regime="cn-surface").records()
    assert (record["class"], record["in_force"]) == ("III", False)


def test_a_section_in_no_jurisdiction_needs_a_named_law() -> None:
    source = one({"do": "5.4"}, jurisdiction=None)
    with pytest.raises(NotCovered, match="section S lies in no jurisdiction"):
        water(source, period="2016-03")
    assert next(water(source, period="2016-03", regime="cn-surface").records())["class"] == "III"


def test_a_year_is_split_and_compared_with_the_year_before() -> None:
    source = region(yearly(2015, dict.fromkeys(CITIES, "4")) + yearly(2016, dict.fromkeys(CITIES, "5.4")))
    records = list(water(source, period="2015..2016", sections=["A"], regime="cn-surface").records())
    assert [(record["period"], record["class"]) for record in records] == [("2015", "IV"), ("2016", "III")]
    assert records[0]["year_on_year"] == {}
    assert records[1]["year_on_year"] == {"class_before": "IV", "class_change": -1, "values": {"do": "35.0"}}


def test_months_of_a_year_are_assessed_each() -> None:
    source = region(yearly(2016, {"A": "6.5"}))
    records = list(water(source, period="2016", unit_of_time="month", sections=["A"]).records())
    assert [record["period"] for record in records] == [f"2016-{month:02d}" for month in range(1, 13)]
    assert {record["class"] for record in records} == {"II"}


def test_rivers_and_basins_gather_their_sections() -> None:
    source = region(yearly(2016, {"A": "8", "B": "4", "C": "8", "D": "8"}))
    by_river = {r["river"]: r for r in water(source, period="2016", by="river").records()}
    assert (by_river["Nen"]["class"], by_river["Songhua"]["sections_by_class"]["IV"]) == ("I", 1)
    assert by_river["Songhua"]["excellent_rate"] == "50.0"
    assert by_river["Songhua"]["graded_by"] == "mean of sections"
    (basin,) = water(source, period="2016", by="basin").records()
    assert (basin["basin"], basin["sections"], basin["excellent_rate"]) == ("Songhua", 4, "75.0")


def test_cities_are_ranked_among_cities() -> None:
    source = region(yearly(2016, {"A": "8", "B": "8", "C": "5", "D": "5"}) + yearly(2015, dict.fromkeys("AB", "4")))
    records = {r["jurisdiction"]: r for r in water(source, period="2016", by="jurisdiction").records()}
    assert [(code, records[code]["cwqi"], records[code]["rank"], records[code]["rank_of"]) for code in records] == [
        ("230000", "0.7692", 1, 1),
        ("230100", "0.6250", 1, 2),
        ("230200", "1.0000", 2, 2),
    ]
    assert records["230100"]["year_on_year"]["cwqi_change"] == "-50.0"
    assert records["230200"]["year_on_year"] == {}


def test_a_law_without_an_index_of_cities_ranks_none() -> None:
    source = one({"po4p": "0.03"}, water_type="4n")
    (province, city) = water(source, period="2016-03", by="jurisdiction", regime="uk-wfd-2010").records()
    assert (city["cwqi"], city["rank"], city["sections"], city["excellent_rate"]) == (None, None, 1, None)
    assert province["sections_by_class"]["High"] == 1


def test_background_sections_do_not_make_a_river() -> None:
    places = network(section("A"), section("B", role="background"))
    rows = [("A", "2016-03-05", "do", "8"), ("B", "2016-03-05", "do", "1")]
    (record,) = water(readings(rows, places), period="2016-03", by="river").records()
    assert (record["sections"], record["class"]) == (1, "I")
    assert len(list(water(readings(rows, places), period="2016-03").records())) == 2


def test_a_period_without_any_sample_says_when_there_are_some() -> None:
    with pytest.raises(InputError, match=r"no sample of water lies in 2016-02.*from 2016-03-05 to 2016-03-05"):
        water(one({"do": "8"}), period="2016-02", regime="cn-surface")


@pytest.mark.parametrize(
    ("asked", "error", "match"),
    [
        ({"sections": ["Z"]}, UnknownName, "there is no station 'Z'"),
        ({"regime": "cn-2012"}, InputError, "grades air, not water"),
        ({"regime": "cn-surfice"}, UnknownName, "cn-surface"),
        ({"unit_of_time": "hour"}, InputError, "not assessed by the hour"),
    ],
)
def test_questions_that_cannot_be_answered_are_refused(
    asked: dict[str, object], error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        water(one({"do": "8"}), period="2016-03", **asked)  # type: ignore[arg-type]


def test_sections_that_name_no_basin_cannot_be_gathered() -> None:
    source = one({"do": "8"}, basin=None, jurisdiction=None)
    with pytest.raises(PlacesError, match="no assessed section says which basin it lies on"):
        water(source, period="2016-03", by="basin", regime="cn-surface")
    with pytest.raises(PlacesError, match="no assessed section lies in a jurisdiction"):
        water(source, period="2016-03", by="jurisdiction", regime="cn-surface")


def test_records_hold_no_binary_floats() -> None:
    source = region(yearly(2016, {"A": "8", "B": "4", "C": "8", "D": "8"}))

    def kinds(value: object) -> set[type]:
        if isinstance(value, dict):
            return set().union(*map(kinds, value.values())) if value else set()
        return set().union(*map(kinds, value)) if isinstance(value, list) and value else {type(value)}

    for by, regime in product(("section", "river", "basin", "jurisdiction"), ("cn-surface",)):
        for record in water(source, period="2016", by=by, regime=regime).records():  # type: ignore[arg-type]
            assert kinds(record) <= {str, int, bool, type(None), list}
