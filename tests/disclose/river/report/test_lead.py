"""The first sentence is the answer, and the figures under it are the records'."""

from __future__ import annotations

from dataclasses import replace

from tests.disclose.river.report.thames_page import content, page, said, words

from commonshed.disclose.river.report.bill import billed
from commonshed.disclose.river.report.lead import headline, standfirst, tiles
from commonshed.disclose.river.report.transport import percent, rounded, shares_of


def lead(language: str = "en") -> str:
    html = page()
    return said(html[html.index('<section class="lead">') : html.index('<section id="classes"')], language)


def test_the_headline_says_how_many_are_good_and_what_decided_the_others() -> None:
    told = headline(content(), words())
    assert told.en == (
        "In 2015 5 of 21 sections of the Thames and its tributaries were Good or better; "
        "soluble reactive phosphorus decided the others."
    )
    assert told.zh.startswith("2015年，泰晤士河及其支流21个断面中有5个达到良好或更好")
    assert lead().startswith(told.en)
    assert lead("zh").startswith(told.zh)


def test_when_all_are_good_nothing_decided_otherwise() -> None:
    first = content().laws[0]
    good = {key: grade for key, grade in content().grades.items() if grade["class"] in (None, "High", "Good")}
    told = headline(replace(content(), grades=good), words())
    assert told.en == f"In 2015 all 5 graded sections of the Thames and its tributaries were {first.good} or better."
    assert told.zh == "2015年，泰晤士河及其支流参评的5个断面全部达到良好或更好。"


def test_the_standfirst_says_who_brought_it_and_what_it_would_cost() -> None:
    shared, bill = shares_of(content(), words(), "tp"), billed(content(), words())
    assert shared is not None
    assert bill is not None
    first, second, third = standfirst(content(), words(), shared, bill)
    load = content().shares["tp"][0]["load"]
    assert first.en.startswith(
        f"{rounded(load['tonnes'])} t of phosphorus passed Thames at Runnymede in the year "
        f"(90% interval {rounded(load['low'])} to {rounded(load['high'])} t)."
    )
    unexplained = next(r for r in content().shares["tp"] if r["of"] == "unexplained")
    assert f"{percent(unexplained['share'])}% is explained by nothing we hold" in first.en
    assert second.en == f"Under an example agreement that binds nobody, {bill.due} GBP would be due for the year."
    assert third.en.endswith("are held from general knowledge, not from their text: take the classes as unverified.")
    assert standfirst(content(), words(), None, None) == [third]


def test_a_law_that_was_checked_against_its_text_needs_no_word() -> None:
    checked = replace(content(), laws=content().laws[1:])
    assert checked.laws[0].regime == "cn-surface"
    assert standfirst(checked, words(), None, None) == []


def test_the_tiles_are_two_laws_two_loads_and_the_bill() -> None:
    shared = {quantity: found for quantity in ("tp", "tdn") if (found := shares_of(content(), words(), quantity))}
    bill = billed(content(), words())
    assert bill is not None
    figures = [(tile.name.en, tile.figure.en) for tile in tiles(content(), words(), shared, bill)]
    assert figures == [
        ("Good or better", "5 of 21"),
        ("class III or better", "7 of 21"),
        ("phosphorus", f"{rounded(shared['tp'].load['tonnes'])} t"),
        ("nitrogen (dissolved)", f"{rounded(shared['tdn'].load['tonnes'])} t"),
        ("due under the example [GBP]", bill.due_whole),
    ]
    assert all(figure in lead() for _, figure in figures)


def test_without_loads_and_bill_only_the_laws_have_tiles() -> None:
    assert len(tiles(content(), words(), {}, None)) == 2
