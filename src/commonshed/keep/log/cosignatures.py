"""What witnesses have signed: neighbours who saw a checkpoint of this log and found that it only ever grew.

``log/cosigned/<size>`` is the checkpoint of that size as a signed note: the log's own signature, and below it those of
witnesses. A witness never takes anything back, so lines are only added; only the newest sizes are held.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from commonshed.errors import InputError, ProofError, ShedDamaged, ShedError
from commonshed.keep.durable import write_file
from commonshed.keep.log.keys import Keys
from commonshed.keep.log.log import Log
from commonshed.keep.log.notes import Checkpoint, Note, Signature, Verifier, cosigned_at

__all__ = ["HELD", "Cosignatures", "Quorum", "Witnessed", "known_witnesses", "quorum", "witnessed"]

HELD = 256
"""Sizes of which notes are held."""


@dataclass(frozen=True)
class Witnessed:
    """A witness's word for a checkpoint.

    Attributes
    ----------
    witness : Verifier
    at : int
        When it last looked. [UTC s]
    """

    witness: Verifier
    at: int


@dataclass(frozen=True)
class Quorum:
    """Whether enough known witnesses stand behind a checkpoint.

    Attributes
    ----------
    needed, known : int
    by : tuple of Witnessed
        Each witness once, the latest word first.
    """

    needed: int
    known: int
    by: tuple[Witnessed, ...]

    @property
    def reached(self) -> bool:
        """Whether they are enough."""
        return len(self.by) >= self.needed

    def __str__(self) -> str:
        names = ", ".join(each.witness.name for each in self.by) or "none"
        enough = "enough" if self.reached else "not enough"
        return f"{len(self.by)} of {self.known} known witnesses ({names}); {self.needed} are needed: {enough}"


def witnessed(note: Note, witnesses: Iterable[Verifier]) -> tuple[Witnessed, ...]:
    """Which witnesses signed a checkpoint, each with its latest time, the latest first.

    Parameters
    ----------
    witnesses : iterable of Verifier
        As cosigners or by their own keys. One key counts once, under whatever names.

    Raises
    ------
    ProofError
        A line of a known witness is forged.

    References
    ----------
    C2SP tlog-cosignature; tlog-policy, Public key representation (one key under two names is one witness).
    """
    latest: dict[bytes, Witnessed] = {}
    for verifier, signature in note.signed_lines([witness.witness for witness in witnesses]):
        at = cosigned_at(signature.value)
        assert at is not None  # or it would not have been the witness's
        known = latest.get(verifier.public)
        if known is None or at > known.at:
            latest[verifier.public] = Witnessed(verifier, at)
    return tuple(sorted(latest.values(), key=lambda each: (-each.at, each.witness.name)))


def quorum(note: Note, witnesses: Sequence[Verifier], *, needed: int) -> Quorum:
    """Whether k of n known witnesses stand behind a checkpoint.

    Raises
    ------
    InputError
        More are needed than are known.
    ProofError
        A line of a known witness is forged.
    """
    known = len({witness.public for witness in witnesses})
    if not 0 <= needed <= known:
        raise InputError(
            f"{needed} witnesses are asked for and {known} are known",
            field="needed",
            value=needed,
            mend="Ask for fewer, or take on more neighbours: commonshed peer add",
        )
    return Quorum(needed, known, witnessed(note, witnesses))


def known_witnesses(shed: Path) -> tuple[Verifier, ...]:
    """Neighbours whose keys this shed holds, as cosigners, by the names of their folders; a broken one is left out."""
    found = []
    for folder in sorted((shed / "peers").glob("*/keys")):
        try:
            found += [verifier.witness for verifier in Keys(folder).verifiers]
        except ShedError:
            continue
    return tuple(dict.fromkeys(found))


class Cosignatures:
    """The folder ``log/cosigned/`` of one log.

    Parameters
    ----------
    log : Log
    witnesses : iterable of Verifier
        Whose word counts here.
    """

    def __init__(self, log: Log, witnesses: Iterable[Verifier]) -> None:
        self.log = log
        self.folder = log.folder / "cosigned"
        self.witnesses = tuple(dict.fromkeys(witness.witness for witness in witnesses))

    def collect(self, note: Note, signers: Sequence[Verifier] | None = None) -> tuple[Witnessed, ...]:
        """Take up what witnesses have signed below a checkpoint of this log.

        Lines of keys not known are passed over and not kept.

        Parameters
        ----------
        signers : sequence of Verifier, optional
            Keys of this log, for a checkpoint from before its last change of key; without it those in force.

        Returns
        -------
        tuple of Witnessed
            What is new: a witness that had not signed this checkpoint, or looked again later.

        Raises
        ------
        ProofError
            It is no checkpoint of this log as it stands here, this log has not signed it, or a known witness's line is
            forged. A witness that signed another tree under this log's key holds evidence that the log was forked.
        """
        signers = self.log.keys.verifiers if signers is None else signers
        said = self._ours(note.checked(signers))
        lines = [signature for _, signature in note.signed_lines(signers)]
        fresh = witnessed(note, self.witnesses)
        held = self._read(said.size)
        before = dict.fromkeys(held.signatures if held else lines)
        known = {each.witness: each.at for each in (witnessed(held, self.witnesses) if held else ())}
        new = tuple(each for each in fresh if each.at > known.get(each.witness, -1))
        if new:
            lines = [*before, *_lines_of(note, new)]
            write_file(self.folder / str(said.size), Note(note.text, tuple(dict.fromkeys(lines))).encode())
            self._let_go()
        return new

    def sizes(self) -> list[int]:
        """Sizes of the log that witnesses have signed, the newest first."""
        try:
            names = [path.name for path in self.folder.iterdir()]
        except FileNotFoundError:
            return []
        return sorted((int(name) for name in names if name.isascii() and name.isdigit()), reverse=True)

    def cosigned(self, size: int | None = None) -> Note | None:
        """The checkpoint of some size with what witnesses signed below it; the newest there is without a size.

        Raises
        ------
        ShedDamaged
            The file is not what was written.
        """
        if size is not None:
            return self._read(size)
        return self._read(sizes[0]) if (sizes := self.sizes()) else None

    def covering(self, position: int) -> Note | None:
        """The earliest cosigned checkpoint that holds an entry: what a proof of it stands on, if there is one."""
        sizes = [size for size in self.sizes() if size > position]
        return self._read(sizes[-1]) if sizes else None

    def _ours(self, note: Note) -> Checkpoint:
        said = Checkpoint.parse(note.text)
        if said.origin != self.log.origin:
            raise ProofError(f"the checkpoint of another log, {said.origin}; this one is {self.log.origin}")
        if said.size > self.log.size:
            raise ProofError(f"a checkpoint of {said.size} entries; this log has {self.log.size}. Read it again first")
        if note.text != self.log.checkpoint(said.size).text:
            raise ProofError(
                f"a checkpoint of this log at {said.size} entries with another root than it has here: somebody signs "
                "for this log elsewhere. Keep the note; it is evidence"
            )
        return said

    def _read(self, size: int) -> Note | None:
        path = self.folder / str(size)
        try:
            note = Note.parse(path.read_bytes())
        except FileNotFoundError:
            return None
        except ProofError as error:
            raise ShedDamaged(f"{path}: {error}. Remove it; witnesses can sign again") from None
        if note.text != self.log.checkpoint(size).text:
            raise ShedDamaged(f"{path}: not the checkpoint of this log at {size} entries. Remove it")
        return note

    def _let_go(self) -> None:
        for size in self.sizes()[HELD:]:
            (self.folder / str(size)).unlink(missing_ok=True)


def _lines_of(note: Note, new: Sequence[Witnessed]) -> list[Signature]:
    wanted = {(each.witness.name, each.witness.key_id, each.at) for each in new}
    return [line for line in note.signatures if (line.name, line.key_id, cosigned_at(line.value)) in wanted]
