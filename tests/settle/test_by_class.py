"""Beijing's rule of 2015: 300,000 CNY per section, month and class short, 150,000 where the outflow is no worse."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.settle.drafting import CLASSES, LEVELS, MISSING, SECTION, drafted, month, settled, value

from commonshed.errors import AgreementError
from commonshed.periods import Period
from commonshed.settle import Line, Value, agreement
from commonshed.settle.rules import ClassStep

INFLOW = SECTION.replace('level = "III"', 'level = "III"\ninflow = ["s0"]')
Values = dict[tuple[str, str, Period], Value]


def graded(tp: tuple[str, str], nh3n: tuple[str, str] = ("0.5", "II"), inflow: str | None = None) -> Values:
    values = {("s1", "tp", month(1)): value("tp", tp[0], level=tp[1])}
    values["s1", "nh3n", month(1)] = value("nh3n", nh3n[0], level=nh3n[1])
    return values if inflow is None else values | {("s0", "tp", month(1)): value("tp", inflow, level="V")}


def tp_line(lines: tuple[Line, ...]) -> Line:
    return next(line for line in lines if line.quantity == "tp")


def test_the_rates_held_of_beijing_are_those_of_the_example() -> None:
    rule = agreement("beijing-2015").rules[0]
    assert isinstance(rule, ClassStep)
    assert rule.reduced is not None
    assert [rule.rate.of("CNY"), rule.reduced.of("CNY")] == [300_000, 150_000]
    assert rule.quantities == ("cod", "nh3n", "tp")


def test_each_class_short_costs_the_rate_and_quantities_are_added_up() -> None:
    bill = settled(drafted(CLASSES), graded(("0.35", "V"), ("1.2", "IV")))
    assert [(line.quantity, line.amount) for line in bill.lines] == [
        ("tp", Decimal("600000.00")),
        ("nh3n", Decimal("300000.00")),
    ]
    assert [total.pays for total in bill.totals if total.party == "up"] == [Decimal("900000.00")]


def test_water_of_the_class_to_keep_or_better_costs_nothing() -> None:
    for level in ("I", "II", "III"):
        line = tp_line(settled(drafted(CLASSES), graded(("0.2", level))).lines)
        assert (line.status, line.amount) == ("nothing due", Decimal("0.00"))


@pytest.mark.parametrize(
    ("inflow", "amount", "no_worse"),
    [("0.40", "300000.00", True), ("0.35", "300000.00", True), ("0.34", "600000.00", False)],
)
def test_the_reduced_rate_is_for_water_that_leaves_no_worse_than_it_came(
    inflow: str, amount: str, no_worse: bool
) -> None:
    line = tp_line(settled(drafted(CLASSES, INFLOW), graded(("0.35", "V"), inflow=inflow)).lines)
    assert str(line.amount) == amount
    assert (line.inputs["inflow"], line.inputs["inflow_measured"]) == ("s0", inflow)
    assert line.inputs["no_worse_than_inflow"] is no_worse


def test_of_several_inflows_the_agreement_says_which_counts() -> None:
    section = SECTION.replace('level = "III"', 'level = "III"\ninflow = ["s0", "s9"]')
    values = graded(("0.35", "V"), inflow="0.34") | {("s9", "tp", month(1)): value("tp", "0.40", level="V")}
    for which, amount in (("lowest", "600000.00"), ("highest", "300000.00")):
        rule = CLASSES + f'inflows = "{which}"\n'
        assert str(tp_line(settled(drafted(rule, section), values).lines).amount) == amount
    with pytest.raises(AgreementError, match="several inflows"):
        drafted(CLASSES, section)


def test_an_inflow_without_a_sample_keeps_the_line_open_by_the_clause() -> None:
    draft = drafted(CLASSES, INFLOW, MISSING.format(month=1, action="open"))
    line = tp_line(settled(draft, graded(("0.35", "V"))).lines)
    assert (line.status, line.amount) == ("open", None)
    assert line.why == "section s0 has no samples of tp in 2016-01; 1 needed"


def test_worse_than_the_last_class_counts_only_as_the_agreement_says() -> None:
    with pytest.raises(AgreementError, match="does not say what that counts as") as told:
        settled(drafted(CLASSES), graded(("0.9", "inferior V")))
    assert told.value.field == "rules.classes.beyond"
    line = tp_line(settled(drafted(CLASSES + 'beyond = "one-class"\n'), graded(("0.9", "inferior V"))).lines)
    assert str(line.amount) == "900000.00"


def test_a_quantity_the_law_does_not_grade_there_is_refused_by_name() -> None:
    values = graded(("0.2", "III"))
    values["s1", "nh3n", month(1)] = value("nh3n", "1.2")
    with pytest.raises(AgreementError, match="nh3n at s1 has no class: cn-surface sets no limit"):
        settled(drafted(CLASSES), values)


def test_a_class_the_law_does_not_know_is_refused_with_those_it_knows() -> None:
    with pytest.raises(AgreementError, match="I, II, III, IV, V, inferior V"):
        settled(drafted(CLASSES, SECTION.replace('level = "III"', 'level = "3"')), graded(("0.2", "III")))


@pytest.mark.parametrize("kept", LEVELS[:5])
@pytest.mark.parametrize("found", LEVELS)
def test_every_pair_of_classes_costs_what_counting_them_says(kept: str, found: str) -> None:
    draft = drafted(CLASSES + 'beyond = "one-class"\n', SECTION.replace('level = "III"', f'level = "{kept}"'))
    line = tp_line(settled(draft, graded(("0.35", found), ("0.1", "I"))).lines)
    short = [level for level in LEVELS if LEVELS.index(kept) < LEVELS.index(level) <= LEVELS.index(found)]
    assert line.amount == 300_000 * len(short)
    assert line.inputs["classes_short"] == len(short)
