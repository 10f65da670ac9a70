"""What can be said of a statement without any log: its form, its figures, its signature, the checkpoint inside."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from commonshed.disclose.statements.statement import Statement
from commonshed.disclose.statements.verdict import Finding
from commonshed.errors import ProofError
from commonshed.keep.log import Verifier

__all__ = ["by_itself"]


def by_itself(statement: Statement, content: bytes) -> Iterator[Finding]:
    """Look at a statement alone; the first finding that does not hold makes it forged.

    Parameters
    ----------
    statement : Statement
    content : bytes
        The file as it came.
    """
    yield Finding("form.holds", True) if content == statement.content else Finding("form.rewritten", None)
    try:
        statement.check_digest()
    except ProofError:
        yield Finding("digest.broken", False)
        return
    records = len(statement.records)
    yield Finding("digest.holds", True, {"records": records, "digest": statement.result.digest[:16]})
    try:
        key = statement.check_signature()
    except ProofError as error:
        yield Finding("signature.broken", False, {"problem": str(error)})
        return
    yield Finding("signature.holds", True, {"key": _short(key), "node": statement.node.name})
    yield _checkpoint(statement, key)


def _checkpoint(statement: Statement, key: Verifier) -> Finding:
    """The checkpoint inside is the node's word on the state of its log; another's, or an edited one, proves nothing."""
    said = statement.as_of
    try:
        checkpoint = statement.checkpoint
        signers = statement.note.signers([key])
        root = base64.b64decode(said.root, validate=True)
    except (ProofError, ValueError, binascii.Error) as error:
        return Finding("checkpoint.broken", False, {"problem": str(error)})
    if checkpoint.origin != statement.node.origin:
        return Finding("checkpoint.of-another", False, {"origin": checkpoint.origin, "node": statement.node.origin})
    if (checkpoint.size, checkpoint.root) != (said.size, root) or not signers:
        problem = "it is not what the statement says beside it" if signers else "the statement's key did not sign it"
        return Finding("checkpoint.broken", False, {"problem": problem})
    return Finding("checkpoint.holds", True, {"size": said.size})


def _short(key: Verifier) -> str:
    return f"{key.name}+{key.key_id.hex()}"
