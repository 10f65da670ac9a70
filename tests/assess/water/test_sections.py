"""The class of a section: the worst quantity decides, what is missing is named, too few samples are no class."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.assess.water.building import Sample, network, one, readings, section
from tests.assess.water.oracle import section_class
from tests.assess.water.table_of_classes import ASSESSED, AT_MOST, DECIMALS, TP

from commonshed.assess import Readings
from commonshed.assess.water.samples import samples_between
from commonshed.assess.water.sections import SectionGrade, grade_sections
from commonshed.periods import Period
from commonshed.standards import regime


def grade(source: Readings, period: str = "2016-03", law: str = "cn-surface") -> SectionGrade:
    span = Period.parse(period)
    table = samples_between(source, span)
    return grade_sections(table, list(source.places.stations.values()), regime(law), span)[0]


def monthly(months: int, value: str = "5.0") -> Readings:
    rows = [("A", f"2016-{month:02d}-05", "do", value) for month in range(1, months + 1)]
    return readings(rows, network(section("A")))


def test_the_worst_quantity_decides() -> None:
    held = grade(one({"ph": "7.8", "do": "5.4", "nh3n": "1.26", "codmn": "8.0", "tp": "0.1"}))
    assert (held.graded, held.deciding, held.main_pollutants) == ("IV", ["codmn", "nh3n"], ["codmn", "nh3n"])


def test_quantities_without_a_sample_are_named() -> None:
    held = grade(one({"ph": "7.8", "do": "8"}))
    assert held.missing == [key for key in ASSESSED if key not in ("ph", "do")]
    assert held.graded == "I"


def test_what_makes_no_class_does_not_make_it_worse() -> None:
    held = grade(one({"do": "8", "coliform": "90000", "tn": "9"}, body="lake"))
    assert held.graded == "I"
    assert held.values["coliform"].level == "inferior V"


def test_a_section_without_samples_is_a_result() -> None:
    places = network(section("A"), section("B"))
    held = grade(readings([("B", "2016-03-05", "do", "8")], places))
    assert (held.section.id, held.valid, held.graded) == ("A", False, None)
    assert held.why_not == "no assessed quantity has a sample in 2016-03"


@pytest.mark.parametrize(("period", "months", "why"), [
    ("2016-01", 1, None),
    ("2016-Q1", 1, "1 of 2 samples (Huanban 2011-22, statistics of data: quarter)"),
    ("2016-Q1", 2, None),
    ("2016", 7, "samples in 7 of 8 months (Huanban 2011-22, statistics of data: year)"),
    ("2016", 8, None),
    ("2015-07..2016-06", 6, "samples in 6 of 8 months (Huanban 2011-22, statistics of data: year)"),
    ("2016-01..2016-02", 1, None),
])  # fmt: skip
def test_a_period_needs_as_many_samples_as_the_method_says(period: str, months: int, why: str | None) -> None:
    held = grade(monthly(months), period)
    assert held.why_not == why
    assert (held.graded is None) == (why is not None)
    assert held.level == "III"


def test_a_target_is_met_by_the_class_itself_or_a_better_one() -> None:
    source = one({"do": "5.5"}, target="III")
    assert grade(source).target_met is True
    assert grade(one({"do": "4"}, target="III")).target_met is False
    assert grade(one({"do": "4"})).target_met is None
    assert grade(one({"do": "4"}, target="Good")).target_met is None


def test_cyanide_and_heavy_metals_come_first_among_main_pollutants() -> None:
    # Method of 2011: cyanide and heavy metals that exceed first, then the worst class, then the largest multiple.
    samples = {"codmn": "30", "tp": "0.35", "nh3n": "1.9", "pb": "0.08", "do": "4"}
    held = grade(one(samples))
    assert held.graded == "inferior V"
    assert held.main_pollutants == ["pb", "codmn", "nh3n"]
    assert {key: held.values[key].multiple for key in samples} == {
        "codmn": "4.00",
        "tp": "0.75",
        "nh3n": "0.90",
        "pb": "0.60",
        "do": None,
    }


def test_what_has_no_multiple_comes_last_of_its_class() -> None:
    held = grade(one({"do": "2.5", "nh3n": "1.8", "codmn": "14", "bod5": "9"}))
    assert held.main_pollutants == ["codmn", "bod5", "nh3n"]


FEW = ("ph", "do", "codmn", "nh3n", "tp", "hg", "oil")


def values(key: str) -> st.SearchStrategy[str]:
    """Values around the limits of a quantity, with one decimal more than it is published with."""
    if key == "ph":
        return st.integers(500, 1000).map(lambda n: f"{n / 100:.2f}")
    limits = TP["river"] if key == "tp" else AT_MOST.get(key, ("7.5", "6", "5", "3", "2"))
    places = DECIMALS[key] + 1
    near = st.sampled_from(limits).flatmap(
        lambda limit: st.integers(-12, 12).map(lambda off: Fraction(limit) + Fraction(off, 10**places))
    )
    text = near.filter(lambda value: value > 0).map(lambda value: f"{float(value):.{places}f}")
    return text if key == "ph" or key == "do" else st.one_of(text, text.map(lambda value: f"<{value}"))


@given(
    st.dictionaries(st.sampled_from(FEW), st.integers(1, 4), min_size=1).flatmap(
        lambda counts: st.fixed_dictionaries(
            {key: st.lists(values(key), min_size=n, max_size=n) for key, n in counts.items()}
        )
    ),
    st.sampled_from(["river", "lake"]),
)
@settings(max_examples=150, deadline=None)
def test_classes_are_those_of_an_independent_slow_computation(samples: dict[str, list[str]], body: str) -> None:
    rows: list[Sample] = [
        ("A", f"2016-03-{day:02d}", key, value) for key, held in samples.items() for day, value in enumerate(held, 1)
    ]
    found = grade(readings(rows, network(section("A", water_body=body))))
    level, classes, published = section_class(samples, body)
    assert found.graded == level
    assert {key: held.level for key, held in found.values.items()} == classes
    assert {key: held.published for key, held in found.values.items()} == published


@given(st.permutations(list(FEW)), st.data())
@settings(max_examples=30, deadline=None)
def test_a_further_quantity_never_makes_a_class_better(keys: list[str], data: st.DataObject) -> None:
    samples = {key: data.draw(values(key)) for key in keys}
    levels = [grade(one(dict(list(samples.items())[:n]))) for n in range(1, len(keys) + 1)]
    ranks = [held.scale.rank(held.graded or "") for held in levels]
    assert ranks == sorted(ranks)
