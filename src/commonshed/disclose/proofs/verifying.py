"""Checking a proof without the shed it comes from: every step from the row to the signature, and what came later."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from commonshed.disclose.proofs.proof import EntryProof, Later, Proof, SegmentProof, Subject
from commonshed.disclose.proofs.rows import Row, rows_of
from commonshed.errors import ProofError, ShedDamaged
from commonshed.keep.log import Entry
from commonshed.keep.log.cosignatures import Witnessed, witnessed
from commonshed.keep.log.entries import decode_strictly
from commonshed.keep.log.notes import Checkpoint, Note, Verifier
from commonshed.keep.log.rotation import ROTATION, follow
from commonshed.keep.merkle import leaf_hash, node_hash, verify_inclusion
from commonshed.units import quantities, value_text

__all__ = ["Proved", "Version", "verify"]


@dataclass(frozen=True)
class Version:
    """One row that was kept of the reading.

    Attributes
    ----------
    position : int
        Of the entry it came in with.
    at : int
        When it was entered, as the node says. [UTC s]
    row : Row
    cause, reason, author : str or None
        Of the entry: why it was made, where it says so.
    """

    position: int
    at: int
    row: Row
    cause: str | None
    reason: str | None
    author: str | None


@dataclass(frozen=True)
class Proved:
    """What a proof proves.

    Attributes
    ----------
    subject : Subject
    versions : tuple of Version
        Oldest first; the last counts.
    value : str
        Of the last version, as a decimal number in ``unit``; a count of ticks for a quantity nobody declared.
    unit : str or None
    checkpoint : Checkpoint
    signed_by : Verifier
    witnesses : tuple of Witnessed
        Who saw the checkpoint, of those whose keys were given.
    strangers : tuple of str
        Names under further signatures, of keys that were not given.
    counts : {"proved", "open"}
        Whether it is proved that no later entry of this checkpoint takes the reading's place, or left open.
    """

    subject: Subject
    versions: tuple[Version, ...]
    value: str
    unit: str | None
    checkpoint: Checkpoint
    signed_by: Verifier
    witnesses: tuple[Witnessed, ...]
    strangers: tuple[str, ...]
    counts: Literal["proved", "open"]

    @property
    def last(self) -> Version:
        """The version that counts."""
        return self.versions[-1]


def verify(
    proof: Proof,
    key: Verifier,
    *,
    witnesses: Sequence[Verifier] = (),
    accepted: Collection[Verifier] = (),
) -> Proved:
    """Check a proof.

    Parameters
    ----------
    key : Verifier
        Of the node, from elsewhere than the proof: what is proved is proved of the log that this key signs.
    witnesses : sequence of Verifier
        Keys of neighbours whose word counts.
    accepted : collection of Verifier
        New keys of the log that were declared after a loss and that a person has accepted.

    Raises
    ------
    ProofError
        A step does not hold; the message says which.
    """
    note = Note.parse(proof.checkpoint.encode())
    checkpoint = Checkpoint.parse(note.text)
    if not checkpoint.size:
        raise ProofError("the checkpoint is that of an empty log, in which there is nothing to prove")
    chain = follow(_changes_of_key(proof, checkpoint), key, accepted=accepted)
    chain.checked(note)
    [signer] = chain.verifiers_at(checkpoint.size)
    found = [_Opened.of(segment, checkpoint, proof.subject) for segment in proof.segments]
    positions = [each.entry.position for each in found]
    if positions != sorted(set(positions)):
        raise ProofError("the segments of the proof do not stand in the order of the log")
    versions = [version for each in found for version in each.versions()]
    if not versions:
        raise ProofError("no row in this proof is of the reading that it is said to prove")
    counts = _nothing_later(proof, checkpoint, found, versions[-1].position)
    value, unit = _value(proof, versions[-1].row)
    known = {(each.name, each.key_id) for each in (*chain.verifiers, *(witness.witness for witness in witnesses))}
    return Proved(
        subject=proof.subject,
        versions=tuple(versions),
        value=value,
        unit=unit,
        checkpoint=checkpoint,
        signed_by=signer,
        witnesses=witnessed(note, witnesses),
        strangers=tuple(line.name for line in note.signatures if (line.name, line.key_id) not in known),
        counts="proved" if counts else "open",
    )


def _changes_of_key(proof: Proof, checkpoint: Checkpoint) -> list[Entry]:
    """Entries that change the key, each in the log of the checkpoint."""
    return [_entered(each, checkpoint, kind=ROTATION) for each in proof.keys]


def _entered(entry: EntryProof, checkpoint: Checkpoint, *, kind: str) -> Entry:
    """An entry, if it is in the log of the checkpoint."""
    try:
        verify_inclusion(leaf_hash(entry.text.encode()), entry.position, checkpoint.size, entry.path, checkpoint.root)
    except ProofError as error:
        raise ProofError(f"entry {entry.position} is not shown to be in the log: {error}") from None
    return _read(entry.position, entry.text, kind)


def _read(position: int, text: str, kind: str | None = None) -> Entry:
    try:
        found = decode_strictly(position, text.encode())
    except ShedDamaged as error:
        raise ProofError(str(error)) from None
    if kind is not None and found.kind != kind:
        raise ProofError(f"entry {position} is of kind {found.kind}, and a {kind} was to be shown")
    return found


@dataclass(frozen=True)
class _Opened:
    """A segment of the proof, its chunks shown to be its own."""

    proof: SegmentProof
    entry: Entry
    rows: list[Row]
    subject: Subject

    @classmethod
    def of(cls, segment: SegmentProof, checkpoint: Checkpoint, subject: Subject) -> _Opened:
        entry = _entered(segment.entry, checkpoint, kind="segment")
        indices = [leaf.index for leaf in segment.chunks]
        if not indices or indices != list(range(indices[0], indices[0] + len(indices))):
            raise ProofError(f"the chunks of entry {entry.position} do not follow one another")
        digest = _digest(entry)
        rows: list[Row] = []
        for leaf in segment.chunks:
            try:
                verify_inclusion(leaf_hash(leaf.text.encode()), leaf.index, segment.leaves, leaf.path, digest)
            except ProofError:
                raise ProofError(
                    f"chunk {leaf.index} is not shown to be in entry {entry.position}: its path does not lead to the "
                    "row digest of that entry"
                ) from None
            rows += rows_of(leaf.text)
        orders = [row.key.order for row in rows]
        if orders != sorted(orders):
            raise ProofError(f"the rows of entry {entry.position} do not stand in canonical order")
        return cls(segment, entry, rows, subject)

    def versions(self) -> list[Version]:
        said = {name: _said(self.entry.content, name) for name in ("cause", "reason", "author")}
        return [
            Version(self.entry.position, self.entry.at, row, **said) for row in self.rows if row.key == self.subject
        ]

    @property
    def closed(self) -> bool:
        """Whether every row of the segment with this key is shown.

        So it is where rows before and behind it are shown as well, or the segment begins or ends there: the chunks
        follow one another, and the paths of neighbours fit no other pair of leaves.
        """
        before = self.proof.chunks[0].index == 0 or self.rows[0].key.order < self.subject.order
        behind = self.proof.chunks[-1].index == self.proof.leaves - 1 or self.subject.order < self.rows[-1].key.order
        alone = self.entry.content.get("distinct") is True and any(row.key == self.subject for row in self.rows)
        return (before and behind) or alone


def _digest(entry: Entry) -> bytes:
    try:
        digest = bytes.fromhex(entry.content["digest"])
    except (KeyError, ValueError, TypeError):
        raise ProofError(f"entry {entry.position} says no row digest") from None
    if len(digest) != 32:
        raise ProofError(f"entry {entry.position} says no row digest")
    return digest


def _said(content: Mapping[str, Any], name: str) -> str | None:
    value = content.get(name)
    return value if isinstance(value, str) else None


def _nothing_later(proof: Proof, checkpoint: Checkpoint, found: Sequence[_Opened], highest: int) -> bool:
    """Whether it is shown that the last version is the one that counts.

    Raises
    ------
    ProofError
        What the proof says of later entries does not hold.
    """
    if proof.later is None:
        return False
    later = proof.later
    if later.first != highest + 1 or later.first + len(later.entries) != checkpoint.size:
        raise ProofError(
            f"the proof is to carry entries {highest + 1} to {checkpoint.size - 1}, and carries "
            f"{len(later.entries)} from {later.first}"
        )
    if _root(later) != checkpoint.root:
        raise ProofError("the later entries are not those of the checkpoint")
    shown = {each.entry.position: each for each in found}
    if not shown[highest].closed:
        return False
    for position, text in enumerate(later.entries, later.first):
        entry = _read(position, text)
        if entry.kind == "segment" and _may_hold(entry, proof.subject):
            if position not in shown:
                raise ProofError(f"entry {position} may hold the reading, and the proof does not show that it does not")
            if not shown[position].closed:
                raise ProofError(f"the proof does not show all that entry {position} holds where the reading would be")
    return True


def _may_hold(entry: Entry, subject: Subject) -> bool:
    content = entry.content
    try:
        first, last, held = content["first"], content["last"], content["quantities"]
        return bool(first <= subject.start <= last and subject.quantity in held)
    except (KeyError, TypeError):
        return True


def _root(later: Later) -> bytes:
    """Root of a log from the complete subtrees at its left and the entries that follow."""
    size, peaks = later.first, list(later.peaks)
    if len(peaks) != size.bit_count():
        raise ProofError(f"{size} entries make {size.bit_count()} complete subtrees, and {len(peaks)} are given")
    for text in later.entries:
        carried, at = leaf_hash(text.encode()), size
        while at & 1:
            carried, at = node_hash(peaks.pop(), carried), at >> 1
        peaks.append(carried)
        size += 1
    root = peaks.pop()
    while peaks:
        root = node_hash(peaks.pop(), root)
    return root


def _value(proof: Proof, row: Row) -> tuple[str, str | None]:
    """The value in its unit, by the catalogue of quantities here.

    Raises
    ------
    ProofError
        The proof says another unit or resolution than the catalogue.
    """
    told = quantities().get(proof.subject.quantity)
    if told is None:
        return str(row.ticks), None
    if (proof.unit, proof.resolution) != (told.unit, value_text(1, told)):
        raise ProofError(
            f"the proof counts {proof.subject.quantity} in steps of {proof.resolution} {proof.unit}, and the catalogue "
            f"of quantities in steps of {value_text(1, told)} {told.unit}"
        )
    return value_text(row.ticks, told), told.unit
