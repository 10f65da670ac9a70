"""Agreements read from their files, checked, and named by the digest of their bytes."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from commonshed.errors import AgreementError, UnknownName
from commonshed.keep import Shed
from commonshed.settle.agreement import Agreement, Event
from commonshed.settle.consistency import check
from commonshed.standards.forms import Form, filled
from commonshed.standards.parts import Part

__all__ = ["agreement", "agreements", "digest", "load_agreement", "load_events", "parse", "source_text"]


_FORM = Form("an agreement", "a number of an agreement", "docs/formats/agreement.md", AgreementError)


class _Events(Part):
    events: tuple[Event, ...]


def agreement(name: str, shed: object = None, as_of: int | None = None) -> Agreement:
    """An agreement by its id in a shed or among those shipped, or by the path of its file.

    Parameters
    ----------
    name : str
    shed : Shed, optional
        Its own agreements come first; anything but a shed holds none.
    as_of : int, optional
        The agreement as it stood when the shed's log had this many entries.

    Raises
    ------
    UnknownName
        Neither a file nor an agreement we hold; the message lists near ones.
    AgreementError
        The file is not there or not an agreement in our form, or the shed did not have the agreement yet.
    """
    own = shed.document("agreement", name, as_of) if isinstance(shed, Shed) else None
    if own is not None and isinstance(shed, Shed):
        return parse(shed.document_bytes(own), str(shed.path / "places" / own.path))
    if name in _shipped():
        return _held(name)
    if Path(name).is_file():
        return load_agreement(Path(name))
    kept = (
        {held.name: held.position for held in reversed(shed.documents("agreement"))} if isinstance(shed, Shed) else {}
    )
    if name in kept:
        raise AgreementError(
            f"{name} was put into this shed later, as entry {kept[name]} of its log",
            field="as_of",
            value=as_of,
            mend=f"Ask for a state from {kept[name] + 1} on, or give the file of the agreement",
        )
    if name.endswith(".toml") or "/" in name:
        raise AgreementError("there is no such file", file=name, mend="Check the path, or name an agreement by its id")
    raise UnknownName("agreement", name, {*_shipped(), *kept})


def agreements() -> dict[str, Agreement]:
    """Every agreement we hold, by id."""
    return {name: _held(name) for name in _shipped()}


def load_agreement(path: Path) -> Agreement:
    """Read an agreement from a file.

    Raises
    ------
    AgreementError
        The file is not one agreement in our form, or names what it does not declare; all problems are listed.
    """
    return parse(path.read_bytes(), str(path))


def load_events(path: Path) -> tuple[Event, ...]:
    """Read a file of events: floods, disputes and force majeure that came after the agreement was written.

    Raises
    ------
    AgreementError
        The file holds something else.
    """
    return filled(_Events, path.read_bytes(), str(path), _FORM).events


def digest(held: Agreement) -> str:
    """SHA-256 of the bytes of the file an agreement was read from, in hexadecimal."""
    return hashlib.sha256(source_text(held)).hexdigest()


def source_text(held: Agreement) -> bytes:
    """The bytes of the file an agreement was read from.

    Raises
    ------
    AgreementError
        The agreement was made in memory and has no file.
    """
    if held.source is None:
        raise AgreementError(f"agreement {held.id} was made in memory and has no file", mend="Load it from its file")
    return held.source


def parse(content: bytes, file: str) -> Agreement:
    """Read an agreement from bytes; the name of the file is for messages.

    Raises
    ------
    AgreementError
        As :func:`load_agreement`.
    """
    read = filled(Agreement, content, file, _FORM)
    check(read, file)
    return read.read_from(file, content)


@cache
def _shipped() -> dict[str, Traversable]:
    own = list(resources.files("commonshed.settle").joinpath("agreements").iterdir())
    examples = resources.files("commonshed.datasets").joinpath("thames", "agreement.toml")
    named = {file.name.removesuffix(".toml"): file for file in own if file.name.endswith(".toml")}
    if examples.is_file():
        named["thames-example"] = examples
    return dict(sorted(named.items()))


@cache
def _held(name: str) -> Agreement:
    file = _shipped()[name]
    return parse(file.read_bytes(), file.name if file.name != "agreement.toml" else "datasets/thames/agreement.toml")
