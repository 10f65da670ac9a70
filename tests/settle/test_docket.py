"""Missing samples, floods, disputes and force majeure go as the agreement says; where it is silent, nothing goes."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from tests.settle.drafting import FLOW, LOAD, MISSING, SECTION, drafted, month, settled, value, volume

from commonshed.errors import AgreementError
from commonshed.periods import Period
from commonshed.settle import Line, Value, Volume

VALUES = {("s1", "tp", month(1)): value("tp", "0.3", samples=2)}
VOLUMES = {("s1", month(1)): volume("100")}
CLAUSE = """
[clauses.{name}]
action = "{action}"
clause = {{ en = "clause 8", zh = "第8条" }}
provenance = "test"
"""
EVENT = """
[[events]]
kind = "{kind}"
sections = ["s1"]
period = "{period}"
note = {{ en = "laboratories differ", zh = "实验室结果不一致" }}
"""


def line(
    *parts: str,
    values: dict[tuple[str, str, Period], Value] | None = None,
    volumes: dict[tuple[str, Period], Volume] | None = None,
    period: str = "2016-01",
) -> Line:
    found = settled(drafted(FLOW, LOAD, *parts), values or VALUES, volumes or VOLUMES, period=period)
    return found.lines[-1]


@pytest.mark.parametrize(("action", "status"), [("open", "open"), ("not-charged", "not settled")])
def test_too_few_samples_leave_a_line_open_or_out_as_agreed(action: str, status: str) -> None:
    found = line(MISSING.format(month=3, action=action))
    assert (found.status, found.amount) == (status, None)
    assert found.why == "section s1 has 2 samples of tp in 2016-01; 3 needed"
    assert found.clause.en == "clause 9"
    assert (found.payer, found.receiver) == ("up", "low")


def test_the_last_month_with_enough_samples_stands_in_where_agreed() -> None:
    values = VALUES | {("s1", "tp", month(2)): value("tp", "9", samples=1)}
    volumes = VOLUMES | {("s1", month(2)): volume("100")}
    found = line(MISSING.format(month=2, action="previous"), values=values, volumes=volumes, period="2016-02")
    assert (found.status, str(found.amount), found.inputs["measured"]) == ("due", "10000.00", "0.3")
    assert found.why == "section s1 has 1 sample of tp in 2016-02; 2 needed; the value of 2016-01 stands in"


def test_with_nothing_before_it_a_stand_in_leaves_the_line_open() -> None:
    assert line(MISSING.format(month=3, action="previous")).status == "open"


def test_samples_that_lie_after_the_period_are_told_with_their_months() -> None:
    late = {("s1", "tp", month(5)): value("tp", "0.3"), ("s1", "tp", month(4)): value("tp", "0.3")}
    with pytest.raises(AgreementError) as told:
        line(values=late)
    assert told.value.problem == (
        "section s1 has no samples of tp in 2016-01 (there are some in 2016-04, 2016-05), "
        "and the agreement does not say how few are too few"
    )
    assert told.value.field == "clauses.missing_samples"
    assert told.value.mend == "Add [clauses.missing_samples] as the parties agreed it"


@pytest.mark.parametrize(("action", "status"), [("suspend", "suspended"), ("not-charged", "not settled")])
def test_force_majeure_stays_a_line_by_its_clause(action: str, status: str) -> None:
    found = line(
        CLAUSE.format(name="force_majeure", action=action), EVENT.format(kind="force-majeure", period="2016-Q1")
    )
    assert (found.status, found.amount, found.clause.en) == (status, None, "clause 8")
    assert found.why == "force majeure: laboratories differ"


def test_a_measured_flood_suspends_above_its_flow_and_not_on_it() -> None:
    clause = CLAUSE.format(name="flood", action="suspend") + 'above = [{ section = "s1", value = 500 }]\n'
    flood = {("s1", month(1)): Volume("100", "1e4 m3", 3, Fraction("500.001"))}
    found = line(clause, volumes=flood)
    assert (found.status, found.why) == ("suspended", "flood: a daily flow of 500.001 m3/s, above 500 m3/s")
    assert line(clause, volumes={("s1", month(1)): Volume("100", "1e4 m3", 3, Fraction(500))}).status == "due"


def test_a_flood_stays_only_lines_of_the_stretches_its_clause_speaks_of() -> None:
    clause = CLAUSE.format(name="flood", action="suspend") + 'above = [{ section = "s1", value = 500 }]\n'
    flood = {("s1", month(1)): Volume("100", "1e4 m3", 3, Fraction(501))}
    assert line(clause + 'units = ["month"]\n', volumes=flood).status == "suspended"
    assert line(clause + 'units = ["year"]\n', volumes=flood).status == "due"


def test_a_disputed_line_is_shown_with_its_amount_and_is_not_due() -> None:
    parts = CLAUSE.format(name="dispute", action="hold"), EVENT.format(kind="dispute", period="2016-01")
    bill = settled(drafted(FLOW, LOAD, *parts), VALUES, VOLUMES)
    assert [(one.status, one.amount, one.why) for one in bill.lines] == [
        ("disputed", Decimal("10000.00"), "disputed: laboratories differ")
    ]
    upper = bill.totals[0]
    assert (upper.party, str(upper.pays), str(upper.held), upper.waiting) == ("up", "0.00", "10000.00", 1)


def test_a_settled_dispute_is_billed_by_the_value_both_agreed_on() -> None:
    agreed = 'resolved = [{ quantity = "tp", value = "0.25", unit = "mg/L", on = 2016-03-01, '
    agreed += 'by = { en = "joint sample", zh = "联合采样" } }]\n'
    found = line(EVENT.format(kind="dispute", period="2016-01") + agreed)
    assert (found.status, str(found.amount)) == ("due", "5000.00")
    assert (found.inputs["measured"], found.inputs["agreed_by"]) == ("0.25", "joint sample")


def test_an_event_concerns_only_its_section_quantity_and_stretch() -> None:
    clause = CLAUSE.format(name="dispute", action="hold")
    assert line(clause, EVENT.format(kind="dispute", period="2016-02")).status == "due"
    other = EVENT.format(kind="dispute", period="2016-01") + 'quantities = ["nh3n"]\n'
    assert line(clause, other).status == "due"


@pytest.mark.parametrize("kind", ["flood", "dispute", "force-majeure"])
def test_what_the_agreement_is_silent_about_is_not_decided_for_it(kind: str) -> None:
    with pytest.raises(AgreementError, match="does not say what follows") as told:
        line(EVENT.format(kind=kind, period="2016-01"))
    assert told.value.field == f"clauses.{kind.replace('-', '_')}"


def test_a_section_nobody_answers_for_is_refused_by_name() -> None:
    orphan = SECTION.replace('upstream = "up"\n', "")
    with pytest.raises(AgreementError, match="nobody answers for section s1: it lies in no jurisdiction") as told:
        settled(drafted(FLOW, LOAD, orphan), VALUES, VOLUMES)
    assert told.value.field == "sections.s1.upstream"
    with pytest.raises(AgreementError, match="lies in 110105, for which no party answers"):
        settled(drafted(FLOW, LOAD, orphan), VALUES, VOLUMES, owners={"s1": "110105"})


def test_the_party_of_the_sections_jurisdiction_answers_where_no_other_is_named() -> None:
    orphan = SECTION.replace('upstream = "up"\n', "")
    (found,) = settled(drafted(FLOW, LOAD, orphan), VALUES, VOLUMES, owners={"s1": "third"}).lines
    assert found.payer == "third"


def test_a_section_without_a_receiver_is_refused_by_name() -> None:
    open_end = SECTION.replace('downstream = "low"\n', "")
    with pytest.raises(AgreementError, match="nobody is named who receives the water of section s1"):
        settled(drafted(FLOW, LOAD, open_end), VALUES, VOLUMES)
