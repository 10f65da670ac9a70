"""A fixed sum either way: upstream pays when a target is missed, downstream when all are kept."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.settle.drafting import MISSING, drafted, month, settled, value

from commonshed.errors import AgreementError

RULE = """
[[rules]]
id = "either-way"
kind = "two-way"
title = { en = "Either way", zh = "双向" }
clause = { en = "clause 6", zh = "第6条" }
provenance = "test"
unit_of_time = "month"
per = "section"
quantities = ["tp", "nh3n"]
"""
SUMS = 'worse = { value = 5, unit = "1e4 CNY" }\nbetter = { value = 2, unit = "1e4 CNY" }\n'


def values(tp: str, nh3n: str) -> dict[object, object]:
    return {("s1", "tp", month(1)): value("tp", tp), ("s1", "nh3n", month(1)): value("nh3n", nh3n)}


@pytest.mark.parametrize(
    ("tp", "nh3n", "payer", "amount", "said"),
    [
        ("0.2", "1.0", "low", "20000.00", "kept"),
        ("0.21", "1.0", "up", "50000.00", "missed: tp"),
        ("0.3", "1.1", "up", "50000.00", "missed: tp, nh3n"),
    ],
)
def test_one_sum_a_month_goes_the_way_the_water_says(tp: str, nh3n: str, payer: str, amount: str, said: str) -> None:
    (line,) = settled(drafted(RULE + SUMS), values(tp, nh3n)).lines  # type: ignore[arg-type]
    assert (line.payer, str(line.amount), line.inputs["targets"]) == (payer, amount, said)


def test_a_direction_without_a_sum_costs_nothing() -> None:
    rule = RULE + 'worse = { value = 5, unit = "1e4 CNY" }\n'
    (line,) = settled(drafted(rule), values("0.1", "0.1")).lines  # type: ignore[arg-type]
    assert (line.status, line.amount) == ("nothing due", Decimal("0.00"))


def test_a_rule_without_any_sum_is_refused() -> None:
    with pytest.raises(AgreementError, match="a sum is missing"):
        drafted(RULE)


def test_one_quantity_without_samples_keeps_the_whole_line_open() -> None:
    draft = drafted(RULE + SUMS, MISSING.format(month=1, action="open"))
    (line,) = settled(draft, {("s1", "tp", month(1)): value("tp", "0.3")}).lines
    assert (line.status, line.amount, line.why) == (
        "open",
        None,
        "section s1 has no samples of nh3n in 2016-01; 1 needed",
    )
