"""A response as records: text, integers and lists, each saying that it is simulated and of what kind of scenario."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, timedelta
from typing import Any

from commonshed.attribute.river.published import significant_text
from commonshed.attribute.river.response.acting import Action
from commonshed.attribute.river.response.responding import Measure, Response
from commonshed.attribute.river.response.timetable import calls, timetable
from commonshed.attribute.river.spill import Arrival
from commonshed.standards.parts import Text

__all__ = ["arrival_records", "call_records", "measure_records", "timetable_records"]

Record = dict[str, Any]


def arrival_records(response: Response) -> list[Record]:
    """One record for each watched place: the spill there when nobody acts, and when all that can act do."""
    return [_head(response) | _arrival(response, arrival) for arrival in response.arrivals]


def measure_records(response: Response) -> list[Record]:
    """One record for each response point: whether it is in time, when it acts, what it cuts alone and in the order."""
    return [_head(response) | _measure(response, measure) for measure in response.measures]


def timetable_records(response: Response) -> list[Record]:
    """One record for each thing that happens, by the clock."""
    setting = response.setting
    return [
        _head(response)
        | {
            "at": _instant(response, event.hours),
            "hours": hours_text(event.hours),
            "event": event.kind,
            "place": event.id or None,
            "name": _name(setting.name(event.id)) if event.id else None,
            "rank": event.rank,
            "value": None if event.value is None else significant(event.value),
        }
        for event in timetable(response)
    ]


def call_records(response: Response) -> list[Record]:
    """One record for each call."""
    setting = response.setting
    return [
        _head(response)
        | {
            "role": _name(line.role),
            "about": line.about,
            "place": line.id or None,
            "name": _name(setting.name(line.id)) if line.id else None,
            "by": _instant(response, line.by),
            "by_hours": hours_text(line.by),
            "late": line.late,
            "rank": line.rank,
            "what": None if line.what is None else _name(line.what),
        }
        for line in calls(response)
    ]


def hours_text(hours: float | None) -> str | None:
    """Hours to a hundredth."""
    return None if hours is None else f"{hours:.2f}"


def significant(value: float) -> str:
    """A concentration to three significant digits, in plain decimals."""
    return significant_text(value, 3, least=1e-9)


def _head(response: Response) -> Record:
    scenario = response.setting.scenario
    return {"scenario": _name(scenario.name), "scenario_kind": scenario.kind, "simulated": True}


def _arrival(response: Response, arrival: Arrival) -> Record:
    substance = response.setting.scenario.substance
    factor = substance.per_gram_per_cubic_metre
    after = response.after.get(arrival.at, arrival)
    return {
        "place": arrival.at,
        "name": _name(response.setting.name(arrival.at)),
        "kind": arrival.kind,
        "distance_m": None if arrival.distance is None else f"{arrival.distance:.0f}",
        "substance": _name(substance.called),
        "unit": substance.unit,
        "threshold": significant(substance.threshold),
        "threshold_source": _name(substance.source),
        **_passage(response, arrival, factor),
        "likelihood": None if arrival.likelihood is None else f"{arrival.likelihood:.2f}",
        "with_response": _passage(response, after, factor),
        "cut": part(_cut(arrival, after)),
        "note": arrival.note,
    }


def _passage(response: Response, arrival: Arrival, factor: float) -> Record:
    return {
        "reached": arrival.reached,
        "arrival": _instant(response, arrival.arrival),
        "arrival_h": hours_text(arrival.arrival),
        "peak_h": hours_text(arrival.peak_time),
        "passed_h": hours_text(arrival.passage),
        "peak": significant(arrival.peak * factor),
        **{f"{name}_h_90": _band(getattr(arrival, f"{own}_band"), hours_text) for name, own in _HOURS.items()},
        "peak_90": _band(arrival.peak_band, lambda v: None if v is None else significant(v * factor)),
    }


_HOURS = {"arrival": "arrival", "peak": "peak_time", "passed": "passage"}


def _band(band: Any, text: Any) -> list[str | None] | None:
    return None if band is None else [text(end) for end in band]


def _measure(response: Response, measure: Measure) -> Record:
    setting, point = response.setting, measure.point
    return {
        "point": point.id,
        "name": _name(point.name),
        "kind": point.kind,
        "minutes": f"{point.minutes:g}",
        "standing": measure.standing,
        "rank": measure.rank,
        "ready": _instant(response, measure.action.ready),
        "water_arrives": _instant(response, measure.water.arrival),
        "water_passed": _instant(response, measure.water.passage),
        "alone": _acting(response, measure.action) if measure.alone else None,
        "in_order": None if measure.planned is None else _acting(response, measure.planned),
        "cut_alone": _cuts(response, measure.alone),
        "cut_with_those_before": _cuts(response, measure.after),
        "calls": [_name(setting.role(role)) for role in point.calls],
        "source": _name(point.source),
    }


def _acting(response: Response, action: Action) -> Record:
    return {
        "from": _instant(response, action.start),
        "to": _instant(response, action.end),
        "share": part(action.share),
        "caught": part(action.caught),
    }


def _cuts(response: Response, after: Mapping[str, Arrival]) -> list[Record]:
    """What is cut from the peak at each watched place that is reached when nobody acts."""
    factor = response.setting.scenario.substance.per_gram_per_cubic_metre
    return [
        {
            "place": arrival.at,
            "peak": significant(after[arrival.at].peak * factor),
            "cut": part(_cut(arrival, after[arrival.at])),
        }
        for arrival in response.arrivals
        if arrival.at in after
    ]


def _cut(before: Arrival, after: Arrival) -> float:
    return 0.0 if before.peak <= 0 else max(0.0, 1 - after.peak / before.peak)


def part(value: float) -> str:
    """A part of one, to a thousandth."""
    return f"{value:.3f}"


def _name(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}


def _instant(response: Response, hours: float | None) -> str | None:
    """The clock in UTC, to the minute: a forecast knows no seconds."""
    if hours is None or hours == float("inf"):
        return None
    at = response.setting.scenario.at.astimezone(UTC) + timedelta(minutes=round(hours * 60))
    return f"{at:%Y-%m-%dT%H:%MZ}"
