"""Days above a limit, each with its multiple and clause."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from tests.assess.air.building import graded

from commonshed.assess.air.exceedances import exceedance_multiple, exceedances_of_days
from commonshed.assess.air.whose import Place
from commonshed.periods import Period

BEIJING = Place("P0", "station", "110101", "Dongsi", "东四", "assessed")
JANUARY = Period.month(2016, 1)


def test_multiples_are_rounded_half_to_even_to_two_decimals() -> None:
    # (76 − 75) / 75 = 0.0133…; (85.5 − 75) / 75 = 0.14; (75.375 − 75) / 75 = 0.005 and 0.015 are exact halves.
    assert exceedance_multiple(Fraction(76), Fraction(75)) == "0.01"
    assert exceedance_multiple(Fraction(150), Fraction(75)) == "1.00"
    assert exceedance_multiple(Fraction("75.375"), Fraction(75)) == "0.00"
    assert exceedance_multiple(Fraction("76.125"), Fraction(75)) == "0.02"


def test_a_value_at_the_limit_does_not_exceed_and_one_step_above_does() -> None:
    days = graded(date(2016, 1, 1), {"pm25": [[75, 76, None]], "co": [[40, 41, 39]]})
    found = list(exceedances_of_days(days, JANUARY, [BEIJING]))
    assert [(r["period"], r["statistic"], r["value"], r["limit"], r["multiple"]) for r in found] == [
        ("2016-01-02", "pm25", "76", "75", "0.01"),
        ("2016-01-02", "co", "4.1", "4", "0.02"),
    ]
    assert found[0] | {"name": None} == {
        "station": "P0",
        "name": None,
        "role": "assessed",
        "period": "2016-01-02",
        "quantity": "pm25",
        "statistic": "pm25",
        "value": "76",
        "limit": "75",
        "unit": "ug/m3",
        "multiple": "0.01",
        "regime": "cn-2012",
        "level": "II",
        "in_force": True,
        "clause": "GB 3095-2012, table 1",
    }


def test_the_limit_of_a_day_is_the_one_of_its_phase() -> None:
    # PM2.5, 24 hours, class II: 60 until the end of 2030, 50 from 2031.
    days = graded(date(2030, 12, 31), {"pm25": [[55, 55]]}, law="cn-2026")
    found = list(exceedances_of_days(days, days.period, [BEIJING]))
    assert [(r["period"], r["limit"]) for r in found] == [("2031-01-01", "50")]


def test_both_ozone_statistics_are_listed_with_their_own_limits() -> None:
    days = graded(date(2016, 7, 1), {"o3_8h": [[161]], "o3_1h": [[201]]})
    found = list(exceedances_of_days(days, days.period, [BEIJING]))
    assert [(r["quantity"], r["statistic"], r["limit"]) for r in found] == [
        ("o3", "o3_8h", "160"),
        ("o3", "o3_1h", "200"),
    ]
