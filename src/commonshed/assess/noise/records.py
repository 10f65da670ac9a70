"""What an assessment of noise says, as records: exact numbers are text or integers, never binary floats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from commonshed.assess.noise.points import PointLevel
from commonshed.assess.noise.surveys import SurveyLevel, share_met, survey_level
from commonshed.periods import Period
from commonshed.places import Jurisdiction, Station
from commonshed.standards import Regime
from commonshed.standards.noise import NoiseSurvey
from commonshed.standards.parts import written

__all__ = ["Record", "station_record", "survey_record"]

Record = dict[str, Any]


def station_record(station: Station, parts: Sequence[PointLevel], regime: Regime, period: Period) -> Record:
    """The record of one point."""
    missing = [sentence for part in parts if (sentence := _why_not(part, regime))]
    # A survey that asks for no hours is made of single measurements: often of the day alone.
    aside = not _asks_for_hours(regime, station.survey) and any(part.level is not None for part in parts)
    return {
        "station": station.id,
        "name": {
            "en": station.name_en or station.name_zh or station.id,
            "zh": station.name_zh or station.name_en or station.id,
        },
        "role": station.role,
        "period": str(period),
        **_law(regime, period, station.jurisdiction),
        "survey": station.survey,
        "zone": station.noise_zone,
        "valid": not missing or aside,
        "why_not": None if aside else "; ".join(missing) or None,
        **{part.part.key: _point(part) for part in parts},
        "notes": [*_notes(station, parts), *(missing if aside else ())],
    }


def survey_record(
    jurisdiction: Jurisdiction,
    survey: NoiseSurvey,
    points: Mapping[str, Sequence[PointLevel]],
    regime: Regime,
    period: Period,
) -> Record:
    """The record of one survey in one jurisdiction.

    Parameters
    ----------
    jurisdiction : Jurisdiction
    survey : NoiseSurvey
    points : dict of station to levels
        Each point's parts of the day, in the regime's order.
    regime : Regime
    period : Period
    """
    assert regime.noise is not None
    by_part = list(zip(*points.values(), strict=True))
    levels = [survey_level(survey, held[0].part, held, regime.noise) for held in by_part]
    enough = all if _asks_for_hours(regime, survey.survey) else any
    valid = enough(bool(level.measured) for level in levels)
    unmeasured = sorted(id for id, held in points.items() if all(part.level is None for part in held))
    return {
        "jurisdiction": jurisdiction.code,
        "name": {
            "en": jurisdiction.name_en or jurisdiction.code,
            "zh": jurisdiction.name_zh or jurisdiction.name_en or jurisdiction.code,
        },
        "period": str(period),
        **_law(regime, period, jurisdiction.code),
        "survey": survey.survey,
        "points": len(points),
        "valid": valid,
        "why_not": None if valid else f"no point was measured as {regime.clause(survey)} asks",
        **{level.part.key: _survey(level) for level in levels},
        "zones": _zones(by_part, regime),
        "missing": unmeasured,
        "notes": [f"nothing was measured by {level.part.key}" for level in levels if valid and not level.measured],
    }


def _asks_for_hours(regime: Regime, survey: str | None) -> bool:
    """Whether a day of that survey has to have so many hours; a point of no survey is held against its zone alike."""
    assert regime.noise is not None
    held = regime.noise.survey(survey or "")
    return held is None or any(held.min_hours.values())


def _law(regime: Regime, period: Period, place: str | None) -> Record:
    return {
        "regime": regime.id,
        "editions": list(regime.edition_ids),
        "in_force": place is not None and regime.in_force(period, place),
    }


def _point(level: PointLevel) -> Record:
    record = {
        "level": level.text(level.level),
        "limit": None if level.limit is None else written(level.limit),
        "met": level.keeps(),
        "excess": level.excess(),
        "days": len(level.days),
        "days_met": level.met if level.judged else None,
        "share_met": share_met(level.met, level.judged, level.method),
        "short_days": len(level.short),
    }
    if level.peak_limit is not None or level.peak is not None:
        record |= {
            "peak": level.text(level.peak),
            "peak_limit": None if level.peak_limit is None else written(level.peak_limit),
            "peak_met": level.keeps_peak(),
        }
    return record


def _survey(level: SurveyLevel) -> Record:
    grade = level.grade
    return {
        "measured": level.measured,
        "level": level.level,
        "grade": grade.level if grade else None,
        "grade_name": {"en": grade.name.en, "zh": grade.name.zh} if grade else None,
        "met": level.met,
        "judged": level.judged,
        "share_met": level.share,
    }


def _zones(by_part: Sequence[Sequence[PointLevel]], regime: Regime) -> Record:
    """How often each class of zone kept its limits."""
    assert regime.noise is not None
    found: dict[str, Record] = {}
    for levels in by_part:
        for level in levels:
            if level.station.noise_zone is not None:
                part = found.setdefault(level.station.noise_zone, {}).setdefault(
                    level.part.key, {"met": 0, "judged": 0}
                )
                part["met"] += level.met
                part["judged"] += level.judged
    for zone in found.values():
        for part in zone.values():
            part["share_met"] = share_met(part["met"], part["judged"], regime.noise)
    return dict(sorted(found.items()))


def _why_not(level: PointLevel, regime: Regime) -> str | None:
    if level.level is not None:
        return None
    part = level.part.key
    if not level.short:
        return f"nothing was measured by {part}"
    survey = level.method.survey(level.station.survey or "")
    assert survey is not None
    most = max(hours for _, hours in level.short)
    needed = survey.min_hours[part]
    return f"{most} hours by {part} at most of the {needed} that {regime.clause(survey)} asks for"


def _notes(station: Station, parts: Sequence[PointLevel]) -> list[str]:
    notes = []
    if station.noise_zone is None:
        notes.append("no zone is declared for this point: it is held against no limit")
    elif any(part.limit is None for part in parts):
        notes.append(f"the law has no zone {station.noise_zone}")
    if any(part.peak_limit is not None and part.peak is not None for part in parts):
        notes.append("a maximum is held against the rule for sudden noise; what made it is not known")
    return notes
