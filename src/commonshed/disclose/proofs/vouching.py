"""Whose word a proof is held against: the keys that a shed at hand knows of the log the proof is of."""

from __future__ import annotations

from pathlib import Path

from commonshed.disclose.proofs.proof import Proof
from commonshed.errors import CommonshedError, ProofError
from commonshed.keep import Shed
from commonshed.keep.log.cosignatures import known_witnesses
from commonshed.keep.log.notes import Checkpoint, Note, Verifier
from commonshed.keep.log.renewal import chain_of

__all__ = ["vouched"]


def vouched(path: Path, proof: Proof) -> tuple[Verifier, tuple[Verifier, ...]]:
    """The key that had to sign a proof's checkpoint, by a shed's own log or by a neighbour's mirror below it.

    A proof outlives the key it was signed with: the log names every key that was given up, and until when it signed.

    Parameters
    ----------
    path : Path
        A shed, or a mirror: ``SHED/peers/NAME``.
    proof : Proof

    Returns
    -------
    Verifier
        Key of the log that was in force at the size of the proof's checkpoint.
    tuple of Verifier
        Keys of others, and of this shed itself where the proof is of another, whose cosignature counts.

    Raises
    ------
    ShedNotFound
        There is no shed in that folder.
    ProofError
        The proof is of a log that neither the shed nor a neighbour of it is.
    """
    checkpoint = Checkpoint.parse(Note.parse(proof.checkpoint.encode()).text)
    own = Shed.open(path)
    shed = _of_log(own, checkpoint.origin)
    [key] = chain_of(shed).verifiers_at(checkpoint.size)
    others = known_witnesses(path) if shed is own else (*known_witnesses(path), own.log.keys.verifiers[0].witness)
    return key, tuple(dict.fromkeys(others))


def _of_log(own: Shed, origin: str) -> Shed:
    if _origin(own) == origin:
        return own
    for folder in sorted(own.path.glob("peers/*")):
        try:
            mirror = Shed.open(folder)
            found = _origin(mirror)
        except CommonshedError:
            continue
        if found == origin:
            return mirror
    raise ProofError(
        f"it is a proof of the log {origin}, and neither {own.path} nor a neighbour it has pulled from is that node. "
        "Name the shed of that node or its mirror, or give the node's key: --key"
    )


def _origin(shed: Shed) -> str:
    return shed.log.keys.verifiers[0].name
