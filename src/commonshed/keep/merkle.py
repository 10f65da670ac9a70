"""RFC 6962 hashing: one digest over a list of leaves, so that one leaf can be proved with a short path."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

__all__ = ["leaf_hash", "merkle_root", "node_hash"]


def leaf_hash(*parts: bytes | memoryview) -> bytes:
    """Hash of one leaf, given in parts: SHA-256(0x00 ‖ leaf).

    References
    ----------
    RFC 6962, section 2.1.
    """
    digest = hashlib.sha256(b"\x00")
    for part in parts:
        digest.update(part)
    return digest.digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def merkle_root(hashes: Sequence[bytes]) -> bytes:
    """Merkle tree hash of leaves that are hashed already; of no leaves, SHA-256 of nothing.

    Notes
    -----
    RFC 6962 splits n leaves at the largest power of two below n. Pairing neighbours level by level and carrying an odd
    last node up unchanged gives the same tree.
    """
    if not hashes:
        return hashlib.sha256().digest()
    level = list(hashes)
    while len(level) > 1:
        carried = level[-1:] if len(level) % 2 else []
        level = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)] + carried
    return level[0]
