"""Loads and shares on the page are those of the records, rounded for people, and whole together."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.disclose.river.report.thames_page import content, linked, part, rows, said, words

from commonshed.disclose.river.report.transport import (
    UNEXPLAINED,
    largest,
    load_at,
    loads_of,
    percent,
    rounded,
    shares_of,
    symbol,
)


@pytest.mark.parametrize("quantity", ["tp", "tdn"])
def test_shares_and_what_is_unexplained_are_exactly_one(quantity: str) -> None:
    shared = shares_of(content(), words(), quantity)
    assert shared is not None
    total = sum(Decimal(record["share"]) for record in content().shares[quantity])
    assert total == 1
    shown = sum(Decimal(row["share"]) for row in linked(f"shares-{quantity}"))
    assert shown == total, "what has no bar has no share"


def test_bars_fall_from_the_largest_and_what_is_unexplained_comes_last() -> None:
    shares = linked("shares-tp")
    known, last = shares[:-1], shares[-1]
    assert last["name"] == "unexplained"
    assert last["basis"] == "unexplained"
    sizes = [Decimal(row["share"]) for row in known]
    assert sizes == sorted(sizes, reverse=True)
    assert known[0]["name"] == "Catchment of the Thame"


def test_whoever_gets_nothing_is_named_and_not_drawn() -> None:
    shared = shares_of(content(), words(), "tp")
    assert shared is not None
    drawn = {row["name"] for row in linked("shares-tp")}
    without = [r["of"] for r in content().shares["tp"] if Decimal(r["share"]) == 0]
    assert without
    for code in without:
        assert content().called(code).en in shared.nothing.en
        assert content().called(code).zh in shared.nothing.zh
        assert content().called(code).en not in drawn


def test_the_other_methods_stand_beside_in_percent() -> None:
    html = part("shares")
    table = rows(html[html.index("<details") :][html[html.index("<details") :].index('class="more"') :])
    record = next(r for r in content().shares["tp"] if r["of"] == "thame")
    row = next(row for row in table if row[0] == "Catchment of the Thame")
    assert row[1:] == [percent(share) for share in record["by_method"].values()]
    assert set(record["by_method"]) == {"composite", "averaging", "ratio", "rating", "interpolation"}


def test_the_largest_are_named_in_percent_without_the_unexplained() -> None:
    found = largest(content(), words(), "tp", 3)
    records = {content().called(r["of"]): r for r in content().shares["tp"] if r["of"] != UNEXPLAINED}
    assert [name.en for name, _ in found] == [
        "Catchment of the Thame", "Catchment of the Loddon", "Catchment of the Evenlode",
    ]  # fmt: skip
    assert [text for _, text in found] == [percent(records[name]["share"]) for name, _ in found]


def test_every_method_of_every_main_section_has_its_load_in_the_chart() -> None:
    table = linked("loads-tp")
    expected = {
        (content().name(r["section"]).en, words().both(f"method.{r['method']}").en): r["tonnes"]
        for r in content().loads["tp"]
        if r["section"] in content().stem
    }
    assert {(row["name"], row["method"]): row["value_t"] for row in table} == expected
    assert len(expected) == 6 * 5


def test_a_load_is_shown_with_its_samples_and_thousands_set_apart() -> None:
    drawn = loads_of(content(), words(), "tdn", ["TC16"])
    assert "50 samples, 50 flows" in drawn.svg
    tonnes = load_at(content(), "tdn", "TC16", "composite")
    assert tonnes is not None
    assert f"{Decimal(tonnes['tonnes']):,f}" in drawn.svg
    assert re.search(r">9,\d{3}<", drawn.svg)


def test_an_unknown_section_has_no_load() -> None:
    assert load_at(content(), "tp", "nowhere", "composite") is None


def test_no_shares_are_drawn_where_there_is_no_load_to_share_out() -> None:
    empty = [dict(record, share=None) for record in content().shares["tp"]]
    bare = replace(content(), shares={"tp": tuple(empty)})
    assert shares_of(bare, words(), "tp") is None


@pytest.mark.parametrize(
    ("tonnes", "told"),
    [("250.951", "251"), ("9095.136", "9,100"), ("3.4520", "3.45"), ("0.0123", "0.0123"), ("0", "0"), (None, "–")],
)
def test_a_load_for_people_has_three_significant_digits(tonnes: str | None, told: str) -> None:
    assert rounded(tonnes) == told


@pytest.mark.parametrize(("share", "told"), [("0.1465", "14.6"), ("1.0000", "100.0"), ("0", "0.0"), (None, "–")])
def test_a_share_in_percent_is_exact_text(share: str | None, told: str) -> None:
    assert percent(share) == told


def test_a_quantity_without_a_word_of_its_own_is_called_by_its_id() -> None:
    assert (symbol("tdn").zh, symbol("nh3n").en) == ("溶解性总氮", "nh3n")


def test_the_page_says_what_is_measured_and_what_nobody_explains() -> None:
    told = said(part("shares"))
    assert "Nothing could be traced to" in told
    assert "Unexplained: gains between sections that several share." in told
