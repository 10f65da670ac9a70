"""The order of main pollutants, by the words of the method of 2011."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from commonshed.assess.water.means import Plain
from commonshed.assess.water.pollutants import exceedance_rates, exceeding, main_pollutants, main_pollutants_of_many
from commonshed.assess.water.scale import scale_of
from commonshed.assess.water.values import SectionValue, of_value
from commonshed.standards import regime

SCALE = scale_of(regime("cn-surface"), date(2016, 3, 31), "river")


def values(**concentrations: str) -> dict[str, SectionValue]:
    return {
        key: of_value(key, Plain(Fraction(value)), SCALE, samples=2, below=0) for key, value in concentrations.items()
    }


def test_only_what_is_worse_than_class_three_exceeds() -> None:
    assert exceeding(values(do="5", nh3n="1.01", tp="0.2", codmn="6.1"), SCALE) == ["codmn", "nh3n"]


def test_of_one_class_the_larger_multiple_comes_first() -> None:
    assert main_pollutants(values(codmn="9", bod5="5.9", nh3n="1.45", tp="0.21"), SCALE) == ["codmn", "bod5", "nh3n"]


def test_mercury_that_exceeds_comes_before_worse_classes() -> None:
    assert main_pollutants(values(hg="0.0002", nh3n="5", tp="0.9", codmn="40"), SCALE)[0] == "hg"


def test_a_river_names_what_exceeds_at_the_most_sections() -> None:
    sections = [(values(tp="0.25"), SCALE), (values(tp="0.3", nh3n="9"), SCALE), (values(tp="0.1"), SCALE)]
    assert main_pollutants_of_many(sections) == ["tp", "nh3n"]
    assert exceedance_rates(sections) == {"tp": Fraction(2, 3), "nh3n": Fraction(1, 3)}
    assert main_pollutants_of_many([]) == []


@given(st.dictionaries(st.sampled_from(["codmn", "bod5", "nh3n", "tp", "pb", "cod"]), st.integers(1, 60), max_size=6))
def test_main_pollutants_exceed_and_are_three_at_most(found: dict[str, int]) -> None:
    held = values(**{key: str(Fraction(n, 1)) for key, n in found.items()})
    named = main_pollutants(held, SCALE)
    assert len(named) == min(3, len(exceeding(held, SCALE)))
    assert set(named) <= set(exceeding(held, SCALE))
