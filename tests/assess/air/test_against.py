"""Old air under a new law."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from tests.assess.air.network import CLEAN, clean, measured, shore

from commonshed.assess.air import air
from commonshed.assess.air.against import Conversion, measured_state
from commonshed.periods import Period
from commonshed.standards import regime
from commonshed.units import ReferenceState

OLD, NEW = regime("cn-2012"), regime("cn-2026")
JANUARY = Period.month(2016, 1)


def test_gases_before_september_2018_are_multiplied_by_273_over_298_15() -> None:
    conversion = Conversion(OLD, NEW, "110101")
    assert conversion.factor(date(2018, 8, 31)) == Fraction(5460, 5963)
    assert conversion.factor(date(2018, 9, 1)) == 1
    assert conversion.factors(Period.year(2018)) == [Fraction(5460, 5963), 1]


def test_the_sentence_says_what_was_converted_and_what_could_not_be() -> None:
    why = Conversion(OLD, NEW, "110101").why(JANUARY)
    assert why == (
        "Gases measured at 273 K, 1013.25 hPa are multiplied by 5460/5963 to stand at 298.15 K, 1013.25 hPa. "
        "Particulate matter is counted at the state of the air while sampling, which is not recorded: "
        "it cannot be converted and stands as measured."
    )


def test_a_regime_without_a_reference_state_converts_nothing() -> None:
    conversion = Conversion(OLD, regime("who-2021"), "110101")
    if regime("who-2021").reference_state("gas", date(2016, 1, 1)) is None:
        assert conversion.factor(date(2016, 1, 1)) == 1
        assert "who-2021 names no reference state" in conversion.why(JANUARY)


def test_the_state_is_the_one_of_the_law_in_force_there_and_then() -> None:
    old, new = ReferenceState(Fraction(273)), ReferenceState(Fraction("298.15"))
    assert measured_state("110101", date(2016, 1, 1), NEW) == old
    assert measured_state("110101", date(2020, 1, 1), NEW) == new
    # Where no law is known the regime decides.
    assert measured_state("", date(2016, 1, 1), NEW) == new


def test_a_day_stands_beside_itself_converted_and_as_measured() -> None:
    # NO2 44 at 273 K is 40.2885… at 298.15 K: 40, sub-index 50; as measured 44 is 55.
    readings = measured(shore(), JANUARY, lambda s, q, d: 44 if q == "no2" else clean(s, q, d))
    record = next(air(readings, period="2016-01-05", against="cn-2026").records())
    assert (record["no2"], record["sub_indices"]["no2"]) == ("44", 55)
    beside = record["against"]
    assert (beside["regime"], beside["in_force"], beside["factors"]) == ("cn-2026", False, ["5460/5963"])
    assert (beside["converted"]["no2"], beside["converted"]["sub_indices"]["no2"]) == ("40", 50)
    assert (beside["as_measured"]["no2"], beside["as_measured"]["sub_indices"]["no2"]) == ("44", 55)
    assert beside["converted"]["pm25"] == beside["as_measured"]["pm25"] == "30"


def test_conversion_happens_before_any_rounding() -> None:
    # CO 1.05 mg/m³ · 5460/5963 = 0.9614…: 1.0; rounded first (1.0, to even) it would be 0.9.
    readings = measured(shore(), JANUARY, lambda s, q, d: 1.05 if q == "co" else clean(s, q, d))
    record = next(air(readings, period="2016-01-05", against="cn-2026").records())
    assert (record["co"], record["against"]["converted"]["co"]) == ("1.0", "1.0")


def test_a_year_beside_the_new_law_has_grade_composite_and_rank_in_both_columns() -> None:
    readings = measured(shore(), Period.year(2016), lambda s, q, _: CLEAN[q] * (2 if s == "Mill" else 1))
    mill = next(r for r in air(readings, period="2016", against="cn-2026").records() if r["station"] == "Mill")
    converted, plain = mill["against"]["converted"], mill["against"]["as_measured"]
    assert (converted["mean"]["pm25"], plain["mean"]["pm25"]) == ("60.0", "60.0")
    # NO2 60 → 54.94: daily values are rounded to 55 before they are averaged.
    assert (converted["mean"]["no2"], plain["mean"]["no2"]) == ("55.0", "60.0")
    # 20/60 + 2·60/40 + 120/60 + 3·60/30 + 2/4 + 2·160/160 as measured.
    assert plain["composite_index"] == "13.83"
    assert (converted["rank"], plain["rank"], mill["rank"]) == (4, 4, 4)


def test_air_measured_at_the_new_state_is_not_graded_twice() -> None:
    readings = measured(shore(), Period.month(2020, 1), clean)
    assessment = air(readings, period="2020-01", against="cn-2026")
    beside = assessment.parts[0].beside
    assert beside is not None
    assert beside.converted is beside.as_measured
    assert next(assessment.records())["against"]["factors"] == ["1"]
