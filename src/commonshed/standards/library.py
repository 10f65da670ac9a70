"""The editions we hold, read from their files once, checked, and named by the digest of their bytes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from commonshed.errors import InputError, UnknownName
from commonshed.standards.forms import Form, filled
from commonshed.standards.schema import Edition, RegimeFile

__all__ = ["digest", "edition", "edition_ids", "editions", "load_edition", "regime_file", "regime_ids", "source_text"]

_FORM = Form("a standard", "a number of the law", "docs/recipes/adding-a-standard.md")


def edition(id: str) -> Edition:
    """One edition by its id, such as ``GB 3095-2012``; case and punctuation do not matter.

    Raises
    ------
    UnknownName
        We hold no such edition; the message lists near ones.
    """
    known = _shipped("data")
    name = slug(id)
    if name not in known:
        raise UnknownName("edition", id, edition_ids())
    return _edition(name)


def editions() -> dict[str, Edition]:
    """Every edition we hold, by id, in alphabetical order of the files."""
    return {held.id: held for held in map(_edition, _shipped("data"))}


def edition_ids() -> tuple[str, ...]:
    """The id of every edition we hold."""
    return tuple(editions())


def regime_ids() -> tuple[str, ...]:
    """The id of every regime we hold."""
    return tuple(_shipped("regimes"))


@cache
def regime_file(id: str) -> RegimeFile:
    """What is declared of a regime.

    Raises
    ------
    UnknownName
        There is no such regime; the message lists near ones.
    """
    known = _shipped("regimes")
    if id not in known:
        raise UnknownName("regime", id, known)
    return filled(RegimeFile, known[id].read_bytes(), known[id].name, _FORM)


def load_edition(path: Path) -> Edition:
    """Read an edition from a file of yours, such as a stricter local layer.

    Raises
    ------
    InputError
        The file is not one edition in our form; the message names the file and the key.
    """
    return _read_edition(path.read_bytes(), str(path))


def digest(held: Edition) -> str:
    """SHA-256 of the bytes of the file an edition was read from, in hexadecimal.

    Raises
    ------
    InputError
        The edition was made in memory and has no file.
    """
    return hashlib.sha256(source_text(held)).hexdigest()


def source_text(held: Edition) -> bytes:
    """The bytes of the file an edition was read from: what a shed keeps and a log records.

    Raises
    ------
    InputError
        The edition was made in memory and has no file.
    """
    if held.source is None:
        raise InputError(f"edition {held.id} was made in memory and has no file", mend="Load it with load_edition")
    return held.source


def slug(id: str) -> str:
    """The name of an edition's file, without its suffix.

    >>> slug("EU-2024/2881")
    'eu-2024-2881'
    """
    return re.sub(r"[^a-z0-9]+", "-", id.lower()).strip("-")


@cache
def _shipped(folder: str) -> dict[str, Traversable]:
    files = resources.files("commonshed.standards").joinpath(folder).iterdir()
    named = {file.name.removesuffix(".toml"): file for file in files if file.name.endswith(".toml")}
    return dict(sorted(named.items()))


@cache
def _edition(name: str) -> Edition:
    file = _shipped("data")[name]
    return _read_edition(file.read_bytes(), file.name)


def _read_edition(content: bytes, file: str) -> Edition:
    read = filled(Edition, content, file, _FORM)
    for key, problem in _inconsistencies(read):
        raise InputError(problem, file=file, field=key)
    return read.read_from(content)


def _inconsistencies(held: Edition) -> Iterator[tuple[str, str]]:
    """What the types cannot say: keys that name something within the file must name something that is there."""
    cited = held.cited()
    yield from _absent("provenance", cited, held.provenance)
    for key in held.provenance:
        if key not in cited:
            yield f"provenance.{key}", "nothing in this file cites this block"
    yield from _absent("limits.levels", {level for limit in held.limits for level in limit.levels}, held.levels)
    if held.level is not None:
        yield from _absent("level", {held.level}, held.levels)
    phases = {phase.key for phase in held.phases}
    yield from _absent("phase", {p for part in held.parts() if (p := getattr(part, "phase", None))}, phases)
    if held.index is not None:
        tables = {table.key for table in held.index.tables}
        yield from _absent("index", {use.table for use in (*held.index.daily, *held.index.realtime)}, tables)


def _absent(field: str, cited: Iterable[str], known: Iterable[str]) -> Iterator[tuple[str, str]]:
    for key in sorted(set(cited) - set(known)):
        yield field, f"{key!r} is named but not declared in this file"
