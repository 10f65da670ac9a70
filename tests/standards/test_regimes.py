"""Which regime governs, what it says on a day, and what is said when none does."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from commonshed.errors import NotCovered, UnknownName
from commonshed.periods import Period
from commonshed.standards import Limit, edition, regime, regime_for, regimes
from commonshed.units import ReferenceState

CHAOYANG = "110105"


@pytest.mark.parametrize(
    ("day", "place", "id"),
    [
        (date(2013, 1, 1), CHAOYANG, "cn-2012"),
        (date(2026, 2, 28), CHAOYANG, "cn-2012"),
        (date(2026, 3, 1), CHAOYANG, "cn-2026"),
        (date(2031, 6, 1), "230102", "cn-2026"),
        (date(2024, 5, 6), "US-CA", "us-2024"),
        (date(2026, 12, 11), "DE", "eu-2026"),
        (date(2029, 12, 31), "FR", "eu-2026"),
        (date(2030, 1, 1), "FR", "eu-2030"),
    ],
)
def test_day_and_place_find_the_regime(day: date, place: str, id: str) -> None:
    assert regime_for(day, place).id == id


def test_a_day_before_names_the_nearest_regime_and_how_to_use_it() -> None:
    with pytest.raises(NotCovered) as refused:
        regime_for(date(2012, 5, 1), CHAOYANG)
    assert str(refused.value) == (
        "no regime we hold governs 110105 on 2012-05-01. The nearest in time is cn-2012, in force there "
        "from 2013-01-01 to 2026-02-28. Name it to grade by it all the same: --regime cn-2012"
    )


def test_a_place_that_may_be_in_a_list_we_do_not_hold_is_told_so() -> None:
    with pytest.raises(NotCovered, match=r"do not hold the full list of places of .*113 key cities") as refused:
        regime_for(date(2014, 5, 1), "370200")  # Qingdao
    assert "in force there from 2016-01-01" in str(refused.value)


def test_the_nearest_regime_is_nearest_in_time() -> None:
    with pytest.raises(NotCovered, match="nearest in time is eu-2026, in force there from 2026-12-11 to 2029-12-31"):
        regime_for(date(2025, 1, 1), "DE")


@pytest.mark.parametrize("place", ["810000", "GB", "nowhere"])
def test_a_place_no_law_of_ours_reaches_is_told_which_regimes_there_are(place: str) -> None:
    with pytest.raises(NotCovered, match=r"nor on any other day .*cn-2012, cn-2026"):
        regime_for(date(2020, 1, 1), place)


def test_no_look_up_finds_a_guideline() -> None:
    assert not regime("who-2021").in_force(Period.year(2022), CHAOYANG)


@pytest.mark.parametrize(
    ("id", "period", "place", "in_force"),
    [
        ("cn-2012", "2013", CHAOYANG, True),  # though HJ 663-2013, the method, came in October
        ("cn-2012", "2012-12-31..2013", CHAOYANG, False),
        ("cn-2012", "2025", CHAOYANG, True),
        ("cn-2012", "2026", CHAOYANG, False),
        ("cn-2026", "2026-03..2031-12", CHAOYANG, True),  # both phases
        ("cn-2026@final", "2030", CHAOYANG, False),
        ("cn-2026@final", "2031", CHAOYANG, True),
        ("cn-2012", "2015", "230800", False),
        ("eu-2030", "2030", "DE", True),
        ("us-2024", "2025", CHAOYANG, False),
    ],
)
def test_a_regime_is_in_force_when_it_is_on_every_day(id: str, period: str, place: str, in_force: bool) -> None:
    assert regime(id).in_force(Period.parse(period), place) == in_force


@pytest.mark.parametrize(
    ("day", "phase", "annual", "daily"),
    [
        (date(2014, 1, 1), "transition", 30, 60),  # before the first phase: the first
        (date(2026, 3, 1), "transition", 30, 60),
        (date(2030, 12, 31), "transition", 30, 60),
        (date(2031, 1, 1), "final", 25, 50),
    ],
)
def test_the_day_decides_the_phase(day: date, phase: str, annual: int, daily: int) -> None:
    law = regime("cn-2026")
    assert law.phase is None
    assert law.at(day).phase == phase
    assert law.value("pm25", "year", day) == law.at(day).value("pm25", "year", date(2026, 3, 1)) == annual
    assert law.value("pm25", "24h", day) == daily


def test_a_phase_that_was_named_stays() -> None:
    law = regime("cn-2026@final")
    assert law.id == "cn-2026@final"
    assert law.at(date(2027, 1, 1)) is law
    assert law.value("pm10", "year", date(2027, 1, 1)) == 50


def test_the_composite_index_follows_the_phase() -> None:
    terms = {day: regime("cn-2026").at(day).assessment for day in (date(2027, 1, 1), date(2031, 1, 1))}
    for (_, method), so2 in zip(terms.items(), (60, 20), strict=True):
        assert method is not None
        assert method.composite is not None
        assert [term.standard for term in method.composite.terms if term.quantity == "so2"] == [so2]
        assert sum(term.weight for term in method.composite.terms) == 10


def test_a_level_can_be_asked_for() -> None:
    day = date(2016, 1, 1)
    assert regime("cn-2012").value("pm25", "year", day) == 35
    assert regime("cn-2012").value("pm25", "year", day, level="I") == 15
    assert regime("cn-2012@I").value("pm25", "year", day) == 15
    assert regime("who-2021").value("pm25", "year", day) == 5
    assert regime("who-2021@it3").value("pm25", "24h", day) == Fraction("37.5")
    assert regime("who-2021@it3").limit("so2", "24h", day) is None  # SO2 has two interim targets


@pytest.mark.parametrize("text", ["cn-2012@III", "cn-2012@final", "eu-2030@aqg"])
def test_a_phase_or_level_that_is_not_there_is_refused(text: str) -> None:
    with pytest.raises(UnknownName, match="phase or level"):
        regime(text)


def test_what_has_no_limit_has_none() -> None:
    assert regime("cn-2012").limit("o3", "year", date(2016, 1, 1)) is None
    assert regime("us-2024").limit("pm25", "year", date(2025, 1, 1)) is None


def test_a_target_stands_in_where_there_is_no_limit() -> None:
    ozone = regime("eu-2030").limit("o3", "mda8", date(2030, 6, 1))
    assert isinstance(ozone, Limit)
    assert ozone.kind == "target"
    assert (ozone.levels["value"], ozone.allowed_exceedances, ozone.averaged_years) == (Fraction(120), 18, 3)
    assert regime("eu-2030").value("so2", "year", date(2030, 6, 1)) == 20


@pytest.mark.parametrize(
    ("id", "day", "kelvin"),
    [
        ("cn-2012", date(2012, 1, 1), "273"),
        ("cn-2012", date(2018, 8, 31), "273"),
        ("cn-2012", date(2018, 9, 1), "298.15"),  # amendment of 2018
        ("cn-2026", date(2016, 1, 1), "298.15"),
        ("us-2024", date(2025, 1, 1), "298.15"),
    ],
)
def test_gases_have_the_reference_state_of_the_day(id: str, day: date, kelvin: str) -> None:
    assert regime(id).reference_state("gas", day) == ReferenceState(Fraction(kelvin))


def test_particulate_matter_is_counted_as_sampled_since_2018() -> None:
    assert regime("cn-2012").reference_state("particulate", date(2018, 9, 1)) is None
    assert regime("cn-2012").reference_state("particulate", date(2016, 1, 1)) == ReferenceState(Fraction(273))
    assert regime("who-2021").reference_state("gas", date(2022, 1, 1)) is None  # the guidelines do not say


def test_the_european_state_is_20_degrees() -> None:
    assert regime("eu-2030").reference_state("gas", date(2030, 1, 1)) == ReferenceState(Fraction(293), Fraction(1013))


def test_days_use_the_statistics_of_their_edition() -> None:
    assert [s.key for s in regime("cn-2012").statistics()] == ["pm25", "pm10", "so2", "no2", "co", "o3_8h", "o3_1h"]
    assert [s.key for s in regime("cn-2026").statistics()] == ["pm25", "pm10", "so2", "no2", "co", "o3_8h"]
    assert {s.key for s in regime("cn-2012").statistics("hour")} >= {"pm25_24h", "pm10_24h", "o3_8h", "o3_1h"}
    assert {s.kind for s in regime("cn-2026").statistics("hour")} == {"hour"}


def test_ozone_windows_are_the_ones_of_each_law() -> None:
    ends = {id: next(s.window_ends for s in law.statistics() if s.key == "o3_8h") for id, law in regimes("air").items()}
    assert ends["cn-2012"] == ends["cn-2026"] == (8, 24)
    assert ends["us-2024"] == (15, 31)  # 17 windows starting 07:00 to 23:00
    assert ends["eu-2030"] == (1, 24)


def test_a_sentence_names_the_clause() -> None:
    law = regime("cn-2012")
    assert law.assessment is not None
    assert law.clause(law.assessment.completeness) == "HJ 663-2013, clause 6 (data statistics)"
    assert law.clause(law.assessment.completeness, "zh") == "HJ 663-2013，6 数据统计要求"
    limit = law.limit("pm25", "year", date(2016, 1, 1))
    assert limit is not None
    assert law.clause(limit) == "GB 3095-2012, table 1"
    assert law.status_of(limit).status == "verified"


def test_what_is_borrowed_names_the_document_it_comes_from() -> None:
    law = regime("cn-2026").at(date(2027, 1, 1))
    assert law.assessment is not None
    assert law.clause(law.assessment.completeness) == "GB 3095-2026, table 4"
    assert law.status_of(law.assessment, "daily_values").status == "unverified"


def test_a_part_of_another_regime_is_not_ours() -> None:
    stranger = edition("EU-2024/2881").limits[0]
    with pytest.raises(KeyError):
        regime("cn-2012").clause(stranger)


def test_the_method_of_2013_does_not_decide_when_the_regime_is_in_force() -> None:
    assert regime("cn-2012").governing == {"GB 3095-2012", "HJ 633-2012"}
    assert regime("cn-2012").edition_ids == ["GB 3095-2012", "HJ 633-2012", "HJ 663-2013"]


def test_regimes_in_another_phase_or_level_are_others() -> None:
    assert regime("cn-2026").at(date(2027, 1, 1)) != regime("cn-2026")
    assert regime("cn-2026").at(date(2027, 1, 1)) == regime("cn-2026").at(date(2030, 1, 1))
    assert regime("cn-2012@I").digest != regime("cn-2012").digest
    assert regime("cn-2012") != "cn-2012"
