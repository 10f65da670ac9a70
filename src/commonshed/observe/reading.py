"""Reading files of readings: open, decode by a mapping, flag by the rules, hand over as tables."""

from __future__ import annotations

import logging
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from commonshed.errors import ReadingsError
from commonshed.keep.rows import READINGS
from commonshed.observe.decoding import Decoder
from commonshed.observe.files import Ragged, SourceFile, batches, expand, survey
from commonshed.observe.mapping import Mapping, load_mapping
from commonshed.observe.parcel import FLAGS, Names, Parcel, Reject, Vocabulary
from commonshed.observe.quality import Flagged, Rules, flag, load_rules
from commonshed.observe.spill import Spill
from commonshed.observe.surroundings import Lookup, Surroundings
from commonshed.observe.tables import Stamp, readings_table
from commonshed.places import Network

__all__ = ["Reading", "nothing_usable", "read", "read_files"]

_LOG = logging.getLogger(__name__)

Progress = Callable[[int], None]
"""Told how many rows were read since the last time."""


@dataclass
class Reading:
    """One file being read. The counts are whole once :attr:`tables` is used up.

    Attributes
    ----------
    file : SourceFile
    tables : iterator of pa.Table
        Readings of the form READINGS, each key once, each station whole in one table, in canonical order.
    rows : int
        Rows under the header.
    readings : int
    repeated : int
        Rows that gave a reading again.
    flags, reasons : Counter
        Readings per flag, and per rule.
    reflagged : int
        Rows in the tables that are not of this file: sealed readings whose flag has changed beside it.
    rejects : list of Reject
    notices : list of str
        What a user should know: encoding, columns left out.
    """

    file: SourceFile
    tables: Iterator[pa.Table] = field(default_factory=lambda: iter(()))
    rows: int = 0
    readings: int = 0
    repeated: int = 0
    flags: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    reflagged: int = 0
    rejects: list[Reject] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    @property
    def rejected(self) -> int:
        """Cells and rows that did not become a reading."""
        return sum(reject.count for reject in self.rejects)


def read(
    path: str | Path,
    mapping: str | Path | Mapping,
    *,
    network: Network | None = None,
    rules: Rules | None = None,
    now: int | None = None,
    around: Lookup | None = None,
    progress: Progress | None = None,
) -> Reading:
    """Read one file.

    Parameters
    ----------
    path : path
        CSV (UTF-8, with or without a byte order mark, or GBK) or Parquet; CSV may be gzipped.
    mapping : str, Path or Mapping
        What the columns mean: a mapping we ship, a file, or one in memory.
    network : Network, optional
        Readings of stations that are not in it are rejected; without it every station is taken.
    rules : Rules, optional
        Quality rules; without them the shipped ones.
    now : int, optional
        Readings that end later are rejected. [UTC s]
    around : callable, optional
        Finds readings sealed before: flags that depend on neighbours are judged among these too.
    progress : callable, optional
        Told how many more rows were read.

    Raises
    ------
    ReadingsError
        The file as a whole cannot be used; what is wrong with single rows is in the rejects.
    """
    mapping, rules = load_mapping(mapping), rules or load_rules()
    file = survey(path, delimiter=mapping.delimiter)
    mapping = _with_the_one_station(mapping, file, network)
    result = Reading(file)
    stations = None if network is None else network.stations
    words = _vocabulary(network)
    recorded = int(time.time()) if now is None else now
    decoder = Decoder(mapping, rules, words, stations, file.columns, recorded, result.rejects)
    with _in_file(file):
        columns = decoder.needed()
    result.notices += _notices(file, mapping, columns)
    stamp = Stamp(mapping.version, file.path.name, mapping.status, recorded)
    result.tables = _tables(result, decoder, columns, stamp, around, progress)
    return result


def read_files(
    files: str | Path | Iterable[str | Path],
    mapping: str | Path | Mapping,
    network: Network | None = None,
    *,
    rules: Rules | None = None,
    report: Callable[[Reading], None] | None = None,
) -> pa.Table:
    """Readings of one or several files as one table.

    Parameters
    ----------
    files : path, pattern, or several
    report : callable, optional
        Told of each file when it is read: its rejects, notices and counts. Without it they are logged as warnings.

    Returns
    -------
    pa.Table
        Of the form :data:`commonshed.keep.rows.READINGS`, in canonical order. Where a later file gives a reading
        again, its word stands, as it would in a shed; where one file contradicts itself, the reading is flagged.

    Raises
    ------
    ReadingsError
        A file cannot be used, or none holds a reading.
    """
    mapping, rules = load_mapping(mapping), rules or load_rules()
    words, now = _vocabulary(network), int(time.time())
    received: list[Parcel] = []
    sources: list[str] = []
    last: Reading | None = None
    for path in expand(files):
        file = survey(path, delimiter=mapping.delimiter)
        fitted = _with_the_one_station(mapping, file, network)
        result = Reading(file)
        stations = None if network is None else network.stations
        decoder = Decoder(fitted, rules, words, stations, file.columns, now, result.rejects)
        with _in_file(file):
            columns = decoder.needed()
            result.notices += _notices(file, fitted, columns)
            received.append(Parcel.joined(list(_parcels(result, decoder, columns, None))))
            result.readings += len(received[-1])
        sources.append(file.path.name)
        last = result
        (report or _log)(result)
        if result.rejects and not result.readings:
            raise nothing_usable(result)
    if last is None:
        raise ReadingsError("no file was named", mend="Name one or more files of readings")
    flagged = flag(_last_word(received), words, rules)
    last.rejects += flagged.rejects
    origin = sources[0] if len(sources) == 1 else f"{sources[0]} and {len(sources) - 1} more"
    return readings_table(flagged, words, rules, Stamp(mapping.version, origin, mapping.status, now))


def _last_word(received: list[Parcel]) -> Parcel:
    """Readings of several files; of a key that more than one of them has, the latest file's."""
    joined = Parcel.joined(received)
    if len(received) < 2 or not len(joined):
        return joined
    file = np.repeat(np.arange(len(received)), [len(parcel) for parcel in received])
    keys: list[NDArray[np.signedinteger]] = [
        joined.station,
        joined.quantity,
        joined.statistic,
        joined.start,
        joined.period,
    ]
    order = np.lexsort((file, *reversed(keys)))
    differs = np.any([key[order][1:] != key[order][:-1] for key in keys], axis=0)
    ends = np.flatnonzero(np.append(differs, True))
    latest = np.repeat(file[order][ends], np.diff(ends, prepend=-1))
    return joined.take(np.sort(order[file[order] == latest]))


def _log(result: Reading) -> None:
    for notice in result.notices:
        _LOG.warning(notice)
    if result.rejects:
        first = result.rejects[0]
        where = f"row {first.row}, field {first.field}, {first.value!r}" if first.row else first.field
        _LOG.warning(
            "%s: %s of %s rows or cells are not readings; the first: %s: %s. %s",
            *(result.file.path.name, f"{result.rejected:,}", f"{result.rows:,} rows'", where),
            *(first.reason, first.mend),
        )


def nothing_usable(result: Reading) -> ReadingsError:
    """The error of a file none of whose rows became a reading."""
    first = result.rejects[0]
    return ReadingsError(
        f"none of its {result.rows:,} rows could be used; the first: {first.reason}",
        file=result.file.path,
        row=first.row or None,
        field=first.field or None,
        value=first.value or None,
        mend=first.mend or None,
    )


class _in_file:  # noqa: N801
    """Errors raised inside say which file they are about."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ReadingsError) and error.file is None:
            raise ReadingsError(
                error.problem,
                file=self.file.path,
                row=error.row,
                field=error.field,
                value=error.value,
                mend=error.mend,
            ) from None


def _vocabulary(network: Network | None) -> Vocabulary:
    """Stations in the order in which a shed registers them."""
    return Vocabulary(stations=Names(() if network is None else network.stations))


def _with_the_one_station(mapping: Mapping, file: SourceFile, network: Network | None) -> Mapping:
    """A file without its station column is about the one station there is."""
    column = mapping.station.column
    if column is None or column in file.columns or mapping.fields is not None:
        return mapping
    if network is not None and len(network.stations) == 1:
        return load_mapping(mapping, station=next(iter(network.stations)))
    return mapping


def _notices(file: SourceFile, mapping: Mapping, columns: list[str]) -> list[str]:
    said = []
    if file.encoding not in (None, "UTF-8"):
        said.append(f"{file.path.name} was read as {file.encoding}")
    left_out = [name for name in file.columns if name and name not in columns and name not in mapping.unused]
    if left_out:
        said.append(f"{file.path.name}: the mapping {mapping.id} does not use these columns: {', '.join(left_out)}")
    there = {column.quantity for column in mapping.columns if column.name in columns}
    absent = dict.fromkeys(column.quantity for column in mapping.columns if column.quantity not in there)
    if absent:
        said.append(f"{file.path.name} has no column for {', '.join(absent)}")
    return said


def _parcels(result: Reading, decoder: Decoder, columns: list[str], progress: Progress | None) -> Iterator[Parcel]:
    ragged: list[Ragged] = []
    for batch in batches(result.file, columns, ragged):
        result.rows += len(batch.rows)
        yield from decoder.decode(batch)
        if progress is not None:
            progress(len(batch.rows))
    result.rows += len(ragged)
    decoder.finish(ragged)


def _tables(
    result: Reading,
    decoder: Decoder,
    columns: list[str],
    stamp: Stamp,
    around: Lookup | None,
    progress: Progress | None,
) -> Iterator[pa.Table]:
    words, rules = decoder.words, decoder.rules
    with _in_file(result.file), tempfile.TemporaryDirectory(prefix="commonshed-") as folder:
        spill = Spill(Path(folder))
        for parcel in _parcels(result, decoder, columns, progress):
            spill.add(parcel)
        for parcel in spill.parts():
            changed = READINGS.empty_table()
            if around is None:
                flagged = flag(parcel, words, rules)
            else:
                surroundings = Surroundings(parcel, words, rules, around)
                flagged, changed = surroundings.parted(flag(surroundings.joined, words, rules))
            _count(result, flagged, rules)
            yield readings_table(flagged, words, rules, stamp)
            if changed.num_rows:
                result.reflagged += changed.num_rows
                recorded = pa.repeat(pa.scalar(stamp.recorded, pa.int64()), changed.num_rows)
                place = READINGS.get_field_index("recorded")
                yield changed.set_column(place, READINGS.field(place), recorded)
    result.rejects.sort(key=lambda reject: reject.row)


def _count(result: Reading, flagged: Flagged, rules: Rules) -> None:
    parcel = flagged.parcel
    result.rejects += flagged.rejects
    result.repeated += flagged.repeated
    result.readings += len(parcel)
    for code, count in enumerate(np.bincount(parcel.flag, minlength=len(FLAGS)).tolist()):
        result.flags[FLAGS[code]] += count
    doubtful = parcel.reasons[parcel.reasons > 0]
    for rule in rules.rules:
        count = int(np.count_nonzero(doubtful & np.uint32(rules.bit(rule))))
        if count:
            result.reasons[rule.key] += count
