"""What is entered: canonical JSON (RFC 8785) of at most 65,535 bytes, so that an entry has one text and one hash."""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import rfc8785

from commonshed.errors import ShedDamaged, ShedError

__all__ = ["LARGEST", "Entry", "collector_paused", "decode", "decode_strictly", "encode", "with_registered"]

LARGEST = 65_535
"""Bytes of an entry: its length stands in 16 bits of its bundle."""

_UNUSUAL = re.compile(rb"[:,\[]-?[0-9]+[.eE]|[:,\[]-?[0-9]{16}|[\xee-\xff]|\\\\u")
"""Numbers that may be too long or have a fraction, characters that sort otherwise in UTF-16, escapes."""

_DECODER = json.JSONDecoder()
_INLINE = 16_384
_NAMES_BYTES = 49_152


@dataclass(frozen=True)
class Entry:
    """One entry of the log.

    Attributes
    ----------
    position : int
        From 0; the log's size is one more than the last.
    kind : str
        ``segment``, ``repacking``, ``import``, ``place-edition``, ``mapping``, ``quality``, ``standard``, ``layer`` …
    at : int
        When it was entered, for information: clocks jump. [UTC s]
    content : mapping
        What it says, by kind.
    """

    position: int
    kind: str
    at: int
    content: Mapping[str, Any]


@contextmanager
def collector_paused() -> Iterator[None]:
    """Read many entries without the garbage collector looking at them again and again: all of them stay."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            if not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()  # everything is old now, and is not looked at the moment the collector runs again
            gc.enable()


def encode(kind: str, at: int, content: Mapping[str, Any]) -> bytes:
    """The bytes of an entry, which are hashed as its leaf.

    Raises
    ------
    ShedError
        They are too many.
    """
    text = _canonical({**content, "kind": kind, "at": at})
    if len(text) > LARGEST:
        raise ShedError(f"an entry of kind {kind} would have {len(text)} bytes; a log takes {LARGEST}. Split it")
    return text


def decode(position: int, text: bytes) -> Entry:
    """Read an entry.

    Raises
    ------
    ShedDamaged
        It is none.
    """
    try:
        whole = text.decode()
        fields, end = _DECODER.raw_decode(whole)
        if end != len(whole):
            raise ValueError(f"more than one value: {whole[end : end + 40]!r}")
        return Entry(position, fields.pop("kind"), fields.pop("at"), fields)
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise ShedDamaged(f"entry {position} of the log cannot be read ({error!r})") from None


def decode_strictly(position: int, text: bytes) -> Entry:
    """Read a stranger's entry, which has to be written in the one way an entry is written.

    A name that stands twice in one object, or a number beyond 2⁵³, is one thing to one reader of JSON and another to
    the next: the owner of a log could show two pasts under one hash.

    Raises
    ------
    ShedDamaged
        It is none, or not in canonical JSON.
    """
    found = decode(position, text)
    if not isinstance(found.kind, str) or type(found.at) is not int:
        raise ShedDamaged(f"entry {position} of the log says no kind, or no time")
    try:
        if not _is_canonical({**found.content, "kind": found.kind, "at": found.at}, text):
            raise ShedDamaged(f"entry {position} of the log is not in canonical JSON: readers could differ about it")
    except (ValueError, RecursionError) as error:
        raise ShedDamaged(f"entry {position} of the log is not in canonical JSON ({error})") from None
    return found


def _is_canonical(fields: dict[str, Any], text: bytes) -> bool:
    return (rfc8785.dumps(fields) if _UNUSUAL.search(text) else _plain(fields)) == text


def _canonical(fields: dict[str, Any]) -> bytes:
    try:
        plain = _plain(fields)  # most of them: some ten times as fast
    except (ValueError, TypeError):
        return rfc8785.dumps(fields)  # which says what cannot be written
    return rfc8785.dumps(fields) if _UNUSUAL.search(plain) else plain


def _plain(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False).encode()


def with_registered(
    entries: Sequence[tuple[str, Mapping[str, Any]]], names: Sequence[str]
) -> list[tuple[str, Mapping[str, Any]]]:
    """Entries that also register stations: in the first of them, or in entries before them where they are many."""
    if not names:
        return list(entries)
    if sum(len(name.encode()) + 3 for name in names) <= _INLINE:
        kind, content = entries[0]
        return [(kind, {**content, "registers": list(names)}), *entries[1:]]
    return [*(("registration", {"registers": part}) for part in _parts(names)), *entries]


def _parts(names: Sequence[str]) -> Iterator[list[str]]:
    part: list[str] = []
    held = 0
    for name in names:
        length = len(json.dumps(name, ensure_ascii=False).encode()) + 1
        if held + length > _NAMES_BYTES:
            yield part
            part, held = [], 0
        part.append(name)
        held += length
    yield part
