"""A shed: the folder that holds everything one node knows. Copy it, back it up, open it."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from commonshed.errors import InputError, ShedDamaged, ShedError, ShedNotFound
from commonshed.keep import repacking, sealing
from commonshed.keep.block import BlockRef
from commonshed.keep.checking import check
from commonshed.keep.chunks import Chunk
from commonshed.keep.contents import Document, Segment, source_key
from commonshed.keep.correcting import Key, Right, correct
from commonshed.keep.description import FORMAT, signature_of
from commonshed.keep.durable import write_file
from commonshed.keep.held import Withheld
from commonshed.keep.journal import Journal
from commonshed.keep.layout import Layout
from commonshed.keep.log import Entry, Log
from commonshed.keep.log.entries import with_registered
from commonshed.keep.log.keys import Keys
from commonshed.keep.log.migrating import finish, origin_of, unfinished
from commonshed.keep.problems import CheckReport
from commonshed.keep.repacking import RepackReport
from commonshed.keep.sealing import SealReport, Source
from commonshed.keep.status import ShedStatus, status
from commonshed.keep.store import Question, Store
from commonshed.periods import Period, Zone
from commonshed.places import Network

__all__ = ["DOCUMENT_FOLDERS", "FORMAT", "Shed", "log_of", "origin_of"]

DOCUMENT_FOLDERS = {
    "place-edition": "editions",
    "mapping": "mappings",
    "quality": "quality",
    "standard": "standards",
    "layer": "layers",
    "agreement": "agreements",
    "sharing-rule": "sharing",
    "statement": "",
    "erratum": "",
}
"""Kinds of documents and where they stand: below ``places/``, or ``statements/`` for what was published."""

_FOLDERS = ("places", "journal", "segments", "log", "blocks", "statements")
_HOUR = 3600


class Shed:
    """Readings, where they were made and by which rules they were read, in the order they came in.

    Made by :meth:`create` or :meth:`open`. One object may be used by several threads. It sees what other processes add
    when :meth:`refresh` is called, which sealing and the layout of blocks do themselves.

    Attributes
    ----------
    path : Path
    name : str
    node : str
        Identity of this node.
    zone : Zone
        In which days are counted.
    """

    def __init__(self, path: Path, *, name: str, node: str, zone: Zone) -> None:
        self.path = path
        self.name = name
        self.node = node
        self.zone = zone
        self._store = Store(path, log_of(path, node))
        self._store.refresh()
        self._layout = Layout(self._store, zone)

    @classmethod
    def create(cls, path: str | Path, *, name: str, zone: str | Zone) -> Shed:
        """Make an empty shed.

        Raises
        ------
        ShedError
            The folder is there already and not empty.
        PeriodError
            No such zone.
        """
        path = Path(path)
        zone = Zone.parse(zone) if isinstance(zone, str) else zone
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            kind = "is a shed already" if (path / "shed.toml").exists() else "is there already and not empty"
            raise ShedError(f"{path} {kind}. Give the new shed a folder of its own")
        for folder in _FOLDERS:
            (path / folder).mkdir(parents=True, exist_ok=True)
        node = uuid.uuid4().hex
        lines = [f"format = {FORMAT}", f"name = {json.dumps(name, ensure_ascii=False)}"]
        signer = Keys.create(path / "keys", origin_of(node)).signer()
        signed = signature_of(signer, node, str(zone))
        lines += [f'node = "{node}"', f'zone = "{zone}"', f'signed = "{signed}"', ""]
        log_of(path, node).create()
        write_file(path / "shed.toml", "\n".join(lines).encode())
        return cls.open(path)

    @classmethod
    def open(cls, path: str | Path) -> Shed:
        """Open a shed.

        Raises
        ------
        ShedNotFound
            There is none.
        ShedDamaged
            Its description or its log is broken; the message says what to do. Packs are checked when they are read.
        """
        path = Path(path)
        try:
            fields = tomllib.loads((path / "shed.toml").read_text("utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            raise ShedNotFound(f"{path}: there is no shed here. Make one with `commonshed init {path}`") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ShedDamaged(f"{path / 'shed.toml'}: {error}. Restore it from a copy") from None
        try:
            version = fields["format"]
            arguments = {"name": fields["name"], "node": fields["node"], "zone": Zone.parse(fields["zone"])}
        except KeyError as error:
            raise ShedDamaged(f"{path / 'shed.toml'}: {error} is missing. Restore it from a copy") from None
        if version == 1:
            raise ShedError(
                f"{path}: a shed of format 1, kept by an earlier version. Stop what writes to it and carry it over, "
                f"with nothing lost: commonshed shed migrate --shed {path}"
            )
        if version != FORMAT:
            raise ShedError(f"{path}: a shed of format {version}; this version of commonshed reads {FORMAT}")
        if unfinished(path):
            finish(path)
        return cls(path, **arguments)

    @property
    def size(self) -> int:
        """Size of the log: the clock of the shed."""
        return self._store.contents.size

    @property
    def entries(self) -> Sequence[Entry]:
        """Entries of the log, in order."""
        return tuple(self._store.contents.entries[: self.size])

    @property
    def log(self) -> Log:
        """The transparency log: checkpoint, entries, proofs."""
        return self._store.log

    @property
    def store(self) -> Store:
        """Log and packs, for what hands them out as they are."""
        return self._store

    @property
    def stations(self) -> list[str]:
        """Stations in the order of their registration."""
        return self._store.contents.registered()

    def refresh(self) -> None:
        """See what other processes have added since."""
        self._store.refresh()

    # ── what figures depend on besides readings ──

    def record(self, kind: str, name: str, content: bytes, *, said: Mapping[str, Any] | None = None) -> Document:
        """Keep a document that figures depend on, or one that was published; the same content again changes nothing.

        Parameters
        ----------
        kind : str
            One of :data:`DOCUMENT_FOLDERS`.
        name : str
            A later document of the same kind and name takes the place of this one.
        content : bytes
        said : mapping, optional
            Also goes into its entry.

        Returns
        -------
        Document
            With its digest, SHA-256 in hexadecimal.
        """
        return self._record(kind, name, content, registers=(), said=said or {})

    def enter(self, kind: str, content: Mapping[str, Any], *, wait: float = 10.0) -> Entry:
        """Put an entry into the log that names no file: a key that changed, a neighbour that was taken on.

        Raises
        ------
        ShedLocked
            Another process is sealing.
        """
        with self._store.sealing(wait):
            return self._store.append([(kind, content)])[0]

    def publish_network(self, network: Network, *, name: str = "network") -> Document:
        """Make a network the one in force here; its stations are registered in its order."""
        return self._record("place-edition", name, network.to_bytes(), registers=network.stations, said={})

    def network(self, as_of: int | None = None) -> Network:
        """The network in force here, or when the log had some size.

        Raises
        ------
        ShedError
            None was published.
        InputError
            The log never had that size.
        """
        then = self._as_of(as_of)
        edition = self._store.contents.document("place-edition", as_of=then)
        if edition is None and then is not None:
            raise ShedError(
                f"{self.path}: no places were published yet when the log had {then} entries. Ask for a later state: "
                f"the log has {self.size} entries"
            )
        if edition is None:
            raise ShedError(f"{self.path}: no places are published here yet. Publish a network of stations first")
        return Network.from_bytes(self.document_bytes(edition))

    def document(self, kind: str, name: str | None = None, as_of: int | None = None) -> Document | None:
        """The latest document of a kind (and name), or None."""
        return self._store.contents.document(kind, name, as_of)

    def documents(self, kind: str) -> list[Document]:
        """Every document of a kind, in the order they were entered."""
        return list(self._store.contents.documents.get(kind, ()))

    def document_bytes(self, document: Document) -> bytes:
        """Content of a document, checked against its digest.

        Raises
        ------
        ShedDamaged
            The file is gone or not what was entered.
        """
        path = self.document_path(document)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise ShedDamaged(f"{path}: gone; entry {document.position} of the log names it. Put back a copy") from None
        if hashlib.sha256(content).hexdigest() != document.digest:
            raise ShedDamaged(f"{path}: not what entry {document.position} of the log says. Put back a copy")
        return content

    def document_path(self, document: Document) -> Path:
        """Where a document stands."""
        return self.path / document.file

    # ── readings in ──

    def imported(self, source: Source) -> bool:
        """Whether this very file was imported before, read in the same way."""
        return source_key(vars(source)) in self._store.contents.imports

    def seal_import(self, tables: Iterable[pa.Table], *, source: Source, wait: float = 0.0) -> SealReport:
        """Seal the readings of one file, all of them or none.

        Readings equal to the current ones are not kept twice; others of a known key are corrections.

        Parameters
        ----------
        tables : iterable of pa.Table
            Readings (see :data:`commonshed.keep.rows.READINGS`), in the order they stand in the file; taken up one
            after the other, so that a file of any size passes through bounded memory.
        source : Source
        wait : float
            How long to wait for another process that is sealing. [s]

        Raises
        ------
        ShedLocked
            Another process is sealing.
        ReadingsError
            A table is not in the form of readings.
        ShedError
            The disk is full: nothing of this file was kept.
        """
        return sealing.seal_import(self._store, tables, source=source, wait=wait)

    def journal(self) -> Journal:
        """A journal of this process, for readings that arrive one by one."""
        return Journal(self.path / "journal")

    def seal(self, *, wait: float = 0.0) -> SealReport:
        """Seal what the journals of all processes hold.

        Raises
        ------
        ShedLocked
            Another process is sealing.
        """
        return sealing.seal_journals(self._store, wait=wait)

    def correct(
        self,
        *,
        station: str,
        quantity: str,
        start: int,
        reason: str,
        author: str,
        value: str | None = None,
        flag: Literal["valid", "suspect", "invalid"] | None = None,
        statistic: str = "mean",
        period: int | None = None,
        wait: float = 0.0,
    ) -> SealReport:
        """Put a reading right; the old one stays readable with ``history=True``.

        Parameters
        ----------
        station, quantity, start, statistic, period
            Its key; start in UTC seconds, period in seconds. Without a period the only one that starts then.
        reason, author : str
            Why, and who says so.
        value : str, optional
            The right value as a decimal number in the quantity's canonical unit, with ``<`` before it where it is a
            limit of detection; without it the value stays.
        flag : {"valid", "suspect", "invalid"}, optional
            Without it the flag stays.

        Raises
        ------
        InputError
            There is no such reading or more than one, the value is no number or no concentration, or nothing was to be
            changed.
        """
        self.refresh()
        key = Key(station, quantity, statistic, start, period)
        return correct(self._store, key, Right(value, flag, reason, author), zone=self.zone, wait=wait)

    def repack(self, *, wait: float = 0.0) -> RepackReport:
        """Bring the small packs of each month together; what was measured stays, digest by digest."""
        return repacking.repack(self._store, wait=wait)

    # ── readings out ──

    def readings(
        self,
        *,
        quantities: Sequence[str] | None = None,
        stations: Sequence[str] | None = None,
        start: int | None = None,
        end: int | None = None,
        as_of: int | None = None,
        history: bool = False,
    ) -> pa.Table:
        """Readings, in the order they came in.

        Parameters
        ----------
        quantities, stations : sequences of str, optional
            Only these.
        start, end : int, optional
            Only readings that start in [start, end). [UTC s]
        as_of : int, optional
            As they were known when the log had this size.
        history : bool
            Also rows that were corrected since; a column ``position`` says when each came in.

        Returns
        -------
        pa.Table
            In the form :data:`commonshed.keep.rows.READINGS`; names are dictionary columns.
        """
        question = Question(quantities, stations, start, end, self._as_of(as_of))
        return self._store.rows(question, history=history)

    def chunks(self, position: int) -> Iterator[Chunk]:
        """Rows of one segment as they are digested, chunk by chunk; InputError where they are not (all) here."""
        self.refresh()
        return self._store.chunks(position)

    def withheld(
        self,
        *,
        quantities: Sequence[str] | None = None,
        stations: Sequence[str] | None = None,
        start: int | None = None,
        end: int | None = None,
        as_of: int | None = None,
    ) -> list[Withheld]:
        """Segments whose rows the node that sealed them did not (all) hand over and that such a question asks for.

        Only the mirror of another node has any; a figure made without them is not what its owner would publish.
        """
        return self._store.missing(Question(quantities, stations, start, end, self._as_of(as_of)))

    def not_hourly(
        self, quantities: Sequence[str], *, start: int, end: int, as_of: int | None = None
    ) -> dict[tuple[str, int], int]:
        """How many readings are no hourly means, which blocks do not hold, by statistic and length. [s]

        Entries say which packs hold any, so that where there is none the question costs nothing.
        """
        question = Question(quantities, None, start, end, self._as_of(as_of))
        months: dict[int, list[Segment]] = defaultdict(list)
        for segment in self._store.select(question):
            if not segment.extent.hourly:
                months[segment.extent.month].append(segment)
        found: Counter[tuple[str, int]] = Counter()
        for segments in months.values():
            rows = self._store.rows_among(segments, question, ("statistic", "period"))
            for row in rows.group_by(["statistic", "period"]).aggregate([([], "count_all")]).to_pylist():
                found[row["statistic"], row["period"]] += row["count_all"]
        del found["mean", _HOUR]
        return dict(found)

    def blocks(self, quantities: Sequence[str], period: Period, as_of: int | None = None) -> list[BlockRef]:
        """Readings of a period laid out for analysis, whole local months.

        What is stale is brought up to date first; several processes may ask at once. With an earlier ``as_of`` blocks
        are built in memory.

        Parameters
        ----------
        quantities : sequence of str
            Of one medium.
        period : Period
            Months it touches in which there is a reading.
        as_of : int, optional
            Size of the log at which one looks.
        """
        self.refresh()
        return self._layout.blocks(quantities, period, self._as_of(as_of))

    def status(self) -> ShedStatus:
        """What is in this shed, from the entries alone."""
        self.refresh()
        return status(self._store, self._layout, name=self.name, zone=self.zone)

    def check(self, progress: Callable[[int, int], None] | None = None) -> CheckReport:
        """Compare everything a figure or a proof depends on with the log, and the log with its signature.

        What is not as the log says is in the report, each with its file, entry and chunk. Of a shed that cannot be
        opened: `commonshed.keep.checking.check`.
        """
        return check(self.path, progress)

    def _as_of(self, as_of: int | None) -> int | None:
        if as_of is None:
            return None
        if as_of > self.size:
            self.refresh()
        if not 0 <= as_of <= self.size:
            raise InputError(
                f"the log of {self.path} has {self.size} entries and never had as many as asked",
                field="as_of",
                value=as_of,
                mend=f"Ask for a state from 0 to {self.size}; without it the newest is taken",
            )
        return None if as_of == self.size else as_of

    def _record(
        self, kind: str, name: str, content: bytes, *, registers: Iterable[str], said: Mapping[str, Any]
    ) -> Document:
        if kind not in DOCUMENT_FOLDERS:
            raise InputError("no such kind of document", value=kind, mend=f"Known: {', '.join(DOCUMENT_FOLDERS)}")
        digest = hashlib.sha256(content).hexdigest()
        self.refresh()
        if (held := self.document(kind, name)) is not None and held.digest == digest:
            return held
        with self._store.sealing(wait=10.0):
            held = self.document(kind, name)
            if held is None or held.digest != digest:
                path = f"{DOCUMENT_FOLDERS[kind]}/{_file_name(name, digest)}".lstrip("/")
                document = Document(self.size, kind, name, digest, path)
                write_file(self.document_path(document), content)
                fresh = [station for station in registers if station not in self._store.contents.stations]
                entry = {**said, "name": name, "digest": digest, "file": path}
                self._store.append(with_registered([(kind, entry)], fresh))
        found = self.document(kind, name)
        assert found is not None
        return found


def log_of(path: Path, node: str) -> Log:
    """The log in the folder of a shed."""
    return Log(path / "log", origin=origin_of(node), keys=Keys(path / "keys"))


def _file_name(name: str, digest: str) -> str:
    stem, suffix = Path(name).stem, Path(name).suffix
    return f"{re.sub(r'[^0-9A-Za-z_-]+', '_', stem)}-{digest[:16]}{suffix if suffix[1:].isalnum() else ''}"
