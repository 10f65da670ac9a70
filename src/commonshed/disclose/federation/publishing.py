"""The part of a node that is for everybody, as a folder of plain files that any web server can host.

The tree can be served at every moment, also when writing it was cut short: what is no longer given goes first, and out
of ``sharing.json`` before that; then come the files that are new, then ``sharing.json``, the checkpoint last. Files
whose place newer ones took stay until the next time, for those who are reading by the old checkpoint.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from commonshed.disclose.federation.audience import PUBLIC
from commonshed.disclose.federation.giving import Given, Giving, NotHere, NotYours
from commonshed.disclose.federation.logfiles import log_file, log_paths, node_description, seen_notes
from commonshed.disclose.federation.offers import Offer, State, runs
from commonshed.errors import ProofError, ShedError
from commonshed.keep.durable import disk_errors, sync_folder, write_all, write_file
from commonshed.keep.log import Checkpoint, Note

__all__ = ["PublishReport", "publish"]

INDEX = ".published.json"
_FORMAT = "commonshed-published/1"
_LAST = ("node.json", "sharing.json", "checkpoint")
_EVERYTHING = 1 << 62
_TRIES = 5
_PIECE = 1 << 20

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class PublishReport:
    """What publishing changed.

    Attributes
    ----------
    size : int
        Entries of the log that was published.
    written, kept, removed : int
        Files.
    bytes : int
        Written.
    states : mapping of state to number of segments
    """

    size: int
    written: int
    kept: int
    removed: int
    bytes: int
    states: Mapping[State, int]


def publish(giving: Giving, folder: Path, *, progress: Progress | None = None) -> PublishReport:
    """Bring a folder up to what everybody may have now.

    Parameters
    ----------
    progress : callable of (done, all), optional

    Raises
    ------
    ShedError
        The folder holds something else: another node's tree, or another past of this log; or another process is
        publishing into it.
    """
    with _alone(folder):
        for _ in range(_TRIES):
            try:
                return _Tree(giving, folder).bring_up(progress or (lambda _done, _all: None))
            except (NotHere, NotYours):  # repacked meanwhile, or another rule: what is given is asked anew
                continue
        raise ShedError(f"{folder}: the shed changes faster than it can be published. Run it again")


@dataclass(frozen=True)
class _File:
    """A file of the tree.

    Attributes
    ----------
    etag : str
        Other bytes have another.
    content : callable
        The bytes, or an open file.
    fixed : bool
        What stands under this name never changes: if it is there, it is this.
    """

    etag: str
    content: Callable[[], bytes | Given]
    fixed: bool = True


@dataclass(frozen=True)
class _Index:
    """What was published last, beside the tree.

    Attributes
    ----------
    node : str
    decided : list of str or None
        Digests of the sharing rule and the place edition that decided.
    etags : mapping of path to etag
        Of files that change under their name.
    fading : tuple of str
        Files that go the next time.
    """

    node: str
    decided: list[str | None] = field(default_factory=list)
    etags: Mapping[str, str] = field(default_factory=dict)
    fading: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path) -> _Index | None:
        """None where there is none, or none that can be read."""
        try:
            found = json.loads(path.read_bytes())
            return cls(found["node"], found["decided"], found["etags"], tuple(found["fading"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, path: Path) -> None:
        """Put it in its place."""
        said = {"format": _FORMAT, **{name: getattr(self, name) for name in ("node", "decided", "etags", "fading")}}
        write_file(path, _json(said))


class _Tree:
    """One passage of what is given now into a folder."""

    def __init__(self, giving: Giving, folder: Path) -> None:
        self.giving = giving
        self.shed = giving.shed
        self.folder = folder
        self.offer = giving.offer(PUBLIC, most=_EVERYTHING)
        self.note = self.shed.log.note().encode()
        sealed = [position for position in list(self.shed.store.contents.segments) if position < self.offer.sealed]
        self.states = {position: self.offer.of(position) for position in sealed}
        edition = self.shed.document("place-edition")
        self.decided = [self.offer.rule, None if edition is None else edition.digest]
        self.index = _Index.read(folder / INDEX)
        self.written = self.kept = self.removed = self.bytes = 0

    def bring_up(self, progress: Progress) -> PublishReport:
        """Write what is new, in an order in which the tree stays whole."""
        before = self._published_size()
        files = dict(self._files(before))
        self._withdraw(files)
        for done, (path, file) in enumerate(files.items(), 1):
            self._bring(path, file)
            progress(done, len(files))
        self._put("node.json", node_description(self.shed, int(self.giving.clock())))
        self._put("sharing.json", _json(self.offer.content()))
        self._put("checkpoint", self.note)
        fading = self._sweep(files)
        etags = {path: file.etag for path, file in files.items() if not file.fixed}
        _Index(self.shed.node, self.decided, etags, fading).write(self.folder / INDEX)
        states = Counter(self.states.values())
        return PublishReport(self.offer.sealed, self.written, self.kept, self.removed, self.bytes, states)

    # ── what belongs there ──

    def _files(self, before: int) -> Iterator[tuple[str, _File]]:
        giving, log = self.giving, self.shed.log
        for path, document in giving.documents().items():
            folder, _, rest = path.partition("/")
            yield path, _File(document.digest, lambda rest=rest, folder=folder: giving.document(rest, below=folder))  # type: ignore[misc]
        there = set(log_paths(before))
        for path in log_paths(self.offer.sealed):
            yield path, _File(path, lambda path=path: log_file(log, path), fixed=path in there)  # type: ignore[misc]
        yield from self._given()
        for key_id, note in seen_notes(self.shed.path):
            digest = hashlib.sha256(note).hexdigest()
            yield f"seen/{key_id}", _File(digest, lambda note=note: note, fixed=False)  # type: ignore[misc]

    def _given(self) -> Iterator[tuple[str, _File]]:
        giving, locations = self.giving, self.shed.store.contents.locations
        packs: dict[str, bool] = {}
        for position, state in self.states.items():
            path = locations[position].path
            if path not in packs:
                packs[path] = all(self.states.get(other) == "whole" for other in giving.positions_in(path))
            if packs[path]:
                etag = locations[position].digest
                yield f"segments/{path}", _File(etag, lambda path=path: giving.pack(PUBLIC, path))  # type: ignore[misc]
                continue
            if state == "none":
                continue
            etag = giving.rows_etag(PUBLIC, position)
            rows = _File(etag, lambda position=position: giving.rows(PUBLIC, position), fixed=False)  # type: ignore[misc]
            yield f"rows/{position}.parquet", rows
            yield f"leaves/{position}", _File("", lambda position=position: giving.leaves(PUBLIC, position))  # type: ignore[misc]

    def _published_size(self) -> int:
        """Size of the log that stands there; the beginning of the one that is to stand there."""
        if self.index is None:
            _Index(self.shed.node).write(self.folder / INDEX)
            return 0
        if self.index.node != self.shed.node:
            raise ShedError(f"{self.folder}: here stands what another node published. Publish into a folder of its own")
        try:
            there = Checkpoint.parse(Note.parse((self.folder / "checkpoint").read_bytes()).text)
        except (FileNotFoundError, ProofError):
            return 0
        if there.size > self.offer.sealed or self.shed.log.root(there.size) != there.root:
            raise ShedError(
                f"{self.folder}: the checkpoint published here, of {there.size} entries, is not in the past of this "
                "log: others may have seen it. If this shed was brought back from a backup, find the lost entries; "
                "otherwise publish into another folder"
            )
        return there.size

    # ── what is done to the folder ──

    def _withdraw(self, files: Mapping[str, _File]) -> None:
        """Take out what another rule gave, before anything else."""
        if self.index is None or self.index.decided in ([], self.decided):
            return
        gone = [
            path
            for path in self._there()
            if path.startswith(("segments/", "rows/", "leaves/"))
            and (path not in files or (not files[path].fixed and self.index.etags.get(path) != files[path].etag))
        ]
        with suppress(OSError, ValueError, ProofError):
            before = Offer.parse(json.loads((self.folder / "sharing.json").read_bytes()))
            # what is given in another way is not given until it is there
            kept = ((each, before.of(each)) for each in self.states if each < before.sealed)
            same = ((each, state if self.states[each] == state == "whole" else _NOTHING) for each, state in kept)
            interim = replace(before, segments=runs(same), terms=())
            write_file(self.folder / "sharing.json", _json(interim.content()))
        self._remove(gone)

    def _bring(self, path: str, file: _File) -> None:
        known = self.index.etags.get(path) if self.index is not None else None
        if (file.fixed or known == file.etag) and (self.folder / path).is_file():
            self.kept += 1
            return
        self._put(path, file.content())

    def _put(self, path: str, content: bytes | Given) -> None:
        where = self.folder / path
        self.written += 1
        if isinstance(content, bytes):
            write_file(where, content)
            self.bytes += len(content)
            return
        _copy(content, where)
        self.bytes += content.bytes

    def _sweep(self, files: Mapping[str, _File]) -> tuple[str, ...]:
        """Remove what has faded, and say what begins to."""
        left = [path for path in self._there() if path not in files and path not in _LAST]
        faded = set(self.index.fading if self.index is not None else ())
        self._remove([path for path in left if path in faded or Path(path).name.startswith(".")])
        return tuple(path for path in left if path not in faded and not Path(path).name.startswith("."))

    def _remove(self, paths: list[str]) -> None:
        for path in paths:
            (self.folder / path).unlink(missing_ok=True)
            self.removed += 1
            with suppress(OSError):
                (self.folder / path).parent.rmdir()

    def _there(self) -> list[str]:
        found = (path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file())
        return sorted(path for path in found if path != INDEX)


_NOTHING: State = "none"


def _copy(given: Given, where: Path) -> None:
    """Put an open file in its place, durable, with little memory."""
    scratch = where.with_name(f".{where.name}.{os.getpid()}.tmp")
    with given.file, disk_errors(where):
        where.parent.mkdir(parents=True, exist_ok=True)
        try:
            with scratch.open("wb", buffering=0) as file:
                while piece := given.file.read(_PIECE):
                    write_all(file.fileno(), piece)
                os.fsync(file.fileno())
            scratch.replace(where)
        finally:
            scratch.unlink(missing_ok=True)
    sync_folder(where.parent)


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode() + b"\n"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else publishes into a folder, and what stands in it was published by us."""
    with disk_errors(folder):
        if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / INDEX).exists())):
            raise ShedError(f"{folder}: is there already and holds something else. Publish into a folder of its own")
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ShedError(f"{folder}: another process is publishing into it. Wait until it is done") from None
        yield
    finally:
        os.close(descriptor)
