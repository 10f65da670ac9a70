"""Every regime compiles, and what it compiles to is what its statistics say."""

from __future__ import annotations

import math
from datetime import date
from fractions import Fraction

import pytest

from commonshed.assess.air.plan import plan, terms_of_days
from commonshed.assess.air.windows import common_denominator
from commonshed.errors import LawError
from commonshed.periods import Period
from commonshed.standards import Regime, regime, regimes
from commonshed.standards.schema import Statistic


@pytest.mark.parametrize("name", sorted(regimes("air")))
def test_every_regime_compiles(name: str) -> None:
    law = regime(name)
    compiled = plan(law)
    assert compiled.statistics == tuple(law.statistics("day"))
    assert (compiled.index is None) == (law.index is None)
    if compiled.index is not None and law.index is not None:
        assert list(compiled.index.keys) == [use.statistic for use in law.index.daily]


def test_windows_that_reach_over_midnight_ask_for_the_neighbours() -> None:
    assert (plan(regime("cn-2012")).before, plan(regime("cn-2012")).after) == (0, 0)
    assert (plan(regime("us-2024")).before, plan(regime("us-2024")).after) == (0, 1)
    assert (plan(regime("eu-2030")).before, plan(regime("eu-2030")).after) == (1, 0)
    year = Period.year(2016)
    assert plan(regime("cn-2012")).reached(year) == year
    assert plan(regime("us-2024")).reached(year) == Period(date(2016, 1, 1), date(2017, 1, 1))
    assert plan(regime("eu-2030")).reached(year) == Period(date(2015, 12, 31), date(2016, 12, 31))
    assert plan(regime("eu-2030")).reaching == tuple(
        dict.fromkeys(s.quantity for s in regime("eu-2030").statistics("day") if s.kind == "running-maximum")
    )


def test_ticks_become_legal_counts_by_exact_factors() -> None:
    law = regime("cn-2012")
    terms = dict(zip([s.key for s in law.statistics()], plan(law).terms(date(2016, 1, 1), Fraction(1)), strict=True))
    assert terms["pm25"].factor == Fraction(1, 1000)
    assert terms["co"].factor == Fraction(1, 100)  # 0.001 mg/m³ to 0.1 mg/m³
    assert terms["o3_8h"].limit == 160
    moved = dict(zip(terms, plan(law).terms(date(2016, 1, 1), Fraction(5460, 5963)), strict=True))
    assert moved["o3_8h"].factor == Fraction(5460, 5963) / 1000
    assert moved["o3_8h"].limit == 160
    assert moved["pm25"].factor == Fraction(1, 1000)


def test_a_stretch_of_days_with_the_same_terms_is_one() -> None:
    compiled = plan(regime("cn-2026"))
    (whole, _), *more = terms_of_days(compiled, date(2030, 12, 1), 62)
    assert (whole, more) == (slice(0, 62), [])
    parts = terms_of_days(compiled, date(2018, 8, 30), 4, lambda d: Fraction(1 + (d >= date(2018, 9, 1))))
    assert [days for days, _ in parts] == [slice(0, 2), slice(2, 4)]


def test_a_statistic_the_kernel_cannot_make_is_an_error_of_the_law() -> None:
    law = regime("cn-2012")
    ozone = next(s for s in law.statistics() if s.kind == "running-maximum")

    class Broken(Regime):
        def statistics(self, time: str = "day") -> list[Statistic]:  # noqa: ARG002
            return [ozone.model_copy(update={"window_ends": None})]

    broken = Broken(law.id, law.title, law.editions, law.governing, level="II")
    with pytest.raises(LawError, match="is not made by o3_8h"):
        plan.__wrapped__(broken)


def test_common_denominators_are_divided_by_every_number_of_hours() -> None:
    common, factors = common_denominator(20, 24)
    assert common == math.lcm(20, 21, 22, 23, 24)
    assert [common // factors[n] for n in range(20, 25)] == [20, 21, 22, 23, 24]
