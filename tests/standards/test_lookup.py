"""Concentration to sub-index: the standards' own examples, and exact arithmetic for everything else."""

from __future__ import annotations

import math
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonshed.exact import percentile, round_fraction
from commonshed.standards import Index, IndexTable, category, edition, editions, sub_index

EXAMPLES: dict[str, list[dict[str, Any]]] = tomllib.loads(Path(__file__).with_name("examples.toml").read_text("utf-8"))
INDEXED = {id: held.index for id, held in editions().items() if held.index}


def index_of(id: str) -> Index:
    """The index of an edition."""
    return INDEXED[id]


@pytest.mark.parametrize(
    ("id", "case"),
    [(group["edition"], case) for group in EXAMPLES["index"] for case in group["cases"]],
    ids=lambda value: value if isinstance(value, str) else f"{value['table']}={value['value']}",
)
def test_the_worked_examples_come_out(id: str, case: dict[str, Any]) -> None:
    index = index_of(id)
    assert sub_index(index.table(case["table"]), Fraction(case["value"]), index) == case.get("index")


def test_where_the_document_and_its_formula_differ_we_follow_the_formula() -> None:
    """EPA-454/B-24-002 prints 148 for 1-hour ozone of 0.162 ppm; its equation gives 147.487."""
    index = index_of("US-EPA-AQI-2024")
    by_formula = Fraction(150 - 101) / (Fraction("0.164") - Fraction("0.125")) * Fraction("0.037") + 101
    assert 147 < by_formula < Fraction("147.5")
    assert sub_index(index.table("o3_1h"), Fraction("0.162"), index) == 147


@pytest.mark.parametrize("case", EXAMPLES["percentile"][0]["cases"])
def test_percentiles_come_out(case: dict[str, Any]) -> None:
    assert percentile(case["values"], case["p"]) == Fraction(case["value"])


@pytest.mark.parametrize("case", EXAMPLES["composite"][0]["cases"])
def test_the_composite_index_comes_out(case: dict[str, Any]) -> None:
    method = edition("HJ 663-2013").assessment
    assert method is not None
    assert method.composite is not None
    total = sum(term.weight * Fraction(case[term.statistic]) / term.standard for term in method.composite.terms)
    assert round_fraction(Fraction(total), 10) == int(Fraction(case["unrounded"]) * 10**10)


TABLES = [(id, table.key) for id, index in INDEXED.items() for table in index.tables]


def values(table: IndexTable) -> st.SearchStrategy[Fraction]:
    """Concentrations on the table's grid, from 0 to well above its end."""
    ends = [end for band in table.bands for end in band.concentration]
    grid = math.lcm(*(end.denominator for end in ends))
    return st.integers(0, int(ends[-1] * grid * 3 / 2)).map(lambda count: Fraction(count, grid))


@pytest.mark.parametrize(("id", "key"), TABLES)
@given(data=st.data())
def test_more_concentration_never_means_less_index(id: str, key: str, data: st.DataObject) -> None:
    index = index_of(id)
    table = index.table(key)
    low, high = sorted((data.draw(values(table)), data.draw(values(table))))
    found = sub_index(table, low, index), sub_index(table, high, index)
    if found[0] is not None and found[1] is not None:
        assert found[0] <= found[1]


@pytest.mark.parametrize(("id", "key"), TABLES)
@given(data=st.data())
def test_within_a_band_the_index_is_the_exact_line_rounded_once(id: str, key: str, data: st.DataObject) -> None:
    index = index_of(id)
    table = index.table(key)
    band = data.draw(st.sampled_from(table.bands))
    (low, high), (first, last) = band.concentration, band.index
    value = low + (high - low) * Fraction(data.draw(st.integers(0, 1000)), 1000)
    line = first + (value - low) * (last - first) / (high - low)
    rounded = math.ceil(line) if index.rounding == "up" else math.floor(line + Fraction(1, 2))
    assert sub_index(table, value, index) == rounded


@pytest.mark.parametrize(("id", "key"), TABLES)
def test_band_ends_give_the_bands_index(id: str, key: str) -> None:
    index = index_of(id)
    for band in index.table(key).bands:
        assert [sub_index(index.table(key), end, index) for end in band.concentration] == list(band.index)


def test_an_unrounded_value_between_two_bands_is_refused() -> None:
    index = index_of("US-EPA-AQI-2024")
    with pytest.raises(ValueError, match="round it as its statistic says first"):
        sub_index(index.table("pm25_24h"), Fraction("9.05"), index)


@pytest.mark.parametrize(
    ("id", "value", "level", "name"),
    [
        ("HJ 633-2012", 0, 1, "优"),
        ("HJ 633-2012", 50, 1, "优"),
        ("HJ 633-2012", 51, 2, "良"),
        ("HJ 633-2012", 300, 5, "重度污染"),
        ("HJ 633-2026", 500, 6, "严重污染"),
        ("US-EPA-AQI-2024", 620, 6, "危险"),
    ],
)
def test_classes_have_their_name(id: str, value: int, level: int, name: str) -> None:
    found = category(index_of(id), value)
    assert (found.level, found.name.zh) == (level, name)
