"""The bill on the page is the bill of the records, to the penny, however it is added up."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

from tests.disclose.river.report.thames_page import YEAR, content, linked, page, part, rows, said, shed, words

from commonshed.disclose.river.report.bill import billed, money
from commonshed.settle import agreement, settle


def amount(text: str) -> Decimal:
    return Decimal(text.replace("−", "-").replace(",", ""))


def due_lines() -> list[dict[str, str]]:
    return [line for line in linked("bill") if line["status"] == "due"]


def test_the_sum_on_the_page_is_the_sum_of_all_lines_that_are_due() -> None:
    bill = billed(content(), words())
    assert bill is not None
    total = sum((Decimal(line["amount"]) for line in due_lines()), Decimal(0))
    assert amount(bill.due) == total
    assert f"{bill.due} GBP would be due for {YEAR}" in said(part("bill"))
    assert abs(amount(bill.due_whole) - total) <= Decimal("0.5")


def test_rules_add_up_to_the_bill() -> None:
    bill = billed(content(), words())
    assert bill is not None
    assert sum(amount(rule.total) for rule in bill.rules) == amount(bill.due)
    shown = [amount(text) for text in re.findall(r"<summary><span>.*?<strong>([\d,.]+) GBP</strong>", part("bill"))]
    assert sum(shown) == amount(bill.due)
    assert len(shown) == 6


def test_party_by_party_what_is_paid_is_received() -> None:
    table = rows(part("bill"))
    pays, receives, net = (sum(amount(row[i]) for row in table) for i in (1, 2, 3))
    assert pays == receives == amount(billed(content(), words()).due)  # type: ignore[union-attr]
    assert net == 0
    assert all(amount(row[2]) - amount(row[1]) == amount(row[3]) for row in table)


def test_each_partys_sums_are_those_of_its_lines() -> None:
    pays: dict[str, Decimal] = defaultdict(Decimal)
    receives: dict[str, Decimal] = defaultdict(Decimal)
    for line in due_lines():
        pays[line["payer"]] += Decimal(line["amount"])
        receives[line["receiver"]] += Decimal(line["amount"])
    shown = {row[0]: (amount(row[1]), amount(row[2])) for row in rows(part("bill"))}
    for total in content().of_kind("total"):
        name = content().called(total["party"]).en
        assert shown[name] == (pays[total["party"]], receives[total["party"]]), name


def test_the_page_bills_what_the_stage_of_settlement_bills() -> None:
    own = settle(agreement("thames-example", shed()), shed(), period=str(YEAR))
    lines = [record for record in own.records() if record["record"] == "line"]
    assert [(line["rule"], line["section"], line["period"], line["amount"]) for line in lines] == [
        (row["rule"], row["section"] or None, row["period"], row["amount"] or None) for row in linked("bill")
    ]


def test_a_line_is_shown_with_everything_it_rests_on() -> None:
    bill = billed(content(), words())
    assert bill is not None
    rule = next(rule for rule in bill.rules if rule.title.en == "Phosphorus above the target")
    line = next(line for line in rule.lines if line.due)
    inputs = dict(line.inputs)
    assert {"measured", "target", "volume", "price", "formula"} <= set(inputs)
    # (measured - target) mg/L x volume 1e4 m3 = 1e-2 t; what capacity takes off stands beside.
    worth = (Decimal(inputs["measured"]) - Decimal(inputs["target"])) * Decimal(inputs["volume"]) / 100
    assert abs(worth * Decimal(inputs["price"]) - Decimal(inputs["before capacity"])) <= Decimal("0.005")
    for name, value in line.inputs:
        assert f"{name} <b>" in part("bill"), name
        assert value in said(part("bill")) or value in page(), value


def test_lines_that_come_to_nothing_are_counted_and_not_shown() -> None:
    bill = billed(content(), words())
    assert bill is not None
    shown = [line for rule in bill.rules for line in rule.lines]
    assert "nothing due" not in {line.status.en for line in shown}
    told = [tuple(map(int, re.findall(r"\d+", rule.counted.en))) for rule in bill.rules]
    assert sum(due for due, _ in told) == sum(line.due for line in shown) == len(due_lines())
    assert sum(lines for _, lines in told) == len(linked("bill"))


def test_what_is_open_has_a_status_and_no_amount() -> None:
    waiting = [line for line in content().of_kind("line") if line["status"] == "open"]
    assert waiting
    bill = billed(content(), words())
    assert bill is not None
    assert bill.waiting == len(waiting)
    assert "waits for samples" in said(part("bill"))
    assert "样品" in said(part("bill"), "zh")


def test_a_section_to_be_restored_names_who_owes_it_and_since_when() -> None:
    told = said(part("bill"))
    for liability in content().of_kind("liability"):
        inputs = liability["inputs"]
        assert f"now {inputs['measured']} {inputs['unit']}" in told
        assert f"since {liability['opened']}" in told
        assert content().called(liability["party"]).en in told
    assert said(part("bill")).count("baseline 0.") == 3


def test_the_page_says_that_nobody_agreed_to_it() -> None:
    assert "Made up for this page: nobody agreed to it" in said(part("bill"))
    assert "binds nobody" in said(page())
    assert content().of_kind("settlement")[0]["digest"] in part("bill")


def test_without_an_agreement_there_is_no_bill() -> None:
    assert billed(replace(content(), agreement=None, bill=()), words()) is None


def test_money_sets_thousands_apart_with_a_true_minus() -> None:
    assert [money(Decimal(text)) for text in ("-1234567.80", "0.00", "999.99")] == ["−1,234,567.80", "0.00", "999.99"]
