"""How a log changes its key: by an entry that both keys sign, so that whoever knew one of them can follow.

A rotation is an entry of kind ``key-rotation``::

    {"old": VKEY, "new": VKEY, "reason": TEXT, "from": SECONDS, "until": SECONDS, "declared": false,
     "signatures": ["— NAME BASE64", "— NAME BASE64"]}

The signatures are those of a signed note by the old and by the new key, over the text ::

    commonshed-key-rotation/1
    ORIGIN
    old VKEY
    new VKEY
    from SECONDS
    until SECONDS
    reason TEXT

From the checkpoint that holds this entry on the new key signs every checkpoint; until the time said the old one signs
beside it, for those who have not read the entry yet. When the old key is lost nobody can sign for it: the entry then
says ``"declared": true``, its text begins ``commonshed-key-recovery/1``, and the new key signs alone. Such a change
rests on the word of a person, and another person has to accept it.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from commonshed.errors import InputError, ProofError
from commonshed.keep.log.entries import Entry
from commonshed.keep.log.notes import Checkpoint, Note, Signature, Signer, Verifier
from commonshed.keep.log.spoken import in_words

__all__ = ["ROTATION", "KeyChain", "Rotation", "declared_recoveries", "follow", "rotations"]

ROTATION = "key-rotation"
"""Kind of the entry."""

_LONGEST = 500
_FORBIDDEN = re.compile(r"[\x00-\x1f]")
_TITLES = {False: "commonshed-key-rotation/1", True: "commonshed-key-recovery/1"}


@dataclass(frozen=True)
class Rotation:
    """A change of key, as an entry of the log says it.

    Attributes
    ----------
    old, new : Verifier
    reason : str
        One line.
    start, until : int
        From when the new key signs, and until when the old one signs beside it. [UTC s]
    declared : bool
        The old key is lost and has not signed.
    signatures : tuple of Signature
    position : int
        Of the entry; −1 before it is entered.
    """

    old: Verifier
    new: Verifier
    reason: str
    start: int
    until: int
    declared: bool = False
    signatures: tuple[Signature, ...] = ()
    position: int = -1

    def __post_init__(self) -> None:
        if not self.reason.strip() or len(self.reason) > _LONGEST or _FORBIDDEN.search(self.reason):
            raise InputError(
                f"the reason for a change of key is one line of at most {_LONGEST} characters",
                field="reason",
                value=self.reason[:40],
                mend="Say in a sentence why, for those who read it in ten years",
            )

    @classmethod
    def of(cls, entry: Entry) -> Rotation:
        """Read an entry.

        Raises
        ------
        ProofError
            It is not in the form of a rotation.
        """
        try:
            return cls._of(entry.content, entry.position)
        except (KeyError, TypeError, AttributeError, InputError) as error:
            raise ProofError(f"entry {entry.position} is no change of key in a form we know ({error!r})") from None
        except ProofError as error:
            raise ProofError(f"entry {entry.position} is no change of key in a form we know: {error}") from None

    @classmethod
    def _of(cls, content: Mapping[str, Any], position: int) -> Rotation:
        start, until, declared = content["from"], content["until"], content["declared"]
        if type(start) is not int or type(until) is not int or type(declared) is not bool or start > until:
            raise TypeError("from, until, declared")
        below = "".join(f"{line}\n" for line in content["signatures"])
        return cls(
            old=Verifier.parse(content["old"]),
            new=Verifier.parse(content["new"]),
            reason=content["reason"],
            start=start,
            until=until,
            declared=declared,
            signatures=Note.parse(f"-\n\n{below}".encode()).signatures,
            position=position,
        )

    @property
    def text(self) -> str:
        """What is signed."""
        lines = [_TITLES[self.declared], self.new.name, f"old {self.old}", f"new {self.new}"]
        lines += [f"from {self.start}", f"until {self.until}", f"reason {self.reason}"]
        return "".join(f"{line}\n" for line in lines)

    @property
    def content(self) -> dict[str, Any]:
        """As it is entered."""
        return {
            "old": str(self.old),
            "new": str(self.new),
            "reason": self.reason,
            "from": self.start,
            "until": self.until,
            "declared": self.declared,
            "signatures": [str(signature).rstrip("\n") for signature in self.signatures],
        }

    def signed_by(self, *signers: Signer) -> Rotation:
        """With these signatures."""
        signatures = Note(self.text).signed_by(*signers).signatures
        return Rotation(self.old, self.new, self.reason, self.start, self.until, self.declared, signatures)

    def check(self) -> None:
        """Whether those signed who have to.

        Raises
        ------
        ProofError
            A signature is missing or forged, or the keys are not of one log.
        """
        if self.old.name != self.new.name:
            raise ProofError(f"{self._where} passes from the log {self.old.name} to another, {self.new.name}")
        if self.old.public == self.new.public:
            raise ProofError(f"{self._where} puts a key in the place of itself")
        wanted = [self.new] if self.declared else [self.old, self.new]
        try:
            found = Note(self.text, self.signatures).signers(wanted)
        except ProofError as error:
            raise ProofError(f"{self._where}: {error}") from None
        for key in wanted:
            if key not in found:
                which = "new" if key == self.new else "old"
                raise ProofError(f"{self._where} is not signed by the {which} key {key}, so it changes nothing")

    @property
    def _where(self) -> str:
        return f"the change of key at entry {self.position}" if self.position >= 0 else "the change of key"


@dataclass(frozen=True)
class KeyChain:
    """The keys of one log, each with the size of the log from which on it signs.

    Attributes
    ----------
    links : tuple of (int, Verifier)
        Oldest first; the first from size 0 on.
    """

    links: tuple[tuple[int, Verifier], ...]

    @property
    def current(self) -> Verifier:
        """The key in force."""
        return self.links[-1][1]

    @property
    def verifiers(self) -> tuple[Verifier, ...]:
        """Every key this log ever had, the one in force first."""
        return tuple(verifier for _, verifier in reversed(self.links))

    def verifiers_at(self, size: int) -> tuple[Verifier, ...]:
        """The key that has to sign a checkpoint of some size.

        One only: while a rotation overlaps both keys sign, but whoever has read the entry asks for the new one.
        """
        return (self.links[self._index(size)][1],)

    def since(self, size: int) -> tuple[Verifier, ...]:
        """Keys in force at some size of the log or later: one of them signed a statement as of that size."""
        return tuple(verifier for _, verifier in reversed(self.links[self._index(size) :]))

    def checked(self, note: Note) -> Checkpoint:
        """The checkpoint a note holds, if the key in force at its size has signed it.

        Raises
        ------
        ProofError
            It has not, a signature is forged, or it is the checkpoint of another log.
        """
        checkpoint = Checkpoint.parse(note.text)
        if checkpoint.origin != self.current.name:
            raise ProofError(f"the checkpoint of another log, {checkpoint.origin}; this one is {self.current.name}")
        note.checked(self.verifiers_at(checkpoint.size))
        return checkpoint

    def _index(self, size: int) -> int:
        return max(0, bisect.bisect_right(self.links, size, key=lambda link: link[0]) - 1)


def rotations(entries: Iterable[Entry]) -> list[Rotation]:
    """Changes of key among some entries, unchecked.

    Raises
    ------
    ProofError
        One is not in a form we know.
    """
    return [Rotation.of(entry) for entry in entries if entry.kind == ROTATION]


def declared_recoveries(entries: Iterable[Entry]) -> list[Rotation]:
    """Changes of key that the old key has not signed, which a person has to accept."""
    return [rotation for rotation in rotations(entries) if rotation.declared]


def follow(changes: Iterable[Entry | Rotation], pinned: Verifier, accepted: Collection[Verifier] = ()) -> KeyChain:
    """Follow a log from a key one trusts to the present.

    The entries need no trust of their own: each change is signed by the key before it. What follows from them is the
    key that has to have signed the checkpoint they came with, which is to be checked next.

    Parameters
    ----------
    changes : iterable of Entry or Rotation
        Entries of the log from its beginning; those of other kinds are passed over.
    pinned : Verifier
        The key one trusts, whether it is still in force or not.
    accepted : collection of Verifier
        New keys of declared recoveries that a person here has accepted.

    Returns
    -------
    KeyChain

    Raises
    ------
    ProofError
        A change is not signed by those who have to, does not go on from the key before it, or brings back an earlier
        key; the pinned key is none of this log; or a key was declared lost after it and nobody here has accepted that.
    """
    found = [each if isinstance(each, Rotation) else Rotation.of(each) for each in changes if _changes_key(each)]
    found.sort(key=lambda rotation: rotation.position)
    links = _linked(found, pinned)
    known = [verifier for _, verifier in links]
    if pinned not in known:
        raise ProofError(
            f"{pinned} is not a key of this log: its keys are {', '.join(map(str, known))}. Ask the other side for its "
            "key by another way than the network, and compare it word by word"
        )
    for rotation in found[known.index(pinned) :]:
        if rotation.declared and rotation.new not in accepted:
            raise ProofError(_not_accepted(rotation))
    return KeyChain(tuple(links))


def _changes_key(each: Entry | Rotation) -> bool:
    return isinstance(each, Rotation) or each.kind == ROTATION


def _linked(found: Sequence[Rotation], pinned: Verifier) -> list[tuple[int, Verifier]]:
    links = [(0, found[0].old if found else pinned)]
    for rotation in found:
        rotation.check()
        known = [verifier.public for _, verifier in links]
        _, force = links[-1]
        if rotation.old != force:
            raise ProofError(
                f"entry {rotation.position} changes the key {rotation.old}, but the key in force then was {force}"
            )
        if rotation.new.public in known:
            raise ProofError(f"entry {rotation.position} brings back {rotation.new}, a key this log has given up")
        links.append((rotation.position + 1, rotation.new))
    return links


def _not_accepted(rotation: Rotation) -> str:
    return (
        f"entry {rotation.position} says that the key of {rotation.old.name} was lost ({rotation.reason}) and declares "
        f"a new one, {rotation.new}. The lost key could not sign that, so anybody could have written it. Ring up the "
        f"people of that node, compare the words of the new key ({in_words(rotation.new)}), and accept it by hand: "
        "commonshed peer accept-key"
    )
