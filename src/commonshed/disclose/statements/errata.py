"""A method was wrong: say so, and state anew what was stated by it. Nothing that was said is taken away."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from commonshed.disclose.statements.canonical import read
from commonshed.disclose.statements.claims import Claim, of_method
from commonshed.disclose.statements.statement import Node, Signed, Statement, checked_by, signed
from commonshed.disclose.statements.stating import Stated, state, statements_of
from commonshed.errors import CommonshedError, InputError, ProofError
from commonshed.keep import Shed
from commonshed.keep.contents import Document
from commonshed.keep.log import Verifier

__all__ = ["FORMAT", "Erratum", "Published", "publish"]

FORMAT = "commonshed-erratum/1"


class Erratum(BaseModel):
    """What a node says about a method of its own: `parse` reads it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format: Literal["commonshed-erratum/1"]
    node: Node
    method: str
    before: int
    after: int
    reason: str
    statements: list[str]
    made_at: int
    signature: Signed

    @classmethod
    def parse(cls, content: bytes) -> Erratum:
        """Read an erratum; nothing of it is believed yet.

        Raises
        ------
        ProofError
            It is not in the form of an erratum.
        """
        try:
            return cls.model_validate(read(content))
        except ValidationError as error:
            first = error.errors()[0]
            raise ProofError(f"this is no erratum: field {'.'.join(map(str, first['loc']))}: {first['msg']}") from None

    def check_signature(self) -> Verifier:
        """Which key has signed it.

        Raises
        ------
        ProofError
            The signature does not fit these words, or is another node's.
        """
        return checked_by(self.model_dump(mode="json"), FORMAT, self.node.origin)


@dataclass(frozen=True)
class Published:
    """What an erratum did.

    Attributes
    ----------
    document : Document
        The erratum in the log.
    restated : tuple of (Statement, Stated)
        What was stated before, and what took its place.
    left : tuple of (Statement, str)
        What could not be stated anew, and why.
    """

    document: Document
    restated: tuple[tuple[Statement, Stated], ...]
    left: tuple[tuple[Statement, str], ...]


def publish(shed: Shed, *, method: str, before: int, after: int, reason: str) -> Published:
    """Publish that a version of a method was wrong, and state anew what was stated by it.

    Each statement is made anew from the readings as they were known then, so that what moved, moved by the method.
    Publishing the same again goes on with what is still to be stated anew.

    Parameters
    ----------
    shed : Shed
        With its private key.
    method : str
        Such as ``assess.air``.
    before, after : int
        The version that was wrong, and the one that takes its place: the one this program computes.
    reason : str
        What was wrong, for people.

    Raises
    ------
    InputError
        There is no such method, or this program does not compute that version, or no reason is given.
    """
    claim = of_method(method)
    _check(claim, before, after, reason)
    affected = _affected(shed, claim, before)
    document = _kept(shed, claim, before, after, reason.strip(), affected)
    restated, left = [], []
    for old in affected:
        try:
            new = state(
                shed,
                claim,
                old.parameters,
                as_of=old.as_of.size,
                supersedes=old.digest,
                erratum=document.digest,
            )
        except CommonshedError as error:
            left.append((old, str(error)))
        else:
            restated.append((old, new))
    return Published(document, tuple(restated), tuple(left))


def _check(claim: Claim, before: int, after: int, reason: str) -> None:
    if not reason.strip():
        raise InputError("an erratum says what was wrong", field="--reason", mend="Write it in a sentence")
    if not 1 <= before < after:
        raise InputError(
            "a method's version only grows", field="--from", value=before, mend=f"It was below {after}, from 1 on"
        )
    if after != claim.version:
        raise InputError(
            f"this program computes {claim.method} by version {claim.version}",
            field="--to",
            value=after,
            mend="Run the release that has the corrected method, or name its version",
        )


def _affected(shed: Shed, claim: Claim, before: int) -> list[Statement]:
    """Statements by the wrong version that nothing has taken the place of."""
    every = [held for _, held in statements_of(shed)]
    replaced = {held.supersedes for held in every}
    return [
        held
        for held in every
        if (held.method.name, held.method.version) == (claim.method, before) and held.digest not in replaced
    ]


def _kept(shed: Shed, claim: Claim, before: int, after: int, reason: str, affected: list[Statement]) -> Document:
    """The erratum in the log: the one that says the same, or a new one."""
    for held in reversed(shed.documents("erratum")):
        one = Erratum.parse(shed.document_bytes(held))
        same = (one.method, one.before, one.after, one.reason) == (claim.method, before, after, reason)
        if same and all(each.digest in one.statements for each in affected):
            return held
    signer = shed.log.keys.signer()
    content: dict[str, Any] = {
        "format": FORMAT,
        "node": {"name": shed.name, "origin": shed.log.origin, "key": str(signer.verifier)},
        "method": claim.method,
        "before": before,
        "after": after,
        "reason": reason,
        "statements": [each.digest for each in affected],
        "made_at": int(time.time()),
    }
    text = signed(content, FORMAT, signer)
    name = f"erratum-{claim.method.replace('.', '-')}-{before}-to-{after}-{hashlib.sha256(text).hexdigest()[:8]}.json"
    said = {"method": claim.method, "from": before, "to": after, "reason": reason[:2000]}
    return shed.record("erratum", name, text, said=said)
