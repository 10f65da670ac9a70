"""Which stations are sections, and how they form rivers, basins and jurisdictions."""

from __future__ import annotations

import pytest
from tests.assess.water.building import network, readings, section

from commonshed.assess.water.places import sections_of, waters_of
from commonshed.assess.water.samples import samples_between
from commonshed.errors import PlacesError, UnknownName
from commonshed.periods import Period
from commonshed.places import Station

MARCH = Period.parse("2016-03")


def test_stations_of_air_are_no_sections_unless_they_have_samples_of_water() -> None:
    places = network(section("A"), Station("Air", jurisdiction="230100"), Station("Both", jurisdiction="230100"))
    table = samples_between(readings([("Both", "2016-03-01", "do", "8")], places), MARCH)
    assert [held.id for held in sections_of(places, table)] == ["A", "Both"]
    assert [held.id for held in sections_of(places, table, ["Air", "Air"])] == ["Air"]
    with pytest.raises(UnknownName):
        sections_of(places, table, ["Z"])


def test_rivers_are_named_by_the_sections_that_lie_on_them() -> None:
    held = [section("B", water="Nen"), section("A"), section("C"), section("D", water=None)]
    found = waters_of(network(*held), "river", held)
    assert [(water.id, water.sections) for water in found.waters] == [("Nen", ("B",)), ("Songhua", ("A", "C"))]


def test_a_jurisdiction_answers_for_the_sections_below_it() -> None:
    held = [section("A", jurisdiction="230100"), section("B", jurisdiction="230200")]
    found = waters_of(network(*held), "jurisdiction", held)
    assert [(water.id, water.sections, water.level) for water in found.waters] == [
        ("230000", ("A", "B"), 0),
        ("230100", ("A",), 1),
        ("230200", ("B",), 1),
    ]


def test_only_assessed_sections_make_a_river() -> None:
    held = [section("A", role="control")]
    with pytest.raises(PlacesError, match="Give the sections' table a column water"):
        waters_of(network(*held), "river", held)
