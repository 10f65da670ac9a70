"""A verdict as lines a person reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from commonshed.disclose.statements.comparing import Difference
from commonshed.disclose.statements.since import Arrival, Reading, Since
from commonshed.disclose.statements.verdict import Verdict
from commonshed.disclose.statements.words import Language, said

__all__ = ["lines"]

_MARKS = {True: "✓", False: "✗", None: "·"}
_MOST = 12
"""Figures or readings of a kind that are told one by one; JSON has all."""


def lines(verdict: Verdict, language: Language = "en") -> Iterator[str]:
    """The verdict, what was looked at, what differs, and what has changed since."""
    yield verdict.headline(language)
    for finding in verdict.findings:
        yield f"  {_MARKS[finding.holds]} {finding.text(language)}"
    yield from _differences("differences", "difference", "", verdict.differences, language)
    if verdict.since is not None and verdict.since.anything:
        yield from _since(verdict.since, language)
    yield from _differences("erratum", "erratum", "erratum-", verdict.by_erratum, language)
    if verdict.successor is not None:
        yield said("heading.successor", language)
        yield from (f"  {line}" for line in lines(verdict.successor, language))


def _differences(
    heading: str, key: str, prefix: str, differences: Sequence[Difference], language: Language
) -> Iterator[str]:
    if not differences:
        return
    yield said(f"heading.{heading}", language)
    for each in differences[:_MOST]:
        sentence = f"line.{key}" if each.kind == "figure" else f"line.{prefix}{each.kind}"
        shown = {"stated": _shown(each.stated, language), "found": _shown(each.found, language)}
        yield f"    {said(sentence, language, record=each.record, figure=each.path, **shown)}"
    yield from _more(len(differences) - _MOST, language)


def _since(since: Since, language: Language) -> Iterator[str]:
    yield said("heading.since", language)
    for document in since.documents:
        kind = said(f"kind.{document.kind}", language)
        yield f"    {said('line.document', language, entry=document.position, kind=kind, name=document.name)}"
    for arrival in since.arrivals[:_MOST]:
        yield f"    {_arrival(arrival, language)}"
        for reading in arrival.readings[:_MOST]:
            yield f"      {_reading(reading, language)}"
        yield from (f"  {line}" for line in _more(arrival.late + arrival.corrected - _MOST, language))
    yield from _more(len(since.arrivals) - _MOST, language)
    yield from _differences("today", "today", "today-", since.differences, language)


def _arrival(arrival: Arrival, language: Language) -> str:
    values = {"entry": arrival.entry, "at": arrival.at, "corrected": arrival.corrected, "late": arrival.late}
    if arrival.cause == "correction":
        return said("line.correction", language, **values, reason=arrival.reason, author=arrival.author)
    return said("line.arrival", language, **values, cause=said(f"cause.{arrival.cause}", language))


def _reading(reading: Reading, language: Language) -> str:
    why = ""
    if reading.author:
        why = said("line.why", language, reason=reading.reason, author=reading.author)
    elif reading.reason:
        why = said("line.why-reason", language, reason=reading.reason)
    values = {"quantity": reading.quantity, "station": reading.station, "start": reading.start, "after": reading.after}
    if reading.before is None:
        return said("line.late", language, **values, why=why)
    return said("line.corrected", language, **values, before=reading.before, why=why)


def _more(count: int, language: Language) -> Iterator[str]:
    if count > 0:
        yield f"    {said('line.more', language, count=count)}"


def _shown(value: object, language: Language) -> str:
    if value is None or value in ([], {}, ""):
        return said("line.nothing", language)
    return str(value)
