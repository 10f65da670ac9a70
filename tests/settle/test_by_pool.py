"""A fund: weights, the tilt to the poorer, what is earned, and sums that add up."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.settle.drafting import HEAD, MISSING, PARTIES, SECTION, drafted, month, settled, value

from commonshed.errors import AgreementError
from commonshed.settle import Settlement, parse

RULE = """
[[rules]]
id = "pool"
kind = "pool"
title = { en = "Pool", zh = "基金池" }
clause = { en = "clause 7", zh = "第7条" }
provenance = "test"
unit_of_time = "year"
fund = "fund"
total = { value = 100, unit = "CNY" }
contributions = { low = 1, third = 2 }
distribution = { up = 1 }
"""


def sums(bill: Settlement) -> dict[tuple[str | None, str | None], str]:
    return {(line.payer, line.receiver): str(line.amount) for line in bill.lines}


def test_a_pool_is_paid_in_and_out_by_weight_with_the_odd_cent_allotted() -> None:
    bill = settled(drafted(RULE), {}, period="2016")
    assert sums(bill) == {("low", "fund"): "33.33", ("third", "fund"): "66.67", ("fund", "up"): "100.00"}
    assert sum(total.net for total in bill.totals) == 0


def test_the_fund_tilts_to_those_of_small_means() -> None:
    # Payers: low 1 x 1, third 2 x 2 = 1 : 4. Receivers: up 1 / 0.6, third 1 / 2 = 10 : 3.
    rule = RULE.replace("{ up = 1 }", "{ up = 1, third = 1 }") + "by_capacity = true\n"
    assert sums(settled(drafted(rule), {}, period="2016")) == {
        ("low", "fund"): "20.00",
        ("third", "fund"): "80.00",
        ("fund", "up"): "76.92",
        ("fund", "third"): "23.08",
    }


def test_what_targets_did_not_earn_stays_in_the_fund() -> None:
    rule = RULE + 'performance = "targets-met"\nquantities = ["tp"]\n'
    # Nine months at the target, three above it: 9/12 of 100 CNY.
    values = {("s1", "tp", month(n)): value("tp", "0.2" if n > 3 else "0.21") for n in range(1, 13)}
    bill = settled(drafted(rule), values, period="2016")
    paid = next(line for line in bill.lines if line.payer == "fund")
    assert (str(paid.amount), paid.why) == ("75.00", "25.00 stays in the fund")
    assert (paid.inputs["targets_met"], paid.inputs["targets_assessed"]) == (9, 12)
    assert {total.party: total.net for total in bill.totals}["fund"] == Decimal("25.00")


def test_a_month_without_samples_leaves_the_payment_open_or_out_as_the_clause_says() -> None:
    rule = RULE + 'performance = "targets-met"\nquantities = ["tp"]\n'
    values = {("s1", "tp", month(n)): value("tp", "0.2" if n > 3 else "0.21") for n in range(1, 12)}
    waiting = settled(drafted(rule, MISSING.format(month=1, action="open")), values, period="2016")
    assert [(line.status, line.amount) for line in waiting.lines if line.payer == "fund"] == [("open", None)]
    left_out = settled(drafted(rule, MISSING.format(month=1, action="not-charged")), values, period="2016")
    # 8 of 11.
    assert [str(line.amount) for line in left_out.lines if line.payer == "fund"] == ["72.73"]


def test_a_pool_that_rests_on_means_nobody_told_is_refused() -> None:
    poor = PARTIES.replace('code = "third"', 'code = "new"').replace("fiscal_capacity = 2\n", "")
    rule = RULE.replace("third", "new") + "by_capacity = true\n"
    with pytest.raises(AgreementError, match="fiscal capacity is not told") as told:
        parse((HEAD + poor + SECTION + rule).encode(), "pool.toml")
    assert told.value.field == "parties.new"


@given(st.lists(st.integers(1, 1000), min_size=3, max_size=3), st.integers(1, 10**9))
def test_a_pool_pays_out_what_was_paid_in_to_the_cent(weights: list[int], total: int) -> None:
    low, third, up = weights
    rule = RULE.replace("value = 100", f"value = {total}").replace(
        "low = 1, third = 2", f"low = {low}, third = {third}"
    )
    bill = settled(drafted(rule.replace("up = 1", f"up = {up}, third = 1")), {}, period="2016")
    assert {t.party: t.net for t in bill.totals}["fund"] == 0
    assert sum(total.net for total in bill.totals) == 0
