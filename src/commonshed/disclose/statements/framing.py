"""What stands around the figures of a statement: the question, what was looked at, and what it all rests on.

A reader takes these for part of the statement, and its signer could write anything there over figures that come out
right: another period in the heading, a law that was not applied, a parameter that nothing obeys. So whatever can be
made again is made again, and held against what is said.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from commonshed.disclose.statements.claims import Claim
from commonshed.disclose.statements.computing import Computed, Parameters
from commonshed.disclose.statements.resting import documents_of, laws_of
from commonshed.disclose.statements.statement import Statement
from commonshed.disclose.statements.watching import Watched

__all__ = ["faults_of_question", "framed_otherwise", "scope_of"]

_FILE = {"file", "digest", "text"}
_KINDS: Mapping[str, type] = {"draws": int, "seed": int, "indicative": bool}
_MOST_DRAWS = 100_000
"""Of a bootstrap: far above what narrows an interval, and so few that verifying comes to an end."""


def scope_of(shed: Watched, claim: Claim, asked: Parameters, records: Sequence[object]) -> dict[str, Any]:
    """In words and numbers, what was looked at; asked after the figures were made."""
    questions = list(shed.asked)
    quantities = sorted({name for each in questions for name in each.quantities or ()})
    starts = [each.start for each in questions if each.start is not None]
    ends = [each.end for each in questions if each.end is not None]
    scope: dict[str, Any] = {
        "shed": shed.name,
        "zone": str(shed.zone),
        "medium": claim.medium,
        "period": asked["period"],
        "quantities": quantities or list(claim.reads),
        "records": len(records),
    }
    if starts and ends:
        scope["read"] = {"first": min(starts), "end": max(ends)}
    return scope


def faults_of_question(claim: Claim, asked: Parameters) -> Iterator[str]:
    """What of a question nobody can have asked: names the claim does not know, values of another kind.

    Notes
    -----
    A name nothing obeys is the worst of them: the figures agree, and the reader believes that it had its effect.
    """
    if not isinstance(asked.get("period"), str):
        yield "period"
    for name, value in asked.items():
        if name not in claim.parameters or not _plain(name, value):
            yield name
    draws = asked.get("draws", 1)
    if type(draws) is not int or not 1 <= draws <= _MOST_DRAWS:
        yield "draws"


def framed_otherwise(shed: Watched, claim: Claim, statement: Statement, computed: Computed) -> Iterator[str]:
    """Names of what stands around the figures and is not what comes out; asked after the figures were made.

    Notes
    -----
    What a shed is called is no fact about readings: a mirror has the name its owner had when it was taken on. Of a law
    its id is compared here, the digest of its text where standards are looked at; documents are compared by what they
    say, for the same content may have been entered again since.
    """
    expected = scope_of(shed, claim, statement.parameters, computed.records)
    for name, value in statement.scope.items():
        if name != "shed" and expected.get(name) != value:
            yield f"scope.{name}"
    if {law.id for law in statement.standards} != {law.id for law in laws_of(computed.regimes)}:
        yield "standards"
    rests = documents_of(shed, statement.parameters, statement.as_of.size)
    if {_told(each.kind, each) for each in statement.documents} != {_told(each.kind, each) for each in rests}:
        yield "documents"


def _told(kind: str, each: Any) -> tuple[str, str]:
    """A document by its content; an agreement by its name, for a later one of that name may be in force by now."""
    return kind, each.name if kind == "agreement" else each.digest


def _plain(name: str, value: object) -> bool:
    if isinstance(value, Mapping):
        return value.keys() == _FILE and all(isinstance(each, str) for each in value.values()) and _is_file(value)
    if isinstance(value, list):
        return all(isinstance(each, str) for each in value)
    return isinstance(value, _KINDS.get(name, str))


def _is_file(given: Mapping[str, str]) -> bool:
    name = given["file"]
    plain = name not in ("", ".", "..") and "/" not in name and "\0" not in name and len(name.encode()) < 256
    return plain and hashlib.sha256(given["text"].encode()).hexdigest() == given["digest"]
