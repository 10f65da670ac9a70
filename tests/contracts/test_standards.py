"""What every standard and every regime we hold must keep: a new file gets these tests by being there."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonshed.periods import Period
from commonshed.standards import Edition, Limit, Regime, digest, edition, editions, regime, regimes
from commonshed.standards.library import slug, source_text
from commonshed.standards.parts import Note, Text
from commonshed.standards.vocabulary import averages
from commonshed.standards.water import BasinRow
from commonshed.units import ReferenceState, quantities, quantity, ticks_per

EDITIONS = editions()
REGIMES = regimes()
PLACES = [
    "110105",
    "230102",
    "230800",
    "370200",
    "440300",
    "650000",
    "810000",
    "DE",
    "FR",
    "US",
    "US-CA",
    "GB",
    "GB-ENG",
    "JP",
    "nowhere",
]
Time = Literal["day", "hour"]
TIMES: tuple[Time, Time] = ("day", "hour")
STATE = ReferenceState(Fraction("298.15"))

every_edition = pytest.mark.parametrize("held", EDITIONS.values(), ids=EDITIONS)
every_regime = pytest.mark.parametrize("law", REGIMES.values(), ids=REGIMES)
every_air_regime = pytest.mark.parametrize("law", regimes("air").values(), ids=regimes("air"))
every_noise_regime = pytest.mark.parametrize("law", regimes("noise").values(), ids=regimes("noise"))
every_water_regime = pytest.mark.parametrize("law", regimes("water").values(), ids=regimes("water"))


def test_we_hold_what_we_say_we_hold() -> None:
    assert set(EDITIONS) == {
        "CWQI-2017",
        "EU-2024/2881",
        "GB 3095-2012",
        "GB 3095-2026",
        "GB 3096-2008",
        "GB 3838-2002",
        "HJ 633-2012",
        "HJ 633-2026",
        "HJ 640-2012",
        "HJ 663-2013",
        "HJ 663-2026",
        "Huanban 2011-22",
        "JP-ENV-59",
        "UK-WFD-2010",
        "US-EPA-AQI-2024",
        "WHO-AQG-2021",
    }
    assert set(regimes("air")) == {"cn-2012", "cn-2026", "eu-2026", "eu-2030", "us-2024", "who-2021"}
    assert set(regimes("water")) == {"cn-surface", "jp-rivers", "uk-wfd-2010"}
    assert set(regimes("noise")) == {"cn-noise"}
    assert len(REGIMES) == 10


# Every edition.


@every_edition
def test_the_file_is_named_for_its_edition(held: Edition) -> None:
    assert edition(held.id) is edition(slug(held.id))


@every_edition
def test_the_form_survives_a_round_trip(held: Edition) -> None:
    assert Edition.model_validate(held.model_dump()).model_dump() == held.model_dump()
    through_json = Edition.model_validate(json.loads(held.model_dump_json(exclude_none=True)))
    assert through_json.model_dump() == held.model_dump()


@every_edition
def test_the_digest_is_of_the_bytes_shipped(held: Edition) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", digest(held))
    assert b"\r" not in source_text(held), "line ends are part of the digest: keep them the same everywhere"


@every_edition
def test_every_text_is_in_both_languages(held: Edition) -> None:
    for part in held.parts():
        if isinstance(part, Text):
            assert part.en.strip()
            assert part.zh.strip()
            assert not re.search(r"[一-鿿]", part.en), part.en
            if isinstance(part, Note) or part is held.title:
                assert re.search(r"[一-鿿]", part.zh), part.zh


@every_edition
def test_every_limit_has_a_unit_of_its_quantity_and_a_known_average(held: Edition) -> None:
    for limit in held.limits:
        assert ticks_per(quantity(limit.quantity), limit.unit) > 0
        assert limit.of in averages()
        assert all(value > 0 for value in limit.levels.values())
    for threshold in held.thresholds:
        assert ticks_per(quantity(threshold.quantity), threshold.unit) > 0


@every_edition
def test_no_limit_is_said_twice(held: Edition) -> None:
    keys = [(_subject(limit), limit.phase) for limit in held.limits]
    assert len(keys) == len(set(keys))
    both = {subject for subject, phase in keys if phase} & {subject for subject, phase in keys if not phase}
    assert not both, "a limit holds in every phase or has a value for each"


@every_edition
def test_a_limit_for_some_waters_leaves_no_doubt_which_holds(held: Edition) -> None:
    """One for rivers beside one for lakes, never beside one for both; no type of water stands in two."""
    for limit in held.limits:
        alike = [other for other in held.limits if _same(limit, other) and limit.phase == other.phase]
        bodies = {other.water_body for other in alike}
        types = [
            water_type for other in alike if other.water_body == limit.water_body for water_type in other.water_types
        ]
        assert None not in bodies or bodies == {None}, limit
        assert len(types) == len(set(types)), limit


@every_edition
def test_a_longer_average_has_no_laxer_limit(held: Edition) -> None:
    order = ["1h", "8h", "mda8", "24h", "quarter", "year"]
    values: dict[tuple[str, str, str | None], dict[str, Fraction]] = {}
    for limit in held.limits:
        if limit.kind == "limit" and limit.of in order:
            for level, value in limit.levels.items():
                values.setdefault((limit.quantity, level, limit.phase), {})[limit.of] = value
    for of, by_average in values.items():
        present = [by_average[average] for average in order if average in by_average]
        assert present == sorted(present, reverse=True), of


@every_edition
def test_levels_are_written_from_the_strictest_or_towards_it(held: Edition) -> None:
    """Class I is no laxer than class II; each interim target is no laxer than the one before it."""
    for limit in held.limits:
        inherited = [limit.levels[level] for level in held.levels if level in limit.levels]
        assert inherited in (sorted(inherited), sorted(inherited, reverse=True))
        if "I" in limit.levels:
            assert limit.met_by(limit.levels["I"], "II")


@every_edition
def test_a_later_phase_is_no_laxer(held: Edition) -> None:
    for earlier, later in pairwise(held.phases):
        for old in (limit for limit in held.limits if limit.phase == earlier.key):
            new = next((n for n in held.limits if _same(old, n) and n.phase == later.key), None)
            if new is not None:
                tightened = all(new.levels[level] <= value for level, value in old.levels.items())
                allowed = (new.allowed_exceedances or 0) <= (old.allowed_exceedances or 0)
                assert tightened
                assert allowed or all(new.levels[level] < value for level, value in old.levels.items())


def _subject(limit: Limit) -> tuple[object, ...]:
    """What a limit speaks of, whatever its numbers and its phase."""
    return (limit.quantity, limit.of, limit.kind, limit.sense, limit.water_body, limit.water_types)


def _same(left: Limit, right: Limit) -> bool:
    return _subject(left)[:4] == _subject(right)[:4]


@every_edition
def test_phases_follow_each_other_without_gap_or_overlap(held: Edition) -> None:
    for earlier, later in pairwise(held.phases):
        assert earlier.last is not None
        assert later.first == earlier.last + timedelta(days=1)


@every_edition
def test_no_place_is_named_in_two_stages(held: Edition) -> None:
    named = [place for stage in held.in_force for place in stage.places or ()]
    assert len(named) == len(set(named))
    for stage in held.in_force:
        assert stage.last is None or stage.first <= stage.last
        assert stage.complete or stage.stage is not None, "a list that is not complete says which list it is"


@every_edition
def test_an_edition_held_in_part_warns(held: Edition) -> None:
    assert held.complete == (held.warning is None)


@every_edition
def test_reference_states_are_in_order(held: Edition) -> None:
    for kind in ("gas", "particulate"):
        firsts = [rule.first for rule in held.reference_states if rule.kind == kind]
        assert firsts == sorted(set(firsts))


@every_edition
def test_bands_rise_and_touch(held: Edition) -> None:
    if held.index is None:
        return
    for table in held.index.tables:
        step = Fraction(1, 10 ** _decimals(held, table.key))
        for band in table.bands:
            assert band.concentration[0] < band.concentration[1]
            assert band.index[0] < band.index[1]
        for lower, upper in pairwise(table.bands):
            gap = upper.concentration[0] - lower.concentration[1]
            assert (gap, upper.index[0] - lower.index[1]) in ((0, 0), (step, 1)), table.key


@every_edition
def test_classes_cover_the_index(held: Edition) -> None:
    if held.index is None:
        return
    classes = held.index.categories
    assert [c.level for c in classes] == list(range(1, len(classes) + 1))
    assert classes[0].index[0] == held.index.minimum
    for lower, upper in pairwise(classes):
        assert upper.index[0] == lower.index[1] + 1
    top = max(band.index[1] for table in held.index.tables for band in table.bands)
    assert classes[-1].index[1] == top
    assert held.index.maximum in (None, top)
    assert all(re.fullmatch(r"#[0-9A-F]{6}", c.colour) for c in classes)
    assert held.index.good_up_to in [c.index[1] for c in classes]


def _decimals(held: Edition, table: str) -> int:
    """Decimals of the statistics that are looked up in a table, which may stand in a sister edition."""
    uses = {use for law in _laws_of(held) for use in _uses(law) if use[1] == table}
    found = {
        s.decimals for law in _laws_of(held) for key, _, time in uses for s in law.statistics(time) if s.key == key
    }
    assert len(found) == 1, f"{table} is looked up with {found} decimals"
    return found.pop()


def _laws_of(held: Edition) -> list[Regime]:
    return [law for law in REGIMES.values() if held.id in law.edition_ids]


def _uses(law: Regime) -> list[tuple[str, str, Time]]:
    if law.index is None:
        return []
    uses = zip(TIMES, (law.index.daily, law.index.realtime), strict=True)
    return [(use.statistic, use.table, time) for time, used in uses for use in used]


# Every regime.


METHOD = {"air": "assessment", "water": "water", "noise": "noise"}
PARTS = ("index", "assessment", "water", "trophic", "city_index", "noise_day", "noise")


@every_regime
def test_every_edition_of_a_regime_is_of_one_medium_and_one_has_the_method(law: Regime) -> None:
    assert {held.medium for held in law.editions} == {law.medium}
    assert len([held for held in law.editions if getattr(held, METHOD[law.medium])]) == 1
    for part in PARTS:
        assert len([held for held in law.editions if getattr(held, part)]) <= 1, part
    others = [METHOD[medium] for medium in METHOD if medium != law.medium]
    assert not [part for part in others for held in law.editions if getattr(held, part)]


@every_regime
def test_statistics_have_keys_of_their_own_and_units_of_their_quantity(law: Regime) -> None:
    for time in TIMES:
        keys = [statistic.key for statistic in law.statistics(time)]
        assert len(keys) == len(set(keys))
    for statistic in (*law.statistics("day"), *law.statistics("hour")):
        of = quantity(statistic.quantity)
        assert ticks_per(of, statistic.unit, STATE) > 0
        assert 1 <= statistic.min_hours <= 24
        assert (
            statistic.kind
            in {"day": ("mean", "maximum", "running-maximum"), "hour": ("hour", "running", "nowcast")}[statistic.time]
        )
        if statistic.kind == "running-maximum":
            assert statistic.window_ends is not None
            first, last = statistic.window_ends
            assert first <= last
            assert statistic.min_hours <= statistic.window_hours
            assert (statistic.min_windows or 0) <= last - first + 1


@every_regime
def test_every_statistic_is_held_against_a_limit_that_exists_in_its_unit(law: Regime) -> None:
    for statistic in (*law.statistics("day"), *law.statistics("hour")):
        for of in {statistic.limit, statistic.fewer_windows_above} - {None}:
            held = [limit for base in law.editions for limit in base.limits]
            units = {limit.unit for limit in held if (limit.quantity, limit.of) == (statistic.quantity, of)}
            assert units == {statistic.unit}, f"{statistic.key}: limit {of} in {units}"


@every_regime
def test_the_index_looks_up_statistics_that_exist_in_their_unit(law: Regime) -> None:
    for key, table, time in _uses(law):
        statistic = next(s for s in law.statistics(time) if s.key == key)
        assert law.index is not None
        assert law.index.table(table).unit == statistic.unit


@every_air_regime
def test_attainment_tests_have_their_statistic_and_their_limit(law: Regime) -> None:
    for day in _days(law):
        stood = law.at(day)
        assert stood.assessment is not None
        for test in stood.assessment.tests:
            statistic = next(s for s in stood.statistics(test.time) if s.key == test.statistic)
            assert statistic.quantity == test.quantity
            limit = stood.limit(test.quantity, test.limit, day)
            assert limit is not None, test
            assert (test.kind == "percentile") == (test.p is not None)
            assert (test.kind == "count") == (test.allowed is not None)
            if test.kind == "count":
                assert test.allowed == (limit.allowed_exceedances or 0)


@every_regime
def test_the_composite_index_divides_by_the_limits_of_its_phase(law: Regime) -> None:
    for day in _days(law):
        stood = law.at(day)
        composite = stood.assessment.composite if stood.assessment else None
        for term in composite.terms if composite else ():
            statistic = next(s for s in stood.statistics() if s.key == term.statistic)
            of = statistic.limit if term.kind == "percentile" else "year"
            assert stood.value(term.quantity, str(of), day) == term.standard
            assert statistic.unit == term.unit


@every_water_regime
def test_every_assessed_quantity_has_limits_for_every_class(law: Regime) -> None:
    method = law.water
    assert method is not None
    classes = [level for held in method.classes for level in held.levels]
    assert classes[-1] == method.worse
    assert len(classes) == len(set(classes))
    for quantity_id in method.assessed:
        for level in classes[:-1]:
            for day in _days(law):
                assert law.limit(quantity_id, method.value_of(quantity_id).of, day, level) is not None, quantity_id
        assert method.decimals[quantity_id] >= 0


@every_water_regime
def test_a_value_is_made_for_every_average_the_limits_speak_of(law: Regime) -> None:
    method = law.water
    assert method is not None
    made = {value.of for value in method.values}
    assert len([value for value in method.values if not value.quantities]) == 1
    assert {limit.of for held in law.editions for limit in held.limits} <= made
    assert all((value.kind in ("percentile", "rank")) == (value.p is not None) for value in method.values)
    assert set(method.decimals) >= {limit.quantity for held in law.editions for limit in held.limits}


@every_water_regime
def test_the_rows_of_a_basin_leave_no_share_without_a_grade(law: Regime) -> None:
    basin = law.water.basin if law.water else None
    if basin is None:
        return
    for good in range(101):
        for worse in range(101 - good):
            assert [row for row in basin.rows if _fits(row, Fraction(good), Fraction(worse))], (good, worse)


def _fits(row: BasinRow, good: Fraction, worse: Fraction) -> bool:
    bounds = [
        (good, row.good_at_least, row.good_below),
        (worse, row.worse_at_least, row.worse_below),
    ]
    return all((low is None or value >= low) and (high is None or value < high) for value, low, high in bounds)


@every_noise_regime
def test_the_parts_of_the_day_fill_it_and_each_has_a_limit_for_every_zone(law: Regime) -> None:
    assert law.noise_day is not None
    assert sum(part.hours for part in law.noise_day.day_parts) == 24
    zones = list(law.editions[0].levels)
    for part in law.noise_day.day_parts:
        for day in _days(law):
            bounds = [law.value("leq", part.key, day, zone) for zone in zones]
            assert None not in bounds
            assert bounds == sorted(bounds)  # type: ignore[type-var]


@every_noise_regime
def test_grades_of_a_survey_rise_and_the_last_takes_all_that_is_above(law: Regime) -> None:
    assert law.noise is not None
    assert law.noise_day is not None
    for survey in law.noise.surveys:
        assert [grade.level for grade in survey.grades] == list(range(1, len(survey.grades) + 1))
        for part in law.noise_day.day_parts if survey.grades else ():
            bounds = [grade.up_to[part.key] for grade in survey.grades[:-1]]
            assert bounds == sorted(set(bounds))
            assert part.key not in survey.grades[-1].up_to
            assert survey.min_hours.get(part.key, 1) <= part.hours


@every_regime
def test_every_part_says_where_it_is_written_and_how_sure_we_are(law: Regime) -> None:
    for held in law.editions:
        for part in held.parts():
            for name in type(part).model_fields:
                if name == "provenance" and isinstance(part.provenance, str):  # type: ignore[attr-defined]
                    assert law.status_of(part).status in ("verified", "single-source", "unverified")
                elif name.endswith("_provenance") and getattr(part, name) is not None:
                    assert law.status_of(part, name.removesuffix("_provenance")) in held.provenance.values()
            if hasattr(part, "clause"):
                assert law.clause(part).startswith(part.clause.document or held.id)
                assert law.clause(part, "zh").endswith(part.clause.zh)


@every_edition
def test_what_is_not_verified_says_why(held: Edition) -> None:
    for key, block in held.provenance.items():
        match block.status:
            case "verified":
                assert block.sources, key
            case "single-source":
                assert len(block.sources) == 1, key
            case "unverified":
                assert block.note, key


@every_regime
def test_a_regime_is_named_by_its_content(law: Regime) -> None:
    assert regime(law.id) == law
    assert {regime(law.id): 1}[law] == 1
    assert [other for other in REGIMES.values() if other == law] == [law]


@given(
    st.dates(date(2000, 1, 1), date(2036, 12, 31)), st.sampled_from(PLACES), st.sampled_from(["air", "water", "noise"])
)
def test_at_most_one_regime_of_a_medium_governs_a_day_and_a_place(day: date, place: str, medium: str) -> None:
    governing = [law for law in regimes(medium).values() if law.in_force(Period(day, day), place)]
    assert len(governing) <= 1
    assert all(law.medium == medium for law in governing)


@given(
    st.sampled_from(sorted(REGIMES)),
    st.dates(date(2010, 1, 1), date(2036, 12, 31)),
    st.sampled_from(sorted(quantities())),
)
def test_the_limit_of_a_day_is_the_same_however_it_is_asked(id: str, day: date, of: str) -> None:
    law = REGIMES[id]
    for average in averages():
        direct, stood = law.limit(of, average, day), law.at(day).limit(of, average, day)
        assert direct == stood


def _days(law: Regime) -> list[date]:
    """A day of each phase, or any day."""
    firsts = [phase.first for held in law.editions for phase in held.phases]
    return sorted(set(firsts)) or [max(stage.first for held in law.editions for stage in held.in_force)]
