"""What figures rest on besides readings: texts of the law, places, layers, agreements, mappings and quality rules."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from importlib import resources

from commonshed.disclose.statements.computing import Computed, Parameters
from commonshed.disclose.statements.statement import Law, Rests
from commonshed.disclose.statements.watching import Watched
from commonshed.keep import Shed
from commonshed.keep.contents import Document
from commonshed.standards import Regime, digest, edition, editions, source_text

__all__ = ["current_digest", "documents_of", "keep_agreement", "keep_laws", "keep_what_rests", "laws_of"]

_REGIME = "regime "


def laws_of(regimes: Iterable[Regime]) -> dict[Law, bytes]:
    """Every text of the law that some regimes are made of, with its bytes: editions, and which form a regime."""
    found: dict[Law, bytes] = {}
    for regime in regimes:
        name = regime.id.partition("@")[0]
        if (text := _regime_text(name)) is not None:
            found[Law(id=f"{_REGIME}{name}", digest=hashlib.sha256(text).hexdigest())] = text
        for held in regime.editions:
            found[Law(id=held.id, digest=digest(held))] = source_text(held)
    return found


def keep_laws(shed: Shed, laws: dict[Law, bytes]) -> None:
    """Put the texts of the law into the log of a shed; those that are there already change nothing."""
    for law, text in laws.items():
        name = f"{law.id.lower().replace(' ', '-').replace('/', '-')}.toml"
        shed.record("standard", name, text, said={"id": law.id})


def current_digest(id: str) -> str | None:
    """Digest of our own text of a law by its id; None where we hold none."""
    if id.startswith(_REGIME):
        text = _regime_text(id.removeprefix(_REGIME))
        return None if text is None else hashlib.sha256(text).hexdigest()
    return digest(edition(id)) if id in editions() else None


def keep_agreement(shed: Shed, asked: Parameters) -> None:
    """Put a shipped agreement into the log of a shed that has none of its name.

    Raises
    ------
    InputError
        The agreement is a file, which nobody could look up later, or there is none of that name.
    """
    name = asked.get("agreement")
    if name is None or shed.document("agreement", name) is not None:
        return
    from commonshed.errors import InputError
    from commonshed.settle import agreement, agreements, source_text

    one = agreement(name, shed)
    if name not in agreements():
        raise InputError(
            "an agreement in a file cannot be stated: nobody could look up later what was in it",
            value=name,
            mend=f"Put it into the shed first: commonshed agreements add {name} --shed {shed.path}",
        )
    shed.record("agreement", name, source_text(one))


def documents_of(shed: Watched, asked: Parameters, as_of: int) -> list[Rests]:
    """Documents of the log that the figures rest on, in order of position; asked after the figures were made."""
    wanted = [shed.document("place-edition", as_of=as_of), *_layers(shed, as_of)]
    if (name := asked.get("agreement")) is not None:
        wanted.append(shed.document("agreement", name))
    wanted += _read_by(shed, as_of)
    found = {held.position: held for held in wanted if held is not None}
    return [_rests(found[position]) for position in sorted(found)]


def keep_what_rests(shed: Shed, computed: Computed) -> list[Law]:
    """Put the laws of some figures into the log; which they are."""
    laws = laws_of(computed.regimes)
    keep_laws(shed, laws)
    return sorted(laws, key=lambda law: law.id)


def _layers(shed: Shed, as_of: int) -> list[Document]:
    latest = {held.name: held for held in shed.documents("layer") if held.position < as_of}
    return list(latest.values())


def _read_by(shed: Watched, as_of: int) -> Iterator[Document]:
    """Mappings and quality rules by which the readings were read that the figures were made from."""
    used = {segment.position for segment in shed.segments(shed.asked, as_of=as_of)}
    digests: set[str] = set()
    source: dict[str, str] = {}
    for entry in shed.entries[:as_of]:
        if entry.kind == "import":
            source = dict(entry.content["source"])
        elif entry.kind != "segment" or "cause" in entry.content:
            source = {}
        elif entry.position in used:
            digests |= {source.get("mapping", ""), source.get("quality", "")}
    for kind in ("mapping", "quality"):
        latest = {held.digest: held for held in shed.documents(kind) if held.digest in digests}
        yield from latest.values()


def _rests(document: Document) -> Rests:
    return Rests(kind=document.kind, name=document.name, digest=document.digest, position=document.position)


def _regime_text(name: str) -> bytes | None:
    path = resources.files("commonshed.standards").joinpath("regimes", f"{name}.toml")
    return path.read_bytes() if path.is_file() else None
