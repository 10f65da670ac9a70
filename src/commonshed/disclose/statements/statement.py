"""A statement as it stands in its file: who says what, by which method, on which readings, and the signature.

``docs/formats/statement.md`` is the specification.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from commonshed.disclose.statements.canonical import canonical, digest, plain, read
from commonshed.errors import ProofError
from commonshed.keep.log import Checkpoint, Note, Signer, Verifier

__all__ = ["FORMAT", "AsOf", "Law", "Method", "Node", "Rests", "Result", "Signed", "Statement", "checked_by", "signed"]

FORMAT = "commonshed-statement/1"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Node(_Part):
    """Who says it: the name for people, the log and the key for programs."""

    name: str
    origin: str
    key: str


class Law(_Part):
    """A text of the law that the figures were made by, and its digest."""

    id: str
    digest: str


class Rests(_Part):
    """A document in the log that the figures rest on."""

    kind: str
    name: str
    digest: str
    position: int


class Tolerance(_Part):
    """How far a recomputed figure of a model may lie from the published one: either bound is enough."""

    absolute: str | None = None
    relative: str | None = None


class Method(_Part):
    """How the figures were made."""

    name: str
    version: int
    exact: bool
    tolerance: dict[str, Tolerance] = Field(default_factory=dict)

    def content(self) -> dict[str, Any]:
        """As plain data."""
        bounds = {path: bound.model_dump(exclude_none=True) for path, bound in self.tolerance.items()}
        return {"name": self.name, "version": self.version, "exact": self.exact, "tolerance": bounds}


class AsOf(_Part):
    """The state of the log they were made from: its size, its root, and the node's signature on both."""

    size: int
    root: str
    checkpoint: str


class Result(_Part):
    """The figures, and the digest over them."""

    digest: str
    records: list[dict[str, Any]]


class Signed(_Part):
    """The key, as others' tools for signed notes write it, and an Ed25519 signature in base64."""

    key: str
    value: str


class Statement(_Part):
    """What one file says. `parse` reads one, `signed` makes one."""

    format: Literal["commonshed-statement/1"]
    node: Node
    claim: str
    scope: dict[str, Any]
    parameters: dict[str, Any]
    standards: list[Law]
    documents: list[Rests]
    method: Method
    as_of: AsOf
    code: str
    made_at: int
    result: Result
    supersedes: str | None = None
    erratum: str | None = None
    signature: Signed

    @classmethod
    def parse(cls, content: bytes) -> Statement:
        """Read a statement; nothing of it is believed yet.

        Raises
        ------
        ProofError
            It is not in the form of a statement; the message names the field.
        """
        found = read(content)
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            said = found.get("format") if isinstance(found, dict) else None
            raise ProofError(f"this is no statement: its format is {said!r} and not {FORMAT!r}")
        try:
            return cls.model_validate(found)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise ProofError(f"this is no statement: field {where}: {first['msg']}") from None

    @cached_property
    def content(self) -> bytes:
        """Its canonical bytes: the file."""
        return canonical(self._said())

    @property
    def digest(self) -> str:
        """SHA-256 of the file, by which others name it."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def records(self) -> list[dict[str, Any]]:
        """The figures."""
        return self.result.records

    @property
    def key(self) -> Verifier:
        """The key it says it is signed with.

        Raises
        ------
        ProofError
            It is none.
        """
        return Verifier.parse(self.signature.key)

    @property
    def note(self) -> Note:
        """The checkpoint inside.

        Raises
        ------
        ProofError
            It is none.
        """
        return Note.parse(self.as_of.checkpoint.encode())

    @property
    def checkpoint(self) -> Checkpoint:
        """What the checkpoint inside says.

        Raises
        ------
        ProofError
            It is none.
        """
        return Checkpoint.parse(self.note.text)

    def check_digest(self) -> None:
        """Compare the figures with the digest beside them.

        Raises
        ------
        ProofError
        """
        if digest(self.records) != self.result.digest:
            raise ProofError("the figures do not have the digest that stands beside them")

    def check_signature(self) -> Verifier:
        """Which key has signed it.

        Raises
        ------
        ProofError
            The signature is not that of the key named on these words, or the key is of another node.
        """
        if self.node.key != self.signature.key:
            raise ProofError("it names one key and is signed with another")
        return checked_by(self._said(), FORMAT, self.node.origin)

    def _said(self) -> dict[str, Any]:
        # Absent and nothing are two texts: what a statement does not say is not signed.
        try:
            whole = self.model_dump(mode="json")
        except ValueError as error:
            raise ProofError(f"this is no statement: it is nested too deeply ({error})") from None
        for name in ("supersedes", "erratum"):
            if whole[name] is None:
                del whole[name]
        whole["method"] = self.method.content()
        return whole


def signed(content: Mapping[str, Any], prefix: str, signer: Signer) -> bytes:
    """Canonical bytes of something said, with a signature over all of it."""
    said = plain(content)
    value = signer.sign_bytes(f"{prefix}\n".encode() + canonical(said))
    signature = {"key": str(signer.verifier), "value": base64.b64encode(value).decode()}
    return canonical({**said, "signature": signature})


def checked_by(content: Mapping[str, Any], prefix: str, origin: str) -> Verifier:
    """The key that signed something said.

    Raises
    ------
    ProofError
        The signature does not fit, or is that of a key with another name than the log's.
    """
    said = {name: value for name, value in content.items() if name != "signature"}
    signature = content["signature"]
    key = Verifier.parse(signature["key"])
    try:
        value = base64.b64decode(signature["value"], validate=True)
    except (ValueError, binascii.Error):
        raise ProofError("the signature is not written in base64") from None
    if not key.signed_bytes(f"{prefix}\n".encode() + canonical(said), value):
        raise ProofError("the signature does not fit these words: they were changed after they were signed")
    if key.name != origin:
        raise ProofError(f"it is said by {origin} and signed with a key of {key.name}")
    return key
