"""An agreement that names what it does not declare, or leaves out what its rules need, is refused when it is read."""

from __future__ import annotations

import pytest
from tests.settle.drafting import CLASSES, FLOW, HEAD, LOAD, PARTIES, RESTORATION, SECTION

from commonshed.errors import AgreementError
from commonshed.settle import parse

WHOLE = "\n".join([HEAD, PARTIES, SECTION, FLOW, LOAD, CLASSES, RESTORATION])


def refused(old: str, new: str) -> AgreementError:
    assert old in WHOLE
    with pytest.raises(AgreementError) as told:
        parse(WHOLE.replace(old, new, 1).encode(), "mine.toml")
    return told.value


def test_a_whole_agreement_is_accepted() -> None:
    assert parse(WHOLE.encode(), "mine.toml").id == "two-counties"


@pytest.mark.parametrize(
    ("old", "new", "field", "problem"),
    [
        ('upstream = "up"', 'upstream = "upp"', "sections.s1.upstream", "this party is not one of the agreement"),
        ('upstream = "up"', 'upstream = "low"', "sections.s1", "a section has one party on both sides"),
        ('code = "third"', 'code = "low"', "party", "two of one kind have one name: party"),
        ('level = "III"\n', "", "sections.s1.level", "section s1 has no class to keep"),
        ('"load-price"', '"load-price"\nsections = ["s2"]', "rules.load", "names a section the agreement does not"),
        ('quantities = ["tp"]', 'quantities = ["tpp"]', None, "there is no quantity 'tpp'"),
        ('quantities = ["tp"]', 'quantities = ["cod"]', None, "rule load has no price of cod on 2016-01-01"),
        ('value = "0.2", unit = "mg/L"', 'value = "0.2", unit = "mg/l/d"', "sections.s1.tp.unit", "is not measured in"),
        ('value = "0.2", unit = "mg/L"', 'value = "0.2", unit = "degC"', "sections.s1.tp.unit", "is not measured in"),
        (FLOW, "", "flow", "nothing says where volumes come from"),
        ("1e4 CNY/t", "1e4 GBP/t", "rules.load.unit", "another currency"),
        ("1e4 CNY/t", "1e4 CNY", "rules.load.unit", "a price of a load is per t or kg"),
        ("first = 2016-01-01", "first = 2016-01-01\nlast = 2015-01-01", "last", "ends before it begins"),
        ("first = 2016-01-01\n", "", "first", "when the agreement begins is not told"),
        ('level = "III"', 'level = "III"\ninflow = ["s1"]', "sections.s1.inflow", "a section is its own inflow"),
        ('provenance = "test"', 'provenance = "tset"', "provenance", "does not declare"),
    ],
)
def test_what_does_not_hold_together_is_refused_with_its_place(
    old: str, new: str, field: str | None, problem: str
) -> None:
    found = refused(old, new)
    assert problem in str(found)
    assert found.file == "mine.toml"
    if field is not None and "things keep" not in found.problem:
        assert found.field == field
    assert (
        found.mend or "things keep" in found.problem or field in ("party", "last", "sections.s1.inflow", "provenance")
    )


def test_a_price_that_begins_too_late_is_missing_and_the_message_says_when_it_begins() -> None:
    found = refused("prices = [{ quantity", "prices = [{ first = 2016-07-01, quantity")
    assert found.problem == "rule load has no price of tp on 2016-01-01: its first price begins on 2016-07-01"
    assert (found.field, found.value) == ("rules.load.prices", "tp")


def test_a_target_that_is_missing_is_told_with_section_quantity_and_mend() -> None:
    found = refused('{ quantity = "tp", value = "0.2", unit = "mg/L", provenance = "test" },\n    ', "")
    assert found.problem == "section s1 has no target of tp on 2016-01-01, and rule load needs it"
    assert (found.field, found.value) == ("sections.s1.targets", "tp")
    assert found.mend == "Add a target with quantity, value and unit, or name the rule's sections"


def test_an_agreement_held_in_part_may_leave_out_what_it_lacks() -> None:
    lacking = WHOLE.replace('nature = "example"', 'nature = "real"\nlacks = [{ en = "targets", zh = "目标值" }]')
    lacking = lacking.replace('{ quantity = "tp", value = "0.2", unit = "mg/L", provenance = "test" },\n    ', "")
    assert parse(lacking.encode(), "mine.toml").lacks[0].en == "targets"


def test_an_agreement_without_rules_settles_nothing() -> None:
    with pytest.raises(AgreementError, match="without rules settles nothing"):
        parse((HEAD.replace("\n[money]", "rules = []\n\n[money]") + PARTIES + SECTION).encode(), "mine.toml")
