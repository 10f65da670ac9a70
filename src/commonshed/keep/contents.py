"""What the entries of the log add up to: segments, where they lie, and what was registered, entry by entry.

It grows with each entry and is never rebuilt, so that one more day costs the same after ten years as after one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from commonshed.errors import ShedDamaged
from commonshed.keep.extent import Extent, Stations
from commonshed.keep.held import EVERYTHING, Held, Holding, Withheld, as_held, plain_path
from commonshed.keep.log.entries import Entry

__all__ = ["PUBLISHED", "Contents", "Document", "Location", "Segment"]

PUBLISHED = ("statement", "erratum")
"""Kinds of documents that leave the node."""


@dataclass(frozen=True)
class Segment:
    """A sealed run of readings.

    Attributes
    ----------
    position : int
        Of its entry; the highest position that holds a key wins.
    extent : Extent
    digest : str
        Of its rows: what was measured.
    """

    position: int
    extent: Extent
    digest: str


@dataclass(frozen=True)
class Location:
    """Where the rows of a segment lie now.

    Attributes
    ----------
    path : str
        Of the pack, below ``segments/``.
    offset : int
        First row in the pack.
    digest : str
        SHA-256 of the pack: what queries read.
    bytes : int
        Length of the pack.
    position : int
        Of the entry that says so.
    """

    path: str
    offset: int
    digest: str
    bytes: int
    position: int


@dataclass(frozen=True)
class Document:
    """A digested file that figures depend on: a place edition, a mapping, quality rules, a standard, a layer."""

    position: int
    kind: str
    name: str
    digest: str
    path: str

    @property
    def file(self) -> str:
        """Where it stands below the shed: what was published among ``statements/``, else among ``places/``."""
        return f"{'statements' if self.kind in PUBLISHED else 'places'}/{self.path}"


class Contents:
    """Everything the entries say, ready to be asked.

    Attributes
    ----------
    size : int
        Size of the log as others see it: grows by whole batches, so that a thread that asks meanwhile sees all of a
        file or nothing.
    held : Held
        In a mirror of another node: which rows are not where the log says.
    withheld : dict of position to Withheld
        Segments of which rows are not here; ``segments`` holds what is here of them.
    """

    def __init__(self, held: Held = EVERYTHING) -> None:
        self.size = 0
        self.held = held
        self.withheld: dict[int, Withheld] = {}
        self.entries: list[Entry] = []
        self.segments: dict[int, Segment] = {}
        self.locations: dict[int, Location] = {}
        self.stations: dict[str, int] = {}
        self.documents: dict[str, list[Document]] = defaultdict(list)
        self.imports: dict[tuple[str, ...], Entry] = {}
        self.journals: dict[str, int] = {}
        self.months: dict[int, list[Segment]] = defaultdict(list)
        self._registered: list[int] = []

    def apply(self, entries: Iterable[Entry]) -> None:
        """Take up entries, in order."""
        for entry in entries:
            try:
                self._apply(entry)
            except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, OSError) as error:
                raise ShedDamaged(
                    f"log: entry {entry.position} ({entry.kind}) cannot be understood: {error!r}. "
                    "It may have been written by a newer version of commonshed"
                ) from error
        self.size = len(self.entries)

    def select(
        self,
        *,
        start: int | None = None,
        end: int | None = None,
        stations: Stations | None = None,
        quantities: Sequence[str] | None = None,
        as_of: int | None = None,
        months: Iterable[int] | None = None,
    ) -> list[Segment]:
        """Segments that may hold such readings, in order of position."""
        wanted = list(self.months) if months is None else [month for month in months if month in self.months]
        size = self.size if as_of is None else as_of
        found = [
            segment
            for month in wanted
            for segment in self.months[month]
            if segment.position < size
            and segment.extent.may_hold(start=start, end=end, stations=stations, quantities=quantities)
        ]
        return sorted(found, key=lambda segment: segment.position)

    def missing(
        self,
        *,
        start: int | None = None,
        end: int | None = None,
        stations: Stations | None = None,
        quantities: Sequence[str] | None = None,
        as_of: int | None = None,
    ) -> list[Withheld]:
        """Segments of which rows are not here that such a question would have asked for, in order of position."""
        size = self.size if as_of is None else as_of
        return [
            each
            for _, each in sorted(self.withheld.items())
            if each.position < size
            and each.extent.may_hold(start=start, end=end, stations=stations, quantities=quantities)
        ]

    def registered(self, as_of: int | None = None) -> list[str]:
        """Stations in order of registration."""
        names = list(self.stations)
        return names if as_of is None else names[: bisect_left(self._registered, as_of)]

    def numbers(self, stations: Iterable[str]) -> Stations:
        """The registered ones among some stations."""
        return Stations.of(self.stations[name] for name in stations if name in self.stations)

    def document(self, kind: str, name: str | None = None, as_of: int | None = None) -> Document | None:
        """The latest document of a kind (and name)."""
        return next(
            (
                document
                for document in reversed(self.documents.get(kind, []))
                if (name is None or document.name == name) and (as_of is None or document.position < as_of)
            ),
            None,
        )

    def packs(self) -> dict[str, list[int]]:
        """Positions of the segments in each pack, in order of position."""
        found: dict[str, list[int]] = defaultdict(list)
        for position, location in self.locations.items():
            found[location.path].append(position)
        return found

    def _apply(self, entry: Entry) -> None:
        if entry.position != len(self.entries):
            raise ValueError(f"position {entry.position} does not follow {len(self.entries) - 1}")
        self.entries.append(entry)
        for name in entry.content.get("registers", ()):
            if name in self.stations:  # numbers would mean other stations to other readers
                raise ValueError(f"the station {name!r} is registered a second time")
            self.stations[name] = len(self.stations)
            self._registered.append(entry.position)
        self.journals.update(entry.content.get("journals", {}))
        match entry.kind:
            case "segment":
                self._segment(entry)
            case "repacking":
                for position, offset in entry.content["segments"]:
                    self._repacked(position, _location(entry, offset))
            case "import":
                self.imports[source_key(entry.content["source"])] = entry
            case _ if "file" in entry.content:
                fields = entry.content
                self.documents[entry.kind].append(
                    Document(entry.position, entry.kind, fields["name"], fields["digest"], plain_path(fields["file"]))
                )

    def _segment(self, entry: Entry) -> None:
        segment = Segment(entry.position, Extent.parse(entry.content), entry.content["digest"])
        location = _location(entry, entry.content["pack"]["offset"])
        if entry.position in self.held.nothing:
            self.withheld[entry.position] = Withheld(entry.position, segment.extent, segment.extent.rows)
            return
        if (holding := self.held.placed.get(entry.position)) is not None:
            if rows := segment.extent.rows - holding.rows:
                self.withheld[entry.position] = Withheld(entry.position, segment.extent, rows)
            segment = Segment(entry.position, as_held(segment.extent, holding), holding.rows_digest)
            location = _placed(entry, holding)
        self.segments[entry.position] = segment
        self.months[segment.extent.month].append(segment)
        self.locations[entry.position] = location

    def _repacked(self, position: int, location: Location) -> None:
        if position in self.held.nothing or position in self.held.placed:
            return
        if position not in self.segments:
            raise ValueError(f"there is no segment {position} to repack")
        self.locations[position] = location


def source_key(source: dict[str, str]) -> tuple[str, ...]:
    """What makes two imports the same: the file and everything that read it."""
    return tuple(source[field] for field in ("digest", "mapping", "quality", "places"))


def _location(entry: Entry, offset: int) -> Location:
    pack = entry.content["pack"]
    return Location(plain_path(pack["path"]), offset, pack["digest"], pack["bytes"], entry.position)


def _placed(entry: Entry, holding: Holding) -> Location:
    return Location(plain_path(holding.path), holding.offset, holding.digest, holding.bytes, entry.position)
