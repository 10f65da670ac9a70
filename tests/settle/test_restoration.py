"""A liability stays open until the section is back at its baseline, and is told with every bill."""

from __future__ import annotations

from tests.settle.drafting import MISSING, RESTORATION, drafted, month, settled, value

from commonshed.periods import Period
from commonshed.settle import Liability, Settlement, Value

CLAUSE = MISSING.format(month=2, action="open")


def bill(texts: str, *, period: str = "2016", rule: str = RESTORATION, clause: str = CLAUSE) -> Settlement:
    """Months from January 2016 with these values; ``-`` is a month without a sample."""
    values: dict[tuple[str, str, Period], Value] = {}
    for number, text in enumerate(texts.split()):
        year, at = divmod(number, 12)
        if text != "-":
            values["s1", "tp", month(at + 1, 2016 + year)] = value("tp", text)
    return settled(drafted(rule, clause), values, period=period)


def only(found: Settlement) -> Liability:
    (one,) = found.liabilities
    return one


def test_a_section_always_at_its_baseline_owes_nothing() -> None:
    assert bill("0.2 0.1 0.2").liabilities == ()


def test_a_liability_opens_with_the_first_month_above_and_says_what_is_measured() -> None:
    found = only(bill("0.1 0.21 0.3", period="2016-03"))
    assert (found.status, str(found.opened), found.stretches, found.party) == ("open", "2016-02", 2, "up")
    assert found.inputs == {
        "baseline": "0.2",
        "baseline_unit": "mg/L",
        "measured": "0.3",
        "unit": "mg/L",
        "measured_in": "2016-03",
        "unit_of_time": "month",
        "not_measured_since": 0,
    }


def test_it_stays_open_in_every_later_bill_also_when_nobody_measures() -> None:
    texts = "0.1 0.21 0.3" + " -" * 12
    for period in ("2016-04", "2016-12", "2017-03"):
        found = only(bill(texts, period=period))
        assert (found.status, str(found.opened)) == ("open", "2016-02")
    found = only(bill(texts, period="2016"))
    assert (found.stretches, found.inputs["not_measured_since"]) == (11, 9)


def test_it_closes_when_the_section_is_back_and_is_shown_once_more() -> None:
    found = only(bill("0.3 0.3 0.2", period="2016"))
    assert (found.status, str(found.restored), found.stretches) == ("restored", "2016-03", 3)
    assert bill("0.3 0.3 0.2", period="2017").liabilities == ()


def test_it_closes_only_after_as_many_months_in_a_row_as_agreed() -> None:
    rule = RESTORATION + "back_after = 3\n"
    assert only(bill("0.3 0.2 0.2 0.3 0.2 0.2", rule=rule)).status == "open"
    assert str(only(bill("0.3 0.2 0.2 0.3 0.2 0.2 0.2", rule=rule)).restored) == "2016-07"


def test_months_without_samples_neither_open_nor_close_nor_break_a_row() -> None:
    rule = RESTORATION + "back_after = 2\n"
    assert str(only(bill("0.3 - 0.2 - 0.2", rule=rule)).restored) == "2016-05"
    assert bill("- - -").liabilities == ()


def test_a_stand_in_of_an_earlier_month_proves_no_restoration() -> None:
    found = only(bill("0.1 0.3 -", clause=MISSING.format(month=1, action="previous"), period="2016-03"))
    assert found.status == "open"


def test_it_opens_anew_when_the_section_falls_back() -> None:
    found = bill("0.3 0.2 0.3").liabilities
    assert [(str(one.opened), one.status) for one in found] == [("2016-01", "restored"), ("2016-03", "open")]


def test_totals_count_what_a_party_still_has_to_restore() -> None:
    upper, lower, *_ = bill("0.3").totals
    assert (upper.party, upper.liabilities, lower.liabilities) == ("up", 1, 0)
