"""Publish the answer to a question as a statement: computed, signed, entered into the log."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from commonshed import __version__
from commonshed.disclose.statements.canonical import digest, plain
from commonshed.disclose.statements.claims import Claim, claim_of
from commonshed.disclose.statements.computing import Computed, Parameters
from commonshed.disclose.statements.framing import faults_of_question, scope_of
from commonshed.disclose.statements.resting import documents_of, keep_agreement, keep_what_rests
from commonshed.disclose.statements.statement import FORMAT, Law, Statement, signed
from commonshed.disclose.statements.watching import Watched, watch
from commonshed.errors import InputError
from commonshed.keep import Shed
from commonshed.keep.contents import Document
from commonshed.keep.log import Note

__all__ = ["Stated", "state", "statements_of"]

_OURS = ("standard", "agreement", "statement", "erratum")
"""Entries that bring no reading and no place: figures made before them are those made after them."""


@dataclass(frozen=True)
class Stated:
    """What was published.

    Attributes
    ----------
    statement : Statement
    document : Document
        Its place in the log and in the shed.
    already : bool
        The same had been stated before: nothing was published anew.
    """

    statement: Statement
    document: Document
    already: bool


@dataclass(frozen=True)
class _Answer:
    """Figures, with the state of the log they were made from and all they rest on."""

    claim: Claim
    asked: dict[str, Any]
    as_of: int
    computed: Computed
    laws: list[Law]
    shed: Watched


def state(
    shed: Shed,
    claim: str | Claim,
    asked: Parameters,
    *,
    as_of: int | None = None,
    supersedes: str | None = None,
    erratum: str | None = None,
) -> Stated:
    """Answer a question from the readings of a shed, and publish the answer.

    Parameters
    ----------
    shed : Shed
        With its private key.
    claim : str or Claim
        Such as ``assess air``.
    asked : mapping
        The claim's parameters, as the command line names them.
    as_of : int, optional
        State of the log to answer from; without it the newest.
    supersedes, erratum : str, optional
        Digests of the statement this one takes the place of, and of the erratum that says why.

    Returns
    -------
    Stated

    Raises
    ------
    InputError
        It cannot be stated, or the question cannot be answered.
    ShedError
        This copy of the shed has no key to sign with.
    Changed
        A file of the shed is not what its log says.
    """
    of = claim_of(claim) if isinstance(claim, str) else claim
    question = _question(of, asked)
    signer = shed.log.keys.signer()
    keep_agreement(shed, question)
    answer = _answered(shed, of, question, as_of)
    documents = [held.model_dump() for held in documents_of(answer.shed, question, answer.as_of)]
    content: dict[str, Any] = {
        "format": FORMAT,
        "claim": of.name,
        "scope": scope_of(answer.shed, of, question, answer.computed.records),
        "parameters": question,
        "standards": [law.model_dump() for law in answer.laws],
        "documents": documents,
        "method": of.content(),
        "result": {"digest": digest(answer.computed.records), "records": answer.computed.records},
        **({"supersedes": supersedes} if supersedes else {}),
        **({"erratum": erratum} if erratum else {}),
    }
    if (held := _already(answer, content)) is not None:
        return held
    log = answer.shed.log
    checkpoint = log.checkpoint(answer.as_of)
    note = Note(checkpoint.text).signed_by(signer)
    content |= {
        "node": {"name": shed.name, "origin": log.origin, "key": str(signer.verifier)},
        "as_of": {
            "size": checkpoint.size,
            "root": base64.b64encode(checkpoint.root).decode(),
            "checkpoint": note.encode().decode(),
        },
        "code": __version__,
        "made_at": int(time.time()),
    }
    text = signed(content, FORMAT, signer)
    said: dict[str, Any] = {"claim": of.name, "as_of": answer.as_of, "result": content["result"]["digest"]}
    said |= {name: content[name] for name in ("supersedes", "erratum") if name in content}
    document = shed.record("statement", _name(of, question), text, said=said)
    return Stated(Statement.parse(text), document, already=False)


def statements_of(shed: Shed) -> Iterator[tuple[Document, Statement]]:
    """Statements that a shed has published, in order.

    Raises
    ------
    ShedDamaged
        A file is gone or not what was entered.
    """
    for document in shed.documents("statement"):
        yield document, Statement.parse(shed.document_bytes(document))


def _question(claim: Claim, asked: Parameters) -> dict[str, Any]:
    unknown = sorted(set(asked) - set(claim.parameters))
    if unknown:
        known = ", ".join(claim.parameters)
        raise InputError(f"{claim.name} is not asked for {', '.join(unknown)}", mend=f"It is asked for {known}")
    found = {name: value for name, value in asked.items() if value not in (None, (), [], "")}
    question: dict[str, Any] = plain(found)
    for name in faults_of_question(claim, question):
        raise InputError(f"{claim.name} cannot be asked this", field=name)
    return question


def _answered(shed: Shed, claim: Claim, question: dict[str, Any], as_of: int | None) -> _Answer:
    """Figures of a state in which the laws they were made by are in the log already, where nobody names another."""
    while True:
        watched = watch(shed.path)
        size = watched.size if as_of is None else as_of
        computed = claim.compute(watched, question, size)
        laws = keep_what_rests(shed, computed)
        watched.refresh()
        if as_of is not None:
            return _Answer(claim, question, size, computed, laws, watched)
        if all(entry.kind in _OURS for entry in watched.entries[size:]):
            return _Answer(claim, question, watched.size, computed, laws, watched)


def _already(answer: _Answer, content: dict[str, Any]) -> Stated | None:
    """The last statement that says the same, from readings that are still the same."""
    name = _name(answer.claim, answer.asked)
    for document in reversed([held for held in answer.shed.documents("statement") if held.name == name]):
        held = Statement.parse(answer.shed.document_bytes(document))
        whole = held.model_dump(mode="json", exclude_none=True)
        if any(whole.get(field) != content[field] for field in {*content} - {"scope", "format"}):
            continue
        first, last = sorted((held.as_of.size, answer.as_of))
        if not answer.shed.segments(answer.shed.asked, first=first, as_of=last):
            return Stated(held, document, already=True)
    return None


def _name(claim: Claim, question: dict[str, Any]) -> str:
    """Names the question: a later answer to it is a later document of the same name."""
    words = [
        claim.name,
        *(str(question[name]) for name in ("agreement", "period", "by", "quantity") if name in question),
    ]
    stem = re.sub(r"[^0-9a-z]+", "-", " ".join(words).lower()).strip("-")
    return f"{stem}-{digest({'claim': claim.name, 'asked': question})[:8]}.json"
