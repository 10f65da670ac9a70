"""What an assessment of water says, as records: the form documented in ``docs/formats/water-records.md``.

Exact numbers are text or integers, never binary floats. A record names its law, and when it is not assessed, the
clause that makes it so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from commonshed.assess.water.notes import notes, notes_of_rank, notes_of_section
from commonshed.assess.water.trophic import Trophic
from commonshed.exact import decimal_text, round_fraction
from commonshed.standards.parts import Text

if TYPE_CHECKING:
    from commonshed.assess.water.assessment import WaterPart
    from commonshed.assess.water.cities import CityGrade
    from commonshed.assess.water.places import Water
    from commonshed.assess.water.rivers import Counted, RiverGrade
    from commonshed.assess.water.sections import SectionGrade
    from commonshed.assess.water.values import SectionValue

__all__ = ["Record", "city_records", "river_records", "section_records"]

Record = dict[str, Any]
_CHANGE_DECIMALS = 1
"""Decimals of a change in percent: how it is shown, no law's figure."""
_NO_RATIO = ("ph", "temp", "eh")
"""Quantities whose nought is a convention: a change in percent of them means nothing."""


def section_records(part: WaterPart) -> Iterator[Record]:
    """One record a section."""
    law = _Law(part)
    for grade, before in zip(part.sections, part.before, strict=True):
        section = grade.section
        yield {
            "section": section.id,
            "name": _names(section.name_en or section.id, section.name_zh),
            "water_body": section.water_body,
            "water": section.water,
            "basin": section.basin,
            "jurisdiction": section.jurisdiction,
            "role": section.role,
            "period": str(part.period),
            **law.fields([section.jurisdiction or ""]),
            "valid": grade.valid,
            "why_not": grade.why_not,
            **_graded(grade),
            "target": section.target,
            "target_met": grade.target_met,
            **_trophic(grade.trophic),
            "year_on_year": _section_changes(grade, before),
            "notes": [*notes(part.regime, [grade]), *notes_of_section(grade)],
        }


def river_records(part: WaterPart) -> Iterator[Record]:
    """One record a river, lake or basin."""
    assert part.waters is not None
    law = _Law(part)
    for water, grade, before in zip(part.waters.waters, part.rivers, part.rivers_before, strict=True):
        yield {
            part.waters.by: water.id,
            "period": str(part.period),
            **law.fields(_places(part, water)),
            "valid": grade.why_not is None,
            "why_not": grade.why_not,
            **_counted(grade.counted),
            **_river(grade),
            "year_on_year": _river_changes(grade, before),
            "notes": notes(part.regime, grade.counted.sections),
        }


def city_records(part: WaterPart) -> Iterator[Record]:
    """One record a jurisdiction."""
    assert part.waters is not None
    law = _Law(part)
    for i, (water, grade, before) in enumerate(zip(part.waters.waters, part.rivers, part.rivers_before, strict=True)):
        city, city_before = (held[i] if held else None for held in (part.cities, part.cities_before))
        assessed = bool(grade.counted.sections)
        yield {
            "jurisdiction": water.id,
            "name": _names(water.name_en, water.name_zh),
            "period": str(part.period),
            **law.fields([water.id]),
            "valid": assessed,
            "why_not": None if assessed else "none of its sections is assessed",
            **_counted(grade.counted),
            "exceedance_rates": {
                key: grade.counted.percent(rate) for key, rate in sorted(grade.exceedance_rates.items())
            },
            **_city(city, part.ranks[i], part.ranks_before[i]),
            "year_on_year": _city_changes(grade, before, city, city_before),
            "notes": [*notes(part.regime, grade.counted.sections), *notes_of_rank(part, i)],
        }


class _Law:
    """What the records of one part say of their law."""

    def __init__(self, part: WaterPart) -> None:
        self._part = part
        self._in_force: dict[str, bool] = {}

    def fields(self, places: Sequence[str]) -> Record:
        regime, period = self._part.regime, self._part.period
        for place in places:
            if place not in self._in_force:
                self._in_force[place] = regime.in_force(period, self._part.network.governed_as(place))
        return {
            "regime": regime.id,
            "editions": list(regime.edition_ids),
            "in_force": all(self._in_force[place] for place in places),
        }


def _graded(grade: SectionGrade) -> Record:
    scale, values = grade.scale, grade.values
    named = scale.named(grade.graded) if grade.graded else None
    judged = {key: values[key] for key in values}
    indicative = {} if grade.valid or grade.level is None else {"class": grade.level, "deciding": grade.deciding}
    return {
        "class": grade.graded,
        "status": _text(named.name if named else None),
        "colour": named.colour if named else None,
        "deciding": grade.deciding if grade.graded else [],
        "main_pollutants": grade.main_pollutants if grade.valid else [],
        **_values(judged),
        "samples": {key: held.samples for key, held in judged.items()},
        "below_detection": {key: held.below for key, held in judged.items() if held.below},
        "days_sampled": grade.days,
        "quantities": len(scale.assessed) - len(grade.missing),
        "quantities_of": len(scale.assessed),
        "missing": grade.missing,
        "indicative": indicative,
    }


def _values(values: Mapping[str, SectionValue]) -> Record:
    return {
        "values": {key: held.published for key, held in values.items()},
        "classes": {key: held.level for key, held in values.items() if held.level is not None},
        "multiples": {key: held.multiple for key, held in values.items() if held.multiple is not None},
    }


def _trophic(found: Trophic | None) -> Record:
    if found is None:
        return {"tli": None, "trophic_state": None, "tli_missing": []}
    return {"tli": found.index, "trophic_state": _text(found.state), "tli_missing": list(found.missing)}


def _counted(found: Counted) -> Record:
    with_target = [held for held in found.sections if held.target_met is not None]
    return {
        "sections": len(found.sections),
        "sections_not_assessed": list(found.not_assessed),
        "sections_by_class": found.by_class,
        "share_by_class": {level: found.percent(found.share([level])) for level in found.scale.levels},
        "excellent_rate": found.percent(found.excellent),
        "inferior_rate": found.percent(found.inferior),
        "targets": len(with_target),
        "targets_met": sum(held.target_met is True for held in with_target),
        "targets_missed": [held.section.id for held in with_target if not held.target_met],
    }


def _river(grade: RiverGrade) -> Record:
    values = grade.values or {}
    few = grade.values is not None
    return {
        "grade": _text(grade.grade),
        "colour": grade.colour,
        "graded_by": None if grade.why_not else "mean of sections" if few else "shares of sections",
        "class": grade.level,
        "main_pollutants": grade.main_pollutants,
        "section_pollutants": {
            held.section.id: held.main_pollutants for held in grade.counted.sections if few and held.main_pollutants
        },
        "exceedance_rates": {key: grade.counted.percent(rate) for key, rate in sorted(grade.exceedance_rates.items())},
        **_values(values),
        **_trophic(grade.trophic),
    }


def _city(city: CityGrade | None, rank: tuple[int | None, int | None], before: tuple[int | None, int | None]) -> Record:
    change = None if rank[0] is None or before[0] is None else rank[0] - before[0]
    return {
        "cwqi": city.text if city else None,
        "cwqi_terms": city.terms if city else {},
        "cwqi_missing": list(city.missing) if city else [],
        "river_sections": city.rivers if city else None,
        "lake_points": city.lakes if city else None,
        "rank": rank[0],
        "rank_of": rank[1],
        "rank_before": before[0],
        "rank_of_before": before[1],
        "rank_change": change,
    }


def _section_changes(grade: SectionGrade, before: SectionGrade) -> Record:
    """Against one year before; empty when nothing is known of that year."""
    if not before.values:
        return {}
    both = grade.graded is not None and before.graded is not None
    return {
        "class_before": before.graded,
        "class_change": grade.scale.rank(grade.graded or "") - grade.scale.rank(before.graded or "") if both else None,
        "values": {
            key: _percent(held.figure, before.values[key].figure)
            for key, held in grade.values.items()
            if key in before.values and key not in _NO_RATIO
        },
    }


def _river_changes(grade: RiverGrade, before: RiverGrade) -> Record:
    if not before.counted.sections:
        return {}
    return {
        "grade_before": _text(before.grade),
        "sections_before": len(before.counted.sections),
        **_points(grade.counted, before.counted),
    }


def _city_changes(
    grade: RiverGrade, before: RiverGrade, city: CityGrade | None, city_before: CityGrade | None
) -> Record:
    if not before.counted.sections:
        return {}
    known = city and city_before and city.index is not None and city_before.index is not None
    same = known and city and city_before and city.missing == city_before.missing
    return {
        "sections_before": len(before.counted.sections),
        **_points(grade.counted, before.counted),
        "cwqi_before": city_before.text if city_before else None,
        "cwqi_change": _percent(city.index, city_before.index) if same and city and city_before else None,
    }


def _points(now: Counted, before: Counted) -> Record:
    """Changes of shares in percentage points."""
    found = {}
    for key, ends in (
        ("excellent_rate", (now.excellent, before.excellent)),
        ("inferior_rate", (now.inferior, before.inferior)),
    ):
        both = ends[0] is not None and ends[1] is not None
        found[key] = now.percent((ends[0] or Fraction(0)) - (ends[1] or Fraction(0))) if both else None
    return found


def _percent(now: Fraction | None, then: Fraction | None) -> str | None:
    if now is None or not then:
        return None
    return decimal_text(round_fraction(100 * (now - then) / then, _CHANGE_DECIMALS), _CHANGE_DECIMALS)


def _places(part: WaterPart, water: Water) -> list[str]:
    return list(dict.fromkeys(part.network.station(id).jurisdiction or "" for id in water.sections))


def _names(english: str, chinese: str) -> Record:
    return {"en": english, "zh": chinese or english}


def _text(text: Text | None) -> Record | None:
    return None if text is None else {"en": text.en, "zh": text.zh}
