"""Putting a new key in force: planned, with both keys' signatures, or declared, when the old one is lost.

The steps, each durable before the next, so that a power cut between any two leaves a log that opens and can be signed,
and that the same command finishes:

1. ``next.key`` holds the new key, and ``node.pub`` lists it. From here on checkpoints carry its signature as well.
2. The entry is in the log, under a checkpoint with both signatures.
3. ``node.key`` holds the new key first, ``node.pub`` lists it first.
4. ``next.key`` goes.
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from commonshed.errors import InputError, ShedDamaged, ShedError
from commonshed.keep.log.keys import Keys
from commonshed.keep.log.notes import Signer
from commonshed.keep.log.rotation import ROTATION, KeyChain, Rotation, follow, rotations

if TYPE_CHECKING:
    from commonshed.keep.shed import Shed

__all__ = ["OVERLAP", "chain_of", "recover", "rotate"]

OVERLAP = 30 * 24 * 3600
"""How long the old key signs beside the new one, unless told otherwise. [s]"""

_LONGEST = 5 * 366 * 24 * 3600


def chain_of(shed: Shed) -> KeyChain:
    """The keys of this log, from its first to the one in force, as those see it who hold this copy.

    What was declared here is accepted here; a stranger's eyes are :func:`~commonshed.keep.log.rotation.follow`.

    Raises
    ------
    ProofError
        The changes of key in the log do not hold, or lead past the keys in ``node.pub``.
    """
    changes = rotations(shed.entries)
    declared = [change.new for change in changes if change.declared]
    return follow(changes, shed.log.keys.verifiers[0], accepted=declared)


def rotate(shed: Shed, *, reason: str, overlap: int = OVERLAP, wait: float = 10.0) -> Rotation:
    """Put a new key in force; the old one signs that, and signs beside it for a while.

    A rotation that was cut off is finished instead of a second one being made.

    Parameters
    ----------
    reason : str
        One line; it stands in the log.
    overlap : int
        How long the old key goes on signing. [s] Neighbours who look in at least once in that time notice nothing;
        others follow the entry. 0 where the old key may be in wrong hands.
    wait : float
        How long to wait for another process that seals or changes keys. [s]

    Raises
    ------
    ShedError
        There is no key here, or others can read it.
    InputError
        The overlap or the reason is none.
    ShedLocked
        Another process is sealing, or changing keys.
    """
    if not 0 <= overlap <= _LONGEST:
        raise InputError("an overlap is from 0 to 5 years", field="overlap", value=overlap, mend="30 days do for most")
    keys = shed.log.keys
    with keys.changing(wait=wait):
        if (finished := _finish(shed, keys)) is not None:
            return finished
        old = keys.signer()
        _refuse_stale(shed, old)
        now = int(time.time())
        new = keys.coming() or Signer(old.name, secrets.token_bytes(32))
        rotation = Rotation(old.verifier, new.verifier, reason, now, now + overlap).signed_by(old, new)
        keys.prepare(new)
        return _enter(shed, keys, new, rotation, wait)


def recover(shed: Shed, *, reason: str, wait: float = 10.0) -> Rotation:
    """Declare the key of this log lost and put a new one in force.

    The old key cannot sign that, so every neighbour stops at the entry until a person there has accepted it.

    Parameters
    ----------
    reason : str
        How the key was lost, one line; it stands in the log.

    Raises
    ------
    ShedError
        The key is there: nothing is lost.
    InputError
        There is no reason.
    ShedLocked
        Another process is sealing, or changing keys.
    """
    keys = shed.log.keys
    with keys.changing(wait=wait):
        if (finished := _finish(shed, keys)) is not None:
            return finished
        _refuse_needless(shed, keys)
        old = chain_of(shed).current
        now = int(time.time())
        new = keys.coming() or Signer(shed.log.origin, secrets.token_bytes(32))
        rotation = Rotation(old, new.verifier, reason, now, now, declared=True).signed_by(new)
        keys.prepare(new)
        with keys.alone(new):
            return _enter(shed, keys, new, rotation, wait)


def _enter(shed: Shed, keys: Keys, new: Signer, rotation: Rotation, wait: float) -> Rotation:
    entry = shed.enter(ROTATION, rotation.content, wait=wait)
    keys.adopt(new, until=None if rotation.declared else rotation.until)
    return Rotation.of(entry)


def _finish(shed: Shed, keys: Keys) -> Rotation | None:
    """Finish what was cut off after its entry was in the log."""
    coming = keys.coming()
    if coming is None:
        return None
    shed.refresh()
    for rotation in rotations(shed.entries):
        if rotation.new == coming.verifier:
            keys.adopt(coming, until=None if rotation.declared else rotation.until)
            return rotation
    return None


def _refuse_stale(shed: Shed, signer: Signer) -> None:
    """A key that the log has given up does not sign its successor: a folder of keys was put back from an old copy.

    Raises
    ------
    ShedDamaged
    """
    force = chain_of(shed).current
    if signer.verifier != force:
        raise ShedDamaged(
            f"{shed.log.keys.folder}: holds the key {signer.verifier}, which this log has given up for {force}. Bring "
            "back that one: commonshed key restore — or, if it is lost: commonshed key recover"
        )


def _refuse_needless(shed: Shed, keys: Keys) -> None:
    """Nothing is declared lost that is there.

    Raises
    ------
    ShedError
    """
    if not keys.there:
        return
    try:
        _refuse_stale(shed, keys.signer())
    except ShedDamaged:
        return
    raise ShedError(
        f"{keys.folder / 'node.key'}: the key is there, so nothing has to be declared lost. Put another in its place "
        "with: commonshed key rotate — with --overlap 0d if the old one may be in wrong hands"
    )
