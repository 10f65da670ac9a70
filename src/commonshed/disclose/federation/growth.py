"""How a peer's log grew since we saw it last, and whether it only grew.

The checkpoint has to be signed by a key we know, and to follow from the one before: by a consistency proof that we
compute ourselves from its tiles. Then every new entry is hashed, and together with what we hold they make its root.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from commonshed.disclose.federation.client import Client, Oversized
from commonshed.disclose.federation.difference import first_difference
from commonshed.disclose.federation.evidence import Caught, base64_of
from commonshed.disclose.federation.mirror import Mirror
from commonshed.disclose.federation.peers import Peer
from commonshed.disclose.federation.tiles import PeerTiles
from commonshed.errors import ProofError, ShedDamaged
from commonshed.keep.contents import Contents
from commonshed.keep.extent import Extent
from commonshed.keep.held import plain_path
from commonshed.keep.log import Checkpoint, Entry, Note
from commonshed.keep.log.entries import decode_strictly
from commonshed.keep.log.rotation import follow
from commonshed.keep.log.tiles import WIDTH
from commonshed.keep.merkle import consistency_proof, leaf_hash, subtree_hash, verify_consistency

__all__ = ["Growth", "look"]

_MOST_ENTRIES = 50_000_000
_NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,200}")
_MOST_TICKS = 1 << 40  # s: beyond that a time is no time


@dataclass(frozen=True)
class Growth:
    """A log that only grew.

    Attributes
    ----------
    note : bytes
        The signed checkpoint, as the peer handed it out.
    checkpoint : Checkpoint
    texts : tuple of bytes
        Entries that our mirror does not have yet.
    keys : tuple of str
        Verifier keys its log is signed with, the one in force first.
    contents : Contents
        What the whole log says, as if everything were here.
    """

    note: bytes
    checkpoint: Checkpoint
    texts: tuple[bytes, ...]
    keys: tuple[str, ...]
    contents: Contents = field(repr=False)


def look(client: Client, mirror: Mirror, peer: Peer) -> Growth:
    """See how far a peer's log is, and verify that it follows from what we saw.

    Raises
    ------
    Caught
        It does not follow, is not signed, or holds what no log may hold.
    Malformed, Oversized, Unreachable, NotNow, NotGiven
    """
    content, note, said = _newest(client, peer)
    trusted = bool(_signed(note, peer))
    seen = mirror.latest()
    tiles = PeerTiles(client, said.size)
    if seen is not None and trusted:
        note, said, content, tiles = _not_back(client, peer, mirror, seen, (note, said, content, tiles))
        _only_grew(mirror, seen, note, said, tiles)
    texts = _entries(tiles, mirror, said, seen, note, trusted=trusted)
    keys = _keys(mirror, texts, note, peer)
    contents = mirror.contents()
    _examined(contents, texts, note)
    return Growth(content, said, tuple(texts), keys, contents)


def _newest(client: Client, peer: Peer) -> tuple[bytes, Note, Checkpoint]:
    content = client.get("checkpoint", limit=client.limits.note)
    try:
        note = Note.parse(content)
        said = Checkpoint.parse(note.text)
    except ProofError as error:
        raise Caught("malformed", f"what it calls its checkpoint is none: {error}", details=_excerpt(content)) from None
    if said.origin != peer.origin:
        raise Caught(
            "wrong-signature",
            f"it shows the checkpoint of another log, {said.origin}; that of this peer is {peer.origin}",
            notes={"shown": content.decode()},
        )
    if said.size > _MOST_ENTRIES:
        raise Oversized(f"{client.url}: a log of {said.size} entries is larger than any log")
    return content, note, said


def _signed(note: Note, peer: Peer) -> bool:
    try:
        return bool(note.signers(peer.verifiers))
    except ProofError as error:
        raise Caught("wrong-signature", str(error), notes={"shown": note.encode().decode()}) from None


def _not_back(
    client: Client, peer: Peer, mirror: Mirror, seen: Note, found: tuple[Note, Checkpoint, bytes, PeerTiles]
) -> tuple[Note, Checkpoint, bytes, PeerTiles]:
    """The newest checkpoint, if it is not older than the one we saw; asked twice, for a cache on the way may be old."""
    note, said, content, _ = found
    before = Checkpoint.parse(seen.text)
    if said.size >= before.size:
        return found
    content, note, said = _newest(client, peer)
    if _signed(note, peer) and said.size < before.size:
        notes = _notes(seen, note)
        if said.size <= mirror.log.size and mirror.log.checkpoint(said.size).root != said.root:
            details = first_difference(PeerTiles(client, said.size), mirror, said)
            raise Caught(
                "rewriting",
                f"its log went back from {before.size} entries to {said.size}, and these are not the first "
                f"{said.size} of those it signed before",
                proven=True, notes=notes, details=details,
            )  # fmt: skip
        # Not proven: whoever stands between can show us an old checkpoint, word by word as it was signed.
        raise Caught("rollback", f"its log went back from {before.size} entries to {said.size}", notes=notes)
    return note, said, content, PeerTiles(client, said.size)


def _only_grew(mirror: Mirror, seen: Note, note: Note, said: Checkpoint, tiles: PeerTiles) -> None:
    before = Checkpoint.parse(seen.text)
    if said.size == before.size:
        if said.root != before.root:
            raise Caught(
                "fork", f"it signed two different logs of {said.size} entries",
                proven=True, notes=_notes(seen, note), details=first_difference(tiles, mirror, said),
            )  # fmt: skip
        return
    proof = consistency_proof(tiles.node, before.size, said.size)
    try:
        verify_consistency(before.size, said.size, before.root, said.root, proof)
        return
    except ProofError:
        if subtree_hash(tiles.node, 0, said.size) != said.root:
            raise Caught(
                "malformed", f"its tiles do not make the root of {said.size} entries that it signed",
                notes=_notes(seen, note),
            ) from None  # fmt: skip
    raise Caught(
        "rewriting",
        f"its log of {said.size} entries does not follow from the {before.size} entries it signed before: something "
        "before was changed",
        proven=True,
        notes=_notes(seen, note),
        details={"consistency": base64_of(proof), **first_difference(tiles, mirror, said)},
    )


def _entries(
    tiles: PeerTiles, mirror: Mirror, said: Checkpoint, seen: Note | None, note: Note, *, trusted: bool
) -> list[bytes]:
    """New entries, every one hashed, up to the root that is signed."""
    before = Checkpoint.parse(seen.text) if seen is not None else None
    kept = mirror.incoming / "entries"
    for attempt in range(2):
        frontier = mirror.frontier()
        texts: list[bytes] = []
        fits = True
        for text in _bundled(tiles, frontier.size, said.size, kept):
            frontier.add(leaf_hash(text))
            texts.append(text)
            if before is not None and frontier.size == before.size:
                fits = frontier.root == before.root
        if fits and frontier.root == said.root:
            return texts
        for path in kept.glob("*"):  # what arrived earlier may be broken: once more from the start
            path.unlink()
        if attempt and not trusted:
            raise Caught("wrong-signature", _unknown(note), notes={"shown": note.encode().decode()})
    raise Caught(
        "malformed",
        f"the entries it hands out do not make the root of {said.size} entries that it signed",
        notes={"shown": note.encode().decode()},
    )


def _bundled(tiles: PeerTiles, first: int, size: int, kept: Path) -> Iterator[bytes]:
    total = 0
    limit = tiles.client.limits.entries
    for number in range(first // WIDTH, -(-size // WIDTH)):
        held = min(size - number * WIDTH, WIDTH)
        texts = tiles.bundle(number, held, kept)
        total += sum(map(len, texts))
        if total > limit:
            raise Oversized(f"{tiles.client.url}: the entries of one pull have more than {limit} bytes")
        yield from texts[max(first - number * WIDTH, 0) : held]


def _keys(mirror: Mirror, texts: Sequence[bytes], note: Note, peer: Peer) -> tuple[str, ...]:
    """The keys of its log, following its changes of key from the one we trust."""
    changes = [entry for entry in mirror.entries if entry.kind == "key-rotation"]
    for i, text in enumerate(texts):
        if b'"key-rotation"' in text:
            found = _decoded(len(mirror.entries) + i, text, note)
            changes += [found] if found.kind == "key-rotation" else []
    accepted = peer.verifiers
    try:
        chain = follow(changes, accepted[-1], accepted=accepted)
        chain.checked(note)
    except ProofError as error:
        raise Caught("wrong-signature", str(error), notes={"shown": note.encode().decode()}) from None
    return tuple(dict.fromkeys(map(str, (*chain.verifiers, *accepted))))


def _examined(contents: Contents, texts: Sequence[bytes], note: Note) -> None:
    """Take up new entries that can be what they say; a signed log may still hold what is meant to do harm."""
    registered = len(contents.stations)
    for position, text in enumerate(texts, len(contents.entries)):
        entry = _decoded(position, text, note)
        try:
            registers = entry.content.get("registers", ())
            registered += len(registers)
            if not all(isinstance(name, str) and _NAME.fullmatch(name) for name in registers):
                raise ValueError("a station without a name that can be shown")
            _plausible(entry, registered)
            contents.apply([entry])
        except Exception as error:  # whatever a stranger's entry does to who reads it
            raise _strange(position, text, note, f"{type(error).__name__}: {error}") from None


def _decoded(position: int, text: bytes, note: Note) -> Entry:
    try:
        return decode_strictly(position, text)
    except ShedDamaged as error:
        raise _strange(position, text, note, str(error)) from None


def _plausible(entry: Entry, registered: int) -> None:
    """Entries that name files name them below their folder and by their digest; numbers are numbers."""
    content = entry.content
    if "pack" in content:
        _named_for(content["pack"]["path"], content["pack"]["digest"])
        _number(content["pack"]["bytes"], 1, 1 << 42)
    if "file" in content:
        _named_for(content["file"], content["digest"])
        if not isinstance(content["name"], str):
            raise TypeError("name")
    if entry.kind == "segment":
        extent = Extent.parse(content)
        _number(extent.rows, 1, 1 << 32)
        _number(content["pack"]["offset"], 0, 1 << 40)
        _number(extent.first, -_MOST_TICKS, extent.last)
        _number(extent.last, extent.first, _MOST_TICKS)
        _hexadecimal(content["digest"])
        if not extent.stations.ranges or extent.stations.ranges[-1][1] >= registered:
            raise ValueError("readings of stations that are not registered")
        if sum(extent.quantities.values()) != extent.rows or not all(isinstance(n, str) for n in extent.quantities):
            raise ValueError("the rows of the quantities are not all rows")
    if entry.kind == "repacking":
        for position, offset in content["segments"]:
            _number(position, 0, entry.position)
            _number(offset, 0, 1 << 40)


def _named_for(path: object, digest: object) -> None:
    plain = plain_path(path)
    if _hexadecimal(digest)[:16] not in plain.rpartition("/")[2]:
        raise ValueError(f"a file that is not named for its digest: {plain[:200]}")


def _hexadecimal(text: object) -> str:
    if not isinstance(text, str) or len(text) != 64 or not set(text) <= set("0123456789abcdef"):
        raise ValueError("a digest has 64 hexadecimal digits")
    return text


def _number(value: object, low: int, high: int) -> None:
    if type(value) is not int or not low <= value <= high:
        raise ValueError(f"{str(value)[:40]} is not from {low} to {high}")


def _strange(position: int, text: bytes, note: Note, why: str) -> Caught:
    return Caught(
        "malformed",
        f"entry {position} of its log is none that we can take: {why[:300]}",
        notes={"shown": note.encode().decode()},
        details={"entry": {"position": position, **_excerpt(text)}},
    )


def _unknown(note: Note) -> str:
    names = ", ".join(f"{each.name}+{each.key_id.hex()}" for each in note.signatures) or "nobody"
    return f"its checkpoint is not signed by a key we know: it is signed by {names}"


def _notes(seen: Note, shown: Note) -> dict[str, str]:
    return {"seen": seen.encode().decode(), "shown": shown.encode().decode()}


def _excerpt(content: bytes) -> dict[str, str]:
    return {"excerpt": content[:2000].decode("utf-8", "replace")}
