"""Nothing is half settled, and a bill does not depend on the order of anything."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.settle.drafting import CLASSES, FLOW, LEVELS, LOAD, MISSING, drafted, month, settled, value, volume

from commonshed.errors import AgreementError
from commonshed.periods import Period
from commonshed.settle import Measured, Value, agreement, headline, load_events, settle_measured

FLOOD = """
[[events]]
kind = "flood"
sections = ["{section}"]
period = "2016-01"
note = {{ en = "dyke", zh = "堤" }}
"""


def test_every_problem_is_told_at_once_and_no_figure_is_given() -> None:
    values = {("s1", "tp", month(1)): value("tp", "0.3", level="IV")}
    with pytest.raises(AgreementError) as told:
        settled(drafted(FLOW, LOAD, CLASSES), values, {("s1", month(1)): volume("100")}, period="2016-01..2016-02")
    text = str(told.value)
    assert text.startswith("two-counties.toml: 4 things keep this agreement from being settled, so no figure is given:")
    assert "section s1 has no samples of nh3n in 2016-01" in text
    assert "section s1 has no samples of nh3n in 2016-02" in text
    assert "section s1 has no samples of tp in 2016-02" in text
    assert "no volume of 2016-02 is declared at s1" in text


@pytest.mark.parametrize("period", ["2015-12", "2015..2016", "2019"])
def test_a_period_outside_its_force_is_refused_with_the_days(period: str) -> None:
    draft = drafted(FLOW, LOAD).model_copy(update={"last": Period.parse("2018").last})
    with pytest.raises(AgreementError, match="in force from 2016-01-01 to 2018-12-31") as told:
        settle_measured(draft, Measured({}), Period.parse(period))
    assert told.value.value == period


@pytest.mark.parametrize("name", ["beijing-2015", "xinanjiang-1", "xinanjiang-2", "xinanjiang-3", "zhenjiang-taihu"])
def test_a_real_agreement_held_in_part_is_refused_with_what_it_lacks(name: str) -> None:
    held = agreement(name)
    with pytest.raises(AgreementError) as told:
        settle_measured(held, Measured({}), Period.parse("2016"))
    assert told.value.field == "lacks"
    for lacking in held.lacks:
        assert lacking.en in told.value.problem


def test_a_rule_by_the_year_has_no_line_in_a_month_and_the_bill_says_so() -> None:
    yearly = LOAD.replace('unit_of_time = "month"', 'unit_of_time = "year"')
    bill = settled(drafted(FLOW, yearly), {}, period="2016-03")
    assert bill.lines == ()
    assert "Rule load is settled by the year: 2016-03 holds none it is in force in." in bill.notes
    assert "This agreement is an example and binds nobody." in bill.notes


def test_events_come_from_a_file_of_their_own_too(tmp_path: Path) -> None:
    file = tmp_path / "events.toml"
    file.write_text(
        '[[events]]\nkind = "flood"\nsections = ["s1"]\nperiod = "2016-01"\nnote = { en = "dyke", zh = "堤" }\n',
        "utf-8",
    )
    clause = '[clauses.flood]\naction = "suspend"\nclause = { en = "c", zh = "c" }\nprovenance = "test"\n'
    values = {("s1", "tp", month(1)): value("tp", "0.3")}
    measured = Measured(values, {("s1", month(1)): volume("100")}, LEVELS)
    bill = settle_measured(drafted(FLOW, LOAD, clause), measured, month(1), events=load_events(file))
    assert [line.status for line in bill.lines] == ["suspended"]


def test_an_event_at_a_section_nobody_declared_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "events.toml"
    file.write_text(
        '[[events]]\nkind = "flood"\nsections = ["s7"]\nperiod = "2016"\nnote = { en = "", zh = "" }\n', "utf-8"
    )
    with pytest.raises(AgreementError, match="an event is at a section nobody declared") as told:
        settle_measured(drafted(FLOW, LOAD), Measured({}), month(1), events=load_events(file))
    assert told.value.value == "s7"


def test_the_headline_says_what_changes_hands_and_what_waits() -> None:
    values = {("s1", "tp", month(1)): value("tp", "0.3")}
    draft = drafted(FLOW, LOAD, MISSING.format(month=1, action="open"))
    volumes = {("s1", month(n)): volume("100") for n in (1, 2)}
    bill = settled(draft, values, volumes, period="2016-01..2016-02")
    expected = "Two counties, 2016-01..2016-02: 10,000.00 CNY change hands in 1 line; 1 line not due yet."
    assert headline(bill) == expected


TEXTS = st.lists(st.sampled_from(["0.05", "0.2", "0.21", "0.3", "1.5"]), min_size=3, max_size=3)


@given(TEXTS, st.permutations(range(3)))
def test_the_order_of_rows_does_not_matter_and_money_is_only_moved(texts: list[str], order: list[int]) -> None:
    draft = drafted(FLOW, LOAD)
    rows = [(("s1", "tp", month(n + 1)), value("tp", text)) for n, text in enumerate(texts)]
    volumes = {("s1", month(n + 1)): volume("33.3") for n in range(3)}
    values: dict[tuple[str, str, Period], Value] = dict(rows)
    turned = dict(rows[at] for at in order)
    bill = settled(draft, values, volumes, period="2016-Q1")
    assert bill.records() == settled(draft, turned, volumes, period="2016-Q1").records()
    assert sum((total.net for total in bill.totals), Decimal(0)) == 0


def test_no_record_holds_a_binary_float() -> None:
    from commonshed.cli.output import json_text

    values = {("s1", "tp", month(1)): value("tp", "0.3")}
    assert '"amount": "10000.00"' in json_text(
        settled(drafted(FLOW, LOAD), values, {("s1", month(1)): volume("100")}).records()
    )
