"""The form of a proof: what stands in the file, read strictly, written in one way only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commonshed.disclose.statements.canonical import canonical, read
from commonshed.errors import ProofError

__all__ = ["FORMAT", "EntryProof", "Later", "Leaf", "Proof", "SegmentProof", "Subject"]

FORMAT = "commonshed-proof/1"
_HASH_DIGITS = 64
_LARGEST = 64 << 20  # bytes of a file: far above any proof that is made here
_MOST = 2**53 - 1  # what JSON carries exactly everywhere


@dataclass(frozen=True)
class Subject:
    """Which reading: its key.

    Attributes
    ----------
    station, quantity, statistic : str
    start : int
        [UTC s]
    period : int
        [s]
    """

    station: str
    quantity: str
    statistic: str
    start: int
    period: int

    @property
    def order(self) -> tuple[bytes, bytes, bytes, int, int]:
        """Where it stands among rows in canonical order."""
        return self.station.encode(), self.quantity.encode(), self.statistic.encode(), self.start, self.period


@dataclass(frozen=True)
class Leaf:
    """One chunk of a segment, with its path.

    Attributes
    ----------
    index : int
        Number of the leaf.
    text : str
        Canonical text of the chunk.
    path : tuple of bytes
        From the leaf upwards to the row digest.
    """

    index: int
    text: str
    path: tuple[bytes, ...]


@dataclass(frozen=True)
class EntryProof:
    """An entry of the log, with its path.

    Attributes
    ----------
    position : int
    text : str
        As it was hashed.
    path : tuple of bytes
        From the entry upwards to the root of the checkpoint.
    """

    position: int
    text: str
    path: tuple[bytes, ...]


@dataclass(frozen=True)
class SegmentProof:
    """Some neighbouring chunks of one segment.

    Attributes
    ----------
    entry : EntryProof
    leaves : int
        Chunks of the whole segment.
    chunks : tuple of Leaf
        One after the other, none left out between.
    """

    entry: EntryProof
    leaves: int
    chunks: tuple[Leaf, ...]


@dataclass(frozen=True)
class Later:
    """Every entry from some position to the end of the log.

    Attributes
    ----------
    first : int
    peaks : tuple of bytes
        Hashes of the complete subtrees that the entries before ``first`` make, the largest first.
    entries : tuple of str
    """

    first: int
    peaks: tuple[bytes, ...]
    entries: tuple[str, ...]


@dataclass(frozen=True)
class Proof:
    """A proof of one reading.

    Attributes
    ----------
    subject : Subject
    zone : str
        In which times are told; nothing depends on it.
    unit : str or None
        Canonical unit of the quantity; None for a quantity nobody declared.
    resolution : str or None
        One tick, as a decimal number, in that unit.
    checkpoint : str
        Signed note: the log's signature, and below it those of witnesses.
    segments : tuple of SegmentProof
        Those that hold the reading, oldest first, and later ones that may hold it and do not.
    keys : tuple of EntryProof
        Changes of the log's key.
    later : Later or None
        What came after the last segment that holds it; None where that is too much for a proof.
    """

    subject: Subject
    zone: str
    unit: str | None
    resolution: str | None
    checkpoint: str
    segments: tuple[SegmentProof, ...]
    keys: tuple[EntryProof, ...] = ()
    later: Later | None = None

    def encode(self) -> bytes:
        """Canonical JSON (RFC 8785)."""
        return canonical(self.content())

    def content(self) -> dict[str, Any]:
        """As it is written."""
        content: dict[str, Any] = {
            "format": FORMAT,
            "reading": vars(self.subject),
            "zone": self.zone,
            "unit": self.unit,
            "resolution": self.resolution,
            "checkpoint": self.checkpoint,
            "segments": [
                {
                    **_entry_content(segment.entry),
                    "leaves": segment.leaves,
                    "chunks": [
                        {"index": leaf.index, "text": leaf.text, "path": _hexes(leaf.path)} for leaf in segment.chunks
                    ],
                }
                for segment in self.segments
            ],
            "keys": [_entry_content(entry) for entry in self.keys],
            "later": None,
        }
        if self.later is not None:
            later = self.later
            content["later"] = {
                "first": later.first, "peaks": _hexes(later.peaks), "entries": list(later.entries),
            }  # fmt: skip
        return content

    @classmethod
    def decode(cls, content: bytes) -> Proof:
        """Read a proof.

        Raises
        ------
        ProofError
            It is not in the form of a proof.
        """
        if len(content) > _LARGEST:
            raise ProofError(f"a proof of {len(content):,} bytes is none: {_LARGEST:,} are enough for any")
        try:
            return _proof(read(content))
        except (ValueError, ProofError) as error:
            raise ProofError(f"this file is no proof, or not all of one: {error}") from None

    @classmethod
    def read(cls, path: Path) -> Proof:
        """Read a proof from a file.

        Raises
        ------
        ProofError
            It is not in the form of a proof.
        """
        return cls.decode(path.read_bytes())


def _entry_content(entry: EntryProof) -> dict[str, Any]:
    return {"position": entry.position, "entry": entry.text, "path": _hexes(entry.path)}


def _hexes(hashes: Sequence[bytes]) -> list[str]:
    return [each.hex() for each in hashes]


def _proof(content: Any) -> Proof:
    names = ("format", "reading", "zone", "unit", "resolution", "checkpoint", "segments", "keys", "later")
    fields = _fields(content, names, "the proof")
    if fields["format"] != FORMAT:
        raise ValueError(f"its format is {fields['format']!r}, and {FORMAT!r} is read here")
    reading = _fields(fields["reading"], ("station", "quantity", "statistic", "start", "period"), "reading")
    later = fields["later"]
    return Proof(
        subject=Subject(
            station=_text(reading["station"], "station"),
            quantity=_text(reading["quantity"], "quantity"),
            statistic=_text(reading["statistic"], "statistic"),
            start=_count(reading["start"], "start", least=-_MOST),
            period=_count(reading["period"], "period"),
        ),
        zone=_text(fields["zone"], "zone"),
        unit=None if fields["unit"] is None else _text(fields["unit"], "unit"),
        resolution=None if fields["resolution"] is None else _text(fields["resolution"], "resolution"),
        checkpoint=_text(fields["checkpoint"], "checkpoint"),
        segments=tuple(_segment(each) for each in _list(fields["segments"], "segments")),
        keys=tuple(
            _entry(_fields(each, ("position", "entry", "path"), "keys")) for each in _list(fields["keys"], "keys")
        ),
        later=None if later is None else _later(_fields(later, ("first", "peaks", "entries"), "later")),
    )


def _segment(content: Any) -> SegmentProof:
    fields = _fields(content, ("position", "entry", "path", "leaves", "chunks"), "segments")
    chunks = tuple(_leaf(each) for each in _list(fields["chunks"], "chunks"))
    return SegmentProof(_entry(fields), _count(fields["leaves"], "leaves"), chunks)


def _leaf(content: Any) -> Leaf:
    fields = _fields(content, ("index", "text", "path"), "chunks")
    return Leaf(_count(fields["index"], "index"), _text(fields["text"], "text"), _path(fields["path"], "path"))


def _entry(fields: Mapping[str, Any]) -> EntryProof:
    position = _count(fields["position"], "position")
    return EntryProof(position, _text(fields["entry"], "entry"), _path(fields["path"], "path"))


def _later(fields: Mapping[str, Any]) -> Later:
    entries = tuple(_text(each, "entries") for each in _list(fields["entries"], "entries"))
    return Later(_count(fields["first"], "first"), _path(fields["peaks"], "peaks"), entries)


def _fields(content: Any, names: Sequence[str], where: str) -> Mapping[str, Any]:
    if not isinstance(content, dict):
        raise ValueError(f"{where} is no object")
    if missing := [name for name in names if name not in content]:
        raise ValueError(f"{where} lacks {missing[0]!r}")
    if unknown := sorted(content.keys() - set(names)):
        raise ValueError(f"{where} has a field {unknown[0]!r} that this form does not know")
    return content


def _list(content: Any, where: str) -> list[Any]:
    if not isinstance(content, list):
        raise ValueError(f"{where} is no list")
    return content


def _text(content: Any, where: str) -> str:
    if not isinstance(content, str):
        raise ValueError(f"{where} is no text")
    try:
        content.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{where} holds half a character") from None
    return content


def _count(content: Any, where: str, least: int = 0) -> int:
    if type(content) is not int or not least <= content <= _MOST:
        raise ValueError(f"{where} is no number that can be")
    return content


def _path(content: Any, where: str) -> tuple[bytes, ...]:
    hashes = [_text(each, where) for each in _list(content, where)]
    if len(hashes) > 64 or any(len(each) != _HASH_DIGITS or each.lower() != each for each in hashes):
        raise ValueError(f"{where} is no list of hashes")
    return tuple(map(bytes.fromhex, hashes))
