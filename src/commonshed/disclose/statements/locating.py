"""Where a statement belongs: its log among those at hand, its entry, its key, what took its place."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from commonshed.disclose.statements.canonical import read
from commonshed.disclose.statements.statement import Statement
from commonshed.disclose.statements.verdict import Finding
from commonshed.disclose.statements.watching import Lacking, Watched, watch
from commonshed.errors import CommonshedError, ShedNotFound
from commonshed.keep.contents import Document
from commonshed.keep.log import Verifier
from commonshed.keep.log.renewal import chain_of
from commonshed.keep.shed import origin_of

__all__ = ["entered", "last_agreed", "log_of", "reason_of", "successor", "whose", "withheld"]

_NAMED = 5


def log_of(statement: Statement, path: Path | None) -> Watched | None:
    """The log a statement says it is of: the shed's own, or a neighbour's mirror below it; None where neither is.

    Raises
    ------
    ShedNotFound
        There is no shed in that folder.
    ShedDamaged
        The log is not what was signed.
    """
    if path is None:
        return None
    if not (path / "shed.toml").is_file():
        raise ShedNotFound(f"{path}: there is no shed here. Name one with --shed, or a neighbour's: SHED/peers/NAME")
    for folder in (path, *sorted(path.glob("peers/*"))):
        if _origin(folder) == statement.node.origin:
            return watch(folder)
    return None


def whose(shed: Watched, key: Verifier, as_of: int) -> str | None:
    """How the key of a statement made as of some state is known; None where it is no key of that node.

    Returns
    -------
    str or None
        ``own`` or ``peer``; ``retired`` when it was in force then and is no longer; ``given-up`` when it was given up
        before.

    Raises
    ------
    ProofError
        The log's own changes of key do not hold.
    """
    chain = chain_of(shed)
    if key not in (*chain.verifiers, *shed.log.keys.verifiers):
        return None
    if key in chain.verifiers and key not in chain.since(as_of):
        return "given-up"
    if key != chain.current and key not in shed.log.keys.verifiers:
        return "retired"
    return "peer" if shed.path.parent.name == "peers" else "own"


def entered(shed: Watched, statement: Statement) -> Document | None:
    """The entry that names a statement by its digest, behind the state it was made from."""
    digest = statement.digest
    return next(
        (
            held
            for held in shed.documents("statement")
            if held.digest == digest and held.position >= statement.as_of.size
        ),
        None,
    )


def last_agreed(shed: Watched, statement: Statement) -> int | None:
    """The largest state of this log that the node has signed elsewhere, too, before it parts from what was signed.

    Statements carry checkpoints; those whose checkpoint this log still has say up to where nothing was rewritten.
    """
    sizes = [
        other.as_of.size
        for other in _statements(shed)
        if other.as_of.size < statement.as_of.size and shed.log.root(other.as_of.size) == other.checkpoint.root
    ]
    return max(sizes, default=None)


def successor(shed: Watched, statement: Statement) -> tuple[Document | None, bytes | None]:
    """The newest statement of the log that took the place of this one."""
    for held in reversed(shed.documents("statement")):
        if shed.said(held.position).get("supersedes") == statement.digest and shed.has_file(held):
            return held, shed.intact(held)
    return None, None


def reason_of(shed: Watched, document: Document) -> str:
    """Why a statement took the place of another, in the words of its erratum."""
    digest = shed.said(document.position).get("erratum")
    for held in shed.documents("erratum"):
        if held.digest == digest and shed.has_file(held):
            said = read(shed.intact(held))
            return str(said.get("reason", "–")) if isinstance(said, dict) else "–"
    return "–"


def withheld(shed: Watched, missing: Sequence[Lacking]) -> Finding:
    """What was asked for and not handed over, in numbers a reader can ask its owner about."""
    quantities: Counter[str] = Counter()
    for each in missing:
        quantities.update(each.quantities)
    names = ", ".join(name for name, _ in quantities.most_common(_NAMED))
    values = {
        "segments": len(missing),
        "rows": quantities.total(),
        "quantities": names + (" …" if len(quantities) > _NAMED else ""),
        "first": shed.zone.text(min(each.first for each in missing)),
        "last": shed.zone.text(max(each.last for each in missing)),
        "entry": missing[0].position,
    }
    return Finding("readings.withheld", False, values)


def _statements(shed: Watched) -> Iterator[Statement]:
    for held in shed.documents("statement"):
        try:
            one = Statement.parse(shed.intact(held))
            one.check_signature()
            one.note.checked(chain_of(shed).verifiers)
        except CommonshedError:
            continue
        if one.checkpoint.size <= shed.size:
            yield one


def _origin(folder: Path) -> str | None:
    try:
        return origin_of(tomllib.loads((folder / "shed.toml").read_text("utf-8"))["node"])
    except (OSError, ValueError, KeyError):
        return None
