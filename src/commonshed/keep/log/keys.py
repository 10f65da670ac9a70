"""The node's key: made with the shed, readable by its owner alone, and the public keys this shed is known by.

The folder ``keys/`` holds

``node.key``
    The private key, in the form other tools for signed notes use. While a rotation overlaps, the key before it stands
    below it, behind a line ``until SECONDS``.
``next.key``
    A key on its way to be entered into the log. It is there only while a rotation is under way, or was cut off; until
    it is finished it signs beside the key in force.
``node.pub``
    Verifier keys that checkpoints of this log may be signed with now, the one in force first. No secret.

Every change is a whole file put in the place of another, so that at each moment the log opens and can be signed.
"""

from __future__ import annotations

import base64
import fcntl
import logging
import os
import re
import secrets
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from commonshed.errors import ProofError, ShedDamaged, ShedError, ShedLocked
from commonshed.keep.durable import disk_errors, sync_folder, write_file
from commonshed.keep.log.notes import ED25519, Signer, Verifier

__all__ = ["Keys", "private_text", "read_private"]

_log = logging.getLogger(__name__)

_PRIVATE = "PRIVATE+KEY+"
_UNTIL = re.compile(r"until (0|[1-9][0-9]{0,18})")
_Content = TypeVar("_Content")


class Keys:
    """The folder ``keys/``; it sees what other processes change there.

    Attributes
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, tuple[tuple[int, ...], object]] = {}
        self._declared: Signer | None = None

    @classmethod
    def create(cls, folder: Path, name: str) -> Keys:
        """Make a key; durable on return, the folder of mode 0700 and the file of mode 0600."""
        keys = cls(folder)
        signer = Signer(name, secrets.token_bytes(32))
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        keys.keep(signer)
        keys.trust([signer.verifier])
        return keys

    # ── public ──

    @property
    def verifiers(self) -> tuple[Verifier, ...]:
        """Keys that sign this log now, the one in force first.

        Raises
        ------
        ShedDamaged
            The file is gone or not readable.
        ShedError
            This user may not read it.
        """
        path = self.folder / "node.pub"
        try:
            return self._cached(path, _verifiers)
        except FileNotFoundError:
            raise ShedDamaged(f"{path}: gone. Put back a copy; it holds no secret") from None
        except PermissionError:
            raise ShedError(
                f"{path}: not readable by this user. Let others pass through the folder (chmod 711 {self.folder}); "
                "the private key in it stays closed to them"
            ) from None
        except (ProofError, UnicodeDecodeError) as error:
            raise ShedDamaged(f"{path}: {error}. Put back a copy; it holds no secret") from None

    def trust(self, verifiers: Iterable[Verifier]) -> None:
        """Write down which keys sign this log."""
        text = "".join(f"{verifier}\n" for verifier in dict.fromkeys(verifiers))
        write_file(self.folder / "node.pub", text.encode())
        self._read.pop("node.pub", None)

    # ── private ──

    @property
    def there(self) -> bool:
        """Whether this copy of the shed has a private key."""
        return (self.folder / "node.key").exists()

    def signer(self) -> Signer:
        """The private key in force: what speaks for this node signs with it.

        Raises
        ------
        ShedError
            This copy of the shed has none: it can be read, not written. Or others can read it.
        ShedDamaged
            The file is no key, or not the key of this log.
        """
        return self._in_force()[0][0]

    def signers(self) -> tuple[Signer, ...]:
        """Keys that a checkpoint is signed with now, the one in force first: several while a rotation overlaps.

        Raises
        ------
        ShedError, ShedDamaged
            As :meth:`signer`.
        """
        if self._declared is not None:
            return (self._declared,)
        now = int(time.time())
        held = self._in_force()
        if any(until <= now for _, until in held[1:]):
            self._retire(now)
        coming = self.coming()
        signers = [held[0][0], *(signer for signer, until in held[1:] if until > now)]
        return tuple(dict.fromkeys([*signers, *([] if coming is None else [coming])]))

    def overlapping(self) -> list[tuple[Verifier, int]]:
        """Earlier keys that still sign beside the one in force, and until when. [UTC s]"""
        now = int(time.time())
        return [(signer.verifier, until) for signer, until in self._held()[1:] if until > now]

    def coming(self) -> Signer | None:
        """The key of a rotation that is under way or was cut off."""
        path = self.folder / "next.key"
        try:
            return self._private(path)[0][0]
        except FileNotFoundError:
            return None

    def refuse_open_rights(self) -> None:
        """Refuse a key that others can read.

        Raises
        ------
        ShedError
            Names the file and the command that mends it.
        """
        for path, forbidden, mode in ((self.folder, 0o066, "700"), (self.folder / "node.key", 0o077, "600")):
            try:
                found = stat.S_IMODE(path.stat().st_mode)
            except FileNotFoundError:
                continue
            if found & forbidden:
                raise ShedError(
                    f"{path}: others on this machine can get at it (mode {found:04o}), so nothing is signed with the "
                    f"key. Close it: chmod {mode} {path} — and if others may have read it: commonshed key rotate"
                )

    # ── changes; whoever makes several holds the lock ──

    @contextmanager
    def changing(self, *, wait: float = 10.0) -> Iterator[None]:
        """Hold the folder's own lock: one process at a time changes keys.

        Raises
        ------
        ShedLocked
            Another process is changing them.
        """
        with disk_errors(self.folder):
            descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            _acquire(descriptor, self.folder, wait)
            yield
        finally:
            os.close(descriptor)

    def keep(self, signer: Signer, earlier: Sequence[tuple[Signer, int]] = ()) -> None:
        """Put the private key in its place, and below it earlier ones with the time they sign until. [UTC s]"""
        lines = [private_text(signer)]
        for each, until in earlier:
            lines += [f"until {until}\n", private_text(each)]
        self._write_private("node.key", "".join(lines))

    def prepare(self, signer: Signer) -> None:
        """Make the key of a rotation durable before anything names it; checkpoints carry its signature from here on."""
        self._write_private("next.key", private_text(signer))
        self.trust([*self.verifiers, signer.verifier])

    def adopt(self, signer: Signer, *, until: int | None) -> None:
        """Put the key of a rotation in force, once the log names it; the earlier one signs beside it for a while.

        Parameters
        ----------
        until : int or None
            How long the key before it signs. [UTC s] None when that was lost.
        """
        now = int(time.time())
        held = [] if until is None or not self.there else self._held()
        last = 2**63 - 1 if until is None else until
        # its own is there already where the step after this one was cut off
        earlier = [(each, min(last, its)) for each, its in held if each != signer and min(last, its) > now]
        if until is None:
            self.set_aside(signer)
        self.keep(signer, earlier)
        self.trust([signer.verifier, *(each.verifier for each, _ in earlier)])
        with disk_errors(self.folder):
            (self.folder / "next.key").unlink(missing_ok=True)
        sync_folder(self.folder)

    def set_aside(self, signer: Signer) -> None:
        """Keep what lies in the place of a key and is another, or torn: nothing is thrown away."""
        path = self.folder / "node.key"
        if path.exists() and path.read_bytes() != private_text(signer).encode():
            with disk_errors(path):
                path.replace(self.folder / f"aside-{int(time.time())}.key")

    @contextmanager
    def alone(self, signer: Signer) -> Iterator[None]:
        """Sign with this key only: how the entry that declares another lost is signed."""
        self._declared = signer
        try:
            yield
        finally:
            self._declared = None

    def _in_force(self) -> list[tuple[Signer, int]]:
        """Private keys as :meth:`_held`, if the log is known by the first of them."""
        held = self._held()
        if (found := held[0][0].verifier) not in self.verifiers:
            raise ShedDamaged(
                f"{self.folder / 'node.key'}: the key {found} is not one this log is signed with: {self.verifiers[0]}. "
                "Bring back the right one from its backup: commonshed key restore"
            )
        return held

    def _held(self) -> list[tuple[Signer, int]]:
        """Private keys, each with the time it signs until, the one in force first."""
        path = self.folder / "node.key"
        try:
            self.refuse_open_rights()
            return self._private(path)
        except FileNotFoundError:
            raise ShedError(
                f"{path}: there is no key to sign with, so this copy of the shed can be read and not written. "
                "Bring back the key from its backup: commonshed key restore"
            ) from None
        except PermissionError:
            raise ShedError(f"{path}: not readable by this user. Only the owner of the node may write to it") from None

    def _private(self, path: Path) -> list[tuple[Signer, int]]:
        try:
            return self._cached(path, _signers)
        except ValueError:  # never with its cause: that holds the secret
            mend = "Bring it back from its backup: commonshed key restore"
            if path.name == "next.key":
                mend = "Remove it, and run again what was cut off: commonshed key rotate"
            raise ShedDamaged(f"{path}: this is no key. {mend}") from None

    def _cached(self, path: Path, read: Callable[[str], _Content]) -> _Content:
        """What a file says, read again when it was replaced."""
        found = path.stat()
        mark = (found.st_ino, found.st_mtime_ns, found.st_size)
        known = self._read.get(path.name)
        if known is None or known[0] != mark:
            known = self._read[path.name] = (mark, read(path.read_text("utf-8")))
        return known[1]  # type: ignore[return-value]

    def _write_private(self, name: str, text: str) -> None:
        write_file(self.folder / name, text.encode(), private=True)
        self._read.pop(name, None)

    def _retire(self, now: int) -> None:
        """Let go of private keys whose time is over; if that cannot be done now, it is done the next time."""
        try:
            with self.changing(wait=0.0):
                held = self._held()
                gone = {signer.verifier for signer, until in held[1:] if until <= now}
                self.keep(held[0][0], [(signer, until) for signer, until in held[1:] if until > now])
                self.trust(verifier for verifier in self.verifiers if verifier not in gone)
        except ShedLocked:
            return
        except ShedError as error:
            _log.warning("an earlier key could not be put away: %s", error)


def private_text(signer: Signer) -> str:
    """A private key as other tools for signed notes write it, a line."""
    content = base64.b64encode(bytes([ED25519]) + signer.seed).decode()
    return f"{_PRIVATE}{signer.name}+{signer.verifier.key_id.hex()}+{content}\n"


def read_private(line: str) -> Signer:
    """Read such a line.

    Raises
    ------
    ValueError
        It is none; the message does not repeat it.
    """
    try:
        name, identity, key = line.strip().removeprefix(_PRIVATE).split("+", 2)
        content = base64.b64decode(key, validate=True)
        signer = Signer(name, content[1:])
        if line.startswith(_PRIVATE) and content[0] == ED25519 and signer.verifier.key_id.hex() == identity.lower():
            return signer
    except (ValueError, IndexError, ProofError):
        pass
    raise ValueError("this is no private key")


def _signers(text: str) -> list[tuple[Signer, int]]:
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or len(lines) % 2 == 0:
        raise ValueError("this is no private key")
    found = [(read_private(lines[0]), 2**63 - 1)]
    for said, line in zip(lines[1::2], lines[2::2], strict=True):
        until = _UNTIL.fullmatch(said)
        if until is None:
            raise ValueError("this is no private key")
        found.append((read_private(line), int(until[1])))
    return found


def _verifiers(text: str) -> tuple[Verifier, ...]:
    found = tuple(Verifier.parse(line) for line in text.splitlines() if line.strip())
    if not found:
        raise ProofError("there is no key in it")
    return found


def _acquire(descriptor: int, folder: Path, wait: float) -> None:
    end = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= end:
                raise ShedLocked(
                    f"{folder}: another process is changing the keys. Wait until it is done and run this again"
                ) from None
            time.sleep(0.02)
