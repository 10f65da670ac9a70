"""What has come in since a statement was made, and which of its figures would come out otherwise today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from commonshed.disclose.statements.comparing import Difference
from commonshed.disclose.statements.watching import Asked, Watched
from commonshed.exact import without_zeros
from commonshed.keep.contents import Document, Segment
from commonshed.keep.log import Entry
from commonshed.units import quantities, value_text

__all__ = ["Arrival", "Reading", "Since", "arrivals", "newer_documents"]

_KEY = ("station", "quantity", "statistic", "start", "period")
_KEPT = 20
"""Readings of one entry that are named one by one."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Reading:
    """One reading that came in or was changed.

    Attributes
    ----------
    station, quantity : str
    start : str
        In the zone of the shed.
    before, after : str or None
        Value and unit, with the flag where it is not ``valid``; before: None where nothing was known.
    reason, author : str or None
        Of a correction.
    """

    station: str
    quantity: str
    start: str
    before: str | None
    after: str
    reason: str | None
    author: str | None


@dataclass(frozen=True)
class Arrival:
    """Readings that one entry of the log brought, of those a statement rests on.

    Attributes
    ----------
    entry : int
        Its position.
    at : str
        When it was entered, in the zone of the shed.
    cause : {"import", "journal", "correction"}
    late, corrected : int
        Readings of hours nothing was known of; readings that took the place of others.
    reason, author : str or None
        Of a correction, where all its readings say the same.
    readings : tuple of Reading
        The first of them.
    """

    entry: int
    at: str
    cause: Literal["import", "journal", "correction"]
    late: int
    corrected: int
    reason: str | None
    author: str | None
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class Since:
    """What has changed since a statement was made.

    Attributes
    ----------
    size : int
        Of the log today.
    arrivals : tuple of Arrival
    documents : tuple of Document
        Places, layers and agreements that took the place of those it rests on.
    differences : tuple of Difference
        Figures as stated, and as they come out today.
    refused : str or None
        Why today's data do not answer the question at all.
    """

    size: int
    arrivals: tuple[Arrival, ...] = ()
    documents: tuple[Document, ...] = ()
    differences: tuple[Difference, ...] = ()
    refused: str | None = None

    @property
    def anything(self) -> bool:
        """Whether anything it rests on has changed."""
        return bool(self.arrivals or self.documents)


def arrivals(shed: Watched, questions: Sequence[Asked], *, then: int) -> tuple[Arrival, ...]:
    """Entries from ``then`` on that brought readings which answer some questions, in order."""
    found = (_arrival(shed, segment, questions) for segment in shed.segments(questions, first=then))
    return tuple(each for each in found if each is not None)


def newer_documents(shed: Watched, kinds: Iterable[tuple[str, str | None]], *, then: int) -> tuple[Document, ...]:
    """The latest document of each kind (and name), where it was entered from ``then`` on and says something new."""
    found = []
    for kind, name in kinds:
        now, before = shed.document(kind, name), shed.document(kind, name, then)
        if now is not None and now.position >= then and (before is None or before.digest != now.digest):
            found.append(now)
    return tuple(found)


def _arrival(shed: Watched, segment: Segment, questions: Sequence[Asked]) -> Arrival | None:
    rows = shed.rows_of(segment)
    chosen = np.logical_or.reduce([_answers(rows, question) for question in questions])
    if not chosen.any():
        return None
    came = rows.filter(pa.array(chosen))
    before = _before(shed, came, segment.position)
    held = [before.get(_key(row)) for row in came.select(_KEY).to_pylist()]
    corrected = sum(each is not None for each in held)
    entry = shed.entries[segment.position]
    # Corrections are what somebody will ask about: they are named first.
    order = sorted(range(came.num_rows), key=lambda i: held[i] is None)[:_KEPT]
    named = came.take(pa.array(order)).to_pylist()
    return Arrival(
        entry=segment.position,
        at=shed.zone.text(entry.at),
        cause=_cause(entry),
        late=came.num_rows - corrected,
        corrected=corrected,
        reason=_only(came["reason"]),
        author=_only(came["author"]),
        readings=tuple(_reading(shed, row, held[i]) for row, i in zip(named, order, strict=True)),
    )


def _answers(rows: pa.Table, question: Asked) -> Any:
    chosen = np.ones(rows.num_rows, bool)
    for column, wanted in (("quantity", question.quantities), ("station", question.stations)):
        if wanted is not None:
            names = rows[column].cast(pa.string())
            chosen &= pc.is_in(names, pa.array(list(wanted), pa.string())).to_numpy(zero_copy_only=False)
    starts = rows["start"].to_numpy()
    if question.start is not None:
        chosen &= starts >= question.start
    if question.end is not None:
        chosen &= starts < question.end
    return chosen


def _before(shed: Watched, came: pa.Table, position: int) -> dict[tuple[Any, ...], Row]:
    """What was known, just before an entry, of the readings it brought."""
    starts = came["start"].to_numpy()
    known = shed.readings(
        quantities=pc.unique(came["quantity"].cast(pa.string())).to_pylist(),
        stations=pc.unique(came["station"].cast(pa.string())).to_pylist(),
        start=int(starts.min()),
        end=int(starts.max()) + 1,
        as_of=position,
    )
    at_once = known.filter(pc.is_in(known["start"], came["start"].combine_chunks().unique()))
    return {_key(row): row for row in at_once.select([*_KEY, "ticks", "qualifier", "flag"]).to_pylist()}


def _key(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in _KEY)


def _only(column: pa.ChunkedArray) -> str | None:
    """What every row says; None where they differ or say nothing."""
    names = pc.unique(column.cast(pa.string())).to_pylist()
    return names[0] if len(names) == 1 else None


def _cause(entry: Entry) -> Literal["import", "journal", "correction"]:
    cause = entry.content.get("cause")
    return cause if cause in ("journal", "correction") else "import"


def _reading(shed: Watched, row: Row, before: Row | None) -> Reading:
    return Reading(
        station=row["station"],
        quantity=row["quantity"],
        start=shed.zone.text(row["start"]),
        before=None if before is None else _value(before),
        after=_value(row),
        reason=row["reason"],
        author=row["author"],
    )


def _value(row: Row) -> str:
    of = quantities().get(row["quantity"])
    flag = "" if row["flag"] == "valid" else f" ({row['flag']})"
    if of is None:
        return f"{row['ticks']}{flag}"
    mark = "" if row["qualifier"] == "=" else row["qualifier"]
    return f"{mark}{without_zeros(value_text(row['ticks'], of))} {of.unit}{flag}"
