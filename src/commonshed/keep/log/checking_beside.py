"""What stands beside the tree of the log, compared with it: the tail, and checkpoints that witnesses signed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from commonshed.errors import CommonshedError, ProofError
from commonshed.keep.log.checking import LogAudit
from commonshed.keep.log.cosignatures import known_witnesses, witnessed
from commonshed.keep.log.entries import Entry
from commonshed.keep.log.notes import Checkpoint, Note, Verifier
from commonshed.keep.log.rotation import follow
from commonshed.keep.log.tail import Tail
from commonshed.keep.merkle import leaf_hash, merkle_root
from commonshed.keep.problems import Problem

__all__ = ["BESIDE", "audit_beside", "keys_of"]

BESIDE = ("tail", "cosigned")
"""Names below ``log/`` that are no part of the tree."""

_COPY = "Put back a copy from a backup or another node"


def audit_beside(shed: Path, log: LogAudit, *, origin: str | None, keys: Sequence[Verifier]) -> None:
    """Compare the tail and the cosigned checkpoints with a tree that was compared; findings go into ``log``.

    Parameters
    ----------
    origin : str or None
        Name of the log; None where it is not known.
    keys : sequence of Verifier
        Every key the log ever had.
    """
    _tail(shed / "log" / "tail", log)
    leaves = [None if text is None else leaf_hash(text) for text in log.entries]
    for path in sorted((shed / "log" / "cosigned").glob("*")):
        log.files += 1
        said = _cosigned(path, leaves, origin, keys)
        if said is not None:
            log.problems.append(
                Problem("checkpoint", f"log/cosigned/{path.name}", f"{said}. Remove it; they sign again")
            )
        elif strange := _strangers(path, [*keys, *known_witnesses(shed)]):
            said = f"signed by {strange}, whose key is not known here: that cannot be compared"
            log.notes.append(Problem("checkpoint", f"log/cosigned/{path.name}", said))


def _tail(path: Path, log: LogAudit) -> None:
    """Whether the tail holds whole records that are the last entries of the log."""
    tail = Tail(path)
    try:
        content = tail.content()
        records = tail.records()
    except (OSError, ValueError) as error:
        log.problems.append(Problem("tail", "log/tail", f"it cannot be read ({error}). {_COPY}"))
        return
    if content is None:
        return
    log.files += 1
    size = records[-1].size if records else 0
    if size < log.size:
        said = f"whole up to {size} of {log.size} entries: after a power cut the rest could not be made anew from it"
        log.problems.append(Problem("tail", "log/tail", f"{said}. {_COPY}", size))
    elif sum(len(record.encode()) for record in records) != len(content):
        log.notes.append(Problem("tail", "log/tail", "it ends in a record that was never acknowledged"))
    for record in records:
        for position, text in enumerate(record.texts, record.first):
            if position < log.size and log.entries[position] not in (None, text):
                log.problems.append(Problem("tail", "log/tail", f"another entry {position} than was signed", position))
                return


def keys_of(entries: Sequence[Entry], verifiers: Sequence[Verifier]) -> tuple[Verifier, ...]:
    """Every key the log ever had, as far as readable entries tell; those in force first."""
    if not verifiers:
        return ()
    try:
        chain = follow(entries, verifiers[0], accepted=verifiers).verifiers
    except CommonshedError:
        return tuple(verifiers)
    return tuple(dict.fromkeys([*verifiers, *chain]))


def _cosigned(path: Path, leaves: Sequence[bytes | None], origin: str | None, keys: Sequence[Verifier]) -> str | None:
    """What is wrong with a cosigned checkpoint."""
    try:
        content = path.read_bytes()
        note = Note.parse(content)
        said = Checkpoint.parse(note.text)
        if str(said.size) != path.name or (origin is not None and said.origin != origin):
            return f"it is of {said.origin} at {said.size} entries"
        known = [each for each in leaves[: said.size] if each is not None]
        if said.size > len(leaves) or (len(known) == said.size and merkle_root(known) != said.root):
            return f"not the checkpoint of this log at {said.size} entries"
        note.checked(keys)
        witnessed(note, known_witnesses(path.parents[2]))
    except (OSError, ProofError) as error:
        return str(error)
    return None if note.encode() == content else "its signatures are not written as they were made"


def _strangers(path: Path, known: Sequence[Verifier]) -> str:
    """Who signed that is not known here."""
    note = Note.parse(path.read_bytes())
    names = {(verifier.name, verifier.key_id) for verifier in known}
    return ", ".join(line.name for line in note.signatures if (line.name, line.key_id) not in names)
