"""What a peer was caught at, written down so that neither side can deny it later.

``peers/<name>/evidence/<time>-<kind>.json`` holds the signed notes of both moments and, where it can be had, the first
entry that differs with its proofs, and the hour that changed. The digest of the file goes into our own log.

What the peer contradicts with its own signature is **proven** and stops pulling until a person has looked at it; what
may as well have happened on the way to it is told, and tried again.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from commonshed.errors import PeerError, ShedError
from commonshed.keep import Shed
from commonshed.keep.durable import write_file

__all__ = ["KINDS", "Caught", "Kind", "Record", "base64_of", "enter", "keep", "records"]

Kind = Literal[
    "rewriting", "fork", "rollback", "stalling", "oversized", "malformed", "wrong-signature", "changed-pack",
    "changed-document", "wrong-rows", "key-misused",
]  # fmt: skip

KINDS: dict[Kind, str] = {
    "rewriting": "its log no longer follows from what it showed before",
    "fork": "it signed two different logs of one size",
    "rollback": "its log went back",
    "stalling": "it keeps us waiting",
    "oversized": "an answer larger than anything honest would be",
    "malformed": "an answer that is not what was agreed",
    "wrong-signature": "not signed by the key we know",
    "changed-pack": "a file of readings is not the one that was logged",
    "changed-document": "a document is not the one that was logged",
    "wrong-rows": "the readings in a file are not those that were logged",
    "key-misused": "somebody else signs with our own key",
}
"""What each kind means, in a few words."""

FORMAT = "commonshed-evidence/1"

_LONGEST = 1000  # characters of a sentence


class Caught(PeerError):
    """A peer contradicts itself or what was agreed.

    Attributes
    ----------
    kind : str
        One of :data:`KINDS`.
    said : str
        In a sentence.
    proven : bool
        By its own signature.
    notes : mapping
        Signed notes, by what they show: ``seen`` before, ``shown`` now.
    details : mapping
    """

    def __init__(
        self,
        kind: Kind,
        said: str,
        *,
        proven: bool = False,
        notes: Mapping[str, str] | None = None,
        details: Mapping[str, Any] | None = None,
        file: Path | None = None,
    ) -> None:
        self.kind = kind
        self.said = _plain(said)
        super().__init__(self.said)
        self.proven = proven
        self.notes = dict(notes or {})
        self.details = dict(details or {})
        self.file = file


@dataclass(frozen=True)
class Record:
    """One piece of evidence, as it lies there.

    Attributes
    ----------
    path : Path
    content : mapping
        The file, read.
    digest : str
        SHA-256 of the file, as our own log has it.
    """

    path: Path
    content: Mapping[str, Any] = field(repr=False)
    digest: str

    @property
    def kind(self) -> str:
        """One of :data:`KINDS`."""
        return str(self.content["kind"])

    @property
    def proven(self) -> bool:
        """Whether the peer contradicts its own signature."""
        return bool(self.content["proven"])

    @property
    def at(self) -> int:
        """When it was caught. [UTC s]"""
        return int(self.content["at"])

    @property
    def said(self) -> str:
        """In a sentence."""
        return str(self.content["said"])


def keep(folder: Path, caught: Caught, *, peer: Mapping[str, str]) -> Record:
    """Write evidence down; the same again is not written twice.

    Parameters
    ----------
    folder : Path
        ``peers/<name>/``.
    peer : mapping
        Name, url, origin and key of whom it is about.
    """
    content = {
        "format": FORMAT,
        "kind": caught.kind,
        "means": KINDS[caught.kind],
        "said": caught.said,
        "proven": caught.proven,
        "peer": dict(peer),
        "notes": caught.notes,
        **caught.details,
    }
    fingerprint = hashlib.sha256(
        _text({name: content[name] for name in ("kind", "said", "notes")}).encode()
    ).hexdigest()
    for record in records(folder):
        if record.content.get("fingerprint") == fingerprint:
            return record
    now = int(time.time())
    stem = f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(now))}-{caught.kind}"
    path = _free(folder / "evidence", stem)
    if caught.file is not None and caught.file.exists():
        beside = path.with_suffix(".bytes")
        write_file(beside, caught.file.read_bytes())
        content["file"] = beside.name
    content |= {"at": now, "fingerprint": fingerprint}
    text = _text(content).encode() + b"\n"
    write_file(path, text)
    return Record(path, content, hashlib.sha256(text).hexdigest())


def records(folder: Path) -> list[Record]:
    """All evidence about a peer, oldest first."""
    found = []
    for path in sorted((folder / "evidence").glob("*.json")):
        text = path.read_bytes()
        found.append(Record(path, json.loads(text), hashlib.sha256(text).hexdigest()))
    return sorted(found, key=lambda record: (record.at, record.path.name))


def enter(shed: Shed, folder: Path, *, wait: float = 30.0) -> int:
    """Put into our own log what is not there yet; how many.

    A copy of the shed without a key keeps the files only.
    """
    found = records(folder)
    if not found:
        return 0
    shed.refresh()
    entered = {entry.content.get("digest") for entry in shed.entries if entry.kind == "evidence"}
    missing = [record for record in found if record.digest not in entered]
    for record in missing:
        about = record.content["peer"]
        try:
            shed.enter(
                "evidence",
                {
                    "peer": about["name"],
                    "origin": about["origin"],
                    "key": about["key"],
                    "what": record.kind,
                    "said": record.said,
                    "proven": record.proven,
                    "seen_at": record.at,
                    "digest": record.digest,
                },
                wait=wait,
            )
        except ShedError:
            if shed.log.keys.folder.joinpath("node.key").exists():
                raise
            return 0
    return len(missing)


def base64_of(hashes: Sequence[bytes]) -> list[str]:
    """Hashes of a proof as text."""
    return [base64.b64encode(each).decode() for each in hashes]


def _plain(text: str) -> str:
    """A sentence with a stranger's words in it, fit for a terminal and for an entry."""
    printable = "".join(each if each.isprintable() else " " for each in text)
    return printable if len(printable) <= _LONGEST else f"{printable[:_LONGEST]}…"


def _text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)


def _free(folder: Path, stem: str) -> Path:
    """A path nobody has: two may be caught within a second."""
    path, number = folder / f"{stem}.json", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.json"
    return path
