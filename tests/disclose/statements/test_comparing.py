"""Exact figures agree bit for bit, those of a model within what was published, and everything else is told."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from commonshed.disclose.statements.claims import Tolerance
from commonshed.disclose.statements.comparing import Comparison, Difference, compared

WITHIN = {"tonnes": Tolerance(relative="0.001"), "*.p_value": Tolerance(absolute="0.0001")}


def held(stated: list[dict[str, Any]], found: list[dict[str, Any]]) -> Comparison:
    return compared(stated, found, keys=("section", "period"), tolerance=WITHIN)


def test_the_same_text_agrees_and_another_text_of_the_same_number_does_not() -> None:
    assert held([{"section": "A", "mean": "73"}], [{"section": "A", "mean": "73"}]).differences == ()
    (difference,) = held([{"section": "A", "mean": "73"}], [{"section": "A", "mean": "73.0"}]).differences
    assert difference == Difference("A", "mean", "figure", "73", "73.0")


@pytest.mark.parametrize(
    ("one", "other"), [(True, 1), (0, False), (None, ""), ("1", 1), ([], {}), ([], None), ("a", "b")]
)
def test_what_only_looks_alike_is_not_the_same(one: object, other: object) -> None:
    assert len(held([{"section": "A", "x": one}], [{"section": "A", "x": other}]).differences) == 1


@pytest.mark.parametrize(
    ("stated", "found", "same"),
    [("1000", "1001", True), ("1000", "1002", False), ("-10", "-10.01", True), ("0", "0.0001", False)],
)
def test_a_figure_of_a_model_agrees_within_its_relative_tolerance(stated: str, found: str, same: bool) -> None:
    result = held([{"section": "A", "tonnes": stated}], [{"section": "A", "tonnes": found}])
    assert (not result.differences, result.within) == (same, int(same))


@pytest.mark.parametrize(("found", "same"), [("0.0501", True), ("0.0502", False), (None, False), ("<0.05", False)])
def test_a_probability_agrees_within_its_absolute_tolerance(found: str | None, same: bool) -> None:
    stated, other = {"spearman": {"p_value": "0.0500"}}, {"spearman": {"p_value": found}}
    assert (not held([stated], [other]).differences) == same


def test_a_tolerance_is_of_its_figures_and_of_no_others() -> None:
    result = held(
        [{"section": "A", "tonnes": "1000", "samples": 1000}], [{"section": "A", "tonnes": "1000", "samples": 1001}]
    )
    assert [difference.path for difference in result.differences] == ["samples"]


def test_records_are_held_against_their_own_whatever_their_order() -> None:
    a, b = {"section": "A", "period": "2016", "x": 1}, {"section": "B", "period": "2016", "x": 2}
    assert held([a, b], [b, a]).differences == ()
    kinds = {(each.record, each.kind) for each in held([a], [b]).differences}
    assert kinds == {("A, 2016", "only-stated"), ("B, 2016", "only-found")}


def test_records_without_a_name_of_their_own_are_told_by_number() -> None:
    rows = [{"section": "A", "x": 1}, {"section": "A", "x": 2}]
    (difference,) = held(rows, [rows[0], {"section": "A", "x": 3}]).differences
    assert (difference.record, difference.path) == ("A (2)", "x")


def test_all_figures_are_counted_whether_they_agree_or_not() -> None:
    record = {"section": "A", "mean": {"tp": "1", "do": None}, "notes": [], "parts": [1, {"x": True}]}
    assert held([record], [record]).figures == held([record], [{**record, "section": "A", "notes": ["x"]}]).figures - 1
    assert held([record], [record]).figures == 6


def test_lists_are_compared_place_by_place() -> None:
    (difference,) = held([{"section": "A", "notes": ["x", "y"]}], [{"section": "A", "notes": ["x"]}]).differences
    assert (difference.path, difference.stated, difference.found) == ("notes.1", "y", None)


def test_bounds_are_exact() -> None:
    tenth = Tolerance(absolute="0.1")
    assert tenth.holds(Fraction("0.3"), Fraction("0.2"))
    assert not tenth.holds(Fraction("0.3"), Fraction("0.19999999999999999999"))


def test_a_field_named_like_the_path_of_a_figure_does_not_take_its_place() -> None:
    (stated, found) = {"mean": {"pm25": "30"}, "mean.pm25": "90"}, {"mean": {"pm25": "90"}}
    said = [(each.path, each.stated, each.found) for each in held([stated], [found]).differences]
    assert said == [("mean.pm25", "30", "90"), ("mean.pm25", "90", None)]
    assert len(held([{"notes": {"0": "x"}}], [{"notes": ["x"]}]).differences) == 2


def test_a_record_named_like_the_second_of_another_does_not_take_its_place() -> None:
    honest = [{"section": "X", "mean": "1"}, {"section": "X (2)", "mean": "3"}]
    stated = [honest[0], {"section": "X", "mean": "0"}, honest[1]]
    assert [each.kind for each in held(stated, honest).differences] == ["only-stated"]


@pytest.mark.parametrize("text", ["1e999999999", " 73", "7_3", "146/2", "nan"])
def test_a_text_that_no_method_writes_is_no_figure_of_a_model(text: str) -> None:
    assert len(held([{"section": "A", "tonnes": text}], [{"section": "A", "tonnes": "73"}]).differences) == 1
