"""Canonical text read back: the rows of a chunk, as `docs/formats/readings.md` writes them."""

from __future__ import annotations

from dataclasses import dataclass

from commonshed.disclose.proofs.proof import Subject
from commonshed.errors import ProofError

__all__ = ["Row", "rows_of"]

_FORMAT = "commonshed-rows/1"
_FIELDS = (
    "statistic", "start", "period", "ticks", "qualifier", "flag", "status", "reason", "raw", "mapping", "origin",
    "recorded", "author",
)  # fmt: skip
_NULLABLE = ("reason", "raw", "author")
_NUMBERS = ("start", "period", "ticks", "recorded")


@dataclass(frozen=True)
class Row:
    """One row of a chunk; ``text`` by field, ``number`` where it is one."""

    key: Subject
    ticks: int
    qualifier: str
    flag: str
    status: str
    reason: str | None
    raw: str | None
    mapping: str
    origin: str
    recorded: int
    author: str | None


def rows_of(chunk: str) -> list[Row]:
    """The rows of a chunk.

    Raises
    ------
    ProofError
        It is no canonical text.
    """
    header, *lines = chunk.split("\n")
    told = header.split("\t")
    if len(told) != 3 or told[0] != _FORMAT or len(lines) < 2 or lines[-1]:
        raise ProofError("a chunk is not in canonical text: docs/formats/readings.md, Canonical text")
    station, quantity = (_unescaped(each) for each in told[1:])
    return [_row(station or "", quantity or "", line) for line in lines[:-1]]


def _row(station: str, quantity: str, line: str) -> Row:
    parts = line.split("\t")
    if len(parts) != len(_FIELDS):
        raise ProofError(f"a row of a chunk has {len(parts)} fields of {len(_FIELDS)}")
    text = {name: _unescaped(part) for name, part in zip(_FIELDS, parts, strict=True)}
    if missing := [name for name in _FIELDS if text[name] is None and name not in _NULLABLE]:
        raise ProofError(f"a row of a chunk has no {missing[0]}")
    said = {name: str(value) for name, value in text.items()}
    number = {name: _number(said[name], name) for name in _NUMBERS}
    return Row(
        key=Subject(station, quantity, said["statistic"], number["start"], number["period"]),
        ticks=number["ticks"], qualifier=said["qualifier"], flag=said["flag"], status=said["status"],
        reason=text["reason"], raw=text["raw"], mapping=said["mapping"], origin=said["origin"],
        recorded=number["recorded"], author=text["author"],
    )  # fmt: skip


def _number(text: str, name: str) -> int:
    digits = text.removeprefix("-")
    plain = digits.isascii() and digits.isdigit() and len(digits) < 20 and str(int(text)) == text
    if not plain:
        raise ProofError(f"a row of a chunk has a {name} that is no number: {text[:40]!r}")
    return int(text)


def _unescaped(text: str) -> str | None:
    if text == "\\N":
        return None
    out, i = [], 0
    while (at := text.find("\\", i)) >= 0:
        plain = {"\\": "\\", "t": "\t", "n": "\n"}.get(text[at + 1 : at + 2])
        if plain is None:
            raise ProofError(f"a backslash in canonical text stands before nothing it escapes: {text[:40]!r}")
        out += [text[i:at], plain]
        i = at + 2
    return "".join([*out, text[i:]])
