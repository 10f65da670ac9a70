"""The index cities are ranked by: forms of its terms, weighing, ranks."""

from __future__ import annotations

from fractions import Fraction

import pytest
from tests.assess.water.building import Sample, network, readings, section

from commonshed.assess.water.cities import CityGrade, city_index, ranks_of
from commonshed.assess.water.samples import samples_between
from commonshed.assess.water.sections import grade_sections
from commonshed.periods import Period
from commonshed.places import Station
from commonshed.standards import regime

F = Fraction
MARCH = Period.parse("2016-03")
LAW = regime("cn-surface").city_index


def city(rows: list[Sample], *sections: Station) -> CityGrade:
    assert LAW is not None
    table = samples_between(readings(rows, network(*sections)), MARCH)
    return city_index(LAW, grade_sections(table, sections, regime("cn-surface"), MARCH))


def single(key: str, value: str) -> str | None:
    return city([("S", "2016-03-05", key, value)], section("S")).text


@pytest.mark.parametrize(("key", "value", "index"), [
    # Worked from the formulas of the provisions of 2017: pH 7.8, pH 6.5, oxygen 8, permanganate 3.
    ("ph", "7.8", "0.4000"), ("ph", "6.5", "0.5000"), ("ph", "7", "0.0000"), ("do", "8.0", "0.6250"),
    ("codmn", "3.0", "0.5000"), ("tp", "0.05", "0.2500"), ("nh3n", "<0.025", "0.0125"),
])  # fmt: skip
def test_terms_are_those_of_the_provisions(key: str, value: str, index: str) -> None:
    assert single(key, value) == index


def test_phosphorus_of_a_lake_is_held_against_the_limit_of_lakes() -> None:
    lake = section("L", water_body="lake")
    assert city([("L", "2016-03-05", "tp", "0.05")], lake).text == "1.0000"


def test_rivers_and_lakes_are_weighed_by_their_numbers() -> None:
    # Rivers 0.25 (two sections, mean 0.05 of 0.2), lake 1.0: (0.25 · 2 + 1.0 · 1) / 3 = 0.5.
    sections = section("A"), section("B"), section("L", water_body="lake")
    rows = [("A", "2016-03-05", "tp", "0.04"), ("B", "2016-03-05", "tp", "0.06"), ("L", "2016-03-05", "tp", "0.05")]
    held = city(rows, *sections)
    assert (held.text, held.rivers, held.lakes) == ("0.5000", 2, 1)


def test_the_mean_of_oxygen_is_taken_before_it_is_inverted() -> None:
    rows = [("A", "2016-03-05", "do", "4"), ("B", "2016-03-05", "do", "8")]
    # 5 / 6, not (5/4 + 5/8) / 2 = 0.9375.
    assert city(rows, section("A"), section("B")).text == "0.8333"


def test_a_mean_ph_goes_in_as_the_ph_of_the_mean_ions() -> None:
    rows = [("A", "2016-03-05", "ph", "7"), ("B", "2016-03-05", "ph", "8")]
    # (7.259637… − 7) / 2 = 0.1298.
    assert city(rows, section("A"), section("B")).text == "0.1298"


def test_what_the_index_lacks_is_named_and_terms_are_shown() -> None:
    rows = [("A", "2016-03-05", "do", "8"), ("A", "2016-03-05", "codmn", "3")]
    held = city(rows, section("A"))
    assert (held.index, held.terms) == (F("1.125"), {"do": "0.6250", "codmn": "0.5000"})
    assert len(held.missing) == 19


def test_water_without_oxygen_has_no_term_of_it() -> None:
    held = city([("A", "2016-03-05", "do", "0"), ("A", "2016-03-05", "codmn", "3")], section("A"))
    assert (held.text, "do" in held.missing) == ("0.5000", True)


def test_a_city_without_assessed_sections_has_no_index() -> None:
    held = city([("B", "2016-03-05", "do", "8")], section("A"))
    assert (held.index, held.text) == (None, None)


def test_equal_indices_share_a_rank_and_the_next_is_skipped() -> None:
    held = [CityGrade(F(n), str(n), 1, 0, {}, ()) for n in (3, 1, 3, 2)]
    assert ranks_of(held) == [(3, 4), (1, 4), (3, 4), (2, 4)]


def test_a_city_that_lacks_quantities_the_others_have_is_not_ranked() -> None:
    full = [CityGrade(F(n), str(n), 1, 0, {}, ()) for n in (3, 2)]
    short = CityGrade(F(1), "1", 1, 0, {}, ("hg",))
    nothing = CityGrade(None, None, 0, 0, {}, ())
    assert ranks_of([*full, short, nothing]) == [(2, 2), (1, 2), (None, None), (None, None)]
    assert ranks_of([nothing]) == [(None, None)]
