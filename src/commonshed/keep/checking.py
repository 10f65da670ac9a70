"""The full check of a shed: every file that a figure depends on, compared with the log, and the log with its signature.

It starts from the folder, not from an opened shed: what cannot be opened is what most needs checking. Nothing is
changed on the way, and one problem does not hide the next.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from commonshed.errors import CommonshedError, ShedDamaged, ShedError
from commonshed.keep.checking_packs import PackAudit, Placed, audit_pack
from commonshed.keep.chunks import Leaves
from commonshed.keep.contents import Contents, Document
from commonshed.keep.description import FORMAT, is_signed
from commonshed.keep.held import FILE as HELD
from commonshed.keep.held import Held
from commonshed.keep.log import Log
from commonshed.keep.log.checking import LogAudit, audit
from commonshed.keep.log.checking_beside import BESIDE, audit_beside, keys_of
from commonshed.keep.log.entries import Entry, decode
from commonshed.keep.log.keys import Keys
from commonshed.keep.log.notes import Verifier
from commonshed.keep.problems import CheckReport, Part, Problem
from commonshed.periods import Zone

__all__ = ["check"]

logger = logging.getLogger(__name__)

_COPY = "Put back a copy from a backup or another node"
_UNREADABLE = "unreadable"
_KEY_FILE = re.compile(rb"(?:(?:PRIVATE\+KEY\+)?[!-*,-~]+\+[0-9a-f]{8}\+[!-~]+\n|until \d+\n)+")
_FIELDS = ("format", "name", "node", "zone", "signed")
_ENTERED = ("places", "statements", "segments")


def check(path: Path, progress: Callable[[int, int], None] | None = None) -> CheckReport:
    """Compare everything in the folder of a shed that a figure or a proof depends on.

    Parameters
    ----------
    path : Path
    progress : callable of (done, all), optional
        In packs.

    Returns
    -------
    CheckReport
        All problems, each with its file, its entry and, among rows, its chunk.
    """
    found = _Found(path)
    node = _description(found)
    origin = None if node is None else f"commonshed/{node}"
    _mended(path, origin)
    verifiers = _keys(found, origin)
    log = audit(path / "log", origin=origin, verifiers=verifiers, aside=BESIDE)
    contents, registry = _contents(found, log)
    keys = keys_of(contents.entries, verifiers)
    _signed_description(found, keys)
    audit_beside(path, log, origin=origin, keys=keys)
    found.problems += log.problems
    found.notes += log.notes
    documents = [document for each in contents.documents.values() for document in each]
    for document in documents:
        _document(found, document, contents.held)
    packs = _packs(contents)
    audits = _audited(path / "segments", packs, registry, contents.held, progress)
    for each in audits:
        found.problems += each.problems
        found.notes += each.notes
    _extras(found, contents, documents)
    return CheckReport(
        size=log.size,
        files=log.files,
        packs=len(packs),
        segments=sum(each.segments for each in audits),
        rows=sum(each.rows for each in audits),
        documents=len(documents),
        problems=tuple(found.problems),
        notes=tuple(found.notes),
    )


@dataclass
class _Found:
    path: Path
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    def say(self, part: Part, file: str, said: str, entry: int | None = None) -> None:
        self.problems.append(Problem(part, file, said, entry))

    def note(self, file: str, said: str) -> None:
        self.notes.append(Problem("extra", file, said))


def _mended(path: Path, origin: str | None) -> None:
    """Let the log put right what a power cut left, as every reader does; damage stays for the check to find."""
    try:
        Log(path / "log", origin=origin or "", keys=Keys(path / "keys")).refresh()
    except (CommonshedError, OSError, ValueError) as error:
        logger.debug("the log cannot be opened: %s", error)


def _description(found: _Found) -> str | None:
    """Which node the shed says it is."""
    name = "shed.toml"
    try:
        fields: Mapping[str, Any] = tomllib.loads((found.path / name).read_text("utf-8"))
        Zone.parse(fields["zone"])
        node = fields["node"]
        if not isinstance(node, str) or not isinstance(fields["name"], str) or fields["format"] != FORMAT:
            raise ValueError("a field is of another kind, or the format of another version")
        if strange := sorted(fields.keys() - set(_FIELDS)):
            found.note(name, f"nothing here reads the field {strange[0]!r}")
    except (OSError, KeyError, ValueError, TypeError, AttributeError, CommonshedError) as error:
        found.say("shed", name, f"it cannot be read ({error}). {_COPY}")
        return None
    return node


def _signed_description(found: _Found, keys: Sequence[Verifier]) -> None:
    """Whether identity and zone are those that were signed; older sheds and mirrors do not say."""
    try:
        fields = tomllib.loads((found.path / "shed.toml").read_text("utf-8"))
        signed, node, zone = (fields.get(name) for name in ("signed", "node", "zone"))
    except (OSError, ValueError):
        return  # told before
    if signed is not None and not is_signed(str(signed), str(node), str(zone), keys):
        said = f"node and zone are not those that were signed: days would be counted in {zone}"
        found.say("shed", "shed.toml", f"{said}. {_COPY}")


def _keys(found: _Found, origin: str | None) -> tuple[Verifier, ...]:
    """The keys that may sign the log, if they are this log's; and whether the private key is one of them."""
    keys = Keys(found.path / "keys")
    try:
        verifiers = keys.verifiers
    except ShedError as error:
        found.say("keys", "keys/node.pub", str(error).partition(": ")[2])
        return ()
    for name in ("node.pub", "node.key"):
        path = keys.folder / name
        if path.exists() and os.access(path, os.R_OK) and not _KEY_FILE.fullmatch(path.read_bytes()):
            found.say("keys", f"keys/{name}", f"it is not written as keys are: a line each. {_COPY}")
    if strange := [each for each in verifiers if origin is not None and each.name != origin]:
        found.say("keys", "keys/node.pub", f"a key of {strange[0].name}, and shed.toml says this is {origin}. {_COPY}")
    if not keys.there:
        return verifiers
    try:
        own = [keys.signer().verifier, *(verifier for verifier, _ in keys.overlapping())]
        coming = keys.coming()
    except ShedError as error:
        found.say("keys", "keys/node.key", str(error).partition(": ")[2])
        return verifiers
    for verifier in [*own, *([] if coming is None else [coming.verifier])]:
        if verifier not in verifiers:
            said = f"the key {verifier} in it is not in node.pub. Put back both from a copy"
            found.say("keys", "keys/node.key", said)
    return verifiers


def _contents(found: _Found, log: LogAudit) -> tuple[Contents, Mapping[str, int] | None]:
    """What the readable entries add up to; the registered stations, if every entry is readable."""
    try:
        held = Held.read(found.path)
    except ShedDamaged as error:
        found.say("shed", HELD, str(error).partition(": ")[2])
        held = Held()
    contents = Contents(held)
    for position, text in enumerate(log.entries):
        try:
            entry = Entry(position, _UNREADABLE, 0, {}) if text is None else decode(position, text)
            contents.apply([entry])
        except ShedDamaged as error:
            found.say("entry", "log", f"{error}", position)
            del contents.entries[position:]
            contents.apply([Entry(position, _UNREADABLE, 0, {})])
    whole = all(entry.kind != _UNREADABLE for entry in contents.entries)
    return contents, contents.stations if whole else None


def _document(found: _Found, document: Document, held: Held) -> None:
    if document.position in held.documents:
        return
    name = document.file
    try:
        digest = hashlib.sha256((found.path / name).read_bytes()).hexdigest()
    except OSError:
        found.say("document", name, f"gone: the {document.kind} {document.name!r}. {_COPY}", document.position)
        return
    if digest != document.digest:
        said = f"not the {document.kind} {document.name!r} that was entered: its SHA-256 is {digest[:16]}…"
        found.say("document", name, f"{said}, entered was {document.digest[:16]}…. {_COPY}", document.position)


def _packs(contents: Contents) -> list[list[Placed]]:
    """Segments of each pack, in order of position."""
    packs: dict[str, list[Placed]] = defaultdict(list)
    for position, location in contents.locations.items():
        packs[location.path].append((contents.segments[position], location))
    return [packs[path] for path in sorted(packs)]


def _audited(
    folder: Path,
    packs: list[list[Placed]],
    registry: Mapping[str, int] | None,
    held: Held,
    progress: Callable[[int, int], None] | None,
) -> list[PackAudit]:
    """Every pack compared, as many at a time as there are cores: hashing and Arrow let others work meanwhile."""
    told = frozenset(position for position, each in held.placed.items() if each.state == "part")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        tasks = [pool.submit(audit_pack, folder, placed, registry, told=told) for placed in packs]
        for done, _ in enumerate(as_completed(tasks), 1):
            if progress is not None:
                progress(done, len(tasks))
        return [task.result() for task in tasks]


def _extras(found: _Found, contents: Contents, documents: Iterable[Document]) -> None:
    """Files where entered ones stand that nobody entered."""
    entered = {f"segments/{location.path}" for location in contents.locations.values()}
    entered |= {document.file for document in documents}
    leaves = Leaves(found.path / "segments")
    entered |= {f"segments/{leaves.path(each.extent.month, each.digest)}" for each in contents.segments.values()}
    superseded = {
        f"segments/{entry.content['pack']['path']}"
        for entry in contents.entries
        if entry.kind in ("segment", "repacking")
    }
    for name in _files(found.path):
        if name in entered:
            continue
        if name in superseded:
            found.note(name, "repacked into another pack: the next sealing removes it")
        else:
            found.note(name, "nobody entered it, and nothing reads it. Look where it comes from, or delete it")


def _files(path: Path) -> Iterator[str]:
    for folder in _ENTERED:
        for file in sorted((path / folder).rglob("*")):
            if file.is_file():
                yield file.relative_to(path).as_posix()
