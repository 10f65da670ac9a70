"""The Xin'an River's index, computed by hand, with the published sum of the first round."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.settle.drafting import value

from commonshed.errors import AgreementError
from commonshed.periods import Period
from commonshed.settle import Agreement, Line, Value, agreement, settle_measured
from commonshed.settle.measured import Measured

YEAR = Period.year(2013)
REFERENCES = {"codmn": "2.0", "nh3n": "0.20", "tp": "0.030", "tn": "1.20"}


def first_round() -> Agreement:
    """The first round as we hold it, with references made up: k0 0.85, weights 0.25, 10^8 CNY either way."""
    held = agreement("xinanjiang-1").model_dump(mode="json", exclude_none=True)
    held["lacks"] = []
    for term in held["rules"][0]["terms"]:
        term["reference"] = REFERENCES[term["quantity"]]
    return Agreement.model_validate(held)


def line(**values: str) -> Line:
    measured: dict[tuple[str, str, Period], Value] = {
        ("jiekou", of, YEAR): value(of, text, samples=12) for of, text in values.items()
    }
    (only,) = settle_measured(first_round(), Measured(measured), YEAR).lines
    return only


def test_at_the_references_the_index_is_k0_and_zhejiang_pays_anhui_a_hundred_million() -> None:
    # Sum 1.0, P = 0.85 <= 1: the first round's transfer, 1.0 x 10^8 CNY a year.
    found = line(**REFERENCES)
    assert (found.inputs["P"], found.payer, found.receiver) == ("0.85", "330000", "340000")
    assert (str(found.amount), found.status) == ("100000000.00", "due")
    assert found.inputs["k0"] == "0.85"


def test_water_above_the_index_of_one_makes_anhui_pay_zhejiang() -> None:
    # 0.85 x 0.25 x (1 + 1 + 1 + 1.8/1.2 = 1.5) = 0.95625 -> 0.96; with tn 2.4: 0.85 x 1.25 = 1.0625 -> 1.06.
    assert line(**REFERENCES | {"tn": "1.80"}).inputs["P"] == "0.96"
    found = line(**REFERENCES | {"tn": "2.40"})
    assert (found.inputs["P"], found.payer, found.receiver) == ("1.06", "340000", "330000")
    assert str(found.amount) == "100000000.00"


def test_the_index_is_rounded_before_it_is_held_against_the_bands() -> None:
    # Sum 1.18125 x 0.85 = 1.0040625: as published 1.00, and that is not above one.
    found = line(**REFERENCES | {"codmn": "3.45"})
    assert Fraction("0.85") * Fraction("0.25") * (3 + Fraction("3.45") / 2) == Fraction("1.0040625")
    assert (found.inputs["P"], found.payer) == ("1.00", "330000")


def test_every_term_stands_in_the_line_with_its_weight_and_reference() -> None:
    shown = line(**REFERENCES).inputs["tp"]
    assert shown == {
        "measured": "0.030",
        "unit": "mg/L",
        "samples": 12,
        "k": "0.25",
        "C0": "0.03",
        "C0_unit": "mg/L",
    }


def test_an_index_with_a_quantity_nobody_sampled_is_not_settled_without_a_clause() -> None:
    with pytest.raises(AgreementError, match="section jiekou has no samples of tn in 2013"):
        line(codmn="2.0", nh3n="0.2", tp="0.03")


@pytest.mark.parametrize("bands", [[], [{"up_to": "1", "payer": "nobody"}]])
def test_bands_that_leave_a_gap_are_refused(bands: list[dict[str, str]]) -> None:
    from commonshed.settle.consistency import check

    held = first_round().model_dump(mode="json", exclude_none=True)
    held["rules"][0]["bands"] = bands
    with pytest.raises(AgreementError, match="do not cover every value"):
        check(Agreement.model_validate(held))


FIGURES = st.integers(1, 9999).map(lambda count: f"{count // 1000}.{count % 1000:03d}")


@given(st.fixed_dictionaries(dict.fromkeys(REFERENCES, FIGURES)))
def test_the_index_is_what_its_own_line_says_it_is(values: dict[str, str]) -> None:
    found = line(**values)
    total = Fraction(0)
    for of in REFERENCES:
        term = found.inputs[of]
        assert isinstance(term, dict)
        total += Fraction(term["k"]) * Fraction(term["measured"]) / Fraction(term["C0"])
    assert abs(Fraction(str(found.inputs["P"])) - Fraction(str(found.inputs["k0"])) * total) <= Fraction(1, 200)
    assert (found.payer == "330000") is (Fraction(str(found.inputs["P"])) <= 1)
