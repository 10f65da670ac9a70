"""Load prices, computed by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.settle.drafting import FLOW, LOAD, MISSING, SECTION, drafted, month, settled, value, volume

from commonshed.errors import AgreementError
from commonshed.settle import agreement
from commonshed.settle.agreement import Agreement
from commonshed.standards.parts import written

TWO_WAY = LOAD.replace("load-price", "two-way").replace(
    'unit_of_time = "month"', 'unit_of_time = "month"\nper = "load"'
)


def zhenjiang() -> Agreement:
    """The plan as we hold it, with what it lacks made up: targets, who is paid, a start."""
    held = agreement("zhenjiang-taihu").model_dump(mode="json", exclude_none=True)
    held["lacks"], held["first"] = [], "2016-01-01"
    province = {"code": "320000", "name": {"en": "Jiangsu", "zh": "江苏省"}, "provenance": "rounding"}
    held["parties"].append(province)
    held["sections"][0]["upstream"], held["sections"][0]["downstream"] = "321181", "320000"
    targets = {"codmn": "6", "nh3n": "1.5", "tp": "0.2"}
    held["sections"][0]["targets"] = [
        {"quantity": of, "value": text, "unit": "mg/L", "provenance": "rounding"} for of, text in targets.items()
    ]
    return Agreement.model_validate(held)


def test_zhenjiangs_prices_and_shares_give_the_bill_computed_by_hand() -> None:
    # (7.2 - 6) mg/L x 2,000 x 10^4 m3 = 24 t CODMn, at 1.5 x 10^4 CNY/t: 360,000 CNY, of which Danyang 85.78 %.
    # (2.0 - 1.5) x 2 x 10^7 g = 10 t NH3-N at 10 x 10^4 CNY/t: 1,000,000 CNY, Danyang 84.45 %; TP keeps its target.
    # Prices and shares: the plan, section 1 (3) and table 2.
    values = {
        ("jiuli", of, month(1)): value(of, text) for of, text in {"codmn": "7.2", "nh3n": "2.00", "tp": "0.18"}.items()
    }
    bill = settled(zhenjiang(), values, {("jiuli", month(1)): volume("2000")})
    found = {(line.quantity, line.payer): line.amount for line in bill.lines if line.status == "due"}
    assert found == {
        ("codmn", "321181"): Decimal("308808.00"),
        ("codmn", "321112"): Decimal("51192.00"),
        ("nh3n", "321181"): Decimal("844500.00"),
        ("nh3n", "321112"): Decimal("155500.00"),
    }
    assert {total.party: str(total.net) for total in bill.totals} == {
        "321181": "-1153308.00",
        "321112": "-206692.00",
        "320000": "1360000.00",
    }


def test_a_line_shows_all_it_is_made_of() -> None:
    bill = settled(
        drafted(FLOW, LOAD), {("s1", "tp", month(1)): value("tp", "0.35")}, {("s1", month(1)): volume("120.5")}
    )
    record = bill.lines[0].record("CNY")
    # (0.35 - 0.2) g/m3 x 1,205,000 m3 = 180,750 g = 0.18075 t, at 100,000 CNY/t.
    assert (record["amount"], record["payer"], record["receiver"], record["status"]) == ("18075.00", "up", "low", "due")
    assert record["inputs"] == {
        "measured": "0.35",
        "unit": "mg/L",
        "samples": 4,
        "target": "0.2",
        "target_unit": "mg/L",
        "volume": "120.5",
        "volume_unit": "1e4 m3",
        "volume_from": "declared",
        "price": "10",
        "price_unit": "1e4 CNY/t",
        "formula": "(measured - target) x volume x price",
    }
    assert record["clause"] == {"en": "clause 3", "zh": "第3条"}


def test_a_value_on_the_target_or_better_costs_nothing_one_way() -> None:
    for text in ("0.2", "0.200", "0.05"):
        bill = settled(
            drafted(FLOW, LOAD), {("s1", "tp", month(1)): value("tp", text)}, {("s1", month(1)): volume("1")}
        )
        assert [(line.status, line.amount) for line in bill.lines] == [("nothing due", Decimal("0.00"))]


def test_two_ways_the_lower_party_pays_for_better_water_at_the_rewards_price() -> None:
    rewards = 'rewards = [{ quantity = "tp", value = 4, unit = "1e4 CNY/t", provenance = "test" }]\n'
    volumes = {("s1", month(1)): volume("100")}
    for own, amount in (("", "10000.00"), (rewards, "4000.00")):
        bill = settled(drafted(FLOW, TWO_WAY + own), {("s1", "tp", month(1)): value("tp", "0.1")}, volumes)
        line = bill.lines[0]
        assert (line.payer, line.receiver, str(line.amount)) == ("low", "up", amount)


def test_prices_change_on_their_day_and_each_month_has_its_own() -> None:
    step = '\n    { quantity = "tp", first = 2016-02-01, value = 12, unit = "1e4 CNY/t", provenance = "test" },\n]'
    rule = LOAD.replace("prices = [{", "prices = [\n    {").replace(
        'provenance = "test" }]', 'provenance = "test" },' + step
    )
    values = {("s1", "tp", month(n)): value("tp", "0.3") for n in (1, 2)}
    volumes = {("s1", month(n)): volume("100") for n in (1, 2)}
    bill = settled(drafted(FLOW, rule), values, volumes, period="2016-01..2016-02")
    assert [(str(line.period), str(line.amount)) for line in bill.lines] == [
        ("2016-01", "10000.00"),
        ("2016-02", "12000.00"),
    ]


def test_water_that_flowed_back_turns_the_parties_round_where_the_agreement_says_so() -> None:
    values, volumes = {("s1", "tp", month(1)): value("tp", "0.3")}, {("s1", month(1)): volume("-100")}
    either = SECTION.replace('level = "III"', 'level = "III"\ndirection = "by-flow"')
    line = settled(drafted(FLOW, LOAD, either), values, volumes).lines[0]
    assert (line.payer, line.receiver, str(line.amount)) == ("low", "up", "10000.00")
    with pytest.raises(AgreementError, match="section s1 flowed back") as told:
        settled(drafted(FLOW, LOAD), values, volumes)
    assert "by-flow" in str(told.value)


def test_a_target_as_ions_is_held_against_a_value_as_element() -> None:
    # 1.2879 mg/L as NH4 x 14.007 / 18.039 = 1.0000 mg/L as N: (2 - 1.00003...) g/m3 is a little under one gram.
    section = SECTION.replace('value = "1.0", unit = "mg/L"', 'value = "1.2879", unit = "mg/L as NH4"')
    rule = LOAD.replace('"tp"', '"nh3n"')
    values, volumes = {("s1", "nh3n", month(1)): value("nh3n", "2")}, {("s1", month(1)): volume("100")}
    amount = settled(drafted(FLOW, rule, section), values, volumes).lines[0].amount
    expected = (2 - Fraction("1.2879") * Fraction("14.007") / Fraction("18.039")) * 10**6 / 10**6 * 10**5
    assert amount is not None
    assert abs(Fraction(amount) - expected) <= Fraction(1, 200)


def test_a_volume_nobody_declared_is_asked_for_by_section_and_month() -> None:
    with pytest.raises(AgreementError, match=r"no volume of 2016-01 is declared at s1") as told:
        settled(drafted(FLOW, LOAD), {("s1", "tp", month(1)): value("tp", "0.3")})
    assert told.value.field == "volumes"


def test_flow_that_is_missing_keeps_a_line_open_where_the_agreement_says_so() -> None:
    flow = FLOW.replace("declared", "readings").replace("provenance", "needs = { month = 3 }\nprovenance")
    values, few = {("s1", "tp", month(1)): value("tp", "0.3")}, {("s1", month(1)): volume("100", readings=2)}
    line = settled(drafted(flow, LOAD, MISSING.format(month=1, action="open")), values, few).lines[0]
    assert (line.status, line.amount, line.why) == ("open", None, "flow of s1 is missing in 2016-01")
    with pytest.raises(AgreementError, match="has no flow in 2016-01"):
        settled(drafted(flow, LOAD), values, {})


NUMBERS = st.integers(1, 10**6).map(lambda count: Fraction(count, 1000))


@given(NUMBERS, st.integers(-(10**9), 10**9), NUMBERS)
def test_what_one_pays_the_other_receives_and_the_line_alone_gives_the_amount(
    measured: Fraction, cubic: int, price: Fraction
) -> None:
    rule = TWO_WAY.replace("value = 10,", f'value = "{written(price)}",')
    either = SECTION.replace('level = "III"', 'level = "III"\ndirection = "by-flow"')
    bill = settled(
        drafted(FLOW, rule, either),
        {("s1", "tp", month(1)): value("tp", written(measured))},
        {("s1", month(1)): volume(str(cubic), unit="m3")},
    )
    assert sum(total.net for total in bill.totals) == 0
    record = bill.lines[0].record("CNY")
    told = record["inputs"]
    assert isinstance(told, dict)
    tonnes = (Decimal(told["measured"]) - Decimal(told["target"])) * Decimal(told["volume"]) / 10**6
    assert abs(abs(tonnes * Decimal(told["price"]) * 10**4) - Decimal(str(record["amount"]))) <= Decimal("0.005")
