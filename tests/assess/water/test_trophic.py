"""The trophic index of lakes: published coefficients, the states at their bounds, units."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from tests.assess.water.building import one

from commonshed.assess.water import trophic_index
from commonshed.assess.water.samples import samples_between
from commonshed.assess.water.sections import grade_sections
from commonshed.periods import Period
from commonshed.standards import regime

F = Fraction
LAW = regime("cn-surface").trophic
ALONE = {"chla": ("2.5", "1.086"), "tp": ("9.436", "1.624"), "tn": ("5.453", "1.694")}
ALONE |= {"sd": ("5.118", "-1.94"), "codmn": ("0.109", "2.661")}
R2 = {"chla": 1.0, "tp": 0.7056, "tn": 0.6724, "sd": 0.6889, "codmn": 0.6889}


def by_floats(values: dict[str, float]) -> float:
    """TLI typed a second time, in floats: TLI_j = 10 (a + b ln c), weights r² / Σ r²."""
    total = sum(R2.values())
    return sum(
        R2[key] / total * 10 * (float(ALONE[key][0]) + float(ALONE[key][1]) * math.log(c)) for key, c in values.items()
    )


def test_the_example_of_the_facts_is_met() -> None:
    # Coefficients of the method of 2011 and weights unrounded: 48.0181 for these five.
    assert LAW is not None
    values = {"chla": F(10), "tp": F("0.05"), "tn": F(1), "sd": F(1), "codmn": F(4)}
    held = trophic_index(LAW, values)
    assert (held.index, held.state and held.state.en) == ("48.0", "mesotrophic")
    finer = trophic_index(LAW.model_copy(update={"decimals": 4}), values)
    assert finer.index == "48.0181"


@pytest.mark.parametrize("values", [
    {"chla": 2.5, "tp": 0.011, "tn": 0.35, "sd": 3.2, "codmn": 1.9},
    {"chla": 88.0, "tp": 0.21, "tn": 4.4, "sd": 0.25, "codmn": 9.3},
])  # fmt: skip
def test_the_index_agrees_with_floats(values: dict[str, float]) -> None:
    assert LAW is not None
    exact = trophic_index(LAW.model_copy(update={"decimals": 6}), {key: F(str(value)) for key, value in values.items()})
    assert exact.index is not None
    assert float(exact.index) == pytest.approx(by_floats(values), abs=1e-6)


@pytest.mark.parametrize(("index", "state"), [
    ("29.9", "oligotrophic"), ("30.0", "mesotrophic"), ("50.0", "mesotrophic"), ("50.1", "lightly eutrophic"),
    ("60.0", "lightly eutrophic"), ("60.1", "moderately eutrophic"), ("70.0", "moderately eutrophic"),
    ("70.1", "hypereutrophic"),
])  # fmt: skip
def test_states_begin_where_the_method_says(index: str, state: str) -> None:
    # One term of weight one whose logarithm is nought makes the index 10 a.
    assert LAW is not None
    term = LAW.terms[0].model_copy(update={"a": F(index) / 10})
    law = LAW.model_copy(update={"terms": (term,)})
    held = trophic_index(law, {"chla": F(1)})
    assert (held.index, held.state and held.state.en) == (index, state)


def test_a_lake_gets_its_state_and_a_river_none() -> None:
    samples = {"chla": "10", "tp": "0.05", "tn": "1.0", "sd": "1.0", "codmn": "4.0"}
    march = Period.parse("2016-03")
    for body, index in (("lake", "48.0"), ("river", None)):
        source = one(samples, body=body)
        table = samples_between(source, march)
        held = grade_sections(table, list(source.places.stations.values()), regime("cn-surface"), march)[0]
        assert (held.trophic.index if held.trophic else None) == index


def test_what_the_index_lacks_is_named() -> None:
    source = one({"chla": "10", "tp": "0.05", "sd": "0"}, body="lake")
    march = Period.parse("2016-03")
    table = samples_between(source, march)
    held = grade_sections(table, list(source.places.stations.values()), regime("cn-surface"), march)[0].trophic
    assert held is not None
    assert (held.index, held.missing) == (None, ("tn", "sd", "codmn"))
