"""Signed notes: a few lines of text with signatures below: C2SP signed-note, tlog-checkpoint and tlog-cosignature.

A key is known by its name and four bytes of a digest; anyone's tool for signed notes reads ours and we read theirs.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from commonshed.errors import ProofError

__all__ = ["COSIGNATURE", "ED25519", "Checkpoint", "Note", "Signature", "Signer", "Verifier", "cosigned_at"]

ED25519 = 0x01
COSIGNATURE = 0x04
"""Kinds of signatures: of the log itself, and of a witness, with the time it looked."""

_DASH = "— "
_MOST_SIGNATURES = 100
_LATEST = 2**63 - 1
_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_UNSPEAKABLE = re.compile("[\x00-\x1f\ud800-\udfff+]")
_HEX = re.compile(r"[0-9a-f]{8}", re.IGNORECASE)


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

        References
        ----------
        C2SP signed-note, Verifier keys.
        """
        name, identity, key = [*text.strip().split("+", 2), "", ""][:3]
        content = _decoded(key)
        if not content or not _HEX.fullmatch(identity):
            raise ProofError(f"this is no verifier key: {text!r}. It looks like NAME+0a1b2c3d+AQ…")
        if len(content) != 33 or content[0] not in (ED25519, COSIGNATURE):
            raise ProofError(f"a verifier key of a kind we do not know: {text!r}")
        if _weak(content[1:]):
            raise ProofError(f"a verifier key for which anybody can sign: {text!r}")
        found = cls(_plain_name(name), content[1:], content[0])
        if found.key_id.hex() != identity.lower():
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
            at = cosigned_at(value)
            if at is None:
                return False
            message, value = _cosigned(text, at), value[8:]
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

    def __post_init__(self) -> None:
        if not self.text.endswith("\n") or _CONTROL.search(self.text):
            raise ProofError("the text of a note ends with a line break and holds no control characters")

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
        if _CONTROL.search(whole):
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
            A line names one of the keys and is not its signature: forged. Or it names two of them.
        """
        return tuple(dict.fromkeys(verifier for verifier, _ in self.signed_lines(verifiers)))

    def signed_lines(self, verifiers: Iterable[Verifier]) -> list[tuple[Verifier, Signature]]:
        """The lines of some keys, each with the key; lines of other keys are passed over.

        Raises
        ------
        ProofError
            A line names one of the keys and is not its signature: forged. Or it names two of them.
        """
        by_id: dict[tuple[str, bytes], list[Verifier]] = {}
        for verifier in dict.fromkeys(verifiers):
            by_id.setdefault((verifier.name, verifier.key_id), []).append(verifier)
        found = []
        for signature in self.signatures:
            meant = by_id.get((signature.name, signature.key_id), [])
            if len(meant) > 1:
                raise ProofError(f"two keys we know are both called {signature.name}+{signature.key_id.hex()}")
            if meant and not meant[0].signed(self.text, signature.value):
                raise ProofError(f"the signature of {signature.name} is forged: it does not fit the text above it")
            found += [(verifier, signature) for verifier in meant]
        return found

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
            It does not begin with an origin, a size and a root, or a line of it is empty.

        References
        ----------
        C2SP tlog-checkpoint, Note text.
        """
        lines = text.split("\n")
        origin, size, root, *more = lines if len(lines) > 3 else ("", "", "", "")
        content = _decoded(root)
        if not origin or not _SIZE.fullmatch(size) or content is None or len(content) != 32:
            raise ProofError("a checkpoint begins with an origin, a size and a root, a line each")
        if more[-1] or not all(more[:-1]):
            raise ProofError("a checkpoint has no empty line, and a line break at its end")
        if int(size) > _LATEST:
            raise ProofError(f"a checkpoint of {size} entries: no log is that long")
        return cls(origin, int(size), content)

    @property
    def text(self) -> str:
        """As it is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def cosigned_at(value: bytes) -> int | None:
    """When a witness looked, from the value of its signature; None if it is no cosignature. [UTC s]

    References
    ----------
    C2SP tlog-cosignature, Format: the time must not exceed 2⁶³ − 1.
    """
    at = int.from_bytes(value[:8])
    return at if len(value) == 72 and at <= _LATEST else None


def _cosigned(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _signature(line: str) -> Signature:
    mark, _, rest = line.partition(" ")
    name, _, value = rest.partition(" ")
    content = _decoded(value)
    if mark != _DASH.strip() or content is None or len(content) < 5:
        raise ProofError(f"not a line of a signature: {line[:80]!r}")
    return Signature(_plain_name(name), content[:4], content[4:])


def _weak(public: bytes) -> bool:
    """Whether a key is no point in its one encoding, or one of the eight of small order.

    Under those a signature fits many texts, so that a node could sign two pasts and say later it was not it.

    References
    ----------
    RFC 8032, 5.1.3: y below p. Small orders on −x² + y² = 1 + dx²y²: 1 and 2 have y = ±1, 4 has y = 0; a point of
    order 8 doubles to one of order 4, so y² = −x² and dy⁴ + 2y² − 1 = 0.
    """
    y = int.from_bytes(public, "little") & ((1 << 255) - 1)
    return y >= _P or y in (0, 1, _P - 1) or (_D * y**4 + 2 * y**2 - 1) % _P == 0


def _decoded(text: str) -> bytes | None:
    """Bytes in standard base64, None if it is not; one text only for the same bytes, or a line could be doubled."""
    try:
        content = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None
    return content if base64.b64encode(content).decode() == text else None


def _plain_name(name: str) -> str:
    if not name or _UNSPEAKABLE.search(name) or any(each.isspace() for each in name):
        raise ProofError(f"a key cannot have this name: {name!r}. Leave out spaces and +")
    return name
