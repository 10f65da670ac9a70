"""Grades of rivers and basins: rows of the method at their bounds, fewer than five sections, lakes."""

from __future__ import annotations

import pytest
from tests.assess.water.building import Sample, network, readings, section

from commonshed.assess.water import RiverGrade, grade_river
from commonshed.assess.water.samples import samples_between
from commonshed.assess.water.sections import SectionGrade, grade_sections
from commonshed.periods import Period
from commonshed.places import Station
from commonshed.standards import regime

MARCH = Period.parse("2016-03")
OF_CLASS = {"I": "8", "II": "6.5", "III": "5.5", "IV": "4", "V": "2.5", "inferior V": "1"}
"""Dissolved oxygen that makes the class. [mg/L]"""


def graded(rows: list[Sample], sections: list[Station], law: str = "cn-surface") -> list[SectionGrade]:
    table = samples_between(readings(rows, network(*sections)), MARCH)
    return grade_sections(table, sections, regime(law), MARCH)


def river(counts: dict[str, int]) -> RiverGrade:
    """A river with so many sections of each class, by oxygen alone."""
    classes = [level for level, n in counts.items() for _ in range(n)]
    sections = [section(f"S{i:03d}") for i in range(len(classes))]
    rows = [(f"S{i:03d}", "2016-03-05", "do", OF_CLASS[level]) for i, level in enumerate(classes)]
    return grade_river(graded(rows, sections))


@pytest.mark.parametrize(("counts", "grade"), [
    # Method of 2011, table of rivers: x = share of I–III, v = share of inferior V, in percent.
    ({"II": 9, "IV": 1}, "excellent"),                       # x = 90
    ({"II": 89, "IV": 11}, "good"),                          # x = 89
    ({"III": 3, "IV": 1, "I": 3, "V": 1}, "good"),           # x = 75
    ({"III": 74, "IV": 26}, "lightly polluted"),             # x = 74, v = 0
    ({"III": 74, "inferior V": 19, "V": 7}, "lightly polluted"),
    ({"III": 4, "inferior V": 1}, "good"),                   # x = 80, v = 20: the first row that fits
    ({"III": 74, "inferior V": 20, "V": 6}, "moderately polluted"),
    ({"III": 6, "inferior V": 3, "V": 1}, "moderately polluted"),
    ({"III": 59, "inferior V": 39, "V": 2}, "moderately polluted"),
    ({"III": 59, "inferior V": 40, "V": 1}, "heavily polluted"),
    ({"III": 3, "inferior V": 2}, "heavily polluted"),       # x = 60, v = 40, where sources differ
    ({"inferior V": 5}, "heavily polluted"),
])  # fmt: skip
def test_shares_of_classes_make_the_grade(counts: dict[str, int], grade: str) -> None:
    held = river(counts)
    assert held.grade is not None
    assert held.grade.en == grade
    assert held.level is None


def test_main_pollutants_of_a_river_exceed_at_the_most_sections() -> None:
    sections = [section(f"S{i}") for i in range(5)]
    rows = [(f"S{i}", "2016-03-05", "do", "6") for i in range(5)]
    rows += [(f"S{i}", "2016-03-05", "nh3n", "1.2") for i in range(2)]
    rows += [(f"S{i}", "2016-03-05", "tp", "0.25") for i in range(3)]
    rows += [("S4", "2016-03-05", "cod", "25"), ("S4", "2016-03-05", "codmn", "7")]
    held = grade_river(graded(rows, sections))
    assert held.main_pollutants == ["tp", "nh3n", "codmn"]
    assert held.counted.percent(held.exceedance_rates["tp"]) == "60.0"
    assert (held.counted.percent(held.counted.excellent), held.grade and held.grade.en) == ("20.0", "lightly polluted")


def test_a_good_river_has_no_main_pollutants() -> None:
    assert river({"II": 9, "IV": 1}).main_pollutants == []


def test_fewer_than_five_sections_are_averaged_and_graded_like_one() -> None:
    sections = [section(f"S{i}") for i in range(4)]
    rows = [(f"S{i}", "2016-03-05", "nh3n", value) for i, value in enumerate(("0.4", "0.4", "0.4", "2.4"))]
    held = grade_river(graded(rows, sections))
    # Mean 0.9: class III, good, although one section is worse than V.
    assert held.values is not None
    assert (held.values["nh3n"].published, held.level, held.grade and held.grade.en) == ("0.90", "III", "good")
    assert held.counted.by_class == {"I": 0, "II": 3, "III": 0, "IV": 0, "V": 0, "inferior V": 1}


def test_sections_weigh_alike_however_often_they_were_sampled() -> None:
    sections = [section("A"), section("B")]
    rows = [("A", f"2016-03-{day:02d}", "nh3n", "1.0") for day in range(1, 10)] + [("B", "2016-03-05", "nh3n", "0.2")]
    held = grade_river(graded(rows, sections))
    assert held.values is not None
    assert held.values["nh3n"].published == "0.60"
    assert held.values["nh3n"].samples == 10


def test_points_of_a_lake_are_always_averaged() -> None:
    sections = [section(f"L{i}", water_body="lake", water="Lake") for i in range(6)]
    rows = [(f"L{i}", "2016-03-05", "tp", "0.04" if i else "0.10") for i in range(6)]
    held = grade_river(graded(rows, sections))
    assert held.values is not None
    assert (held.values["tp"].published, held.level) == ("0.050", "III")


def test_sections_that_are_not_assessed_do_not_count() -> None:
    sections = [section(f"S{i}") for i in range(6)]
    rows = [(f"S{i}", "2016-03-05", "do", "8") for i in range(5)]
    held = grade_river(graded(rows, sections))
    assert (len(held.counted.sections), held.counted.not_assessed) == (5, ("S5",))
    assert held.row is not None


def test_a_river_without_assessed_sections_says_so() -> None:
    held = grade_river(graded([("S1", "2016-03-05", "do", "8")], [section("S1"), section("S0")])[1:])
    assert (held.grade, held.why_not) == (None, "none of its sections is assessed")


def test_a_law_that_grades_sections_only_says_so() -> None:
    rows = [("S1", "2016-03-05", "po4p", "0.05")]
    held = grade_river(graded(rows, [section("S1", water_type="4n")], "uk-wfd-2010"))
    assert held.why_not == "uk-wfd-2010 does not grade rivers, only sections"
