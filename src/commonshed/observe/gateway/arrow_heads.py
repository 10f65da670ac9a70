"""What an Arrow stream says of itself before any of it is unfolded.

A body of some kilobytes can say that it unfolds into gigabytes: packed buffers, columns of nothing that are as long as
they please. Only the heads of its messages are looked at here, which are flatbuffers of a few hundred bytes.

References
----------
Apache Arrow, Columnar format, Encapsulated message format; ``Message.fbs``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

__all__ = ["Head", "heads"]

_DICTIONARY, _RECORDS = 2, 3
_TYPE, _HEADER = 1, 2  # fields of a message
_LENGTH, _COMPRESSION = 0, 3  # of a batch
_DATA = 1  # of a dictionary: its batch


@dataclass(frozen=True)
class Head:
    """One batch of a stream, of rows or of the names of a dictionary.

    Attributes
    ----------
    rows : int
    packed : bool
        Its buffers are compressed.
    """

    rows: int
    packed: bool


def heads(body: bytes) -> Iterator[Head]:
    """The heads of all batches.

    Raises
    ------
    ValueError
        It is no Arrow stream.
    """
    try:
        for message in pa.ipc.MessageReader.open_stream(pa.py_buffer(body)):
            if (found := _head(message.metadata.to_pybytes())) is not None:
                yield found
    except (struct.error, pa.ArrowException, OSError) as error:
        raise ValueError(str(error)) from None


def _head(metadata: bytes) -> Head | None:
    message = _at(metadata, 0)
    kind, header = _field(metadata, message, _TYPE), _field(metadata, message, _HEADER)
    if kind is None or header is None or metadata[kind] not in (_DICTIONARY, _RECORDS):
        return None
    batch = _at(metadata, header)
    if metadata[kind] == _DICTIONARY:
        data = _field(metadata, batch, _DATA)
        if data is None:
            return None
        batch = _at(metadata, data)
    length = _field(metadata, batch, _LENGTH)
    rows = 0 if length is None else struct.unpack_from("<q", metadata, length)[0]
    return Head(rows, _field(metadata, batch, _COMPRESSION) is not None)


def _at(content: bytes, place: int) -> int:
    """Where a table begins to which an offset points."""
    return int(place + struct.unpack_from("<I", content, place)[0])


def _field(content: bytes, table: int, number: int) -> int | None:
    """Where a field of a table stands; None where it is left out."""
    known = table - struct.unpack_from("<i", content, table)[0]
    place = 4 + 2 * number
    if known < 0 or place >= struct.unpack_from("<H", content, known)[0]:
        return None
    offset = struct.unpack_from("<H", content, known + place)[0]
    if not 0 <= table + offset < len(content):
        raise struct.error("a field lies outside of its message")
    return table + offset if offset else None
