"""Shares as records: text and whole numbers, with what is measured, inferred and unexplained said in each."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from commonshed.attribute.river.published import WHOLE, interval_of, share_text, tonnes_text
from commonshed.attribute.river.split import UNEXPLAINED, Part, Split, stretch_name
from commonshed.attribute.river.stretches import Stretch
from commonshed.places import Network

if TYPE_CHECKING:
    from commonshed.attribute.river.shares import SectionShares, ShareAssessment

__all__ = ["records_of"]

Floats = NDArray[np.float64]


def records_of(assessment: ShareAssessment, section: SectionShares) -> Iterator[dict[str, Any]]:
    """The records of one section: one for each part, `unexplained` last; without shares one that says why not."""
    head = _head(assessment, section)
    if section.split is None:
        yield head | {"of": None, "valid": False, "why_not": section.why_not, "share": None}
        return
    beside = {method: _shares_by_part(other) for method, other in section.beside.items()}
    for number, part in enumerate(section.split.parts):
        yield (
            head
            | _body(assessment, section.split, number, part)
            | {
                "by_method": {
                    assessment.method: share_text(section.split.units[number]),
                    **{method: None if of is None else of.get(part.of, share_text(0)) for method, of in beside.items()},
                },
                "load": _load(assessment, section.split),
                "notes": [*assessment.notes, *_notes(assessment, section.split, part)],
            }
        )


def _head(assessment: ShareAssessment, section: SectionShares) -> dict[str, Any]:
    return {
        "section": section.section,
        "name": _name(assessment.network, section.section),
        "period": str(assessment.period),
        "quantity": assessment.quantity,
        "by": assessment.by,
    }


def _body(assessment: ShareAssessment, whole: Split, number: int, part: Part) -> dict[str, Any]:
    low, high = interval_of(whole.share_draws[number])
    share = whole.units[number] / WHOLE
    return {
        "of": part.of,
        "of_name": _name_of_part(assessment, part),
        "valid": True,
        "why_not": None,
        "share": share_text(whole.units[number]),
        "low": _share_or_none(low),
        "high": _share_or_none(high),
        "at_most": _at_most(assessment, whole, part, whole.units[number]),
        "known": _known(part),
        "basis": {basis: share_text(units) for basis, units in whole.basis_units(number).items()},
        "contribution": _with_interval(share * whole.measured, whole.share_draws[number] * whole.draws),
        "if_removed": None if part.of == UNEXPLAINED else _with_interval(part.tonnes, part.draws),
        "delivery": _share_or_none(part.delivery),
        "method": assessment.method,
    }


def _known(part: Part) -> str:
    """In a word how it is known; ``contested``: only by a stretch it shares; ``nothing found``: it brings nothing."""
    if part.of == UNEXPLAINED:
        return UNEXPLAINED
    said = [basis for basis, tonnes in part.bases.items() if tonnes > 0]
    return " and ".join(sorted(said)) or ("contested" if part.contested else "nothing found")


def _at_most(assessment: ShareAssessment, whole: Split, part: Part, units: int) -> str | None:
    """Its share if all it contests were its own."""
    if part.of == UNEXPLAINED or assessment.gains != "unexplained":
        return None
    contested = sum(each.tonnes for each in part.contested)
    return share_text(units + round(contested / whole.modelled * WHOLE))


def _load(assessment: ShareAssessment, whole: Split) -> dict[str, Any]:
    """What was measured, what the parts make together, and the net load of the stretch just above."""
    fit, number = assessment.budget, assessment.budget.number[whole.section]
    return _with_interval(whole.measured, whole.draws) | {
        "modelled": tonnes_text(whole.modelled),
        "lost": tonnes_text(whole.lost),
        "net_above": _with_interval(fit.net.plain[number], fit.net.plain_draws[number]),
    }


def _with_interval(tonnes: float, draws: Floats) -> dict[str, Any]:
    low, high = interval_of(draws)
    return {"tonnes": tonnes_text(tonnes), "low": tonnes_text(low), "high": tonnes_text(high)}


def _share_or_none(share: float | None) -> str | None:
    return None if share is None or not math.isfinite(share) else share_text(round(share * WHOLE))


def _shares_by_part(other: Split | None) -> dict[str, str] | None:
    if other is None or not other.units:
        return None
    return {part.of: share_text(units) for part, units in zip(other.parts, other.units, strict=True)}


def _notes(assessment: ShareAssessment, whole: Split, part: Part) -> list[str]:
    told = [_of_contested(assessment, each.of) for each in part.contested if isinstance(each.of, Stretch)]
    told += _of_losses(assessment, whole.section)
    if part.of == UNEXPLAINED:
        return told
    if whole.lost > 0:
        told.append(
            "More was lost on the way than the decay explains: all parts bear it in proportion, and a removal would "
            "change less than if_removed."
        )
    number = whole.parts.index(part)
    low, high = interval_of(whole.share_draws[number])
    if not low <= part.tonnes / whole.modelled <= high and part.tonnes > 0 and math.isfinite(low):
        told.append(
            "The share lies outside its interval: on these sampling days the method of the loads is likely to miss on "
            "one side. See what other methods give."
        )
    return told


def _of_contested(assessment: ShareAssessment, stretch: Stretch) -> str:
    if assessment.by != "jurisdiction" or not stretch.jurisdictions:
        return f"The load above {stretch.section} is nobody's: no {assessment.by} is declared for it."
    what = "load of the basin" if stretch.uppermost else "net gain of the stretch"
    said = f"The {what} above {stretch.section} lies in {', '.join(stretch.jurisdictions)} with no section between"
    match assessment.gains:
        case "section":
            return (
                f"{said}: by the rule asked for it is that of {stretch.answers or 'nobody'}, who answers for the end."
            )
        case "length":
            return f"{said}: by the rule asked for it is split by length of river."
    return f"{said}: it is unexplained."


def _of_losses(assessment: ShareAssessment, section: str) -> list[str]:
    """Stretches from which less came out than went in: told, not hidden in the fit."""
    fit = assessment.budget
    told = []
    for i in np.flatnonzero(fit.passing[:, fit.number[section]] * (fit.net.plain < 0)):
        stretch, net = fit.stretches[i], _with_interval(fit.net.plain[i], fit.net.plain_draws[i])
        band = "" if net["low"] is None else f" ({net['low']} to {net['high']})"
        told.append(
            f"Between {', '.join(stretch.upstream) or 'its source'} and {stretch.section} the net load is "
            f"{net['tonnes']} t{band}: a loss, or sections that do not agree."
        )
    return told


def _name_of_part(assessment: ShareAssessment, part: Part) -> dict[str, str]:
    if part.of == UNEXPLAINED:
        return {"en": UNEXPLAINED, "zh": "未解释部分"}
    stretch = next((each for each in assessment.budget.stretches if stretch_name(each) == part.of), None)
    if stretch is None:
        declared = (source for source in assessment.budget.declared if source.id == part.of)
        source = next(declared, None) if assessment.by == "source" else None
        if source is not None:
            return {
                "en": source.name_en or source.name_zh or source.id,
                "zh": source.name_zh or source.name_en or source.id,
            }
        return _name(assessment.network, part.of)
    end = _name(assessment.network, stretch.section)
    kind = ("Basin", "以上流域") if stretch.uppermost else ("Stretch", "以上区间")
    return {"en": f"{kind[0]} above {end['en']}", "zh": f"{end['zh']}{kind[1]}"}


def _name(network: Network, id: str) -> dict[str, str]:
    """English and Chinese name of whatever has one."""
    rivers = network.rivers
    places: list[Any] = [network.stations, network.jurisdictions]
    places += [rivers.marks, rivers.reaches, rivers.nodes] if rivers is not None else []
    for kind in places:
        if id in kind and (kind[id].name_en or kind[id].name_zh):
            return {"en": kind[id].name_en or kind[id].name_zh, "zh": kind[id].name_zh or kind[id].name_en}
    return {"en": id, "zh": id}
