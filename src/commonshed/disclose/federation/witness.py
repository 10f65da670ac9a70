"""Signing that we saw a peer's log, and asking what our peers saw: so nobody can show two neighbours two pasts.

A node that keeps two logs of one size has to keep its neighbours from comparing notes. They compare: each hands out the
newest checkpoint of every other that it verified, and we look whether it is one of the log that we hold.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager

from commonshed.disclose.federation.client import Client, NotGiven
from commonshed.disclose.federation.evidence import Caught
from commonshed.disclose.federation.mirror import Mirror
from commonshed.disclose.federation.peers import Peer
from commonshed.errors import ProofError, ShedError
from commonshed.keep import Shed
from commonshed.keep.durable import write_file
from commonshed.keep.log import Checkpoint, Note, Verifier
from commonshed.keep.log.cosignatures import Cosignatures

__all__ = ["ask_of_others", "ask_of_us", "compare_heard", "cosign", "heard_size"]

logger = logging.getLogger(__name__)


def cosign(shed: Shed, mirror: Mirror, note: bytes) -> bool:
    """Sign as a witness that we saw a peer's checkpoint and verified all that it signs; False without a key of ours."""
    seen, fresh = mirror.seen(), Note.parse(note)
    if seen is not None and seen.text == fresh.text:
        return True
    try:
        signer = shed.log.keys.signer()
    except ShedError:
        return False
    mirror.keep_seen(fresh.plus([signer.cosign(fresh.text)]))
    return True


def ask_of_us(client: Client, shed: Shed, peer: Peer, turn: AbstractContextManager[object]) -> bool:
    """Ask a peer for the newest checkpoint of our own log that it saw, and keep its cosignature.

    Parameters
    ----------
    turn : context manager
        Held while something is kept: several peers are asked at once.

    Raises
    ------
    Caught
        It holds a checkpoint under our key that is none of our log: somebody else signs with it.
    """
    own = shed.log.keys.verifiers
    note = _shown(client, own[0])
    if note is None:
        return False
    said = _checked(note, own, peer)
    if said is None or said.origin != shed.log.origin:
        return False
    shed.refresh()
    if said.size > shed.log.size or shed.log.checkpoint(said.size).root != said.root:
        raise Caught(
            "key-misused",
            f"{peer.name} holds a checkpoint of {said.size} entries that our key signed and that is none of our log",
            notes={"shown": note.encode().decode(), "seen": shed.log.note().encode().decode()},
        )
    try:
        with turn:
            return bool(Cosignatures(shed.log, peer.verifiers).collect(note, own))
    except ProofError as error:
        logger.warning("%s hands out a cosignature that is not its own: %s", peer.name, error)
        return False


def ask_of_others(client: Client, asked: Peer, others: Sequence[tuple[Peer, Mirror]]) -> list[tuple[Peer, Caught]]:
    """Ask a peer what it saw of our other peers, and compare that with our mirrors.

    Returns
    -------
    list of (Peer, Caught)
        Whom it showed to keep two logs.
    """
    found = []
    for other, mirror in others:
        note = _shown(client, other.verifiers[0])
        said = None if note is None else _checked(note, other.verifiers, asked)
        if note is None or said is None or said.origin != other.origin:
            continue
        try:
            _compare(note, said, mirror, asked.name)
        except Caught as caught:
            found.append((other, caught))
    return found


def compare_heard(mirror: Mirror) -> None:
    """Compare what others had seen of a peer before we did.

    Raises
    ------
    Caught
        They were shown another log.
    """
    for path in sorted((mirror.folder / "heard").glob("*.note")):
        note = Note.parse(path.read_bytes())
        said = Checkpoint.parse(note.text)
        if said.size <= mirror.log.size:
            path.unlink()
            _compare(note, said, mirror, path.stem)


def heard_size(mirror: Mirror) -> int:
    """Entries of the largest log that a peer showed to others and not to us yet."""
    sizes = [
        Checkpoint.parse(Note.parse(path.read_bytes()).text).size for path in (mirror.folder / "heard").glob("*.note")
    ]
    return max(sizes, default=0)


def _shown(client: Client, key: Verifier) -> Note | None:
    """The newest checkpoint under a key that a peer says it saw."""
    try:
        return Note.parse(client.get(f"seen/{key.key_id.hex()}", limit=client.limits.note))
    except (NotGiven, ProofError):
        return None


def _checked(note: Note, keys: Sequence[Verifier], asked: Peer) -> Checkpoint | None:
    """What a note says, if the log's own key signed it: who hands it out may have made it up."""
    try:
        return Checkpoint.parse(note.checked(keys).text)
    except ProofError as error:
        logger.warning("%s says it saw what nobody signed: %s", asked.name, error)
        return None


def _compare(note: Note, said: Checkpoint, mirror: Mirror, who: str) -> None:
    if said.size > mirror.log.size:
        write_file(mirror.folder / "heard" / f"{who}.note", note.encode())
        return
    if said.size and mirror.log.checkpoint(said.size).root != said.root:
        ours = mirror.latest()
        raise Caught(
            "fork",
            f"it showed {who} another log of {said.size} entries than the one it showed us",
            proven=True,
            notes={"seen": "" if ours is None else ours.encode().decode(), "shown": note.encode().decode()},
            details={"heard_from": who, "root_shown_to_us": mirror.log.checkpoint(said.size).root.hex()},
        )
