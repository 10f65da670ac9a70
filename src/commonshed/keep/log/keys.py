"""The node's key: made with the shed, readable by its owner alone, and the public keys this shed is known by."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from commonshed.errors import ProofError, ShedDamaged, ShedError
from commonshed.keep.durable import sync_folder, write_all, write_file
from commonshed.keep.log.notes import ED25519, Signer, Verifier

__all__ = ["Keys"]

_PRIVATE = "PRIVATE+KEY+"


@dataclass(frozen=True)
class Keys:
    """The folder ``keys/``.

    ``node.key`` is the private key in the form other tools for signed notes use, ``node.pub`` the verifier keys that
    checkpoints of this log may be signed with, the current one first.
    """

    folder: Path

    @classmethod
    def create(cls, folder: Path, name: str) -> Keys:
        """Make a key; durable on return, mode 0600."""
        keys = cls(folder)
        signer = Signer(name, secrets.token_bytes(32))
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        keys.keep(signer)
        keys.trust([signer.verifier])
        return keys

    @cached_property
    def verifiers(self) -> tuple[Verifier, ...]:
        """Keys that sign this log, the current one first.

        Raises
        ------
        ShedDamaged
            The file is gone or not readable.
        """
        path = self.folder / "node.pub"
        try:
            return tuple(Verifier.parse(line) for line in path.read_text("utf-8").splitlines() if line.strip())
        except FileNotFoundError:
            raise ShedDamaged(f"{path}: gone. Put back a copy; it holds no secret") from None
        except (ProofError, UnicodeDecodeError) as error:
            raise ShedDamaged(f"{path}: {error}. Put back a copy; it holds no secret") from None

    def signer(self) -> Signer:
        """The private key.

        Raises
        ------
        ShedError
            This copy of the shed has none: it can be read, not written.
        """
        path = self.folder / "node.key"
        try:
            text = path.read_text("ascii").strip()
        except FileNotFoundError:
            raise ShedError(
                f"{path}: there is no key to sign with, so this copy of the shed can be read and not written. "
                "Bring back the key from its backup: commonshed key restore"
            ) from None
        except PermissionError:
            raise ShedError(f"{path}: not readable by this user. Only the owner of the node may write to it") from None
        return _signer(text, path)

    def signers(self) -> tuple[Signer, ...]:
        """Keys that a checkpoint is signed with now: two while a rotation overlaps."""
        return (self.signer(),)

    def keep(self, signer: Signer) -> None:
        """Put a private key in its place, mode 0600 from the first moment."""
        content = base64.b64encode(bytes([ED25519]) + signer.seed).decode()
        text = f"{_PRIVATE}{signer.name}+{signer.verifier.key_id.hex()}+{content}\n"
        scratch = self.folder / f".node.key.{os.getpid()}.tmp"
        scratch.unlink(missing_ok=True)
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            write_all(descriptor, text.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        scratch.replace(self.folder / "node.key")
        sync_folder(self.folder)

    def trust(self, verifiers: Iterable[Verifier]) -> None:
        """Write down which keys sign this log."""
        write_file(self.folder / "node.pub", "".join(f"{verifier}\n" for verifier in verifiers).encode())
        self.__dict__.pop("verifiers", None)


def _signer(text: str, path: Path) -> Signer:
    try:
        name, identity, key = text.removeprefix(_PRIVATE).split("+", 2)
        content = base64.b64decode(key, validate=True)
        signer = Signer(name, content[1:])
        if not text.startswith(_PRIVATE) or content[0] != ED25519 or signer.verifier.key_id.hex() != identity:
            raise ValueError
    except (ValueError, IndexError):
        raise ShedDamaged(f"{path}: this is no key. Bring it back from its backup: commonshed key restore") from None
    return signer
