"""Signed notes: a few lines of text with signatures below: C2SP signed-note, tlog-checkpoint and tlog-cosignature.

A key is known by its name and four bytes of a digest; anyone's tool for signed notes reads ours and we read theirs.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from commonshed.errors import ProofError

__all__ = ["COSIGNATURE", "ED25519", "Checkpoint", "Note", "Signature", "Signer", "Verifier"]

ED25519 = 0x01
COSIGNATURE = 0x04
"""Kinds of signatures: of the log itself, and of a witness, with the time it looked."""

_DASH = "— "
_MOST_SIGNATURES = 100


@dataclass(frozen=True)
class Verifier:
    """A public key: ``name+hash+base64``.

    Attributes
    ----------
    name : str
    public : bytes, 32
    kind : int
        `ED25519` or `COSIGNATURE`.
    """

    name: str
    public: bytes
    kind: int = ED25519

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """Read a verifier key.

        Raises
        ------
        ProofError
            It is none, or its hash is not that of its name and key.
        """
        parts = text.strip().split("+", 2)
        try:
            name, identity, key = parts
            content = base64.b64decode(key, validate=True)
        except (ValueError, binascii.Error):
            raise ProofError(f"this is no verifier key: {text!r}. It looks like NAME+0a1b2c3d+AQ…") from None
        if len(content) != 33 or content[0] not in (ED25519, COSIGNATURE):
            raise ProofError(f"a verifier key of a kind we do not know: {text!r}")
        found = cls(_plain_name(name), content[1:], content[0])
        if found.key_id.hex() != identity:
            raise ProofError(f"a verifier key was copied wrongly: {text!r} should begin {name}+{found.key_id.hex()}")
        return found

    @cached_property
    def key_id(self) -> bytes:
        """Four bytes by which signature lines name the key."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def witness(self) -> Verifier:
        """The same key as it cosigns the logs of others."""
        return Verifier(self.name, self.public, COSIGNATURE)

    def __str__(self) -> str:
        content = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{content}"

    def signed(self, text: str, value: bytes) -> bool:
        """Whether a signature is this key's, on this text."""
        message = text.encode()
        if self.kind == COSIGNATURE:
            if len(value) != 72:
                return False
            message, value = _cosigned(text, int.from_bytes(value[:8])), value[8:]
        return self.signed_bytes(message, value)

    def signed_bytes(self, message: bytes, value: bytes) -> bool:
        """Whether a plain Ed25519 signature is this key's, on these bytes."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(value, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """A private key; what is signed with it names ``verifier``."""

    name: str
    seed: bytes = field(repr=False)

    @cached_property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(_plain_name(self.name), self._key.public_key().public_bytes_raw())

    def sign(self, text: str) -> Signature:
        """Sign a note as the log itself."""
        return Signature(self.name, self.verifier.key_id, self.sign_bytes(text.encode()))

    def cosign(self, text: str, at: int | None = None) -> Signature:
        """Sign another log's checkpoint as a witness that saw it at some time. [UTC s]"""
        at = int(time.time()) if at is None else at
        value = at.to_bytes(8) + self.sign_bytes(_cosigned(text, at))
        return Signature(self.name, self.verifier.witness.key_id, value)

    def sign_bytes(self, message: bytes) -> bytes:
        """A plain Ed25519 signature, 64 bytes."""
        return self._key.sign(message)

    @cached_property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


@dataclass(frozen=True)
class Signature:
    """One line below a note."""

    name: str
    key_id: bytes
    value: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.value).decode()}\n"


@dataclass(frozen=True)
class Note:
    """A text, ended by a newline, and what was signed below it."""

    text: str
    signatures: tuple[Signature, ...] = ()

    @classmethod
    def parse(cls, content: bytes) -> Note:
        """Read a note.

        Raises
        ------
        ProofError
            It is not in the form of a signed note.

        References
        ----------
        C2SP signed-note.
        """
        try:
            whole = content.decode("utf-8")
        except UnicodeDecodeError:
            raise ProofError("a signed note is not UTF-8") from None
        if any(ord(each) < 0x20 and each != "\n" for each in whole):
            raise ProofError("a signed note holds control characters")
        text, blank, below = whole.rpartition("\n\n")
        if not blank or not below.endswith("\n"):
            raise ProofError("a signed note has no signatures below an empty line")
        lines = below[:-1].split("\n")
        if len(lines) > _MOST_SIGNATURES:
            raise ProofError(f"a signed note has {len(lines)} signatures; {_MOST_SIGNATURES} are enough")
        return cls(text + "\n", tuple(_signature(line) for line in lines))

    def encode(self) -> bytes:
        """As bytes, signatures below."""
        return (self.text + "\n" + "".join(map(str, self.signatures))).encode()

    def signed_by(self, *signers: Signer) -> Note:
        """With these signatures added."""
        return Note(self.text, (*self.signatures, *(signer.sign(self.text) for signer in signers)))

    def plus(self, signatures: Iterable[Signature]) -> Note:
        """With signatures that are not there yet."""
        return Note(self.text, tuple(dict.fromkeys((*self.signatures, *signatures))))

    def signers(self, verifiers: Iterable[Verifier]) -> tuple[Verifier, ...]:
        """Which of some keys have signed.

        Raises
        ------
        ProofError
            A line names one of the keys and is not its signature: forged.
        """
        by_id = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
        found = []
        for signature in self.signatures:
            verifier = by_id.get((signature.name, signature.key_id))
            if verifier is None:
                continue
            if not verifier.signed(self.text, signature.value):
                raise ProofError(f"the signature of {signature.name} is forged: it does not fit the text above it")
            found.append(verifier)
        return tuple(dict.fromkeys(found))

    def checked(self, verifiers: Sequence[Verifier]) -> Note:
        """The note, if at least one of the keys has signed it.

        Raises
        ------
        ProofError
            None has, or a signature is forged.
        """
        if not self.signers(verifiers):
            there = ", ".join(signature.name for signature in self.signatures)
            wanted = ", ".join(str(verifier) for verifier in verifiers) or "no key at all"
            raise ProofError(f"not signed by a key we know: there is {there}; we know {wanted}")
        return self


@dataclass(frozen=True)
class Checkpoint:
    """How large a log is and what its root is: three lines.

    Attributes
    ----------
    origin : str
        Which log.
    size : int
        Entries.
    root : bytes, 32
    """

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read the text of a checkpoint; further lines are passed over.

        Raises
        ------
        ProofError
        """
        lines = text.split("\n")
        try:
            origin, size, root = lines[:3]
            content = base64.b64decode(root, validate=True)
        except (ValueError, binascii.Error):
            raise ProofError("a checkpoint begins with an origin, a size and a root, a line each") from None
        plain = size.isascii() and size.isdigit() and (size == "0" or size[0] != "0")
        if not origin or not plain or len(content) != 32 or lines[-1]:
            raise ProofError("a checkpoint begins with an origin, a size and a root, a line each")
        return cls(origin, int(size), content)

    @property
    def text(self) -> str:
        """As it is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def _cosigned(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _signature(line: str) -> Signature:
    mark, _, rest = line.partition(" ")
    name, _, value = rest.partition(" ")
    try:
        content = base64.b64decode(value, validate=True)
    except (ValueError, binascii.Error):
        content = b""
    if mark != _DASH.strip() or len(content) < 5:
        raise ProofError(f"not a line of a signature: {line[:80]!r}")
    return Signature(_plain_name(name), content[:4], content[4:])


def _plain_name(name: str) -> str:
    if not name or "+" in name or any(each.isspace() for each in name):
        raise ProofError(f"a key cannot have this name: {name!r}. Leave out spaces and +")
    return name
