"""Shares and fiscal capacity: who pays which part of an amount, adding up to the cent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.settle.drafting import FLOW, LOAD, SECTION, drafted, month, settled, value, volume

from commonshed.errors import AgreementError
from commonshed.settle import UNEXPLAINED, Settlement

SPLIT = LOAD + 'split = "shares"\nreceiver = "fund"\n'
VALUES = {("s1", "tp", month(1)): value("tp", "0.3")}
VOLUMES = {("s1", month(1)): volume("100")}  # 0.1 t above the target: 10,000 CNY


def bill(rule: str, shares: dict[str, str], *, period: str = "2016") -> Settlement:
    published = {("s1", "tp", period): {code: Decimal(text) for code, text in shares.items()}}
    return settled(drafted(FLOW, rule), VALUES, VOLUMES, shares=published)


def paid(found: Settlement) -> dict[str | None, str]:
    return {line.payer: str(line.amount) for line in found.lines}


def test_everyone_pays_for_its_published_share_and_the_pieces_make_the_whole() -> None:
    found = bill(SPLIT + 'unexplained = "waived"\n', {"up": "0.3333", "third": "0.6667"})
    assert paid(found) == {"up": "3333.00", "third": "6667.00"}
    assert found.lines[0].inputs["shares_from"] == "published shares of 2016"
    assert found.lines[0].inputs["whole_amount"] == "10000.00"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("upstream", {"up": "7000.00", "third": "3000.00"}),
        ("in-proportion", {"up": "6250.00", "third": "3750.00"}),
        ("waived", {"up": "5000.00", "third": "3000.00", None: "0.00"}),
    ],
)
def test_what_no_share_explains_is_placed_as_the_rule_says(rule: str, expected: dict[str | None, str]) -> None:
    shares = {"up": "0.5000", "third": "0.3000", UNEXPLAINED: "0.2000"}
    assert paid(bill(SPLIT + f'unexplained = "{rule}"\n', shares)) == expected


def test_a_waived_part_is_a_line_that_says_so() -> None:
    found = bill(SPLIT + 'unexplained = "waived"\n', {"up": "0.8000", UNEXPLAINED: "0.2000"})
    line = next(line for line in found.lines if line.payer is None)
    assert (line.status, line.inputs["share_amount"]) == ("nothing due", "2000.00")
    assert line.why == "what no share explains is waived"


def test_a_jurisdiction_no_party_answers_for_counts_as_unexplained() -> None:
    found = bill(SPLIT + 'unexplained = "upstream"\n', {"elsewhere": "0.4000", "third": "0.6000"})
    assert paid(found) == {"up": "4000.00", "third": "6000.00"}


def test_an_upstream_party_without_a_share_pays_nothing_and_has_no_line() -> None:
    assert paid(bill(SPLIT + 'unexplained = "waived"\n', {"up": "0.0000", "third": "1.0000"})) == {"third": "10000.00"}


def test_who_receives_pays_nobody_for_its_own_share() -> None:
    rule = LOAD + 'split = "shares"\nunexplained = "waived"\n'
    found = bill(rule, {"up": "0.9000", "low": "0.1000"})
    assert paid(found) == {"up": "9000.00", None: "0.00"}


def test_nobody_pays_itself() -> None:
    with pytest.raises(AgreementError, match="up would pay itself at section s1") as told:
        settled(drafted(FLOW, LOAD + 'receiver = "up"\n'), VALUES, VOLUMES)
    assert told.value.field == "rules.load.receiver"


def test_shares_that_are_not_the_whole_are_refused() -> None:
    with pytest.raises(AgreementError, match="shares of tp at s1 in 2016 are not the whole"):
        bill(SPLIT + 'unexplained = "waived"\n', {"up": "0.5", "third": "0.4"})


def test_without_shares_the_message_says_how_to_make_them() -> None:
    with pytest.raises(AgreementError, match="no published shares of tp at s1 for 2016-01") as told:
        settled(drafted(FLOW, SPLIT + 'unexplained = "waived"\n'), VALUES, VOLUMES)
    assert "commonshed attribute shares" in str(told.value.mend)


def test_shares_of_an_agreement_that_are_not_the_whole_are_refused_when_it_is_read() -> None:
    table = 'shares = [{ quantity = "tp", unit = "%", of = { up = "60", third = "39.9" }, provenance = "test" }]\n'
    with pytest.raises(AgreementError, match="shares of tp at s1 are not the whole") as told:
        drafted(FLOW, SPLIT + 'unexplained = "waived"\n', SECTION + table)
    assert told.value.value == "99.9 %"


def test_a_rule_by_shares_says_who_pays_for_the_rest() -> None:
    with pytest.raises(AgreementError, match="who pays for what no share explains"):
        drafted(FLOW, SPLIT)


def test_the_poorer_upstream_pays_less_and_the_rest_is_told() -> None:
    # Fiscal capacity of `up` is 0.6.
    found = settled(drafted(FLOW, LOAD + "by_capacity = true\n"), VALUES, VOLUMES)
    assert paid(found) == {"up": "6000.00"}
    assert found.lines[0].why == "4000.00 CNY waived for fiscal capacity"
    with_rest = settled(drafted(FLOW, LOAD + 'by_capacity = true\nrest = "fund"\n'), VALUES, VOLUMES)
    assert paid(with_rest) == {"up": "6000.00", "fund": "4000.00"}
    assert with_rest.lines[1].inputs["in_place_of"] == "up"
    assert {total.party: str(total.receives) for total in with_rest.totals}["low"] == "10000.00"


def test_capacity_above_one_asks_for_no_more_than_the_whole() -> None:
    section = SECTION.replace('upstream = "up"', 'upstream = "third"')
    found = settled(drafted(FLOW, LOAD + "by_capacity = true\n", section), VALUES, VOLUMES)
    assert paid(found) == {"third": "10000.00"}


@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=2).filter(lambda cuts: cuts[0] <= cuts[1]))
def test_pieces_by_share_and_capacity_still_make_the_whole(cuts: list[int]) -> None:
    parts = {"up": cuts[0], "third": cuts[1] - cuts[0], UNEXPLAINED: 10_000 - cuts[1]}
    shares = {code: f"{count // 10_000}.{count % 10_000:04d}" for code, count in parts.items()}
    rule = SPLIT.replace('"fund"', '"low"') + 'unexplained = "upstream"\nby_capacity = true\nrest = "fund"\n'
    found = bill(rule, shares)
    assert sum(total.net for total in found.totals) == 0
    assert {total.party: str(total.receives) for total in found.totals}["low"] == "10000.00"
