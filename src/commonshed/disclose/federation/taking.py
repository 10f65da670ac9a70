"""Taking a peer's verified readings into our own shed, so that a question asks both without knowing of it.

Each row keeps whose it was: its origin becomes ``peer <name>: <origin>``. A station has one source: what another peer
or this node itself has readings of stays in the mirror and is told. What was taken is read off our own log, where each
taking is an import that names the peer's log and the entries it covers; so a taking that was killed, or done twice,
changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from commonshed.disclose.federation.peers import Peer
from commonshed.keep import READINGS, SealReport, Shed, Source
from commonshed.keep.contents import Segment
from commonshed.keep.current import latest
from commonshed.keep.durable import write_file
from commonshed.keep.extent import Stations
from commonshed.keep.store import Question, Store

__all__ = ["Taken", "claims", "take"]

_OWN = "this node"
_ORIGIN = re.compile(r"peer (commonshed/[0-9a-z-]+)")
_RANGE = re.compile(r"segments (\d+)-(\d+)")
_MOST_ROWS = 2_000_000  # of one import: what is killed is done again from here
_FILE = "taken.json"


@dataclass(frozen=True)
class Taken:
    """What a taking changed in our own shed.

    Attributes
    ----------
    report : SealReport
    left : mapping of station to who has readings of it
        Stations that stayed in the mirror.
    """

    report: SealReport
    left: Mapping[str, str] = field(default_factory=dict)


def take(shed: Shed, peer: Peer, folder: Path, *, wait: float = 60.0) -> Taken:
    """Seal into our own shed what a peer's mirror holds and we have not taken yet.

    Parameters
    ----------
    folder : Path
        Of the mirror.
    wait : float
        How long to wait for another process that is sealing. [s]

    Raises
    ------
    ShedLocked
        Another process is sealing our shed.
    ShedDamaged
        The mirror is not what it was.
    """
    shed.refresh()
    store = Shed.open(folder).store
    progress = _Progress.of(shed, peer, folder)
    total = SealReport(0, 0, 0, 0, shed.size)
    left: dict[str, str] = {}
    for first, last, segments in progress.runs(store):
        left |= _left(shed, peer, store, segments)
        tables = (_passing(store.rows_of([segment]), left, peer) for segment in segments)
        said = f"peer {peer.name}: entries {first} to {last - 1}"
        source = Source(said, _digest(segments), f"peer {peer.origin}", f"segments {first}-{last}")
        total = total.plus(shed.seal_import(tables, source=source, wait=wait))
    if late := progress.late(store):
        left |= _left(shed, peer, store, late)
        tables = (_passing(_current(store, segment), left, peer) for segment in late)
        said = f"peer {peer.name}: released later, of {len(late)} entries before {progress.upto}"
        source = Source(said, _digest(late), f"peer {peer.origin}", f"late {len(late)}")
        total = total.plus(shed.seal_import(tables, source=source, wait=wait))
    _remember(folder, store)
    return Taken(replace(total, size=shed.size), left)


def claims(shed: Shed) -> dict[str, set[str]]:
    """Whose readings of which stations are in a shed: this node's own, and by log those of peers.

    Notes
    -----
    Read off the entries: segments stand behind the import they were made from. A correction claims nothing, for what it
    corrects was there.
    """
    numbers: dict[str, set[int]] = {}
    source = _OWN
    for entry in shed.entries:
        if entry.kind == "import":
            match = _ORIGIN.fullmatch(entry.content["source"]["mapping"])
            source = match[1] if match is not None else _OWN
        elif entry.kind == "segment":
            cause = entry.content.get("cause")
            if cause != "correction":
                of = numbers.setdefault(_OWN if cause else source, set())
                for low, high in Stations.parse(entry.content["stations"]).ranges:
                    of.update(range(low, high + 1))
    names = shed.stations
    return {who: {names[number] for number in found} for who, found in numbers.items()}


@dataclass(frozen=True)
class _Progress:
    """How much of a peer's log was taken, and of which segments not every row was there then.

    Attributes
    ----------
    upto : int
        Entries before this one were taken, as our own log says.
    known : int
        Of the entries before this one it is known how much of each was there.
    partly : mapping of position to row digest
        What was there of a segment when it was taken, where that was not all; empty: nothing.
    """

    upto: int
    known: int
    partly: Mapping[int, str]

    @classmethod
    def of(cls, shed: Shed, peer: Peer, folder: Path) -> _Progress:
        upto = 0
        for entry in shed.entries:
            if entry.kind == "import" and entry.content["source"]["mapping"] == f"peer {peer.origin}":
                match = _RANGE.fullmatch(entry.content["source"]["quality"])
                upto = max(upto, int(match[2])) if match is not None else upto
        try:
            found = json.loads((folder / _FILE).read_bytes())
            partly = {int(position): str(digest) for position, digest in found["partly"].items()}
            return cls(upto, min(int(found["upto"]), upto), partly)
        except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
            return cls(upto, 0, {})  # a cache: without it what was taken is compared once more

    def runs(self, store: Store) -> Iterator[tuple[int, int, list[Segment]]]:
        """Entries that were not taken yet, some at a time: from, to, the segments of which there are rows."""
        run: list[Segment] = []
        rows, first = 0, self.upto
        for position in range(self.upto, store.contents.size):
            segment = store.contents.segments.get(position)
            if segment is not None:
                run.append(segment)
                rows += segment.extent.rows
            if rows >= _MOST_ROWS:
                yield first, position + 1, run
                run, rows, first = [], 0, position + 1
        if run:
            yield first, store.contents.size, run

    def late(self, store: Store) -> list[Segment]:
        """Segments taken before of which there are, or may be, more rows now."""
        return [
            segment
            for position, segment in store.contents.segments.items()
            if position < self.upto
            and (position >= self.known or self.partly.get(position, segment.digest) != segment.digest)
        ]


def _remember(folder: Path, store: Store) -> None:
    contents = store.contents
    partly = {p: contents.segments[p].digest if p in contents.segments else "" for p in sorted(contents.withheld)}
    content = {"upto": contents.size, "partly": {str(position): digest for position, digest in partly.items()}}
    write_file(folder / _FILE, json.dumps(content).encode())


def _left(shed: Shed, peer: Peer, store: Store, segments: Sequence[Segment]) -> dict[str, str]:
    """Stations of some segments that someone else has readings of, and who that is."""
    names = store.contents.registered()
    wanted = {names[i] for each in segments for low, high in each.extent.stations.ranges for i in range(low, high + 1)}
    return {
        station: who
        for who, stations in claims(shed).items()
        if who != peer.origin
        for station in sorted(wanted & stations)
    }


def _passing(table: pa.Table, left: Mapping[str, str], peer: Peer) -> pa.Table:
    """Rows of stations nobody else has readings of, under the peer's name."""
    if left:
        others = pc.is_in(table["station"].cast(pa.string()), value_set=pa.array(sorted(left), pa.string()))
        table = table.filter(pc.invert(others))
    origin = table["origin"].combine_chunks()
    names = pa.array([f"peer {peer.name}: {name}" for name in origin.dictionary.to_pylist()], pa.string())
    renamed = pa.DictionaryArray.from_arrays(origin.indices, names)
    return table.set_column(table.schema.get_field_index("origin"), READINGS.field("origin"), renamed)


def _current(store: Store, segment: Segment) -> pa.Table:
    """The rows of a segment that count in the mirror: what was released late does not undo what was corrected since."""
    extent = segment.extent
    names = store.contents.registered()
    stations = [names[i] for low, high in extent.stations.ranges for i in range(low, high + 1)]
    question = Question(list(extent.quantities), stations, extent.first, extent.last + 1)
    history = store.rows(question, history=True)
    counting = latest(history)
    table = history if counting is None else history.take(pa.array(counting))
    return table.filter(pc.equal(table["position"], segment.position)).drop_columns(["position"])


def _digest(segments: Sequence[Segment]) -> str:
    lines = (f"{segment.position} {segment.digest}\n" for segment in segments)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
