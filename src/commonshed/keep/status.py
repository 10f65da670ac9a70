"""What is in a shed, from the entries of its log."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from commonshed.keep.journal import Journals
from commonshed.keep.layout import Layout
from commonshed.keep.store import Store
from commonshed.periods import Zone

__all__ = ["ShedStatus", "status"]


@dataclass(frozen=True)
class ShedStatus:
    """A shed at a glance.

    Attributes
    ----------
    name : str
    zone : Zone
    size : int
        Of the log.
    segments, packs : int
    bytes : int
        Of the packs.
    readings, corrected : int
        Current readings, and rows that were current once.
    stations : int
        Registered.
    quantities : dict of quantity to rows
    flags : dict of flag and reason to rows
        Corrected rows included.
    first, last : int or None
        Earliest and latest start of a reading. [UTC s]
    places : str or None
        Digest of the place edition in force.
    imports : int
        Files taken in.
    waiting : int
        Readings in journals, not yet sealed.
    journals : int
    blocks, stale : int
        Blocks that the readings make, and how many of them are not laid out yet.
    """

    name: str
    zone: Zone
    size: int
    segments: int
    packs: int
    bytes: int
    readings: int
    corrected: int
    stations: int
    quantities: Mapping[str, int]
    flags: Mapping[str, int]
    first: int | None
    last: int | None
    places: str | None
    imports: int
    waiting: int
    journals: int
    blocks: int
    stale: int

    def by_flag(self) -> dict[str, int]:
        """Rows of each flag, whatever its reason."""
        found: Counter[str] = Counter()
        for told, count in self.flags.items():
            found[told.partition(": ")[0]] += count
        return dict(found.most_common())

    def by_reason(self) -> dict[tuple[str, str], int]:
        """Rows of each flag and single reason; a row with two reasons counts under both.

        A rule's reason is the id of the rule; what a person gave as a reason is the whole text.
        """
        found: Counter[tuple[str, str]] = Counter()
        for told, count in self.flags.items():
            flag, _, reason = told.partition(": ")
            found.update({(flag, each): count for each in _single(reason)})
        return dict(found.most_common())


_RULE = re.compile(r"([a-z0-9-]+): ")
_NEXT_RULE = re.compile(r"; (?=[a-z0-9-]+: )")


def _single(reason: str) -> list[str]:
    """Ids of the rules in ``flat-line: the same value hour after hour; spike: far above …``."""
    matches = [_RULE.match(part) for part in _NEXT_RULE.split(reason)]
    ids = [match[1] for match in matches if match is not None]
    if len(ids) == len(matches):
        return list(dict.fromkeys(ids))
    return [reason] if reason else []


def status(store: Store, layout: Layout, *, name: str, zone: Zone) -> ShedStatus:
    """What is in a shed."""
    contents = store.contents
    extents = [segment.extent for segment in list(contents.segments.values())]
    quantities: Counter[str] = Counter()
    flags: Counter[str] = Counter()
    for extent in extents:
        quantities.update(extent.quantities)
        flags.update(extent.flags)
    corrected = sum(extent.replaced for extent in extents)
    edition = contents.document("place-edition")
    waiting = Journals(store.path / "journal").waiting(contents.journals)
    blocks, stale = layout.count()
    packs = {location.path: location.bytes for location in list(contents.locations.values())}
    return ShedStatus(
        name=name,
        zone=zone,
        size=contents.size,
        segments=len(extents),
        packs=len(packs),
        bytes=sum(packs.values()),
        readings=sum(extent.rows for extent in extents) - corrected,
        corrected=corrected,
        stations=len(contents.stations),
        quantities=dict(sorted(quantities.items())),
        flags=dict(flags.most_common()),
        first=min((extent.first for extent in extents), default=None),
        last=max((extent.last for extent in extents), default=None),
        places=None if edition is None else edition.digest,
        imports=len(contents.imports),
        waiting=sum(waiting.values()),
        journals=len(waiting),
        blocks=blocks,
        stale=stale,
    )
