"""Where two logs that one node signed part: the first entry that differs, with the proofs that each log holds it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from commonshed.disclose.federation.client import Malformed, NotGiven, Oversized, Unreachable
from commonshed.disclose.federation.evidence import base64_of
from commonshed.disclose.federation.mirror import Mirror
from commonshed.disclose.federation.tiles import PeerTiles
from commonshed.errors import ProofError
from commonshed.keep.log import Checkpoint
from commonshed.keep.log.tiles import WIDTH
from commonshed.keep.merkle import inclusion_proof, leaf_hash, verify_inclusion

__all__ = ["first_difference"]

_MOST = 64  # differing entries that are looked at for one about readings


def first_difference(tiles: PeerTiles, mirror: Mirror, shown: Checkpoint) -> dict[str, Any]:
    """What of the first entries that both logs have is not the same.

    Parameters
    ----------
    tiles : PeerTiles
        Of the log the peer shows now.
    mirror : Mirror
        What it showed before.
    shown : Checkpoint
        Of the peer's log now: what its tiles say is proved against it.

    Returns
    -------
    dict
        ``first_difference`` with the entries ``before`` and ``after`` and their proofs; ``changed`` is the first that
        is about readings. Empty when the peer does not hand out what it takes to tell.
    """
    try:
        differing = list(islice(_positions(tiles, mirror), _MOST))
        if not differing:
            return {}
        found = {"first_difference": _at(differing[0], tiles, mirror, shown)}
        for position in differing:
            at = found["first_difference"] if position == differing[0] else _at(position, tiles, mirror, shown)
            if b'"kind":"segment"' in at["before"]["entry"].encode() and '"kind":"segment"' in at["after"]["entry"]:
                return {**found, "changed": at}
        return found
    except (Malformed, NotGiven, Oversized, Unreachable, ProofError):
        return {}  # the notes alone are evidence enough


def _positions(tiles: PeerTiles, mirror: Mirror) -> Iterator[int]:
    """Entries of which the two logs have different leaves; a level of tiles above says which to look at."""
    log, common = mirror.log, min(mirror.log.size, tiles.size)
    for group in range(-(-common // (WIDTH * WIDTH))):
        above = (common >> 8) - group * WIDTH
        ours = log.tiles.hashes(1, group, log.size)[:above] if above > 0 else []
        theirs = tiles.hashes(1, group)[:above] if above > 0 else []
        for inner in range(min(-(-common // WIDTH) - group * WIDTH, WIDTH)):
            if inner < len(ours) and inner < len(theirs) and ours[inner] == theirs[inner]:
                continue
            number = group * WIDTH + inner
            pairs = zip(log.tiles.hashes(0, number, log.size), tiles.hashes(0, number), strict=False)
            for i, (one, other) in enumerate(pairs):
                if number * WIDTH + i < common and one != other:
                    yield number * WIDTH + i


def _at(position: int, tiles: PeerTiles, mirror: Mirror, shown: Checkpoint) -> dict[str, Any]:
    after = tiles.bundle(position // WIDTH, tiles.width(0, position // WIDTH))[position % WIDTH]
    proof = inclusion_proof(tiles.node, position, tiles.size)
    verify_inclusion(leaf_hash(after), position, tiles.size, proof, shown.root)
    before = mirror.log.entry_bytes(position)
    return {
        "position": position,
        "before": {
            "entry": before.decode("utf-8", "replace"),
            "size": mirror.log.size,
            "inclusion": base64_of(mirror.log.inclusion(position)),
        },
        "after": {"entry": after.decode("utf-8", "replace"), "size": tiles.size, "inclusion": base64_of(proof)},
    }
